"""The page on what others complain of names tests, and all of these are there."""

import re

import pytest

from tests.hooks.whmcs.shop import ROOT

PAGE = (ROOT / "docs/whmcs.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
NAMED = re.compile(r"`((?:tests/bridge/(?:\w+/)*)?test_\w+\.py)::(test_\w+)`")


def test_all_twenty_are_answered():
    """U12: each by a test at least, also where it does not apply."""
    assert [str(no) for no in range(1, 21)] == [no for no, _ in ROWS]
    assert [] == [no for no, row in ROWS if not NAMED.search(row)]


@pytest.mark.parametrize(("file", "name"), sorted({*NAMED.findall(PAGE)}))
def test_each_test_it_names_exists(file, name):
    """Renamed or deleted, the page would promise what nothing holds."""
    path = ROOT / (file if "/" in file else f"tests/hooks/whmcs/{file}")

    assert re.search(rf"^def {name}\(", path.read_text(), re.MULTILINE)
