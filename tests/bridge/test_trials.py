"""Trials on the wire: once for each client and family, and Free or nothing after."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bridge.duties import wake
from tests.bridge.seen import is_sound, levels, paid
from tests.bridge.test_dunning import OURS

LADDER = """
[families.calls]
free = "zero"
trial = "30d"
[families.bare]
trial = "10d"
[packages.zero]
backend = "main"
price = "0.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "calls"
rank = 20
[packages.team]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "calls"
rank = 12
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 10
family = "calls"
rank = 10
[packages.alone]
backend = "main"
price = "9.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 3
family = "bare"
rank = 1
"""
DAY = 86400
TEAM, FREE, GOLD = (True, 5, "1"), (True, 1, "1"), (True, 10, "2")


@pytest.fixture
def trying(make):
    rig, simulator = make(more=LADDER)
    tried(rig)
    rig.run()
    return rig, simulator


def tried(rig, service="1", package="team", client="7", **more):
    return rig.post(
        f"order-{service}",
        "service.activate",
        rig.clock.now(),
        account={"ref": client},
        service={"ref": service, "plan_ref": package, "trial": True},
        **more,
    )


def after(rig, days):
    rig.wait(days * DAY)
    wake(rig.database, rig.clock.now())
    rig.run()


def test_who_was_free_for_months_is_not_revoked_with_his_upgrade(make):
    """I9, U2: dunned by us: the change is heard, and a moment later its payment."""
    # Guard off (`owing.begun` marks nothing): red, it has ended.
    rig, simulator = make(more=LADDER + OURS)
    tried(rig)
    rig.run()
    after(rig, 120)
    was = levels(simulator)
    rig.post("up", "service.change", rig.clock.now(),
             service={"ref": "1", "plan_ref": "gold"})  # fmt: skip
    rig.run()
    rig.wait(5)
    rig.post("paid", "service.renewed", rig.clock.now(), service={"ref": "1"},
             billing={"line_ref": "2"})  # fmt: skip
    rig.run()

    assert (FREE, GOLD) == (was, levels(simulator))
    assert "done" == rig.fates()["paid"]
    assert is_sound(rig)


def test_a_trial_is_on_and_ends_in_free_by_itself(trying):
    """D13, C12, I2: opened without a payment, granted nothing; as Free it goes on."""
    # Guard off (no wake-up; it stays what it was): red.
    rig, simulator = trying
    seen = [levels(simulator)]
    for days in (29.9, 0.2):
        after(rig, days)
        seen.append(levels(simulator))

    assert [TEAM, TEAM, FREE] == seen
    assert [] == paid(simulator)
    assert 1 == len(simulator.users)
    assert is_sound(rig)


def test_paid_within_it_stays(trying):
    """D13: and its first period is granted once."""
    rig, simulator = trying
    after(rig, 10)
    for id_ in ("paid", "again"):
        rig.post(
            id_, "service.renewed", rig.clock.now(),
            service={"ref": "1"}, billing={"line_ref": "1"},
        )  # fmt: skip
    after(rig, 25)

    assert TEAM == levels(simulator)
    assert ["shop:1/free/1/0/0"] == [reference for reference, _ in paid(simulator)]


def test_paid_after_all_it_is_what_was_tried(trying):
    """D13: Free costs nothing, so it is not Free that was paid."""
    # Guard off (it is Free for good): red.
    rig, simulator = trying
    after(rig, 31)
    free = levels(simulator)
    starts = rig.clock.now().isoformat()
    rig.post(
        "paid", "service.renewed", rig.clock.now(),
        service={"ref": "1", "plan_ref": "team", "period_start": starts},
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()

    assert (FREE, TEAM) == (free, levels(simulator))
    assert "done" == rig.fates()["paid"]


def test_where_there_is_no_free_it_is_off(make):
    """D13: and with a payment it is on."""
    rig, simulator = make(more=LADDER)
    tried(rig, package="alone")
    rig.run()
    seen = [levels(simulator)[0]]
    after(rig, 10.1)
    seen.append(levels(simulator)[0])
    rig.post(
        "paid", "service.renewed", rig.clock.now(),
        service={"ref": "1", "period_start": rig.clock.now().isoformat()},
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()

    assert [True, False, True] == [*seen, levels(simulator)[0]]


def test_an_upgrade_does_not_restart_it(trying):
    """D14: on the wire at once, and over when it was to be."""
    rig, simulator = trying
    after(rig, 20)
    change = {"ref": "1", "plan_ref": "gold"}
    rig.post("up", "service.change", rig.clock.now(), service=change)
    rig.run()
    up = levels(simulator)
    after(rig, 10.1)

    assert (GOLD, FREE) == (up, levels(simulator))


@pytest.mark.parametrize("ended", [False, True])
def test_a_second_try_is_refused_and_opens_nothing(trying, ended):
    """D14: not by another order of the same client, though the first has ended."""
    # Guard off (each account has its own; what has ended is forgotten): red.
    rig, simulator = trying
    if ended:
        rig.say("terminate", at=rig.clock.now(), id_="end")
        rig.run()
        after(rig, 40)
    tried(rig, "2", "gold")
    tried(rig, "3", "alone")
    rig.run()

    assert ("parked", "trial_had") == (rig.fates()["order-2"], rig.why("order-2"))
    assert "done" == rig.fates()["order-3"]
    assert 2 == len(simulator.users)


def test_another_client_has_his_own(trying):
    """D14: it is once for each."""
    rig, simulator = trying
    tried(rig, "2", client="8")
    rig.run()

    assert "done" == rig.fates()["order-2"]
    assert 2 == len(simulator.users)


def test_a_plan_without_a_trial_is_not_tried(make):
    """D14: it waits for a person, and nothing is opened."""
    rig, simulator = make(more=LADDER)
    tried(rig, package="starter")
    rig.run()

    assert ("parked", "trial_no_family") == (rig.fates()["order-1"], rig.why("order-1"))
    assert {} == simulator.users


def test_two_orders_at_once_are_one_trial(make):
    """D14: the database holds it, whichever process was first."""
    # Guard off (no primary key on client and family): red, on PostgreSQL now and then.
    rig, simulator = make(more=LADDER)
    for service in ("1", "2", "3"):
        tried(rig, service)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: rig.run(), range(3)))
    rig.run_until_quiet()
    fates = [rig.fates()[f"order-{service}"] for service in ("1", "2", "3")]

    assert ["done", "parked", "parked"] == sorted(fates)
    assert 1 == len(simulator.users)


def test_what_is_remembered_of_a_trial_is_what_was_kept(trying):
    """D14: with what it was before it ended in Free."""
    rig, _ = trying
    after(rig, 31)
    [trial] = rig.account().trials

    assert ("calls", "shop:1", timedelta(days=30)) == (
        trial.family, trial.service, trial.ends - trial.starts
    )  # fmt: skip
    assert "team" == trial.was.package


def test_only_an_order_is_tried(make):
    """D14: said of anything else it is a slip of the sender's."""
    rig, _ = make(more=LADDER)
    said = {"ref": "1", "trial": True}
    answer = rig.post("odd", "service.suspend", service=said)
    other = rig.post("no", "service.suspend", service=said | {"trial": "yes"})

    assert (400, 400) == (answer.status_code, other.status_code)
    assert "goes with service.activate only" in answer.text
    assert "is neither true nor false" in other.text
