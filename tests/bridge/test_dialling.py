"""Off is off: no campaign of a switched-off account runs, or somebody is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.alerts import Watch
from bridge.store import alarms, dialling
from bridge.store.causes.found import Limits
from bridge.words import render
from provisioning.simulator.rows import Status
from tests.bridge.seen import PAY, SET, by_hand, calls, due_in, levels

LIST, STOP = "Campaign_List", "Campaign_Stop"
LEAVES = "suspend_leaves_campaigns"
ABLE = f'campaigns = "{LIST}"'
LOOK = 31
"""Seconds after which it is looked again; no slow machine does so before."""


@pytest.fixture
def busy(open_account):
    """An account whose two campaigns run, at a backend that can say so."""

    def build(ours=ABLE, rate="1", **more):
        set_ = {"rate": rate, "retry": "[20, 30]"} | more
        rig, simulator = open_account(ours=ours, **set_)
        simulator.start_traffic(1, campaigns=2, call_seconds=1)
        return rig, simulator

    return build


def running(simulator):
    campaigns = simulator.campaigns.values()
    return [each.id for each in campaigns if each.status is Status.RUNNING]


def alerts(rig, topic="still_dialling"):
    Watch(rig.database, Limits()).run(rig.clock.now())
    with rig.database.read() as tx:
        return [render(a.why) for a in alarms.lasting(tx) if a.topic == topic]


def known(rig):
    with rig.database.read() as tx:
        return dialling.known(tx, rig.account().id)


OFF = {
    "suspended": lambda rig: rig.say("suspend", id_="off"),
    "held for abuse": lambda rig: rig.say(
        "suspend", id_="off", billing={"hold": "abuse"}
    ),
    "held by hand": lambda rig: rig.say(
        "suspend", id_="off", billing={"hold": "manual"}
    ),
    "terminated": lambda rig: rig.say("terminate", id_="off"),
}


@pytest.mark.parametrize("why", OFF)
def test_what_still_runs_after_a_switch_off_is_stopped(busy, why):
    """I9, D26: whatever it was switched off for; off first, the campaigns after."""
    rig, simulator = busy()
    before = len(simulator.journal)
    simulator.plant(LEAVES, SET)
    OFF[why](rig)
    rig.run()
    asked = calls(simulator, before)

    assert [] == running(simulator)
    assert not levels(simulator)[0]
    assert asked.index(SET) < asked.index(LIST) < asked.index(STOP)
    assert [STOP, STOP] == [method for method in asked if method == STOP]
    assert "done" == rig.fates()["off"]
    assert (None, []) == (known(rig), alerts(rig))


def test_where_the_backend_stops_them_itself_nothing_is_sent(busy):
    """It was looked, and none runs."""
    rig, simulator = busy()
    OFF["suspended"](rig)
    rig.run()

    assert 0 == calls(simulator).count(STOP)
    assert "done" == rig.fates()["off"]
    assert known(rig) is None


def test_where_it_cannot_be_seen_nothing_is_claimed(busy):
    """The list is not asked for, and no alert says that all is well or is not."""
    rig, simulator = busy(ours="")
    simulator.plant(LEAVES, SET)
    OFF["suspended"](rig)
    rig.run()

    assert LIST not in calls(simulator)
    assert [1, 2] == running(simulator)
    assert [] == alerts(rig)


def test_one_that_will_not_stop_is_an_alarm_with_the_way_out(busy):
    """I9: off at once all the same; three tries, then a person is told, once."""
    # Guard off (what a stop answers is believed): red, no alert.
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant("campaign_stop_ignored", STOP, times=100)
    OFF["suspended"](rig)
    rig.run()
    first = (levels(simulator)[0], rig.fates()["off"], rig.why("off"), alerts(rig))
    for _ in range(2):
        rig.wait(LOOK)
        rig.run()
    [told] = alerts(rig)

    assert (False, "done", "still_dials", []) == first
    assert rig.account().id in told
    assert "campaigns 1, 2 run" in told
    assert "panel" in told
    assert 3 == known(rig).tries


def test_it_is_looked_again_until_none_runs(busy):
    """However long it lasts; then the alert is over by itself."""
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant("campaign_stop_ignored", STOP, times=2 * 5)
    OFF["suspended"](rig)
    for _ in range(5):
        rig.run()
        assert 0 < due_in(rig) <= 30
        rig.wait(LOOK)
    lasting = alerts(rig)
    rig.run()

    assert 1 == len(lasting)
    assert [] == running(simulator)
    assert (None, []) == (known(rig), alerts(rig))
    with rig.database.read() as tx:
        assert [] == [a for a in alarms.lasting(tx) if a.topic == "still_dialling"]


@pytest.mark.parametrize("fault", ["error_object_500", "not_allowed_405", "html_200"])
def test_a_list_that_cannot_be_read_holds_up_nothing(busy, fault):
    """Off, money and words go on; that nobody can see is an alert of its own."""
    rig, simulator = busy()
    simulator.plant(fault, LIST, times=100)
    OFF["suspended"](rig)
    rig.topup("2")
    rig.run()
    fates = rig.fates()
    for _ in range(2):
        rig.wait(LOOK)
        rig.run()
    [told] = alerts(rig)
    simulator.calm()
    rig.wait(LOOK)
    rig.run()

    assert {"done"} == set(fates.values())
    assert "nobody could see" in told
    assert ([], None) == (alerts(rig), known(rig))


def test_a_list_that_lies_is_put_right_by_the_next_look(busy):
    """`service.sync` looks again, and finds what the first list hid."""
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant("campaign_list_lies", LIST)
    OFF["suspended"](rig)
    rig.run()
    hidden = running(simulator)
    rig.say("sync")
    rig.run()

    assert [1, 2] == hidden
    assert [] == running(simulator)


@pytest.mark.parametrize("fault", ["reset_after_apply", "reset_before", "html_200"])
def test_an_answer_lost_on_the_way_is_no_matter(busy, fault):
    """A campaign is stopped as often as you like: what counts is the look."""
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant(fault, STOP)
    OFF["suspended"](rig)
    rig.run()
    rig.wait(LOOK)
    rig.run()

    assert [] == running(simulator)
    assert ([], None) == (alerts(rig), known(rig))


def test_campaigns_stopped_in_the_panel_end_the_alert(busy):
    """The way out it names: done by hand, seen at the next look."""
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant("campaign_stop_ignored", STOP, times=6)
    OFF["suspended"](rig)
    for _ in range(3):
        rig.run()
        rig.wait(LOOK)
    lasting, stops = alerts(rig), calls(simulator).count(STOP)
    for campaign in running(simulator):
        by_hand(simulator, STOP, campaign_id=campaign)
    rig.run()

    assert 1 == len(lasting)
    assert stops + 2 == calls(simulator).count(STOP)
    assert (None, []) == (known(rig), alerts(rig))


def test_an_account_that_is_on_again_may_dial(busy):
    """I9: nothing is stopped that was paid for, and the alert is over."""
    rig, simulator = busy()
    simulator.plant(LEAVES, SET)
    simulator.plant("campaign_stop_ignored", STOP, times=100)
    OFF["suspended"](rig)
    for _ in range(3):
        rig.run()
        rig.wait(LOOK)
    lasting, stops = alerts(rig), calls(simulator).count(STOP)
    rig.say("resume", id_="on", at=rig.clock.now() - timedelta(seconds=1))
    rig.run()

    assert 1 == len(lasting)
    assert [1, 2] == running(simulator)
    assert stops + 2 >= calls(simulator).count(STOP)
    assert (None, []) == (known(rig), alerts(rig))
    assert rig.parts.runner.next_due() is None


def test_the_alert_ends_where_the_backend_is_asked_no_more(busy):
    """The way out it names itself: leave `campaigns` out."""
    rig, simulator = busy()
    simulator.plant("not_allowed_405", LIST, times=100)
    OFF["suspended"](rig)
    for _ in range(3):
        rig.run()
        rig.wait(LOOK)
    lasting = alerts(rig)
    backend = rig.parts.backends["main"]
    backend.set = replace(backend.set, campaigns=None)
    rig.run()

    assert 1 == len(lasting)
    assert [] == alerts(rig)


def test_money_that_is_unsure_does_not_keep_campaigns_running(busy, impatient):
    """A sum on its way to an account that is off: its campaigns stop before it."""
    # Guard off (looked only when all is done): red, they run on.
    rig, simulator = busy(settle=60)
    simulator.plant(LEAVES, SET)
    simulator.plant("slow_not_applied", PAY, seconds=0.5)
    OFF["suspended"](rig)
    rig.topup("2")
    impatient(rig)
    rig.run()

    assert "unsure" == rig.fates()["topup-2"]
    assert [] == running(simulator)
