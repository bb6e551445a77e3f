"""A coupon spliced in moves what follows by as long as it lasts, and eats nothing."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.splice import (
    Segment,
    Sold,
    Why,
    cut,
    sold_as,
    splice,
    void,
)
from provisioning.core.terms import Mode
from tests.provisioning.core.ladder import DAY, HOUR, activation, base
from tests.provisioning.core.world import often, on

MARCH = Segment(on(3, 1), on(4, 1), base(14, 1))
APRIL = Segment(on(4, 1), on(5, 1), base(13, 2))
JUNE = Segment(on(6, 1), None, base(12, 3))
UNPAID = base(14, None, Why.GRACE)


def shown(film):
    """Where each begins, what it is and why, and where it all ends."""
    return [(s.starts, s.package, s.why) for s in film], film[-1].ends


# --- The law


MINUTES = st.integers(0, 75 * 24 * 60).map(lambda n: on(2, 20) + timedelta(minutes=n))
LENGTHS = st.integers(1, 9 * 24 * 60).map(lambda n: timedelta(minutes=n))
FILMS = st.lists(LENGTHS, min_size=1, max_size=6).map(
    lambda lengths: tuple(
        Segment(
            on(3, 1) + sum(lengths[:no], timedelta(0)),
            on(3, 1) + sum(lengths[: no + 1], timedelta(0)),
            base(8 + no, no + 1),
        )
        for no in range(len(lengths))
    )
)
MODES = st.sampled_from(Mode)


@st.composite
def coupons(draw, modes=MODES):
    """Several, each activated whenever, also into one another."""
    found = draw(st.lists(st.tuples(MINUTES, LENGTHS, modes), max_size=5))
    return [
        activation(at, lasts, 12, f"c{no}", mode)
        for no, (at, lasts, mode) in enumerate(sorted(found, key=lambda c: c[0]))
    ]


def after(film, cards):
    for card in cards:
        film = splice(film, card, UNPAID)
    return film


def base_time(film):
    """By paid period: a coupon must not take from one what it gives to another."""
    sums = {}
    for s in film:
        if s.uses:
            sums[s.base.no] = sums.get(s.base.no, timedelta(0)) + s.lasts
    return sums


def paid_end(film):
    return max(s.ends for s in film if s.base.no)


@often
@given(FILMS, coupons())
def test_a_coupon_never_eats_paid_time(film, cards):
    """B6: however many are spliced in, each period keeps its full length."""
    # Guard off (nothing after the coupon is moved): red.
    assert base_time(film) == base_time(after(film, cards))


@often
@given(FILMS, MINUTES, LENGTHS)
def test_all_that_follows_moves_by_exactly_as_long_as_the_coupon_lasts(film, at, lasts):
    """B6: the end of the term, too; what is before it stays."""
    spliced = splice(film, activation(at, lasts), UNPAID)
    before, rest = cut(film, at)

    assert before == spliced[: len(before)]
    assert [s.moved(lasts) for s in rest] == list(spliced[len(before) + 1 :])


@often
@given(FILMS, coupons(st.just(Mode.EXTEND)))
def test_each_coupon_moves_the_end_by_what_it_lasts(film, cards):
    """B6: one into the other as well; one that begins after the end moves nothing."""
    now = film
    for card in cards:
        moves = card.lasts if card.at < paid_end(now) else timedelta(0)
        ends, now = paid_end(now), splice(now, card, UNPAID)

        assert ends + moves == paid_end(now)


@often
@given(FILMS, coupons())
def test_the_order_of_the_periods_is_kept(film, cards):
    """B6: cut and spliced, the film runs in the same order, and never double."""
    spliced = after(film, cards)
    nos = [s.base.no for s in spliced if s.uses]

    assert sorted(nos) == nos
    assert {s.base.no for s in film} == set(nos)
    assert all(a.ends <= b.starts for a, b in pairwise(spliced))
    assert all(s.starts < s.ends for s in spliced)


@often
@given(FILMS, coupons())
def test_each_coupon_lasts_as_long_as_it_says(film, cards):
    """B4: to the minute, whatever is spliced into it in turn."""
    spliced = after(film, cards)
    lasted = {
        card: sum((s.lasts for s in spliced if card in s.over), timedelta(0))
        for card in cards
    }

    assert {card: card.lasts for card in cards} == lasted


@often
@given(FILMS, coupons(st.just(Mode.OVERLAY)))
def test_beside_the_term_a_coupon_moves_nothing(film, cards):
    """D1: limits rise, the term is as it was."""
    spliced = after(film, cards)
    bare = [(s.starts, s.ends) for s in spliced if s.base.no]

    assert paid_end(film) == paid_end(spliced)
    assert on(3, 1) == bare[0][0]
    assert all(a[1] == b[0] for a, b in pairwise(bare))


# --- One by one


def test_it_spreads_the_running_plan_apart():
    """B6: before it, the plan; after it, the same plan for the remainder it had."""
    film = splice((MARCH, APRIL), activation(on(3, 10, 12)), UNPAID)

    assert (
        [
            (on(3, 1), "rank 14", Why.PAID),
            (on(3, 10, 12), "rank 12", Why.COUPON),
            (on(3, 13, 12), "rank 14", Why.PAID),
            (on(4, 4), "rank 13", Why.PAID),
        ],
        on(5, 4),
    ) == shown(film)


def test_it_remembers_what_it_pushed_aside():
    """D6: the better of base and coupon needs the base, also while it stands still."""
    film = splice((MARCH,), activation(on(3, 10)), UNPAID)

    assert [base(14, 1)] * 3 == [s.base for s in film]


def test_one_within_another_spreads_that_apart_as_well():
    """D2: nested, the outer one has its own remainder after the inner."""
    outer = activation(on(3, 10), DAY, 12, "outer")
    inner = activation(on(3, 10, 6), 2 * HOUR, 10, "inner")
    film = after((MARCH,), [outer, inner])

    assert [
        (on(3, 1), ()),
        (on(3, 10), (outer,)),
        (on(3, 10, 6), (inner,)),
        (on(3, 10, 8), (outer,)),
        (on(3, 11, 2), ()),
    ] == [(s.starts, s.over) for s in film]
    assert on(4, 2, 2) == film[-1].ends


def test_beside_the_term_it_lies_over_all_it_meets():
    """D1: over the end of one period and the begin of the next."""
    card = activation(on(3, 31), 2 * DAY, 10, mode=Mode.OVERLAY)
    film = splice((MARCH, APRIL), card, UNPAID)

    assert (
        [
            (on(3, 1), "rank 14", Why.PAID),
            (on(3, 31), "rank 10", Why.COUPON),
            (on(4, 1), "rank 10", Why.COUPON),
            (on(4, 2), "rank 13", Why.PAID),
        ],
        on(5, 1),
    ) == shown(film)


def test_beside_the_term_it_lasts_beyond_what_is_paid_for():
    """B4: it says three days, and three days it is."""
    card = activation(on(4, 29), 40 * DAY, 10, mode=Mode.OVERLAY)
    film = splice((APRIL, JUNE), card, UNPAID)

    assert [
        (on(4, 1), on(4, 29), 2),
        (on(4, 29), on(5, 1), 2),
        (on(5, 1), on(6, 1), None),
        (on(6, 1), on(6, 8), 3),
        (on(6, 8), None, 3),
    ] == [(s.starts, s.ends, s.base.no) for s in film]


@pytest.mark.parametrize("mode", Mode)
def test_where_nothing_is_paid_for_it_runs_all_the_same(mode):
    """B4: over what the service is sold as, though nothing of that is used up."""
    card = activation(on(4, 10), DAY, mode=mode)
    film = splice((MARCH,), card, UNPAID)

    assert Segment(on(4, 10), on(4, 11), UNPAID, (card,)) == film[-1]
    assert [True, False] == [s.uses for s in film]


def test_in_a_gap_it_runs_over_nothing_and_moves_what_follows():
    """B6: what was paid for later has its full length, later."""
    film = splice((APRIL, JUNE), activation(on(5, 20), DAY), UNPAID)

    assert [base(13, 2), UNPAID, base(12, 3)] == [s.base for s in film]
    assert (on(6, 2), None) == (film[-1].starts, film[-1].ends)


def test_what_has_no_end_has_none_after_it():
    """B6: of a package bought once nothing moves, and the coupon runs its time."""
    film = splice((JUNE,), activation(on(7, 1), HOUR), UNPAID)

    assert [on(6, 1), on(7, 1), on(7, 1, 1)] == [s.starts for s in film]
    assert [30 * DAY, HOUR, None] == [s.lasts for s in film]


def test_at_its_very_begin_and_end_nothing_empty_is_left():
    """B6: a cut at an edge makes no segment without length."""
    at_begin = splice((MARCH,), activation(on(3, 1), DAY), UNPAID)
    at_end = splice((MARCH,), activation(on(4, 1), DAY), UNPAID)

    assert [on(3, 1), on(3, 2)] == [s.starts for s in at_begin]
    assert [on(3, 1), on(4, 1)] == [s.starts for s in at_end]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Saigon"])
def test_three_hours_are_three_hours_when_the_clocks_change(zone):
    """D8: activated by a clock that jumps meanwhile, it lasts as long as ever."""
    # Guard off (the moment is kept in its zone): red, two hours in Berlin.
    for local in (datetime(2026, 3, 29, 0, 30), datetime(2026, 3, 8, 0, 30)):  # noqa: DTZ001 - its zone comes next
        at = local.replace(tzinfo=ZoneInfo(zone))
        film = splice((MARCH,), activation(at, 3 * HOUR), UNPAID)

        assert 3 * HOUR == next(s.lasts for s in film if s.over)
        assert at.timestamp() + 3 * 3600 == film[-1].starts.timestamp()


# --- Ended, and changed


def test_the_rest_of_a_coupon_is_void_and_moves_nothing():
    """D7: terminated a day into a coupon of three, it has moved the end by a day."""
    # Guard off (the rest stays): red.
    film = splice((MARCH, APRIL), activation(on(3, 10)), UNPAID)
    ended = void(film, on(3, 11))

    assert (
        [
            (on(3, 1), "rank 14", Why.PAID),
            (on(3, 10), "rank 12", Why.COUPON),
            (on(3, 11), "rank 14", Why.PAID),
            (on(4, 2), "rank 13", Why.PAID),
        ],
        on(5, 2),
    ) == shown(ended)


def test_void_beside_the_term_it_is_only_lifted():
    """D7: what lay over the plan is gone, and over nothing there is nothing."""
    card = activation(on(4, 30), 3 * DAY, mode=Mode.OVERLAY)
    ended = void(splice((APRIL,), card, UNPAID), on(4, 30, 12))

    assert [(), (card,), ()] == [s.over for s in ended]
    assert on(5, 1) == ended[-1].ends


@often
@given(FILMS, coupons(), MINUTES)
def test_voiding_eats_no_paid_time_either(film, cards, at):
    """D7: base time before and after is the same, and nothing runs from then on."""
    ended = void(after(film, [c for c in cards if c.at < at]), at)

    assert base_time(film) == base_time(ended)
    assert not any(s.over for s in ended if s.starts >= at)


GOLD = Sold("rank 8", "monthly", 2)


def test_a_change_at_once_holds_until_it_was_to_change_anyhow():
    """C6: from that moment, and a scheduled change after it stays scheduled."""
    changed = sold_as((MARCH, APRIL), on(3, 20), GOLD)

    assert [(on(3, 1), "rank 14"), (on(3, 20), "rank 8"), (on(4, 1), "rank 13")] == [
        (s.starts, s.package) for s in changed
    ]


def test_a_change_at_once_goes_on_over_the_periods_to_come():
    """C6: the next period is sold as the same, so it becomes the new one as well."""
    april = Segment(on(4, 1), on(5, 1), base(14, 2))
    changed = sold_as((MARCH, april), on(3, 20), GOLD)

    assert [(1, 1), (1, 2), (2, 2)] == [
        (s.base.no, s.base.sold.quantity) for s in changed
    ]


def test_a_change_during_a_coupon_changes_what_it_pushed_aside():
    """D6: the coupon stays as it was resolved; the base under it is the new one."""
    film = splice((MARCH,), activation(on(3, 10)), UNPAID)
    changed = sold_as(film, on(3, 11), GOLD)

    assert [
        (on(3, 1), "rank 14", "rank 14"),
        (on(3, 10), "rank 12", "rank 14"),
        (on(3, 11), "rank 12", "rank 8"),
        (on(3, 13), "rank 8", "rank 8"),
    ] == [(s.starts, s.package, s.base.sold.package) for s in changed]


def test_a_change_after_all_that_is_known_changes_nothing_of_it():
    """C6: what is not there yet is sold as what the service then is."""
    assert (MARCH,) == sold_as((MARCH,), on(4, 2), GOLD)
