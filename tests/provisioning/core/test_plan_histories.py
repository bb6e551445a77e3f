"""Whole histories: shuffled, batched, repeated; always the same account and sums."""

from dataclasses import replace
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.credit import Kind
from provisioning.core.events import Hold, Type
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    often,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    topup,
)

TOPUP = {"shop:line-9/topup", "shop:line-9/bonus"}
BASIC, GOLD = (CATALOG.packages[name].entitlements for name in ("basic", "gold"))


def free(many):
    return {f"{SERVICE}/free/{no}/0/0" for no in range(1, many + 1)}


def worth(claims):
    return sum(claim.money.amount for claim in claims)


def state(seen):
    """Levels as a value that can be compared, and put into a set."""
    return seen and (seen.on, frozenset(seen.entitlements.items()))


# --- All 120 orders of five events, in all 16 ways to cut them into batches


HISTORIES = {
    "ordered, topped up, renewed, suspended, resumed": (
        (activate(), topup(), renewed(), suspend(), resume()),
        free(2) | TOPUP,
        (True, frozenset(BASIC.items())),
    ),
    "renewed by two roads, and terminated": (
        (activate(), topup(), renewed(line=None), renewed(on(2, 2)), terminate()),
        free(2) | TOPUP,
        None,
    ),
    "ordered by two roads, and held for abuse": (
        (
            activate(line=None),
            activate(on(1, 1, 11)),
            topup(),
            suspend(hold=Hold.ABUSE),
            resume(hold=Hold.BILLING),
        ),
        free(1) | TOPUP,
        (False, frozenset(BASIC.items())),
    ),
    "terminated, revived and renewed": (
        (
            activate(),
            topup(),
            terminate(),
            activate(on(3, 1), line="shop:line-3", starts=on(3, 1)),
            renewed(on(4, 1), line="shop:line-4", starts=on(4, 1)),
        ),
        free(3) | TOPUP,
        (True, frozenset(BASIC.items())),
    ),
    "unpaid, terminated and ordered anew": (
        (
            activate(),
            topup(),
            suspend(),
            terminate(),
            activate(on(3, 1), line="shop:line-3", starts=on(3, 1)),
        ),
        free(2) | TOPUP,
        (True, frozenset(BASIC.items())),
    ),
    "moved to another package": (
        (
            activate(),
            topup(),
            activate(on(3, 1), product="gold", line="shop:line-3", starts=on(3, 1)),
            suspend(on(3, 2)),
            resume(on(3, 3)),
        ),
        free(2) | TOPUP,
        (True, frozenset(GOLD.items())),
    ),
    "suspended, resumed, suspended again": (
        (activate(), topup(), suspend(), resume(), suspend(on(3, 1))),
        free(1) | TOPUP,
        (False, frozenset(BASIC.items())),
    ),
    "one line told five times, and no order": (
        tuple(replace(topup(), id=f"no. {no}", sequence=no) for no in range(5)),
        TOPUP,
        None,
    ),
}


def cuts(row):
    """Every way to cut a row of events into batches."""
    places = range(1, len(row))
    for many in range(len(row)):
        for inner in combinations(places, many):
            yield [row[a:b] for a, b in pairwise((0, *inner, len(row)))]


def end(batches):
    """What is booked and what it is worth, what should be, and what was sent and is."""
    world = World()
    for batch in batches:
        world.hear(*batch)
        world.bring()
    booked = frozenset(world.booked), worth(world.booked.values())
    if world.levels is None:
        return *booked, None
    keys = frozenset(claim.key for claim in world.sent)

    assert state(world.levels) == state(world.seen)
    assert (booked[0], len(keys)) == (keys, len(world.sent))

    return *booked, state(world.levels)


# Turned red with each of these taken out: the comparison of orders in heard(), the look
# for a booked key, the search for a known period, the question whether a service lives.
@pytest.mark.parametrize(
    ("events", "keys", "levels"), HISTORIES.values(), ids=HISTORIES
)
def test_every_order_and_every_batching_comes_to_the_same(events, keys, levels):
    """V7: 120 orders, 16 ways to cut each: one state, one set of sums, each once."""
    ends = {end(batches) for row in permutations(events) for batches in cuts(row)}
    (only,) = ends

    assert (keys, levels) == (only[0], only[2])


# --- Histories nobody thought of


LINES = {
    "shop:line-7": ("ten", 1),
    "shop:line-8": ("ten", 3),
    "shop:line-9": ("twenty", 2),
}
"""What each paid top-up line sold: a platform may repeat it, never change it."""

MONTHS = {f"shop:line of {on(month, 1):%B}": on(month, 1) for month in range(1, 6)}

