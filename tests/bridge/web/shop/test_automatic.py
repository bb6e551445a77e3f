"""Renewal by itself: chosen by who pays, ordered once a period, and never charged."""

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import duties
from bridge.billing import renewing
from bridge.config import ConfigError
from bridge.store import renewals, shop_orders
from bridge.store.shop_orders import Kind, State
from provisioning.core.outcomes import Later
from tests.bridge.web.shop.desk import LADDER, Desk, notice, said
from tests.bridge.web.shop.pressing import account, given, paid_until, press
from tests.engines import on_postgresql
from tests.shopper import BRANDS, Shopper
from tests.visit import Program

OFF = {"automatic": False}
MAILED = BRANDS.replace("mails = []", 'mails = ["renewal-ready"]', 1)


@pytest.fixture
def desk(make):
    """`desk("desk-small", renewal="automatic")`: a customer whose plan is paid and
    there; ten days before its end it is renewed by itself."""
    rigs = []

    def build(package="desk-small", renewal="automatic", **chosen):
        if not rigs:
            rigs.append(make(mailed=True, rate=None, more=MAILED + LADDER))
        rig, simulator = rigs[0]
        one = Shopper(rig).sign_up()
        one.simulator = simulator
        found = Desk(one)
        found.settle(one.order(one.quote(package, **chosen), renewal=renewal))
        return found

    return build


def tick(desk):
    """What a process does every hour."""
    [made] = duties.renewals(desk.rig.parts.config, desk.rig.database, desk.rig.clock)
    made.run(desk.rig.clock.now())


def renewed(desk):
    """The orders of renewals of his, the newest first."""
    with desk.rig.database.read() as tx:
        found = shop_orders.of_client(tx, desk.one.who.client, 100)
    return [one for one in found if one.kind is Kind.RENEWAL]


def mailed(desk):
    return [str(m["Subject"]) for m in desk.one.mails() if "renewal" in m["Subject"]]


def press_switch(desk):
    return press(desk.one, desk.one.get("/renewals").text, f"{desk.path}/renewal")


def is_on(desk):
    with desk.rig.database.read() as tx:
        found = renewals.of(tx, [desk.service.ref])
    return bool(found) and found[desk.service.ref].automatic


def test_whoever_pays_chooses_and_it_is_ordered_once_a_period(desk):
    """C4, S5, D18, D24: from the payment on; ten days before the end there is an order
    and a mail, once however often is looked; nothing is charged, and the period after
    it has an order of its own."""
    # Guards off, each red: `is_time` says always; what was chosen is not kept as it is
    # paid (`tell`); nothing is mailed.
    his = desk()
    page = said(his.one.get("/renewals"))
    tick(his)
    none_yet = renewed(his)
    left = paid_until(his.one) - his.rig.clock.now()
    his.later(left / timedelta(days=1) - 11)
    tick(his)
    still_none = renewed(his)
    his.later(2)
    tick(his)
    tick(his)
    [made] = renewed(his)

    assert ["On", "US$30.00"] == re.findall(r"\bOn\b|US\$[\d.]+", page)
    assert "By transfer" in page
    assert ([], []) == (none_yet, still_none)
    assert (State.OPEN, "30.00") == (made.state, f"{made.amount:.2f}")
    assert "Ann Example" == made.payer["name"]
    assert 1 == len(his.service.periods)
    assert ["Acme Calls: your renewal of desk-small is ready to be paid"] == mailed(his)
    assert (
        f"/orders/{made.id}" in his.one.mails()[-1].get_body(("plain",)).get_content()
    )
    assert made.id in said(his.one.get("/renewals"))
    assert "Renewal ordered by itself" in said(his.one.get("/activity"))
    assert "A renewal to be paid" in said(his.one.get("/mails"))
    assert "waits for its payment" in said(his.page())

    his.settle(f"/orders/{made.id}")
    tick(his)
    assert 2 == len(his.service.periods)
    assert [made.id] == [one.id for one in renewed(his)]
    his.later(31)
    tick(his)
    [second, first] = renewed(his)
    assert (made.id, State.PAID, State.OPEN) == (first.id, first.state, second.state)
    assert 2 == len(mailed(his))


