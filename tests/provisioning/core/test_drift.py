"""What differs, and who may repair it: levels by policy, money for a reason only."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.account import Account
from provisioning.core.actions import Change, Open, Tell
from provisioning.core.credit import Claim, Kind
from provisioning.core.desired import State
from provisioning.core.drift import (
    COVERED,
    Balance,
    Difference,
    Drift,
    Repair,
    agreed,
    covered,
    foreign,
    gone,
    guarded,
    in_flight,
    levels,
    money,
    stays,
    still_there,
    taken,
    unheard_line,
    unheard_word,
    unknown_service,
    wakes,
)
from tests.provisioning.core.world import often, on, usd

THERE = Account("acct_1", "shop", "main", "USD", "sw1", remote="7")
SEEN = State(on=True, entitlements={"channels": 9, "tariff": "standard"})
DUE = Claim("shop:1/topup", Kind.TOPUP, usd("10.00"), "e1")
WRITTEN = on(1, 10)
"""When the last write was proven."""


def level(*changes, account=THERE, seen=SEEN, may_set=True):
    return list(levels(account, seen, changes, may_set=may_set))


def balance(now, last="20.00", most="1.00"):
    proven = last and (Decimal(last), WRITTEN)
    return Balance(Decimal(now), "USD", proven, Decimal(most))


def of_money(*due, account=THERE, **set_):
    return list(money(account, due, balance(**set_) if set_ else None))


# levels


def test_each_level_that_differs_is_a_line_of_its_own():
    """U6, U7: what we want, what is there, and the lane woken for it."""
    change = Change(on=False, entitlements={"tariff": "cheap", "channels": 5})

    assert [
        ("on", "off", "on"), ("channels", "5", "9"), ("tariff", "cheap", "standard"),
    ] == [(d.what, d.wants, d.has) for d in level(change)]  # fmt: skip
    assert {(Drift.LEVEL, Repair.WAKE)} == {(d.kind, d.repair) for d in level(change)}


def test_what_is_not_there_is_said_as_none():
    """A level the backend does not show."""
    [line] = level(Change(on=None, entitlements={"seats": 3}))

    assert ("seats", "3", "none") == (line.what, line.wants, line.has)


def test_where_levels_are_only_reported_no_lane_is_woken():
    """U10: a person sees it and says so.

    Guard off (`if may_set` always true): red.
    """
    [line] = level(Change(on=False, entitlements={}), may_set=False)

    assert (Repair.PERSON, "drift_reported") == (line.repair, line.why.code)


@pytest.mark.parametrize("may_set", [True, False])
def test_an_account_that_is_only_looked_at_is_repaired_by_nobody(may_set):
    """Adopted and not released: not one write.

    Guard off (`if account.observed_at`): red.
    """
    watched = replace(THERE, observed_at=WRITTEN)
    change = Change(on=True, entitlements={})
    [line] = level(change, account=watched, may_set=may_set)

    assert (Repair.NOTHING, "drift_observed") == (line.repair, line.why.code)


def test_one_that_was_never_opened_is_opened_and_one_that_is_gone_is_not():
    """U1: made anew it would be empty, and nobody would hear of it.

    Guard off (`if account.remote`): red.
    """
    new, open_ = replace(THERE, remote=None), Open(SEEN)

    assert [Repair.WAKE] == [d.repair for d in level(open_, account=new, seen=None)]
    assert [gone(THERE)] == level(open_, seen=None)
    assert Repair.PERSON is gone(THERE).repair


def test_what_cannot_be_read_back_is_no_difference():
    """An address that is still to be told is not compared with anything."""
    assert [] == level(Tell("email"))


# money


def test_a_sum_that_is_due_and_held_by_nothing_is_sent():
    """U9: by its key, so once; the books are the reason.

    Guard off (no line for what is due): red.
    """
    [line] = of_money(DUE)

    assert (Drift.CREDIT_DUE, "shop:1/topup", "10.00 USD", Repair.WAKE) == (
        line.kind, line.what, line.wants, line.repair,
    )  # fmt: skip


BALANCES = [
    ("20.01", Drift.CREDIT_EXTRA, "a rise"),
    ("20.00", None, "as it was"),
    ("19.00", None, "all used that can be"),
    ("18.99", Drift.CREDIT_MISSING, "more gone than can be used"),
    ("-1.00", Drift.CREDIT_MISSING, "below nothing"),
]


@pytest.mark.parametrize(("now", "kind", "what"), BALANCES)
def test_a_balance_that_moved_as_nothing_explains_is_for_a_person(now, kind, what):
    """U9: neither taken away nor given back by itself, whatever the policy.

    Guard off (`now > last`, `now < last - balance.most`): red.
    """
    found = of_money(now=now)

    assert ([kind] if kind else []) == [d.kind for d in found], what
    assert all(d.repair is Repair.PERSON for d in found)


@pytest.mark.parametrize(("now", "found"), [("20.00", 1), ("3.00", 1), ("20.01", 1)])
def test_a_sum_that_is_not_listed_any_more_is_missing(now, found):
    """U9: where nobody knows what calls can use, the list of payments is the witness.

    Guard off (`elif balance.unlisted`): red.
    """
    proven = Decimal("20.00"), WRITTEN
    seen = Balance(Decimal(now), "USD", proven, unlisted="shop:1/topup")
    lines = list(money(THERE, (), seen))

    assert found == len(lines)
    assert [Repair.PERSON] == [line.repair for line in lines]


def test_without_any_witness_a_balance_says_nothing():
    """Trusted by a person since, or restored: nothing is guessed."""
    assert [] == of_money(now="99.00", last=None)


def test_where_money_is_stopped_that_is_the_line():
    """It waits for a person already; one line says so."""
    stopped = replace(THERE, money_stopped="it fell")
    [line] = of_money(account=stopped, now="99.00")

    assert (Drift.BALANCE, Repair.PERSON) == (line.kind, line.repair)


@often
@given(
    st.decimals("-50", "50", places=2),
    st.none() | st.decimals("-50", "50", places=2),
    st.decimals("0", "50", places=2),
)
def test_no_balance_wakes_a_lane(now, last, most):
    """Only a sum in the books is ever sent: no reading of a balance is a reason."""
    proven = (last, WRITTEN) if last is not None else None
    seen = Balance(now, "USD", proven, most)

    assert not wakes(money(THERE, (), seen))


def test_what_the_guard_keeps_on_is_for_a_person():
    """The guard on switch-offs holds here, too; other levels are corrected.

    Guard off (`line.wants != SWITCH[False]`): red.
    """
    change = Change(on=False, entitlements={"channels": 5})
    off, channels = [guarded(line, THERE) for line in level(change)]

    assert (Repair.PERSON, "drift_guarded") == (off.repair, off.why.code)
    assert Repair.WAKE is channels.repair


def test_what_was_covered_up_says_so():
    """The same line, and why it cannot be seen any more."""
    [line] = of_money(now="30.00")

    assert COVERED == covered(line, THERE).why.code
    assert Repair.PERSON is covered(line, THERE).repair


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("trusted", "last", "open_"),
    [
        (None, WRITTEN + DAY, True),
        (None, WRITTEN - DAY, False),
        (None, None, False),
        (WRITTEN + DAY, WRITTEN + DAY, False),
        (WRITTEN - DAY, WRITTEN + DAY, True),
    ],
)
def test_what_a_write_covered_up_stays_until_a_person_says_what_it_was(
    trusted, last, open_
):
    """U9: a write of ours starts from the balance as it is: extra credit would be gone
    from sight with it.

    Guard off (`last[1] > seen_at`, `trusted > seen_at`): red.
    """
    account = replace(THERE, trusted_from=trusted)
    proven = last and (Decimal(20), last)

    assert open_ is stays(WRITTEN, account, proven)


# of one account


def test_all_that_may_be_repaired_is_by_one_wake_up():
    """Levels and what is due, side by side."""
    found = level(Change(on=False, entitlements={})) + of_money(DUE)

    assert tuple(found) == agreed(THERE, found)
    assert wakes(found)


def test_a_sum_that_may_be_there_already_is_not_sent():
    """U9: entered by hand at the backend, it would be there twice.

    Guard off (`kinds >= {EXTRA, DUE}`): red.
    """
    found = level(Change(on=False, entitlements={}))
    found += of_money(DUE, now="30.00")
    lines = agreed(THERE, found)

    assert not wakes(lines)
    assert {Repair.PERSON} == {line.repair for line in lines}


def test_extra_credit_alone_keeps_no_level_from_being_corrected():
    """A person looks at the credit; the channels are set at once."""
    found = level(Change(on=False, entitlements={})) + of_money(now="30.00")

    assert wakes(agreed(THERE, found))


def test_where_levels_are_only_reported_a_due_sum_waits_with_them():
    """U10: its runner would set them, too.

    Guard off (`line.kind is Drift.LEVEL and not _wakes(line)`): red.
    """
    found = level(Change(on=False, entitlements={}), may_set=False) + of_money(DUE)

    assert not wakes(agreed(THERE, found))
    assert wakes(agreed(THERE, of_money(DUE)))


def test_in_flight_nothing_is_repaired():
    """It may be over by now: whoever is at it knows better."""
    lines = [in_flight(line) for line in of_money(DUE)]

    assert not wakes(lines)
    assert all(line.in_flight for line in lines)


LOOKED_AT: list[tuple[Difference, Drift, Repair]] = [
    (foreign("bob"), Drift.FOREIGN, Repair.NOTHING),
    (taken(THERE, "bob"), Drift.FOREIGN, Repair.PERSON),
    (still_there("sw1", WRITTEN), Drift.STILL_THERE, Repair.PERSON),
    (unheard_line("shop:1", "starter"), Drift.LINE_UNHEARD, Repair.PULL),
    (unheard_word("suspend"), Drift.WORD_UNHEARD, Repair.PULL),
    (unknown_service("shop:1"), Drift.SERVICE_UNKNOWN, Repair.PERSON),
]


@pytest.mark.parametrize(("line", "kind", "repair"), LOOKED_AT)
def test_nobody_elses_account_is_touched_and_no_service_is_ended(line, kind, repair):
    """What is not ours stays; what is missing comes in by the door, or by a person."""
    assert (kind, repair) == (line.kind, line.repair)
    assert not wakes([line])
