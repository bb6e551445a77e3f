"""What an owner is told of what he lost, and of what he bought too much of."""

from dataclasses import replace

from bridge.words import render
from provisioning.core.catalog import Edition
from provisioning.core.choices import Choice
from provisioning.core.telling import foreseen, said
from tests.provisioning.core.roomy import ROOMY, sold
from tests.provisioning.core.test_capacity import full  # noqa: F401 - a fixture
from tests.provisioning.core.test_locking import DOWN, with_coupon
from tests.provisioning.core.world import DAY, change, on, terminate


def told(world, at):
    return [render(one) for one in said(world.account, world.service, ROOMY, at)]


def lowered(world, to="silver"):
    world.hears(DOWN, change(DOWN, to))
    return world


def test_all_of_it_is_said_with_its_day(full):  # noqa: F811
    """D9, D10: what is above the limit until when, and each deletion."""
    at_once = told(lowered(full), DOWN)
    full.hears(DOWN + 7 * DAY)
    later = told(full, DOWN + 7 * DAY)

    assert 4 == len(at_once)
    assert at_once[0].startswith(
        "5 of storage_gb are bought above what the plan allows"
    )
    assert "on 2026-04-08 00:00 UTC" in at_once[0]
    assert ["4 of storage_gb", "1 of storage_gb"] == [
        s.split(",")[0] for s in later[:2]
    ]
    assert all("is deleted on 2026-06-30 00:00 UTC" in each for each in later[2:])


def test_what_is_gone_or_given_for_now_is_said_so():
    """D10: no day that is none."""
    world = lowered(sold())
    ends = with_coupon(world, on(5, 1), 3)
    during = told(world, on(5, 1))
    world.hears(ends)
    world.hears(ends + 90 * DAY)
    after = told(world, ends + 90 * DAY)

    assert all("is given for now all the same" in each for each in during)
    assert all(f"was deleted by {ends + 90 * DAY:%Y-%m-%d}" in each for each in after)


def test_of_what_has_ended_nothing_is_said():
    """D26: its retention is another matter."""
    world = lowered(sold())
    world.hears(on(5, 1), terminate(on(5, 1)))

    assert [] == told(world, on(5, 1))


def test_it_is_said_before_the_change_as_it_is_after_it(full):  # noqa: F811
    """D9, D10: `plan --change` tells the days that will be."""
    # Guard off (the plan it has is asked): red.
    before = full.account
    account, service, to = before, full.service, Choice("silver", "monthly")
    to = replace(to, extras=service.extras)
    told_before = [render(s) for s in foreseen(account, service, to, ROOMY, DOWN)]

    assert told(lowered(full), DOWN) == told_before
    assert before.service(service.ref).locked == ()


def test_more_of_the_same_plan_goes_on_by_its_terms(full):  # noqa: F811
    """C14: those it was sold by allow no storage beside it."""
    # Guard off (the terms of today are asked): red, nothing is said.
    none = replace(ROOMY.packages["gold"], most_extra={"storage_gb": 0})
    old = Edition({**ROOMY.packages, "gold": none}, terms=ROOMY.terms)
    catalog = replace(ROOMY, older={"old": old})
    service = replace(full.service, version="old")
    account, extras = full.account.with_service(service), service.extras
    two = Choice("gold", "monthly", 2, extras)
    unlimited = Choice("unlimited", "monthly", 1, extras)

    [over] = foreseen(account, service, two, catalog, DOWN)
    assert "15" == dict(over.parts)["units"]
    assert () == foreseen(account, service, unlimited, catalog, DOWN)
