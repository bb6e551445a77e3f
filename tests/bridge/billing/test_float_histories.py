"""A float after any history: its sums agree, and each order is drawn for once, net."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bridge.billing import margins, purchased, settling, shopping, telling
from bridge.keys import random_name
from bridge.statements import after
from bridge.store import check, floats, shop_orders
from bridge.store.shop_orders import HeldFor, Kind, State
from provisioning.core import floats as rules
from provisioning.core.floats import Kind as What
from tests.bridge.billing.test_floats import HELD, PAID, filled, his, state

__all__ = ["his"]

SAID = {"type": "service.activate", "product": "team", "quantity": 1, "extras": [],
        "cycle": "monthly", "zone": "UTC"}  # fmt: skip
BY_HAND = {"by": "an operator", "because": "so it was"}
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def placed(one, base, amount="50.00", currency="USD"):
    """As at the shop, without its pages."""
    order, said = "or_" + random_name(12), SAID | {"trial": amount == "0"}
    one.rig.order_by_hand(
        "shop.order", order=order, source="acme", client=one.who.client,
        customer=one.who.id, quote=random_name(20), kind="new",
        service=f"acme:sv_{random_name(12)}", said=said, lines=[], amount=amount,
        base=base, currency=currency, method="manual", payer={},
    )  # fmt: skip
    return order


def confirm(one, order):
    return one.rig.order_by_hand("shop.paid", order=order, on_float=True, **BY_HAND)


def entries(tx):
    return list(reversed(floats.listed(tx, "acme", None, 10_000)))


def agree(tx):
    """Each month's entries make its closing, which opens the next."""
    found, closing = entries(tx), Decimal(0)
    days = [one.at.astimezone(ZONE).date() for one in found]
    first = min(days).replace(day=1) if days else date.max
    while days and first <= max(days):
        month = margins.statement(tx, "acme", first, ZONE).float
        assert closing == month.opening
        closing = month.closing
        assert closing == month.opening + sum(month.of(kind) for kind in What)
        first = after(first)
    assert sum(one.entry.amount for one in found) == closing


class History:
    """What people do at random, and what must hold after each of it."""

    def __init__(self, one, seed, stale):
        self.one, self.by, self.stale = one, random.Random(seed), stale
        self.orders, self.in_cash, self.beyond = [], set(), set()
        self.came = Counter()

    def go_on(self):
        what = self.by.choice(WAYS)
        try:
            getattr(self, what)()
        except LookupError:
            self.came[f"not {what}"] += 1
        else:
            self.came[what] += 1

    def any(self, state):
        """Of that state, at most times."""
        with self.one.parts.database.read() as tx:
            found = shop_orders.named(tx, self.one.who.client, self.orders)
        there = [order for order in self.orders
                 if found[order].state is state or self.by.random() < 0.02]  # fmt: skip
        return self.by.choice(there or ["or_none"])

    def cents(self, least, most):
        return f"{self.by.randint(least, most) / 100:.2f}"

    def wait(self):
        self.one.rig.wait(self.by.randint(1, 9 * 86400))

    def deposit(self):
        reference = f"t{self.by.randint(1, 40)}"
        filled(self.one, amount=self.cents(1, 15000), reference=reference)

    def adjust(self):
        reference = f"a{self.by.randint(1, 40)}"
        filled(self.one, "adjust", self.cents(-3000, 3000), reference)

    def limit(self):
        filled(self.one, "limit", self.cents(0, 9000))

    def place(self):
        base = self.by.choice(("0", "0.01", "5", "29.95", "29.95", "90"))
        self.orders.append(placed(self.one, base, self.by.choice(("0", "50", "50"))))
        if self.by.random() < 0.5:
            self.stale.add(self.orders[-1])

    def confirm(self):
        confirm(self.one, self.any(State.OPEN))

    def pay(self):
        order = self.any(State.OPEN)
        self.one.rig.order_by_hand("shop.paid", order=order, **BY_HAND)
        self.in_cash.add(order)

    def cancel(self):
        order = self.any(State.OPEN)
        self.one.rig.order_by_hand("shop.cancel", order=order, **BY_HAND)

    def back(self):
        order = self.any(State.HELD)
        self.one.rig.order_by_hand("shop.back", order=order, **BY_HAND)

    def done(self):
        order = self.any(State.HELD)
        self.one.rig.order_by_hand("shop.done", order=order, **BY_HAND)
        self.beyond.add(order)

    def holds(self):
        with self.one.parts.database.snapshot() as tx:
            assert [] == check.faults(tx)
            agree(tx)
            found = entries(tx)
            orders = shop_orders.named(tx, self.one.who.client, self.orders)
            for order in orders.values():
                self.drawn_for(order, found)

    def drawn_for(self, order, found):
        own = [one for one in found if one.order == order.id]
        drawn = sum(one.entry.amount for one in own)
        left = found[-1].left.left if found else Decimal(0)
        short = order.held_for is HeldFor.FLOAT
        none = order.state in {State.OPEN, State.CANCELLED} or short
        free = order.because == settling.FREE
        if none or order.id in self.in_cash:
            assert 0 == drawn, order
        elif not free:
            assert -order.base == drawn, order
        assert {What.DRAWN, What.GIVEN_BACK} >= {one.entry.kind for one in own}
        assert len(own) == len({one.entry.kind for one in own})
        assert order.id in self.beyond or all(
            one.left.left >= 0 for one in own if one.entry.kind is What.DRAWN
        )
        assert not short or order.base > left, order


