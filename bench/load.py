"""Sends requests made beforehand over kept connections, and stops by itself."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

READ = 65536


@dataclass(slots=True)
class Line:
    """One connection, and the request under way on it."""

    socket: socket.socket
    heard: bytes = b""
    since: float = 0.0


@dataclass(slots=True)
class Result:
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    """From when each was due until its answer."""

    bad: int = 0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


def closed(port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Each connection sends its next as soon as it has its answer."""
    with selectors.DefaultSelector() as ready:
        idle = _connect(port, connections, ready)
        left, result, busy = iter(requests), Result(), 0
        began = time.perf_counter()
        while True:
            while idle and (request := next(left, None)) is not None:
                _send(idle.pop(), request, time.perf_counter())
                busy += 1
            if not busy:
                break
            busy -= _hear(ready, 1.0, idle, result)
        result.seconds = time.perf_counter() - began
        _close(ready)
    return result


def opened(
    port: int, requests: Sequence[bytes], connections: int, rate: float
) -> Result:
    """So many a second, whether it keeps up or not; time runs from when it was due."""
    with selectors.DefaultSelector() as ready:
        idle = _connect(port, connections, ready)
        result, busy, sent = Result(), 0, 0
        began = time.perf_counter()
        while busy or sent < len(requests):
            due = began + sent / rate
            now = time.perf_counter()
            if sent < len(requests) and idle and now >= due:
                _send(idle.pop(), requests[sent], due)
                sent, busy = sent + 1, busy + 1
                continue
            wait = max(0.0, due - now) if idle and sent < len(requests) else 0.1
            busy -= _hear(ready, wait, idle, result)
        result.seconds = time.perf_counter() - began
        _close(ready)
    return result


def _connect(
    port: int, connections: int, ready: selectors.DefaultSelector
) -> list[Line]:
    lines = [Line(socket.create_connection(("127.0.0.1", port), 5))
             for _ in range(connections)]  # fmt: skip
    for line in lines:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.register(line.socket, selectors.EVENT_READ, line)
    return lines


def _close(ready: selectors.DefaultSelector) -> None:
    for key in list(ready.get_map().values()):
        key.data.socket.close()


def _send(line: Line, request: bytes, since: float) -> None:
    line.since, line.heard = since, b""
    line.socket.sendall(request)


def _hear(
    ready: selectors.DefaultSelector, wait: float, idle: list[Line], result: Result
) -> int:
    """How many answers came in."""
    ended = 0
    for key, _ in ready.select(wait):
        line: Line = key.data
        piece = line.socket.recv(READ)
        if not piece:
            raise ConnectionError("the server hung up")
        line.heard += piece
        if _whole(line.heard):
            result.times.append(time.perf_counter() - line.since)
            result.bad += int(line.heard[9:12]) >= HTTPStatus.BAD_REQUEST
            idle.append(line)
            ended += 1
    return ended


def _whole(heard: bytes) -> bool:
    head, found, body = heard.partition(b"\r\n\r\n")
    if not found:
        return False
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)
