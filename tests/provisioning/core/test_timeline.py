"""A service's time, made of what its platform dated and what happened to it here."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.account import ENDED, ENDING, LIFE, Next
from provisioning.core.events import Order
from provisioning.core.period import Period
from provisioning.core.shown import Push
from provisioning.core.splice import Base, Segment, Sold, Why
from provisioning.core.terms import Mode
from provisioning.core.timeline import (
    Course,
    End,
    Scheduled,
    Stretch,
    Switch,
    course,
    timeline,
)
from provisioning.core.trial import Trial
from tests.provisioning.core.ladder import (
    ALIVE,
    APRIL,
    CATALOG,
    DAY,
    HOUR,
    MARCH,
    TERMS,
    activation,
    base,
    lies,
    marks,
    service,
)
from tests.provisioning.core.world import often, on

OPEN = Period(1, on(3, 1), None)
LOWER = Sold("rank 14", "monthly")
TRIED = Trial("calls", on(2, 1), on(3, 1), "shop:7")
FREE = replace(
    TERMS,
    families=TERMS.families
    | {"calls": replace(TERMS.families["calls"], free="rank 14")},
)


def spans(along):
    return [(s.starts, s.ends, s.base.no) for s in along.film]


# --- At a moment


def test_it_knows_what_was_and_what_will_be():
    """S3: before it, in it, in a coupon, after it."""
    card = activation(on(3, 10))
    along = lies(service(14), card)
    at = [on(2, 28), on(3, 1), on(3, 10), on(3, 13), on(4, 3, 23, 59), on(4, 4)]

    assert [None, "rank 14", "rank 12", "rank 14", "rank 14", None] == [
        found.package if (found := along.segment_at(moment)) else None for moment in at
    ]
    assert [(), (), (card,), (), (), ()] == [along.running(moment) for moment in at]


def test_a_coupon_measures_itself_from_what_it_pushed_aside():
    """D2: also while another runs the base is the plan's; after it nothing is paid."""
    along = lies(service(14), activation(on(3, 10)))
    unpaid = Base(Sold("rank 14", "monthly"), Why.GRACE)

    assert [base(14, 1), unpaid] == [along.base_at(at) for at in (on(3, 11), on(4, 4))]


def test_limits_turn_where_a_coupon_begins_and_ends():
    """I5: these are the moments somebody has to look again."""
    along = lies(service(14), activation(on(3, 10)), activation(on(3, 20), DAY))

    assert (on(3, 10), on(3, 13), on(3, 20), on(3, 21)) == along.turns


def test_a_coupon_ends_later_where_another_is_spliced_into_it():
    """D2: and one that was void before it began to run ends never."""
    outer, inner = activation(on(3, 10), DAY), activation(on(3, 10, 6), HOUR, id="c2")
    along = lies(service(14), outer, inner)

    assert [on(3, 11, 1), on(3, 10, 7), None] == [
        along.ends_of(card) for card in (outer, inner, activation(on(3, 9)))
    ]


def test_it_counts_its_own_time_and_by_how_much_it_moved():
    """B6: a month and three days, of which a month is the plan's."""
    along = lies(service(14), activation(on(3, 10)))

    assert (31 * DAY, 3 * DAY) == (along.base_time, along.shifted)
    assert (on(4, 1), on(4, 4)) == (along.nominal_until, along.paid_until)


@pytest.mark.parametrize("periods", [(), (OPEN,)], ids=["none", "open"])
def test_what_has_no_end_is_never_moved(periods):
    """I8: bought once or never paid for, it has no due date."""
    along = lies(service(14, periods), activation(on(3, 10)))

    assert (None, None, timedelta(0)) == (
        along.nominal_until, along.paid_until, along.shifted
    )  # fmt: skip
    assert (None if periods else timedelta(0)) == along.base_time


# --- What the platform dated