moments = st.builds(on, st.integers(1, 5), st.integers(1, 28))
holds = st.sampled_from(Hold)
paid_lines = st.sampled_from(sorted(MONTHS))
facts = st.one_of(
    st.builds(lambda at, hold: suspend(at, hold=hold), moments, holds),
    st.builds(lambda at, hold: resume(at, hold=hold), moments, holds),
    st.builds(terminate, moments),
    st.builds(
        lambda say, at, line, named: say(
            at, line=line if named else None, starts=MONTHS[line]
        ),
        st.sampled_from([activate, renewed]),
        moments,
        paid_lines,
        st.booleans(),
    ),
    st.builds(
        lambda at, line: topup(
            at, line=line, product=LINES[line][0], quantity=LINES[line][1]
        ),
        moments,
        st.sampled_from(sorted(LINES)),
    ),
)


@st.composite
def histories(draw):
    """Batches of facts, shuffled, some told twice under one id or another."""
    distinct = [
        replace(fact, id=f"no. {no}", sequence=draw(st.integers(0, 1)))
        for no, fact in enumerate(draw(st.lists(facts, min_size=1, max_size=12)))
    ]
    repeats = draw(st.lists(st.sampled_from(distinct), max_size=6))
    row = draw(st.permutations(distinct + repeats))
    batches, rest = [], row
    while rest:
        size = draw(st.integers(1, len(rest)))
        batches, rest = [*batches, rest[:size]], rest[size:]
    return batches


def lived(history, brought):
    """A world that heard it all; *brought* says after which batches it could act."""
    world = World()
    for no, batch in enumerate(history):
        world.hear(*{event.id: event for event in batch}.values())
        if brought[no % len(brought)]:
            world.bring()
    world.bring()
    return world


def told_in(history):
    return {event.id: event for batch in history for event in batch}.values()


acting = st.lists(st.booleans(), min_size=1, max_size=4)


# Turned red with the look for a booked key, or for a known period, taken out.
@often
@given(histories(), acting)
def test_each_paid_line_and_month_counts_exactly_once(history, brought):
    """V1, V2: booked is what was paid and what is due for it, and not a cent else."""
    world, events = lived(history, brought), told_in(history)
    lines = {e.line for e in events if e.type == Type.TOPUP}
    months = {e.starts for e in events if e.starts}
    sold = [(CATALOG.topups[LINES[line][0]], LINES[line][1]) for line in lines]
    due = {
        Kind.TOPUP: sum(one.credit.times(many).amount for one, many in sold),
        Kind.BONUS: sum(
            one.bonus.times(many).amount for one, many in sold if one.bonus
        ),
        Kind.FREE: 5 * len(months),
    }

    assert due == {
        kind: worth(c for c in world.booked.values() if c.kind is kind) for kind in due
    }
    assert free(len(months)) == {
        c.key for c in world.booked.values() if c.kind is Kind.FREE
    }


# Turned red with the question whether a service lives taken out of _held().
@often
@given(histories(), acting)
def test_each_sum_is_sent_once_and_only_where_a_service_lives(history, brought):
    """V1, V2: Σ sent + Σ held = Σ booked, and every unit has an event that was told."""
    world = lived(history, brought)
    sent, held = [c.key for c in world.sent], [c.key for c in world.open]

    assert sorted(world.booked) == sorted(sent + held)
    assert [] == held or world.levels is None
    assert {c.event for c in world.booked.values()} <= {e.id for e in told_in(history)}


# Turned red with the comparison of orders taken out of heard().
@often
@given(histories(), acting)
def test_the_last_word_on_each_topic_is_what_holds(history, brought):
    """V7, V9: whatever order they came in, and however often each was told."""
    world = lived(history, brought)
    heard = [replace(e, arrival=world.arrivals[e.id]) for e in told_in(history)]
    words = sorted(heard, key=lambda e: e.order)
    alive = [e.type == Type.ACTIVATE for e in words if e.type in LIFE][-1:] == [True]
    held = {hold for hold in Hold if paused(words, hold)}

    assert (alive, held) == (world.service.alive, set(world.service.holds))
    assert alive is (world.levels is not None)
    if alive:
        assert (not held, BASIC) == (world.seen.on, world.seen.entitlements)


LIFE = {Type.ACTIVATE, Type.TERMINATE}


def paused(words, hold):
    """What these words come to, in order; an end settles what was unpaid."""
    on_hold = False
    for word in words:
        if word.type == Type.TERMINATE and hold is Hold.BILLING:
            on_hold = False
        if word.type in {Type.SUSPEND, Type.RESUME} and word.hold is hold:
            on_hold = word.type == Type.SUSPEND
    return on_hold


@often
@given(histories())
def test_when_all_is_done_nothing_is_left_to_do(history):
    """V6: the second run of the converger does nothing."""
    world = lived(history, [True])
    todo = world.plan()

    assert () == todo.levels
    assert () == todo.flows
