"""A reseller pays what his customers order from his float, and never twice from it."""

import threading
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.billing import settling
from bridge.store import check, floats, shop_orders
from bridge.store.shop_orders import HeldFor, State
from bridge.store.tables import float_entry
from provisioning.core.floats import Kind
from provisioning.core.money import text
from tests.engines import on_postgresql
from tests.shopper import BRANDS, Shopper
from tests.visit import Program

PLAIN = 'pay = "Transfer the sum to IBAN DE00, with the order\'s number."\n'
HIS = 'prices = { team = "35.00 USD" }\nreseller_confirms = true\n'


@pytest.fixture
def his(make):
    """`one, program = his()`: a customer of acme, and a program of its reseller."""
    rig, simulator = make(
        mailed=True, rate=None, more=BRANDS.replace(PLAIN, PLAIN + HIS)
    )
    one = Shopper(rig).sign_up()
    one.simulator = simulator
    return one, Program(rig, "reseller", ["acme"])


def placed(one, many=1):
    """An order that waits; at base price so many times 29.95."""
    return one.order(one.quote("team", quantity=many)).rpartition("/")[2]


def confirm(program, order):
    answer = program.post(f"/api/v1/orders/{order}/paid", {"because": "transfer 1"})
    assert 200 == answer.status_code, answer.text
    return answer.json


def filled(one, verb="deposit", amount="30.00", reference="t1", source="acme", **more):
    said = {"source": source, "amount": amount, "currency": "USD", "by": "an operator",
            "because": "bank"} | more  # fmt: skip
    if verb != "limit":
        said["reference"] = reference
    return one.rig.order_by_hand(f"float.{verb}", **said)


def kept(one, source="acme"):
    """Kind, sum and what was left by it, the first first."""
    with one.parts.database.read() as tx:
        rows = floats.listed(tx, source, None, 100)
    return [(k.entry.kind.value, text(k.entry.amount), text(k.left.left))
            for k in reversed(rows)]  # fmt: skip


def state(one, order):
    with one.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
    return found.state, found.held_for


def at_no_base(one, order):
    """As where its package is priced at nothing, and offered to a group for money."""
    with one.parts.database.change() as tx:
        tx.execute(sa.update(shop_orders.shop_order).values(base=Decimal(0))
                   .where(shop_orders.shop_order.c.id == order))  # fmt: skip
    return order


PAID, HELD = (State.PAID, None), (State.HELD, HeldFor.FLOAT)


def test_what_he_has_no_float_for_waits_and_goes_on_by_itself(his):
    """U11: with the reason; once there is room, the first confirmed first; one that is
    too large holds up no other; nothing is set up before."""
    # Guard off (`has.fits(order.base)`): red, all go on at once.
    # Guard off (`settling.go_on` in `_booked`): red, nothing goes on.
    one, program = his
    large, first, second = placed(one, 7), placed(one), placed(one)
    told = confirm(program, large)
    assert "held" == told["state"]
    assert "costs 209.65 USD, and the float has 0.00 USD left" in told["why"]
    one.rig.wait(1)
    assert ["held", "held"] == [confirm(program, o)["state"] for o in (first, second)]
    one.rig.run()
    assert 0 == len(one.simulator.users)

    assert [first] == filled(one, amount="59.89")["went_on"]
    assert [HELD, PAID, HELD] == [state(one, o) for o in (large, first, second)]
    assert [second] == filled(one, "limit", "0.01")["went_on"]
    one.rig.run()
    assert 2 == len(one.simulator.users)
    assert [large] == filled(one, "adjust", "209.65", "slip")["went_on"]
    assert [
        ("deposit", "59.89", "59.89"), ("drawn", "-29.95", "29.94"),
        ("limit", "0.00", "29.95"), ("drawn", "-29.95", "0.00"),
        ("adjusted", "209.65", "209.65"), ("drawn", "-209.65", "0.00"),
    ] == kept(one)  # fmt: skip
    assert 409 == program.post(f"/api/v1/orders/{large}/paid",
                               {"because": "again"}).status_code  # fmt: skip


