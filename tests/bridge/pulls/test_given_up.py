"""How many of the orders that were given up are looked for in one round."""

import pytest

from bridge.pulls.given_up import EVERY, MOST, turn
from tests.days import STARTED


@pytest.mark.parametrize("many", [0, 1, MOST, MOST + 1, 3 * MOST, 7 * MOST - 3])
def test_each_has_its_turn(many):
    """U1: however many there are, a round asks for so many, and none is left out."""
    # Guard off (always the first ones): red, the others are never looked for.
    lost = list(range(many))
    rounds = [turn(lost, STARTED + EVERY * no) for no in range(7)]

    assert max(map(len, rounds)) <= MOST
    assert set(lost) == set().union(*rounds)


def test_all_are_looked_for_in_each_round_where_they_are_few():
    """U1: as an order may be paid at any moment."""
    lost = list(range(MOST))

    assert {tuple(lost)} == {tuple(turn(lost, STARTED + EVERY * no)) for no in range(3)}
