"""An HTTP server that answers as it is told, one step a request, and can break off anywhere."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Union


@dataclass
class Heard:
    """A request as it came."""

    method: str
    target: str
    headers: Dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What to answer; with `cut`, only so many bytes of the body, and then the connection is reset."""

    status: int = 200
    body: bytes = b""
    headers: Dict[str, str] = field(default_factory=dict)
    cut: Optional[int] = None
    is_stream: bool = False
    pace: float = 0
    """Seconds after every event."""


class Drop:
    """Reads the request and resets the connection without an answer."""


Step = Union[Reply, Drop, Callable[[Heard], Reply]]


def answer(value: Any, status: int = 200, **headers: str) -> Reply:
    """JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def problem(status: int, code: str, **headers: str) -> Reply:
    """A problem document."""
    document = {"code": code, "detail": f"about {code}", "status": status, "title": "A title", "type": f"urn:ezkl:error:{code}"}
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/problem+json", **{name.replace("_", "-"): text for name, text in headers.items()}})


def events(text: str, cut: bool = False, pace: float = 0) -> Reply:
    """A stream of events that ends, or is cut off."""
    return Reply(200, text.encode(), {"Content-Type": "text/event-stream"}, cut=len(text.encode()) if cut else None, is_stream=True, pace=pace)


class ScriptedServer:
    """Answers requests with the steps of `script`, in order, and keeps what it heard."""

    def __init__(self) -> None:
        self.script: List[Step] = []
        self.heard: List[Heard] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake accept.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self._answer(connection)
                except OSError:
                    pass

    def _answer(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        method, target, _ = file.readline().decode().split(" ", 2)
        headers: Dict[str, str] = {}
        while (line := file.readline().decode().strip()):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        step: Step = self.script.pop(0) if self.script else problem(500, "script_over")
        heard = Heard(method, target, headers, file.read(int(headers.get("content-length", 0))))
        self.heard.append(heard)
        if isinstance(step, Drop):
            self._reset(connection)
            return
        reply = step(heard) if callable(step) else step
        length = {} if reply.is_stream else {"Content-Length": str(len(reply.body))}
        lines = [f"{name}: {value}" for name, value in {**reply.headers, **length, "Connection": "close"}.items()]
        if reply.is_stream:
            lines.append("Transfer-Encoding: chunked")
        connection.sendall("\r\n".join([f"HTTP/1.1 {reply.status} It", *lines, "", ""]).encode())
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.is_stream:
            for piece in body.split(b"\n\n") if reply.pace else [body] if body else []:
                piece += b"\n\n" if reply.pace else b""
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(reply.pace)
            if reply.cut is None:
                connection.sendall(b"0\r\n\r\n")
        else:
            connection.sendall(body)
        if reply.cut is not None:
            self._reset(connection)

    @staticmethod
    def _reset(connection: socket.socket) -> None:
        # A pause lets what was sent arrive before the reset discards it.
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
