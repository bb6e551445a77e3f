"""One account with 20,000 top-ups waiting, beside 1,000 others: how long others wait.

A top-up for another account every 10 ms; each call to the backend takes 2 ms. *ours* is
the others' p99 from taken in to done beside the hot account, *theirs* without it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from bench import accept, jobs, load
from bench.pairs import p99, spread
from bench.places import Databases, Place, databases, served
from bridge.store.database import Database
from bridge.store.tables import attempt, operation, request

HOT, OTHERS, EVERY, LATENCY = 20_000, 1000, 0.01, 0.002
CONNECTIONS = 8
PAIRS = 3
"""Each run takes ten seconds and more."""


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places:
            pairs = [(_run(places, HOT), _run(places, 0)) for _ in range(PAIRS)]
        ratios = [beside / alone for (beside, _), (alone, _) in pairs]
        middle = sorted(range(PAIRS), key=ratios.__getitem__)[PAIRS // 2]
        (beside, moved), (alone, _) = pairs[middle]
        yield {
            "database": name,
            "peer": "no hot account",
            "unit": "ms",
            "ours": beside,
            "theirs": alone,
            **spread(ratios),
            "p99_ms": beside,
            "hot_done_meanwhile": moved,
        }


def _run(places: Databases, hot: int) -> tuple[float, int]:
    place = places.place(kind="bench.slow", backend=f"latency = {LATENCY}", workers=8)
    jobs.with_accounts(place, OTHERS + 1)
    jobs.tell(place, (jobs.topup(10**6 + no, OTHERS) for no in range(hot)))
    with served("bench.served:working", place, 1) as server:
        time.sleep(2)  # it has begun on the hot one
        requests = [accept.request(place, no, no) for no in range(OTHERS)]
        load.opened(server.port, requests, CONNECTIONS, 1 / EVERY)
        return _waited(place)


def _waited(place: Place) -> tuple[float, int]:
    database, until = Database(place.database), time.monotonic() + 60
    line = sa.func.substr(operation.c.event, 2)
    ended = attempt.c.ended_at.is_not(None)
    others = attempt.c.account != f"acct_{OTHERS:06}"
    taken = (
        sa.select(request.c.received_at, attempt.c.ended_at)
        .join(operation, operation.c.request == request.c.id)
        .join(attempt, attempt.c.claim == "shop:l" + line + "/topup")
        .where(others, ended)
    )
    hot = sa.select(sa.func.count()).where(~others, ended)
    while True:
        with database.read() as tx:
            rows, moved = tx.execute(taken).all(), tx.execute(hot).scalar_one()
        if len(rows) == OTHERS or time.monotonic() > until:
            break
        time.sleep(0.5)
    database.close()
    if len(rows) != OTHERS:
        raise RuntimeError(f"{len(rows)} of {OTHERS} others were done")
    return p99([(end - began).total_seconds() for began, end in rows]), moved
