"""What was paid before a source was ours: known, and never granted here."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.catalog import FreeRule
from provisioning.core.credit import Kind
from provisioning.core.heard import Fate
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    often,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    topup,
)

LIVE = on(2, 1)
OURS = replace(CATALOG, live_from={"shop": LIVE})
THEIRS = replace(CATALOG, live_from={"other": LIVE})
MOMENT = timedelta(microseconds=1)


def brought(*events, catalog=OURS):
    """What these brought, by key."""
    world = World(catalog=catalog)
    for event in events:
        world.hear(event)
    world.bring()
    return {claim.key for claim in world.sent}, world


@pytest.mark.parametrize(("moment", "sums"), [(LIVE - MOMENT, 0), (LIVE, 2)])
def test_a_top_up_counts_by_when_it_was_paid(moment, sums):
    """I10: to the microsecond; who kept the account before has credited it.

    Guard off (is_old always false): red.
    """
    world = World(catalog=OURS)
    world.hear(activate(LIVE))
    todo = world.hear(topup(moment))

    assert sums == len(todo.bookings)
    assert ("baseline" if not sums else None) == (
        world.rulings[topup(moment).id].why and world.rulings[topup(moment).id].why.code
    )


def test_a_top_up_of_old_is_done_and_says_why():
    """Whatever is wrong with it besides: nobody need look."""
    world = World(catalog=OURS)
    world.hear(topup(on(1, 3), product="unheard of", line=None))
    [ruling] = world.rulings.values()

    assert (Fate.DONE, "baseline") == (ruling.fate, ruling.why.code)


def test_a_top_up_held_from_before_anybody_said_so_is_not_sent_any_more():
    """I10: told to us first, and only then was it said from when on we are it.

    Guard off (kept whatever its moment): red.
    """
    world = World()
    world.hear(topup())
    world.catalog = OURS
    world.hear(activate(LIVE, starts=LIVE), topup())
    world.bring()
    again = world.hear(topup())

    assert [f"{SERVICE}/free/1/0/0"] == [claim.key for claim in world.sent]
    assert () == world.open
    assert () == again.bookings
    assert "baseline" == world.rulings[topup().id].why.code


def test_a_top_up_that_was_sent_is_never_taken_back_for_its_age():
    """What the backend has, or may have, stays as it is."""
    world = World()
    world.hear(activate(), topup())
    world.bring()
    world.catalog = OURS
    again = world.hear(topup())

    assert ((), ()) == (again.bookings, again.flows)


@pytest.mark.parametrize(
    ("paid", "starts", "granted"),
    [
        (LIVE, LIVE, True),
        (LIVE + MOMENT, LIVE - MOMENT, False),  # told anew, an old period is old
        (LIVE - MOMENT, LIVE, False),  # paid ahead, to whoever had it then
        (LIVE, None, True),
        (LIVE - MOMENT, None, False),
    ],
)
def test_a_period_counts_by_its_payment_or_its_start_whichever_was_sooner(
    paid, starts, granted
):
    """I6: it is known either way, so that the next one is the next one.

    Guard off (only the payment's moment looked at): red.
    """
    sums, world = brought(activate(paid, starts=starts))
    [period] = world.service.periods

    assert ({f"{SERVICE}/free/1/0/0"} if granted else set()) == sums
    assert (1, not granted) == (period.no, period.baseline)


def test_the_next_period_is_granted_and_no_set_up_fee_is_due():
    """I7: an old customer has signed up elsewhere."""
    fee = replace(CATALOG.packages["basic"], setup_fee=CATALOG.packages["basic"].price)
    catalog = replace(OURS, packages={**OURS.packages, "basic": fee})
    sums, world = brought(activate(), renewed(), catalog=catalog)

    assert {f"{SERVICE}/free/2/0/0"} == sums
    assert [None, None] == [period.fee for period in world.service.periods]


def test_words_of_old_count_as_always():
    """I9: who was suspended before is off after; only money has a beginning."""
    _, world = brought(activate(), suspend(on(1, 20)))

    assert not world.seen.on


def test_another_sources_moment_is_nothing_to_this_one():
    """Each has its own."""
    sums, _ = brought(activate(), topup(), catalog=THEIRS)

    assert {f"{SERVICE}/free/1/0/0", "shop:line-9/topup", "shop:line-9/bonus"} == sums


def test_a_better_package_raises_nothing_in_a_period_of_old():
    """D15: nobody here knows what was given in it, so nobody knows what is more.

    Guard off (a baseline raised like any other): red.
    """
    sums, _ = brought(activate(on(1, 20), starts=on(1, 20)), change(on(2, 10)))

    assert set() == sums


@pytest.mark.parametrize("rule", [FreeRule(reset=True), FreeRule(every=1)])
def test_what_is_reckoned_leaves_a_period_of_old_out(rule):
    """I6, D23: nor does any interval of it come due later.

    Guard off (its intervals counted): red.
    """
    free = replace(CATALOG.packages["basic"], free=rule)
    catalog = replace(OURS, packages={**OURS.packages, "basic": free})
    world = World(catalog=catalog, balance=Decimal(100), at=on(3, 20))
    starts = on(1, 20)
    world.hear(activate(on(1, 20), starts=starts, ends=on(6, 1)))
    world.bring()

    assert [] == world.sent
    assert {} == {k: w for k, w in world.plan().wakes.items() if "/free/" in k}


def test_whatever_is_told_first_the_old_period_gives_nothing_and_the_new_one_once():
    """I6: in all orders of the old one, the new one and a top-up of old."""
    for order in permutations((activate(), renewed(LIVE, starts=LIVE), topup())):
        sums, world = brought(*order)
        [granted] = [p for p in world.service.periods if not p.baseline]

        assert {f"{SERVICE}/free/{granted.no}/0/0"} == sums
        assert LIVE == granted.starts


MOMENTS = st.integers(-40, 40).map(lambda days: LIVE + timedelta(days=days))
NUMBERS = st.integers(1, 6)


@st.composite
def histories(draw):
    """Whatever a platform may tell around the day, in any order."""
    made = []
    for no in range(draw(st.integers(1, 7))):
        at, line = draw(MOMENTS), f"shop:line-{draw(NUMBERS)}"
        starts = draw(st.none() | MOMENTS)
        kind = draw(st.sampled_from((activate, renewed, topup, change, suspend,
                                     resume, terminate)))  # fmt: skip
        said = {"id": f"event-{no}"}
        if kind in {activate, renewed}:
            said |= {"line": line, "starts": starts}
        elif kind is topup:
            said |= {"line": line}
        elif kind is change:
            said |= {"product": draw(st.sampled_from(("basic", "gold")))}
        made.append(kind(at, **said))
    return made


@often
@given(histories())
def test_no_sum_from_before_is_ever_booked_whatever_the_order(history):
    """I10, I6: a top-up's own moment, a period's payment and beginning, is never older.

    Guard off (is_old, or covers, always false): red.
    """
    _, world = brought(*history)
    told = {event.id: event for event in history}
    periods = {period.no: period for period in world.service.periods}
    bought = [c for c in world.booked.values() if c.kind in {Kind.TOPUP, Kind.BONUS}]
    free = [c for c in world.booked.values() if c.kind is Kind.FREE]

    assert [] == [c for c in bought if told[c.event].occurred_at < LIVE]
    for claim in free:
        period = periods[int(claim.key.split("/")[2])]
        payment = told[period.event]

        assert LIVE <= payment.occurred_at
        assert (
            claim.event != payment.id
            or payment.starts is None
            or (LIVE <= payment.starts)
        )
        assert not period.baseline
