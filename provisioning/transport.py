"""One hardened HTTP transport: a call ends in time and says if it may have happened."""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import cast
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPResponse, encode_multipart_formdata
from urllib3.connection import HTTPConnection

from provisioning.core.outcomes import Outcome, Refused, Unsure
from provisioning.dialling import Dialler, Timed, left, verified

PORTS = {"http": 80, "https": 443}
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
KEPT = 64
"""Idle connections kept for one backend; a read beyond them closes its own."""
LOOKUPS = 4
"""Names asked for at once, for one backend."""
PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Transport:
    """Calls to one backend, shared by its threads.

    Whatever HTTP answer came is a Reply. Else Later or Refused: certainly nothing was
    sent; or Unsure: it may have been.
    """

    def __init__(
        self,
        base: str,
        *,
        connect: float = 3.0,
        deadline: float = 15.0,
        largest: int = 8 * 2**20,
        ca_file: str | None = None,
    ) -> None:
        self._base, self._host, self._port, secure = _checked(base)
        self._connect = connect
        self._deadline = deadline
        self._largest = largest
        self._tls = verified(ca_file or DEFAULT_CA_BUNDLE_PATH) if secure else None
        self._adapters: dict[int, dict[bool, _Adapter]] = {}

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        multipart: bool = False,
        fresh: bool = False,
        largest: int | None = None,
    ) -> Reply:
        """One request, sent once. `fresh`, on a connection of its own: every write."""
        body, kind = urlencode(form).encode(), FORM
        if multipart:
            body, kind = encode_multipart_formdata(form)
        return self._sent("POST", path, body, kind, headers or {}, fresh, largest)

    def post_json(
        self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """These very bytes, which may be signed, once, on a connection of their own."""
        return self.send("POST", path, body, headers=headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        fresh: bool = True,
    ) -> Reply:
        """The same by any method. Only what changes nothing may do without `fresh`."""
        return self._sent(method, path, body, JSON, headers or {}, fresh, None)

    def _sent(
        self,
        method: str,
        path: str,
        body: bytes,
        kind: str,
        headers: Mapping[str, str],
        fresh: bool,
        largest: int | None,
    ) -> Reply:
        due = monotonic() + self._deadline
        request = self._prepared(method, path, body, kind, headers)
        try:
            return self._call(
                request, self._opened()[fresh], due, largest or self._largest
            )
        except Outcome:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it may have left
            reason = _said(error)
        # Out here, so that no chained exception carries the form along.
        raise Unsure(
            f"{self._host} {reason}; the request may have been carried out: look before"
            " trying again"
        )

    def close(self) -> None:
        """Let go of idle connections; a later call opens its own."""
        for adapter in self._adapters.pop(os.getpid(), {}).values():
            adapter.close()

    def _prepared(
        self, method: str, path: str, body: bytes, kind: str, headers: Mapping[str, str]
    ) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        try:
            for value in headers.values():
                value.encode("latin-1")
            request.prepare(
                method,
                f"{self._base}/{path.lstrip('/')}",
                headers={
                    **headers,
                    "Content-Type": kind,
                    "Accept-Encoding": "identity",
                },
                data=body,
            )
        except ValueError:
            pass
        else:
            return request
        raise Refused(
            f"the request to {self._host} cannot be written as HTTP; is there a line"
            " break or a foreign letter in the key?"
        )

    def _opened(self) -> dict[bool, _Adapter]:
        """By process: a child must not speak into its parent's connections."""
        pid = os.getpid()
        return self._adapters.get(pid) or self._adapters.setdefault(pid, self._open())

    def _open(self) -> dict[bool, _Adapter]:
        lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix=f"dns {self._host}")
        dial = Dialler(self._host, self._port, self._connect, self._tls, lookups)
        return {fresh: _Adapter(dial, fresh=fresh) for fresh in (False, True)}

    def _call(
        self,
        request: requests.PreparedRequest,
        adapter: _Adapter,
        due: float,
        largest: int,
    ) -> Reply:
        with adapter.send(request, stream=True, timeout=left(due)) as response:
            headers = {name.lower(): text for name, text in response.headers.items()}
            _judge(headers)
            body = _body(response.raw, largest)
            return Reply(response.status_code, headers, body)


FAULTS = (
    (r"(?!https?://)", "does not begin with https:// or http://; put it in front"),
    (r"\w+://[^/?#]*@", "holds a user name or password; give them as the key"),
    (r".*\?", "holds a query; leave out all from the ? on"),
    (r".*#", "holds a fragment; leave out all from the # on"),
    (r".*[\s\\]", "holds a blank or a backslash; take it out"),
)


