"""Free minutes, messages and pages: what the platform is told was given, and when."""

from dataclasses import replace

import pytest

from provisioning.core.actions import Change
from provisioning.core.catalog import Catalog
from provisioning.core.desired import State
from provisioning.core.diff import diff
from provisioning.core.period import Period
from provisioning.core.quotas import Allowance, Quota
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    suspend,
    terminate,
    told,
)

RESET = Allowance(100, reset=True)
KEPT = Allowance(100)


def selling(allowance, *, cycle="monthly", **others):
    """The usual trade, with so many free minutes in "basic"; and others by name."""
    basic = CATALOG.packages["basic"]
    sold = replace(
        basic, cycle=cycle, entitlements={**basic.entitlements, "minutes": allowance}
    )
    packages = CATALOG.packages | {"basic": sold} | others
    return Catalog(packages, CATALOG.topups, CATALOG.currencies)


def living(allowance, at=None, **sold):
    world = World(catalog=selling(allowance, **sold), at=at or on(1, 2))
    world.hear(activate())
    world.bring()
    return world


def quota(world, name="minutes"):
    """What is told of it, to the account's only service."""
    [one] = world.seen.entitlements[name]
    return one.given, one.since


@pytest.mark.parametrize("allowance", [KEPT, RESET])
def test_each_paid_period_gives_its_quota_once(allowance):
    """D22: so many more in all, since the period paid for; told twice, once."""
    world = living(allowance)
    first = quota(world)
    world.at = on(2, 2)
    for _ in range(2):
        world.hear(renewed())
        world.bring()

    assert ((100, (1, 0)), (200, (2, 0))) == (first, quota(world))


def test_what_is_paid_for_early_is_given_when_its_time_begins():
    """D22, D23: it wakes by itself then, and what is left is not cut off before."""
    # Guard off (no wake-up of its own): red, nothing is due by itself.
    world = living(RESET)
    world.at = on(1, 25)
    todo = world.hear(renewed(at=on(1, 25)))
    world.bring()
    early = (quota(world), todo.wakes[f"{SERVICE}/minutes/2/0"])
    world.at = on(2, 1)
    world.bring()

    assert (((100, (1, 0)), on(2, 1)), (200, (2, 0))) == (early, quota(world))


@pytest.mark.parametrize(("reset", "given"), [(True, 200), (False, 400)])
def test_intervals_nobody_looked_at_are_made_up_for(reset, given):
    """D23: a yearly payer's months: kept, each counts; reset, only the last."""
    allowance = Allowance(100, reset=reset, every=1)
    world = living(allowance, cycle="annually")
    world.at = on(4, 10)
    world.bring()

    assert (given, (1, 3)) == quota(world)


def test_an_unpaid_month_gives_nothing():
    """No confirmed order, no account: and no renewal, no minutes."""
    world = living(RESET)
    world.at = on(5, 1)
    world.bring()

    assert (100, (1, 0)) == quota(world)


def better(minutes=250):
    gold = CATALOG.packages["gold"]
    entitlements = {**gold.entitlements, "minutes": Allowance(minutes)}
    return replace(gold, entitlements=entitlements)


def test_a_better_package_gives_the_rest_once_however_often_it_is_taken():
    """D15: up and down and up again within a period is what the best one gives."""
    # Guard off (`most` stays what it was): red, more and more at each look.
    world = living(KEPT, gold=better())
    for day, product in ((5, "gold"), (6, "basic"), (7, "gold")):
        world.at = on(1, day)
        world.hear(change(on(1, day), product))
        world.bring()

    assert (250, (1, 0)) == quota(world)


def test_a_change_after_its_period_is_over_gives_nothing_more():
    """D15: only where what it was given for is under way."""
    # Guard off (_lasts): red, 250.
    world = living(KEPT, gold=better())
    world.at = on(3, 5)
    world.hear(change(on(3, 5), "gold"))
    world.bring()

    assert (100, (1, 0)) == quota(world)


def test_what_a_package_does_not_have_is_told_as_nothing():
    """U5: minutes belong to the plan that gave them; nothing else is left behind."""
    # Guard off (_nothing_of): red, the platform still shows them.
    world = living(KEPT)
    world.at = on(1, 5)
    world.hear(change(on(1, 5), "gold"))
    world.bring()

    assert () == world.seen.entitlements["minutes"]