def test_periods_follow_one_another_in_time_whatever_order_they_came_in():
    """S3: an older one told late is not put at the end."""
    assert lies(service(14, (MARCH, APRIL))) == lies(service(14, (APRIL, MARCH)))
    assert [(on(3, 1), on(4, 1), 1), (on(4, 1), on(5, 1), 2)] == spans(
        lies(service(14, (APRIL, MARCH)))
    )


def test_days_that_were_pushed_are_in_the_dates_of_later_periods_already():
    """D1: the platform dates the next from the date we moved; it is not moved twice."""
    # Guard off (the pushed days are left in): red, the second ends on 7 May.
    card = activation(on(3, 10))
    april = replace(APRIL, starts=on(4, 4), ends=on(5, 4))
    along = lies(service(14, (MARCH, april)), card, pushes=(Push(1, 3),))

    assert (on(4, 4), on(5, 4), 2) == spans(along)[-1]
    assert (on(5, 1), 3 * DAY) == (along.nominal_until, along.shifted)


def test_a_push_after_the_last_period_moves_none_before_it():
    """D1: what was dated before the push has nothing of it in its dates."""
    along = lies(service(14, (MARCH, APRIL)), pushes=(Push(2, 3),))

    assert [(on(3, 1), on(4, 1), 1), (on(4, 1), on(5, 1), 2)] == spans(along)


def test_a_date_that_was_set_back_at_the_platform_takes_no_paid_time():
    """B6: a person undid our push there; the second period still has its length."""
    along = lies(service(14, (MARCH, APRIL)), pushes=(Push(1, 3),))

    assert [(on(3, 1), on(4, 1), 1), (on(4, 1), on(5, 1), 2)] == spans(along)


@pytest.mark.parametrize("why", [Why.TRIAL, Why.FREE])
def test_a_trial_ends_where_something_paid_begins(why):
    """Its rest is not put after what is paid, nor before it."""
    stretches = (
        Stretch(on(3, 1), on(3, 31), base(14, 1, why)),
        Stretch(on(3, 10), on(4, 10), base(12, 2)),
    )
    along = timeline(Course(LOWER, stretches))

    assert [(on(3, 1), on(3, 10), 1), (on(3, 10), on(4, 10), 2)] == spans(along)
    assert [why, Why.PAID] == [s.why for s in along.film]


def test_what_was_bought_once_ends_where_the_next_begins():
    """It had no end of its own."""
    stretches = (
        Stretch(on(3, 1), None, base(14, 1)),
        Stretch(on(4, 1), on(5, 1), base(12, 2)),
    )

    assert [(on(3, 1), on(4, 1), 1), (on(4, 1), on(5, 1), 2)] == spans(
        timeline(Course(LOWER, stretches))
    )


def test_a_plan_that_is_replaced_the_moment_it_begins_leaves_nothing():
    """A trial turned into a paid plan at once was never one."""
    stretches = (
        Stretch(on(3, 1), on(3, 31), base(14, 1, Why.TRIAL)),
        Stretch(on(3, 1), on(4, 1), base(12, 2)),
    )

    assert [(on(3, 1), on(4, 1), 2)] == spans(timeline(Course(LOWER, stretches)))


def test_whatever_zone_it_was_told_in_it_is_kept_in_utc():
    """D8: durations are added there, and only there."""
    zone = timezone(timedelta(hours=7))
    told = Period(
        1,
        datetime(2026, 3, 1, 7, tzinfo=zone),
        datetime(2026, 4, 1, 7, tzinfo=zone),
    )
    [only] = lies(service(14, (told,))).film

    assert ("UTC", "UTC") == (only.starts.tzname(), only.ends.tzname())
    assert Segment(on(3, 1), on(4, 1), base(14, 1)) == only


# --- What comes next


def test_a_downgrade_takes_effect_where_what_is_paid_for_ends():
    """C11: the next renewal package, for a cycle of its own, yet to be paid."""
    along = lies(service(12), scheduled=(Scheduled(LOWER),))

    assert Segment(on(4, 1), on(5, 1), Base(LOWER)) == along.film[-1]
    assert on(4, 1) == along.paid_until


