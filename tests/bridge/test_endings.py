"""How a run ends that cannot go on: one test or more for each row of the table."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bridge import endings, preview
from bridge.desk import Pace
from bridge.endings import AGAIN, CLASHES, OTHERS
from bridge.store import accounts, lanes
from bridge.store.attempts import State
from bridge.store.database import Lost
from bridge.store.payload import Newer
from bridge.store.tables import account, lane, operation
from bridge.taking_in import only_take_in
from bridge.work import Waiting
from provisioning.core.outcomes import Broken, Later, Refused
from tests.bridge.seen import PAY, calls, credit, sums
from tests.engines import on_postgresql

SECOND = timedelta(seconds=1)
REASON = "a reason of the backend's"


@dataclass
class Held:
    """A lane in our hands, with a top-up planned and not sent, and what becomes of it.

    Before it failed so often, for so long.
    """

    rig: object
    lane: lanes.Lane
    job: object

    def end(self, why):
        self.at = self.rig.clock.now()
        self.rig.parts.runner.endings.end(self.lane, self.job, why)
        return self.row()

    def row(self):
        with self.rig.database.read() as tx:
            query = sa.select(lane).where(lane.c.key == self.lane.key)
            return tx.execute(query).one()

    def due_in(self):
        due = self.row().due
        return None if due is None else (due - self.at).total_seconds()


@pytest.fixture
def held(opened):
    """`held(tries=2)`"""

    def build(tries=0, failing_for=None):
        rig, _ = opened
        rig.topup("2")
        since = failing_for and rig.clock.now() - failing_for
        with rig.database.change() as tx:
            tx.execute(sa.update(lane).values(tries=tries, failing_since=since))
        [taken] = rig.parts.runner.claim(1)
        job = rig.parts.runner.load([taken])[taken.key]
        only_take_in(job)
        return Held(rig, taken, job)

    return build


def outcome(rig, event="topup-2"):
    return rig.fates()[event], rig.why(event)


# --- Waiting


def test_what_waits_is_given_back_until_then(held):
    """V2: nothing failed; a look at its own time, and its tries stay as they were."""
    one = held(tries=2)
    row = one.end(Waiting(one.rig.clock.now() + 30 * SECOND))

    assert (2, None) == (row.tries, row.lease_until)
    assert 29 < one.due_in() <= 30
    assert row.failing_since is not None  # it gives up in the end


# --- Later


@pytest.mark.parametrize(("tries", "step"), [(0, 0.1), (1, 0.2), (7, 0.2)])
def test_later_is_tried_again_with_the_steps_of_the_configuration(held, tries, step):
    """V5: the last one again and again; why and when is said."""
    one = held(tries=tries)
    row = one.end(Later(REASON))

    assert tries + 1 == row.tries
    assert step / 2 <= one.due_in() <= step
    assert ("working", "later") == outcome(one.rig)


def test_later_with_a_time_of_its_own_keeps_to_it(held):
    """F-B15: Retry-After is the other side's word."""
    one = held()
    one.end(Later(REASON, after=90 * SECOND))

    assert 90 == pytest.approx(one.due_in(), abs=0.1)


def test_a_closed_backend_uses_up_no_try(held):
    """F-B15: it was not this account; due at once when it opens."""
    # Guard off (closed is Later like any other): red.
    one = held(tries=2, failing_for=timedelta(days=30))
    row = one.end(Later(REASON, closed=True))

    assert (2, None) == (row.tries, row.lease_until)
    assert one.due_in() < 0.01
    assert ("working", "closed") == outcome(one.rig)


def test_after_a_day_of_later_a_person_is_needed(held):
    """V5: parked with the reason and since when."""
    one = held(tries=9, failing_for=timedelta(hours=24, seconds=1))
    row = one.end(Later(REASON))

    assert (0, None) == (row.tries, row.failing_since)
    assert ("parked", "gave_up") == outcome(one.rig)


