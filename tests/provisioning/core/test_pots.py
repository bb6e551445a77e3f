"""What of a balance is free credit, by itself: burned, raised, filled and told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.core.account import LIFE, PACKAGE, Mark, Service
from provisioning.core.catalog import FreeRule
from provisioning.core.credit import Claim, Kind
from provisioning.core.period import Period
from provisioning.core.pots import Pot, Purse
from provisioning.core.purse import (
    Balance,
    Due,
    burned,
    due,
    due_until,
    grant,
    is_granted,
    next_starts,
    raised,
)
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    SERVICE,
    activate,
    on,
    usd,
)

TWO = Purse(
    Decimal(30),
    Decimal(50),
    {
        "shop:2": Pot(Decimal(7), Decimal(10), 1, 0),
        "shop:1": Pot(Decimal(5), Decimal(10), 1, 0),
    },
)
"""12.00 of the 30.00 that are left of 50.00 are free."""

JANUARY = Period(1, on(1, 1), on(2, 1), "shop:line-1", event="order")
FEBRUARY = Period(2, on(2, 1), on(3, 1), "shop:line-2", event="renewal")


def selling(rule, package="basic"):
    """10.00 of free credit by this rule."""
    sold = replace(CATALOG.packages["basic"], free_credit=usd("10.00"), free=rule)
    return replace(CATALOG, packages=CATALOG.packages | {package: sold})


def held(*periods, purse=None, quantity=1, at=None):
    """An account whose one service lives and is paid for so long."""
    life = {LIFE: Mark(yes=True, order=activate(at or on(1, 1)).order)}
    service = Service(SERVICE, "basic", life, periods, quantity)
    return replace(ACCOUNT, services=(service,), purse=purse)


def filled(left, no=1, interval=0, quota=10):
    pot = Pot(Decimal(left), Decimal(quota), no, interval)
    return Purse(Decimal(20), Decimal(30), {SERVICE: pot})


@pytest.mark.parametrize(
    ("now", "arrived", "left"),
    [
        (30, 50, (5, 7)),
        (28, 50, (3, 7)),
        (25, 50, (0, 7)),
        (22, 50, (0, 4)),
        (10, 50, (0, 0)),
        (40, 60, (5, 7)),
        (32, 60, (0, 4)),
        (20, 40, (5, 7)),
        (33, 50, (5, 7)),
    ],
)
def test_what_has_gone_went_out_of_the_pots_first(now, arrived, left):
    """D16: used is what arrived since and is not there; a rise of itself fills no pot.

    Guard off (what one pot lost is not taken off the next, or below nothing): red.
    """
    after = burned(TWO, Balance(Decimal(now), Decimal(arrived)))

    assert left == (after.pots["shop:1"].left, after.pots["shop:2"].left)
    assert (now, arrived) == (after.balance, after.arrived)


def test_before_anything_was_reckoned_nothing_is_free():
    """D16: what was there before we counted is nobody's quota."""
    assert Purse(Decimal(3), Decimal(4), {}) == burned(
        None, Balance(Decimal(3), Decimal(4))
    )


def test_a_raise_is_in_the_pot_at_once():
    """D15: it is left to be burned, and it is the most of this interval."""
    account = raised(held(purse=filled(4)), SERVICE, Decimal(15))

    assert Pot(Decimal(19), Decimal(25), 1, 0) == account.purse.pots[SERVICE]


@pytest.mark.parametrize("purse", [None, TWO])
def test_where_there_is_no_pot_a_raise_fills_none(purse):
    """D16: what is never reckoned is never taken for free."""
    account = held(purse=purse)

    assert account == raised(account, SERVICE, Decimal(15))


@pytest.mark.parametrize(
    ("pot_no", "given", "granted"),
    [
        (None, (), False),
        (1, (), False),
        (2, (), True),
        (3, (), True),
        (None, ("1/0/0",), False),
        (None, ("2/0/0",), True),
        (None, ("1/0/0", "2/3/0"), True),
        (1, ("3/0/0",), False),
    ],
)
def test_a_period_was_granted_by_its_pot_or_by_the_books(pot_no, given, granted):
    """D15: a raise is more than something, and not instead of all."""
    pot = None if pot_no is None else Pot(Decimal(0), Decimal(10), pot_no, 0)
    keys = {f"{SERVICE}/free/{key}": None for key in given}
    others = {"shop:8/free/2/0/0": None}

    assert granted is is_granted(SERVICE, 2, pot, keys | others)


