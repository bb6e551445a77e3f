"""Somebody else writes to the account at the worst moment: the end of a run itself."""

import sqlalchemy as sa

from bridge import boundaries, deciding, taking_in
from bridge.store.tables import lane
from bridge.work import Work
from provisioning.core.outcomes import Later
from tests.bridge.seen import OPEN, PAY, paid, writes


def touched(rig):
    """Somebody else saves the account, as `unsure release` does."""
    with rig.database.change() as tx:
        deciding.release(tx, rig.account().id, "looked at", rig.clock.now())


def leases(rig):
    with rig.database.read() as tx:
        return set(tx.execute(sa.select(lane.c.lease_until)).scalars())


def at_second(monkeypatch, name, act):
    """Acts when the walk passes there for the second time."""
    passed = []

    def passing(here):
        passed.append(here)
        if here == name and passed.count(name) == 2:
            act()

    monkeypatch.setattr(boundaries, "passed", passing)


def test_an_end_that_clashes_gives_the_lane_back_too(pair, monkeypatch):
    """What arrived could not be noted with it: it is looked for, and noted then."""
    rig, simulator = pair
    rig.order()
    gate = rig.parts.runner.desk.gates["main"]

    def meanwhile():
        touched(rig)
        gate.heard(Later("a test says so", closed=True))

    at_second(monkeypatch, "planned", meanwhile)
    rig.run()

    # Guard off (whatever an ending raises goes through): red, leased until it ends.
    assert {None} == leases(rig)
    gate.probe()
    rig.run_until_quiet()
    assert {"order": "done"} == rig.fates()
    assert [OPEN, PAY] == writes(simulator)


def test_a_clash_while_events_are_tried_one_by_one_parks_none(opened, monkeypatch):
    """Somebody who works on the account beside us makes no event a bad one."""
    rig, simulator = opened
    rig.say("suspend")
    rig.topup("2")
    usual, acts = taking_in.only_take_in, [touched]

    def beside(job):
        if acts:
            acts.pop()(rig)
        usual(job)

    monkeypatch.setattr(taking_in, "only_take_in", beside)
    monkeypatch.setattr(Work, "plan", failing_once(Work.plan))
    rig.run_until_quiet()

    # Guard off (the first clash taken for the event's fault): red, parked.
    assert {"order", "topup-2", "suspend-None"} == set(rig.fates())
    assert {"done"} == set(rig.fates().values())
    assert ("shop:2/topup", "10.00") in paid(simulator)


def failing_once(usual):
    left = [ZeroDivisionError()]

    def plan(job):
        if left:
            raise left.pop()
        return usual(job)

    return plan
