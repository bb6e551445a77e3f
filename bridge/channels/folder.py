"""An outbox folder: one .eml file per mail, whole or not there, for its owner only."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bridge.channels.letter import SENDER, letter, name
from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Later


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path
    sender: str = SENDER
    within: float = 10.0

    def send(self, delivery: Delivery, _at: datetime) -> None:
        """A file has its name from the key: written again, it is the same file."""
        mail = letter(delivery, self.sender).as_bytes()
        file = f"{delivery.made_at:%Y%m%dT%H%M%SZ}-{name(delivery)}.eml"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self.path, file, mail)
        except OSError as wrong:
            raise Later(
                f"the folder {self.path} takes no file ({wrong.strerror}); is it there,"
                " writable, and is there room?"
            ) from None


def _write(folder: Path, file: str, content: bytes) -> None:
    # mkstemp makes it 0600, under a name of its own.
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(temporary).replace(folder / file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _keep(folder)


def _keep(folder: Path) -> None:
    """The name, too, must survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