def test_what_is_due_names_the_events_of_its_own_periods():
    """V2: whoever asks why it waits is told which words wait, and no others."""
    nameless = replace(FEBRUARY, no=3, event=None)
    account = held(JANUARY, FEBRUARY, nameless)
    [service] = account.services

    assert {"renewal"} == Due(
        service, CATALOG.packages["basic"], ((2, 0), (3, 0))
    ).events


@pytest.mark.parametrize(
    ("purse", "given", "places"),
    [
        (None, (), ((1, 0), (2, 0))),
        (None, ("1/0/0",), ((2, 0),)),
        (None, ("2/0/0",), ()),
        (filled(0, no=1), (), ((2, 0),)),
        (filled(0, no=1), ("2/0/0",), ()),
        (filled(0, no=2), ("1/0/0",), ()),
    ],
)
def test_due_is_what_begun_since_the_last_that_was_granted(purse, given, places):
    """D24: by the pot or by the books, whichever knows of a later one."""
    keys = {f"{SERVICE}/free/{key}": None for key in given}
    account = held(JANUARY, FEBRUARY, purse=purse)
    found = due(account, selling(FreeRule(cap=usd(50))), keys, on(2, 2))

    assert places == (found[0].places if found else ())


def test_only_what_lives_and_is_reckoned_comes_due():
    """U4: nothing of what has ended, of what is not sold, or of what just persists."""
    account, reset = held(JANUARY), selling(FreeRule(reset=True))
    ended = replace(account, services=(replace(account.services[0], marks={}),))

    assert 1 == len(due(account, reset, {}, on(1, 2)))
    assert () == due(ended, reset, {}, on(1, 2))
    assert () == due(account, replace(reset, packages={}), {}, on(1, 2))
    assert () == due(account, selling(FreeRule()), {}, on(1, 2))


@pytest.mark.parametrize(
    ("rule", "left", "debit", "sums", "in_pot"),
    [
        (FreeRule(reset=True), 4, False, [("2/0/0", 6)], 10),
        (FreeRule(reset=True), 10, False, [], 10),
        (FreeRule(reset=True), 14, False, [], 14),
        (FreeRule(reset=True), 14, True, [("2/0/0/back", -4)], 10),
        (FreeRule(reset=True), "9.50", False, [("2/0/0", "0.50")], 10),
        (FreeRule(reset=True), "10.50", False, [], "10.50"),
        (FreeRule(reset=True), "10.50", True, [("2/0/0/back", "-0.50")], 10),
        (FreeRule(cap=usd(12)), 4, False, [("2/0/0", 8)], 12),
        (FreeRule(cap=usd(12)), 1, False, [("2/0/0", 10)], 11),
        (FreeRule(cap=usd(12)), 15, True, [], 15),
        (FreeRule(every=12), 4, True, [("2/0/0", 10)], 14),
    ],
)
def test_a_pot_is_filled_by_its_rule(rule, left, debit, sums, in_pot):
    """D16: reset to the quota, kept up to the cap, or kept; taken back where it can be.

    Guard off (a fall is kept though nothing can be taken back): red.
    """
    account = held(JANUARY, FEBRUARY, purse=filled(left))
    dues = due(account, selling(rule), {}, on(2, 2))
    after, claims = grant(account, dues, Balance(Decimal(20), Decimal(30)), debit=debit)

    assert [(f"{SERVICE}/free/{key}", Decimal(sum_)) for key, sum_ in sums] == [
        (claim.key, claim.sent) for claim in claims
    ]
    assert Pot(Decimal(in_pot), Decimal(10), 2, 0) == after.purse.pots[SERVICE]
    assert {"renewal"} >= {claim.event for claim in claims}
    assert {"USD"} >= {claim.money.currency for claim in claims}


def test_what_a_person_told_of_names_that_and_the_rest_names_itself():
    """V2: each effect has a cause: the payment, or the time that came."""
    yearly = replace(JANUARY, ends=on(12, 31))
    account = held(yearly)
    dues = due(account, selling(FreeRule(every=1)), {}, on(2, 2))
    _, claims = grant(account, dues, Balance(Decimal(0), Decimal(0)), debit=False)
    later = f"{SERVICE}/free/1/1/0"

    assert [("order", Kind.FREE), (later, Kind.FREE)] == [
        (claim.event, claim.kind) for claim in claims
    ]


def test_two_of_a_package_are_twice_its_quota_and_twice_its_cap():
    """P14: so many of it is so many times all that adds up."""
    account = held(JANUARY, FEBRUARY, purse=filled(5, quota=20), quantity=2)
    dues = due(account, selling(FreeRule(cap=usd(12))), {}, on(2, 2))
    _, claims = grant(account, dues, Balance(Decimal(20), Decimal(30)), debit=False)

    assert [19] == [claim.sent for claim in claims]


