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
from collections.abc import Callable
from multiprocessing.util import Finalize
from pathlib import Path

from flask import Flask

from bridge import lifecycle, log
from bridge.config import load

WORKERS = "SWITCHHOOK_WORKERS"
ENDINGS = (signal.SIGTERM, signal.SIGINT)
GLANCE = 1.0
"""Seconds between two looks whether the parent is still there."""

ANSWERS = 5.0
"""Seconds for requests under way. Who has not said all of it then is not heard."""

NUDGE = 0.1
"""Seconds between two nudges for who is to end."""

TO_END = lifecycle.DRAIN + 5.0
"""Seconds to end by itself when it is told to, or when the parent is not there."""

TO_BE_ENDED = round(TO_END) + 5
"""Seconds until the parent ends it; what holds all threads up holds up these, too."""

lines = logging.getLogger(__name__)


def bridge() -> Flask:
    ending, path = lifecycle.Ending(), Path(os.environ["SWITCHHOOK_CONFIG"])
    told = os.environ.get(WORKERS)
    workers = None if told is None else int(told)
    config = load(path, workers)
    log.set_up(config.log)
    if parent := multiprocessing.parent_process():
        watch = threading.Thread(target=_end_with, args=(parent.pid,), daemon=True)
        watch.start()
        stoppable()
        _end_in_time(ending)
        return lifecycle.start(config, ending, only_heard)
    return lifecycle.start(config, ending)


def stoppable() -> None:
    """While we get ready, an end is the end; later it waits for what is under way.

    What the web server forked us from left handlers here that would end nothing.
    """
    for ending in ENDINGS:
        signal.signal(ending, lambda *_: sys.exit(0))


def only_heard() -> None:
    """What is begun from here on is to be finished: who waits for an end sees to it."""
    for ending in ENDINGS:
        signal.signal(ending, lambda *_: None)


def hearing() -> Callable[[], None]:
    """What returns once we are told to end, whoever handles the signal by then.

    A byte waits for its reader, a handler may not run: it does in the main thread, and
    if that was about to wait for a lock when the signal came, it is not woken for it
    (seen with 3.11 on a busy machine, in one stop of a hundred).
    """
    ear, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)

    def hear() -> None:
        while ear.recv(1)[0] not in ENDINGS:
            pass

    return hear


def _end_in_time(ending: lifecycle.Ending) -> None:
    """The web server waits for every request to be said, and only then ends us."""
    hear, main = hearing(), threading.get_ident()

    def leave() -> None:
        ending.leaving = True

    def on_nudge(*_: object) -> None:
        if ending.passed > ANSWERS and not ending.leaving:
            leave()
            sys.exit(0)

    def see_to_it() -> None:
        hear()
        ending.set()
        while not ending.leaving and ending.passed < TO_END:
            # Whatever was not handled yet is now.
            signal.pthread_kill(main, signal.SIGALRM)
            time.sleep(NUDGE)
        if ending.passed > ANSWERS:
            lines.warning("what nobody said to its end is not waited for")
        time.sleep(max(0.0, TO_END - ending.passed))
        os._exit(1)

    Finalize(None, leave, exitpriority=1)
    signal.signal(signal.SIGALRM, on_nudge)
    threading.Thread(target=see_to_it, name="endings", daemon=True).start()


def _end_with(parent: int | None) -> None:
    """Left alone, it would keep the port and the database, and nobody could stop it."""
    while os.getppid() == parent:
        time.sleep(GLANCE)
    lines.error("the web server's parent is gone; this process ends, too")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(TO_END)
    os._exit(1)
