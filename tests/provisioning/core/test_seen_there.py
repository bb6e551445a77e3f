"""Orders that were seen at the platform, and those nobody can read whole."""

from dataclasses import replace
from itertools import permutations

import pytest

from provisioning.core.heard import Fate
from provisioning.core.sentences import say
from tests.provisioning.core.world import activate, change, on, renewed

SEEN = activate(on(1, 5), id="seen", ranks_at=on(1, 1))
"""It was noticed days after its module spoke of it."""

UNREAD = replace(SEEN, id="unread", besides=("option seats",))
TOLD = activate(on(1, 2), id="told", line=None, starts=None, quantity=2)


@pytest.mark.parametrize("words", [*permutations([SEEN, TOLD])])
def test_what_was_told_is_newer_than_what_was_seen(world, words):
    """U1: whichever came first, and whenever the other one was noticed."""
    for word in words:
        world.hear(word)
        world.bring()

    assert 2 == world.service.quantity
    assert ["shop:line-1"] == [paid.line for paid in world.service.periods]


def test_a_change_is_newer_than_the_order_that_was_seen(world):
    """U5, U6: also one of before it was noticed."""
    world.hear(SEEN)
    world.bring()
    todo = world.hear(change(on(1, 3)))

    assert Fate.WORKING is todo.rulings[0].fate
    assert "gold" == world.service.package


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("words", [*permutations([UNREAD, TOLD])])
def test_an_order_nobody_can_read_is_moot_once_it_was_told_better(
    world, words, together
):
    """U1, U6: what it paid for counts, once; it waits no longer."""
    for some in [words] if together else [[word] for word in words]:
        world.hear(*some)
        world.bring()
    if not together and words[0] is UNREAD:
        assert Fate.PARKED is world.rulings["unread"].fate
        world.hear(UNREAD)
        world.bring()

    assert world.rulings["unread"].fate in {Fate.WORKING, Fate.SUPERSEDED}
    assert (2, ["shop:line-1"]) == (
        world.service.quantity, [paid.line for paid in world.service.periods],
    )  # fmt: skip


def test_an_order_that_was_seen_begins_when_it_was_paid(world):
    """U1: as one that was told; the day its invoice is due only finds what is known."""
    world.hear(SEEN)

    assert [on(1, 5)] == [paid.starts for paid in world.service.periods]


def test_a_newer_one_waits_though_it_is_sold(running):
    """U1: that is sold on top of what is known, and nobody can say what it is."""
    newer = activate(on(3, 1), id="newer", besides=("option seats",))
    todo = running.hear(newer)

    assert say("cannot_deliver", what="option seats") == todo.rulings[0].why


def test_what_it_was_is_not_what_its_renewal_waits_for(running):
    """U2: the next period is none of it."""
    todo = running.hear(renewed(), UNREAD)

    assert Fate.PARKED not in {ruling.fate for ruling in todo.rulings}
