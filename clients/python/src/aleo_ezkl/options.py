"""What may be chosen about a job."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, TypedDict

from .records import camel


class InputChoices(TypedDict, total=False):
    """What the input file leaves open."""

    shapes: Mapping[str, List[int]]
    fixed: Mapping[str, List[float]]
    sample: int


class Limits(TypedDict, total=False):
    """Limits of one chunk."""

    constraints: int
    variables: int
    nonzeros: int


class Options(TypedDict, total=False):
    """The options of `ezkl-coord submit`; what is left out is the standard (docs/http.md, `ezkl-coord submit --help`)."""

    input_visibility: str
    output_visibility: str
    parameter_visibility: str
    parameter_salt: str
    aggregation: str
    workers: int
    memory: int
    varuna_version: int
    target: str
    srs: str
    activation_bits: int
    weight_bits: int
    tolerance: float
    any_accuracy: bool
    replan: bool
    inputs: InputChoices
    limits: Limits
    priority: str
    deadline: Optional[float]
    webhook: Optional[str]
    only: List[str]
    fresh_keys: bool
    trace: bool


def checked(options: Options) -> Mapping[str, Any]:
    """The options as they travel; a name that means nothing is refused, or a misspelt one would be the standard."""
    for name in options:
        if name not in Options.__annotations__:
            raise TypeError(f"there is no option '{name}'; there are: {', '.join(Options.__annotations__)}")
    return {camel(name): value for name, value in options.items() if value is not None}