def test_a_thousand_tries_are_spread(rig):
    """F-B16: after the return no moment has more than twice the mean of them."""
    # Guard off (no jitter): red, all in one.
    with rig.database.change() as tx:
        for no in range(1000):
            lanes.wake(tx, f"acct_{no}", rig.clock.now(), "main")
        tx.execute(sa.update(lane).values(tries=9))
    hour = timedelta(hours=1)
    pace = Pace(retry=(hour,))
    desk = endings.Desk(
        rig.database, rig.parts.runner.desk.drafts, rig.parts.runner.desk.gates,
        rig.clock, pace, rig.parts.keys,
    )  # fmt: skip
    ending = endings.Endings(desk, rig.parts.editions)
    with ThreadPoolExecutor(16) as threads:
        taken = rig.parts.runner.claim(1000)
        list(threads.map(lambda one: ending.end(one, None, Later(REASON)), taken))
    with rig.database.read() as tx:
        dues = list(tx.execute(sa.select(lane.c.due)).scalars())
    first, bucket = rig.clock.now() + hour / 2, hour / 2 / 10
    counts = [0] * 11
    for due in dues:
        counts[max(0, (due - first) // bucket)] += 1

    assert 1000 == sum(counts)
    assert max(counts) <= 200


# --- Refused, Broken


@pytest.mark.parametrize("no", [Refused(REASON), Broken(REASON)])
def test_a_no_is_for_a_person(held, no):
    """V5: parked, with the reason, and not tried any more."""
    one = held(tries=3)
    row = one.end(no)

    assert 0 == row.tries
    assert row.due is None
    assert ("parked", type(no).__name__.lower()) == outcome(one.rig)


def test_what_is_noted_and_not_yet_on_disk_is_not_lost_with_a_no(opened, at_boundary):
    """V2: the sum before it arrived; that is kept, and never sent again."""
    # Guard off (only the lane is given back): red, the sum is looked for again.
    rig, simulator = opened
    rig.topup("2")

    def refuse():
        at_boundary("planned", lambda: (_ for _ in ()).throw(Refused(REASON)))

    at_boundary("after send", refuse)
    rig.run()

    assert ["done"] * len(rig.attempts()) == [a.state.value for a in rig.attempts()]
    assert "10.00" == sums(rig)["applied"]
    assert 2 == calls(simulator).count(PAY)


# --- Newer


def test_what_a_newer_version_wrote_is_left_to_it(opened):
    """R1: this one gives the lane back for a while, as it was."""
    rig, simulator = opened
    rig.topup("2")
    with rig.database.change() as tx:
        tx.execute(
            sa.update(operation)
            .where(operation.c.event == "topup-2")
            .values(payload={"v": 99})
        )
    rig.run()
    with rig.database.read() as tx:
        row = tx.execute(sa.select(lane).where(lane.c.backend == "main")).one()
    left = (row.due - rig.clock.now()).total_seconds()

    assert "accepted" == rig.fates()["topup-2"]
    assert (0, None) == (row.tries, row.lease_until)
    assert OTHERS.total_seconds() - 1 < left <= OTHERS.total_seconds()
    assert 1 == calls(simulator).count(PAY)


def test_newer_counts_as_no_try(held):
    """R1: a rolling upgrade uses nothing up."""
    one = held(tries=2)

    assert 2 == one.end(Newer("event 9 in shape 99")).tries
    assert one.due_in() == pytest.approx(OTHERS.total_seconds(), abs=0.1)


def test_who_looks_meanwhile_is_told_why_nobody_can_say(opened):
    """R1: the pages have a place for that; it is no fault of ours."""
    rig, _ = opened
    rig.topup("2")
    with rig.database.change() as tx:
        newer = operation.c.event == "topup-2"
        tx.execute(sa.update(operation).where(newer).values(payload={"v": 99}))
    parts = rig.parts

    with pytest.raises(Later, match="newer version"):
        preview.preview("shop:1", parts.runner.desk, parts.editions)


# --- Moved, IntegrityError


@pytest.mark.parametrize(
    "clash",
    [accounts.Moved("x"), sa.exc.IntegrityError("x", None, Exception())],
)
def test_who_was_overtaken_loads_anew_and_goes_on(opened, at_boundary, clash):
    """V7: somebody wrote to the account meanwhile; nothing is lost, and paid once."""
    rig, simulator = opened
    clashed = []

    def overtaken():
        clashed.append(clash)
        raise clash

    at_boundary("planned", overtaken)
    rig.topup("2")
    while not clashed:
        rig.parts.runner.run()
    waits = rig.fates()["topup-2"]
    rig.wait(AGAIN.total_seconds())
    rig.run()

    assert ("accepted", "done") == (waits, rig.fates()["topup-2"])
    assert 2 == calls(simulator).count(PAY)
    assert "15.00" == credit(simulator)


def test_a_write_between_our_read_and_ours_is_noticed(opened, at_boundary):
    """V7: for real: the account's revision moved on."""
    rig, simulator = opened

    def somebody_else():
        with rig.database.change() as tx:
            tx.execute(sa.update(account).values(revision=account.c.revision + 1))

    at_boundary("planned", somebody_else)
    rig.say("suspend", id_="suspend")
    rig.run()
    [tried] = {row for row in _tries(rig) if row}
    rig.wait(1)
    rig.run()

    assert 1 == tried
    assert "done" == rig.fates()["suspend"]
    assert not simulator.users[1].active


def _tries(rig):
    with rig.database.read() as tx:
        return list(tx.execute(sa.select(lane.c.tries)).scalars())


def test_three_times_it_may_be_somebody_else(held):
    """V5: given back at once, and the reason is nobody's business."""
    one = held(tries=CLASHES - 1)
    row = one.end(accounts.Moved("x"))

    assert CLASHES == row.tries
    assert one.due_in() == pytest.approx(AGAIN.total_seconds(), abs=0.05)
    assert ("working", None) == outcome(one.rig)


def test_a_fourth_time_it_is_its_own_fault(held):
    """V5: looked at one by one, and tried again as a fault of ours, ever later."""
    one = held(tries=CLASHES)
    one.end(accounts.Moved("x"))

    assert ("working", "later") == outcome(one.rig)


# --- everything else


def test_a_fault_of_ours_is_tried_again_and_shows_only_its_kind(held):
    """V11: a database's message quotes what it was given."""
    one = held()
    one.end(ValueError("canary-c4f1"))
    with one.rig.database.read() as tx:
        [found] = endings.operations.of_events(tx, "shop", ["topup-2"])

    assert ("working", "later") == outcome(one.rig)
    assert "an error of ours (ValueError)" in str(found.why)
    assert "canary-c4f1" not in str(found.why)


# --- the database's own outage


class Away:
    """A database that is gone for so many changes, and then is back."""

    def __init__(self, database, times, error):
        self.real, self.left, self.error = database.change, times, error
        database.change = self.change

    def change(self):
        if self.left:
            self.left -= 1
            raise self.error
        return self.real()


GONE = sa.exc.OperationalError("gone", None, Exception())


@pytest.fixture
def soon(monkeypatch):
    """It is asked every few milliseconds whether it is back."""
    hasty = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 50))
    monkeypatch.setattr(endings, "time", hasty)


