"""A top-up that is sold as a service of its own: credited, and over."""

from dataclasses import replace

import pytest

from provisioning.core.account import Service
from provisioning.core.heard import Fate
from tests.provisioning.core.world import (
    ACCOUNT,
    World,
    activate,
    change,
    renewed,
    suspend,
    terminate,
    topup,
)

APART = "shop:9"


@pytest.fixture
def sold():
    """Two of a top-up were ordered as a service beside the one that lives."""
    beside = Service(APART, "ten")
    world = World(account=replace(ACCOUNT, services=(*ACCOUNT.services, beside)))
    world.hear(activate())
    world.hear(activate(service=APART, product="ten", line="shop:line-5", quantity=2))
    return world


def credited(world, line):
    keys = [f"shop:{line}/topup", f"shop:{line}/bonus"]
    return [str(world.booked[key].money.amount) for key in keys]


def test_ordered_it_is_credited_and_keeps_nothing_waiting(sold):
    """I10: what two bring; and no account waits for the end of something bought."""
    assert ["17.00", "2.50"] == credited(sold, "line-5")
    assert not sold.account.service(APART).alive


def test_renewed_it_is_credited_again_as_often_as_before(sold):
    """I10: a platform need not repeat what it sold, nor how many."""
    sold.hear(renewed(service=APART, product=None, line="shop:line-6"))

    assert ["17.00", "2.50"] == credited(sold, "line-6")


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        (suspend(service=APART), Fate.DONE),
        (terminate(service=APART), Fate.DONE),
        (change(terminate().occurred_at, service=APART), Fate.PARKED),
    ],
)
def test_it_has_no_life_that_could_touch_the_account(sold, word, fate):
    """U9: nothing but a change asks a person; what lives beside it goes on."""
    before = sold.levels
    ruling = sold.hear(word).rulings[0]

    assert (fate, "topup_has_no_life") == (ruling.fate, ruling.why.code)
    assert before == sold.levels


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"besides": ("a number",)}, "a number, add-ons"),
        ({"extras": (("line", 1),)}, "add-ons"),
    ],
)
def test_what_is_sold_along_with_a_top_up_waits_for_a_person(sold, said, what):
    """V15: there is nowhere to put it, so nothing of the line is taken in."""
    ruling = sold.hear(topup(**said)).rulings[0]

    assert (Fate.PARKED, "cannot_deliver") == (ruling.fate, ruling.why.code)
    assert (("what", what),) == ruling.why.parts
    assert "shop:line-9/topup" not in sold.booked
