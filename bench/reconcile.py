"""A whole fleet compared with its backend: accounts a second, and how much memory.

The backend answers at once and keeps nothing, so what is measured is ours: reading the
accounts, planning each, comparing. A process of its own for each size; memory must not
grow with the fleet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import mirror
from bench.places import TOP, Place, databases
from bridge.config import load
from bridge.parts import assemble
from bridge.store.database import Database
from bridge.store.tables import account, attempt, lane, period, service

SIZES = (10_000, 100_000)
AT_ONCE = 5_000
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
LIVES = {"life": [True, BEGAN.isoformat(), 0, 0]}


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places:
            told = {size: _reconciled(places.place(kind="bench.mirror"), size)
                    for size in SIZES}  # fmt: skip
        few, many = (told[size] for size in SIZES)
        yield {
            "database": name,
            "accounts": SIZES[-1],
            "accounts_per_s": many["per_s"],
            "accounts_per_cpu_s": many["per_cpu_s"],
            "peak_mb": many["peak_mb"],
            "peak_mb_at_10_000": few["peak_mb"],
        }


def _reconciled(place: Place, size: int) -> dict[str, Any]:
    _move_in(place, size)
    command = [sys.executable, "-m", "bench.reconcile", str(place.path)]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE) as running:
        said = running.stdout.read() if running.stdout else b""
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    told = json.loads(said)
    if running.returncode or told["accounts"] != size or told["differences"]:
        raise RuntimeError(f"it ended with {running.returncode}: {told}")
    return {
        "per_s": round(size / told["seconds"]),
        "per_cpu_s": round(size / told["cpu"]),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


def _move_in(place: Place, size: int) -> None:
    """As they stand after an order that is done, past the door."""
    database = Database(place.database)
    parts = assemble(load(place.path))
    parts.editions.begin(database, BEGAN)
    version = parts.config.catalog.version
    parts.database.close()
    for first in range(1, size + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, size + 1))
        with database.change(slow=True) as tx:
            for table, row in _ROWS.items():
                rows = [row(no) for no in numbers]
                if table is service:
                    rows = [each | {"version": version} for each in rows]
                tx.execute(sa.insert(table), rows)
    database.close()


def _id(no: int) -> str:
    return f"acct_{no:06}"


_ROWS = {
    account: lambda no: {
        "id": _id(no), "source": "shop", "client": f"shop:c{no}", "backend": "main",
        "currency": "USD", "username": f"sw{no}", "secret": b"", "remote": str(no),
        "revision": 3, "made_at": BEGAN,
    },
    service: lambda no: {
        "ref": f"shop:{no}", "account": _id(no), "package": "starter", "marks": LIVES,
    },
    period: lambda no: {
        "service": f"shop:{no}", "no": 1, "starts": BEGAN,
        "ends": BEGAN + timedelta(days=3650), "line": f"shop:{no}", "told": False,
    },
    lane: lambda no: {"key": _id(no), "backend": "main", "token": 2, "tries": 0},
    attempt: lambda no: {
        "account": _id(no), "token": 2, "verb": "grant", "step": {}, "seen_at": BEGAN,
        "send_before": BEGAN, "settled_from": BEGAN, "state": "done",
        "after": mirror.BALANCE, "ended_at": BEGAN,
    },
}  # fmt: skip


def main() -> None:
    parts = assemble(load(Path(sys.argv[1])))
    began, cpu = time.monotonic(), time.process_time()
    result = parts.reconciler.run("bench")
    told = {
        "accounts": result.accounts,
        "differences": result.differences + len(result.unseen),
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
