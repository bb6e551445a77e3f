"""One process per SQLite file: a lock the system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for a predecessor that is stopping."""


class Taken(Exception):
    """Another process has the database."""


class Lock:
    """Held from *take* until *drop*, or until the process ends, however it ends."""

    def __init__(self, database: str) -> None:
        # The file itself, by whatever link it was named: one file, one lock.
        self.path = Path(f"{os.path.realpath(database)}.lock")
        self._file: int | None = None

    def take(self, patience: float = PATIENCE) -> None:
        file = self._opened()
        until = time.monotonic() + patience
        while not self._try(file):
            if time.monotonic() > until:
                os.close(file)
                raise Taken(
                    f"another switchhook has {self.path}; on SQLite there is one"
                    " process: stop that one first"
                )
            time.sleep(0.05)
        self._file = file

    def tried(self) -> None:
        """Taken and dropped: whoever takes it next most likely can."""
        self.take()
        self.drop()

    def drop(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as wrong:
            raise LookupError(
                f"{self.path} cannot be made ({wrong.strerror}): the folder of the"
                " database must be there, and ours to write in"
            ) from None

    def _try(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