def test_each_reference_counts_once_and_one_currency_is_kept(his):
    """U11: told twice it is as good as told once; another sum is refused by name."""
    # Guard off (`floats.keyed` in `_booked`): red.
    one, _ = his
    assert filled(one)["new"]
    assert not filled(one)["new"]
    assert filled(one, "limit", "5.00")["new"]
    assert not filled(one, "limit", "5.00")["new"]
    for verb, said, why in (
        ("deposit", {"amount": "31.00"}, "deposit:t1 of acme is 30.00 USD already"),
        ("deposit", {"amount": "-1"}, "more than nothing"),
        ("deposit", {"amount": "1e3", "reference": "x"}, "is not an amount"),
        ("adjust", {"amount": "0"}, "changes nothing"),
        ("limit", {"amount": "-1"}, "nothing or more"),
        ("deposit", {"currency": "VND", "reference": "x"}, "is in USD, and this is in"),
        ("deposit", {"amount": "999999999999", "reference": "x"}, "not an amount"),
    ):
        with pytest.raises(LookupError, match=why):
            filled(one, verb, **said)

    assert [("deposit", "30.00", "30.00"), ("limit", "0.00", "35.00")] == kept(one)


def test_what_is_called_off_gives_back_what_was_drawn_and_others_go_on(
    his, monkeypatch
):
    """U11: a price that fits no more is held as ever, drawn once; `back` returns it to
    the unit, `done` does what is held however little is left."""
    # Guard off (`give_back` in `_back`): red.
    one, program = his
    filled(one, amount="29.95")
    order = placed(one)
    monkeypatch.setattr(settling.purchased, "stale", lambda *_: "it changed")
    monkeypatch.setattr(shop_orders, "CHANGES", (shop_orders.Kind.NEW,))
    told = confirm(program, order)
    assert ("held", "it changed") == (told["state"], told["why"])
    waits, beyond = placed(one), placed(one)
    monkeypatch.setattr(shop_orders, "CHANGES", ())
    for each in (waits, beyond):
        assert "held" == confirm(program, each)["state"]
        one.rig.wait(1)
    said = {"by": "an operator", "because": "paid back"}
    assert [waits] == one.rig.order_by_hand("shop.back", order=order, **said)["went_on"]
    one.rig.order_by_hand("shop.done", order=beyond, **said)

    assert [PAID, PAID] == [state(one, each) for each in (waits, beyond)]
    assert [
        ("deposit", "29.95", "29.95"), ("drawn", "-29.95", "0.00"),
        ("given_back", "29.95", "29.95"), ("drawn", "-29.95", "0.00"),
        ("drawn", "-29.95", "-29.95"),
    ] == kept(one)  # fmt: skip


def test_an_operators_word_and_what_costs_nothing_draw_nothing(his):
    """U11: his is what he confirms himself; an operator has the money already."""
    one, program = his
    filled(one)
    order = placed(one)
    one.paid(order)
    trial = one.order(one.quote("starter")).rpartition("/")[2]
    confirm(program, at_no_base(one, trial))

    assert [("deposit", "30.00", "30.00")] == kept(one)


def test_owed_to_him_is_only_what_the_operator_was_paid(his):
    """U11, I10: of what he confirms he has all of it already, also where it waited for
    his float, and where nothing is drawn as it costs him nothing."""
    # Guard off (`order.on_float` left out of `owed`): red, he is paid twice.
    # Guard off (told by what was drawn, as it was): red, 75.05 are owed.
    # Guard off (`put_on_float` only where nothing is held): red, 45.10 are.
    one, program = his
    assert "held" == confirm(program, waited := placed(one))["state"]
    assert [waited] == filled(one)["went_on"]
    one.paid(placed(one))
    confirm(program, at_no_base(one, placed(one)))
    one.paid(at_no_base(one, placed(one)))
    [sums] = program.get("/api/v1/statement?source=acme").json["sums"]

    assert ("80.10", "40.05") == (sums["difference"], sums["owed"])
    assert [("deposit", "30.00", "30.00"), ("drawn", "-29.95", "0.05")] == kept(one)


