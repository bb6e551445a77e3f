"""Taking in: signed events a second, durable, against the same app that stores nothing.

One event a request, kept connections. On SQLite one process, on PostgreSQL two, as the
product would run there. p99 at 70 % of what was measured, in an open loop.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from bench import load
from bench.pairs import interleaved, p99
from bench.places import Databases, Place, Server, databases, served
from bridge.platforms import signature

PROCESSES = {"sqlite": 1, "postgresql": 2}
CONNECTIONS = (1, 16, 64)
EACH = {1: 600, 16: 2500, 64: 2500}
"""Requests in one turn."""

NUMBERS = count(1)
BODY = (
    '{{"spec": "1", "type": "topup.paid", "occurred_at": "{at}",'
    ' "account": {{"ref": "c{client}"}}, "billing": {{"line_ref": "l{no}"}},'
    ' "service": {{"ref": "credit", "product_ref": "credit10"}}}}'
)
POST = (
    "POST /hooks/shop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: {length}\r\n{signed}\r\n"
)


def measure() -> Iterator[dict[str, Any]]:
    for name, processes in PROCESSES.items():
        with databases(name) as places:
            yield from _measured(name, processes, places)


def _measured(name: str, processes: int, places: Databases) -> Iterator[dict[str, Any]]:
    ours, theirs = places.place(), places.place()
    with (
        served("bench.served:storing", ours, processes) as storing,
        served("bench.served:no_store", theirs, processes) as blank,
    ):
        for server, place in ((storing, ours), (blank, theirs)):
            _turn(server, place, 16, [])  # warm
        for connections in CONNECTIONS:
            spent: list[float] = []
            pair = interleaved(
                lambda c=connections, s=spent: _turn(storing, ours, c, s),
                lambda c=connections: _turn(blank, theirs, c, []),
            )
            yield {
                "database": name,
                "connections": connections,
                "processes": processes,
                "peer": "no-store",
                "unit": "events/s",
                **pair,
                "cpu_us_per_item": round(statistics.median(spent) * 1e6),
                "p99_ms": _late(storing, ours, connections, pair["ours"]),
            }


def _turn(server: Server, place: Place, connections: int, spent: list[float]) -> float:
    requests = _requests(place, EACH[connections])
    before = server.cpu()
    result = load.closed(server.port, requests, connections)
    spent.append((server.cpu() - before) / len(requests))
    _all_good(result)
    return result.rate


def _late(server: Server, place: Place, connections: int, rate: float) -> float:
    requests = _requests(place, EACH[connections])
    result = load.opened(server.port, requests, connections, rate * 0.7)
    _all_good(result)
    return p99(result.times)


def _all_good(result: load.Result) -> None:
    if result.bad:
        raise RuntimeError(f"{result.bad} requests were not taken in")


def _requests(place: Place, many: int) -> list[bytes]:
    return [request(place, no, no % 500) for no in islice(NUMBERS, many)]


def request(place: Place, no: int, client: int) -> bytes:
    """A signed top-up, whole as it goes over the line."""
    key, at = signature.keys("shop", [f"whsec_{place.secret}"])[0], datetime.now(UTC)
    body = BODY.format(at=at.isoformat(), client=client, no=no).encode()
    headers = signature.signed(key, f"e{no}", body, at)
    signed = "".join(f"{name}: {told}\r\n" for name, told in headers.items())
    return POST.format(length=len(body), signed=signed).encode() + body
