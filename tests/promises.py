"""Which promises are proven: a test quotes the number, and all that quote it passed.

A test quotes with the start of its docstring: "P11: ...", or several: "I8, P7: ...".
What is promised, by number, stands in docs/promises.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

PAGE = Path("docs/promises.md")
QUOTED = re.compile(r"\s*([A-Z]\d+(?:, [A-Z]\d+)*):")
ROW = re.compile(r"\| ([A-Z]\d+) \|")
COUNTED = ("Decisions", "Promises")
"""The parts of the page that are counted; what stands in another may be quoted too."""


def quoted(docstring: str | None) -> tuple[str, ...]:
    found = QUOTED.match(docstring or "")
    return tuple(found[1].split(", ")) if found else ()


def numbers(page: str) -> dict[str, str]:
    """Each number on the page, and the part it stands in."""
    found, part = {}, ""
    for line in page.splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif row := ROW.match(line):
            found[row[1]] = part
    return found


def proven(reports: Iterable[pytest.TestReport]) -> set[str]:
    """Quoted by a test that passed, and by none that failed or was skipped."""
    passed: Mapping[str, set[bool]] = defaultdict(set)
    for report in reports:
        well = report.outcome == "passed" and not hasattr(report, "wasxfail")
        if report.when == "call" or not well:
            for name, number in report.user_properties:
                if name == "quotes":
                    passed[number].add(well)
    return {number for number, how in passed.items() if how == {True}}


def pytest_addoption(parser):
    parser.addoption(
        "--promises", action="store_true", help="only what quotes one; which are proven"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    page = numbers((config.rootpath / PAGE).read_text())
    for item in items:
        quotes = quoted(getattr(getattr(item, "obj", None), "__doc__", None))
        # With its report this comes along from whichever process the test ran in.
        item.user_properties += [("quotes", number) for number in quotes]
        item.stash[UNKNOWN] = [number for number in quotes if number not in page]
    if config.getoption("promises"):
        counted = {number for number, part in page.items() if part in COUNTED}
        _keep(config, items, counted)


def pytest_runtest_setup(item):
    for number in item.stash[UNKNOWN]:
        pytest.fail(f"{item.nodeid} quotes {number}, which is not in {PAGE}", False)


def pytest_unconfigure(config):
    """Under all that pytest says, in the process that has every report."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not config.getoption("promises") or terminal is None:
        return
    listed = [report for row in terminal.stats.values() for report in row]
    there = proven(r for r in listed if isinstance(r, pytest.TestReport))
    page = numbers((config.rootpath / PAGE).read_text())
    for part in COUNTED:
        every = [number for number, where in page.items() if where == part]
        still = [number for number in every if number not in there]
        count = f"{len(every) - len(still)}/{len(every)}"
        terminal.write_line(f"{part.lower()} {count}")
        if still:
            terminal.write_line(f"  open: {' '.join(still)}")


UNKNOWN = pytest.StashKey[list[str]]()


def _keep(config, items, counted):
    """Those that quote one, or one that is not there, which is an error."""
    kept = [
        item
        for item in items
        if item.stash[UNKNOWN]
        or any(name == "quotes" and n in counted for name, n in item.user_properties)
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
