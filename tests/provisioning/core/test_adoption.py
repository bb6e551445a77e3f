"""A customer somebody else opened an account for, as it becomes one of ours."""

from dataclasses import replace

import pytest

from provisioning.core.adoption import Customer, Found, adopted, differences, wrong
from provisioning.core.catalog import Package
from provisioning.core.desired import State
from provisioning.core.events import Hold
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    on,
    renewed,
    usd,
)

ADDON = Package("line", "main", usd("3.00"), "monthly", {"channels": 1}, addon=True)
OURS = replace(
    CATALOG,
    packages=CATALOG.packages | {"line": ADDON},
    live_from={"shop": on(2, 1)},
)
THERE = Found("remote-9", "olivia")
PAYING = Customer("shop", SERVICE, "basic", "main", client="7", paid_until=on(3, 1))
TOLD = on(2, 14)


def taken(**said):
    return adopted(replace(PAYING, **said), THERE, OURS, TOLD)


def test_an_adopted_account_keeps_its_name_and_is_only_looked_at():
    """I1: whose name it is at the backend, and since when we look."""
    account = taken(email="o@example.com")

    assert ("remote-9", "olivia", TOLD) == (
        account.remote, account.username, account.observed_at,
    )  # fmt: skip
    assert ("shop", "main", "USD", "7", "o@example.com") == (
        account.source, account.backend, account.currency, account.client,
        account.email,
    )  # fmt: skip


def test_its_service_lives_as_the_operator_says():
    """D29: suspended there is suspended here, for billing; quantity as it was sold."""
    [service] = taken(quantity=3).services
    [held] = taken(suspended=True).services

    assert (True, (), "basic", 3) == (
        service.alive, service.holds, service.package, service.quantity,
    )  # fmt: skip
    assert (Hold.BILLING,) == held.holds


@pytest.mark.parametrize(
    ("package", "paid_until", "starts"),
    [
        ("basic", on(3, 1), on(2, 1)),
        ("basic", on(3, 20), on(2, 20)),
        ("plain", None, on(2, 1)),
    ],
)
def test_the_period_it_is_in_is_known_and_not_ours_to_grant(
    package, paid_until, starts
):
    """I6: it was granted elsewhere; where it began is a guess by its cycle."""
    [period] = taken(package=package, paid_until=paid_until).services[0].periods

    assert (1, starts, paid_until) == (period.no, period.starts, period.ends)
    assert (True, False) == (period.baseline, period.told)


def test_from_the_next_period_on_it_is_ours():
    """I6: the renewal is granted, and it alone."""
    world = World(account=taken(), catalog=OURS)
    world.hear(renewed(at=on(3, 1), starts=on(3, 1), line="shop:line-3"))

    assert {f"{SERVICE}/free/2/0/0"} == set(world.booked)


@pytest.mark.parametrize("live_from", [on(2, 1), on(2, 20)])
def test_whatever_is_told_later_overrides_what_the_operator_said(live_from):
    """V9: it is as of when the source became ours, and never of a time to come."""
    ours = replace(OURS, live_from={"shop": live_from})
    [service] = adopted(PAYING, THERE, ours, TOLD).services

    assert {min(live_from, TOLD)} == {
        mark.order.occurred_at for mark in service.marks.values()
    }


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source": "other"}, "live_from"),
        ({"backend": "gone"}, 'no backend "gone"; choose one of: main, other'),
        ({"package": "gone"}, '"gone" is no package with an account'),
        ({"package": "line"}, '"line" is no package with an account'),
        ({"package": "elsewhere"}, 'is sold on backend "other", not on "main"'),
        ({"paid_until": None}, "say in paid_until when the next payment is due"),
    ],
)
def test_what_cannot_be_adopted_says_what_to_do(said, why):
    """I1: a line of the file that does not fit is told with the way out."""
    assert why in (wrong(replace(PAYING, **said), OURS) or "")


@pytest.mark.parametrize("said", [{}, {"package": "plain", "paid_until": None}])
def test_what_fits_can_be_adopted(said):
    """I8: what is bought once has no next payment to be told of."""
    assert wrong(replace(PAYING, **said), OURS) is None


def test_what_will_be_changed_after_the_release_is_told_before():
    """U10: each difference by its name, as it is and as it will be."""
    seen = State(on=False, entitlements={"channels": 9, "tariff": "standard"})

    assert [("on", "no", "yes"), ("channels", 9, 10)] == list(
        differences(replace(PAYING, quantity=2), seen, OURS)
    )


def test_where_nothing_differs_nothing_is_told():
    """U10: off and suspended agree."""
    seen = State(on=False, entitlements={"channels": 5, "tariff": "standard"})

    assert [] == list(differences(replace(PAYING, suspended=True), seen, OURS))