def test_what_is_paid_ahead_becomes_it_as_well():
    """C11: after the first of two paid periods it is the lower one, still paid for."""
    along = lies(service(12, (MARCH, APRIL)), scheduled=(Scheduled(LOWER, after=1),))

    assert [("rank 12", 1), ("rank 14", 2)] == [
        (s.package, s.base.no) for s in along.film
    ]


def test_the_months_to_come_are_counted_from_the_first():
    """D20: from 31 January and February's last on to 31 March."""
    begun = Period(1, on(1, 31), on(2, 28))
    along = lies(service(12, (begun,)), scheduled=(Scheduled(LOWER),))

    assert (on(2, 28), on(3, 31)) == (along.film[-1].starts, along.film[-1].ends)


def test_free_has_no_end():
    """D13: a trial that ends unpaid goes to the plan that costs nothing, for good."""
    free = Scheduled(Sold("rank 14", "once"), why=Why.FREE)
    along = lies(service(12), scheduled=(free,))

    assert (Why.FREE, on(4, 1), None) == (
        along.film[-1].why, along.film[-1].starts, along.film[-1].ends
    )  # fmt: skip


@pytest.mark.parametrize(
    ("periods", "after"),
    [((), None), ((OPEN,), None), ((MARCH,), 7)],
    ids=["nothing paid", "paid for good", "a period nobody knows"],
)
def test_what_would_follow_what_never_ends_never_begins(periods, after):
    """C11: there is no end it could take effect at."""
    along = lies(service(12, periods), scheduled=(Scheduled(LOWER, after),))

    assert [p.no for p in periods] == [s.base.no for s in along.film]
    assert all(s.package == "rank 12" for s in along.film)


# --- What happened, in its order


def test_an_upgrade_holds_from_the_moment_it_was_paid():
    """C6: and what was before it was what it was."""
    along = lies(service(14), Switch(on(3, 20), Sold("rank 8", "monthly")))

    assert ["rank 14", "rank 8"] == [s.package for s in along.film]


def test_things_are_taken_in_the_order_they_happened():
    """D6: whichever order they are kept in, the timeline is the same."""
    card, late = activation(on(3, 10)), activation(on(3, 20), id="c2")
    better = Switch(on(3, 11), Sold("rank 8", "monthly"))
    end = End(on(3, 21))
    ways = [(card, late, better, end), (end, better, late, card)]
    one, other = (lies(service(14), *way) for way in ways)

    assert one == other
    assert on(4, 5) == one.paid_until


def test_the_end_of_a_service_is_the_end_of_its_coupon():
    """D7: from what the service itself remembers."""
    # Guard off (the end is not a step): red, on 4 April.
    said = marks(**{LIFE: (False, on(3, 11)), ENDED: (True, on(3, 11))})
    along = lies(service(14, said=said), activation(on(3, 10)))

    assert (on(4, 2), ()) == (along.paid_until, along.running(on(3, 12)))


def test_suspension_freezes_neither_plan_nor_coupon():
    """D7: held or not, the time is the same."""
    held = service(14, said=ALIVE | marks(billing=(True, on(3, 11))))
    card = activation(on(3, 10))

    assert held.holds
    assert lies(service(14), card) == lies(held, card)


def test_a_service_that_is_used_up_had_all_of_its_coupon():
    """D7: told on the 9th to end with its time; the coupon after that ran in full."""
    said = marks(
        **{LIFE: (False, on(3, 9)), ENDED: (True, on(3, 9)), ENDING: (True, on(3, 9))}
    )
    along = lies(service(14, said=said), activation(on(3, 8)))

    assert on(4, 4) == along.paid_until


def test_to_end_later_and_ended_now_its_coupon_is_void():
    """D7: another word ended it than the one that was to."""
    said = marks(
        **{LIFE: (False, on(3, 9)), ENDED: (True, on(3, 9)), ENDING: (True, on(3, 8))}
    )

    assert on(4, 2) == lies(service(14, said=said), activation(on(3, 8))).paid_until


