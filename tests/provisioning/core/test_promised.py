"""A customer promises to pay: for a while, up to a sum, once until it is paid."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.words import render
from provisioning.core.dues import Due, What
from provisioning.core.money import Money
from provisioning.core.promised import Promise, promise, put_off
from provisioning.core.renewals import ladder
from provisioning.core.terms import Dunning, Grace
from tests.provisioning.core.shop import PRICES
from tests.provisioning.core.world import often, on, usd

GRACE = Grace(debt=usd("50.00"))
MANY = Grace(Money(Decimal(1200000), "VND"), debts=(usd("40.00"),))
AT, WEEK = on(5, 12), timedelta(days=7)
PAID = Promise("shop:7", on(4, 1), on(4, 8), usd("9.00"), "customer", paid_at=on(4, 7))
LATE = replace(PAID, paid_at=on(4, 20))
BROKEN = replace(PAID, paid_at=None)


def asked(debt="29.95", lasts=WEEK, **more):
    return promise("shop:7", usd(debt), lasts, AT, **{"grace": GRACE} | more)


def test_a_promise_is_a_short_grace():
    """S6: nothing is switched off before it is over, and then it is at once."""
    given_ = asked()

    assert Promise("shop:7", AT, on(5, 19), usd("29.95"), "customer") == given_
    assert [False, True, True, False] == [
        given_.holds(at) for at in (on(5, 11), AT, on(5, 18, 23, 59), on(5, 19))
    ]
    assert Due("shop:7/promise", What.PROMISE_OVER, on(5, 19)) == given_.due("shop:7")


def test_a_promise_that_was_kept_holds_no_more():
    """S6: what is paid needs no grace."""
    assert not replace(asked(), paid_at=on(5, 13)).holds(on(5, 14))


REFUSED = [
    ({"grace": None}, "promise_not_taken"),
    ({"debt": "0.00"}, "promise_no_debt"),
    ({"debt": "-1.00"}, "promise_no_debt"),
    ({"debt": "50.01"}, "promise_too_much"),
    ({"debt": "50.00"}, None),
    ({"lasts": WEEK + timedelta(seconds=1)}, "promise_too_long"),
    ({"lasts": timedelta(0)}, "promise_too_long"),
    ({"lasts": -WEEK}, "promise_too_long"),
    ({"lasts": timedelta(hours=1)}, None),
    ({"earlier": (PAID,)}, None),
    ({"earlier": (LATE,)}, None),
    ({"earlier": (PAID, BROKEN)}, "promise_open"),
    ({"grace": Grace(Money(usd(50).amount, "EUR"))}, "promise_currency"),
    ({"lasts": 2 * WEEK, "grace": Grace(usd(50), 2 * WEEK)}, None),
    ({"debt": "40.00", "grace": MANY}, None),
    ({"debt": "40.01", "grace": MANY}, "promise_too_much"),
]


@pytest.mark.parametrize("by", ["customer", "staff:ann"])
@pytest.mark.parametrize(("ask", "code"), REFUSED)
def test_a_promise_is_bounded(ask, code, by):
    """S6: in days and in debt, once until it is paid; staff give it in these bounds."""
    # Guard off (each row is out, one after the other): red.
    said = asked(**ask, by=by)

    assert code == getattr(said, "code", None)
    assert code or by == said.by


def test_a_refused_promise_says_the_bound():
    """S6: and what to do instead."""
    assert (
        "60.00 USD are owed, and a promise is taken of up to 50.00 USD; pay some of it"
        " first."
    ) == render(asked("60.00"))
    many = replace(MANY, debts=(Money(Decimal(40), "EUR"),))
    assert (
        "9.00 USD are owed, and a promise is taken of up to 1200000.00 VND / 40.00"
        " EUR, in no other currency; pay the invoice."
    ) == render(asked("9.00", grace=many))
    assert "until 2026-04-08 00:00 UTC" in render(asked(earlier=(BROKEN,)))


def test_seven_days_are_168_hours():
    """D8: whatever clocks do meanwhile."""
    berlin = on(3, 27).astimezone(ZoneInfo("Europe/Berlin"))

    assert on(4, 3) == promise("shop:7", usd(1), WEEK, berlin, grace=GRACE).until


STEPS = ladder("shop:7", 3, PRICES.packages["gold"], on(5, 10), Dunning())


def moments(steps):
    return {due.what: due.at for due in steps}


def test_a_promise_puts_off_what_would_switch_it_off():
    """S6: the suspension waits for it; reminders and what comes later stay."""
    # Guard off (only the suspension is kept; nothing is put off): red.
    later = moments(put_off(STEPS, asked()))
    long = replace(asked(), until=on(6, 1))

    assert moments(STEPS) | {What.SUSPEND: on(5, 19)} == later
    assert {on(6, 1)} == {moments(put_off(STEPS, long))[w]
                          for w in (What.SUSPEND, What.REVOKE)}  # fmt: skip


KEPT = replace(BROKEN, until=on(5, 19), paid_at=on(5, 12))


@pytest.mark.parametrize("given_", [None, KEPT])
def test_without_an_open_promise_nothing_is_put_off(given_):
    """S6: a kept one is no grace for the next debt."""
    # Guard off (any promise puts off): red.
    assert STEPS == put_off(STEPS, given_)


@often
@given(st.integers(-(10**4), 10**4), st.integers(-20, 20), st.booleans())
def test_whatever_is_asked_a_promise_keeps_its_bounds(cents, days, open_):
    """S6: no debt above the bound, no day more than seven, never two at once."""
    earlier = (BROKEN,) if open_ else (PAID,)
    debt = Money(usd(cents).amount / 100, "USD")
    said = promise(
        "shop:7", debt, timedelta(days=days), AT, grace=GRACE, earlier=earlier
    )

    if isinstance(said, Promise):
        assert (0 < said.debt.amount <= 50, open_) == (True, False)
        assert AT < said.until <= AT + WEEK
