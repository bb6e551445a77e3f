"""Starting: what a processor works until a verb has its answer, or a bridge answers.

`help` asks which verbs there are, `read` is a verb that only reads (`event list`),
`act` one that would have something done (`event retry`, of an event there is not),
`serve` a bridge until it answers.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.places import TOP, Place, Server, databases, free_port, process, wait

TIMES = 5
VERBS = {
    "help": ("--help",),
    "read": ("event", "list"),
    "act": ("event", "retry", "op_none"),
}


def measure() -> Iterator[dict[str, Any]]:
    with databases("sqlite") as places:
        place = places.place()
        verbs = {what: _median(_verb, place, *said) for what, said in VERBS.items()}
        serve = _median(_serve, place)
    yield {"unit": "processor s", "database": "sqlite", **verbs, "serve": serve}


def _median(once: Any, *given: Any) -> float:
    return round(statistics.median(once(*given) for _ in range(TIMES)), 2)


def _verb(place: Place, *said: str) -> float:
    with subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", "--config", str(place.path), *said],
        cwd=TOP,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as started:
        _, _, used = os.wait4(started.pid, 0)
        started.returncode = 0  # waited for here, with what it used
    return used.ru_utime + used.ru_stime


def _serve(place: Place) -> float:
    """The process that serves shares with its parent what that loaded."""
    port = free_port()
    told = ("--config", str(place.path), "serve", "--port", str(port))
    with process("bridge.cli", *told) as running:
        wait(f"http://127.0.0.1:{port}/livez")
        return Server(port, running).cpu()