# --- What a service tells


def test_a_service_tells_so_many_of_what_for_how_long():
    """S3: package, cycle and quantity, by paid period."""
    known = course(service(14, (MARCH, APRIL), quantity=3), CATALOG, TERMS)

    assert Sold("rank 14", "monthly", 3) == known.sold
    assert [(on(3, 1), 1), (on(4, 1), 2)] == [
        (s.starts, s.base.no) for s in known.stretches
    ]


def test_what_is_not_sold_any_more_has_no_cycle_to_come():
    """Its time is what was paid for."""
    known = course(service("gone"), CATALOG, TERMS)

    assert Sold("gone", "once") == known.sold


def to_become(package, quantity=None):
    """Its next renewal package, said on 10 March."""
    return Next(package, quantity, None, Order(on(3, 10), 0, 0), "evt")


@pytest.mark.parametrize(
    ("quantity", "sold"),
    [
        (None, Sold("rank 14", "monthly", 3)),
        (2, Sold("rank 14", "monthly", 2)),
    ],
)
def test_a_service_tells_its_next_renewal_package(quantity, sold):
    """C11: after the period under way when it was said, as many as it then has."""
    coming = to_become("rank 14", quantity)
    of = service(12, (MARCH, APRIL), quantity=3, next=coming)

    assert (Scheduled(sold, after=1),) == course(of, CATALOG, TERMS).scheduled


@pytest.mark.parametrize(
    "of",
    [
        service(12),
        service(12, next=replace(to_become("rank 14"), turned=on(4, 1))),
        service(12, (), next=to_become("rank 14")),
    ],
    ids=["nothing said", "it is that already", "no period"],
)
def test_where_nothing_is_to_come_nothing_is_scheduled(of):
    """C11: or where nobody knows when."""
    assert () == course(of, CATALOG, TERMS).scheduled


def test_a_period_really_ends_later_by_its_coupons():
    """B6: each by those that were spliced into it, and into none that is not there."""
    along = lies(service(12, (MARCH, APRIL)), activation(on(3, 10)))

    assert [on(4, 4), on(5, 4), None] == [along.end_of(no) for no in (1, 2, 3)]


@pytest.mark.parametrize(
    ("terms", "tried", "why"),
    [
        (TERMS, None, [Why.PAID]),
        (TERMS, TRIED, [Why.TRIAL, Why.PAID]),
        (FREE, None, [Why.FREE]),
        (FREE, TRIED, [Why.TRIAL, Why.FREE]),
    ],
)
def test_it_is_paid_for_or_free_or_only_tried(terms, tried, why):
    """D13: Free is the family's own; a trial is before all that is paid for."""
    known = course(service(14), CATALOG, terms, tried=tried)

    assert why == [s.base.why for s in known.stretches]


@pytest.mark.parametrize("package", ["rank 12", "loose"])
def test_another_plan_of_a_family_with_a_free_one_is_paid_for(package):
    """D13: nor is what is on no ladder free."""
    known = course(service(package), CATALOG, FREE)

    assert [Why.PAID] == [s.base.why for s in known.stretches]


@often
@given(
    st.lists(
        st.tuples(st.integers(0, 90 * 24), st.integers(1, 200), st.sampled_from(Mode)),
        max_size=5,
    )
)
def test_whatever_is_spliced_in_its_paid_periods_are_the_same(drawn):
    """D24: the same ordinals, each once, each with all of its time."""
    cards = [
        activation(on(3, 1) + hours * HOUR, lasts * HOUR, 12, f"c{no}", mode)
        for no, (hours, lasts, mode) in enumerate(drawn)
    ]
    along = lies(service(14, (MARCH, APRIL)), *cards)
    lasted = {no: timedelta(0) for no in (1, 2)}
    for segment in along.film:
        if segment.uses:
            lasted[segment.base.no] += segment.lasts

    assert {1: 31 * DAY, 2: 30 * DAY} == lasted
    assert 61 * DAY == along.base_time
