"""Forks a process per step of a case. It has no threads itself, so forking is safe.

Reads one JSON line a step from standard input, answers each with one line when it ends.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from bridge import config
from bridge.store.database import Database
from bridge.store.drafts import Statement
from bridge.store.questions import Question
from tests.matrix import child, storied

AT_ONCE = 24
LONGEST = 600
"""Seconds a step may take; one whose run was stopped would go on for ever."""

PLAYS = {"matrix": child, "stories": storied}


def main() -> None:
    running: dict[int, str] = {}
    warm: set[str] = set()
    source, rest, over = sys.stdin.fileno(), b"", False
    while running or not over:
        while not over and len(running) < AT_ONCE and _ready(source, not running):
            read = os.read(source, 65536)
            over, rest = not read, rest + read
            *lines, rest = rest.split(b"\n")
            for line in lines:
                order = json.loads(line)
                _warm(order, warm)
                running[_fork(order)] = order["id"]
        _reap(running)


def _warm(order: dict[str, Any], warm: set[str]) -> None:
    """What a child inherits it need not compile: a third of its time."""
    address = config.load(Path(str(order["folder"])) / "config.toml").database
    if address.split(":")[0] in warm:
        return
    warm.add(address.split(":")[0])
    database = Database(address)
    with database.read() as tx:
        for known in gc.get_objects():
            if isinstance(known, Statement | Question):
                known.ready(tx.dialect)
    database.close()


def _ready(source: int, wait: bool) -> bool:
    return bool(select.select([source], [], [], None if wait else 0)[0])


def _reap(running: dict[int, str]) -> None:
    if not running:
        return
    pid, status = os.waitpid(-1, os.WNOHANG)
    if pid:
        ended = {"id": running.pop(pid), "code": os.waitstatus_to_exitcode(status)}
        print(json.dumps(ended), flush=True)
    else:
        select.select([], [], [], 0.005)


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(LONGEST)
    try:
        if order["blindly"]:
            child.blindly()
        play = PLAYS[str(order["play"])]
        play.do(str(order["step"]), order["case"], Path(str(order["folder"])))
    except BaseException:  # noqa: BLE001 - the child must not outlive its case
        (Path(str(order["folder"])) / "failed.txt").write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main()
