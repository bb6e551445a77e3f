"""The web server's parent is killed: its child does not go on alone for ever."""

import os
import signal
import time

import pytest
import sqlalchemy as sa

from bridge.store.tables import operation
from tests.matrix.invariants import violations
from tests.rigs.fleet import Sender, answers

pytestmark = pytest.mark.timeout(120)


def test_a_door_ends_with_its_parent(make_fleet):
    """Port and database are free, and whoever is started next goes on from there."""
    # Guard off (nobody watches the parent): red, the child answers on.
    fleet, simulator = make_fleet()
    fleet.start()
    parent = fleet.processes[0]
    with Sender(fleet.port) as sender:
        sender.order(1)
        sender.topup(1, "9")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while answers(fleet.port) and time.monotonic() < until:
        time.sleep(0.1)
    still = answers(fleet.port)
    if still:
        parent.signal(signal.SIGKILL)
    parent.start()
    with Sender(fleet.port) as sender:
        sender.topup(1, "10")
    fleet.until_done(3, within=30)
    fleet.stop()

    assert not still
    assert {"done"} == set(fleet.asked(sa.select(operation.c.fate)))
    assert ["shop:9/topup", "shop:10/topup"] == [
        payment.reference for payment in simulator.payments
    ]
    assert [] == violations(fleet.database, simulator)
