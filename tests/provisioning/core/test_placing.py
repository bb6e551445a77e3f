"""Where a new account of a group goes."""

from decimal import Decimal

import pytest

from provisioning.core.catalog import Catalog, Package
from provisioning.core.money import Money
from provisioning.core.placing import choices, placed
from provisioning.core.sentences import say


def package(*group):
    price = Money(Decimal(1), "USD")
    return Package("voice", "group", price, "once", {}, group=group)


def catalog(**full):
    return Catalog({}, {}, {}, full=full)


@pytest.mark.parametrize(
    ("held", "full", "closed", "expected"),
    [
        ({}, {}, (), "eu1"),
        ({"eu1": 1}, {}, (), "eu2"),
        ({"eu1": 1, "eu2": 1}, {}, (), "eu1"),
        ({"eu1": 10, "eu2": 6}, {"eu1": 100, "eu2": 10}, (), "eu1"),
        ({"eu1": 90, "eu2": 6}, {"eu1": 100, "eu2": 10}, (), "eu2"),
        ({"eu1": 10, "eu2": 500}, {"eu1": 10, "eu2": 501}, (), "eu2"),
        ({"eu1": 5, "eu2": 9}, {"eu1": 10}, (), "eu2"),
        ({"eu1": 1}, {}, ("eu2",), "eu1"),
        ({"eu1": 3}, {"eu1": 3}, ("eu2",), "eu2"),
        ({}, {}, ("eu1", "eu2"), "eu1"),
    ],
)
def test_the_one_with_the_most_room_takes_it(held, full, closed, expected):
    """U1: by its share, where it is said when it is full; a paused one if need be."""
    assert expected == placed(("eu1", "eu2"), catalog(**full), held, closed)


def test_where_all_are_full_it_says_which():
    """U1: one that holds more than it may is full, too."""
    told = placed(("eu1", "eu2"), catalog(eu1=1, eu2=2), {"eu1": 1, "eu2": 5}, ())

    assert say("no_room", backends="eu1, eu2") == told


def test_an_order_may_name_one_of_the_group_and_no_other():
    """U1: the choices are said; a package of one backend is a group of one."""
    group = package("eu1", "eu2")

    assert ("eu1", "eu2") == choices(group, None)
    assert ("eu2",) == choices(group, "eu2")
    assert ("group",) == choices(package(), "group")
    assert say(
        "server_unknown", server="us1", product="voice", choices="eu1, eu2"
    ) == choices(group, "us1")
