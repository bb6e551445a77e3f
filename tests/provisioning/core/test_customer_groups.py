"""Customer groups: who is in which, and by which tariff he is charged."""

from dataclasses import replace

import pytest

from provisioning.core import acting
from provisioning.core.catalog import Edition
from provisioning.core.desired import desired
from provisioning.core.events import Hold, Type
from provisioning.core.heard import Fate
from provisioning.core.history import as_of
from provisioning.core.sentences import say
from provisioning.core.subscribed import paid_for_by
from provisioning.core.terms import Family, Ladder, Offer, Terms, Umbrella
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    NOW,
    ORDERED,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    suspend,
    told,
    topup,
    usd,
)

TERMS = Terms(
    families={"calls": Family("calls")},
    ladders={
        "basic": Ladder(
            "calls", 2,
            offers=(
                Offer(usd("25.00"), tariff="wholesale", group="resellers"),
                Offer(usd("24.00"), tariff="bulk", least=3),
                Offer(usd("23.00"), group="staff"),
            ),
        ),
        "gold": Ladder(
            "calls", 1, offers=(Offer(usd("90.00"), "best", group="resellers"),)
        ),
    },
    umbrellas={"all gold": Umbrella("all gold", 1)},
)  # fmt: skip
SHOP = replace(CATALOG, terms=TERMS)
OURS = replace(ACCOUNT, client="shop:7")


@pytest.fixture
def world():
    return World(catalog=SHOP, account=OURS)


def updated(at, group, **said):
    return told(Type.UPDATED, at, service=None, client="shop:7", group=group, **said)


def tariff(world):
    return world.levels.entitlements["tariff"]


@pytest.mark.parametrize(
    ("group", "quantity", "expected"),
    [
        (None, 1, "standard"),
        ("resellers", 1, "wholesale"),
        ("staff", 1, "standard"),
        (None, 3, "bulk"),
        ("resellers", 3, "wholesale"),
    ],
)
def test_group_and_number_choose_the_tariff(world, group, quantity, expected):
    """I3, I4: what is sold to him is charged by his offer's tariff."""
    # Guard off (the package's own tariff for all): red.
    world.hear(activate(client="shop:7", group=group, quantity=quantity))

    assert (expected, 5 * quantity) == (
        tariff(world), world.levels.entitlements["channels"],
    )  # fmt: skip


def test_the_newest_word_on_the_group_counts(world):
    """I3, I4: whichever event tells it, and in whatever order they come."""
    # Guard off (the last one that came): red.
    world.hear(activate(client="shop:7"))
    world.hear(updated(on(2, 10), "staff"))
    late = world.hear(updated(on(2, 5), "resellers"))
    seen = [tariff(world)]
    world.hear(suspend(on(2, 11), group="resellers"))
    seen.append(tariff(world))
    world.hear(updated(on(2, 12), ""))

    assert (Fate.SUPERSEDED, "newer_word") == (
        late.rulings[0].fate, late.rulings[0].why.code,
    )  # fmt: skip
    assert ["standard", "wholesale"] == seen
    assert (None, "standard") == (world.account.group, tariff(world))


def test_an_address_and_a_group_are_told_apart(world):
    """V9: each by its own newest word, though one event tells both."""
    world.hear(activate(client="shop:7"))
    world.hear(updated(on(2, 10), "staff"))
    world.hear(updated(on(2, 5), "resellers", email="new@example.com"))

    assert ("staff", "new@example.com") == (world.account.group, world.account.email)


def test_what_is_left_out_says_nothing(world):
    """I3: an event without a group leaves it."""
    world.hear(activate(client="shop:7", group="resellers"))
    world.hear(updated(on(2, 10), None, email="new@example.com"))

    assert "resellers" == world.account.group


def test_an_unknown_group_is_parked_with_the_known_ones(world):
    """I3: by whose tariff he is charged nobody can tell, so nothing is done."""
    # Guard off: red, he is charged as everybody.
    ruling = world.hear(activate(client="shop:7", group="resselers")).rulings[0]

    assert Fate.PARKED is ruling.fate
    known = "resellers, staff"
    assert say("group_unknown", group="resselers", known=known) == ruling.why
    assert (None, None) == (world.account.group, world.levels)


