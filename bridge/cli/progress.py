"""How far it is, how fast, how long still: on a terminal, beside what is said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeRemainingColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


@contextmanager
def progress(total: int | None) -> Iterator[Callable[[int], None]]:
    """Call it with how many more are done. Where no terminal is, nothing is shown."""
    shown = Progress(
        BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with shown:
        task = shown.add_task("", total=total)
        yield lambda count: shown.advance(task, count)
