"""What was sold by older terms goes on by them; what is sold anew, by today's."""

from dataclasses import replace

import pytest

from provisioning.core.events import Type
from provisioning.core.quotas import Allowance
from provisioning.core.terms import Family, Ladder, Terms
from tests.provisioning.core.world import (
    CATALOG,
    World,
    activate,
    change,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    told,
    usd,
)

NO_TERMS = Terms()
FAMILY = Terms({"b": Family("b")}, {"basic": Ladder("b", 3)})


def selling(channels, quota, *, terms=NO_TERMS, **others):
    """The same packages by other terms: more of everything in `basic`."""
    basic = CATALOG.packages["basic"]
    basic = replace(
        basic,
        entitlements={**basic.entitlements, "channels": channels},
        free_credit=usd(quota),
    )
    packages = {**CATALOG.packages, "basic": basic} | others
    return replace(CATALOG, packages=packages, terms=terms)


OLD, NEW = selling(5, "5.00"), selling(9, "9.00", terms=FAMILY)
NOW_NEW = replace(NEW, older={OLD.version: OLD.edition})
"""The new terms are current, and the old ones are known."""


def sold_before():
    """Ordered and brought in line by the old terms, before the new ones came."""
    world = World(catalog=OLD)
    world.hear(activate())
    world.bring()
    world.catalog = NOW_NEW
    return world


def channels(world):
    return world.levels.entitlements["channels"]


def granted(world):
    return [str(claim.money.amount) for claim in world.sent]


def test_a_running_subscription_keeps_the_terms_it_was_sold_by():
    """I3: limits and the free credit of each renewal; nothing is to be done."""
    # Guard off (`package_of` gives what is sold today): red.
    world = sold_before()

    assert (OLD.version, 5) == (world.service.version, channels(world))
    assert () == world.plan().levels

    world.hear(renewed())
    world.bring()

    assert ["5.00", "5.00"] == granted(world)
    assert (OLD.version, 5) == (world.service.version, channels(world))


def test_what_is_sold_today_is_sold_by_the_terms_of_today():
    """I3: whoever orders now gets what is offered now."""
    world = World(catalog=NOW_NEW)
    world.hear(activate())
    world.bring()

    assert (NEW.version, 9) == (world.service.version, channels(world))
    assert ["9.00"] == granted(world)


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ([suspend(), resume()], OLD.version),
        ([told(Type.SYNC, on(2, 10))], OLD.version),
        ([change(on(2, 10), "basic", quantity=3)], OLD.version),
        ([activate(on(2, 10), line="shop:line-3", starts=on(2, 1))], OLD.version),
        ([terminate(), told(Type.REINSTATE, on(2, 22))], OLD.version),
        ([change(on(1, 1), "gold")], OLD.version),
        ([change(on(2, 10), "gold")], NEW.version),
        ([change(on(2, 10), "gold"), change(on(2, 11), "basic")], NEW.version),
        ([terminate(), activate(on(2, 22), line="shop:line-3", starts=on(2, 22))],
         NEW.version),
    ],
    ids=["held", "looked at", "more of it", "paid again", "reinstated", "late word",
         "changed", "changed back", "sold anew"],
)  # fmt: skip
def test_it_takes_todays_terms_with_another_plan_and_not_before(words, version):
    """I3: another plan, or sold anew after its end; more seats are the same plan."""
    # Guard off (`is_sale` true for each activation and change): red.
    world = sold_before()
    world.hear(*words)

    assert version == world.service.version


def test_more_seats_are_more_of_what_was_sold():
    """I3: at the limits and with the free credit of then."""
    world = sold_before()
    world.hear(change(on(1, 10), "basic", quantity=3))
    world.bring()

    assert 15 == channels(world)
    assert ["5.00", "10.00"] == granted(world)


def test_a_package_sold_no_more_goes_on_for_those_who_have_it():
    """I3: renewed by its old terms, and to nobody else."""
    less = {n: p for n, p in OLD.packages.items() if n != "basic"}
    without = replace(NEW, packages=less, older={OLD.version: OLD.edition})
    world = sold_before()
    world.catalog = without
    world.hear(renewed())
    world.bring()
    other = World(catalog=without)
    other.hear(activate())

    assert ["5.00", "5.00"] == granted(world)
    assert not other.booked


def test_an_add_on_sold_since_goes_with_an_older_package():
    """I3: what the old terms did not sell is sold by those of today."""
    line = replace(
        CATALOG.packages["plain"], name="line", addon=True, entitlements={"channels": 2}
    )
    world = sold_before()
    world.catalog = replace(
        selling(9, "9.00", line=line), older={OLD.version: OLD.edition}
    )
    world.hear(change(on(2, 10), "basic", extras=(("line", 2),)))

    assert 9 == channels(world)
    assert OLD.version == world.service.version


