"""The peers, in a virtual environment of their own: `make bench` brings it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
import sqlalchemy as sa

from bench.places import TOP, Databases

PYTHON = TOP / ".venv-peers" / "bin" / "python"
PROGRAM = Path(__file__).with_name("peer_procrastinate.py")
NUMBERS = count(1)
WAIT = 120.0
ENDED = """
SELECT j.args->>'account', (j.args->>'no')::int, e.at
FROM procrastinate_events e JOIN procrastinate_jobs j ON j.id = e.job_id
WHERE e.type = 'succeeded' ORDER BY e.id
"""


class Procrastinate:
    """A queue in PostgreSQL: https://procrastinate.readthedocs.io."""

    def __init__(self, places: Databases) -> None:
        if places.server is None:
            raise RuntimeError("procrastinate knows PostgreSQL only")
        self._server = places.server
        self.out_of_order = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def rate(self, jobs: int, accounts: int, workers: int) -> float:
        """Its jobs a second, from the first end to the last."""
        name = self._server.create(f"procrastinate_{next(NUMBERS)}")
        url = sa.make_url(self._server.url(name)).set(drivername="postgresql")
        plain = url.render_as_string(hide_password=False)
        self._say(plain, "fill", str(jobs), str(accounts))
        with ExitStack() as running, psycopg.connect(plain, autocommit=True) as asked:
            for _ in range(workers):
                running.enter_context(self._working(plain))
            until = time.monotonic() + WAIT
            while len(rows := asked.execute(ENDED).fetchall()) < jobs:
                if time.monotonic() > until:
                    raise RuntimeError(f"procrastinate ended {len(rows)} of {jobs}")
                time.sleep(0.2)
        return self._measured(rows)

    def _measured(self, rows: list[Any]) -> float:
        last: dict[str, int] = {}
        for account, no, _ in rows:
            self.out_of_order += no < last.get(account, -1)
            last[account] = no
        times = [at for _, _, at in rows]
        return (len(rows) - 1) / float((max(times) - min(times)).total_seconds())

    def _say(self, url: str, *words: str) -> None:
        subprocess.run([PYTHON, PROGRAM, *words], env=_env(url), check=True)

    @contextmanager
    def _working(self, url: str) -> Iterator[None]:
        with subprocess.Popen(
            [PYTHON, PROGRAM, "work"], env=_env(url), stderr=subprocess.DEVNULL
        ) as process:
            yield
            process.terminate()


def _env(url: str) -> dict[str, str]:
    return {**os.environ, "PEER": json.dumps({"url": url})}
