"""Secrets that take the place of others."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioning.core.rotation import Rotation, ends, holds

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def rotation(mark, *replaces, until=NOW + WEEK):
    return Rotation(mark, frozenset(replaces), until)


def test_nothing_ends_that_nothing_replaced():
    """One secret alone holds for ever."""
    assert ends([], "file") is None
    assert holds([], "file", NOW)


@pytest.mark.parametrize(
    ("at", "old"),
    [(timedelta(0), True), (WEEK - timedelta(microseconds=1), True), (WEEK, False)],
)
def test_the_old_one_holds_until_the_overlap_ends_and_the_new_one_on(at, old):
    """U12: nothing is refused before its end, and all of it from then on."""
    # Guard off (at < end left out): red, the old one holds at the end.
    made = [rotation("new", "file")]

    assert (old, True) == (holds(made, "file", NOW + at), holds(made, "new", NOW + at))


def test_a_later_rotation_gives_nobody_more_time():
    """U12: the first that replaced it says when it ends."""
    made = [
        rotation("one", "file", until=NOW + WEEK),
        rotation("two", "file", "one", until=NOW + 3 * WEEK),
    ]

    assert NOW + WEEK == ends(made, "file")
    assert NOW + 3 * WEEK == ends(made, "one")
    assert ends(made, "two") is None


def test_one_put_into_the_configuration_afterwards_is_not_among_those_replaced():
    """A way back, where the database's secrets are lost."""
    made = [rotation("new", "file", until=NOW)]

    assert holds(made, "pasted later", NOW + WEEK)
    assert not holds(made, "file", NOW)
