"""Another package while it runs, an end to come, a look: from the door to the wire."""

from datetime import timedelta

import pytest

from bridge.duties import wake
from tests.bridge.seen import (
    LOOK,
    PAY,
    SET,
    by_hand,
    calls,
    credit,
    fields,
    is_sound,
    levels,
    paid,
    sums,
    writes,
)
from tests.rig import random_names, second

GOLD = """
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
"""
UP = {"service": {"ref": "1", "plan_ref": "gold"}}


def order(rig, begins):
    """Paid from then on."""
    sold = {"ref": "1", "plan_ref": "starter", "period_start": begins.isoformat()}
    rig.post(
        "order",
        "service.activate",
        account={"ref": "7"},
        service=sold,
        billing={"line_ref": "1"},
    )
    rig.run()


@pytest.fixture
def running(make):
    """An account on package starter, in a paid period that is not over."""
    rig, simulator = make(more=GOLD)
    begins = rig.clock.now() - timedelta(days=3)
    order(rig, begins)
    assert rig.fates() == {"order": "done"}
    return rig, simulator


def change(rig, package, *, id_, at=None, **more):
    sold = {"ref": "1", "plan_ref": package}
    at = at or rig.clock.now()
    return rig.post(id_, "service.change", at, service=sold, **more)


def test_a_change_at_the_end_of_the_period_is_written_then(running):
    """C11: until then it is the next renewal package; nobody has to say it again."""
    rig, simulator = running
    change(rig, "gold", id_="later", data={"effective": "period_end"})
    rig.run()
    before, said = levels(simulator), rig.fates()["later"]
    rig.wait(31 * 24 * 3600)
    wake(rig.database, rig.clock.now())
    rig.run()

    assert ((True, 5, "1"), "done") == (before, said)
    assert (True, 20, "2") == levels(simulator)
    assert is_sound(rig)


def test_a_change_is_written_once_and_its_credit_paid_once(running):
    """C6, I4, I5, D15: tariff and channels at once, and the 10.00 it gives more."""
    rig, simulator = running
    before = len(simulator.journal)
    change(rig, "gold", id_="up")
    rig.run()

    assert (True, 20, "2") == levels(simulator)
    assert [SET, PAY] == writes(simulator, before)
    assert "15.00" == credit(simulator)
    assert ("shop:1/free/1/0/1", "10.00") == paid(simulator)[-1]
    assert {"due": "15.00", "granted": "15.00"} == sums(rig)
    assert {"order": "done", "up": "done"} == rig.fates()
    assert is_sound(rig)


def test_up_and_down_and_up_again_is_paid_once(running):
    """D15: over days, each change brought in line before the next is heard."""
    # Guard off (what was given is not loaded): red, 25.00.
    rig, simulator = running
    for no, package in enumerate(["gold", "starter", "gold"]):
        change(rig, package, id_=f"change-{no}")
        rig.run()
        rig.wait(60)

    assert (True, 20, "2") == levels(simulator)
    assert "15.00" == credit(simulator)


def test_the_credit_a_change_brings_survives_a_lost_answer(make):
    """V1: paid, and the answer lost: looked for, and not paid again."""
    rig, simulator = make(more=GOLD, settle=1.0, call_deadline=2.0)
    order(rig, rig.clock.now() - timedelta(days=3))
    simulator.plant("reset_after_apply", PAY)
    change(rig, "gold", id_="up")
    rig.run_until_quiet()

    assert "15.00" == credit(simulator)
    assert "done" == rig.fates()["up"]


def test_a_change_leaves_the_customers_data_as_it_was(running):
    """I11: never delete and create: login, address and balance compare equal."""
    rig, simulator = running
    row = simulator.users[1]
    before = (row.id, row.username, row.password, row.email)
    change(rig, "gold", id_="up")
    rig.run()
    now = simulator.users[1]

    assert before == (now.id, now.username, now.password, now.email)
    assert [1] == list(simulator.users)


def test_a_change_to_another_backend_waits_for_a_person(make, host):
    """Its data would have to move: nothing is begun, and the old package stays."""
    other = GOLD.replace('"main"', '"second"').replace('"wholesale"', '"standard"')
    rig, simulator = make(more=other + _second(host))
    rig.order()
    rig.run()
    change(rig, "gold", id_="up")
    rig.run()

    assert ("parked", "other_backend") == (rig.fates()["up"], rig.why("up"))
    assert (True, 5, "1") == levels(simulator)


def _second(host):
    return second(f"{host.url}/none", random_names()).partition("[packages")[0]


def test_a_cancelled_service_ends_when_its_paid_time_does(running):
    """Told days before: on until then, off then, by nobody's hand."""
    # Guard off (no wake-up is planned): red, it stays on.
    rig, simulator = running
    rig.say("terminate", at=rig.clock.now(), id_="end", data={"at": "period_end"})
    rig.run()
    on = levels(simulator)[0]
    rig.wait(32 * 24 * 3600)
    wake(rig.database, rig.clock.now())
    rig.run()

    assert (True, False) == (on, levels(simulator)[0])
    assert "done" == rig.fates()["end"]


def test_a_cancellation_called_off_ends_nothing(running):
    """service.reinstate: the wake-up finds that it lives."""
    rig, simulator = running
    rig.say("terminate", at=rig.clock.now(), id_="end", data={"at": "period_end"})
    rig.run()
    rig.wait(3600)
    rig.say("reinstate", at=rig.clock.now(), id_="back")
    rig.run()
    rig.wait(32 * 24 * 3600)
    wake(rig.database, rig.clock.now())
    rig.run()

    assert levels(simulator)[0]
    assert "done" == rig.fates()["back"]


def test_a_terminated_service_comes_back_as_it_was(running):
    """service.reinstate: the same account, the same package, no second credit."""
    rig, simulator = running
    rig.say("terminate", at=rig.clock.now(), id_="end")
    rig.run()
    off = levels(simulator)[0]
    rig.wait(60)
    rig.say("reinstate", at=rig.clock.now(), id_="back")
    rig.run()

    assert (False, (True, 5, "1")) == (off, levels(simulator))
    assert "5.00" == credit(simulator)


def test_a_sync_repairs_what_somebody_changed(running):
    """I11: looked at once, corrected once; told again, only looked at."""
    rig, simulator = running
    wire = fields(rig)
    by_hand(simulator, "User_Update", user_id=1, user={wire["channels"]: 99})
    rig.say("sync", at=rig.clock.now(), id_="sync-1")
    rig.run()
    before = len(simulator.journal)
    rig.say("sync", at=rig.clock.now(), id_="sync-2")
    rig.run()

    assert (True, 5, "1") == levels(simulator)
    assert [LOOK] == calls(simulator, before)


@pytest.mark.parametrize(
    ("word", "data"), [("terminate", {"at": "tomorrow"}), ("change", {"effective": 1})]
)
def test_a_moment_nobody_knows_is_refused_at_the_door(running, word, data):
    """Nothing is guessed, and nothing is kept."""
    rig, _ = running
    answer = rig.post("x", f"service.{word}", rig.clock.now(), **UP, data=data)

    assert 400 == answer.status_code
    assert "x" not in rig.fates()
