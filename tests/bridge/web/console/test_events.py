"""Events: listed, joined with all they led to, and planned anew."""

import pytest

from bridge.access.roles import ALL
from bridge.store import audit, logins, operations, outbox
from bridge.store.pages import events
from bridge.store.pages.events import Wanted
from tests.bridge.seen import LOOK
from tests.visit import Visit


def named(rig, event):
    with rig.database.read() as tx:
        return operations.of_events(tx, "shop", [event])[0]


def acts(rig):
    with rig.database.read() as tx:
        return [
            (note.what, note.said.get("because")) for note in audit.notes(tx, most=9)
        ]


@pytest.fixture
def odd(open_account):
    """A change to a package nobody knows, beside an order that is done."""
    rig, simulator = open_account()
    rig.post("odd", "service.change", service={"ref": "1", "plan_ref": "nosuch"})
    rig.run()
    assert "parked" == rig.fates()["odd"]
    return rig, simulator


def test_a_mail_and_the_event_it_comes_of_lead_to_each_other(make):
    """I2: from the order to its login mail and back, by the event's own name."""
    # Guard off (the order not noted with the mail): red.
    rig, _ = make(mailed=True)
    rig.order(email="ann@example.com")
    rig.run()
    visit, order = Visit(rig), named(rig, "order")
    with rig.database.read() as tx:
        [mail] = [
            one.id
            for one in outbox.newest(tx, 9, None)
            if one.key == logins.mail(rig.account().id, 1)
        ]

    assert f'href="/messages/{mail}"' in visit.get(f"/events/{order.name}").text
    for path in ("/messages", f"/messages/{mail}"):
        assert f'href="/events/{order.name}"' in visit.get(path).text


def test_only_what_is_asked_for_is_listed(odd):
    """By fate, by what it is, by source; trouble is all that waits for somebody."""
    visit = Visit(odd[0], "auditor")

    def shown(query):
        page = visit.get(f"/events?{query}").text
        return [event for event in ("order", "odd") if f">{event}</a>" in page]

    assert ["order", "odd"] == shown("")
    assert ["odd"] == shown("fate=trouble") == shown("fate=parked")
    assert ["order"] == shown("fate=done") == shown("type=service.activate")
    assert [] == shown("source=other") == shown("fate=unsure")
    assert 400 == visit.get("/events?fate=nonsense").status_code


def test_pages_follow_each_other_and_leave_nothing_out(make):
    """The newest first; none twice, none left out, also where few are asked for."""
    # Guard off (the page's end is not told): red, one page alone.
    rig, _ = make()
    for no in range(7):
        rig.topup(str(no), client=str(no))
    rig.run()
    for wanted in (Wanted(), Wanted(fate="parked"), Wanted(type="topup.paid")):
        seen, before = [], None
        while True:
            with rig.database.read() as tx:
                page = events.listed(tx, ALL, wanted, before, 3)
            seen += [row.told.event for row in page.rows]
            before = page.before
            if before is None:
                break

        assert [f"topup-{no}" for no in range(6, -1, -1)] == seen


def test_what_is_seldom_is_looked_for_some_at_a_time(make, monkeypatch):
    """A page that finds nothing near says from where to go on."""
    rig, _ = make()
    monkeypatch.setattr(events, "BACK", 3)
    rig.order()
    for no in range(6):
        rig.topup(str(no))
    visit = Visit(rig)
    first = visit.get("/events?type=service.activate").text
    link = first.partition('class="older"><a href="')[2].partition('"')[0]
    rest = visit.get(link.replace("&amp;", "&")).text

    assert "None among the newest" in first
    assert ">order</a>" in rest or "Look further back" in rest


def test_an_event_is_joined_with_all_it_led_to(open_account):
    """U9: request, sums, ledger, the calls that sent them, and who did what."""
    rig, _ = open_account()
    rig.topup("2")
    rig.run()
    page = Visit(rig).get(f"/events/{named(rig, 'topup-2').name}").text

    assert "topup.paid" in page
    assert "&#34;line_ref&#34;: &#34;2&#34;" in page
    assert page.count("shop:2/topup") >= 3
    assert f"/accounts/{rig.account().id}" in page
    assert "shop:1/" not in page
    assert "attempt" in page


def test_what_would_be_done_is_shown_and_nothing_is(odd):
    """Were it planned anew; a backend that is away says so on the page."""
    rig, simulator = odd
    visit, path = Visit(rig), f"/events/{named(rig, 'odd').name}?look=yes"
    seen = len(simulator.journal)
    there = visit.get(path).text
    read = {entry.method for entry in simulator.journal[seen:]}
    simulator.plant("reset_before", LOOK)
    away = visit.get(path)

    assert "It would be stuck again" in there
    assert {"User_Get"} >= read
    assert 200 == away.status_code
    assert "notice warn" in away.text


def test_a_parked_event_is_planned_anew_with_a_reason(odd):
    """May.PROVISION: why is kept in the audit; support may not."""
    rig, _ = odd
    operation = named(rig, "odd").name
    visit, support = Visit(rig, "operator"), Visit(rig, "support")
    refused = support.post(f"/events/{operation}/retry", because="it may go")
    told = visit.told(visit.post(f"/events/{operation}/retry", because="name mended"))

    assert 403 == refused.status_code
    assert "It is planned anew." in told
    assert "accepted" == rig.fates()["odd"]
    assert ("event.retry", "name mended") in acts(rig)


def test_why_must_be_said(odd):
    """Nothing is done without a reason, and the page says so."""
    # Guard off (reason() not required): red, it is planned anew.
    rig, _ = odd
    visit, operation = Visit(rig), named(rig, "odd").name
    told = visit.told(visit.post(f"/events/{operation}/retry", because=""))

    assert "say why" in told
    assert "parked" == rig.fates()["odd"]
