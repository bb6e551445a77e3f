"""How anything told to the other side can end: four ways, by what to do next."""

from datetime import timedelta

import pytest

from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure

FOUR = [Refused, Later, Unsure, Broken]


@pytest.mark.parametrize("kind", FOUR)
def test_each_of_the_four_is_an_outcome_and_says_why(kind):
    """The message names the thing, the reason and the way out."""
    assert "why" == str(kind("why"))
    assert issubclass(kind, Outcome)


@pytest.mark.parametrize("kind", FOUR)
def test_none_of_the_four_is_taken_for_another(kind):
    """`except Later` must never catch what may have happened."""
    assert [kind] == [other for other in FOUR if issubclass(kind, other)]


def test_there_are_four():
    """A fifth way to end would be handled nowhere."""
    assert set(FOUR) == set(Outcome.__subclasses__())


def test_later_knows_how_long_the_other_side_asked_to_wait():
    """Retry-After, where it was said."""
    minute = timedelta(minutes=1)

    assert minute == Later("busy", after=minute).after
    assert None is Later("away").after


def test_unsure_knows_when_a_look_is_certain():
    """What is still under way would not be seen."""
    minute = timedelta(minutes=1)

    assert minute == Unsure("no answer", after=minute).after
    assert None is Unsure("no answer").after
