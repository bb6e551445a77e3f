"""Files: who may read the secrets, how much room is left, where messages are put."""

from __future__ import annotations

import os
import shutil
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.doctor.finding import Findings, fail, ok, warn
from bridge.parts import Parts

OTHERS = stat.S_IRWXG | stat.S_IRWXO
LITTLE, TOO_LITTLE = 2**30, 100 * 2**20
"""Bytes left beside the database: worth a word, and too few to go on with."""


def secrets(parts: Parts) -> Findings:
    """Those the configuration points to with `file:`."""
    folder = parts.config.folder
    written = tomllib.loads(parts.config.path.read_text(encoding="utf-8"))
    for name, at in sorted(set(_pointed(written))):
        mode = stat.S_IMODE((folder / name).stat().st_mode)
        if not mode & OTHERS:
            yield ok(name, f"only its owner may read it ({mode:o})")
            continue
        judged = fail if at == "key" else warn
        out = f"run chmod 600 {folder / name}"
        yield judged(name, f"others on this machine may use it ({mode:o}); {out}")


def _pointed(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _pointed(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _pointed(part, at)
    elif isinstance(value, str) and value.startswith("file:"):
        yield value.removeprefix("file:"), at


def room(parts: Parts) -> Findings:
    """Where the database grows; PostgreSQL's machine looks after its own."""
    if not parts.database.embedded:
        return
    folder = Path(str(parts.database.url.database)).parent
    if not folder.is_dir():
        yield fail("disk", f"{folder} is not there; make it, or mend `database`")
        return
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:.1f} GiB are free in {folder}"
    if free < TOO_LITTLE:
        yield fail("disk", f"{said}; nothing can be taken in soon: make room")
    elif free < LITTLE:
        yield warn("disk", f"{said}; make room")
    else:
        yield ok("disk", said)


def messages(parts: Parts) -> Findings:
    """The folder of the alerts, or the nearest there is, in which it will be made."""
    folder = parts.config.alerts.folder
    if folder is None:
        return
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        yield ok("alerts.folder", f"{folder} can be written to")
    else:
        out = "let the user of switchhook write there, or name another folder"
        yield fail("alerts.folder", f"{there} cannot be written to; {out}")
