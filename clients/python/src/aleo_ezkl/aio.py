"""The client for programs that do something else meanwhile (asyncio)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, AsyncGenerator, AsyncIterator, Callable, Iterator, Optional, TypeVar, Union

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


class AsyncClient:
    """A coordinator over HTTP, for one token: `Client` with coroutines and asynchronous iterators."""

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
        self._http = httpx.AsyncClient(**transport.settings(url, token, token_file, ca, timeout, plain))
        self._retry = retry

    def __repr__(self) -> str:
        return f"AsyncClient({str(self._http.base_url)!r})"

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connections."""
        await self._http.aclose()

    # Proving

    async def upload(self, content: Content) -> Upload:
        """Sends a file, unless it is there: a path, bytes, or what an input file holds."""
        return await self._run(calls.upload(Source(content), self._retry))

    async def plan(
        self, model: Content, input: Content, *, calibration: Optional[Content] = None, name: Optional[str] = None, **options: Unpack[Options]
    ) -> Plan:
        """What would be proven, and what it costs. `calibration` is more inputs to choose the quantisation from, or settings."""
        return await self._run(calls.plan(Order.of(model, input, calibration, name, options), self._retry))

    async def submit(
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
        return await self._run(calls.submit(Order.of(model, input, calibration, name, options), self._retry, key))

    async def wait(self, job: JobRef, *, timeout: Optional[float] = None, progress: Union[bool, Show, None] = None) -> Job:
        """Waits until a job is done.

        `progress` shows it (a bar), or is called with every `Progress`; unless given, it is shown on terminals and in notebooks.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`, after which the job goes on.
        """
        last = None
        events = self._follow(Follower(job, self._retry, timeout=timeout))
        try:
            with shown(progress) as show:
                async for event in events:
                    last = event.job or last
                    if event.progress is not None:
                        show(event.progress)
        finally:
            await events.aclose()
        return transport.ended(last or await self.job(job))

    async def prove(
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
        job = await self.submit(model, input, calibration=calibration, name=name, key=key, **options)
        return await self.proof(await self.wait(job, timeout=timeout, progress=progress))

    async def proof(self, job: JobRef) -> Proof:
        """The proof document of a job that is done; its digest was compared. `aleo_ezkl.verify` checks what it says."""
        return await self._run(calls.proof(job, self._retry))

    # Jobs

    async def job(self, job: JobRef, *, attempts: bool = False) -> Job:
        """A job as it is now; with `attempts`, its whole history."""
        return await self._run(calls.job(job, self._retry, attempts))

    def jobs(
        self, *, stage: Union[str, list[str], None] = None, owner: Optional[str] = None, model: Optional[str] = None, page: int = 100
    ) -> AsyncIterator[Job]:
        """Jobs, newest first; a page at a time is fetched."""
        chosen = calls.job_filter(stage, owner, model, page)
        return self._pages(lambda more: calls.jobs_page(self._retry, {**chosen, **more}), "after")

    async def job_plan(self, job: JobRef) -> Plan:
        """The plan of a job."""
        return await self._run(calls.job_plan(job, self._retry))

    def events(self, job: Optional[JobRef] = None, *, last_event_id: str = "") -> AsyncGenerator[Event, None]:
        """What happens: to a job until its end, or to all jobs that the token sees. A lost connection is taken up where it was."""
        return self._follow(Follower(job, self._retry, last_event_id))

    async def cancel(self, job: JobRef) -> None:
        """Ends a job."""
        await self._run(calls.cancel(job, self._retry))

    async def delete(self, job: JobRef) -> None:
        """Removes what is kept of a job that has ended."""
        await self._run(calls.delete(job, self._retry))

    # The network

    async def self(self) -> Identity:
        """Whose token this is."""
        return await self._run(calls.self(self._retry))

    async def cluster(self) -> Cluster:
        """What there is and what it does."""
        return await self._run(calls.cluster(self._retry))

    async def workers(self) -> list[Worker]:
        """All workers that ever joined."""
        return await self._run(calls.workers(self._retry))

    async def worker(self, worker: WorkerRef) -> Worker:
        """One worker."""
        return await self._run(calls.worker(worker, self._retry))

    async def cordon(self, worker: WorkerRef, reason: Optional[str] = None) -> None:
        """Gives a worker nothing new."""
        await self._run(calls.change_worker(worker, "cordon", self._retry, None if reason is None else {"reason": reason}))

    async def uncordon(self, worker: WorkerRef) -> None:
        """Trusts a worker again."""
        await self._run(calls.change_worker(worker, "uncordon", self._retry))

    async def drain(self, worker: WorkerRef, deadline: Optional[float] = None) -> None:
        """Lets a worker finish what it holds and leave; after `deadline` seconds the rest goes elsewhere."""
        await self._run(calls.change_worker(worker, "drain", self._retry, None if deadline is None else {"deadline": deadline}))

    def audit(self, *, page: int = 100) -> AsyncIterator[AuditEntry]:
        """Who did what, newest first."""
        return self._pages(lambda more: calls.audit_page(self._retry, {"limit": str(page), **more}), "before")

    # How it is done

    async def _pages(self, call: Callable[[dict[str, str]], Call[Page[T]]], member: str) -> AsyncIterator[T]:
        more: dict[str, str] = {}
        while True:
            items, following = await self._run(call(more))
            for item in items:
                yield item
            if following is None:
                return
            more = {member: following}

    async def _run(self, call: Call[T]) -> T:
        outcome: Union[Answer, ConnectionLost, None] = None
        try:
            while True:
                step = call.throw(outcome) if isinstance(outcome, ConnectionLost) else call.send(outcome)
                outcome = None
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                elif isinstance(step, Hash):
                    outcome = Answer(200, {}, (await asyncio.to_thread(step.source.digest)).encode())
                else:
                    try:
                        outcome = await self._send(step)
                    except httpx.RequestError as error:
                        outcome = transport.lost(error, self._http.base_url)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _send(self, request: Request) -> Answer:
        given = transport.arguments(request, self._http.timeout)
        if request.source is not None:
            given["content"] = _read_aside(request.source.blocks())
        response = await self._http.request(**given)
        return transport.answer(response, response.content)

    async def _follow(self, follower: Follower) -> AsyncGenerator[Event, None]:
        while True:
            try:
                async with self._http.stream(**transport.arguments(follower.request(), self._http.timeout)) as response:
                    if response.status_code != 200:
                        await response.aread()
                    body = b"" if response.status_code == 200 else response.content
                    if follower.opened(transport.answer(response, body)):
                        async for piece in response.aiter_bytes():
                            for event in follower.feed(piece):
                                yield event
                            if follower.is_over:
                                return
            except httpx.RequestError as error:
                follower.lost(transport.lost(error, self._http.base_url))
            if follower.is_over:
                return
            await asyncio.sleep(follower.pause())


async def _read_aside(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    # Disks may be slow, and the loop has other things to do.
    while block := await asyncio.to_thread(next, blocks, b""):
        yield block
