"""A morning at the console, in a browser: log in, find what is stuck, settle a sum."""

import pyotp
import pytest

from tests.bridge.seen import paid, sums
from tests.engines import on_sqlite
from tests.visit import PASSWORD


@pytest.fixture
def morning(served, busy):
    """Nobody is logged in yet."""
    rig, simulator = busy()
    visit, page = served(rig=rig)
    page.context.clear_cookies()
    return rig, simulator, visit, page


@on_sqlite
def test_a_stuck_event_is_found_and_an_unsure_sum_is_settled(morning):
    """U9: with a password and a code, by search, by its plan, by a person's word."""
    rig, simulator, visit, page = morning
    page.goto(visit.url)
    page.get_by_label("E-mail address").fill(visit.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(visit.secret).at(rig.clock.wall()))
    page.get_by_role("button", name="Log in").click()

    assert "Today · Switchhook" == page.title()

    page.get_by_label("Search").fill("odd")
    page.keyboard.press("Enter")
    page.wait_for_url("**/events/**")

    assert (
        page.get_by_role("heading", level=1).inner_text().startswith("service.change")
    )
    assert 'There is no package "nosuch"' in page.inner_text("main")

    page.get_by_role("link", name="See the plan").click()

    assert "It would be stuck again" in page.inner_text("main")

    page.goto(f"{visit.url}/unsure")
    page.get_by_role("link", name=str(rig.unsure()[0].id), exact=True).click()
    page.get_by_role("link", name="See what the backend shows now").click()

    assert "Now" in page.inner_text("main")

    page.get_by_label("It did not arrive: it is sent again").check()
    page.get_by_label("Why").fill("the panel shows 10.00, as before")
    page.get_by_role("button", name="Say so").click()

    assert "did not arrive: it is sent again." in page.inner_text(".notice")

    rig.run()

    assert "20.00" == sums(rig)["applied"]
    assert 1 == [key for key, _ in paid(simulator)].count("shop:3/topup")