def _checked(base: str) -> tuple[str, str, int, bool]:
    """The address as it will be called, its host and port, and whether by TLS."""
    # What follows ? and what precedes @ may be secret.
    named = "" if "@" in base else f" {base.partition('?')[0]!r}"
    for fault, reason in FAULTS:
        if re.match(fault, base, re.DOTALL | re.IGNORECASE):
            raise ValueError(f"the backend address{named} {reason}")
    try:
        port = urlsplit(base).port
        called = cast(str, requests.Request("POST", base).prepare().url)
        parts = urlsplit(called)
        host = cast(str, parts.hostname)
    except ValueError:
        raise ValueError(
            f"the backend address{named} names no host and port that could be called;"
            " write it as https://host:port/path"
        ) from None
    default = PORTS[parts.scheme]
    return called.rstrip("/"), host, port or default, parts.scheme == "https"


class _NoAnswer(http.client.HTTPException):
    """What came back is no answer; the message says why, in our own words."""


def _judge(headers: Mapping[str, str]) -> None:
    """Only plain bodies whose end can be told."""
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _NoAnswer("answered in an encoding nobody asked for")
    if coding is not None and (coding.lower() != "chunked" or length is not None):
        raise _NoAnswer("answered in a transfer coding nobody asked for")
    if length is not None and not (length.isascii() and length.isdecimal()):
        raise _NoAnswer("answered with a Content-Length that is no number")


def _body(raw: HTTPResponse, largest: int) -> bytes:
    # read1: read(n) waits for all n, and reads to the end for a chunk of size -1.
    body = bytearray()
    while piece := raw.read1(min(PIECE, largest - len(body) + 1)):
        body += piece
        if len(body) > largest:
            raise _NoAnswer(f"answered with more than {largest} bytes")
    return bytes(body)


SAID = (
    (TimeoutError, "gave no whole answer in time"),
    (http.client.RemoteDisconnected, "hung up without an answer"),
    (http.client.IncompleteRead, "cut its answer short"),
    (ConnectionError, "broke the connection off"),
    (ssl.SSLError, "broke TLS off"),
)


def _said(error: BaseException) -> str:
    """In our own words: the libraries quote the request, and the answer may, too."""
    for link in _chain(error):
        if isinstance(link, _NoAnswer):
            return str(link)
        for kind, words in SAID:
            if isinstance(link, kind):
                return words
    return f"answered with something that is not HTTP ({type(error).__name__})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


class _Adapter(HTTPAdapter):
    """requests without its Session.

    A Session reads a redirect's body whole and decompressed even where it does not
    follow (seen in 2.34), and brings cookies, netrc and proxies along.
    """

    def __init__(self, dial: Dialler, *, fresh: bool) -> None:
        super().__init__(max_retries=0)
        self.pool = _Pool(dial.host, dial.port, maxsize=KEPT, dial=dial, fresh=fresh)

    def get_connection_with_tls_context(self, *_: object, **__: object) -> _Pool:
        return self.pool

    def close(self) -> None:
        self.pool.close()


class _Connection(HTTPConnection):
    # http.client would connect wherever it finds no socket: unjudged, half-way through.
    auto_open = 0

    def __init__(
        self, host: str, port: int, *, timeout: float, dial: Dialler, fresh: bool
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self.dial = dial
        self.default_port = PORTS["https" if dial.tls else "http"]  # type: ignore[misc]
        self.response_class = _LastAnswer if fresh else _Answer

    def putrequest(
        self,
        method: str,
        url: str,
        skip_host: bool = False,
        skip_accept_encoding: bool = False,
    ) -> None:
        """Where a request begins, so where the time does."""
        due = monotonic() + cast(float, self.timeout)
        if self.sock is None:
            self.sock = self.dial(due)
        cast(Timed, self.sock).due = due
        super().putrequest(method, url, skip_host, skip_accept_encoding)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _Lines(io.BufferedReader):
    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _Answer(http.client.HTTPResponse):
    """Final and with whole headers; http.client takes the end of file for theirs."""

    fp: _Lines

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method)
        self.fp = _Lines(self.fp.detach())

    def begin(self) -> None:
        super().begin()
        while self.status < http.HTTPStatus.OK:  # 102, 103: the answer is still to come
            self.headers = None  # type: ignore[assignment]
            super().begin()
        if not self.fp.last or self.headers.get_payload():
            raise _NoAnswer("cut its headers short or garbled them")


class _LastAnswer(_Answer):
    def begin(self) -> None:
        super().begin()
        self.will_close = True
