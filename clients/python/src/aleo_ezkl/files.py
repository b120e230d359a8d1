"""Files on their way to the coordinator: named by their SHA-256, read in blocks."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence, Union

Content = Union[str, "os.PathLike[str]", bytes, Mapping[str, Any], Sequence[Any]]
"""A path (`str` or `PathLike`), the bytes themselves, or what an input file holds: `{"input_data": …}`, or just the list."""

_BLOCK = 1 << 18


class Source:
    """Bytes that can be read several times, of a file or from memory."""

    def __init__(self, content: Content) -> None:
        self.name = ""
        self._path: Path | None = None
        self._bytes = b""
        if isinstance(content, (str, os.PathLike)):
            self._path = Path(content)
            self.name = self._path.name
            self.size = self._path.stat().st_size
            return
        if isinstance(content, (bytes, bytearray, memoryview)):
            self._bytes = bytes(content)
        else:
            document = content if isinstance(content, Mapping) else {"input_data": content}
            self._bytes = json.dumps(document, default=_plain).encode()
        self.size = len(self._bytes)

    def blocks(self) -> Iterator[bytes]:
        """The bytes from the beginning, `size` of them even if the file grows meanwhile."""
        if self._path is None:
            for place in range(0, self.size, _BLOCK):
                yield self._bytes[place : place + _BLOCK]
            return
        rest = self.size
        with self._path.open("rb") as file:
            while rest and (block := file.read(min(rest, _BLOCK))):
                rest -= len(block)
                yield block

    def digest(self) -> str:
        """The SHA-256 in hexadecimal."""
        hash = hashlib.sha256()
        for block in self.blocks():
            hash.update(block)
        return hash.hexdigest()


def _plain(value: Any) -> Any:
    # Arrays of numpy, torch and others.
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"an input cannot hold a {type(value).__name__}")
