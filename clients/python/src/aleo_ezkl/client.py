"""The client for programs that wait."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Callable, Generator, Iterator, Optional, TypeVar, Union

import httpx

from . import calls, transport
from .calls import Answer, Call, Hash, JobRef, Order, Page, Pause, Request, WorkerRef
from .errors import ConnectionLost
from .files import Content, Source
from .follow import Follower
from .progress import Show, shown
from .records import AuditEntry, Cluster, Event, Identity, Job, Plan, Proof, Upload, Worker
from .retry import Retry
from .token import StrPath, Token

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options

T = TypeVar("T")


class Client:
    """A coordinator over HTTP, for one token.

    `token` is the token itself, `token_file` a file with it; else `EZKL_TOKEN` is taken. `ca` is a file of certificates to trust
    instead of the system's. `timeout` bounds seconds of silence, `retry` how often is tried again. `http://` beyond this machine is
    refused unless `plain` says that the way is safe. Every method may be called from several threads.
    """

    def __init__(
        self,
        url: str,
        token: Union[str, Token, None] = None,
        *,
        token_file: Optional[StrPath] = None,
        ca: Optional[StrPath] = None,
        timeout: float = 60,
        retry: Retry = Retry(),
        plain: bool = False,
    ) -> None:
        self._http = httpx.Client(**transport.settings(url, token, token_file, ca, timeout, plain))
        self._retry = retry

    def __repr__(self) -> str:
        return f"Client({str(self._http.base_url)!r})"

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections."""
        self._http.close()

    # Proving

    def upload(self, content: Content) -> Upload:
        """Sends a file, unless it is there: a path, bytes, or what an input file holds."""
        return self._run(calls.upload(Source(content), self._retry))

    def plan(
        self, model: Content, input: Content, *, calibration: Optional[Content] = None, name: Optional[str] = None, **options: Unpack[Options]
    ) -> Plan:
        """What would be proven, and what it costs. `calibration` is more inputs to choose the quantisation from, or settings."""
        return self._run(calls.plan(Order.of(model, input, calibration, name, options), self._retry))

    def submit(
        self,
        model: Content,
        input: Content,
        *,
        calibration: Optional[Content] = None,
        name: Optional[str] = None,
        key: Optional[str] = None,
        **options: Unpack[Options],
    ) -> Job:
        """Has a model proven. The same `key` within a day gives the same job; it is random unless given."""
        return self._run(calls.submit(Order.of(model, input, calibration, name, options), self._retry, key))

    def wait(self, job: JobRef, *, timeout: Optional[float] = None, progress: Union[bool, Show, None] = None) -> Job:
        """Waits until a job is done.

        `progress` shows it (a bar), or is called with every `Progress`; unless given, it is shown on terminals and in notebooks.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`, after which the job goes on.
        """
        last = None
        events = self._follow(Follower(job, self._retry, timeout=timeout))
        try:
            with shown(progress) as show:
                for event in events:
                    last = event.job or last
                    if event.progress is not None:
                        show(event.progress)
        finally:
            events.close()
        return transport.ended(last or self.job(job))

    def prove(
        self,
        model: Content,
        input: Content,
        *,
        calibration: Optional[Content] = None,
        name: Optional[str] = None,
        key: Optional[str] = None,
        timeout: Optional[float] = None,
        progress: Union[bool, Show, None] = None,
        **options: Unpack[Options],
    ) -> Proof:
        """Submits, waits, and fetches the proof."""
        job = self.submit(model, input, calibration=calibration, name=name, key=key, **options)
        return self.proof(self.wait(job, timeout=timeout, progress=progress))

    def proof(self, job: JobRef) -> Proof:
        """The proof document of a job that is done; its digest was compared. `aleo_ezkl.verify` checks what it says."""
        return self._run(calls.proof(job, self._retry))

    # Jobs

    def job(self, job: JobRef, *, attempts: bool = False) -> Job:
        """A job as it is now; with `attempts`, its whole history."""
        return self._run(calls.job(job, self._retry, attempts))

    def jobs(
        self, *, stage: Union[str, list[str], None] = None, owner: Optional[str] = None, model: Optional[str] = None, page: int = 100
    ) -> Iterator[Job]:
        """Jobs, newest first; a page at a time is fetched."""
        chosen = calls.job_filter(stage, owner, model, page)
        return self._pages(lambda more: calls.jobs_page(self._retry, {**chosen, **more}), "after")

    def job_plan(self, job: JobRef) -> Plan:
        """The plan of a job."""
        return self._run(calls.job_plan(job, self._retry))

    def events(self, job: Optional[JobRef] = None, *, last_event_id: str = "") -> Generator[Event, None, None]:
        """What happens: to a job until its end, or to all jobs that the token sees. A lost connection is taken up where it was."""
        return self._follow(Follower(job, self._retry, last_event_id))

    def cancel(self, job: JobRef) -> None:
        """Ends a job."""
        self._run(calls.cancel(job, self._retry))

    def delete(self, job: JobRef) -> None:
        """Removes what is kept of a job that has ended."""
        self._run(calls.delete(job, self._retry))

    # The network

    def self(self) -> Identity:
        """Whose token this is."""
        return self._run(calls.self(self._retry))

    def cluster(self) -> Cluster:
        """What there is and what it does."""
        return self._run(calls.cluster(self._retry))

    def workers(self) -> list[Worker]:
        """All workers that ever joined."""
        return self._run(calls.workers(self._retry))

    def worker(self, worker: WorkerRef) -> Worker:
        """One worker."""
        return self._run(calls.worker(worker, self._retry))

    def cordon(self, worker: WorkerRef, reason: Optional[str] = None) -> None:
        """Gives a worker nothing new."""
        self._run(calls.change_worker(worker, "cordon", self._retry, None if reason is None else {"reason": reason}))

    def uncordon(self, worker: WorkerRef) -> None:
        """Trusts a worker again."""
        self._run(calls.change_worker(worker, "uncordon", self._retry))

    def drain(self, worker: WorkerRef, deadline: Optional[float] = None) -> None:
        """Lets a worker finish what it holds and leave; after `deadline` seconds the rest goes elsewhere."""
        self._run(calls.change_worker(worker, "drain", self._retry, None if deadline is None else {"deadline": deadline}))

    def audit(self, *, page: int = 100) -> Iterator[AuditEntry]:
        """Who did what, newest first."""
        return self._pages(lambda more: calls.audit_page(self._retry, {"limit": str(page), **more}), "before")

    # How it is done

    def _pages(self, call: Callable[[dict[str, str]], Call[Page[T]]], member: str) -> Iterator[T]:
        more: dict[str, str] = {}
        while True:
            items, following = self._run(call(more))
            yield from items
            if following is None:
                return
            more = {member: following}

    def _run(self, call: Call[T]) -> T:
        outcome: Union[Answer, ConnectionLost, None] = None
        try:
            while True:
                step = call.throw(outcome) if isinstance(outcome, ConnectionLost) else call.send(outcome)
                outcome = None
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                elif isinstance(step, Hash):
                    outcome = Answer(200, {}, step.source.digest().encode())
                else:
                    try:
                        outcome = self._send(step)
                    except httpx.RequestError as error:
                        outcome = transport.lost(error, self._http.base_url)
        except StopIteration as end:
            result: T = end.value
            return result

    def _send(self, request: Request) -> Answer:
        given = transport.arguments(request, self._http.timeout)
        if request.source is not None:
            given["content"] = request.source.blocks()
        response = self._http.request(**given)
        return transport.answer(response, response.content)

    def _follow(self, follower: Follower) -> Generator[Event, None, None]:
        while True:
            try:
                with self._http.stream(**transport.arguments(follower.request(), self._http.timeout)) as response:
                    if response.status_code != 200:
                        response.read()
                    body = b"" if response.status_code == 200 else response.content
                    if follower.opened(transport.answer(response, body)):
                        for piece in response.iter_bytes():
                            yield from follower.feed(piece)
                            if follower.is_over:
                                return
            except httpx.RequestError as error:
                follower.lost(transport.lost(error, self._http.base_url))
            if follower.is_over:
                return
            time.sleep(follower.pause())
