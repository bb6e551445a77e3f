"""The first page: what came in today, and what waits."""

import pytest

from tests.browser import LOOKS, overflows, violations
from tests.visit import Visit


def test_what_was_paid_today_is_on_it(opened):
    """S1, U9: paid, applied and held, in the currency it was paid in."""
    rig, _ = opened
    rig.topup("2", product="credit20")
    rig.run()
    page = Visit(rig).get("/").text

    assert 2 == page.count("20.00 USD")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_it_looks_as_it_should(served, look):
    """Nothing axe finds, and no wider than a phone."""
    visit, _ = served()
    page = visit.open(**look)
    page.goto(visit.url + "/")

    assert "Today · Switchhook" == page.title()
    assert [] == violations(page)
    assert not overflows(page)