def test_an_add_on_sold_no_more_stays_with_who_has_it():
    """I3: a later word that names it again is no reason to park."""
    line = replace(
        CATALOG.packages["plain"], name="line", addon=True, entitlements={"channels": 2}
    )
    with_it = selling(5, "5.00", line=line)
    world = World(catalog=with_it)
    world.hear(activate(extras=(("line", 1),)))
    world.bring()
    world.catalog = replace(NEW, older={with_it.version: with_it.edition})
    world.hear(change(on(2, 10), "basic", extras=(("line", 2),)))

    assert 9 == channels(world)


def test_free_minutes_are_those_it_was_sold_with():
    """I3, D22: what is told to the platform, too."""
    # Guard off (`tallies` asks what is sold today): red.
    old, new = (
        replace(terms, packages={**terms.packages, "basic": minutes(terms, quota)})
        for terms, quota in ((OLD, 100), (NEW, 900))
    )
    world = World(catalog=old)
    world.hear(activate())
    world.bring()
    world.catalog = replace(new, older={old.version: old.edition})
    world.hear(renewed())
    [told] = world.levels.entitlements["minutes"]

    assert 200 == told.given


def minutes(terms, quota):
    basic = terms.packages["basic"]
    more = {**basic.entitlements, "minutes": Allowance(quota)}
    return replace(basic, entitlements=more)


def test_the_next_renewal_takes_it_to_the_terms_it_is_to_move_to():
    """I3: from that paid period on, its free credit among the first."""
    # Guard off (`moves_to` not heeded in `_paid`): red.
    world = sold_before()
    moving = replace(world.service, moves_to=NEW.version)
    world.account = world.account.with_service(moving)

    assert 5 == channels(world)

    world.hear(renewed())
    world.bring()

    assert (NEW.version, None) == (world.service.version, world.service.moves_to)
    assert ["5.00", "9.00"] == granted(world)
    assert 9 == channels(world)


def test_a_renewal_told_by_a_second_road_moves_nothing():
    """I3: it is of the period there is."""
    world = sold_before()
    world.hear(renewed())
    moving = replace(world.service, moves_to=NEW.version)
    world.account = world.account.with_service(moving)
    world.hear(renewed(on(2, 3)))

    assert (OLD.version, NEW.version) == (world.service.version, moving.moves_to)
    assert NEW.version == world.service.moves_to


def test_another_plan_ends_a_move_that_was_to_come():
    """I3: it is by today's terms already."""
    world = sold_before()
    moving = replace(world.service, moves_to=OLD.version)
    world.account = world.account.with_service(moving)
    world.hear(change(on(1, 20), "gold"))

    assert (NEW.version, None) == (world.service.version, world.service.moves_to)


def test_what_comes_at_the_end_of_the_period_is_sold_as_it_was_agreed():
    """I3, C11: terms applied after it was said change nothing of it."""
    # Guard off (`Next.version` not heeded in `_turned`, or in `paid_for`): red.
    agreed, later = (
        selling(9, "9.00", gold=gold(channels, quota))
        for channels, quota in ((25, "20.00"), (99, "99.00"))
    )
    known = {terms.version: terms.edition for terms in (OLD, agreed)}
    world = sold_before()
    world.catalog, world.at = replace(agreed, older=known), on(1, 20)
    world.hear(change(on(1, 20), "gold", at_period_end=True))
    world.catalog = replace(later, older=known)
    world.hear(renewed(on(1, 20, 1), product="gold"))
    world.at = on(2, 2)
    world.hear(told(Type.SYNC, on(2, 2)))
    world.bring()

    assert ("gold", agreed.version) == (world.service.package, world.service.version)
    assert 25 == channels(world)
    assert ["5.00", "20.00"] == granted(world)


def gold(channels, quota):
    package = CATALOG.packages["gold"]
    limits = {**package.entitlements, "channels": channels}
    return replace(package, entitlements=limits, free_credit=usd(quota))


def test_another_number_at_the_end_of_the_period_is_no_other_plan():
    """I3: more seats by the terms it was sold by."""
    world = sold_before()
    world.at = on(1, 20)
    world.hear(change(on(1, 20), "basic", at_period_end=True, quantity=2))
    world.at = on(2, 2)
    world.hear(told(Type.SYNC, on(2, 2)))

    assert (OLD.version, 10) == (world.service.version, channels(world))
    assert {OLD.version} == world.service.versions


def test_the_commercial_terms_are_those_it_was_sold_by():
    """I3: its ladder and its coupons too."""
    world = sold_before()
    today = replace(world.service, version=NEW.version)

    assert NO_TERMS == NOW_NEW.terms_of(world.service)
    assert FAMILY == NOW_NEW.terms_of(today)
    assert FAMILY == NOW_NEW.terms_of(replace(today, version=None))


def test_what_was_sold_by_a_version_that_noted_none_is_by_todays():
    """Until the next is applied: then what it was is noted for it."""
    service = replace(sold_before().service, version=None)

    assert 9 == NOW_NEW.package_of(service).entitlements["channels"]
