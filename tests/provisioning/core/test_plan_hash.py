"""The hash of a plan: the same for the same plan, another for every other."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.actions import Change, Open, Tell
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim, Kind
from provisioning.core.desired import State
from provisioning.core.digest import digest
from provisioning.core.heard import Ledger
from provisioning.core.money import Money
from provisioning.core.plan import Plan, plan
from provisioning.core.sentences import say
from provisioning.core.terms import Family, Terms
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    NOW,
    activate,
    often,
    usd,
)

levels = st.dictionaries(
    st.sampled_from(["channels", "tariff"]),
    st.integers(1, 9) | st.text("ab", max_size=2),
)
switches = st.none() | st.booleans()
changes = st.builds(Change, switches, levels)
opens = st.builds(Open, st.builds(State, st.booleans(), levels))
sums = st.builds(
    Claim,
    key=st.text("abc/", min_size=1, max_size=4),
    kind=st.just(Kind.TOPUP),
    money=st.builds(
        Money,
        st.decimals(1, 99, places=2),
        st.sampled_from(["USD", "EUR"]),
    ),
    event=st.text(max_size=3),
)
plans = st.builds(
    Plan,
    account=st.builds(
        replace, st.just(ACCOUNT), revision=st.integers(0, 9), id=st.sampled_from("ab")
    ),
    rulings=st.just(()),
    bookings=st.just(()),
    levels=st.lists(changes | opens, max_size=2).map(tuple),
    flows=st.lists(sums, max_size=2).map(tuple),
    held=st.none() | st.just(say("held_unsure")),
    wakes=st.just({}),
    adopts=st.booleans(),
    catalog=st.sampled_from(["x", "y"]),
)


def essence(todo):
    """What must tell two plans apart, compared as values and not as text."""
    flows = [(c.key, c.money.amount, c.money.currency) for c in todo.flows]
    return (
        todo.account.id, todo.account.revision, todo.catalog, todo.adopts,
        _parts(todo.levels), flows,
    )  # fmt: skip


def _parts(levels):
    """Several levels are read as all they set: who opens sets all, too."""
    parts = []
    for level in levels:
        opens = isinstance(level, Open)
        parts += ["open"] if opens else []
        told = level.state if opens else level
        parts += [] if told.on is None else [("on", told.on)]
        parts += [(n, type(v), v) for n, v in sorted(told.entitlements.items())]
    return parts


@often
@given(plans, plans)
def test_two_plans_share_a_hash_exactly_if_they_would_do_the_same(one, other):
    """U10: a hash that was shown stands for these steps and for no others."""
    assert (essence(one) == essence(other)) == (one.hash == other.hash)


@often
@given(plans)
def test_time_and_sentences_are_not_in_the_hash(todo):
    """U10: what is shown a minute later, in other words, is still the same plan."""
    later = replace(
        todo,
        held=say("held_restored", backup="today"),
        wakes={"shop:7/ends": NOW + timedelta(days=1)},
        flows=tuple(replace(claim, event="told again") for claim in todo.flows),
    )

    assert todo.hash == later.hash


@pytest.mark.parametrize(
    "other",
    [
        Plan(ACCOUNT, (), (), (Change(on=True, entitlements={}),), (), None),
        Plan(ACCOUNT, (), (), (Change(on=None, entitlements={}),), (), None),
        Plan(ACCOUNT, (), (), (Open(State(on=False, entitlements={})),), (), None),
        Plan(
            ACCOUNT, (), (), (Change(on=False, entitlements={"channels": 1}),), (), None
        ),
        Plan(
            replace(ACCOUNT, revision=1), (), (),
            (Change(on=False, entitlements={}),), (), None,
        ),
        Plan(
            ACCOUNT, (), (), (Change(on=False, entitlements={}),), (), None,
            catalog="other",
        ),
        Plan(
            ACCOUNT, (), (), (Change(on=False, entitlements={}),), (), None,
            adopts=True,
        ),
    ],
)  # fmt: skip
def test_anything_that_would_be_done_otherwise_is_another_hash(other):
    """U10: a step, the account's revision, the terms: each changes the hash.

    Guard off (revision, catalog or adoption left out of `Plan.hash`): red, one each.
    """
    shown = Plan(ACCOUNT, (), (), (Change(on=False, entitlements={}),), (), None)

    assert shown.hash != other.hash


@pytest.mark.parametrize(
    ("money", "same"),
    [(usd("5"), True), (usd("5.000"), True), (usd("5.01"), False),
     (Money(Decimal(5), "EUR"), False)],
)  # fmt: skip
def test_a_sum_is_its_key_its_amount_and_its_currency(money, same):
    """U10: 5 is 5.00, and a cent more is another plan."""
    claim = Claim("k", Kind.FREE, usd("5.00"), "e")
    shown = Plan(ACCOUNT, (), (), (), (claim,), None)
    other = replace(shown, flows=(replace(claim, money=money),))

    assert same is (shown.hash == other.hash)


def test_a_plan_carries_the_version_of_the_terms_it_was_made_by():
    """U10: new terms, and what was shown by the old ones is not applied."""
    dearer = replace(
        CATALOG,
        packages={n: replace(p, price=usd("1")) for n, p in CATALOG.packages.items()},
    )
    shown, other = (
        plan(ACCOUNT, (activate(),), seen=None, ledger=Ledger(), catalog=terms, at=NOW)
        for terms in (CATALOG, dearer)
    )

    assert shown.steps == other.steps
    assert shown.hash != other.hash


def test_the_version_of_a_catalog_is_its_content():
    """Read twice, in another order, by another process: the same version."""
    again = Catalog(
        dict(reversed(CATALOG.packages.items())),
        dict(reversed(CATALOG.topups.items())),
        dict(CATALOG.currencies),
    )

    assert CATALOG.version == again.version
    assert CATALOG == again


def test_what_is_left_to_do_is_a_part_of_what_was_shown():
    """U10: half of it done meanwhile, or an opened account set right, is no news."""
    state = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
    opened = Plan(ACCOUNT, (), (), (Open(state),), (), None)
    left = replace(opened, levels=(Change(on=True, entitlements={"channels": 5}),))
    more = replace(opened, levels=(Change(on=False, entitlements={}),))

    assert set(opened.steps) > set(left.steps)
    assert not set(opened.steps) >= set(more.steps)


def test_what_nobody_thought_of_has_no_digest():
    """Two different things must not look alike because neither was looked at."""
    with pytest.raises(TypeError, match="object has no way to be written down"):
        digest(object())


def test_how_long_something_may_be_tried_is_a_term_as_well():
    """D14: another time is another version; the same, in other words, is not."""
    day, hours, two = (
        replace(CATALOG, terms=Terms(families={"voice": Family("voice", trial=lasts)}))
        for lasts in (timedelta(days=1), timedelta(hours=24), timedelta(days=2))
    )

    assert day.version == hours.version
    assert 3 == len({CATALOG.version, day.version, two.version})


def test_what_the_backend_has_to_be_told_is_a_step():
    """U10: what was shown without it is another plan."""
    shown = Plan(ACCOUNT, (), (), (Tell("email"),), (), None)

    assert 3 == len(
        {
            shown.hash,
            replace(shown, levels=()).hash,
            replace(shown, levels=(Tell("password"),)).hash,
        }
    )
