"""An umbrella is a floor under every plan it covers, for as long as it acts."""

from dataclasses import replace

import pytest

from provisioning.core.umbrellas import Acting, floor, folded
from tests.provisioning.core.ladder import TERMS, service, stands
from tests.provisioning.core.world import on

TWELVE, TEN = Acting("twelve", on(3, 1)), Acting("ten", on(3, 5), on(3, 20))
DESKS, NO_STEP = Acting("desks only", on(3, 1)), Acting("no such step", on(3, 1))
GONE = Acting("gone", on(3, 1))


@pytest.mark.parametrize(
    ("acting", "day", "name"),
    [
        ((), 10, None),
        ((TWELVE,), 10, "twelve"),
        ((TWELVE, TEN), 10, "ten"),
        ((TEN, TWELVE), 10, "ten"),
        ((TWELVE, TEN), 4, "twelve"),
        ((TWELVE, TEN), 5, "ten"),
        ((TWELVE, TEN), 20, "twelve"),
        ((DESKS,), 10, None),
        ((NO_STEP,), 10, None),
        ((GONE,), 10, None),
    ],
)
def test_the_best_that_acts_on_the_family_then_is_its_floor(acting, day, name):
    """S4: not before it starts or once it ends, nor on a family it does not cover."""
    # Guard off (its time, its families, its step on the ladder): red each.
    found = floor(acting, "calls", TERMS, on(3, day))

    assert name == (found.name if found else None)


def test_before_it_is_spread_it_covers_nothing():
    """S4: half-open, from its start to its end."""
    held = [TEN.holds(on(3, day)) for day in (4, 5, 19, 20)]

    assert [False, True, True, False] == held


@pytest.mark.parametrize(
    ("rank", "acting", "then"),
    [(14, (TWELVE,), 12), (12, (TWELVE,), 12), (9, (TWELVE,), 9), (14, (), 14)],
)
def test_a_service_stands_on_the_better_of_plan_and_umbrella(rank, acting, then):
    """S4: an umbrella never makes it worse."""
    assert then == stands(service(rank), on(3, 10), acting=acting).rung.rank


def test_what_is_on_no_ladder_has_no_floor():
    """S4: there is no step it could be lifted to."""
    assert None is stands(service("loose"), on(3, 10), acting=(TWELVE,)).rung


def test_folded_it_ends_then_and_what_was_stays_known():
    """S4: not those that were over, nor others; one yet to begin never does."""
    past, coming = Acting("ten", on(1, 1), on(2, 1)), Acting("ten", on(5, 1))
    acting = (past, TWELVE, TEN, coming)

    assert (
        past,
        TWELVE,
        replace(TEN, ends=on(3, 10)),
        replace(coming, ends=on(5, 1)),
    ) == folded(acting, "ten", on(3, 10))


def test_folded_at_its_very_end_it_is_as_it_was():
    """S4: there is nothing left to end."""
    assert (TEN,) == folded((TEN,), "ten", on(3, 20))
