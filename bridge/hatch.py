"""On SQLite one process writes: through this socket others on the machine ask it to.

One line of JSON in, one out. The file is its owner's alone, beside the database.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LARGEST = 2**20
HEARING = 2.0
"""Seconds for a caller to say its whole line: a program says it at once."""

PATIENCE = 30.0
"""Seconds for an order to be carried out."""

CALLERS = 16
"""Heard at the same time; more wait at the door."""

Handle = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class Hatch:
    """Answers orders until it is stopped. LookupError is told, and anything else.

    Each caller has a thread of its own, so that one which says nothing holds up nobody;
    orders themselves come one after the other.
    """

    def __init__(self, database: str, handle: Handle) -> None:
        self._path = _path(database)
        self._handle = handle
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._callers = threading.Semaphore(CALLERS)
        self._thread = threading.Thread(target=self._serve, name="hatch", daemon=True)

    def start(self) -> None:
        """Who holds the database's lock may take the place of a dead predecessor."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        with _near(self._path) as name:
            # Nobody else's from its first moment: connecting needs the right to write.
            before = os.umask(0o177)
            try:
                self._socket.bind(name)
            finally:
                os.umask(before)
        self._socket.listen()
        self._socket.settimeout(0.2)
        self._thread.start()

    def stop(self, within: float) -> bool:
        """Nobody more is heard; who was heard is answered. Whether in time."""
        until = time.monotonic() + within
        self._stop.set()
        self._thread.join(within)
        answered = [
            self._callers.acquire(timeout=max(0.0, until - time.monotonic()))
            for _ in range(CALLERS)
        ]
        self._socket.close()
        with suppress(FileNotFoundError):
            self._path.unlink()
        return all(answered) and not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._stop.is_set():
            if not self._callers.acquire(timeout=0.2):
                continue
            try:
                caller, _ = self._socket.accept()
                threading.Thread(
                    target=self._meet, args=(caller,), name="order", daemon=True
                ).start()
            except TimeoutError:
                self._callers.release()
            except (OSError, RuntimeError):
                # No file or thread to be had just now; there will be.
                log.exception("nobody can be heard just now")
                self._callers.release()
                self._stop.wait(1.0)

    def _meet(self, caller: socket.socket) -> None:
        try:
            with caller:
                told = self._answer(caller)
                caller.settimeout(HEARING)
                caller.sendall(json.dumps(told).encode() + b"\n")
        except OSError:
            log.warning("an order was not heard to its end")
        finally:
            self._callers.release()

    def _answer(self, caller: socket.socket) -> dict[str, Any]:
        try:
            order, said = _read(_line(caller, time.monotonic() + HEARING))
        except ValueError:
            return {"error": 'this is no order; say {"order": NAME, "said": {...}}'}
        try:
            with self._turn:
                return self._handle(order, said)
        except LookupError as no:
            return {"error": str(no)}
        except Exception as bug:
            log.exception("order %s", order)
            return {"error": f"it went wrong here ({type(bug).__name__}); see the log"}


def _read(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """ValueError, where it is no order."""
    try:
        match json.loads(line):
            case {"order": str(order), "said": dict(said)}:
                return order, said
    except RecursionError:
        pass
    raise ValueError("no order")


def ask(database: str, order: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the running process made of it. LookupError: its no, or nobody is there."""
    path = _path(database)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(PATIENCE)
        try:
            with _near(path) as name:
                caller.connect(name)
            caller.sendall(json.dumps({"order": order, "said": said}).encode() + b"\n")
            until = time.monotonic() + PATIENCE
            told: dict[str, Any] = json.loads(_line(caller, until))
        except (OSError, ValueError) as wrong:
            raise LookupError(
                f"another switchhook has the database and does not answer at {path}"
                f" ({type(wrong).__name__}); stop that one first, then say it again"
            ) from None
    if "error" in told:
        raise LookupError(told["error"])
    return told


def _line(talk: socket.socket, until: float) -> bytes:
    """Up to the line's end, whole. TimeoutError, where it does not come in time."""
    heard = b""
    while not heard.endswith(b"\n"):
        talk.settimeout(max(0.001, until - time.monotonic()))
        piece = talk.recv(LARGEST)
        heard += piece
        if not piece or len(heard) > LARGEST:
            raise ValueError("no whole line")
    return heard


def _path(database: str) -> Path:
    return Path(f"{os.path.realpath(database)}.sock")


@contextmanager
def _near(path: Path) -> Iterator[str]:
    """A name short enough for a socket (108 bytes), however deep the folder lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
