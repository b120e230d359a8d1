"""What both clients do with httpx in the same way."""

from __future__ import annotations

import ipaddress
import platform
import ssl
from typing import Any, Optional, Union
from urllib.parse import urlsplit

import httpx

from .calls import Answer, Request
from .errors import ConnectionLost, JobCancelled, JobFailed
from .records import Job
from .token import StrPath, Token

VERSION = "0.1.0"


def settings(
    url: str,
    token: Union[str, Token, None],
    token_file: Optional[StrPath],
    ca: Optional[StrPath],
    timeout: float,
    plain: bool,
) -> dict[str, Any]:
    """Arguments of an httpx client."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("the coordinator's address is http://HOST:PORT or https://HOST:PORT")
    if parts.scheme == "http" and not plain and not _is_here(parts.hostname):
        raise ValueError("http:// would show the token to the network; use https://, or say plain=True if the way is safe")
    return {
        "base_url": url.rstrip("/"),
        "auth": Token.find(token, token_file),
        "verify": ssl.create_default_context(cafile=None if ca is None else str(ca)),
        "timeout": httpx.Timeout(timeout, connect=min(timeout, 10)),
        "headers": {"User-Agent": f"aleo-ezkl-python/{VERSION} Python/{platform.python_version()}"},
        "follow_redirects": False,
    }


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def arguments(request: Request, timeout: httpx.Timeout) -> dict[str, Any]:
    """A request as httpx takes it, without a streamed body."""
    if request.seconds is not None:
        timeout = httpx.Timeout(connect=timeout.connect, read=request.seconds, write=timeout.write, pool=timeout.pool)
    return {
        "method": request.method,
        "url": request.path,
        "params": dict(request.params) or None,
        "headers": dict(request.headers),
        "content": request.body,
        "timeout": timeout,
    }


def answer(response: httpx.Response, body: bytes) -> Answer:
    """What came, with its body."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def lost(error: httpx.RequestError, url: httpx.URL) -> ConnectionLost:
    """The same in this package's words."""
    unsent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol))
    late = isinstance(error, httpx.ReadTimeout)
    what = "cannot be reached" if unsent else "did not answer" if late else "broke off the connection"
    message = f"the coordinator at {url.scheme}://{url.netloc.decode()} {what}: {error or type(error).__name__}"
    return ConnectionLost(message, sent=not unsent, late=late)


def ended(job: Job) -> Job:
    """A job that is done; raises what became of it otherwise."""
    if job.stage == "failed":
        raise JobFailed(f"job {job.id}: {job.detail}", code=job.failure or "job_failed")
    if job.stage == "cancelled":
        raise JobCancelled(f"job {job.id} was cancelled", code="job_cancelled")
    return job

