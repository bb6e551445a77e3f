"""Working off: ordered jobs a second, with attempts and tokens on.

`noop`: what an engine costs by itself, against procrastinate with one lock an account,
doing the same: jobs of 100 accounts, nothing done in them. `io20`: the real walk
of a top-up against a backend whose every call takes 20 ms, against the ceiling of eight
calls at once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from bench import jobs
from bench.pairs import interleaved, spread
from bench.peers import Procrastinate
from bench.places import Databases, Place, databases, process
from bridge.store.database import Database
from bridge.store.tables import attempt, operation

JOBS, ACCOUNTS = 3000, 100
PEER_JOBS = 1000
"""Fewer, which is kind: with 3,000 waiting it does a quarter as many a second."""

NOOP_CALLS = 32
"""The best of 8, 16 and 32 for ours; theirs is no faster with 32 or 64 than with 16."""

LATENCY, CALLS = 0.02, 8
SLOW_JOBS, SLOW_ACCOUNTS = 1200, 240
LOOKS = SLOW_ACCOUNTS / SLOW_JOBS
PER_JOB = 2 + LOOKS
"""Pay, and look whether it arrived; and one look for each run of an account."""

WAIT = 120.0
_JOB = sa.func.coalesce(attempt.c.claim, attempt.c.evidence).label("job")


def measure() -> Iterator[dict[str, Any]]:
    with databases("postgresql") as places, Procrastinate(places) as peer:
        for workers in (1, 2):
            yield _noop(places, peer, workers)
    for name in ("sqlite", "postgresql"):
        with databases(name) as places:
            yield _io(name, places)


def _noop(places: Databases, peer: Procrastinate, workers: int) -> dict[str, Any]:
    order: list[int] = []
    pair = interleaved(
        lambda: _ours(places, workers, order),
        lambda: peer.rate(PEER_JOBS, ACCOUNTS, workers),
    )
    return {
        "what": "noop",
        "database": "postgresql",
        "workers": workers,
        "peer": "procrastinate",
        "unit": "jobs/s",
        **pair,
        "out_of_order": sum(order),
        "peer_out_of_order": peer.out_of_order,
    }


def _ours(places: Databases, workers: int, order: list[int]) -> float:
    place = places.place(workers=NOOP_CALLS)
    jobs.fill(place, JOBS, ACCOUNTS)
    with ExitStack() as running:
        for _ in range(workers):
            running.enter_context(process("bench.noop", str(place.path)))
        _until_done(place, JOBS)
    order.append(_disorder(place))
    return _rate(place)


def _io(name: str, places: Databases) -> dict[str, Any]:
    ceiling = CALLS / (PER_JOB * LATENCY)
    rates, order = [], 0
    for _ in range(3):
        place = places.place(
            kind="bench.slow", backend=f"latency = {LATENCY}", workers=CALLS
        )
        jobs.fill(place, SLOW_JOBS, SLOW_ACCOUNTS)
        with process("bench.worker", str(place.path)):
            _until_done(place, SLOW_JOBS)
        rates.append(_rate(place))
        order += _disorder(place)
    return {
        "what": "io20",
        "database": name,
        "peer": "ceiling",
        "unit": "jobs/s",
        "ours": round(statistics.median(rates), 1),
        "theirs": round(ceiling, 1),
        **spread([rate / ceiling for rate in rates]),
        "out_of_order": order,
    }


def _until_done(place: Place, many: int) -> None:
    database, until = Database(place.database), time.monotonic() + WAIT
    done = sa.select(sa.func.count()).where(operation.c.fate == "done")
    topups = done.where(operation.c.type == "topup.paid")
    try:
        while True:
            with database.read() as tx:
                found = tx.execute(topups).scalar_one()
            if found == many:
                return
            if time.monotonic() > until:
                raise RuntimeError(f"{found} of {many} jobs were done in {WAIT} s")
            time.sleep(0.1)
    finally:
        database.close()


def _ended(place: Place) -> list[tuple[str, str, Any]]:
    database = Database(place.database)
    with database.read() as tx:
        rows = tx.execute(
            sa.select(attempt.c.account, _JOB, attempt.c.ended_at)
            .where(attempt.c.verb == "grant", attempt.c.ended_at.is_not(None))
            .order_by(attempt.c.id)
        ).all()
    database.close()
    return [(row.account, row.job, row.ended_at) for row in rows]


def _rate(place: Place) -> float:
    """From the first end to the last: starting up does not count."""
    ends = sorted(ended for _, _, ended in _ended(place))
    return (len(ends) - 1) / (ends[-1] - ends[0]).total_seconds()


def _disorder(place: Place) -> int:
    """Jobs of an account that ended before one that came before them."""
    last: dict[str, int] = {}
    wrong = 0
    for account, claim, _ in _ended(place):
        no = jobs.number(claim)
        wrong += no < last.get(account, -1)
        last[account] = no
    return wrong
