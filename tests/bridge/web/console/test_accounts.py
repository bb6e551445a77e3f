"""Accounts: listed, looked at, at another time, and what stands on record of one."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.access.roles import ALL
from bridge.store import tables
from bridge.store.pages import account as kept
from bridge.store.pages import accounts
from bridge.store.pages.accounts import STATES, Wanted
from bridge.web.console.accounts import compared
from tests.bridge.seen import LOOK, SET, by_hand, fields
from tests.visit import Visit


def test_the_list_is_filtered_and_goes_on(make):
    """By source, backend and state; each account once, in one order."""
    rig, _ = make()
    for no in range(5):
        rig.order(str(no), id_=f"o{no}", line=str(no), client=str(no))
    rig.run()
    seen, after = [], ""
    while after is not None:
        with rig.database.read() as tx:
            page = accounts.listed(tx, ALL, Wanted(), after, 2)
        seen, after = seen + list(page.ids), page.after

    assert sorted(set(seen)) == seen
    assert 5 == len(seen)

    visit = Visit(rig, "auditor")
    rows = {
        query: visit.get(f"/accounts?{query}").text.count('<td data-of="Account">')
        for query in ("", "source=shop", "backend=main", "source=other", "state=ended")
    }

    assert {"": 5, "source=shop": 5, "backend=main": 5, "source=other": 0,
            "state=ended": 0} == rows  # fmt: skip


def test_each_state_is_a_question_both_databases_understand(opened):
    """The account is live and in none of them."""
    rig, _ = opened
    with rig.database.read() as tx:
        found = {
            state: list(accounts.listed(tx, ALL, Wanted(state=state), "", 5).ids)
            for state in STATES
        }

    assert {state: [] for state in STATES} == found


def test_a_suspended_one_is_found_by_that_and_says_why_it_is_off(opened):
    """D29, P5: in a sentence, beside its panel."""
    rig, _ = opened
    rig.say("suspend")
    rig.run()
    visit, account = Visit(rig), rig.account()
    listed = visit.get("/accounts?state=switched off").text
    page = visit.get(f"/accounts/{account.id}").text

    assert account.id in listed
    assert "inactive" in page
    assert "it is not paid for" in page or "not paid" in page


def test_the_panel_is_on_the_page(open_account):
    """P2, P3, P4, P6, P8: what its customer is shown, staff are shown, too."""
    rig, _ = open_account()
    page = Visit(rig, "support").get(f"/accounts/{rig.account().id}").text

    for field in ("starter", "29.00 USD", "monthly", "details, upgrade, unsubscribe"):
        assert field in page


def test_should_be_and_is_stand_beside_each_other(opened):
    """Changed at the backend by hand: it is seen, and what would be done as well."""
    rig, simulator = opened
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
    visit, path = Visit(rig), f"/accounts/{rig.account().id}"
    unseen, seen = visit.get(path).text, visit.get(f"{path}?look=yes").text

    assert "differs" not in unseen
    assert "differs" in seen
    assert "set channels = 5" in seen


def test_a_backend_that_is_away_leaves_the_rest_of_the_page(opened):
    """It says so, and shows what is on record."""
    rig, simulator = opened
    simulator.plant("reset_before", LOOK)
    page = Visit(rig).get(f"/accounts/{rig.account().id}?look=yes")

    assert 200 == page.status_code
    assert "It cannot be seen just now" in page.text
    assert "starter" in page.text


def test_levels_nobody_sold_are_not_compared():
    """What should be there decides what is looked at; without that, what is."""
    assert [("on", "yes", "yes", True), ("channels", "5", "9", False)] == compared(
        {"on": "yes", "channels": "5"}, {"on": "yes", "channels": "9", "seats": "1"}
    )
    assert [("on", None, "no", False)] == compared({}, {"on": "no"})


def test_an_account_is_shown_as_it_was_and_as_it_will_be(opened):
    """S3: before its order it was nothing; a day that is none is told so."""
    rig, _ = opened
    rig.say("terminate", at=rig.clock.now())
    rig.run()
    visit, path = Visit(rig), f"/accounts/{rig.account().id}"
    then = f"{rig.clock.now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    was = visit.get(f"{path}?at={then}").text
    later = visit.get(f"{path}?at=2030-01-01").text
    none = visit.get(f"{path}?at=nonsense")

    assert "starter, Active" in was
    assert "On <time" in later
    assert 200 == none.status_code
    assert "is no moment" in none.text


def test_the_sums_run_along_the_ledger(opened):
    """S1: page by page the same as in one, and at the top what stands there now."""
    # Guard off (what is older is not counted): red, the second page begins at nought.
    rig, _ = opened
    for line in ("2", "3", "4"):
        rig.topup(line)
    rig.run()
    id_ = rig.account().id
    with rig.database.read() as tx:
        whole, end = kept.ledger_of(tx, id_, None, 100)
        pages, before = [], None
        while True:
            lines, before = kept.ledger_of(tx, id_, before, 3)
            pages += lines
            if before is None:
                break

    assert end is None
    assert whole == pages
    assert rig.sums() == {
        book: str(amount.normalize())
        for book, amount in whole[0].sums.items()
        if amount
    }
    assert "30.00" in Visit(rig).get(f"/accounts/{id_}/ledger").text


def test_how_credit_goes_is_drawn_and_written(opened):
    """S10: the balances before and after each call, as a picture and as a table."""
    rig, _ = opened
    rig.topup("2")
    rig.topup("3")
    rig.run()
    page = Visit(rig).get(f"/accounts/{rig.account().id}/usage").text

    assert '<svg class="chart"' in page
    assert "after grant shop:3/topup" in page
    assert "25.00 USD" in page


def test_what_was_used_by_day_is_in_it(opened):
    """S12: the balance of each day's last look is a point of the picture, too."""
    rig, _ = opened
    at = rig.clock.now() - timedelta(days=2)
    used = {"calls": 7, "seconds": 90, "messages": 0, "peak": 3, "cost": Decimal(1)}
    looked = {"balance": Decimal("3.25"), "balance_at": at, "settled": True}
    with rig.database.change() as tx:
        day = {"account": rig.account().id, "day": f"{at:%Y-%m-%d}"}
        tx.execute(sa.insert(tables.usage).values(**day, **used, **looked))
    page = Visit(rig).get(f"/accounts/{rig.account().id}/usage").text

    assert "3.25 USD" in page
    assert '<td class="number" data-of="Minutes">1.5</td>' in page


@pytest.mark.parametrize("part", ["events", "messages", "coupons", "audit"])
def test_what_is_on_record_has_a_page_each(open_account, part):
    """Each shows something of it, or what to do next."""
    rig, _ = open_account(mailed=True)
    visit, path = Visit(rig), f"/accounts/{rig.account().id}"
    visit.post(f"{path}/sync", because="looked at by a test")
    shown = {
        "events": ">order</a>", "messages": "not yet",
        "coupons": "It has none", "audit": "looked at by a test",
    }  # fmt: skip

    assert shown[part] in visit.get(f"{path}/{part}").text


def test_who_is_kept_to_a_source_sees_only_its_accounts(opened):
    """U11: neither listed nor by its name."""
    rig, _ = opened
    other = Visit(rig, "reseller", ["other"])

    assert rig.account().id not in other.get("/accounts").text
    assert 404 == other.get(f"/accounts/{rig.account().id}").status_code
    assert 404 == other.get(f"/accounts/{rig.account().id}/ledger").status_code
