"""F-A5: a process that stood still past its lease, and goes on as if nothing were."""

import signal
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.store import database
from bridge.store.tables import lane
from tests.engines import NAMES
from tests.matrix.invariants import violations
from tests.rigs.fleet import LEASE, Sender

FENCED = "went to another worker"
on_postgresql = pytest.mark.parametrize("kept", NAMES[1:], indirect=True)
on_sqlite = pytest.mark.parametrize("kept", NAMES[:1], indirect=True)


@pytest.fixture
def opened(make_fleet):
    """A fleet with one account."""
    fleet, simulator = make_fleet()
    fleet.start()
    with Sender(fleet.port) as sender:
        sender.order(1)
    fleet.until_done(1, within=20)
    return fleet, simulator


def topup(fleet, line):
    with Sender(fleet.port) as sender:
        sender.topup(1, line)


@on_postgresql
@pytest.mark.parametrize("at", ["intent noted", "before send", "effect"])
def test_the_fence_keeps_a_late_commit_out(opened, at):
    """The other worker ends what was begun; what the first says then is too late.

    Guard off (`leaving.still` does nothing): stopped between its last look at the clock
    and the first byte, it pays a second time, red.
    """
    fleet, simulator = opened
    fleet.strike(at, signal.SIGSTOP)
    topup(fleet, "9")
    zombie, _ = fleet.struck()
    fleet.until_done(2, within=30)
    before = fleet.log()
    zombie.signal(signal.SIGCONT)
    fleet.until_it_says(FENCED)
    fleet.stop()

    assert FENCED not in before
    assert ["shop:9/topup"] == [payment.reference for payment in simulator.payments]
    assert [] == violations(fleet.database, simulator)


@on_postgresql
def test_a_worker_that_stands_still_in_a_change_shuts_no_door(opened, monkeypatch):
    """What it had locked is free again in time, and what it began is not kept.

    Guard off (no limit to standing still): the door waits as long as it stands, red.
    """
    fleet, _ = opened
    monkeypatch.setattr(database, "STANDING_STILL", timedelta(seconds=1))
    standing = database.Database(fleet.url)

    def stand_still():
        with standing.change() as tx:
            tx.execute(sa.update(lane).values(tries=7))
            topup(fleet, "9")
            tx.execute(sa.select(lane.c.tries))

    with pytest.raises(database.Lost):
        stand_still()
    standing.close()
    fleet.until_done(2, within=20)

    assert [0] == fleet.asked(sa.select(lane.c.tries).where(lane.c.backend == "main"))


@on_sqlite
def test_the_only_process_goes_on_by_itself(opened):
    """Past all its leases, it takes its own lanes anew and looks before it sends."""
    fleet, simulator = opened
    fleet.strike("effect", signal.SIGSTOP)
    topup(fleet, "9")
    stopped, _ = fleet.struck()
    time.sleep(LEASE + 0.5)
    stopped.signal(signal.SIGCONT)
    topup(fleet, "10")
    fleet.until_done(3, within=30)
    fleet.stop()

    assert ["shop:9/topup", "shop:10/topup"] == [
        payment.reference for payment in simulator.payments
    ]
    assert [] == violations(fleet.database, simulator)
