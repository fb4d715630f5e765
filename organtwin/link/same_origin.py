"""Questions to one web server, and to no other that an answer may name."""

import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol

from organtwin.errors import ParameterError


class Answer(Protocol):
    def read(self, amount: int = ..., /) -> bytes: ...

    def close(self) -> None: ...


class Opener(Protocol):
    """``urllib.request.OpenerDirector.open`` or what a test puts in its place."""

    def __call__(self, request: urllib.request.Request, *, timeout: float) -> Answer: ...


def origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port


def check_base(base: str, headers: Mapping[str, str]) -> None:
    scheme, host, _ = origin(base)
    if scheme not in ("http", "https") or not host:
        raise ParameterError(f"a FHIR server is an address such as https://host/fhir, not {base!r}")
    secret = any(name.lower() in ("authorization", "cookie") for name in headers)
    if secret and scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise ParameterError(f"credentials for {host} would travel unencrypted: use https")


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only on the server that was asked."""

    def __init__(self, base: str) -> None:
        self._origin = origin(base)

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if origin(newurl) != self._origin:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def same_origin_opener(base: str) -> Opener:
    director = urllib.request.build_opener(_SameOrigin(base))

    def open_it(request: urllib.request.Request, *, timeout: float) -> Answer:
        answer: Answer = director.open(request, timeout=timeout)
        return answer

    return open_it