WAYS = ("deposit", "adjust", "limit", *["place"] * 4, *["confirm"] * 6, "pay", "cancel",
        *["back"] * 3, "done", "wait")  # fmt: skip


def test_after_any_history_the_sums_agree_and_none_is_drawn_twice(his, monkeypatch):
    """U11: the balance is the sum of its entries and of each month; what is paid from
    it is drawn once, what is not is not drawn; only an operator draws beyond what is
    left; and what fits never waits."""
    # Guards off, each red: `drawing.give_back`; `draw` in `done`; `has.fits`; `go_on`
    # in `_booked`.
    one, _ = his
    stale = set()
    monkeypatch.setattr(shopping, "MOST_OPEN", 1000)
    monkeypatch.setattr(shop_orders, "CHANGES", (Kind.NEW,))
    monkeypatch.setattr(
        purchased, "stale", lambda _, order, __: "stale" if order.id in stale else None
    )
    monkeypatch.setattr(purchased, "events", lambda *told: (telling._event(*told),))
    history = History(one, 5, stale)
    for _ in range(10):
        for _ in range(20):
            history.go_on()
        history.holds()

    assert set(WAYS) <= set(history.came)


def test_a_clock_that_runs_behind_moves_no_entry_into_another_month(his):
    """U11: another bridge's, or read while this one waited its turn: what is written
    later is of no earlier moment, or a statement does not add up."""
    # Guard off (`max` in `floats.add`): red.
    one, _ = his
    last, now = None, one.rig.clock.now()
    with one.parts.database.change() as tx:
        for no, days in enumerate((0, 40, 20, 50), 1):
            entry = rules.deposited(str(no), Decimal(no))
            at = now + timedelta(days=days)
            last = floats.add(tx, "acme", last, entry, "USD", at, "x", "y")

    with one.parts.database.read() as tx:
        agree(tx)


def test_what_was_ordered_in_another_currency_holds_up_nothing(his):
    """U11: a shop may sell in another since: a deposit is booked, what costs nothing is
    ordered; the rest is said by name, and can be called off."""
    # Guards off, each red: the currency in `lock_short`; the base first in `draw`.
    one, _ = his
    before = placed(one, "29.95")
    assert confirm(one, before)["held"]
    assert filled(one, amount="290000", currency="VND")["new"]
    free = placed(one, "0", "0")
    with pytest.raises(LookupError, match="float of acme is in VND, and this is in U"):
        confirm(one, placed(one, "29.95"))

    assert [HELD, PAID] == [state(one, order) for order in (before, free)]
    one.rig.order_by_hand("shop.back", order=before, **BY_HAND)
    assert (State.CANCELLED, None) == state(one, before)


def test_a_sum_with_a_point_before_its_thousands_is_none(his):
    """U11: 290.000 is not booked as 290; a blank reference names no transfer."""
    one, _ = his
    for said, why in (
        ({"amount": "290.000"}, "none to part thousands"),
        ({"amount": "1", "reference": " "}, "is not blank"),
    ):
        with pytest.raises(LookupError, match=why):
            filled(one, **said, currency="VND")
    assert filled(one, amount="1.00")["new"]

    assert not filled(one, amount="1.00", reference=" t1")["new"]
