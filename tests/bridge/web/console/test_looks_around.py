"""The pages on what stands around the accounts, as people look at them."""

import pytest

from bridge.store import outbox
from bridge.store.pages import messages
from tests.bridge.bulk import bulk, uploaded
from tests.bridge.moved_in import move_in, row
from tests.bridge.seen import SET, by_hand, fields, orders
from tests.browser import faults, free_port
from tests.days import LIVE
from tests.engines import on_sqlite
from tests.visit import Visit

ROWS = [row(1, user="nobody"), row(12, user="old2")]


@pytest.fixture
def full(make):
    """Something of everything; and the paths that show it."""

    def build():
        more = f"[console]\nport = {free_port()}\n"
        rig, simulator = make(mailed=True, more=more, live=LIVE)
        orders(rig, 4)
        rig.run()
        move_in(simulator, 1, first=2)
        by_hand(simulator, SET, user_id=2, user={fields(rig)["channels"]: "9"})
        rig.say("suspend", "3", id_="off")
        visit = Visit(rig)
        lists = [
            visit.post("/reprovision", backend="main").headers["Location"],
            visit.post("/adopt", source="shop", file=uploaded(ROWS)).headers[
                "Location"
            ],
        ]
        bulk(rig)
        done = visit.post("/reprovision", names="shop:2").headers["Location"]
        bulk(rig)
        visit.post(f"{done}/confirm", because="set by hand there")
        taken = visit.post("/adopt", source="shop", file=uploaded(ROWS)).headers[
            "Location"
        ]
        bulk(rig)
        visit.post(f"{taken}/confirm", because="moving in")
        bulk(rig)
        form = {"secret": "aaaaabbbbb", "days": "7", "because": "every year"}
        visit.post("/sources/shop/rotate", **form)
        visit.post("/backends/main/pause", because="their upgrade", hours="2")
        visit.post("/keys", label="reports", role="auditor")
        visit.post("/users", user="ann@example.com", role="support")
        at = rig.clock.now()
        with rig.database.change() as tx:
            mail = {"subject": "Hello", "text": "All is well.\n", "to": "a@example.com"}
            outbox.enqueue(tx, "a-key", "mail", mail, at)
            held = outbox.claim(tx, at, at - at)
            outbox.end(tx, held, outbox.State.REFUSED, "no such mailbox", at)
        with rig.database.read() as tx:
            [first] = messages.newest(tx, 1, None, outbox.State.REFUSED)
        account = rig.account("shop:2").id
        visit.post("/backends/main/resume")
        rig.run()
        return rig, [
            *lists, done, taken, f"/messages/{first.id}", f"/accounts/{account}/plan",
            f"/accounts/{account}/confirmed?no=1", "/reprovision", "/adopt",
            "/backends", "/backends/main", "/sources", "/sources/shop",
            "/sources/shop/mail", "/catalog",
            "/catalog/calculator?package=starter&quantity=7", "/messages", "/audit",
            "/users", "/keys", "/sessions", "/schedules", "/settings",
            "/settings/doctor",
        ]  # fmt: skip

    return build


@on_sqlite
def test_each_page_can_be_read_and_used_by_everybody(served, full):
    """Nothing axe finds with no rule off, no wider than a phone, and a title."""
    rig, paths = full()
    visit, _ = served(rig=rig)
    page, wrong = visit.open(), {}
    for path in paths:
        page.goto(visit.url + path)
        assert page.title().endswith(" · Switchhook"), path
        assert "Not there" not in page.title(), path
        assert "wrong here" not in page.title(), path
        if found := faults(page):
            wrong[path] = found

    assert {} == wrong
