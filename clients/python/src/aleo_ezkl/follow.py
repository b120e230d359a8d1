"""Following a stream of events over as many connections as it takes."""

from __future__ import annotations

import json
from time import monotonic
from typing import Optional, Union

from .calls import Answer, JobRef, Request, _id
from .errors import BadAnswer, ConnectionLost, Problem, TooMany, Unavailable, WaitTimeout
from .records import Event, Job, Progress, read
from .retry import Retry
from .sse import Message, Parser

SILENCE = 35.0
"""Seconds without a byte after which a connection is taken for dead; the coordinator says something every ten."""


class Follower:
    """Where a stream is, and what to do next; the clients open the connections that it asks for.

    After every connection `last_id` is where the next one goes on. An event that comes twice is told once.
    """

    def __init__(self, job: Optional[JobRef], retry: Retry, last_id: str = "", timeout: Optional[float] = None) -> None:
        self.job = job
        self.last_id = last_id
        self.is_over = False
        self._path = "/v1/events" if job is None else f"/v1/jobs/{_id(job)}/events"
        self._retry = retry
        self._deadline = None if timeout is None else monotonic() + timeout
        self._failures = 0
        self._failure: Union[Problem, ConnectionLost, None] = None
        self._parser = Parser()

    def request(self) -> Request:
        """The next connection."""
        self._parser = Parser(last_id=self.last_id, retry=self._parser.retry)
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        return Request("GET", self._path, headers=headers, seconds=self._within(SILENCE))

    def opened(self, answer: Answer) -> bool:
        """An answer came, with its body if it is not 200; whether events follow."""
        if answer.status == 204:
            self.is_over = True
        elif answer.status == 200:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                raise BadAnswer("no events came: is this the coordinator's address?")
            return True
        elif isinstance(answer.error, (TooMany, Unavailable)):
            self._failure = answer.error
        else:
            raise answer.error
        return False

    def feed(self, piece: bytes) -> list[Event]:
        """Bytes came."""
        self._within(0)
        comments = self._parser.comments
        events = []
        for message in self._parser.feed(piece):
            if message.id and message.id == self.last_id and message.name != "end":
                continue
            self.last_id = message.id or self.last_id
            events.append(_event(message))
            if message.name == "end":
                self.is_over = self.job is not None
        if events or self._parser.comments > comments:
            self._failures = 0
        return events

    def lost(self, error: ConnectionLost) -> None:
        """The connection broke off."""
        self._failure = error

    def pause(self) -> float:
        """Seconds before the next connection, after one has ended in any way."""
        self._failures += 1
        failure, self._failure = self._failure, None
        after = failure.retry_after if isinstance(failure, Problem) else self._parser.retry
        pause = self._retry.pause(self._failures, after)
        if pause is None:
            raise failure or ConnectionLost("the stream of events ended again and again")
        return self._within(pause)

    def _within(self, seconds: float) -> float:
        if self._deadline is None:
            return seconds
        rest = self._deadline - monotonic()
        if rest <= 0:
            raise WaitTimeout(f"{'the job' if self.job else 'waiting'} takes longer; it goes on")
        return min(seconds, rest)


def _event(message: Message) -> Event:
    try:
        data = json.loads(message.data)
    except ValueError:
        raise BadAnswer("an event is no JSON") from None
    if message.name == "progress":
        return Event(message.name, message.id, progress=read(Progress, data))
    if message.name == "end":
        return Event(message.name, message.id, job=read(Job, data))
    return Event(message.name, message.id)
