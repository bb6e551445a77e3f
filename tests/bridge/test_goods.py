"""Coupons bought: whose they are, once, and where they go when they are paid back."""

from datetime import timedelta

import pytest

from bridge import boundaries, deciding
from bridge.store import coupons, payload
from provisioning.core.coupons import Gone, passed_on
from tests.bridge.seen import LOOK, credit, is_sound
from tests.bridge.test_coupons import LADDER, kept, later, told, used
from tests.bridge.test_restore import keep, lose  # noqa: F401 - fixtures

SELLS = LADDER.replace("[coupons.drive]", 'price = "5.00 USD"\n[coupons.drive]')
FIRST = "shop:5/coupon/1"


@pytest.fixture
def shop(make):
    """A bridge that sells coupons."""
    return make(more=SELLS)


@pytest.fixture
def open_shop(shop):
    """One customer's service runs there."""
    rig, simulator = shop
    subscribe(rig)
    rig.run()
    return rig, simulator


def subscribe(rig, service="1", client="7"):
    begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
    rig.post(
        f"order-{service}", "service.activate", account={"ref": client},
        service={"ref": service, "plan_ref": "basic", "period_start": begins},
        billing={"line_ref": service},
    )  # fmt: skip


def buy(rig, line="5", id_=None, client="7", **more):
    sold = {"product_ref": "boost"} | more.pop("service", {})
    rig.post(
        id_ or f"buy-{line}", "topup.paid", account={"ref": client}, service=sold,
        billing={"line_ref": line}, **more,
    )  # fmt: skip


def back(rig, line="5", id_="back", **more):
    rig.post(id_, "topup.reversed", rig.clock.now(), billing={"line_ref": line}, **more)


def held_by(rig, service="shop:1"):
    with rig.database.read() as tx:
        found = coupons.of(tx, rig.account(service).id, 10)
    return [card.id for card in found]


def retry(rig, event):
    with rig.database.change() as tx:
        [name] = [o.name for o in deciding.operations.newest(tx, 50, None)
                  if o.event == event]  # fmt: skip
        deciding.retry(tx, name, rig.clock.now())
    rig.run_until_quiet()


def test_a_paid_line_gives_its_owner_so_many_coupons(open_shop):
    """B13, S7: once, whatever is told again; the books know of credit only."""
    # Guard off (the line's coupons are not loaded): red, the second is parked.
    rig, simulator = open_shop
    entries, had = len(rig.entries()), credit(simulator)
    buy(rig, service={"quantity": 2})
    rig.run()
    buy(rig, id_="again", service={"quantity": 2})
    rig.run()
    card = kept(rig, FIRST)

    assert [FIRST, "shop:5/coupon/2"] == held_by(rig)
    assert ("boost", rig.account().id, "shop:5", "5.00 USD") == (
        card.kind, card.by, card.line, card.price,
    )  # fmt: skip
    assert ("done", "done") == (rig.fates()["buy-5"], rig.fates()["again"])
    assert (entries, had) == (len(rig.entries()), credit(simulator))
    assert is_sound(rig)


def test_what_is_bought_is_switched_on_like_a_gift(open_shop):
    """B2, S7: it is as good as one that was given."""
    rig, _ = open_shop
    buy(rig)
    rig.run()
    used(rig, FIRST)
    rig.run()

    assert [FIRST] == [step.coupon for step in rig.account().activations]


def test_sold_as_a_service_of_its_own_it_opens_no_account(open_shop):
    """S7: bound to the client's only account; it holds nothing up there."""
    rig, _ = open_shop
    rig.order("9", id_="apart", line="5", package="boost")
    rig.run()

    assert [FIRST] == held_by(rig)
    assert rig.account().id == rig.account("shop:9").id
    assert "done" == rig.fates()["apart"]


