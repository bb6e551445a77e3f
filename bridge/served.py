"""What the web server's process loads: the bridge of the configuration it is told."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from flask import Flask

from bridge import app
from bridge.config import load

WORKERS = "SWITCHHOOK_WORKERS"
ENDINGS = (signal.SIGTERM, signal.SIGINT)
GLANCE = 1.0
"""Seconds between two looks whether the parent is still there."""

TO_END = app.DRAIN + 5.0
"""Seconds to end by itself when it is not."""

log = logging.getLogger(__name__)


def bridge() -> Flask:
    say_so()
    ending = threading.Event()
    if parent := multiprocessing.parent_process():
        watch = threading.Thread(target=_end_with, args=(parent.pid,), daemon=True)
        watch.start()
        stoppable()
        _hear(ending)
    told = os.environ.get(WORKERS)
    workers = None if told is None else int(told)
    return app.start(load(Path(os.environ["SWITCHHOOK_CONFIG"]), workers), ending)


def say_so() -> None:
    """What happens, to standard error: whoever runs us keeps it."""
    logging.basicConfig(
        level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("apscheduler").setLevel("WARNING")


def stoppable() -> None:
    """While we get ready, an end is the end; later it waits for what is under way.

    What the web server forked us from left handlers here that would end nothing.
    """
    for ending in ENDINGS:
        signal.signal(ending, lambda *_: sys.exit(0))


def _hear(ending: threading.Event) -> None:
    """Set it as soon as we are told to end, whoever handles the signal by then.

    The web server waits for every answer first, and only then ends us.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)

    def listen() -> None:
        while heard.recv(1)[0] not in ENDINGS:
            pass
        ending.set()

    threading.Thread(target=listen, name="endings", daemon=True).start()


def _end_with(parent: int | None) -> None:
    """Left alone, it would keep the port and the database, and nobody could stop it."""
    while os.getppid() == parent:
        time.sleep(GLANCE)
    log.error("the web server's parent is gone; this process ends, too")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(TO_END)
    os._exit(1)