def test_an_unknown_group_keeps_nothing_back_that_is_not_sold_by_it(world):
    """D29, U9, I3: abuse is off, and what was paid counts; his group stays."""
    # Guard off (any word with an unknown group is parked): red.
    # Guard off (`grouped` takes in any group): red.
    world.hear(activate(client="shop:7", group="resellers"))
    told_ = {"client": "shop:7", "group": "resselers"}
    off = suspend(hold=Hold.ABUSE, **told_)
    todo = world.hear(topup(**told_), renewed(**told_), off)

    assert {Fate.WORKING} == {ruling.fate for ruling in todo.rulings}
    assert ("resellers", False) == (world.account.group, world.levels.on)
    assert {"shop:line-9/topup", f"{SERVICE}/free/2/0/0"} <= world.booked.keys()


def test_where_no_offer_is_for_a_group_none_is_known():
    """I3: and the message says so."""
    world = World(account=OURS)
    ruling = world.hear(activate(client="shop:7", group="staff")).rulings[0]

    assert say("group_unknown", group="staff", known="none") == ruling.why


def test_what_waits_for_a_person_tells_no_group(world):
    """I3: its word counts when it is taken in."""
    world.hear(activate(client="shop:7"))
    world.hear(change(on(2, 1), "no such package", group="resellers"))

    assert None is world.account.group


@pytest.mark.parametrize("group", ["resellers", "no such group"])
def test_who_pays_for_a_friend_tells_his_own_group(world, group):
    """S8: it is not the friend's; the payment counts."""
    # Guard off: red.
    world.hear(activate(client="shop:7"))
    todo = world.hear(topup(client="shop:8", target="shop:7", group=group))

    assert (Fate.WORKING, None) == (todo.rulings[0].fate, world.account.group)


def test_what_acts_over_a_plan_is_of_the_same_group(world):
    """B3, I4: an umbrella's or coupon's plan is what that plan is for him."""
    # Guard off (the package's own tariff): red.
    world.hear(activate(client="shop:7", group="resellers"))
    umbrella = Acting("all gold", ORDERED, None, "a special offer")
    account = replace(world.account, umbrellas=(umbrella,))
    [limit] = [
        each for each in acting.explained(account, world.service, SHOP, NOW)
        if each.name == "tariff"
    ]  # fmt: skip

    assert "best" == limit.value
    assert "best" == desired(account, SHOP, NOW).entitlements["tariff"]


def test_the_offer_is_that_by_which_it_was_sold(world):
    """D21: whoever bought before has the offers of then, until he changes."""
    # Guard off (today's offers): red.
    dearer = replace(
        TERMS, ladders={"basic": Ladder("calls", 2), "gold": TERMS.ladders["gold"]}
    )
    world.hear(activate(client="shop:7", group="resellers"))
    version = SHOP.version
    now = replace(
        SHOP, terms=dearer,
        older={version: Edition(SHOP.packages, SHOP.topups, SHOP.terms)},
    )  # fmt: skip

    assert "wholesale" == desired(world.account, now).entitlements["tariff"]


def test_looked_back_at_he_is_in_the_group_he_was_in(world):
    """S3: by what had been said until then."""
    # Guard off (the group of today): red.
    order = activate(client="shop:7", group="resellers")
    later = updated(on(2, 10), "staff")
    world.hear(order)
    world.hear(later)
    was = as_of(world.account, (order, later), SHOP, on(2, 1))

    assert ("resellers", "staff") == (was.group, world.account.group)


GROUPED = [
    # his group when he paid, when he is asked; by which it is given back
    ({"group": "resellers"}, {}, "resellers"),
    ({}, {"group": "resellers"}, None),
    ({"group": "resellers"}, {"group": ""}, "resellers"),
]


@pytest.mark.parametrize(("paid", "then", "group"), GROUPED)
def test_what_is_given_back_is_by_the_group_that_paid_it(paid, then, group):
    """I3, D21: another group since is for what is bought since."""
    # Guard off (by today's group): red.
    world = World(catalog=SHOP, at=on(1, 20))
    world.hear(activate(**paid))
    world.hear(told(Type.UPDATED, on(1, 10), **then))
    [period] = world.service.periods

    assert group == period.group
    assert group == paid_for_by(world.service, on(1, 15), "other")
    assert "other" == paid_for_by(
        replace(world.service, periods=()), on(1, 15), "other"
    )
    early = replace(period, starts=on(2, 1), group="early")
    service = replace(world.service, periods=(early,))
    assert "early" == paid_for_by(service, on(1, 15), "other")
