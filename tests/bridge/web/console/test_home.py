"""The first page: what came in today, and what waits."""

from datetime import timedelta

from tests.browser import faults
from tests.visit import Visit


def test_what_was_paid_today_is_on_it(opened):
    """S1, U9: paid, applied and held, in the currency it was paid in."""
    rig, _ = opened
    rig.topup("2", product="credit20")
    rig.run()
    page = Visit(rig).get("/").text

    assert 2 == page.count("20.00 USD")


def test_it_looks_as_it_should(served):
    """Nothing axe finds, and no wider than a phone."""
    visit, _ = served()
    page = visit.open()
    page.goto(visit.url + "/")

    assert "Today · Switchhook" == page.title()
    assert {} == faults(page)


def test_it_is_looked_at_again_by_itself(served):
    """Money that comes in stands there without a click, and no script is refused."""
    visit, page = served()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(visit.url + "/")
    assert "every 15s" == page.get_attribute("#live", "hx-trigger")
    visit.rig.order()
    visit.rig.run()
    # The same as it says of itself, sooner.
    page.evaluate(
        """() => {
            const live = document.getElementById("live")
            live.setAttribute("hx-trigger", "every 200ms")
            live.replaceWith(live.cloneNode(true))
            htmx.process(document.getElementById("live"))
        }"""
    )
    page.wait_for_selector("#live dt:has-text('Paid') + dd:has-text('USD')")

    assert 1 == page.locator("#live").count()
    assert [] == said


def test_a_page_that_looks_by_itself_keeps_nobody_logged_in(rig):
    """Half an hour without a click is half an hour, also at an open screen."""
    # Guard off (HX-Request not looked at): red, seen again.
    visit = Visit(rig)
    before = visit.session.seen_at
    rig.clock.ahead += timedelta(minutes=5)
    visit.get("/", headers={"HX-Request": "true"})

    assert before == visit.session.seen_at
    visit.get("/")
    assert before < visit.session.seen_at
