"""What is counted as proven is proven, by every test that quotes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations.guards import guards, wrong
from tests.mutations.trees import ROOT, Said, read
from tests.promises import PAGE, numbers, quoted

PLAN = """
import pytest

def test_kept():
    'P1: it passes.'

def test_kept_twice():
    'P1, D1: it passes as well.'

def test_broken():
    'P2: it fails.'
    assert False

def test_broken_elsewhere():
    'P2, P3: it passes, and P2 is open all the same.'

@pytest.mark.skip
def test_skipped():
    'P4: nobody knows.'

@pytest.mark.parametrize("no", [1, 2])
def test_half(no):
    'P5: one of its rows fails.'
    assert no == 1

@pytest.fixture
def unclean():
    yield
    assert False

def test_unclean(unclean):
    'P6: it passes, and its end does not.'

@pytest.mark.xfail
def test_known():
    'P7: it is known to fail.'
    assert False

def test_beneath():
    'V1: no promise, and not run.'
    assert False

def test_of_none():
    'Nothing is quoted, and it is not run.'
    assert False
"""
ROWS = "\n".join(f"| P{no} | Promised. |" for no in range(1, 9))
TOLD = f"""
## Promises

{ROWS}

## Decisions

| D1 | Decided. |

## What holds

| V1 | Beneath. |
"""


def ran(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    """pytest over a suite of its own, with a page of its own."""
    page = folder / PAGE
    page.parent.mkdir()
    page.write_text(TOLD)
    (folder / "test_plan.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.promises", *options],
        cwd=folder, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("processes", [(), ("-n", "2")])
def test_proven_is_what_a_test_quotes_and_every_test_of_it_passes(tmp_path, processes):
    """Failed, skipped, failed in one row or at its end: it is open, and is named."""
    # Guard off (`how == {True}` for `True in how`): red, P2 and P5 are counted.
    said = ran(tmp_path, PLAN, "--promises", *processes).stdout.splitlines()

    assert ["decisions 1/1", "promises 2/8"] == said[-3:-1]
    assert "  open: P2 P4 P5 P6 P7 P8" == said[-1]
    assert "1 error" in said[-4]


def test_only_what_quotes_a_promise_runs(tmp_path):
    """What is beneath all promises, or has no number, is left to the whole suite."""
    assert "2 deselected" in ran(tmp_path, PLAN, "--promises").stdout


@pytest.mark.parametrize("options", [(), ("--promises",), ("-n", "2")])
def test_a_number_nobody_promised_is_an_error_that_names_the_test(tmp_path, options):
    """A slip of the pen must not be a promise that nobody notices is open."""
    # Guard off (no pytest_runtest_setup): red, it passes.
    tests = "def test_slip():\n    'P1, P99: it passes.'\n"
    said = ran(tmp_path, tests, *options)

    assert 1 == said.returncode
    assert "test_plan.py::test_slip quotes P99, which is not in docs" in said.stdout


@pytest.mark.parametrize(
    ("docstring", "numbers_"),
    [
        ("P11: each longer cycle.", ("P11",)),
        ("I8, P7: reminders.", ("I8", "P7")),
        ("\n    U2: on the next line.", ("U2",)),
        ("As P11 says: nothing.", ()),
        ("P11 and no colon.", ()),
        (None, ()),
    ],
)
def test_a_promise_is_quoted_at_the_start(docstring, numbers_):
    """What stands in the midst of a sentence proves nothing."""
    assert numbers_ == quoted(docstring)


def test_the_page_has_83_promises_and_30_decisions():
    """Each number once; what is promised is not made less by a lost line."""
    page = (ROOT / PAGE).read_text()
    parts = list(numbers(page).values())

    assert (83, 30) == (parts.count("Promises"), parts.count("Decisions"))
    assert page.count("\n| ") == page.count("| No. |") + len(parts)


@pytest.mark.parametrize("guard", guards(), ids=lambda guard: guard.rule)
def test_each_guard_stands_where_its_row_says(guard):
    """Else `make promises DEEP=1` would take something else out, or nothing."""
    assert wrong(guard) is None


@pytest.mark.parametrize(
    ("code", "summary", "said"),
    [
        (0, "2 passed", Said.GREEN),
        (1, "FAILED t.py::test_a - AssertionError: 1 != 2", Said.RED),
        (1, "FAILED t.py::test_a[x - y] - assert 1 == 2", Said.RED),
        (1, "FAILED t.py::test_a - NameError: name 'x' is not defined", Said.BROKEN),
        (1, "ERROR t.py::test_a - AssertionError", Said.BROKEN),
        (2, "ERROR t.py - ImportError: no", Said.BROKEN),
        (4, "ERROR: not found", Said.BROKEN),
    ],
)
def test_red_is_a_test_that_failed_and_nothing_else(code, summary, said):
    """What cannot be imported says nothing of the rule that was taken out."""
    assert said is read(code, summary)
