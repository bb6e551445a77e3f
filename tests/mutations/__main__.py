"""Take each guard out of a copy of the source: a test that needs it must turn red."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from tests.mutations.guards import Guard, guards, removed, wrong
from tests.mutations.trees import Said, Tree, each

SECONDS = 300
MEANS = {
    Said.RED: "red, as it must be",
    Said.GREEN: "SURVIVED: no test needs it",
    Said.LATE: "SURVIVED: the tests did not end",
    Said.BROKEN: "SURVIVED: the source cannot run without it, which proves nothing",
}


def _tried(tree: Tree, guard: Guard) -> str:
    if why := wrong(guard):
        return f"SURVIVED: {why}"
    if tree.tested(*guard.red, seconds=SECONDS) is not Said.GREEN:
        return "SURVIVED: its tests are not green with it"
    with tree.swapped(guard.file, removed(guard)):
        return MEANS[tree.tested("-x", *guard.red, seconds=SECONDS)]


def main() -> None:
    table = Table("promise", "guard", "without it", box=box.SIMPLE)
    console = Console(width=None if sys.stdout.isatty() else 160)
    rows = guards()
    said = dict(zip(rows, each(_tried, rows), strict=True))
    for guard, what in said.items():
        table.add_row(guard.promise, guard.rule, what)
    console.print(table)
    survivors = [guard for guard, what in said.items() if what != MEANS[Said.RED]]
    print(f"guards {len(rows) - len(survivors)}/{len(rows)}")
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
