"""Every request of the API and what its answer means, without a socket or a clock.

A call is a generator: it yields what is to be done (send this, wait so long, take this digest) and is sent the outcome. `Client`
and `AsyncClient` drive the same calls, each in its own way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Generator, Mapping, Optional, TypeVar, Union
from urllib.parse import quote
from uuid import uuid4

from .errors import (
    BadAnswer,
    BadArtifact,
    ConnectionLost,
    NotFound,
    PlanningFailed,
    Problem,
    TooMany,
    Unavailable,
    UnderWay,
    problem,
)
from .files import Source
from .options import Options, checked
from .records import AuditEntry, Cluster, Identity, Job, JobDetail, Plan, Proof, Upload, Worker, read, read_all
from .retry import Retry, retry_after

PLAN_SECONDS = 3600.0
"""How long a plan may take: it is made while the request waits."""

JobRef = Union[str, Job]
"""A job, or its id."""
WorkerRef = Union[str, Worker]
"""A worker, or its id."""


@dataclass(frozen=True)
class Request:
    """Something to send."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Optional[bytes] = None
    source: Optional[Source] = None
    seconds: Optional[float] = None
    """How long the answer may take, if longer than usual."""


@dataclass(frozen=True)
class Answer:
    """What came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> Problem:
        """The error that it is."""
        return problem(self.status, self.body, retry_after(self.headers.get("retry-after")))

    def json(self) -> Any:
        """The body's value."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise BadAnswer("the answer is no JSON: is this the coordinator's address?") from None


@dataclass(frozen=True)
class Pause:
    """Wait."""

    seconds: float


@dataclass(frozen=True)
class Hash:
    """Take the SHA-256 of a source; the outcome is an answer whose body is the digest."""

    source: Source


Step = Union[Request, Pause, Hash]
T = TypeVar("T")
Call = Generator[Step, Optional[Answer], T]
Page = tuple[list[T], Optional[str]]
"""A part of a list, and what gives the next one."""


def _is_passing(error: Problem) -> bool:
    """Whether the same request may succeed later, and was not done now."""
    return isinstance(error, (TooMany, UnderWay)) or (isinstance(error, Unavailable) and not isinstance(error, PlanningFailed))


def ask(request: Request, retry: Retry) -> Call[Answer]:
    """Sends a request that may be sent again, until it is answered."""
    attempt, was_lost = 0, False
    while True:
        attempt += 1
        failure: Union[Problem, ConnectionLost]
        try:
            answer = yield request
        except ConnectionLost as error:
            # What may take so long is not begun again.
            if error.late and request.seconds is not None:
                raise
            was_lost = was_lost or error.sent
            failure, after = error, None
        else:
            assert answer is not None
            if answer.status < 300:
                return answer
            failure = answer.error
            # A proxy may have handed the request on.
            was_lost = was_lost or answer.status in (502, 504)
            after = failure.retry_after
            if not _is_passing(failure):
                # An earlier try removed it.
                if was_lost and request.method == "DELETE" and isinstance(failure, NotFound):
                    return answer
                raise failure
        pause = retry.pause(attempt, after)
        if pause is None:
            raise failure
        yield Pause(pause)


def _json(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"body": json.dumps(body, sort_keys=True).encode(), "headers": {"Content-Type": "application/json"}}


def _id(reference: Union[JobRef, WorkerRef]) -> str:
    name = reference if isinstance(reference, str) else reference.id
    # Dots would be taken for steps in the path.
    if name in ("", ".", ".."):
        raise ValueError(f"{name!r} is no id")
    return quote(name, safe="")


def get(path: str, retry: Retry, read: Callable[[Any], T], params: Optional[Mapping[str, str]] = None) -> Call[T]:
    """Reads something."""
    answer = yield from ask(Request("GET", path, params or {}), retry)
    return read(answer.json())


def act(method: str, path: str, retry: Retry, body: Optional[Mapping[str, Any]] = None) -> Call[None]:
    """Does something that may be done twice."""
    yield from ask(Request(method, path, **(_json(body) if body else {})), retry)
    return None


def self(retry: Retry) -> Call[Identity]:
    return get("/v1/self", retry, lambda it: read(Identity, it))


def cluster(retry: Retry) -> Call[Cluster]:
    return get("/v1/cluster", retry, lambda it: read(Cluster, it))


def workers(retry: Retry) -> Call[list[Worker]]:
    return get("/v1/workers", retry, lambda it: read_all(Worker, it, "workers"))


def worker(which: WorkerRef, retry: Retry) -> Call[Worker]:
    return get(f"/v1/workers/{_id(which)}", retry, lambda it: read(Worker, it))


def change_worker(which: WorkerRef, action: str, retry: Retry, body: Optional[Mapping[str, Any]] = None) -> Call[None]:
    return act("POST", f"/v1/workers/{_id(which)}/{action}", retry, body)


