"""What tests write stands in memory, where there is room: no disk is waited for.

Nothing is weaker for it: a process that is killed loses nothing there, as on a disk,
and power cuts are no test of ours. TMPDIR or --basetemp say otherwise.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

PLACE = Path("/dev/shm")
NAME = "switchhook."
"""Short, for the sockets in it: a socket's name has 108 bytes."""

ROOM = 3 << 30
"""Bytes that must be free: several times what a run takes."""

YOUNG = 60
"""Seconds in which a folder may be made and not yet held."""

HELD = pytest.StashKey[tuple[Path, int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    said = "TMPDIR" in os.environ or config.getoption("basetemp")
    if said or hasattr(config, "workerinput") or not roomy(PLACE):
        return
    sweep(PLACE)
    config.stash[HELD] = folder, _ = hold(PLACE)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.option.basetemp = folder / "t"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    """Last of all. What failed tests left can be looked at until the next run."""
    yield
    if exitstatus == pytest.ExitCode.OK and HELD in session.config.stash:
        folder, held = session.config.stash[HELD]
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def roomy(place: Path) -> bool:
    """Whether it is there for us, has room, and programs may be run from it."""
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    barred = os.statvfs(place).f_flag & os.ST_NOEXEC
    return not barred and shutil.disk_usage(place).free >= ROOM


def hold(place: Path) -> tuple[Path, int]:
    """A folder of our own there, and what holds it for as long as we live."""
    folder = Path(tempfile.mkdtemp(prefix=NAME, dir=place))
    folder.chmod(0o755)  # servers run as somebody else
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    return folder, held


def sweep(place: Path) -> None:
    """What runs left that failed or were killed: ours, and held by nobody."""
    for folder in place.glob(f"{NAME}*"):
        with suppress(FileNotFoundError):  # a run that just ended took it along
            clear(folder)


def clear(folder: Path) -> None:
    seen = folder.stat()
    if seen.st_uid != os.getuid() or time.time() - seen.st_mtime < YOUNG:
        return
    there = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(there, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # a run is in it
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(there)