def test_the_choice_stands_where_is_paid_and_may_be_changed_at_any_time(
    desk, monkeypatch
):
    """C4, S5: by hand, where nobody says otherwise; the switch needs no scripts, what
    was said last holds, and another's service is not there."""
    # Guards off, each red: `older` in `renewals.choose`; `chosen` in `_order`; `covers`
    # of a customer's scope, with the look in `his`.
    his, other = desk(renewal="manual"), desk()
    review = his.one.get(f"/order?quote={his.one.quote('team')}").text
    once = his.one.get("/goods?name=credit20").text
    on = notice(his.one, press_switch(his))
    was_on = is_on(his)
    order = his.one.order(his.promise("/renew"), renewal="automatic")
    off = notice(his.one, press_switch(his))
    his.settle(order)
    foreign = other.one.post(
        f"{his.path}/renewal", page=other.one.get("/renewals").text, automatic="on"
    )

    assert 'name="renewal" value="manual" checked' in review
    assert "mailed to you to be paid. Nothing is charged without you" in review
    assert 'name="renewal"' not in once
    assert "ordered by itself" in on
    assert "you renew it yourself" in off
    assert (True, False) == (was_on, is_on(his))
    assert (404, False) == (foreign.status_code, is_on(his))
    his.later(55)
    tick(his)
    assert 1 == len(renewed(his))
    monkeypatch.setattr(renewing.Renewing, "_due", lambda *_: [his.service.ref])
    tick(his)
    assert 1 == len(renewed(his))


def test_beside_what_waits_or_after_it_was_called_off_there_is_none(desk):
    """S5: none beside an order by hand, whether it waits or was just paid; and what was
    made for a period is made once, called off or not."""
    # Guards off, each red: `unheard`; the key with the moment it was reckoned in it.
    his = desk()
    his.later(25)
    by_hand = his.one.order(his.promise("/renew"))
    tick(his)
    beside = [one.id for one in renewed(his)]
    his.one.paid(by_hand)
    tick(his)
    unheard = len(renewed(his))
    his.rig.run()
    his.later(27)
    tick(his)
    [made, _] = renewed(his)
    press(his.one, his.one.get(f"/orders/{made.id}").text, f"/orders/{made.id}/cancel")
    tick(his)
    page = said(his.one.get("/renewals"))

    assert ([by_hand.rpartition("/")[2]], 1) == (beside, unheard)
    assert 2 == len(renewed(his))
    assert State.CANCELLED is renewed(his)[0].state
    assert "this period you renew yourself" in page


def test_what_was_ordered_by_itself_stays_as_it_is_switched_off(desk):
    """C4, S5: its money may be on its way; who switches it off is told of it, and may
    call it off. Unpaid it keeps nothing back: it is the next period itself, and once it
    is paid, the one after that is ordered where that is wanted."""
    # Guards off, each red: `waits` in `_said`; `_choose` calls off what waits.
    his = desk()
    his.later(21)
    tick(his)
    [made] = renewed(his)
    off = notice(his.one, press_switch(his))
    his.later(12)
    tick(his)
    late = [(one.id, one.state) for one in renewed(his)]
    his.settle(f"/orders/{made.id}")
    periods = len(his.service.periods)
    his.one.log_in()
    on = notice(his.one, press_switch(his))
    his.later(25)
    tick(his)

    assert "you renew it yourself" in off
    assert f"Order {made.id} stays" in off
    assert [(made.id, State.OPEN)] == late
    assert 2 == periods
    assert "ordered by itself" in on
    assert [State.OPEN, State.PAID] == [one.state for one in renewed(his)]


def test_beside_one_whose_money_waits_for_a_word_there_is_none(desk):
    """S5: paid, and priced by what was not so then: somebody says what it becomes."""
    # Guard off (`under_way` for `waits`): red, it is ordered beside it.
    his = desk()
    his.later(25)
    mine = his.one.order(his.promise("/renew"))
    his.press("unsubscribe", because="no need of it")
    his.rig.run()
    his.one.paid(mine)
    his.press("keep")
    his.rig.run()
    tick(his)

    assert [State.HELD] == [one.state for one in renewed(his)]


