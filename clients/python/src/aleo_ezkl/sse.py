"""Server-Sent Events: bytes in, messages out (the HTML standard, section 9.2.6)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Message:
    """One event as it came."""

    name: str
    data: str
    id: str


@dataclass
class Parser:
    """Takes a stream in pieces of any size."""

    last_id: str = ""
    """The id of the last event that had one."""
    retry: Optional[float] = None
    """Seconds before a new connection, if the server named some."""
    comments: int = 0
    """Comments so far: signs of life."""
    _decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    _rest: str = ""
    _begun: bool = False
    _name: str = ""
    _data: list[str] = field(default_factory=list)
    _id: Optional[str] = None

    def feed(self, piece: bytes) -> list[Message]:
        """The events that end in this piece."""
        text = self._decoder.decode(piece)
        if text and not self._begun:
            self._begun = True
            text = text[1:] if text[0] == "\ufeff" else text
        text = self._rest + text
        # A carriage return at the end may be half a line break.
        held = "\r" if text.endswith("\r") else ""
        lines = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        return [message for line in lines if (message := self._line(line))]

    def _line(self, line: str) -> Optional[Message]:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if not name:
            self.comments += 1
        elif name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value) / 1000
        return None

    def _dispatch(self) -> Optional[Message]:
        if self._id is not None:
            self.last_id = self._id
        name, data = self._name or "message", "\n".join(self._data)
        had_data = bool(self._data)
        self._name, self._data, self._id = "", [], None
        return Message(name, data, self.last_id) if had_data else None