@pytest.mark.parametrize("boundary", ["planned", "intent noted", "after send"])
@pytest.mark.parametrize("error", [GONE, Lost("at COMMIT")])
def test_an_outage_in_the_middle_of_a_run_is_settled_once(
    opened, at_boundary, soon, boundary, error
):
    """F-E2: given back when it returns; what was sent is looked for, not sent again."""
    rig, simulator = opened
    rig.topup("2")
    at_boundary(boundary, lambda: Away(rig.database, 3, error))
    rig.run()
    rig.run_until_quiet(within=10)

    assert "done" == rig.fates()["topup-2"]
    assert 2 == calls(simulator).count(PAY)
    assert "10.00" == sums(rig)["applied"]
    assert {State.DONE, State.ABSENT, State.LATER} >= {a.state for a in rig.attempts()}


def test_an_outage_longer_than_the_lease_leaves_it_to_whoever_comes(
    opened, at_boundary, monkeypatch
):
    """F-E2: nobody waits for ever with a lane that is not his any more."""
    # Guard off (it goes on asking): red, until the database is back.
    rig, _ = opened
    rig.topup("2")

    asleep = SimpleNamespace(sleep=lambda _: rig.wait(10))
    monkeypatch.setattr(endings, "time", asleep)
    at_boundary("planned", lambda: Away(rig.database, 100, GONE))
    [taken] = rig.parts.runner.claim(1)
    rig.parts.runner.bring(taken, None)
    left = rig.database.change.__self__.left
    del rig.database.change
    rig.run()

    assert left > 50
    assert "done" == rig.fates()["topup-2"]


@on_postgresql
def test_a_server_that_throws_everybody_out_is_survived(opened, at_boundary, soon):
    """F-E2: for real: its connections are closed between the answer and its note."""
    rig, simulator = opened
    rig.topup("2")

    def out():
        with rig.database.change() as tx:
            tx.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    at_boundary("after send", out)
    rig.run()
    rig.run_until_quiet(within=10)

    assert "done" == rig.fates()["topup-2"]
    assert 2 == calls(simulator).count(PAY)


# --- how long a lane stays leased


def test_a_run_that_took_long_gives_its_lane_back_at_once(opened, at_boundary):
    """What comes next is not kept waiting for the lease that was renewed on the way."""
    # Guards off (RELEASE of Rank.LANE, and a lease renewed in the commit that gives the
    # lane back, as they were): red, nobody could take the lane.
    rig, _ = opened
    rig.topup("2", id_="long")
    at_boundary("after send", lambda: rig.wait(12))
    rig.run()
    rig.topup("3", id_="next")
    rig.run()

    assert "done" == rig.fates()["next"]