def test_what_ends_has_no_renewal_and_what_goes_down_is_renewed_as_that(desk):
    """S5, C11, B6: none of what is unsubscribed; of a downgrade what it becomes; and a
    coupon moves the day. What became moot meanwhile is not mailed."""
    # Guards off, each red: the end of what is paid for `since` in `upcoming`; the state
    # of the order in `_of_order`.
    leaves, lower, boosted = desk(), desk("desk-large"), desk("team")
    leaves.press("unsubscribe", because="no need of it")
    lower.down(lower.promise(plan="desk-small"), survey="price", confirmed="true")
    given(boosted.one)
    left = paid_until(boosted.one) - boosted.rig.clock.now()
    page = boosted.one.get(
        f"/coupons/use?coupon=ticket-1/{account(boosted.one).id}"
        f"&service={boosted.service.ref}&variant=2"
    )
    press(boosted.one, page.text, "/coupons/use")
    for one in (leaves, lower, boosted):
        one.rig.run()
    boosted.later(left / timedelta(days=1) - 8)
    tick(boosted)
    first = [renewed(one) for one in (leaves, lower, boosted)]
    [down] = first[1]
    lower.one.log_in()
    press(lower.one, lower.one.get(f"/orders/{down.id}").text,
          f"/orders/{down.id}/cancel")  # fmt: skip
    boosted.later(2)
    tick(boosted)

    assert ([], []) == (first[0], first[2])
    assert ("desk-small", "30.00") == (down.said["product"], f"{down.amount:.2f}")
    assert [] == mailed(lower)
    assert ["29.95"] == [f"{one.amount:.2f}" for one in renewed(boosted)]
    assert [] == renewed(leaves)
    assert "Nothing is due next." in said(leaves.one.log_in().get("/renewals"))


def test_his_reseller_switches_it_by_a_program(desk):
    """S5, U11: of his own customers, with why; another's is not there, and a platform
    renews for itself."""
    # Guards off, each red: `his.account` with `_is_his` of the path (either of the two
    # alone holds); `renewing.shops`.
    his = desk(renewal="manual")
    path = f"/api/v1/accounts/{his.service.ref}/renewal"
    why = {"automatic": True, "because": "he wrote"}
    done = Program(his.rig, "reseller", ["acme"]).post(path, why)
    foreign = Program(his.rig, "reseller", ["mekong"]).post(path, why | OFF)
    his.rig.order("1")
    his.rig.run()
    other = Program(his.rig, "operator").post("/api/v1/accounts/shop:1/renewal", why)

    assert {"service": his.service.ref, "automatic": True} == done.json
    assert 404 == foreign.status_code
    assert "its platform renews" in other.json["detail"]
    assert is_on(his)


@on_postgresql
def test_two_bridges_at_once_order_it_once(desk, monkeypatch):
    """S5: by its key alone, without a lock and without any other index."""
    # Guard off (key and name of the order drawn by chance): red, there are two.
    his = desk()
    his.later(25)
    with his.rig.database.change() as tx:
        tx.execute(sa.text("DROP INDEX uq_shop_order_under_way"))
    both, usual, said_ = threading.Barrier(2), renewing.order, []

    def order(*told):
        both.wait(30)
        return usual(*told)

    def run():
        tick(his)
        said_.append("done")

    monkeypatch.setattr(renewing, "order", order)
    monkeypatch.setattr(shop_orders, "lock", lambda *_: None)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)

    assert ["done", "done"] == said_
    assert 1 == len(renewed(his))
    assert 1 == len(mailed(his))


def test_one_that_cannot_be_ordered_keeps_no_other_back(desk, monkeypatch):
    """S5: the tick says so, and is run again: as one that is sold in two currencies."""
    # Guards off, each red: no `try` in `_ordered`, none in `_looks_due`.
    broken, sound = sorted((desk(), desk()), key=lambda his: his.service.ref)
    broken.later(25)
    usual = renewing.upcoming

    def of(account, *told):
        if account.id == broken.account.id:
            raise ValueError("priced in two currencies")
        return usual(account, *told)

    monkeypatch.setattr(renewing, "upcoming", of)
    with pytest.raises(Later, match="1 renewals could not be ordered"):
        tick(broken)
    monkeypatch.undo()

    assert ([], 1) == (renewed(broken), len(renewed(sound)))
    tick(broken)
    assert (1, 1) == (len(renewed(broken)), len(renewed(sound)))


def test_a_shop_says_what_is_chosen_first_and_how_long_before(make):
    """C4: both are the operator's; no longer than the shortest month."""
    more = BRANDS.replace('currency = "USD"', 'currency = "USD"\nrenewal = "automatic"'
                          '\nrenewal_ahead = "3d"', 1)  # fmt: skip
    rig, _ = make(mailed=True, rate=None, more=more)
    one = Shopper(rig).sign_up()
    page = one.get(f"/order?quote={one.quote('team')}").text

    assert 'name="renewal" value="automatic" checked' in page
    assert "3 days before this one ends" in page
    assert timedelta(days=3) == rig.parts.config.shops["acme"].renewal_ahead
    with pytest.raises(ConfigError, match="at most 28 days"):
        make(mailed=True, rate=None, more=more.replace('"3d"', '"29d"'))
