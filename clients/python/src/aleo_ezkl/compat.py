"""The functions that EZKL's users know, where there is something behind them.

Each does the step with this project's parts and files; none reads or writes EZKL's. Those for which there is nothing raise
`Unsupported` and name what to use instead. docs/coming-from-ezkl.md maps every step.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Union

from . import local
from .client import Client
from .errors import Unsupported
from .local import Calibration, Verdict
from .options import checked
from .records import Proof
from .token import StrPath

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


def gen_settings(*_: Any, **__: Any) -> NoReturn:
    """There are no settings without data."""
    raise Unsupported(
        "gen_settings: settings are always found on sample inputs: calibrate_settings(data, model) writes them; "
        "visibility, tolerance and the like are options of plan and prove"
    )


def calibrate_settings(
    data: StrPath,
    model: StrPath,
    settings: StrPath = "settings.json",
    target: str = "both",
    *,
    tolerance: Optional[float] = None,
    any_accuracy: bool = False,
    tool: Optional[StrPath] = None,
) -> Calibration:
    """Searches the quantisation on samples and writes it to `settings`; `target` is resources, accuracy or both. Local."""
    return local.calibrate(model, data, out=settings, target=target, tolerance=tolerance, any_accuracy=any_accuracy, tool=tool)


def compile_circuit(*_: Any, **__: Any) -> NoReturn:
    """Nothing is compiled ahead."""
    raise Unsupported(
        "compile_circuit: circuits follow from model, input and settings, so there is no file to make: prove takes the model itself; "
        "Client.plan shows the circuits, gen_witness writes them as .r1cs files"
    )


def setup(*_: Any, **__: Any) -> NoReturn:
    """Keys are made with the first proof."""
    raise Unsupported(
        "setup: the workers make the keys as the first part of a job and the coordinator keeps them; there is no proving key to carry about, "
        "and verify(..., model=...) makes the verifying keys again from the model; for one .r1cs file use 'ezkl-coord index-r1cs'"
    )


def gen_witness(data: StrPath, model: StrPath, output: StrPath = "witness", *, settings: Optional[StrPath] = None, tool: Optional[StrPath] = None) -> Path:
    """Writes the circuits and their witnesses as iden3's `.r1cs` and `.wtns` files into the folder `output`. Local.

    They are for other tools to look at, and SECRET: they hold the input and every activation. `prove` makes its own.
    """
    local.run(["export", "r1cs", local.argument(model), *local.options(input=data, out=output, settings=settings), "--json"], tool)
    return Path(output)


def mock(*_: Any, **__: Any) -> NoReturn:
    """There is no run that checks the constraints and proves nothing."""
    raise Unsupported(
        "mock: Client.plan runs the quantised model on the input and refuses results that are too far from the float model's; "
        "gen_witness writes circuits and witnesses, whose constraints other tools can check"
    )


def prove(
    data: StrPath,
    model: StrPath,
    proof_path: StrPath = "proof.json",
    *,
    settings: Optional[StrPath] = None,
    client: Optional[Client] = None,
    tool: Optional[StrPath] = None,
    **options: Unpack[Options],
) -> Proof:
    """Proves a model's result and writes the document: by the coordinator of `client`, else by worker processes on this machine."""
    if client is not None:
        proof = client.prove(model, data, calibration=settings, **options)
        proof.save(proof_path)
        return proof
    flags = local.options(input=data, out=proof_path, settings=settings) + _flags(options)
    local.run(["submit", local.argument(model), *flags, "--json"], tool)
    return Proof.load(proof_path)


def verify(
    proof_path: Union[Proof, StrPath], settings_path: Optional[StrPath] = None, *, model: StrPath, tool: Optional[StrPath] = None
) -> Verdict:
    """Checks that a document proves a result of the model, in the settings if they are given. Local."""
    return local.verify(proof_path, model=model, settings=settings_path, tool=tool)


def _flags(options: Options) -> list[str]:
    """Options of a job as `ezkl-coord submit` calls them."""
    checked(options)
    names = {"parameter_visibility": "param-visibility", "parameter_salt": "param-salt", "aggregation": "aggregate"}
    flags: list[str] = []
    for name, value in options.items():
        if name in ("inputs", "limits", "varuna_version"):
            raise Unsupported(f"prove: '{name}' is an option of a coordinator's jobs: give client=")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is True:
            flags.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            flags += [f"--{names.get(name, name).replace('_', '-')}", str(value)]
    return flags
