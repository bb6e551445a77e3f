"""Whole histories: shuffled, batched, repeated, and always the same account and sum."""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.credit import Kind
from provisioning.core.events import Hold
from provisioning.core.plan import Fate
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

# --- All 120 orders of five events, in all 16 ways to cut them into batches


@dataclass(frozen=True)
class End:
    """What a history comes to. Ordinals are given in the order heard, so the same
    keys may be dated otherwise, but there are as many and they are worth the same."""

    booked: frozenset[str]
    worth: Decimal
    levels: object
    sent: frozenset[str]
    backend: object


def end(batches):
    world = World()
    for batch in batches:
        world.hear(*batch)
        world.bring()
    keys = [claim.key for claim in world.sent]

    assert len(keys) == len(set(keys)), f"sent twice: {keys}"

    return End(
        booked=frozenset(world.booked),
        worth=sum(claim.money.amount for claim in world.booked.values()),
        levels=world.levels,
        sent=frozenset(keys) if world.levels else frozenset(),
        backend=world.seen if world.levels else None,
    )


def cuts(row):
    """Every way to cut a row of events into batches."""
    between = range(1, len(row))
    for many in range(len(row)):
        for where in combinations(between, many):
            edges = [0, *where, len(row)]
            yield [row[a:b] for a, b in zip(edges, edges[1:], strict=False)]


FREE = [f"{SERVICE}/free/{no}/0/0" for no in (1, 2, 3)]
TOPUP = ["shop:line-9/topup", "shop:line-9/bonus"]
BASIC, GOLD = (
    dict(CATALOG.packages[name].entitlements) for name in ("basic", "gold")
)

HISTORIES = {
    "ordered, suspended, resumed, renewed, topped up": (
        (activate(), topup(), renewed(), suspend(), resume()),
        {*FREE[:2], *TOPUP},
        (True, BASIC),
    ),
    "renewed by two roads, then terminated": (
        (activate(), topup(), renewed(line=None), renewed(on(2, 2)), terminate()),
        {*FREE[:2], *TOPUP},
        None,
    ),
    "paid by invoice and by module call, and held for abuse": (
        (
            activate(line=None),
            activate(on(1, 1, 11)),
            suspend(hold=Hold.ABUSE),
            resume(hold=Hold.BILLING),
            topup(),
        ),
        {FREE[0], *TOPUP},
        (False, BASIC),
    ),
    "terminated and revived": (
        (
            activate(),
            terminate(on(2, 1)),
            activate(on(3, 1), line="shop:line-3", starts=on(3, 1)),
            renewed(on(4, 1), line="shop:line-4", starts=on(4, 1)),
            topup(),
        ),
        {*FREE, *TOPUP},
        (True, BASIC),
    ),
    "one line told five times": (
        tuple(replace(topup(on(1, day)), id=f"told on the {day}th") for day in range(4, 9)),
        {*TOPUP},
        None,
    ),
    "changed to another package": (
        (
            activate(),
            activate(on(3, 1), product="gold", line="shop:line-3", starts=on(3, 1)),
            suspend(),
            resume(),
            renewed(),
        ),
        {*FREE},
        (True, GOLD),
    ),
    "suspended twice, resumed once, before the order came": (
        (
            suspend(on(1, 2)),
            resume(on(1, 3)),
            suspend(on(1, 4)),
            activate(),
            topup(),
        ),
        {FREE[0], *TOPUP},
        (False, BASIC),
    ),
}


# Turned red with any of these taken out: the comparison of orders in heard(), the look
# for a booked key, the search for a period, and the question whether a service lives.
@pytest.mark.parametrize(("events", "booked", "levels"), HISTORIES.values(), ids=HISTORIES)
def test_every_order_and_every_batching_comes_to_the_same(events, booked, levels):
    """V7: 120 orders, 16 ways to cut each; one account, one set of sums."""
    ends = {end(cut) for row in permutations(events) for cut in cuts(row)}
    (only,) = {replace(one, levels=None, backend=None) for one in map(_hashable, ends)}
    (state,) = {one.levels for one in map(_hashable, ends)}
    (backend,) = {one.backend for one in map(_hashable, ends)}

    assert booked == only.booked
    assert (booked if levels else set()) == only.sent
    assert levels == (state and (state[0], dict(state[1])))
    assert state == backend


def _hashable(one):
    return one
