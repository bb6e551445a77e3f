"""A top-up that is sold as a service of its own: credited, and over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core.account import BOUGHT, Service
from provisioning.core.heard import Fate
from tests.provisioning.core.ladder import CATALOG as LADDER
from tests.provisioning.core.ladder import TERMS
from tests.provisioning.core.world import (
    ACCOUNT,
    PAID_IN,
    RENEWED,
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


# --- A word without its line, as a module of WHMCS has none to tell


LINELESS = activate(service=APART, product="ten", line=None, quantity=2)
"""Heard on 1 January."""


@pytest.fixture
def waiting():
    """Ordered as a service of its own, and nobody told yet what was paid."""
    beside = Service(APART, "ten")
    world = World(account=replace(ACCOUNT, services=(*ACCOUNT.services, beside)))
    world.hear(activate())
    world.hear(LINELESS)
    return world


def fate(world, event):
    ruling = world.hear(event).rulings[0]
    return ruling.fate, ruling.why.code if ruling.why else None


LINES = {
    "as a top-up": topup(service=APART, line="shop:line-5", quantity=2),
    "as a renewal": renewed(PAID_IN, service=APART, product=None, line="shop:line-5"),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_its_line_told_apart_brings_it_once(waiting, line):
    """U9: heard again after its line the order is done; the line credits, once.

    Guard off (`_told_apart` says None): red, parked for ever.
    """
    before = waiting.rulings[LINELESS.id]
    waiting.hear(line)
    after = [fate(waiting, LINELESS), fate(waiting, LINELESS)]

    assert (Fate.PARKED, "line_missing") == (before.fate, before.why.code)
    assert [(Fate.DONE, "line_told_apart")] * 2 == after
    assert ["17.00", "2.50"] == credited(waiting, "line-5")


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_together_with_its_line_the_order_is_done(waiting, line):
    """U9: whichever of the two happened first, one hearing is enough for the sum."""
    waiting.hear(line, replace(LINELESS, id="again", occurred_at=RENEWED))

    assert Fate.DONE is waiting.rulings["again"].fate
    assert ["17.00", "2.50"] == credited(waiting, "line-5")


@pytest.mark.parametrize(
    ("booked", "said"),
    [(True, (Fate.DONE, "line_told_apart")), (False, (Fate.PARKED, "line_missing"))],
)
def test_a_line_told_before_anybody_knew_the_service_is_found(booked, said):
    """U9: credited to the client's only account; where it was not, a person looks.

    Guard off (`_counts`): red for what was refused.
    """
    world = World()
    world.hear(activate())
    if booked:
        world.hear(topup(service=APART, line="shop:line-5", quantity=2))
    beside = Service(APART, "ten")
    services = (*world.account.services, beside)
    world.account = replace(world.account, services=services)
    world.apart = {APART: (("shop:line-5", PAID_IN),)}

    assert said == fate(world, LINELESS)
    assert booked == (BOUGHT in world.account.service(APART).marks)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-2, (Fate.DONE, "line_told_apart")),
        (2, (Fate.DONE, "line_told_apart")),
        (3, (Fate.PARKED, "line_missing")),
    ],
)
def test_a_renewal_waits_for_its_own_line(waiting, days, said):
    """U9: last month's line says nothing of this month's payment.

    Guard off (CLOSE): red, done without its line.
    """
    waiting.hear(LINES["as a top-up"])
    at = PAID_IN + timedelta(days=days)

    assert said == fate(waiting, renewed(at, service=APART, product=None, line=None))


def test_a_renewals_line_lets_it_go_on(waiting):
    """U9: and an older line that comes late is no news."""
    late = renewed(PAID_IN, service=APART, product=None, line="shop:line-4")
    second = renewed(RENEWED, service=APART, product=None, line="shop:line-6")
    waiting.hear(second)
    waiting.hear(late)
    word = renewed(RENEWED + timedelta(hours=1), service=APART, line=None, id="word")

    assert (Fate.DONE, "line_told_apart") == fate(waiting, word)
    assert RENEWED == waiting.account.service(APART).marks[BOUGHT].order.occurred_at


def test_a_line_that_is_parked_lets_nothing_go_on(waiting):
    """U9: in another currency it brought nothing."""
    waiting.hear(topup(service=APART, line="shop:line-5", product="euro"))

    assert (Fate.PARKED, "line_missing") == fate(waiting, LINELESS)


def test_a_top_up_for_a_service_that_lives_leaves_its_words_alone(sold):
    """U9: credited to it, and its next renewal is a period as ever."""
    sold.hear(topup(line="shop:line-8"))

    assert BOUGHT not in sold.service.marks


def test_coupons_sold_as_a_service_wait_for_their_line_too():
    """S7: what the line brought may be coupons."""
    order = activate(service=APART, product="sold", line=None)
    seen = []
    for told in ((), (topup(service=APART, product="sold", line="shop:line-5"),)):
        world = World(catalog=replace(LADDER, terms=TERMS))
        world.hear(*told)
        services = (*world.account.services, Service(APART, "sold"))
        world.account = replace(world.account, services=services)
        world.apart = {APART: (("shop:line-5", PAID_IN),)}
        seen.append(fate(world, order)[0])

    assert [Fate.PARKED, Fate.DONE] == seen


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