def test_a_line_told_to_two_accounts_at_once_gives_once(open_shop, at_boundary):
    """V2: one is planned, then the other is kept first; the row's key decides."""
    # Guard off (a line's coupons are named by their owner too): red, two.
    rig, _ = open_shop
    subscribe(rig, "2", "8")
    rig.run()
    buy(rig)
    at_boundary("planned", lambda: (buy(rig, id_="other", client="8"), rig.run()))
    rig.run_until_quiet()

    assert 1 == len(held_by(rig) + held_by(rig, "shop:2"))
    assert {"done"} == {rig.fates()["buy-5"], rig.fates()["other"]}


WRONG = [
    ({"service": {"product_ref": "drive"}}, "coupon_not_sold"),
    ({"service": {"product_ref": "no-such-kind"}}, "topup_unknown"),
]


@pytest.mark.parametrize(("said", "code"), WRONG)
def test_what_is_not_for_sale_is_parked_with_the_reason(open_shop, said, code):
    """B13: nothing is given; the money waits for a person where it was paid."""
    rig, _ = open_shop
    buy(rig, **said)
    rig.run()

    assert ([], code) == (held_by(rig), rig.why("buy-5"))


def test_paid_before_there_is_an_account_it_waits_for_it(shop):
    """S7: nobody's until then, and never lost; then it is given, once."""
    # Guard off (its event is done in intake as on an account): red, it is lost.
    rig, _ = shop
    buy(rig)
    rig.run()
    before = rig.fates()["buy-5"], rig.why("buy-5")
    subscribe(rig)
    rig.run_until_quiet()

    assert ("parked", "no_account_yet") == before
    assert ([FIRST], "done") == (held_by(rig), rig.fates()["buy-5"])


@pytest.mark.parametrize("who", [{}, {"account": {"ref": "7"}}])
def test_paid_back_before_there_is_an_account_nothing_is_left(shop, who):
    """D30: both wait; what names nobody is heard again when the coupon is there."""
    # Guard off (the source's own lane is not woken then): red without a client.
    rig, _ = shop
    buy(rig)
    rig.run()
    back(rig, **who)
    rig.run()
    subscribe(rig)
    rig.run_until_quiet()

    assert Gone.REFUNDED is kept(rig, FIRST).fate.how
    assert ("done", "done") == (rig.fates()["buy-5"], rig.fates()["back"])


def test_an_unused_coupon_goes_back_with_its_payment(open_shop):
    """D30: it says by which event; it cannot be used any more; twice is once."""
    rig, _ = open_shop
    buy(rig)
    rig.run()
    back(rig)
    rig.run()
    back(rig, id_="chargeback")
    rig.run()
    gone = kept(rig, FIRST).fate

    assert (Gone.REFUNDED, "shop", "back") == (gone.how, gone.by, gone.why)
    assert ("done", "already_back") == (rig.fates()["back"], rig.why("chargeback"))
    with pytest.raises(LookupError, match="meanwhile"):
        told(rig, "coupon.pass", was=payload.from_coupon(kept(rig, FIRST)),
             to=rig.account().id)  # fmt: skip


def test_a_coupon_that_was_used_is_spent(open_shop):
    """D30, B5: a person is told; the coupon runs on, nothing is taken or owed."""
    rig, _ = open_shop
    entries = len(rig.entries())
    buy(rig)
    rig.run()
    used(rig, FIRST)
    back(rig)
    rig.run()

    assert ("parked", "coupon_spent") == (rig.fates()["back"], rig.why("back"))
    assert [FIRST] == [step.coupon for step in rig.account().activations]
    assert entries == len(rig.entries())


def test_used_while_its_refund_is_planned_it_is_spent(open_shop, at_boundary):
    """D30: whoever is first; never both used and withdrawn."""
    # Guard off (the row is withdrawn whatever its fate): red, done.
    rig, _ = open_shop
    buy(rig)
    rig.run()
    back(rig)
    at_boundary("planned", lambda: used(rig, FIRST))
    rig.run_until_quiet()

    assert ("parked", "coupon_spent") == (rig.fates()["back"], rig.why("back"))


