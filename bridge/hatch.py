"""On SQLite one process writes: through this socket others on the machine ask it to.

One line of JSON in, one out. The file is its owner's alone, beside the database.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LARGEST = 2**16
PATIENCE = 30.0
"""Seconds for an order to be carried out."""

Handle = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class Hatch:
    """Answers orders until it is stopped. LookupError is told, and anything else."""

    def __init__(self, database: str, handle: Handle) -> None:
        self._path = _path(database)
        self._handle = handle
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
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
        self._stop.set()
        self._thread.join(within)
        self._socket.close()
        with suppress(FileNotFoundError):
            self._path.unlink()
        return not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                caller, _ = self._socket.accept()
            except TimeoutError:
                continue
            with caller:
                try:
                    self._answer(caller)
                except OSError:
                    log.warning("an order was not heard to its end")

    def _answer(self, caller: socket.socket) -> None:
        caller.settimeout(PATIENCE)
        order = json.loads(_line(caller))
        try:
            told = self._handle(order["order"], order["said"])
        except LookupError as no:
            told = {"error": str(no)}
        except Exception as bug:
            log.exception("order %s", order.get("order"))
            told = {"error": f"it went wrong here ({type(bug).__name__}); see the log"}
        caller.sendall(json.dumps(told).encode() + b"\n")


def ask(database: str, order: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the running process made of it. LookupError: its no, or nobody is there."""
    path = _path(database)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(PATIENCE)
        try:
            with _near(path) as name:
                caller.connect(name)
            caller.sendall(json.dumps({"order": order, "said": said}).encode() + b"\n")
            told: dict[str, Any] = json.loads(_line(caller))
        except (OSError, ValueError) as wrong:
            raise LookupError(
                f"another switchhook has the database and does not answer at {path}"
                f" ({type(wrong).__name__}); stop that one first, then say it again"
            ) from None
    if "error" in told:
        raise LookupError(told["error"])
    return told


def _line(talk: socket.socket) -> bytes:
    heard = b""
    while not heard.endswith(b"\n") and len(heard) < LARGEST:
        piece = talk.recv(LARGEST)
        if not piece:
            break
        heard += piece
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