@pytest.mark.parametrize(
    ("rule", "sums"),
    [
        (FreeRule(every=1), 2),
        (FreeRule(every=1, reset=True), 0),
        (FreeRule(every=1, cap=usd(12)), 0),
        (FreeRule(), 0),
    ],
)
def test_before_a_change_comes_due_only_what_needs_no_balance(rule, sums):
    """D23: what is reset or capped depends on what is left, so it waits for that."""
    account = held(replace(JANUARY, ends=on(12, 31)))
    [service] = account.services
    after, claims = due_until(account, service, selling(rule), {}, on(2, 2))

    assert (account, sums) == (after, len(claims))


def test_before_a_change_the_pot_is_as_full_as_what_came_due_makes_it():
    """D15: the change is measured by what was granted until then."""
    purse = filled(4)
    account = held(replace(JANUARY, ends=on(12, 31)), purse=purse)
    [service] = account.services
    catalog = selling(FreeRule(every=1))
    after, claims = due_until(account, service, catalog, {}, on(2, 2))

    assert Pot(Decimal(14), Decimal(10), 1, 1) == after.purse.pots[SERVICE]
    assert [f"{SERVICE}/free/1/1/0"] == [claim.key for claim in claims]
    assert (account, ()) == due_until(account, service, catalog, {}, on(1, 20))


def test_before_a_change_no_pot_is_made_where_there_was_none():
    """D16: its first is filled when a balance is known; the sums are booked anyhow."""
    account = held(replace(JANUARY, ends=on(12, 31)), purse=TWO)
    [service] = account.services
    after, claims = due_until(
        account, service, selling(FreeRule(every=1)), {}, on(2, 2)
    )

    assert (account, 2) == (after, len(claims))


def test_of_a_package_that_is_gone_nothing_comes_due_before_a_change():
    """V15: what its rule was is not guessed."""
    account = held(JANUARY)
    [service] = account.services
    gone = replace(CATALOG, packages={})

    assert (account, ()) == due_until(account, service, gone, {}, on(2, 2))


def test_the_next_is_due_when_its_interval_begins():
    """D23: under the key it will be granted under; nothing of what just persists."""
    account = held(replace(JANUARY, ends=on(12, 31)))

    assert {f"{SERVICE}/free/1/2/0": on(3, 1)} == next_starts(
        account, selling(FreeRule(every=1)), on(2, 2)
    )
    assert {f"{SERVICE}/free/1/2/0": on(3, 1)} == next_starts(
        account, selling(FreeRule(every=1)), on(2, 1)
    )
    assert {} == next_starts(account, selling(FreeRule()), on(2, 2))
    assert {} == next_starts(account, selling(FreeRule(reset=True)), on(2, 2))


def test_of_two_months_paid_for_early_the_first_is_next():
    """D23: each wakes by itself, one after the other."""
    account = held(JANUARY, FEBRUARY, replace(FEBRUARY, no=3, starts=on(3, 1)))

    assert {f"{SERVICE}/free/2/0/0": on(2, 1)} == next_starts(
        account, selling(FreeRule(reset=True)), on(1, 15)
    )


@pytest.mark.parametrize(("life", "package"), [(1, 6), (6, 1)])
def test_what_was_over_before_it_became_what_it_is_is_not_made_up_for(life, package):
    """D23: begun or changed in June, whichever was later: June's on, and no May's."""
    account = held(replace(JANUARY, ends=on(12, 31)), at=on(life, 15))
    mark = Mark(yes=True, order=activate(on(package, 15)).order)
    service = account.services[0].marked(PACKAGE, mark)
    account = replace(account, services=(service,))
    [found] = due(account, selling(FreeRule(every=1)), {}, on(7, 2))

    assert ((1, 5), (1, 6)) == found.places


def test_an_interval_that_begins_with_a_change_is_the_changes():
    """D15: the change grants what exceeds the old quota of it; nothing comes beside."""
    account = held(replace(JANUARY, ends=on(12, 31)))
    mark = Mark(yes=True, order=activate(on(3, 1)).order)
    service = account.services[0].marked(PACKAGE, mark)
    account = replace(account, services=(service,))
    given = {f"{SERVICE}/free/1/1/0": None}

    assert () == due(account, selling(FreeRule(every=1)), given, on(3, 2))


def test_a_claim_of_free_credit_is_money_given():
    """I6: nobody paid for it."""
    assert Decimal(-1) == Claim("k", Kind.RECALL, usd(1), "e").sent
    assert Decimal(1) == Claim("k", Kind.FREE, usd(1), "e").sent
