"""After a downgrade: capacity above the limit is trimmed, locked data deleted."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.clearing import (
    Purchase,
    dated,
    deletions,
    excess,
    locked,
    trimmed,
    trims,
    trims_at,
)
from provisioning.core.dues import What, wakes
from provisioning.core.kept import Locked
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
    due = trims("shop:7/storage_gb", EFFECT)

    assert [
        (What.WARN_CAPACITY, on(5, 1)),
        (What.WARN_CAPACITY, on(5, 6)),
        (What.WARN_CAPACITY, on(5, 8)),
        (What.TRIM, on(5, 8)),
    ] == [(d.what, d.at) for d in due]
    assert 4 == len(wakes(due, on(4, 30)))


def test_a_limit_below_nothing_is_nothing():
    """C14: no more is above it than there is."""
    assert 15 == excess((OLD, MIDDLE, NEW), -1)


def test_seven_days_are_of_24_hours():
    """D9: seven times 24 hours, whatever clocks do meanwhile."""
    berlin = on(3, 27).astimezone(ZoneInfo("Europe/Berlin"))

    assert on(4, 3) == trims("x", berlin)[-1].at == trims_at(berlin)
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


@pytest.mark.parametrize("lock", [
    replace(GONE[0], since=None), replace(GONE[0], gone_at=EFFECT),
])  # fmt: skip
def test_nothing_is_due_of_what_is_given_or_gone(lock):
    """D10: what something gives for now is not deleted, nor is what is gone already."""
    # Guard off (either is not looked at): red.
    assert () == deletions("shop:7", (lock,))


@pytest.mark.parametrize(("said", "counts"), [
    (on(5, 1), on(5, 1)),
    (on(4, 30), on(4, 30)),
    (on(3, 1), on(4, 30)),
    (on(6, 1), on(5, 1)),
    (None, on(5, 1)),
])  # fmt: skip
def test_a_word_that_came_late_makes_no_time_shorter(said, counts):
    """D9, D10: dated back for long, a change would take effect without any notice."""
    # Guard off (counted from whatever it says): red.
    assert counts == dated(said, EFFECT)
