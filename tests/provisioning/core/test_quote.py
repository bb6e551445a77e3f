"""What a customer pays: on signing up, for a change, and when it goes on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import quote
from provisioning.core.choices import Choice, Scheduled
from provisioning.core.money import Money
from provisioning.core.quote import Way
from tests.provisioning.core.shop import (
    AT,
    ENDS,
    PRICES,
    STARTS,
    has,
    offer,
    package,
    priced,
    vnd,
)
from tests.provisioning.core.world import often, on, usd

GOLD = Choice("gold", "monthly")


def lines(of):
    """Each as people read it."""
    return [
        (
            line.position.kind.value,
            f"{line.position.quantity} x {line.position.name}",
            str(line.amount.amount),
            str(line.days or ""),
        )
        for line in of.lines
    ]


def test_an_order_is_the_plan_its_addons_and_the_fee():
    """P15: lines that add up to what is due; C2: capacity is bought along."""
    choice = Choice("gold", "annually", 3, (("line", 2), ("number", 1)))
    order = quote.sign_up(PRICES, choice, AT)

    assert [
        ("plan", "3 x gold", "862.56", ""),
        ("addon", "2 x line", "72.00", ""),
        ("addon", "1 x number", "7.00", ""),
        ("fee", "1 x gold", "10.00", ""),
    ] == lines(order)
    assert usd("951.56") == order.amount_due
    assert (AT, AT.replace(year=2027)) == (order.starts, order.ends)


def test_a_good_is_bought_once_and_for_one_account():
    """I10, S7: so many times the price of one, and promised to that account alone."""
    offer = quote.apart("credit20", usd("24.00"), 3, "acct_1", AT)

    assert [("good", "3 x credit20", "72.00", "")] == lines(offer)
    assert (usd("24.00"), usd("72.00")) == (offer.unit_price, offer.amount_due)
    assert ("acct_1", None, False) == (
        offer.ref, offer.ends, offer.lines[0].position.recurs,
    )  # fmt: skip
    assert [True, False] == [offer.is_good(AT + n * quote.LASTS) for n in (0, 1)]


def test_the_two_prices_have_two_names():
    """P3: what is due for all of it is another figure than the price of one (P13)."""
    order = quote.sign_up(PRICES, Choice("gold", "monthly", 7), AT)

    assert (usd("29.95"), usd("209.65")) == (order.unit_price, order.whole)
    assert usd("219.65") == order.amount_due


def test_the_fee_is_paid_on_signing_up_and_never_again():
    """I7: not by a renewal, not by a change, not once for each seat."""
    # Guard off (every quote pays the fee, or each seat does): red.
    fees = [
        [line for line in lines(of) if line[0] == "fee"]
        for of in (
            quote.sign_up(PRICES, Choice("gold", "monthly", 5), AT),
            quote.renewal(PRICES, has(), AT),
            quote.change(PRICES, has("silver"), GOLD, AT),
            quote.change(PRICES, has("free"), GOLD, AT),
            quote.change(PRICES, has(tried_until=ENDS), GOLD, AT),
            quote.sign_up(PRICES, Choice("silver", "monthly"), AT),
        )
    ]

    assert [[("fee", "1 x gold", "10.00", "")], [], [], [], [], []] == fees


def test_what_is_bought_once_pays_for_no_period():
    """I8: it has no end, so nothing is due again."""
    order = quote.sign_up(PRICES, Choice("payg", "once"), AT)

    assert (usd("49.00"), None) == (order.amount_due, order.ends)
    assert ["49.00"] == [line[2] for line in lines(order)]


def test_an_upgrade_pays_the_days_that_are_left():
    """D21: twenty of thirty days given back at the old price, and due at the new."""
    # Guard off (a whole period is due): red.
    up = quote.change(
        PRICES, has("silver", quantity=3), Choice("gold", "monthly", 3), AT
    )

    assert [
        ("plan", "3 x silver", "-39.90", "20/30"),
        ("plan", "3 x gold", "59.90", "20/30"),
    ] == lines(up)
    assert usd("20.00") == up.amount_due
    assert (STARTS, ENDS, "shop:7") == (up.starts, up.ends, up.ref)


def test_each_line_is_rounded_by_itself_and_then_netted():
    """D19: of five of thirty days 3.325 and 4.9917, and 1.66 between: not 1.67."""
    # Guard off (lines are exact, and their sum is rounded): red.
    up = quote.change(PRICES, has("silver"), GOLD, on(4, 26))

    assert ["-3.33", "4.99"] == [line[2] for line in lines(up)]
    assert usd("1.66") == up.total


def test_more_seats_pay_for_the_seats_there_are_more():
    """P9: two more of the same plan, for the days left."""
    more = quote.change(PRICES, has(quantity=2), Choice("gold", "monthly", 4), AT)

    assert ["-39.93", "79.87"] == [line[2] for line in lines(more)]
    assert usd("39.94") == more.amount_due


def test_what_stays_is_no_line():
    """C2: only the capacity that comes along is paid."""
    had = has(extras=(("line", 1), ("number", 1)))
    to = Choice("gold", "monthly", 1, (("line", 3), ("number", 1)))
    more = quote.change(PRICES, had, to, AT)

    assert [
        ("addon", "1 x line", "-2.00", "20/30"),
        ("addon", "3 x line", "6.00", "20/30"),
    ] == lines(more)


def test_what_is_bought_once_is_paid_in_full_on_any_day():
    """C2: it does not end with the period, and is not given back with a cycle."""
    to = Choice("gold", "monthly", 1, (("number", 1),))
    yearly = replace(to, cycle="annually")
    more = quote.change(PRICES, has(), to, AT)
    longer = quote.change(PRICES, has(extras=to.extras), yearly, AT)

    assert [("addon", "1 x number", "7.00", "")] == lines(more)
    assert ["1 x gold", "1 x gold"] == [line[1] for line in lines(longer)]


def test_a_longer_cycle_begins_a_period_of_its_own():
    """C3: what is left of the month is given back, and a whole year is due."""
    # Guard off (the old period goes on): red. WHMCS lets it, and charges 4 x 55.
    yearly = quote.change(PRICES, has(), Choice("gold", "annually"), AT)

    assert [
        ("plan", "1 x gold", "-19.97", "20/30"),
        ("plan", "1 x gold", "287.52", ""),
    ] == lines(yearly)
    assert (AT, AT.replace(year=2027)) == (yearly.starts, yearly.ends)


TRIED = has(tried_until=ENDS)
UNPAID = [
    # has, the period paid for begins
    (has("free", ends=None), AT),
    (has("free"), AT),
    (has(tried_until=on(4, 20)), on(4, 20)),
    (has(tried_until=on(4, 5)), AT),
    (has(starts=on(3, 1), ends=on(4, 1)), AT),
]


@pytest.mark.parametrize(("had", "starts"), UNPAID)
def test_where_nothing_was_paid_nothing_is_given_back(had, starts):
    """C6: a trial, Free, or a period that is over; D14: the days tried stay free."""
    # Guard off (a trial is given back like a paid month): red.
    up = quote.change(PRICES, had, Choice("gold", "monthly", 2), AT)

    assert [("plan", "2 x gold", "59.90", "")] == lines(up)
    assert (starts, starts.replace(month=5)) == (up.starts, up.ends)


AHEAD = has("silver", ahead=1, ahead_until=on(6, 1))


def test_a_period_that_is_paid_ahead_is_reckoned_as_a_whole():
    """D21: renewed before it is due, then upgraded: both pay for May as well."""
    # Guard off (only the running period is looked at): red.
    up = quote.change(PRICES, AHEAD, GOLD, AT)
    over = quote.change(PRICES, AHEAD, GOLD, on(5, 1))

    assert [
        ("plan", "1 x silver", "-33.25", "20/30 + 1"),
        ("plan", "1 x gold", "49.92", "20/30 + 1"),
    ] == lines(up)
    assert (STARTS, on(6, 1)) == (up.starts, up.ends)
    assert ["-19.95", "29.95"] == [line[2] for line in lines(over)]


def test_where_no_end_is_known_nothing_is_given_back():
    """D21: only what was bought once has none for being what it is."""
    # Guard off (no end is as good as bought once): red.
    up = quote.change(PRICES, has("silver", ends=None), GOLD, AT)

    assert ["29.95"] == [line[2] for line in lines(up)]


def test_what_was_bought_once_is_given_back_whole():
    """D21: it is not used up by days, so the difference is due."""
    up = quote.change(
        PRICES, has("payg-small", "once", ends=None), Choice("payg", "once"), AT
    )

    assert [
        ("plan", "1 x payg-small", "-19.00", ""),
        ("plan", "1 x payg", "49.00", ""),
    ] == lines(up)


def test_it_is_given_back_at_the_price_it_was_sold_for():
    """D21: a list that rose since gives nobody back more than was paid."""
    # Guard off (today's list for both): red.
    dearer = priced("silver", offers=(offer("29.94"),))
    up = quote.change(dearer, has("silver"), GOLD, AT, had=PRICES)

    assert ["-13.30", "19.97"] == [line[2] for line in lines(up)]


def test_more_given_back_than_due_is_nothing_to_pay():
    """P3: the amount due is never below nought; the total says what is left over."""
    down = quote.change(PRICES, has(), Choice("silver", "monthly"), AT)

    assert (usd("-6.67"), usd("0.00")) == (down.total, down.amount_due)


def test_days_are_those_of_the_operators_calendar():
    """D21: at 18:00 in UTC the day is over in Hanoi."""
    hanoi = replace(PRICES, terms=replace(PRICES.terms, zone="Asia/Ho_Chi_Minh"))
    at = on(4, 10, 18)
    days = [
        str(quote.change(prices, has("silver"), GOLD, at).days)
        for prices in (PRICES, hanoi)
    ]

    assert ["21/30", "20/30"] == days


def test_a_period_ends_by_the_operators_calendar():
    """D20: begun on the 31st in Hanoi it ends on the 28th there, 17:00 in UTC."""
    hanoi = replace(PRICES, terms=replace(PRICES.terms, zone="Asia/Ho_Chi_Minh"))
    at = on(1, 30, 17)

    assert on(2, 27, 17) == quote.sign_up(hanoi, GOLD, at).ends
    assert on(2, 28, 17) == quote.sign_up(PRICES, GOLD, at).ends


def test_dong_are_whole():
    """D19: a third of 100,000 dong is 33,333."""
    dong = replace(package("gold", "1.00"), price=vnd(50_000))
    small = replace(package("silver", "1.00"), price=vnd(100_000))
    prices = replace(PRICES, packages={"gold": dong, "silver": small})
    up = quote.change(prices, has("gold"), Choice("silver", "monthly"), on(4, 21))

    assert ["-16667", "33333"] == [line[2] for line in lines(up)]
    assert vnd(16666) == up.amount_due


def test_a_quote_is_in_one_currency():
    """P15: dong and dollars do not add up, whatever a list says."""
    dong = replace(PRICES.packages["line"], price=vnd(50_000))
    mixed = replace(PRICES, packages={**PRICES.packages, "line": dong})

    with pytest.raises(ValueError, match=r'"gold" is sold in USD, .* VND'):
        quote.sign_up(mixed, Choice("gold", "monthly", 1, (("line", 1),)), AT)


def test_what_is_paid_is_what_it_is_then():
    """C6: with the period that goes on, or the new one that was begun."""
    more, year = replace(GOLD, quantity=2), replace(GOLD, cycle="annually")
    ahead = has(ahead=1, ahead_until=on(6, 1))
    grown = quote.paid(ahead, quote.change(PRICES, ahead, more, AT))
    longer = quote.paid(ahead, quote.change(PRICES, ahead, year, AT), LATER)
    bought = quote.paid(TRIED, quote.change(PRICES, TRIED, GOLD, AT))
    ends = AT.replace(year=2027)

    assert replace(ahead, choice=more) == grown
    assert has(cycle="annually", starts=AT, ends=ends, next=LATER) == longer
    assert has(starts=ENDS, ends=on(6, 1)) == bought


LATER = Scheduled(Choice("silver", "monthly", 2), ENDS)


@pytest.mark.parametrize(("coming", "due"), [
    (None, "41.95"), (LATER, "39.90"), (replace(LATER, at=on(6, 1)), "41.95"),
])  # fmt: skip
def test_a_renewal_pays_the_next_renewal_package(coming, due):
    """C11: from the next period on; what is bought once is not paid again."""
    # Guard off (the plan it has is renewed): red.
    extras = (("line", 4), ("number", 1))
    next_ = quote.renewal(PRICES, has(extras=extras, next=coming), AT)

    assert usd(due) == next_.amount_due
    assert (ENDS, on(6, 1)) == (next_.starts, next_.ends)


def test_a_quote_is_an_offer_for_a_while():
    """P16: after that it is reckoned anew; half-open, as everything."""
    offered = quote.sign_up(PRICES, GOLD, AT, timedelta(minutes=5))
    good = [
        offered.is_good(AT + timedelta(minutes=minutes)) for minutes in (-1, 0, 4, 5)
    ]

    assert [False, True, True, False] == good
    assert AT + timedelta(minutes=30) == quote.sign_up(PRICES, GOLD, AT).expires


def test_what_is_signed_is_all_that_was_promised():
    """P16: another price, quantity, day or service is another text; the same is one."""
    first = quote.change(PRICES, has("silver"), GOLD, AT)
    others = [
        quote.change(PRICES, has("silver"), replace(GOLD, quantity=2), AT),
        quote.change(PRICES, has("silver"), GOLD, AT + timedelta(seconds=1)),
        quote.change(PRICES, has("silver", ref="shop:8"), GOLD, AT),
        quote.change(priced(offers=(offer("29.96"),)), has("silver"), GOLD, AT),
        replace(first, expires=first.expires + timedelta(seconds=1)),
    ]

    assert first.canonical == quote.change(PRICES, has("silver"), GOLD, AT).canonical
    assert 6 == len({first.canonical, *(other.canonical for other in others)})


names = st.sampled_from(["silver", "gold", "platinum", "gold-too"])
choices = st.builds(
    Choice,
    names,
    st.just("monthly"),
    st.integers(1, 500),
    st.lists(st.tuples(st.just("line"), st.integers(1, 9)), max_size=1).map(tuple),
)
moments = st.integers(0, 30 * 24 * 60 - 1).map(lambda m: STARTS + timedelta(minutes=m))


@often
@given(choices, choices, moments, st.integers(1, 10**7))
def test_there_and_back_at_the_same_instant_costs_nothing(one, other, at, cents):
    """D21: whatever the plans, the quantities and the day; to the last unit."""
    # Guard off (credits are rounded down, debits up): red.
    prices = priced(offers=(offer(Decimal(cents).scaleb(-2)),))
    there = quote.change(prices, replace(has(), choice=one), other, at)
    back = quote.change(prices, replace(has(), choice=other), one, at)

    assert Decimal(0) == there.total.amount + back.total.amount


@often
@given(choices, choices, moments)
def test_lines_add_up_to_the_total(one, other, at):
    """D19: what is due is the sum of what is shown, each at the currency's scale."""
    up = quote.change(PRICES, replace(has(), choice=one), other, at)
    shown = [line.amount for line in up.lines]

    assert up.total == Money(sum((m.amount for m in shown), Decimal(0)), "USD")
    assert all(m.amount == m.amount.quantize(Decimal("0.01")) for m in shown)
    assert all((line.way is Way.CREDIT) == (line.amount.amount < 0)
               for line in up.lines if line.amount.amount)  # fmt: skip
