"""After a downgrade: capacity above the limit is trimmed, locked data deleted."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.clearing import (
    Locked,
    Purchase,
    deletions,
    excess,
    locked,
    still_locked,
    trimmed,
    trims,
)
from provisioning.core.dues import What, wakes
from provisioning.core.losses import Loss
from tests.provisioning.core.world import often, on

EFFECT = on(5, 1)
OLD, MIDDLE, NEW = (
    Purchase(f"shop:{no}", units, on(no, 1))
    for no, units in enumerate((4, 5, 6), start=1)
)


def units(purchases):
    return [p.units for p in purchases]


TRIMMED = [
    # purchases, limit, what is left, the oldest first
    ((OLD, MIDDLE, NEW), 10, [0, 4, 6]),
    ((NEW, OLD, MIDDLE), 10, [0, 4, 6]),
    ((OLD, MIDDLE, NEW), 15, [4, 5, 6]),
    ((OLD, MIDDLE, NEW), 14, [3, 5, 6]),
    ((OLD, MIDDLE, NEW), 6, [0, 0, 6]),
    ((OLD, MIDDLE, NEW), 0, [0, 0, 0]),
    ((OLD, MIDDLE, NEW), -1, [0, 0, 0]),
    ((OLD, MIDDLE, NEW), 99, [4, 5, 6]),
    ((replace(OLD, at=NEW.at), NEW), 7, [1, 6]),
    ((), 5, []),
]


@pytest.mark.parametrize(("purchases", "limit", "left"), TRIMMED)
def test_the_oldest_purchase_is_trimmed_first(purchases, limit, left):
    """D9: whole units, until the limit is kept: 4+5+6 on a limit of 10 is 0+4+6."""
    # Guard off (the newest first): red. Guard off (whole purchases): red.
    assert left == units(trimmed(purchases, limit))


purchases = st.lists(
    st.builds(
        Purchase,
        st.uuids().map(str),
        st.integers(0, 1000),
        st.integers(1, 9).map(lambda month: on(month, 1)),
    ),
    max_size=8,
).map(tuple)


@often
@given(purchases, st.integers(0, 5000))
def test_a_trim_takes_what_is_above_the_limit_and_not_a_unit_more(bought, limit):
    """C14: and from no purchase before the older ones are gone."""
    left = trimmed(bought, limit)
    had = {p.ref: p.units for p in bought}
    touched = [p for p in left if p.units < had[p.ref]]

    assert min(sum(had.values()), limit) == sum(units(left))
    assert all(p.units == 0 for p in touched[:-1])
    assert sorted(had) == sorted(p.ref for p in left)


def test_the_owner_has_seven_days_and_three_notices():
    """D9: told at once, on day five and on day seven; then it is trimmed."""
    # Guard off (trimmed at once): red.
    due = trims("shop:7/lines", (OLD, MIDDLE, NEW), 10, EFFECT)

    assert [
        (What.WARN_CAPACITY, on(5, 1)),
        (What.WARN_CAPACITY, on(5, 6)),
        (What.WARN_CAPACITY, on(5, 8)),
        (What.TRIM, on(5, 8)),
    ] == [(d.what, d.at) for d in due]
    assert 4 == len(wakes(due, on(4, 30)))


@pytest.mark.parametrize(("bought", "limit"), [
    ((OLD, MIDDLE), 10), ((OLD, MIDDLE, NEW), 15), ((), 0),
])  # fmt: skip
def test_who_is_within_the_limit_again_is_not_trimmed(bought, limit):
    """C14: meanwhile the owner may buy more or delete some."""
    # Guard off (once begun it is not looked at again): red.
    assert (0, ()) == (excess(bought, limit), trims("x", bought, limit, EFFECT))


def test_a_limit_below_nothing_is_nothing():
    """C14: no more is above it than there is."""
    assert 15 == excess((OLD, MIDDLE, NEW), -1)


def test_seven_days_are_of_24_hours():
    """D9: seven times 24 hours, whatever clocks do meanwhile."""
    berlin = on(3, 27).astimezone(ZoneInfo("Europe/Berlin"))

    assert on(4, 3) == trims("x", (OLD,), 0, berlin)[-1].at
    assert on(6, 25) == deletions("x", (Locked("documents", berlin),))[-1].at


LOST = (Loss("storage_gb", 5, 0), Loss("features/api", 1, None), Loss("channels", 9, 3))
GONE = (Locked("storage_gb", EFFECT), Locked("features/api", EFFECT))


def test_only_what_is_wholly_gone_loses_its_data():
    """C15: the data of features that are locked, not of those that are less."""
    # Guard off (every loss locks): red.
    assert GONE == locked(LOST, EFFECT)


def test_locked_data_are_kept_for_90_days():
    """D10: notices 30, 7 and 1 days before."""
    # Guard off (deleted at once): red.
    due = deletions("shop:7/data", GONE[:1])

    assert [
        (What.WARN_DATA, on(6, 30)),
        (What.WARN_DATA, on(7, 23)),
        (What.WARN_DATA, on(7, 29)),
        (What.DELETE, on(7, 30)),
    ] == [(d.what, d.at) for d in due]
    assert {"shop:7/data/storage_gb"} == {d.of for d in due}
    assert EFFECT + timedelta(days=90) == due[-1].at


UNLOCKED = [
    ({}, GONE),
    ({"channels": 9}, GONE),
    ({"storage_gb": 0, "features": ("sms",)}, GONE),
    ({"storage_gb": 1}, GONE[1:]),
    ({"features": ("api", "sms")}, GONE[:1]),
    ({"storage_gb": 1, "features": ("api",)}, ()),
]


@pytest.mark.parametrize(("entitlements", "still"), UNLOCKED)
def test_what_is_unlocked_again_is_not_deleted(entitlements, still):
    """D10: any change that unlocks the feature cancels it, and only its deletion."""
    # Guard off (what was locked once is deleted): red.
    left = still_locked(GONE, entitlements)

    assert still == left
    assert 4 * len(still) == len(deletions("shop:7/data", left))
