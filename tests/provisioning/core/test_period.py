"""Paid periods: anchored months, and each payment finds the one period it is for."""

import calendar
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.period import (
    CYCLES,
    Payment,
    Period,
    match,
    months_after,
    until_paid,
    with_period,
)
from provisioning.core.sentences import Sentence, say
from tests.provisioning.core.world import often, on

MONTHLY = CYCLES["monthly"]


def date(written):
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


# --- Months


CENTURY = [datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2150-01-01")]

ANCHORED = [
    ("2026-01-31", 1, "2026-02-28"),
    ("2026-01-31", 2, "2026-03-31"),
    ("2026-01-31", 3, "2026-04-30"),
    ("2026-01-31", 4, "2026-05-31"),
    ("2028-01-31", 1, "2028-02-29"),
    ("2028-01-30", 1, "2028-02-29"),
    ("2028-01-29", 1, "2028-02-29"),
    ("2028-01-28", 1, "2028-02-28"),
    ("2027-01-29", 1, "2027-02-28"),
    ("2028-02-29", 1, "2028-03-29"),
    ("2028-02-29", 12, "2029-02-28"),
    ("2028-02-29", 24, "2030-02-28"),
    ("2028-02-29", 36, "2031-02-28"),
    ("2028-02-29", 48, "2032-02-29"),
    ("2096-02-29", 48, "2100-02-28"),
    ("2026-02-28", 1, "2026-03-28"),
    ("2026-08-31", 1, "2026-09-30"),
    ("2026-08-31", 6, "2027-02-28"),
    ("2026-11-30", 3, "2027-02-28"),
    ("2026-12-15", 1, "2027-01-15"),
    ("2026-12-31", 12, "2027-12-31"),
    ("2026-01-01", 1, "2026-02-01"),
    ("2026-10-31", 36, "2029-10-31"),
    ("2026-05-31", 0, "2026-05-31"),
]


@pytest.mark.parametrize(("anchor", "months", "then"), ANCHORED)
def test_a_month_later_is_the_anchors_day_or_the_months_last(anchor, months, then):
    """D20: 31 January, 28 February, 31 March; leap years and year ends alike."""
    assert date(then) == months_after(date(anchor), months)


@often
@given(
    st.datetimes(CENTURY[0], CENTURY[1], timezones=st.just(UTC)),
    st.integers(0, 400),
)
def test_counting_from_the_anchor_never_loses_its_day(anchor, months):
    """D20: whatever lies between, the day is the anchor's unless the month is short."""
    then = months_after(anchor, months)
    last = calendar.monthrange(then.year, then.month)[1]

    assert months == (then.year - anchor.year) * 12 + then.month - anchor.month
    assert min(anchor.day, last) == then.day
    assert anchor.timetz() == then.timetz()


def test_each_cycle_has_its_length():
    """I8: the catalog's words in months; what is bought once has no due date."""
    lengths = {
        "monthly": 1,
        "quarterly": 3,
        "semiannually": 6,
        "annually": 12,
        "biennially": 24,
        "triennially": 36,
        "once": None,
    }

    assert lengths == CYCLES


# --- Payments


NINE = on(1, 1, 9)


def payment(line=None, starts=None, ends=None, *, heard=NINE):
    """As told; and when, which is all we have where no start is told."""
    return Payment(line, starts, ends, otherwise=heard)


def after(*payments, periods=(), months=MONTHLY):
    """The periods when these were heard, and what was said where one found none."""
    said = []
    for paid in payments:
        found = match(periods, paid, months)
        if isinstance(found, Sentence):
            said.append(found)
        else:
            periods = with_period(periods, found)
    return periods, said


JANUARY = Period(1, on(1, 1), on(2, 1), "shop:line-1")
FEBRUARY = Period(2, on(2, 1), on(3, 1), "shop:line-2")

BY_MODULE = payment(starts=on(2, 1))
"""WHMCS `Renew`: it knows the date and no line."""

BY_INVOICE = payment("shop:line-2", heard=on(2, 1, 9))
"""WHMCS `InvoicePaid`: it knows the line and no date."""

BY_BOTH = payment("shop:line-2", on(2, 1))


# Turned red with match() answering the next period without looking for a known one.
@pytest.mark.parametrize(
    "roads",
    [
        *permutations([BY_MODULE, BY_BOTH]),
        (BY_BOTH, BY_INVOICE),
        *permutations([BY_MODULE, BY_BOTH, BY_BOTH]),
        (BY_BOTH, BY_INVOICE, BY_MODULE),
        (BY_MODULE, BY_BOTH, BY_INVOICE),
    ],
)
def test_two_roads_of_one_renewal_lead_to_one_period(roads):
    """U2: module call and paid invoice are the same money, in either order."""
    periods, said = after(*roads, periods=(JANUARY,))

    assert [] == said
    assert (JANUARY, FEBRUARY) == periods


WAITING = {
    "nothing is told of February yet": (JANUARY,),
    "February waits for its line": (JANUARY, replace(FEBRUARY, line=None)),
    "January waits for its line": (replace(JANUARY, line=None),),
    "January itself is a guess": (replace(JANUARY, told=False),),
}


# Turned red with a line alone taken for the next period's.
@pytest.mark.parametrize("before", WAITING.values(), ids=WAITING)
def test_an_invoice_without_a_date_is_never_guessed_a_period(before):
    """U2: it may be any one's, an unheard one's too; a person or the platform says."""
    said = [say("period_unknown", line="shop:line-2")]

    assert (before, said) == after(BY_INVOICE, periods=before)


def test_an_invoice_that_waited_is_at_home_once_its_period_is_named():
    """U2: tried again, it finds the period its line was told with."""
    periods, said = after(BY_INVOICE, BY_BOTH, BY_INVOICE, periods=(JANUARY,))

    assert 1 == len(said)
    assert (JANUARY, FEBRUARY) == periods


@pytest.mark.parametrize("paid", [BY_MODULE, BY_BOTH])
def test_a_payment_told_twice_is_one(paid):
    """V2: by its line, or by its start where it has no line."""
    assert after(paid, periods=(JANUARY,)) == after(paid, paid, periods=(JANUARY,))


def test_a_first_payment_without_a_date_begins_when_it_was_heard():
    """When it was paid is all we know of it, and so it stays a guess."""
    (first,), _ = after(payment("shop:line-1", heard=on(1, 5, 9)))

    assert Period(1, on(1, 5, 9), on(2, 5, 9), "shop:line-1", told=False) == first


GUESSED = {
    "paid at once, for a day that began before": (on(1, 1, 9), on(1, 1)),
    "paid when it was day there and night here": (on(1, 1, 9), on(1, 2)),
    "paid late": (on(1, 5, 9), on(1, 1)),
    "paid very late": (on(1, 14, 9), on(1, 1)),
}


@pytest.mark.parametrize(("heard", "named"), GUESSED.values(), ids=GUESSED)
@pytest.mark.parametrize("line", [None, "shop:line-1"])
def test_a_start_told_later_takes_the_place_of_a_guess(heard, named, line):
    """U2: one payment, one period, one grant; and now with the platform's own dates."""
    (first,), said = after(payment("shop:line-1", heard=heard), payment(line, named))

    assert [] == said
    assert Period(1, named, months_after(named, 1), "shop:line-1") == first


def test_an_end_told_later_takes_the_place_of_a_guess():
    """U2: the platform's own, of any length."""
    (first,), _ = after(payment("shop:line-1"), payment(None, on(1, 1), on(1, 8)))

    assert Period(1, on(1, 1), on(1, 8), "shop:line-1") == first


@pytest.mark.parametrize("first", [None, "shop:line-1"])
def test_a_guess_does_not_swallow_the_renewal_at_its_end(first):
    """U2: guessed from 1 January 10:00 on; 1 February 00:00 is the second period."""
    guess = payment(first, heard=on(1, 1, 10))
    periods, said = after(guess, payment(None, on(2, 1)))

    assert [] == said
    assert [(1, on(1, 1, 10)), (2, on(2, 1))] == [(p.no, p.starts) for p in periods]


@pytest.mark.parametrize("named", [on(1, 3), on(1, 15), on(1, 30)])
def test_a_start_in_the_midst_of_a_guess_waits(named):
    """U2: paid on the 1st for the 3rd, or a second period? A person must say."""
    periods, (why,) = after(payment("shop:line-1"), payment(None, named))

    assert say("period_overlaps", no=1, starts=named.isoformat()) == why
    assert [(1, NINE)] == [(p.no, p.starts) for p in periods]


# Turned red with a guess named by any start in the month before it.
def test_january_does_not_go_into_a_guess_for_february():
    """U2: February's invoice of 29 January is heard first, then January's module call:
    two were paid, one is granted, and nobody is told."""
    invoice, call = payment("shop:line-2", heard=on(1, 29)), payment(None, on(1, 1))
    periods, said = after(invoice, call)

    assert 2 == len(periods) + len(said)


def test_a_guess_that_lost_the_31st_makes_no_period_of_its_own():
    """D20: January's start was guessed; March is told once, and granted once."""
    periods, said = after(
        payment("shop:line-1", heard=on(1, 31, 3)),
        payment("shop:line-2", on(2, 28)),
        payment("shop:line-3", heard=on(3, 31, 5)),
        payment(None, on(3, 31)),
    )

    assert [say("period_unknown", line="shop:line-3")] == said
    assert [1, 2, 3] == [p.no for p in periods]


def test_a_named_start_moves_the_guessed_end_along():
    """U2: else a renewal on 1 February would cut into a January of 35 days."""
    heard, named = (
        payment("shop:line-1", heard=on(1, 5)),
        payment("shop:line-1", on(1, 1)),
    )
    periods, said = after(heard, named, payment("shop:line-2", on(2, 1)))

    assert [] == said
    assert (JANUARY, FEBRUARY) == periods


def test_a_guess_far_from_the_start_told_is_another_period():
    """U2: paid in January and told of June: two periods, two grants."""
    periods, _ = after(payment("shop:line-1"), payment("shop:line-2", on(6, 1)))

    assert [1, 2] == [p.no for p in periods]
    assert timedelta(days=100) < periods[1].starts - periods[0].starts


def test_what_the_platform_told_is_not_moved_by_a_second_telling():
    """The first dates stand; grants do not depend on them."""
    other_end = payment("shop:line-1", on(1, 1), on(2, 15))

    assert ((JANUARY,), []) == after(other_end, periods=(JANUARY,))


def test_the_end_told_is_the_end():
    """A platform may sell a period of any length."""
    (first,), _ = after(payment("shop:line-1", on(1, 1), on(1, 8)))

    assert on(1, 8) == first.ends


def test_bought_once_has_no_end():
    """I8: there is nothing to renew, and no date on which it would be due."""
    (first,), _ = after(payment("shop:line-1", on(1, 1)), months=CYCLES["once"])

    assert None is first.ends


def test_a_second_payment_of_what_was_bought_once_says_so():
    """I8: no period follows it, so what the second is, a person must say."""
    once = replace(JANUARY, ends=None)
    said = after(BY_INVOICE, periods=(once,), months=CYCLES["once"])

    assert ((once,), [say("bought_once", line="shop:line-2")]) == said


@pytest.mark.parametrize("cycle", [c for c, months in CYCLES.items() if months])
def test_a_period_is_as_long_as_its_cycle(cycle):
    """D20: counted from its start, where nobody told an end."""
    (first,), _ = after(payment(None, on(1, 31)), months=CYCLES[cycle])

    assert months_after(on(1, 31), CYCLES[cycle]) == first.ends


MONTH_ENDS = [on(1, 31), on(2, 28), on(3, 31), on(4, 30)]


# Turned red with a month counted from the last period's end.
def test_renewals_keep_the_anchors_day():
    """D20: 31 January, 28 February, 31 March, 30 April; a chain stays on the 28th."""
    periods, _ = after(*(payment(f"shop:{at}", at) for at in MONTH_ENDS))

    assert [*MONTH_ENDS[1:], on(5, 31)] == [p.ends for p in periods]


@pytest.mark.parametrize("cycle", ["quarterly", "annually", "biennially"])
@pytest.mark.parametrize("anchor", ["2028-02-29", "2026-11-30"])
def test_longer_cycles_keep_the_anchors_day_as_well(cycle, anchor):
    """D20: 29 February comes back in a leap year, 30 November after February."""
    months = CYCLES[cycle]
    first, *rest = (months_after(date(anchor), months * n) for n in range(6))
    told = [payment(f"shop:{at}", at) for at in (first, *rest)]
    periods, _ = after(*told, months=months)

    assert rest == [p.ends for p in periods[:-1]]


def test_a_line_that_paid_for_another_period_contradicts():
    """V15: which of the two is meant is for a person to say."""
    said = after(payment("shop:line-1", on(2, 1)), periods=(JANUARY, FEBRUARY))
    why = say("period_contradicts", line="shop:line-1", no=1)

    assert ((JANUARY, FEBRUARY), [why]) == said


@pytest.mark.parametrize("start", [on(2, 1), on(7, 1)])
def test_a_line_told_again_with_a_start_outside_its_period_contradicts(start):
    """V15: the line paid for January; a start in another month is not passed over."""
    said = after(payment("shop:line-1", start), periods=(JANUARY,))

    assert [say("period_contradicts", line="shop:line-1", no=1)] == said[1]


def test_a_period_paid_by_two_lines_is_paid_twice():
    """V2: one of the two is somebody's mistake; nothing is granted for it."""
    said = after(payment("shop:line-3", on(1, 1)), periods=(JANUARY,))
    why = say("period_paid_twice", no=1, had="shop:line-1", got="shop:line-3")

    assert ((JANUARY,), [why]) == said


OVERLAPPING = {
    "it begins within": (on(1, 15), on(2, 15)),
    "it ends within": (date("2025-12-15"), on(1, 15)),
    "it lies within": (on(1, 10), on(1, 20)),
    "it lies around": (date("2025-12-15"), on(2, 15)),
    "it never ends": (date("2025-12-15"), None),
}


@pytest.mark.parametrize(("starts", "ends"), OVERLAPPING.values(), ids=OVERLAPPING)
@pytest.mark.parametrize("line", [None, "shop:line-3"])
def test_a_period_that_would_cut_into_another_waits(starts, ends, line):
    """V15: paid time is not sold twice without a person's word."""
    paid = payment(line, starts, ends)
    said = after(paid, periods=(JANUARY,), months=CYCLES["once"])
    why = say("period_overlaps", no=1, starts=starts.isoformat())

    assert ((JANUARY,), [why]) == said


def test_an_overlap_is_one_whichever_comes_first():
    """V7: 15 January and 1 February: one is granted, and one waits."""
    early, late = payment(None, on(1, 15)), payment(None, on(2, 1))

    assert [1, 1] == [len(after(*row)[0]) for row in ((early, late), (late, early))]


def test_periods_may_touch():
    """Half-open: the end of one is the start of the next."""
    periods, said = after(payment(None, on(2, 1)), periods=(JANUARY,))

    assert [] == said
    assert [1, 2] == [p.no for p in periods]


def test_periods_may_leave_a_gap():
    """A late payer is served anew from the date the platform says."""
    periods, said = after(payment(None, on(4, 1)), periods=(JANUARY,))

    assert [] == said
    assert on(4, 1) == periods[-1].starts


def test_an_earlier_period_heard_later_gets_the_next_ordinal():
    """D24: an ordinal, once given, is part of a key and never moves."""
    periods, _ = after(
        payment("shop:line-1", on(1, 1)), periods=(replace(FEBRUARY, no=1),)
    )

    assert {on(2, 1): 1, on(1, 1): 2} == {p.starts: p.no for p in periods}


starts = st.sampled_from([on(month, 1) for month in range(1, 7)])
payments = st.lists(
    st.builds(
        lambda start, with_line: payment(
            f"line of {start:%B}" if with_line else None, start
        ),
        starts,
        st.booleans(),
    ),
    max_size=12,
)


@often
@given(payments)
def test_as_many_periods_as_months_were_paid(paid):
    """U2: told how often and in what order it may, by start or by start and line."""
    periods, said = after(*paid)

    assert [] == said
    assert {p.starts for p in paid} == {p.starts for p in periods}
    assert list(range(1, len(periods) + 1)) == sorted(p.no for p in periods)
    assert len(periods) == len({p.starts for p in periods})


@often
@given(payments, st.randoms(use_true_random=False))
def test_the_order_of_payments_only_decides_the_ordinals(paid, shuffle):
    """V7: the same starts, ends and lines, whatever came first."""
    shuffled = shuffle.sample(paid, len(paid))
    first, second = (
        {replace(period, no=0) for period in after(*row)[0]} for row in (paid, shuffled)
    )

    assert first == second


# --- Two months, told by every mix of roads


MONTHS = [(on(1, 1), "shop:line-1"), (on(2, 1), "shop:line-2")]

MIXES = [
    mix for many in (1, 2, 3) for mix in combinations(("date", "line", "both"), many)
]


def roads(month, mix, paid):
    """One paid month told by each road of the mix, *paid* after its first moment."""
    starts, line = month
    knows = {"date": (None, starts), "line": (line, None), "both": (line, starts)}
    return [payment(*knows[road], heard=starts + paid) for road in mix]


def shuffled(paid):
    """All roads of both months in every order."""
    for first, second in product(MIXES, repeat=2):
        told = [*roads(MONTHS[0], first, paid), *roads(MONTHS[1], second, paid)]
        yield from permutations(told)


def never_a_third(rows):
    for row in rows:
        periods, said = after(*row)

        assert 2 == len(periods) or (said and 2 > len(periods)), row


EARLY, AT_ONCE, LATE = timedelta(days=-3), timedelta(hours=9), timedelta(days=6)


# Turned red with any of the searches for a known period taken out, and with a line
# alone taken for the next period's.
@pytest.mark.parametrize("paid", [EARLY, AT_ONCE, LATE])
def test_two_months_told_by_any_roads_in_any_order_are_never_three(paid):
    """V7: 1,926 rows: two are granted, or one waits for a person."""
    never_a_third(shuffled(paid))


def test_a_guess_is_not_moved_into_another_period():
    """V15: January was guessed, February told; then January's line says 10 February."""
    invoice, moved = payment("shop:line-1"), payment("shop:line-1", on(2, 10))
    periods, said = after(invoice, BY_BOTH, moved)
    first, second = sorted(periods, key=lambda p: p.starts)

    assert [1, 2] == [first.starts.month, second.starts.month]
    assert ["period_overlaps"] == [sentence.code for sentence in said]


def test_a_guess_told_again_is_found_again():
    """V2: January by its line at nine, February by its date, January's line again."""
    january = payment("shop:line-1")
    once, twice = after(january, BY_BOTH), after(january, BY_BOTH, january)

    assert once == (once[0], [])
    assert {*once[0]} == {*twice[0]}
    assert [] == twice[1]


FREE = Period(1, on(1, 1), on(2, 1))
ENDLESS = replace(FREE, ends=None)
CUT = replace(FREE, ends=on(1, 10))
OVER = [
    # periods, free until, a paid one starts, what is left of them
    ((FREE,), on(1, 10), on(1, 10), (CUT,)),
    ((ENDLESS,), on(1, 9), on(1, 10), (CUT,)),
    ((FREE,), on(1, 10), on(2, 1), (FREE,)),
    ((FREE,), on(1, 10), on(1, 1), (FREE,)),
    ((FREE,), on(1, 10), None, (FREE,)),
    ((FREE,), None, on(1, 10), (FREE,)),
    ((FREE,), on(1, 12), on(1, 10), (FREE,)),
    ((replace(FREE, starts=on(1, 5)),), on(1, 3), on(1, 10), None),
    ((replace(FREE, line="shop:1"),), on(1, 10), on(1, 10), None),
    ((replace(FREE, starts=on(1, 10)),), on(1, 10), on(1, 10), None),
]


@pytest.mark.parametrize(("periods", "free_until", "starts", "left"), OVER)
def test_what_cost_nothing_is_over_where_something_paid_begins(
    periods, free_until, starts, left
):
    """C6: what has a line was paid for, and is left to a person."""
    # Guard off (a line is no matter, or when it became what is paid): red.
    assert (left or periods) == until_paid(periods, free_until, starts)
