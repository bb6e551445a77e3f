"""A copy of the source in which something is wrong, and what the tests say of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import TypeVar

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")
RED = re.compile(r"^FAILED \S.*? - (\w+)|^FAILED ()", re.MULTILINE)
BREAKS = {"ImportError", "ModuleNotFoundError", "NameError", "SyntaxError"}
"""What only says that the source cannot run any more: it proves nothing of a rule."""

QUICK = (
    "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "tests.mutations.quick",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
PYTEST = (sys.executable, "-m", "pytest", "--tb=line", "-rf", *QUICK)
T = TypeVar("T")
R = TypeVar("R")


class Said(StrEnum):
    """What the tests said."""

    RED = "red"
    GREEN = "green"
    LATE = "late"
    """They did not end in time."""

    BROKEN = "broken"
    """They could not run: nothing was said of any rule."""


class Tree:
    """One copy, for one thing at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT, dirs_exist_ok=True)

    @contextmanager
    def swapped(self, file: str, source: str) -> Iterator[None]:
        """That file with other source in it, for a while."""
        path = self.folder / file
        before = path.read_text()
        _write(path, source)
        try:
            yield
        finally:
            _write(path, before)

    def tested(self, *args: str, seconds: float) -> Said:
        process = subprocess.Popen(
            [*PYTEST, *args],
            cwd=self.folder,
            env=os.environ | {"COLUMNS": "1000", "PYTHONPATH": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Said.LATE
        return read(process.returncode, said)


def read(code: int, said: str) -> Said:
    """What pytest's exit code and summary come to."""
    if code == 0:
        return Said.GREEN
    reasons = {reason for reason, _ in RED.findall(said)}
    return Said.RED if code == 1 and reasons - BREAKS else Said.BROKEN


def each(work: Callable[[Tree, T], R], of: Iterable[T]) -> Iterator[R]:
    """On every core, each with a tree of its own; what comes of it, in their order."""
    trees: SimpleQueue[Tree] = SimpleQueue()

    def done(one: T) -> R:
        tree = trees.get()
        try:
            return work(tree, one)
        finally:
            trees.put(tree)

    cores = os.cpu_count() or 1
    with TemporaryDirectory() as folder, ThreadPoolExecutor(cores) as pool:
        for no in range(cores):
            trees.put(Tree(Path(folder) / str(no)))
        yield from pool.map(done, of)


def _write(path: Path, source: str) -> None:
    """What was compiled of it may be of the same second, and as long."""
    path.write_text(source)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()
