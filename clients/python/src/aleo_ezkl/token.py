"""The bearer token: where it comes from, and that it goes nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generator, Optional, Union

import httpx

StrPath = Union[str, "os.PathLike[str]"]


class Token(httpx.Auth):
    """A token that puts itself on requests, and shows itself nowhere."""

    def __init__(self, text: str) -> None:
        text = text.strip()
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("a token is one line of printable characters, as 'ezkl-coord token create --http NAME' prints it")
        self.__text = text

    @classmethod
    def find(cls, token: Optional[Union[str, "Token"]] = None, file: Optional[StrPath] = None) -> "Token":
        """The token that is given, else that of a file, else that of `EZKL_TOKEN`."""
        if isinstance(token, Token):
            return token
        if token is not None:
            return cls(token)
        if file is not None:
            return cls(Path(file).read_text(encoding="ascii", errors="replace"))
        from_environment = os.environ.get("EZKL_TOKEN")
        if from_environment is None:
            raise ValueError("no token: give token=, token_file=, or set EZKL_TOKEN ('ezkl-coord token create --http NAME' makes one)")
        return cls(from_environment)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.__text}"
        yield request

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> str:
        raise TypeError("tokens are not written anywhere")