def test_nothing_that_is_booked_can_be_changed(his):
    """U11: the database refuses it; one that got past it shows in `db check`."""
    # Guard off (the triggers of 0004): red.
    one, _ = his
    filled(one)
    filled(one, amount="5.00", reference="t2")
    for change in (sa.update(float_entry).values(amount=Decimal(9)),
                   sa.delete(float_entry)):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError), one.parts.database.change() as tx:
            tx.execute(change)
    with one.parts.database.snapshot() as tx:
        assert [] == check.faults(tx)
    with one.parts.database.change() as tx:
        tx.execute(
            sa.insert(float_entry).values(
                source="acme", no=4, key="x", kind=Kind.DEPOSIT, amount=Decimal(1),
                currency="USD", balance=Decimal(1), limit=Decimal(0),
                at=one.rig.clock.now(), by="x", because="x",
            )
        )  # fmt: skip
    with one.parts.database.snapshot() as tx:
        assert ["the float of acme"] == [f[:17] for f in check.faults(tx)]


# --- at once


def at_once(*calls):
    """What came of each."""
    came = [None] * len(calls)

    def say(no, call):
        came[no] = call()

    threads = [threading.Thread(target=say, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.fixture
def slow(monkeypatch):
    """`slow(module, name)`: who calls that first goes on once the others are done, or
    have waited for him long enough."""

    def planted(where, name):
        usual, first, others = getattr(where, name), threading.Lock(), threading.Event()

        def called(*args, **named):
            if first.acquire(blocking=False):
                others.wait(1)
            return usual(*args, **named)

        monkeypatch.setattr(where, name, called)
        return others

    return planted


@on_postgresql
def test_two_at_once_never_both_take_the_last_of_it(his, slow):
    """U11: one is paid, the other waits; both would have fitted alone."""
    # Guard off (`floats.lock`, and UniqueConstraint("source", "no")): red, both are
    # paid and 29.95 is missing. With either of the two alone it holds.
    one, _ = his
    filled(one)
    orders = placed(one), placed(one)
    done = slow(floats, "add")

    def said(order):
        told = one.rig.order_by_hand(
            "shop.paid", order=order, by="x", because="y", on_float=True
        )
        done.set()
        return told["held"] is None

    assert {True, False} == set(at_once(*(lambda o=o: said(o) for o in orders)))
    assert {PAID, HELD} == {state(one, order) for order in orders}
    assert [("deposit", "30.00", "30.00"), ("drawn", "-29.95", "0.05")] == kept(one)


@on_postgresql
def test_a_deposit_at_the_same_moment_is_not_missed(his, slow):
    """U11: whoever finds too little has the deposit wait until he has said so."""
    # Guard off (`floats.lock`): red, it is held and nothing is ever looked at again.
    one, _ = his
    order, came = placed(one), slow(settling, "_hold")
    filled(one, amount="1.00", reference="t0")

    def deposit():
        filled(one, amount="29.00")
        came.set()

    at_once(
        lambda: one.rig.order_by_hand(
            "shop.paid", order=order, by="x", because="y", on_float=True
        ),
        deposit,
    )
    assert PAID == state(one, order)


def test_what_his_customer_pays_nothing_for_is_drawn_all_the_same(his):
    """U11: it costs him something, and nobody confirms it: held until it fits. Who has
    no float is asked for nothing, as before."""
    # Guard off (`_is_short` in `lacks`): red, it is set up and nothing is drawn.
    one, program = his

    def free(product):
        order = f"or_{product}"
        said = {
            "type": "service.activate", "product": product, "quantity": 1,
            "extras": [], "cycle": "monthly", "zone": "UTC", "group": None,
        }  # fmt: skip
        one.rig.order_by_hand(
            "shop.order", order=order, source="acme", client=one.who.client,
            customer=one.who.id, quote=product, kind="new", service=f"acme:{product}",
            said=said, lines=[], amount="0.00", base="5.00", currency="USD",
            method="manual", payer={},
        )  # fmt: skip
        return order

    assert PAID == state(one, free("club"))
    filled(one, amount="4.00")
    order = free("team")
    assert HELD == state(one, order)
    assert [order] == filled(one, amount="1.00", reference="t2")["went_on"]
    assert PAID == state(one, order)
    [sums] = program.get("/api/v1/statement?source=acme").json["sums"]
    assert ("-10.00", "-5.00") == (sums["difference"], sums["owed"])
