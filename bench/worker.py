"""A worker alone, on either database: `python -m bench.worker CONFIG`, until SIGTERM.

A backend in memory has the accounts the database knows: they stand there already.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import sqlalchemy as sa

from bench import jobs, slow
from bridge import lifecycle
from bridge.config import load
from bridge.parts import Parts, assemble
from bridge.store.tables import account


def main() -> None:
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    parts = assemble(load(Path(sys.argv[1])))
    stand(parts)
    stop = lifecycle.work(parts)
    over.wait()
    stop()


def stand(parts: Parts) -> None:
    host = parts.backends["main"]
    if not isinstance(host, slow.Backend):
        return
    names = sa.select(account.c.username).order_by(account.c.id)
    with parts.database.read() as tx:
        for no, username in enumerate(tx.execute(names).scalars()):
            host.stand(username, jobs.standing(username, no))


if __name__ == "__main__":
    main()
