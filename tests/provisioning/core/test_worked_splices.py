"""The splices the requirements worked out, each computed from the coupon to the end."""

from dataclasses import replace
from datetime import timedelta

from provisioning.core import quote
from provisioning.core.activation import activate
from provisioning.core.choices import Choice
from provisioning.core.prices import PriceList
from provisioning.core.shown import Push
from provisioning.core.splice import Sold
from provisioning.core.subscribed import subscribed
from provisioning.core.timebank import Renewal, bank
from provisioning.core.timeline import Scheduled
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.ladder import (
    CATALOG,
    DAY,
    GROUND,
    HOUR,
    TERMS,
    activation,
    coupon,
    lies,
    service,
    stands,
)
from tests.provisioning.core.world import on, usd

RANK_12 = CATALOG.packages["rank 12"]
TWELVE = Acting("twelve", on(1, 1))


def used(card, of, at, *steps, **more):
    """Its activation, as the rules allow it."""
    return activate(card, card.owner, stands(of, at, *steps, **more), GROUND).activation


def shown(along):
    """Each segment's rank, and when it ends."""
    return [(s.package, s.ends) for s in along.film]


def test_a_fixed_coupon_in_the_midst_of_a_month():
    """B6: rank 12 for 3 days at noon of the 10th, over rank 14 until the 1st."""
    card = used(coupon("reward"), service(14), on(3, 10, 12))
    along = lies(service(14), card)

    assert [
        ("rank 14", on(3, 10, 12)),
        ("rank 12", on(3, 13, 12)),
        ("rank 14", on(4, 4)),
    ] == shown(along)
    assert 31 * DAY == along.base_time


def test_a_coupon_is_no_change_of_plan():
    """B7, B5: to the same rank, one is free and moves the end; the other neither."""
    noon, better = on(3, 10, 12), {"rank 12": replace(RANK_12, price=usd("18.00"))}
    prices = PriceList({**CATALOG.packages, **better}, TERMS)
    has = subscribed(service(14), prices, noon)
    along = lies(service(14), used(coupon("reward"), service(14), noon))
    changed = quote.change(prices, has, Choice("rank 12", "monthly"), noon)

    assert (has.paid_until + 3 * DAY, "rank 14") == (
        along.paid_until,
        along.base_at(along.paid_until - HOUR).sold.package,
    )
    assert has.paid_until == changed.ends
    assert changed.amount_due.amount > 0
    assert usd("9.00") == quote.renewal(prices, has, noon).amount_due


def test_a_raise_that_begins_just_before_the_end():
    """B9: 2 ranks up for 3 hours, an hour and a half before the end of the month."""
    card = used(coupon("accelerator"), service(12), on(3, 31, 22, 30))
    along = lies(service(12), card)

    assert [
        ("rank 12", on(3, 31, 22, 30)),
        ("rank 10", on(4, 1, 1, 30)),
        ("rank 12", on(4, 1, 3)),
    ] == shown(along)


def test_a_raise_under_an_umbrella():
    """B9: an umbrella of rank 12 over a plan of rank 14, and 2 up: rank 10."""
    # Guard off (measured from the plan alone): red, refused as no better.
    card = used(coupon("accelerator"), service(14), on(3, 10), acting=(TWELVE,))

    assert ("rank 10", 10) == (card.package, card.rank)


def test_a_scheduled_downgrade_moves_along():
    """C11: due on 1 April, after a coupon of 3 days on the 4th; it ends on 4 May."""
    card = used(coupon("reward"), service(13), on(3, 20))
    lower = Scheduled(Sold("rank 14", "monthly"))
    along = lies(service(13), card, scheduled=(lower,))

    assert [
        ("rank 13", on(3, 20)),
        ("rank 12", on(3, 23)),
        ("rank 13", on(4, 4)),
        ("rank 14", on(5, 4)),
    ] == shown(along)


def test_whole_days_go_to_the_platform_and_the_rest_to_the_bank():
    """D1: of 3h, 3h, 2h, 3d, 30m and 16h it is told 0, 0, 0, 3, 0 and 1 days."""
    # Guard off (what was pushed is not counted): red, 0, 0, 0, 3, 3, 4.
    half = timedelta(minutes=30)
    lengths = (3 * HOUR, 3 * HOUR, 2 * HOUR, 3 * DAY, half, 16 * HOUR)
    cards, pushes, told = [], (), []
    for no, lasts in enumerate(lengths):
        cards.append(activation(on(3, 2 + 4 * no), lasts, id=f"c{no}"))
        now = bank(lies(service(14), *cards, pushes=pushes), pushes, Renewal(), "UTC")
        pushes += (Push(after=1, days=now.push),)
        told.append(now.push)
    left = bank(lies(service(14), *cards, pushes=pushes), pushes, Renewal(), "UTC").left

    assert ([0, 0, 0, 3, 0, 1], half) == (told, left)
