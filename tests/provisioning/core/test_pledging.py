"""Asking for time to pay: what is owed on a service, and whether it is believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.words import render
from provisioning.core.account import LIFE
from provisioning.core.catalog import Edition
from provisioning.core.pledging import kept_on, pledged
from provisioning.core.promised import Promise
from provisioning.core.terms import Family, Grace, Ladder, Offer, Terms
from tests.provisioning.core.test_dunning import later, living
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    change,
    on,
    renewed,
    suspend,
    terminate,
    usd,
)

WEEK = timedelta(days=7)
GRACE = replace(CATALOG, terms=Terms(grace=Grace(usd("100.00"))))
AT = on(2, 5)


def asked(world, at=AT, *, catalog=GRACE, lasts=WEEK, group=None):
    return pledged(
        world.account, world.service, catalog, at, lasts, "staff:ann", "slow", group
    )


def bought(*events, **more):
    return living(on(1, 2), *events, catalog=GRACE, **more)


def test_what_is_promised_is_what_is_owed():
    """S6: the next period, by whom, why and until when."""
    assert Promise(
        SERVICE, AT, AT + WEEK, usd("29.00"), "staff:ann", why="slow"
    ) == asked(bought())


OWED = [
    # events, at, code
    ((), on(1, 31), "promise_no_debt"),
    ((), on(2, 1), None),
    ((suspend(on(1, 20)),), on(1, 21), None),
    ((renewed(on(2, 2)),), on(2, 5), "promise_no_debt"),
    ((terminate(on(2, 2)),), on(2, 5), "promise_ended"),
]


@pytest.mark.parametrize(("events", "at", "code"), OWED)
def test_nothing_is_promised_where_nothing_is_owed(events, at, code):
    """S6: before it is due, and once it is paid; what was suspended for it is owed."""
    # Guard off (each is owed; what was suspended is not): red.
    assert code == getattr(asked(bought(*events), at), "code", None)


def test_what_was_bought_once_is_never_owed():
    """I8: however it was suspended."""
    world = bought(suspend(on(1, 20)), product="plain")

    assert "promise_no_debt" == asked(world).code


def test_no_promise_is_taken_where_none_is_foreseen():
    """S6: bounds have to be said."""
    assert "promise_not_taken" == asked(bought(), catalog=CATALOG).code


def test_one_is_open_for_all_of_an_account():
    """S6: the bound is the customer's, not each service's."""
    # Guard off (each service has its own): red.
    other = Promise("shop:8", on(2, 4), on(2, 6), usd("9.00"), "staff:ann")
    kept = replace(other, paid_at=on(2, 5))

    assert "promise_open" == asked(beside(other)).code
    assert isinstance(asked(beside(kept)), Promise)


def beside(given):
    """With another service that lives, for which that was promised."""
    world = bought(promises=(given,))
    world.account = world.account.with_service(replace(world.service, ref="shop:8"))
    return world


def test_a_promise_for_what_ended_unpaid_stands_in_nobodys_way():
    """S6: it is owed no more; of what is brought back it is again."""
    # Guard off (all that was ever promised counts): red.
    other = Promise("shop:8", on(2, 4), on(2, 6), usd("9.00"), "staff:ann")
    world = bought(promises=(other,))
    gone = replace(world.account.services[0], ref="shop:8")
    alive = world.account.with_service(gone)
    ended = gone.marked(LIFE, replace(gone.marks[LIFE], yes=False))

    world.account = world.account.with_service(ended)
    assert isinstance(asked(world), Promise)
    world.account = alive
    assert "promise_open" == asked(world).code


@pytest.mark.parametrize("lost", ["basic", "lines"])
def test_what_nobody_knows_the_price_of_is_not_promised(lost):
    """S6: it is not guessed."""
    world = bought()
    service = replace(world.service, extras=(("lines", 1),) * (lost == "lines"))
    world.account = world.account.with_service(service)
    packages = {n: p for n, p in CATALOG.packages.items() if n != lost}
    catalog = replace(GRACE, packages=packages)

    assert f'What "{lost}" costs nobody here knows' in render(
        asked(world, catalog=catalog)
    )


def test_it_costs_what_it_was_sold_for():
    """S6: by its own terms, for its own group."""
    ladder = Ladder("x", 1, offers=(Offer(usd("20.00"), group="good"),))
    terms = replace(GRACE.terms, families={"x": Family("x")}, ladders={"basic": ladder})
    world = bought()
    service = replace(world.service, version="v1")
    world.account = world.account.with_service(service)
    dear = {"basic": replace(CATALOG.packages["basic"], price=usd("59.00"))}
    today = replace(GRACE, packages={**CATALOG.packages, **dear},
                    older={"v1": Edition(CATALOG.packages, terms=terms)})  # fmt: skip

    assert ["29.00 USD", "20.00 USD"] == [
        str(asked(world, catalog=today, group=g).debt) for g in (None, "good")
    ]


def test_it_is_said_why_it_is_on():
    """S6: as long as it is so, and no longer."""
    given = Promise(SERVICE, on(2, 5), on(2, 12), usd("29.00"), "staff:ann")
    world = later(bought(promises=(given,)), on(2, 6))
    said = [kept_on(world.account, world.service, at) for at in
            (on(2, 4), on(2, 6), on(2, 12))]  # fmt: skip
    world = later(world, on(2, 8), change(on(2, 8)), renewed(on(2, 8), product="gold"))

    assert [None, None] == said[::2]
    assert (
        "Payment of 29.00 USD is promised until 2026-02-12 00:00 UTC, by staff:ann; so"
        " long it is not switched off for that."
    ) == render(said[1])
    assert None is kept_on(world.account, world.service, on(2, 9))