def test_a_friend_who_has_it_loses_it(open_shop):
    """D30, S8: it is looked for where it was bought, and withdrawn where it is."""
    # Guard off (a line is where its money is): red, nobody knows of it.
    rig, _ = open_shop
    subscribe(rig, "2", "8")
    buy(rig)
    rig.run()
    give_away(rig)
    back(rig)
    rig.run()

    assert [FIRST] == held_by(rig, "shop:2")
    assert (Gone.REFUNDED, "done") == (kept(rig, FIRST).fate.how, rig.fates()["back"])


def give_away(rig):
    card, friend = kept(rig, FIRST), rig.account("shop:2").id
    terms, at = rig.parts.catalog.terms, rig.clock.now()
    assert friend == passed_on(card, card.owner, friend, terms, at).owner
    told(rig, "coupon.pass", was=payload.from_coupon(card), to=friend)


def test_passed_on_while_its_refund_is_planned_it_goes_back_all_the_same(
    open_shop, at_boundary
):
    """D30, S8: whoever has it when it is withdrawn."""
    rig, _ = open_shop
    subscribe(rig, "2", "8")
    buy(rig)
    rig.run()
    back(rig)
    at_boundary("planned", lambda: give_away(rig))
    rig.run_until_quiet()

    assert Gone.REFUNDED is kept(rig, FIRST).fate.how


def test_told_before_its_payment_a_refund_waits_for_a_person(open_shop):
    """D30: as that of a top-up does; tried again it finds the coupon."""
    rig, _ = open_shop
    back(rig, account={"ref": "7"})
    rig.run()
    early = rig.why("back")
    buy(rig)
    rig.run()
    retry(rig, "back")

    assert ("reversal_unknown", "done") == (early, rig.fates()["back"])
    assert Gone.REFUNDED is kept(rig, FIRST).fate.how


def test_while_the_backend_is_away_it_is_given_all_the_same(open_shop):
    """S7: it is ours to give; the backend has no part in it."""
    rig, simulator = open_shop
    simulator.plant("reset_before", LOOK)
    buy(rig)
    rig.run()

    assert ([FIRST], "done") == (held_by(rig), rig.fates()["buy-5"])


def test_a_restored_database_gives_nothing_twice(open_shop, keep, lose):  # noqa: F811 - the fixtures
    """S7, V2: what it knows stands, told again or not; what it lost is given anew."""
    rig, _ = open_shop
    buy(rig)
    rig.run()
    file = keep(rig)
    buy(rig, "6")
    rig.run()
    rig = lose(rig, file)
    before = held_by(rig)
    for line in ("5", "6"):
        buy(rig, line, id_=f"again-{line}")
    rig.run()

    assert ([FIRST], {FIRST, "shop:6/coupon/1"}) == (before, set(held_by(rig)))


def test_bought_just_before_the_month_is_over_it_spoils_with_the_next(make):
    """B10: its month is that in which it was theirs, not that of a late message."""
    spoils = SELLS.replace("spoils = true", 'spoils = true\nprice = "2.00 USD"')
    rig, _ = make(more=spoils)
    subscribe(rig)
    rig.run()
    later(rig, 86400)
    buy(rig, service={"product_ref": "drive"})
    rig.run()

    assert rig.clock.now().month == kept(rig, FIRST).given_at.month


@pytest.mark.parametrize("where", ["planned", "final state"])
def test_cut_off_in_the_middle_it_is_given_once(open_shop, monkeypatch, where):
    """V4: before its commit it is not there and neither is its fate; after it, both."""
    rig, _ = open_shop
    buy(rig)

    def cut(here):
        if here == where:
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(boundaries, "passed", cut)
        with pytest.raises(SystemExit):
            rig.run()
    there = held_by(rig), rig.fates()["buy-5"]
    rig.wait(60)
    rig.run_until_quiet()

    assert there == (([], "accepted") if where == "planned" else ([FIRST], "done"))
    assert ([FIRST], "done") == (held_by(rig), rig.fates()["buy-5"])
