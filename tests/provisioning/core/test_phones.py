"""A customer's number: the same however it is written, and no more of it than that."""

import pytest

from provisioning.core.events import Type
from provisioning.core.phones import ends
from tests.provisioning.core.world import World, activate, on, told

ONE = "01234567"


@pytest.mark.parametrize(
    "written",
    ["+84 90 123 4567", "+84.901234567", "0084 90-123-45-67", "090 123 4567",
     "(090) 123 4567", "901234567", " 0901234567 ", "090/1234567"],
)  # fmt: skip
def test_one_number_is_the_same_in_every_usual_writing(written):
    """U12: with the country's prefix or the nought before it, with any room between."""
    assert ONE == ends(written)


@pytest.mark.parametrize(
    "written",
    ["", "n/a", "12345", "ann@example.com", "op_12345678", "1" * 18, "+", "1+2345678",
     "٠٩٠١٢٣٤٥٦٧"],
)  # fmt: skip
def test_what_is_no_number_is_none(written):
    """Neither too few digits nor too many, nor letters between them."""
    assert ends(written) is None


def test_a_short_number_is_all_of_it():
    """Six digits are a number somewhere; another number is another."""
    assert "123456" == ends("12 34 56")
    assert ends("+84 90 123 4568") != ends("+84 90 123 4567")


def test_any_event_of_his_tells_his_number_and_the_newest_word_counts():
    """U12: an order, and a word about himself; an older one that comes late is none."""
    world = World()
    world.hear(activate(on(1, 1), phone="11111111"))
    world.hear(told(Type.UPDATED, on(1, 10), phone="22222222"))
    world.hear(told(Type.UPDATED, on(1, 5), phone="33333333"))

    assert "22222222" == world.account.phone


def test_any_event_of_his_tells_his_language_too():
    """Beside the number; each by the newest word on it alone."""
    world = World()
    world.hear(activate(on(1, 1), phone="11111111", language="de"))
    world.hear(told(Type.UPDATED, on(1, 10), language="vi"))
    world.hear(told(Type.UPDATED, on(1, 5), phone="33333333", language="ru"))

    assert ("33333333", "vi") == (world.account.phone, world.account.language)


def test_a_number_is_no_news_to_a_backend():
    """It is for whoever looks for him; nothing is set there."""
    world = World()
    world.hear(activate(on(1, 1)))
    world.hear(told(Type.UPDATED, on(1, 10), phone="22222222"))

    assert frozenset() == world.account.tell


def test_who_pays_for_a_friend_tells_his_own_number():
    """S8: his friend is not found by it."""
    # Guard off (the client not compared): red.
    world = World()
    world.hear(activate(on(1, 1), phone="11111111"))
    world.hear(told(Type.UPDATED, on(1, 10), client="shop:99", phone="22222222"))

    assert "11111111" == world.account.phone


def test_what_says_nothing_of_it_leaves_it():
    """Another address alone."""
    world = World()
    world.hear(activate(on(1, 1), phone="11111111"))
    world.hear(told(Type.UPDATED, on(1, 10), email="new@example.com"))

    assert "11111111" == world.account.phone
