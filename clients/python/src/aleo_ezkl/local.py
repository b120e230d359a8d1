"""What is done on this machine, by the program `ezkl-coord`: HTTP has no route for it.

Verifying in one's own process is the point of a proof: nobody has to be believed. Searching settings is local because the samples
need not leave the machine; `Client.plan` and `Client.submit` take `calibration=` where they may.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Union

from . import html
from .errors import ToolFailed, ToolMissing
from .records import Proof
from .token import StrPath


@dataclass(frozen=True)
class Verdict:
    """What `verify` found; true where the document was accepted."""

    accepted: bool
    report: Mapping[str, Any] = field(repr=False)
    """What was checked and established, as `ezkl-coord verify --json` prints it."""

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def established(self) -> List[str]:
        """What is now known, where it was accepted."""
        return list(self.report.get("established", []))

    @property
    def not_established(self) -> List[str]:
        """What is not, and why."""
        return list(self.report.get("notEstablished", []))

    @property
    def warnings(self) -> List[str]:
        """What to know before trusting it."""
        return list(self.report.get("warnings", []))

    def _repr_html_(self) -> str:
        return html.verdict(self)


@dataclass(frozen=True)
class Calibration:
    """Settings that were found, and how close they come."""

    settings: Path
    report: Mapping[str, Any] = field(repr=False)


def verify(
    proof: Union[Proof, StrPath],
    *,
    model: Optional[StrPath] = None,
    settings: Optional[StrPath] = None,
    tolerance: Optional[float] = None,
    any_accuracy: bool = False,
    input_visibility: Optional[str] = None,
    output_visibility: Optional[str] = None,
    parameter_visibility: Optional[str] = None,
    same_weights: Sequence[StrPath] = (),
    r1cs: Sequence[StrPath] = (),
    max_time: Optional[str] = None,
    max_memory: Optional[str] = None,
    home: Optional[StrPath] = None,
    tool: Optional[StrPath] = None,
) -> Verdict:
    """Checks a proof document with `ezkl-coord verify` on this machine.

    Without `model`, proofs, links and public values are checked: nothing about what was computed. `settings` is the only
    quantisation to accept, as a file or a digest. `tool` is the program if it is not on the PATH. Parameters for trying things out
    are not sound, and accepted: `report` says which were used.

    Raises `ToolFailed` where there is no verdict: unreadable files, a document about something else, limits.
    """
    flags = ["--any-accuracy"] if any_accuracy else []
    flags += options(
        model=model,
        settings=settings,
        tolerance=tolerance,
        input_visibility=input_visibility,
        output_visibility=output_visibility,
        param_visibility=parameter_visibility,
        same_weights=same_weights,
        r1cs=r1cs,
        max_time=max_time,
        max_memory=max_memory,
        home=home,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proof.json"
        if isinstance(proof, Proof):
            path.write_bytes(proof.content)
        else:
            path = Path(proof)
        code, report = run(["verify", argument(path), *flags, "--json"], tool, accept=(0, 1))
    # Two witnesses, so that no change of either makes a rejected proof an accepted one.
    return Verdict(code == 0 and report.get("accepted") is True, report)


def calibrate(
    model: StrPath,
    data: StrPath,
    *,
    out: StrPath = "settings.json",
    target: str = "both",
    tolerance: Optional[float] = None,
    any_accuracy: bool = False,
    workers: Optional[int] = None,
    parameter_visibility: Optional[str] = None,
    tool: Optional[StrPath] = None,
) -> Calibration:
    """Searches a model's quantisation on samples with `ezkl-coord calibrate` on this machine, and writes it to `out`.

    `data` is a file or a folder; `target` is accuracy, resources or both. The settings go to `plan` and `submit` as `calibration`,
    and to `verify` as `settings`.
    """
    flags = ["--any-accuracy"] if any_accuracy else []
    flags += options(data=data, out=out, target=target, tolerance=tolerance, workers=workers, param_visibility=parameter_visibility)
    _, report = run(["calibrate", argument(model), *flags, "--json"], tool)
    return Calibration(Path(out), report)


def run(arguments: Sequence[str], tool: Optional[StrPath] = None, *, accept: Sequence[int] = (0,)) -> "tuple[int, Any]":
    """Runs the program; its exit status and the last JSON value that it printed."""
    program = find(tool)
    ended = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    failure = ended.stderr.decode(errors="replace").strip() or f"ezkl-coord {arguments[0]} ended with status {ended.returncode}"
    if ended.returncode not in accept:
        raise ToolFailed(failure, ended.returncode)
    text = ended.stdout.decode(errors="replace").strip()
    try:
        return ended.returncode, json.loads(text)
    except ValueError:
        pass
    try:
        return ended.returncode, json.loads(text.splitlines()[-1])
    except (ValueError, IndexError):
        raise ToolFailed(failure, ended.returncode) from None


def find(tool: Optional[StrPath] = None) -> str:
    """The program: as given, else on the PATH."""
    found = shutil.which(os.fspath(tool) if tool is not None else "ezkl-coord")
    if found is None:
        raise ToolMissing(f"'{tool or 'ezkl-coord'}' was not found: it is needed on this machine for this (give tool=, or put it on the PATH)")
    return found


def argument(path: StrPath) -> str:
    """A path that cannot be taken for an option."""
    text = os.fspath(path)
    return f"./{text}" if text.startswith("-") else text


def options(**values: Union[StrPath, float, Sequence[StrPath], None]) -> List[str]:
    """`--name value` for each that is given, several times for a list."""
    given: List[str] = []
    for name, value in values.items():
        several = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        for one in several:
            text = argument(one) if isinstance(one, (str, os.PathLike)) else repr(one)
            given += [f"--{name.replace('_', '-')}", text]
    return given
