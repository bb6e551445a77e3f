"""What a customer's calls cost, and how many there are at once, whatever is changed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.bridge.seen import SET, SETTLE, WINDOW, by_hand, fields, later
from tests.days import STARTED

CAP, CAMPAIGNS, CONCURRENT, CALL = 10, 3, 6, 60.0
MORE = """
[packages.ten]
backend = "main"
price = "49.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 10
free_credit = "100.00 USD"
[packages.thirty]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 30
[packages.four]
backend = "main"
price = "19.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 4
"""


@pytest.fixture
def dialling(make):
    """A customer on ten channels whose three campaigns want six calls each."""
    rig, simulator = make(more=MORE, rate="1", settle=SETTLE)
    begins = (STARTED + timedelta(days=20)).isoformat()
    sold = {"ref": "1", "plan_ref": "ten", "period_start": begins}
    client, paid = {"ref": "7"}, {"line_ref": "1"}
    rig.post("order", "service.activate", account=client, service=sold, billing=paid)
    rig.run()
    simulator.start_traffic(
        1, campaigns=CAMPAIGNS, concurrent=CONCURRENT, call_seconds=CALL
    )
    return rig, simulator


def most_at_once(simulator, since):
    """Over every moment from then on, of all calls there were, ended or not."""
    model = simulator.snapshot()
    calls = [*model.calls, *model.up.values()]
    moments = [call.started for call in calls if call.started >= since] + [since]
    return max(
        sum(call.started <= at < call.started + call.seconds for call in calls)
        for at in moments
    )


def bring(rig, simulator):
    """What was said is done, a lost write is looked for and sent again."""
    for _ in range(3):
        rig.run()
        later(rig, simulator, WINDOW + 1)
    rig.wake_all()
    rig.run()


def change(rig, simulator, package):
    sold = {"ref": "1", "plan_ref": package}
    at = rig.clock.now()
    rig.post(f"to-{package}", "service.change", at, service=sold)
    bring(rig, simulator)


def say(rig, simulator, word):
    rig.say(word, at=rig.clock.now(), id_=word)
    bring(rig, simulator)


def start_again(simulator):
    """The customer does: a backend that switches on again starts nothing."""
    for campaign in simulator.campaigns:
        by_hand(simulator, "Campaign_Start", campaign_id=campaign)


def up_and_down(rig, simulator):
    change(rig, simulator, "thirty")
    change(rig, simulator, "ten")


def down_and_up(rig, simulator):
    change(rig, simulator, "four")
    change(rig, simulator, "ten")


def suspended_and_resumed(rig, simulator):
    say(rig, simulator, "suspend")
    say(rig, simulator, "resume")
    start_again(simulator)


def terminated_and_reinstated(rig, simulator):
    say(rig, simulator, "terminate")
    say(rig, simulator, "reinstate")
    start_again(simulator)


def a_lost_write(fault):
    def do(rig, simulator):
        change(rig, simulator, "thirty")
        simulator.plant(fault, SET, seconds=20)
        change(rig, simulator, "ten")

    return do


def drifted(rig, simulator):
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: 50})
    later(rig, simulator, CALL)
    say(rig, simulator, "sync")


CHANGES = {
    "nothing": lambda *_: None,
    "up and down": up_and_down,
    "down and up": down_and_up,
    "suspended and resumed": suspended_and_resumed,
    "terminated and reinstated": terminated_and_reinstated,
    "a write lost before": a_lost_write("reset_before"),
    "a write lost after": a_lost_write("reset_after_apply"),
    "a write that lied": a_lost_write("echo_lies"),
    "drift put right": drifted,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_ten_channels_are_never_more_than_ten_calls(dialling, kind):
    """I5: three campaigns of six each; after every kind of change, at any moment."""
    # Guard off (channels are not compared any more): red where they drifted.
    rig, simulator = dialling
    CHANGES[kind](rig, simulator)
    # What began under another cap may end first.
    since = simulator.advance(CALL)
    for _ in range(6):
        later(rig, simulator, CALL / 2)
        rig.run()

    assert CAP == simulator.users[1].channels
    assert CAMPAIGNS == sum(
        each.status == "running" for each in simulator.campaigns.values()
    )
    assert CAP == most_at_once(simulator, since)


def test_without_a_cap_they_would_be_eighteen(dialling):
    """I5: the traffic presses against the cap; the proof is not an idle line."""
    rig, simulator = dialling
    change(rig, simulator, "thirty")
    since = simulator.advance(CALL)
    simulator.advance(CALL)

    assert CAMPAIGNS * CONCURRENT == most_at_once(simulator, since)


def test_a_call_costs_what_the_tariff_of_its_package_says(make):
    """I4: the same minute, under two packages, two prices; and by nothing else."""
    rig, simulator = make(more=MORE, rate="1")
    for no, package in (("1", "ten"), ("2", "thirty")):
        rig.order(no, id_=no, line=no, client=no, package=package)
    rig.run()
    rig.topup("9", client="2")
    rig.run()
    before = [simulator.users[user].credit for user in (1, 2)]
    for user in (1, 2):
        simulator.start_traffic(user, call_seconds=CALL)
    simulator.advance(CALL)
    used = [b - simulator.users[u].credit for u, b in zip((1, 2), before, strict=True)]

    assert [Decimal("0.02"), Decimal("0.01")] == used


def test_a_change_of_tariff_is_for_later_calls_only(dialling):
    """I4: what rings when the package is changed ends at the price it began with."""
    rig, simulator = dialling
    rang = simulator.snapshot().up.keys()
    sold = {"ref": "1", "plan_ref": "thirty"}
    rig.post("up", "service.change", rig.clock.now(), service=sold)
    rig.run()
    simulator.advance(2 * CALL)
    costs = {True: set(), False: set()}
    for call in simulator.calls:
        costs[call.id in rang].add(call.cost)

    assert CAP == len(rang)
    assert {True: {Decimal("0.02")}, False: {Decimal("0.01")}} == costs
