"""The guard on switch-offs: a mistake at the platform does not darken a fleet."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bridge import orders
from bridge.store import alarms, lanes, queues, switchoffs
from bridge.store.causes.backends import switch_off_guard
from bridge.store.causes.found import Limits
from tests.bridge.seen import (
    PAY,
    SET,
    by_hand,
    fate_counts,
    fields,
    later,
    until,
    writes,
)
from tests.bridge.seen import orders as customers
from tests.engines import on_postgresql
from tests.rig import Rig

TIGHT = "switch_off = { share = 0.2, least = 2 }"
DAY = 24 * 3600


@pytest.fixture
def fleet(make):
    """`rig, simulator = fleet(5)`: so many accounts are on; two may go off a day."""

    def build(count, ours=TIGHT, **set_):
        rig, simulator = make(ours=ours, **set_)
        customers(rig, count)
        rig.run()
        return rig, simulator

    return build


def suspend(rig, *services, hold="billing", word="suspend"):
    for no in services:
        billing = {"billing": {"hold": hold}} if word == "suspend" else {}
        rig.say(word, str(no), id_=f"{word}-{no}-{hold}", **billing)


def dark(simulator):
    return sorted(id_ for id_, user in simulator.users.items() if not user.active)


def allow(rig, count, seconds=3600.0):
    return orders.carry_out(
        rig.database, rig.clock, "backend.allow_off",
        {"backend": "main", "count": count, "seconds": seconds, "because": "meant"},
    )  # fmt: skip


def stopped(rig):
    with rig.database.read() as tx:
        queue = queues.stopped(tx).get("main")
    return queue.count if queue else 0


def alert(rig):
    with rig.database.read() as tx:
        return switch_off_guard(tx, rig.clock.now(), Limits())


def _on(rig):
    wire = fields(rig)
    return {wire["active"]: wire["on"]}


def counted(rig):
    with rig.database.read() as tx:
        return switchoffs.counted(tx, "main", rig.clock.now())


# --- what passes


def test_a_burst_of_ordinary_terminations_passes(fleet):
    """U8: three of five end on one day: below ten nobody is asked.

    Guard off (nothing but the share looked at): red, the second is stopped.
    """
    rig, simulator = fleet(5, ours="")
    suspend(rig, 1, 2, 3, word="terminate")
    rig.run()

    assert [1, 2, 3] == dark(simulator)
    assert {"done": 8} == fate_counts(rig)


def test_the_one_that_would_be_too_many_is_not_sent(fleet):
    """U8: it is parked with the reason and the way out, and an alert lasts.

    Guard off (`offs.read` left out of `lanes.keep`): red, three are dark.
    """
    rig, simulator = fleet(5)
    suspend(rig, 1, 2, 3)
    rig.run()

    assert [1, 2] == dark(simulator)
    assert {"done": 7, "parked": 1} == fate_counts(rig)
    assert "switch_off_guard" == rig.why("suspend-3-billing")
    assert (1, 1) == (stopped(rig), len(alert(rig)))


def test_a_greater_fleet_may_lose_a_fifth(fleet):
    """U8: of twenty, four; and what is dark already makes the fleet no greater."""
    rig, simulator = fleet(20)
    suspend(rig, *range(1, 6))
    rig.run()
    first = dark(simulator)
    rig.wait(DAY + 60)
    rig.wake_all()
    suspend(rig, *range(6, 12))
    rig.run()

    assert 4 == len(first)
    assert 4 + 3 == len(dark(simulator))  # a fifth of sixteen


def test_abuse_goes_off_at_once_and_counts(fleet):
    """D29: safety is not held up; but whoever comes after it is.

    Guard off (`passes` not looked at): red, the third stays on.
    """
    rig, simulator = fleet(6)
    for no in (1, 2, 3):
        suspend(rig, no, hold="abuse")
        rig.run()
    suspend(rig, 4)
    rig.run()

    assert [1, 2, 3] == dark(simulator)
    assert 3 == counted(rig)


def test_an_account_counts_once_however_often_it_goes_off(fleet):
    """U8: accounts are counted, not times: what is tried again needs no new word.

    Guard off (the moment of the first time not kept): red, it is stopped.
    """
    rig, simulator = fleet(5)
    allow(rig, 1)
    suspend(rig, 1, 2, 3)
    rig.run()
    for no in range(3):
        rig.wait(1)
        rig.say("resume", "3", id_=f"on-{no}", at=rig.clock.now())
        rig.run()
        rig.wait(1)
        rig.say("suspend", "3", id_=f"off-{no}", at=rig.clock.now())
        rig.run()

    assert [1, 2, 3] == dark(simulator)
    assert (3, {"done"}) == (counted(rig), set(fate_counts(rig)))


# --- what is stopped


def test_the_money_of_an_account_that_is_left_on_goes_on(fleet):
    """I2: a top-up waits for no word about being off."""
    rig, simulator = fleet(5)
    suspend(rig, 1, 2, 3)
    rig.run()
    rig.topup("77", client="3")
    rig.run()

    assert "done" == rig.fates()["topup-77"]
    assert ["10.00"] == [f"{p.amount:.2f}" for p in simulator.payments]
    assert 1 == stopped(rig)


def test_it_goes_on_by_itself_when_somebody_says_so(fleet):
    """U8: as many as were said, no more; those that wait are planned anew.

    Guard off (`extra` not spent): red, both go off.
    """
    rig, simulator = fleet(6)
    suspend(rig, 1, 2, 3, 4)
    rig.run()
    told = allow(rig, 1)
    rig.run()

    assert 2 == told["waited"]
    assert 3 == len(dark(simulator))
    assert 1 == stopped(rig)
    allow(rig, 5)
    rig.run()
    assert [1, 2, 3, 4] == dark(simulator)
    assert {"done": 10} == fate_counts(rig)
    assert {} == alert(rig)


def test_what_was_allowed_ends_with_its_time(fleet):
    """U8: an hour later the guard stands as before."""
    rig, simulator = fleet(5)
    allow(rig, 9)
    rig.wait(3601)
    suspend(rig, 1, 2, 3)
    rig.run()

    assert [1, 2] == dark(simulator)


def test_nothing_goes_off_by_itself_a_day_later(fleet):
    """U8: what was stopped stays so until a word comes: a weekend does not empty it."""
    rig, simulator = fleet(5)
    suspend(rig, 1, 2, 3)
    rig.run()
    rig.wait(DAY * 3)
    rig.run()

    assert [1, 2] == dark(simulator)
    assert 1 == stopped(rig)


def test_back_in_good_standing_it_waits_no_longer(fleet):
    """U8: taken back at the platform, the mistake is over, and so is the alert."""
    rig, _ = fleet(5)
    suspend(rig, 1, 2, 3)
    rig.run()
    rig.say("resume", "3", id_="sorry", at=rig.clock.now())
    rig.run()

    assert (0, {}) == (stopped(rig), alert(rig))
    assert {"parked"} & set(rig.fates().values()) == set()


def test_without_any_word_it_is_guarded_too(fleet):
    """U8: somebody switched it on by hand; to be set right it counts like any other."""
    rig, simulator = fleet(5)
    suspend(rig, 1)
    rig.run()
    rig.wait(DAY + 60)
    suspend(rig, 2, 3)
    rig.run()
    by_hand(simulator, SET, user_id=1, user=_on(rig))
    with rig.database.change() as tx:
        lanes.wake(tx, rig.account("shop:1").id, rig.clock.now())
    rig.run()

    assert [2, 3] == dark(simulator)
    assert (1, {"done"}) == (stopped(rig), set(fate_counts(rig)))


def test_what_was_proven_before_is_not_lost_with_the_stop(fleet, at_boundary):
    """V1: a sum that was seen to arrive is closed on disk, whatever comes after it.

    Guard off (`job.commit` before a switch-off left out): red, it is sent twice.
    """
    rig, simulator = fleet(5)
    suspend(rig, 1, 2)
    rig.run()
    simulator.plant("reset_after_apply", PAY)
    rig.topup("77", client="3")
    rig.run()
    suspend(rig, 3)
    at_boundary("planned", lambda: simulator._model.wipe("3"))
    later(rig, simulator, 400)
    rig.run()

    assert 1 == len(simulator.payments)
    assert ("done", 1) == (rig.fates()["topup-77"], stopped(rig))


# --- many at once


@on_postgresql
def test_many_workers_at_once_switch_off_no_more_than_is_allowed(fleet):
    """U8: five processes, forty words at one moment: eight go off, none more.

    Guard off (the row of the backend not locked, TURN left out): red, nine to twelve.
    """
    rig, simulator = fleet(
        40, ours="switch_off = { share = 0.2, least = 2 }\ncalls = 8"
    )
    suspend(rig, *range(1, 41))
    others = [Rig(rig.path) for _ in range(5)]
    for each in others:
        each.parts.worker.start()
    try:
        until(lambda: 32 == stopped(rig) and 8 == len(dark(simulator)), within=30)
    finally:
        for each in others:
            each.parts.worker.stop(within=10)

    assert {"done": 48, "parked": 32} == fate_counts(rig)
    assert 8 == len(dark(simulator)) == counted(rig) == writes(simulator).count(SET)


@on_postgresql
def test_what_is_allowed_is_spent_once_by_however_many(fleet):
    """U8: fifteen commits at one moment, five more allowed: five more."""
    rig, simulator = fleet(20, ours="switch_off = { share = 0.0, least = 2 }")
    allow(rig, 5)
    suspend(rig, *range(1, 21))
    others = [Rig(rig.path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Rig.run, others))

    assert 7 == len(dark(simulator))
    assert 13 == stopped(rig)


def test_an_alert_is_kept_for_it(fleet):
    """U8: with the way out, for as long as it lasts."""
    rig, _ = fleet(5)
    suspend(rig, 1, 2, 3)
    rig.run()
    with rig.database.change() as tx:
        alarms.settle(tx, "switch_off_guard", alert(rig), rig.clock.now())
        [lasting] = alarms.lasting(tx)

    assert "main" == lasting.about
    assert "alert_switch_off_guard" == lasting.why.code
