"""What can go wrong, one class for each code of the coordinator's problem documents."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional


class EzklError(Exception):
    """The root of all errors of this package."""


class ConnectionLost(EzklError):
    """The coordinator could not be reached, or the connection broke off, as often as it was tried.

    `sent` says whether something of the request may have arrived, `late` whether no answer came in the time that it has.
    """

    def __init__(self, message: str, *, sent: bool = True, late: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.late = late


class WaitTimeout(EzklError):
    """A job has not ended in the time that was given; it goes on."""


class BadAnswer(EzklError):
    """What came is no answer of a coordinator."""


class ProofDamaged(EzklError):
    """A proof document is not the one that its digest names."""


class ToolMissing(EzklError):
    """`ezkl-coord` is needed on this machine and was not found."""


class ToolFailed(EzklError):
    """`ezkl-coord` ended without a result; `exit_code` says why, `ezkl-coord COMMAND --help` lists the codes."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Unsupported(EzklError):
    """There is no counterpart of what was asked for; the message names what to use instead."""


class Problem(EzklError):
    """An error that the coordinator answered with.

    `code` is the word for machines, `detail` what went wrong this time, `retry_after` the seconds that it asked to wait.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        status: int = 0,
        title: str = "",
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(detail or title or code)
        self.detail = detail
        self.code = code
        self.status = status
        self.title = title
        self.retry_after = retry_after


class BadRequest(Problem):
    """The request cannot be understood."""


class Unauthenticated(Problem):
    """No token, or none that is good."""


class NotAllowed(Problem):
    """The token's role does not allow this."""


class NotFound(Problem):
    """There is no such thing, or it is not the caller's to see."""


class UnknownJob(NotFound):
    """There is no such job, or it is somebody else's."""


class UnknownWorker(NotFound):
    """There is no such worker."""


class Conflict(Problem):
    """The state of a thing does not allow this."""


class UnderWay(Conflict):
    """The same request, by its idempotency key, has not been answered yet."""


class JobNotFinished(Conflict):
    """The job has not ended."""


class JobFailed(Conflict):
    """The job failed; `detail` is the reason."""


class JobCancelled(Conflict):
    """The job was cancelled."""


class WorkerConnected(Conflict):
    """The worker is connected."""


class Unacceptable(Problem):
    """The job, or what it names, cannot be accepted."""


class KeyTaken(Unacceptable):
    """The idempotency key came with another request before."""


class BadJob(Unacceptable):
    """No job can have these options."""


class BadModel(Unacceptable):
    """The model cannot be read or proven."""


class BadInput(Unacceptable):
    """The input does not fit the model, or the result is too far from the float model's."""


class BadCalibration(Unacceptable):
    """The calibration data or settings cannot be used."""


class BadArtifact(Unacceptable):
    """A file was not uploaded with this token, is not kept any more, or has another digest."""


class BadParameters(Unacceptable):
    """The public parameters are unknown or too small."""


class TooLong(Problem):
    """The body is too long."""


class TooMany(Problem):
    """Too much at a time."""


class Unavailable(Problem):
    """The coordinator cannot take this now."""


class PlanningFailed(Unavailable):
    """Planning broke off: it took too much memory or time."""


class CoordinatorFailed(Problem):
    """The coordinator failed."""


class DiskFull(CoordinatorFailed):
    """The coordinator's disk is full."""


_BY_CODE: Mapping[str, type[Problem]] = {
    "bad_request": BadRequest,
    "unauthenticated": Unauthenticated,
    "not_allowed": NotAllowed,
    "unknown_job": UnknownJob,
    "unknown_worker": UnknownWorker,
    "under_way": UnderWay,
    "job_not_finished": JobNotFinished,
    "job_failed": JobFailed,
    "job_cancelled": JobCancelled,
    "worker_connected": WorkerConnected,
    "key_taken": KeyTaken,
    "bad_job": BadJob,
    "bad_model": BadModel,
    "bad_input": BadInput,
    "bad_calibration": BadCalibration,
    "unknown_srs": BadParameters,
    "srs_too_small": BadParameters,
    "planner": PlanningFailed,
    "disk_full": DiskFull,
}

_BY_STATUS: Mapping[int, type[Problem]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLong,
    422: Unacceptable,
    429: TooMany,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
    507: DiskFull,
}


def problem(status: int, body: bytes, retry_after: Optional[float] = None) -> Problem:
    """The error of an answer: by its problem document, or by its status where a proxy answered."""
    document: Any
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {}
    code = str(document.get("code", ""))
    fallback = CoordinatorFailed if status >= 500 else Problem
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, fallback)
    if code == "artifact" and status == 422:
        kind = BadArtifact
    return kind(
        str(document.get("detail", "")) or f"HTTP status {status}",
        code=code,
        status=status,
        title=str(document.get("title", "")),
        retry_after=retry_after,
    )
