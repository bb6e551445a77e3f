"""Every kind of word there is, in any order, batch and number: one account, one sum.

What the rules do not promise stands beside the test that leaves it out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import DEBITS, Kind
from provisioning.core.events import Hold, Type
from provisioning.core.heard import Fate
from provisioning.core.terms import CouponKind, Family, Ladder, Offer, Terms, Variant
from tests.provisioning.core.ladder import HOUR
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
    topup,
    usd,
)

ADDON = Package("line", "main", usd("3.00"), "monthly", {"channels": 1}, addon=True)
OFFERS = (Offer(usd("20.00"), tariff="wholesale", group="resellers"),)
BOOST = CouponKind("boost", ("calls",), (Variant(HOUR, up=1),), price=usd("5.00"))
TERMS = Terms(
    families={"calls": Family("calls")},
    ladders={"basic": Ladder("calls", 1, offers=OFFERS)},
    coupons={"boost": BOOST},
)
SOLD = Catalog(
    CATALOG.packages | {"line": ADDON}, CATALOG.topups, CATALOG.currencies, terms=TERMS
)
LINES = {
    "shop:line-6": ("boost", 2),
    "shop:line-7": ("ten", 1),
    "shop:line-8": ("ten", 3),
    "shop:line-9": ("twenty", 2),
}
MONTHS = {f"shop:line of {on(month, 1):%B}": on(month, 1) for month in range(1, 6)}
often = settings(max_examples=200, deadline=None)

moments = st.builds(on, st.integers(1, 5), st.integers(1, 28))
lines = st.sampled_from(sorted(LINES))
holds = st.sampled_from(Hold)


def bought(at, line):
    return topup(at, line=line, product=LINES[line][0], quantity=LINES[line][1])


paid_months = st.sampled_from(sorted(MONTHS))


def of_month(say, at, line, named):
    return say(at, line=line if named else None, starts=MONTHS[line])


life = st.one_of(
    st.builds(lambda at, hold: suspend(at, hold=hold), moments, holds),
    st.builds(lambda at, hold: resume(at, hold=hold), moments, holds),
    st.builds(terminate, moments),
    st.builds(lambda at: told(Type.REINSTATE, at), moments),
    st.builds(lambda at: told(Type.SYNC, at), moments),
)
months = st.builds(
    of_month,
    st.sampled_from([activate, renewed]),
    moments,
    paid_months,
    st.booleans(),
)
changes = st.builds(
    lambda at, product, many, extras: change(at, product, quantity=many, extras=extras),
    moments,
    st.sampled_from(["basic", "gold"]),
    st.sampled_from([None, 1, 3]),
    st.sampled_from([None, (), (("line", 2),)]),
)
put_off = st.builds(
    lambda at, product: change(at, product, at_period_end=True),
    moments,
    st.sampled_from(["basic", "gold"]),
)
money = st.one_of(
    st.builds(bought, moments, lines),
    st.builds(
        lambda at, line: told(Type.REVERSED, at, service=None, line=line),
        moments,
        lines,
    ),
    st.builds(
        lambda at: activate(at, service="shop:9", product="ten", line="shop:line-5"),
        moments,
    ),
)
details = st.one_of(
    st.builds(
        lambda at, no: told(Type.UPDATED, at, email=f"{no}@example.com"),
        moments,
        st.integers(1, 3),
    ),
    st.builds(
        lambda at, group: told(Type.UPDATED, at, group=group),
        moments,
        st.sampled_from(["", "resellers"]),
    ),
    st.builds(
        lambda at: told(Type.CREDENTIALS, at, secret="sealed"),
        moments,
    ),
)
noise = st.one_of(
    st.builds(lambda at: told(Type.PING, at), moments),
    st.builds(lambda at: told("service.unheard", at), moments),
)
EVERY = st.one_of(life, months, changes, put_off, money, details, noise)
RAISED = on(2, 15, 12)


def in_its_time(at, line):
    """A renewal from before the better package says what it was for."""
    product = "basic" if at < RAISED else None
    return renewed(at, line=line, starts=MONTHS[line], product=product)


LEVELS = st.one_of(life, life, changes, months, details)
MONEY = st.one_of(money, life, st.builds(change, moments))
RISING = st.one_of(
    st.builds(in_its_time, moments, paid_months), st.just(change(RAISED))
)
"""Without a lesser package or an end: what is granted then is never too much."""


FIRST = activate(on(1, 1), sequence=-1, line="shop:line of January")


@st.composite
def histories(draw, facts=EVERY):
    """An order, and then anything: shuffled, batched, some of it told twice.

    What is said of a service nobody has ordered yet waits for its order in the bridge.
    """
    distinct = [
        replace(fact, id=f"no. {no}", sequence=no)
        for no, fact in enumerate(draw(st.lists(facts, min_size=2, max_size=10)))
    ]
    repeats = draw(st.lists(st.sampled_from(distinct), max_size=6))
    row = draw(st.permutations(distinct + repeats))
    batches = [[FIRST]]
    while row:
        size = draw(st.integers(1, len(row)))
        batches, row = [*batches, row[:size]], row[size:]
    return batches


acting = st.lists(st.booleans(), min_size=1, max_size=4)


def lived(batches, brought, *, debit=False):
    """A world that heard it all; a person has what was parked heard again at the end.

    *brought*: after which batches it could act.
    """
    world = World(catalog=SOLD, balance=Decimal(0), debit=debit)
    for no, batch in enumerate(batches):
        world.hear(*{event.id: event for event in batch}.values())
        if brought[no % len(brought)]:
            world.bring()
    world.bring()
    before = None
    while before != (before := parked(world)):
        world.hear(*before)
        world.bring()
    return world


def parked(world):
    return [r.event for r in world.rulings.values() if r.fate is Fate.PARKED]


def in_order(batches):
    """The same words, one by one as they happened, each acted on at once."""
    once = {event.id: event for batch in batches for event in batch}
    return [[event] for event in sorted(once.values(), key=lambda e: e.order)]


def levels(world):
    """As they are; where nothing lives it is off, if it was ever opened."""
    should, seen = world.levels, world.seen
    who = world.account.email, world.account.group
    if should is None:
        assert seen is None or not seen.on
        return None, who
    return (seen.on, dict(seen.entitlements)), who


def coupons(world):
    """Which there are, and which of them were paid back."""
    return {each.id: each.fate is not None for each in world.coupons.values()}


def sums(world, *kinds):
    """What was booked of each kind: offsets and debts settle it, and change no sum."""
    total: Counter[Kind] = Counter()
    for claim in world.booked.values():
        total[claim.kind] += claim.money.amount
    return {kind: total[kind] for kind in kinds}


BOUGHT = (Kind.TOPUP, Kind.BONUS, Kind.REVERSAL)


@often
@given(histories(), acting, st.booleans())
def test_each_sum_is_at_the_backend_owed_or_settled_and_never_twice(
    history, brought, debit
):
    """V1, V2: sent = booked − taken back + lent, whatever was told and how often."""
    world = lived(history, brought, debit=debit)
    keys = [claim.key for claim in world.sent]
    booked = sum(
        -c.money.amount if c.kind in DEBITS else c.money.amount
        for c in world.booked.values()
    )
    waits = sum((claim.sent for claim in world.open), Decimal(0))
    lent = sum((debt.rest for debt in world.debts), Decimal(0))

    assert len(keys) == len(set(keys))
    assert booked + lent == world.arrived + waits
    assert not world.open or world.levels is None


@often
@given(histories(MONEY), acting, st.booleans())
def test_what_was_bought_is_the_same_in_any_order(history, brought, debit):
    """V1, V9: each line once, and back once, however they came in.

    A reversal that comes before its line is parked, and counts when a person says
    retry: nothing is guessed of a line nobody heard of.
    """
    # Guard off (a booked line is not asked for in topups._topup): red.
    ours = lived(history, brought, debit=debit)
    theirs = lived(in_order(history), [True], debit=debit)

    assert sums(theirs, *BOUGHT) == sums(ours, *BOUGHT)
    assert coupons(theirs) == coupons(ours)


@often
@given(histories(LEVELS), acting)
def test_the_levels_are_the_same_in_any_order(history, brought):
    """V7, V9: package, number, add-ons, on and off, address, group: as told last."""
    # Guard off (lifecycle.is_news always says yes): red.
    ours, theirs = lived(history, brought), lived(in_order(history), [True])

    assert levels(theirs) == levels(ours)


@often
@given(histories(RISING), acting)
def test_free_credit_is_the_same_in_any_order_where_nothing_is_taken_away(
    history, brought
):
    """V1, D15: a period paid for before a better package was heard of is raised.

    Not promised with a lesser package: one that is heard late may find more granted
    than it would have given, and what was granted is not taken back. Nor where a
    renewal does not say of which package it was: that is parked, if a change is known.
    """
    # Guard off (a late period is not raised in sales._granted): red.
    ours, theirs = lived(history, brought), lived(in_order(history), [True])

    assert sums(theirs, Kind.FREE) == sums(ours, Kind.FREE)


@often
@given(histories(), acting)
def test_a_second_look_finds_nothing_to_do(history, brought):
    """V6: with every kind of word."""
    todo = lived(history, brought).plan()

    assert ((), (), False) == (todo.levels, todo.flows, bool(todo.offsets))