def test_what_the_backend_has_and_nobody_can_know_stays():
    """A package that is gone from the configuration takes nothing away."""
    seen = State(on=True, entitlements={"minutes": (1,), "tariff": "cheap"})

    assert () == diff(seen, State(on=True, entitlements={}))
    assert (Change(None, {"channels": 5, "minutes": ()}),) == diff(
        seen, State(on=True, entitlements={"channels": 5})
    )


def test_back_again_it_goes_on_where_it_was():
    """D15: what was given in this period is not given again by leaving it."""
    world = living(KEPT)
    for day, product in ((5, "gold"), (6, "basic")):
        world.at = on(1, day)
        world.hear(change(on(1, day), product))
        world.bring()

    assert (100, (1, 0)) == quota(world)


def test_seats_and_addons_give_as_many_times():
    """P14, C2: three of it and two packs on top are one quota."""
    pack = replace(
        CATALOG.packages["plain"], name="pack", addon=True,
        entitlements={"minutes": Allowance(10)},
    )  # fmt: skip
    world = World(catalog=selling(KEPT, pack=pack), at=on(1, 2))
    world.hear(activate(quantity=3, extras=(("pack", 2),)))
    world.bring()

    assert (320, (1, 0)) == quota(world)


def test_two_services_are_told_apart():
    """Each has its own periods, and is reset by none but its own; in one order."""
    # Guard off (not sorted): red, told anew each time the other one is first.
    world = living(RESET)
    world.at = on(1, 20)
    second = {"service": "shop:1", "line": "shop:line-8", "starts": on(1, 20)}
    account = replace(
        world.account,
        services=(*world.account.services, replace(world.service, ref="shop:1",
                                                   marks={}, periods=())),
    )  # fmt: skip
    world.account = account
    world.hear(activate(at=on(1, 20), **second))
    world.bring()

    assert (
        Quota("shop:1", 100, (1, 0), reset=True, cap=None),
        Quota(SERVICE, 100, (1, 0), reset=True, cap=None),
    ) == world.seen.entitlements["minutes"]


def test_a_suspended_account_keeps_what_it_was_given():
    """D29: it resumes as it was."""
    world = living(KEPT)
    world.at = on(1, 5)
    world.hear(suspend(at=on(1, 5)))
    world.bring()

    assert (100, (1, 0)) == quota(world)


def test_what_others_granted_is_not_given_again():
    """An adopted customer's first period is paid and given elsewhere."""
    # Guard off (baseline periods counted): red, 100 at once.
    world = World(catalog=selling(RESET), at=on(1, 2))
    world.hear(activate())
    world.bring()
    world.account = replace(
        world.account,
        tallies={},
        services=(
            replace(
                world.service,
                periods=(Period(1, on(1, 1), on(2, 1), baseline=True),),
            ),
        ),
    )
    world.bring()
    before = world.seen.entitlements["minutes"]
    world.at = on(2, 2)
    world.hear(renewed())
    world.bring()

    assert ((), (100, (2, 0))) == (before, quota(world))


def test_an_ended_service_gets_nothing_more():
    """U4: its months pass, and nobody is given anything."""
    world = living(Allowance(100, every=1), cycle="annually")
    world.at = on(2, 20)
    world.bring()
    world.hear(terminate())
    world.at = on(5, 1)
    world.bring()

    assert (200, (1, 1)) == quota(world)
    assert not world.plan().wakes


def test_a_quota_is_read_aloud():
    """I6: a person sees what is given, and what becomes of the rest."""
    assert "100 beside the rest, at most 150" == str(Allowance(100, cap=150))
    assert "100 instead of the rest" == str(RESET)
    assert "300 given to shop:7 up to period 3.0" == str(
        Quota("shop:7", 300, (3, 0), reset=False, cap=None)
    )


def test_what_is_not_known_any_more_gives_nothing():
    """Its package is gone from the configuration: nothing is guessed."""
    world = living(KEPT)
    world.catalog = Catalog({}, {}, CATALOG.currencies)
    world.at = on(2, 2)
    world.hear(told("service.sync", on(2, 2)))

    assert {(SERVICE, "minutes"): world.account.tallies[SERVICE, "minutes"]} == (
        world.account.tallies
    )
