"""10,000 renewals at once: backend calls of 20 ms, eight at a time, over the real wire.

*theirs* is what the calls alone would take: the fewest calls a renewal needs, times
their latency, by eight. The range is over seven parts of the same run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psutil
import requests
import sqlalchemy as sa

from bench import jobs
from bench.pairs import PAIRS, spread
from bench.places import Place, databases, process, wait
from bridge.cli.beside import free_port
from bridge.store.database import Database
from bridge.store.tables import attempt

RENEWALS, LATENCY, CALLS = 10_000, 0.02, 8
NEEDED = {"User_Get": 2, "User_Payment_Create": 1}
"""Calls a renewal with free credit needs: look, pay, look whether it arrived."""

LEAST = sum(NEEDED.values()) * LATENCY / CALLS
"""Seconds a renewal takes, if nothing but the calls took time."""

BACKEND = """\
url = "{url}"
username = "admin"
password = "simulator"
calls = 8
settle = 20.0
dearest_rate = "0.0001"
longest_call = 1.0
"""


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places, _backend() as url:
            place = places.place(
                kind="ictbroadcast", backend=BACKEND.format(url=url), workers=CALLS
            )
            usernames = jobs.with_accounts(place, RENEWALS, "starter")
            _call(url, "Fill", usernames=json.dumps(usernames))
            jobs.tell(place, (jobs.renewal(no) for no in range(RENEWALS)))
            with process("bench.worker", str(place.path)) as worker:
                growth, cpu = _watched(place, worker)
            yield {"database": name, "peer": "the calls alone", "unit": "s",
                   "connections": CALLS, **_figures(place),
                   "cpu_us_per_item": round(cpu / RENEWALS * 1e6),
                   "rss_growth_mib": round(growth, 1),
                   "calls_per_item": _calls(url) / RENEWALS}  # fmt: skip


def _watched(place: Place, worker: psutil.Process) -> tuple[float, float]:
    """Memory's growth over the second half, in MiB; CPU seconds."""
    database, half = Database(place.database), 0
    done = sa.select(sa.func.count()).where(attempt.c.state == "done")
    try:
        while True:
            with database.read() as tx:
                found = tx.execute(done).scalar_one()
            if not half and found >= RENEWALS // 2:
                half = worker.memory_info().rss
            if found == RENEWALS:
                rss, times = worker.memory_info().rss, worker.cpu_times()
                return (rss - half) / 2**20, times.user + times.system
            time.sleep(0.2)
    finally:
        database.close()


def _figures(place: Place) -> dict[str, Any]:
    database = Database(place.database)
    with database.read() as tx:
        ends = sorted(tx.execute(sa.select(attempt.c.ended_at)).scalars())
    database.close()
    took = (ends[-1] - ends[0]).total_seconds()
    part = len(ends) // PAIRS
    edges = [ends[no * part] for no in range(PAIRS)] + [ends[-1]]
    parts = [
        part * LEAST / (after - before).total_seconds()
        for before, after in pairwise(edges)
    ]
    least = LEAST * len(ends)
    return {"ours": round(took, 1), "theirs": round(least, 1),
            **spread(parts), "ratio": round(least / took, 3)}  # fmt: skip


def _calls(url: str) -> int:
    return int(_call(url, "state")[1])


def _call(url: str, method: str, **form: str) -> Any:
    return requests.post(f"{url}/rest/{method}", data=form, timeout=60).json()


@contextmanager
def _backend() -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process("bench.backend", str(port), str(LATENCY)):
        wait(f"{url}/rest/state")
        yield url
