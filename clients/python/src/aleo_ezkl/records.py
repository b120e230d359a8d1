"""What the coordinator answers with, as values. Members that this version does not know are left out."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Sequence, TypeVar

from . import html
from .errors import BadAnswer, ProofDamaged
from .token import StrPath

T = TypeVar("T")


def read(kind: type[T], answer: Any) -> T:
    """A record of a JSON object, whose members are called as the fields are, in camel case."""
    if not isinstance(answer, dict):
        raise BadAnswer(f"no {kind.__name__} came")
    values: dict[str, Any] = {}
    for item in fields(kind):  # type: ignore[arg-type]
        name = item.metadata.get("name") or camel(item.name)
        value = answer.get(name)
        if value is not None:
            values[item.name] = item.metadata.get("read", _same)(value)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise BadAnswer(f"a {kind.__name__} without '{name}' came")
    return kind(**values)


def read_all(kind: type[T], answer: Any, member: str) -> list[T]:
    """The records of a list that is a member of an object."""
    items = answer.get(member) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise BadAnswer(f"no '{member}' came")
    return [read(kind, item) for item in items]


def camel(name: str) -> str:
    """`worker_id` as `workerId`."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _same(value: Any) -> Any:
    return value


def _one(kind: type[T]) -> Callable[[Any], T]:
    return lambda value: read(kind, value)


def _many(kind: type[T]) -> Callable[[Any], tuple[T, ...]]:
    return lambda value: tuple(read(kind, item) for item in value)


@dataclass(frozen=True)
class WorkerProgress:
    """What a worker does for a job."""

    name: str
    tasks: int
    bytes_sent: int
    bytes_received: int


@dataclass(frozen=True)
class OtherWorkers:
    """Workers that are counted and not named, and the tasks of the job that they hold."""

    count: int
    tasks: int


@dataclass(frozen=True)
class Progress:
    """Where a job is; `done` of `total` units of the step are finished, `total` is 0 where it has none."""

    job: str
    stage: str
    step: str
    done: int
    total: int
    groups_done: int
    groups: int
    chunks: int
    elapsed: float
    workers: tuple[WorkerProgress, ...] = field(default=(), metadata={"read": _many(WorkerProgress)})
    others: Optional[OtherWorkers] = field(default=None, metadata={"read": lambda value: read(OtherWorkers, value)})
    notice: str = ""
    remaining: Optional[float] = None

    def __str__(self) -> str:
        step = f"{self.stage}: {self.step}" if self.step and self.step != self.stage else self.stage
        return step + (f" ({self.notice})" if self.notice else "")

    def _repr_html_(self) -> str:
        return html.progress(self)


@dataclass(frozen=True)
class Attempt:
    """One try of a worker at a task; `worker_id` is the worker's id, `worker` its name."""

    task: int
    work: str
    worker: str
    began: float
    worker_id: str = field(metadata={"name": "workerID"})
    is_replay: bool = False
    ended: Optional[float] = None
    outcome: str = ""


@dataclass(frozen=True)
class Job:
    """A job; `failure` is the code and `detail` the reason where it failed. Times are seconds since 1970."""

    id: str
    model: str
    stage: str
    detail: str
    owner: str
    submitted: float
    updated: float
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    dropped: Sequence[str] = ()
    failure: str = ""
    progress: Optional[Progress] = None
    attempts: Optional[tuple[Attempt, ...]] = None

    @property
    def has_ended(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.stage in ("done", "failed", "cancelled")

    def _repr_html_(self) -> str:
        return html.job(self)


@dataclass(frozen=True)
class JobDetail:
    """What there is about one job, as it travels."""

    job: Job = field(metadata={"read": _one(Job)})
    progress: Optional[Progress] = field(default=None, metadata={"read": _one(Progress)})
    attempts: Optional[tuple[Attempt, ...]] = field(default=None, metadata={"read": _many(Attempt)})


@dataclass(frozen=True)
class Event:
    """Something that happened: `progress` with `progress`, `end` with `job`, or `gap`: events were lost, read the lists again."""

    name: str
    id: str
    progress: Optional[Progress] = None
    job: Optional[Job] = None


@dataclass(frozen=True)
class WorkerRecord:
    """What is remembered about a worker."""

    answers: int
    failures: int
    stalls: int
    losses: int
    lies: int
    speed: Optional[float] = None
    believed_memory: Optional[int] = None
    last_trouble: str = ""
    reason: str = ""
    until: Optional[float] = None


@dataclass(frozen=True)
class Worker:
    """A machine that ever joined."""

    id: str
    name: str
    state: str
    threads: int
    memory_bytes: int
    tasks: int
    last_seen: float
    record: Optional[WorkerRecord] = field(default=None, metadata={"read": _one(WorkerRecord)})


@dataclass(frozen=True)
class Cluster:
    """What there is and what it does: workers by state, jobs by stage."""

    version: str
    uptime: float
    workers: Mapping[str, int]
    jobs: Mapping[str, int]
    threads: int
    memory_bytes: int
    held_bytes: int
    tasks_held: int
    tasks_waiting: int
    artifact_bytes: int


@dataclass(frozen=True)
class Identity:
    """Whose token this is."""

    id: str
    name: str
    role: str


@dataclass(frozen=True)
class AuditEntry:
    """Who did what; `outcome` is 'done', or the code of the error."""

    number: int
    time: float
    member: str
    name: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str


@dataclass(frozen=True)
class Upload:
    """A file that the coordinator has."""

    digest: str
    bytes: int


class Plan(dict[str, Any]):
    """What would be proven and what it costs, as `ezkl-coord plan --json` prints it."""

    def _repr_html_(self) -> str:
        return html.plan(self)


@dataclass(frozen=True)
class Proof:
    """A proof document, byte for byte as the coordinator wrote it, and its SHA-256."""

    content: bytes = field(repr=False)
    digest: str

    @classmethod
    def checked(cls, content: bytes, digest: str) -> "Proof":
        """The document, if its bytes have the digest."""
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise ProofDamaged(f"the proof has the digest {found[:16]}…, not {digest[:16]}…")
        return cls(content, digest)

    @classmethod
    def load(cls, path: StrPath) -> "Proof":
        """A document that was saved."""
        content = Path(path).read_bytes()
        return cls(content, hashlib.sha256(content).hexdigest())

    @property
    def document(self) -> dict[str, Any]:
        """The document's members (docs/proof-document.md). They are claims until `verify` has accepted them."""
        document = json.loads(self.content)
        if not isinstance(document, dict):
            raise BadAnswer("the proof is no JSON object")
        return document

    @property
    def outputs(self) -> dict[str, list[float]]:
        """The public outputs, flat, by name."""
        return {output["name"]: output["floats"] for output in self.document.get("outputs", []) if "floats" in output}

    def save(self, path: StrPath) -> Path:
        """Writes the document: all of it or nothing."""
        target = Path(path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.content)
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
        return target

    def _repr_html_(self) -> str:
        return html.proof(self)