def _page(kind: type[T], answer: Any, member: str) -> Page[T]:
    items = read_all(kind, answer, member)
    following = answer.get("next")
    return items, None if following is None else str(following)


def jobs_page(retry: Retry, params: Mapping[str, str]) -> Call[Page[Job]]:
    return get("/v1/jobs", retry, lambda it: _page(Job, it, "jobs"), params)


def audit_page(retry: Retry, params: Mapping[str, str]) -> Call[Page[AuditEntry]]:
    return get("/v1/audit", retry, lambda it: _page(AuditEntry, it, "entries"), params)


def _job(answer: Any) -> Job:
    detail = read(JobDetail, answer)
    return replace(detail.job, progress=detail.progress, attempts=detail.attempts)


def job(which: JobRef, retry: Retry, attempts: bool = False) -> Call[Job]:
    return get(f"/v1/jobs/{_id(which)}", retry, _job, {"attempts": "true"} if attempts else None)


def job_plan(which: JobRef, retry: Retry) -> Call[Plan]:
    return get(f"/v1/jobs/{_id(which)}/plan", retry, Plan)


def cancel(which: JobRef, retry: Retry) -> Call[None]:
    return act("POST", f"/v1/jobs/{_id(which)}/cancel", retry)


def delete(which: JobRef, retry: Retry) -> Call[None]:
    return act("DELETE", f"/v1/jobs/{_id(which)}", retry)


def proof(which: JobRef, retry: Retry) -> Call[Proof]:
    """The document, whose digest the answer's `ETag` names."""
    answer = yield from ask(Request("GET", f"/v1/jobs/{_id(which)}/proof"), retry)
    return Proof.checked(answer.body, answer.headers.get("etag", "").removeprefix("W/").strip('"'))


def upload(source: Source, retry: Retry, *, anew: bool = False) -> Call[Upload]:
    """Sends a file unless the coordinator has it.

    What broke off is sent again from the beginning; the coordinator keeps what had arrived and goes on from there.
    """
    hashed = yield Hash(source)
    assert hashed is not None
    digest = hashed.body.decode()
    path = f"/v1/artifacts/{digest}"
    if not anew:
        try:
            answer = yield from ask(Request("GET", path), retry)
            return read(Upload, answer.json())
        except NotFound:
            pass
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(source.size)}
    answer = yield from ask(Request("PUT", path, headers=headers, source=source), retry)
    return read(Upload, answer.json())


@dataclass(frozen=True)
class Order:
    """What is to be planned or proven."""

    model: Source
    input: Source
    calibration: Optional[Source]
    name: str
    options: Mapping[str, Any]

    @classmethod
    def of(cls, model: Any, input: Any, calibration: Any, name: Optional[str], options: Options) -> "Order":
        """Reads what callers give."""
        source = Source(model)
        return cls(
            source,
            Source(input),
            None if calibration is None else Source(calibration),
            name or source.name or "model.onnx",
            checked(options),
        )

    def send(self, request: Callable[[bytes], Request], retry: Retry) -> Call[Answer]:
        """Uploads the files and sends what names them; once more if they went meanwhile."""
        for anew in (False, True):
            body: dict[str, Any] = {"name": self.name}
            if self.options:
                body["options"] = self.options
            for member, source in (("model", self.model), ("input", self.input), ("calibration", self.calibration)):
                if source is not None:
                    body[member] = (yield from upload(source, retry, anew=anew)).digest
            try:
                answer = yield from ask(request(json.dumps(body, sort_keys=True).encode()), retry)
                return answer
            except BadArtifact:
                if anew:
                    raise
        raise AssertionError


def plan(order: Order, retry: Retry) -> Call[Plan]:
    def request(body: bytes) -> Request:
        return Request("POST", "/v1/plan", headers={"Content-Type": "application/json"}, body=body, seconds=PLAN_SECONDS)

    answer = yield from order.send(request, retry)
    return Plan(answer.json())


def submit(order: Order, retry: Retry, key: Optional[str] = None) -> Call[Job]:
    """One job, however often the request has to be sent: all tries have one idempotency key and one body."""
    key = key or str(uuid4())

    def request(body: bytes) -> Request:
        return Request("POST", "/v1/jobs", headers={"Content-Type": "application/json", "Idempotency-Key": key}, body=body)

    answer = yield from order.send(request, retry)
    return _job(answer.json())




def job_filter(stage: Union[str, list[str], None], owner: Optional[str], model: Optional[str], page: int) -> dict[str, str]:
    """Which jobs are asked for, and how many at a time."""
    stages = stage if stage is None or isinstance(stage, str) else ",".join(stage)
    chosen = {"stage": stages, "owner": owner, "model": model}
    return {"limit": str(page), **{name: value for name, value in chosen.items() if value is not None}}
