"""How long what has ended is kept, and what keeps it longer."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import retention
from provisioning.core.actions import Purge
from provisioning.core.credit import Bought
from provisioning.core.desired import State
from provisioning.core.events import Type
from provisioning.core.heard import Fate, Ledger
from provisioning.core.plan import plan
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    activate,
    change,
    often,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    told,
    topup,
)

KEEP = timedelta(days=30)
OFF = State(on=False, entitlements={"channels": 5, "tariff": "standard"})
NOTHING = Bought()


def planned(account, events, at, *, bought=NOTHING, keep=KEEP, seen=OFF, **more):
    ledger = Ledger(bought=bought)
    return plan(account, events, seen=seen, ledger=ledger, catalog=CATALOG, at=at,
                keep=keep, **more)  # fmt: skip


def bought(applied, balance):
    return Bought(Decimal(applied), balance=Decimal(balance))


AT = on(3, 1)


def ended(at=AT, **more):
    """An account whose only service ended, as heard at that moment."""
    account = planned(ACCOUNT, (activate(), terminate(on(2, 20))), at).account
    return replace(account, **more)


LATER = AT + KEEP


def test_it_is_kept_to_the_last_moment_and_not_beyond():
    """D26: counted from when the end was heard."""
    early = planned(ended(), (), LATER - timedelta(microseconds=1))
    over = planned(ended(), (), LATER)

    assert ((), LATER) == (early.purge, early.purge_due)
    assert (Purge(),) == over.purge


@pytest.mark.parametrize("events", [
    (told(Type.REINSTATE, on(3, 30)),),
    (activate(on(3, 30), line="shop:line-5", starts=on(3, 30)),),
])  # fmt: skip
def test_what_lives_again_is_counted_anew(events):
    """D26: nothing of the old count is left, nor what a person said on it."""
    # Guard off (life does not end the count): red.
    old = ended(written_off="paid back", purge_waits="10 USD are left")
    alive = planned(old, events, on(3, 30), seen=OFF)
    again = planned(alive.account, (terminate(on(4, 5)),), on(4, 5))

    assert (LATER, None) == (alive.purge_was, alive.purge_due)
    assert (None, None) == (alive.account.written_off, alive.account.purge_waits)
    assert on(4, 5) + KEEP == again.purge_due


WHY_NOT = {
    "never applied": Bought(held=Decimal(7)),
    "are left on it": bought(20, 12),
    "is not known": None,
}


@pytest.mark.parametrize("why", WHY_NOT)
def test_money_keeps_an_account(why):
    """D26: bought balance is a liability until a person writes it off."""
    todo = planned(ended(), (), LATER, bought=WHY_NOT[why])

    assert () == todo.purge
    assert why in todo.account.purge_waits


@pytest.mark.parametrize(("balance", "applied", "left"), [
    (12, 20, "12"), (12, 5, "5"), (0, 20, None), (-3, 20, None), (12, 0, None),
])  # fmt: skip
def test_bought_is_left_only_of_what_was_bought_and_is_there(balance, applied, left):
    """What was free is used first; a debt is nothing that is left."""
    why = retention.why_not(ended(), bought(applied, balance))

    assert left == (why and why.split(" ")[0].removesuffix(".00"))


def test_a_person_writes_off_what_arrived_and_nothing_else():
    """D26: what is only held belongs to somebody until it is moved or paid back."""
    said = ended(written_off="paid back")
    left, held = bought(20, 12), Bought(held=Decimal(7))

    assert (Purge(),) == planned(said, (), LATER, bought=left).purge
    assert () == planned(said, (), LATER, bought=held).purge


@pytest.mark.parametrize("more", [
    {"money_stopped": "the balance moved"}, {"restored_at": AT},
])  # fmt: skip
def test_money_nobody_understands_keeps_an_account(more):
    """D26: its numbers would be wrong."""
    assert () == planned(ended(**more), (), LATER).purge


@pytest.mark.parametrize(
    "more",
    [
        {"keep": None},
        {"unsure": True},
        {"seen": None},
    ],
)
def test_nothing_is_purged_that_cannot_be_judged(more):
    """D26: a backend that does not purge, a sum under way, an account not seen."""
    assert () == planned(ended(), (), LATER, **more).purge


def test_money_that_comes_in_as_it_is_due_keeps_an_account():
    """D26: the books do not know of it yet, so they cannot say that nothing is left."""
    # Guard off (what was just booked is not looked at): red, it is purged.
    todo = planned(ended(), (topup(on(3, 30)),), LATER)

    assert () == todo.purge
    assert "money for it has just come in" == todo.account.purge_waits


def test_the_switch_off_goes_first():
    """D26: what is on again by somebody's hand is switched off before all else."""
    todo = planned(ended(), (), LATER, seen=replace(OFF, on=True))

    assert todo.levels
    assert (Purge(),) == todo.purge


def test_what_has_not_begun_has_not_ended():
    """A service whose order is still parked may begin any day."""
    other = replace(ACCOUNT.services[0], ref="shop:8")
    account = ended().with_service(other)

    assert planned(account, (), LATER).purge_due is None


REVIVING = {
    "activated": activate(on(4, 2), line="shop:line-5", starts=on(4, 2)),
    "renewed": renewed(on(4, 2), line="shop:line-5", starts=on(4, 2)),
    "reinstated": told(Type.REINSTATE, on(4, 2)),
    "changed": change(on(4, 2)),
}


@pytest.mark.parametrize("word", REVIVING)
def test_nothing_revives_what_was_purged(word):
    """D26: it says since when, and that it is to be ordered anew."""
    # Guard off (the word is heard as any other): red, it lives.
    todo = planned(ended(purged_at=LATER), (REVIVING[word],), on(4, 2), seen=None)
    [ruling] = todo.rulings

    assert (Fate.PARKED, "purged") == (ruling.fate, ruling.why.code)
    assert ((), (), (), ()) == (todo.levels, todo.flows, todo.purge, todo.bookings)


WORDS = st.lists(
    st.tuples(
        st.sampled_from([activate, terminate, suspend, resume, topup, change])
        | st.just(lambda at: told(Type.REINSTATE, at)),
        st.integers(0, 60),
        st.integers(-200, 0),
    ),
    max_size=12,
)


@often
@given(WORDS, st.integers(0, 60))
def test_never_purged_before_all_has_been_off_for_the_whole_retention(words, wait):
    """D26: whatever is told, in whatever order, however far dated back."""
    # Guard off (counted from the platform's word): red.
    account, at, dead_since = ACCOUNT, on(1, 1), None
    for no, (word, days, dated) in enumerate(words):
        at += timedelta(days=days)
        event = replace(word(at + timedelta(days=dated)), id=str(no), arrival=no + 1)
        todo = planned(account, (event,), at)
        alive = any(service.alive for service in todo.account.services)
        dead_since = None if alive else dead_since or at
        purges_rightly(todo, at, dead_since)
        account = todo.account
    at += timedelta(days=wait)
    purges_rightly(planned(account, (), at), at, dead_since)


def purges_rightly(todo, at, dead_since):
    if todo.purge:
        assert dead_since is not None
        assert at - dead_since >= KEEP
