"""Reconciliations by a program: begun, listed, and each line with what follows."""

import pytest

from bridge.store import drifts, ticks
from bridge.store.drift_alerts import NIGHTLY
from tests.bridge.seen import SET, by_hand, fields
from tests.visit import Program

PATH = "/api/v1/reconciliations"


@pytest.fixture
def compared(open_account):
    """Compared twice, after somebody set its channels to 9 by hand."""
    rig, simulator = open_account()
    rig.topup("2", product="credit20")
    rig.run()
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
    runs = [
        rig.parts.reconciler.run("by hand", drifts.Scope(), applies=False).run
        for _ in range(2)
    ]
    return rig, Program(rig), runs


def test_a_run_is_told_with_its_sums_and_its_lines(compared):
    """S1: Σ paid = applied + held + paid back; what differs, and what follows."""
    rig, program, runs = compared
    first = program.get(f"{PATH}?limit=1").json
    rest = program.get(f"{PATH}?limit=1&cursor={first['next']}").json
    one = program.get(f"{PATH}/{runs[0]}").json
    found = f"{PATH}/{runs[0]}/differences"
    [line] = program.get(f"{found}?kind=level").json["items"]
    [sum_] = one["sums"]

    assert runs[::-1] == [each["run"] for each in first["items"] + rest["items"]]
    assert ("ended", False, 1) == (one["state"], one["applied"], one["accounts"])
    assert ("20.00", "20.00", True) == (sum_["paid"], sum_["applied"], sum_["adds_up"])
    assert [("level", 1)] == [(each["kind"], each["count"]) for each in one["counts"]]
    assert (rig.account().id, "channels", "5", "9", "wake") == tuple(
        line[name] for name in ("subject", "what", "wants", "has", "repair")
    )
    assert [] == program.get(f"{found}?kind=foreign").json["items"]


def test_one_that_is_not_there_is_told_so(compared):
    """Neither by a number nor by what is none."""
    _, program, _ = compared
    asked = [f"{PATH}/999", f"{PATH}/x", f"{PATH}/x/differences", f"{PATH}/{'9' * 30}"]

    assert [404] * 4 == [program.get(path).status_code for path in asked]


def test_it_is_begun_by_the_worker_that_does_it_every_night(compared):
    """Due at once, and said once by one key."""
    rig, program, _ = compared
    before = program.post(PATH)
    with rig.database.change() as tx:
        ticks.keep(tx, [NIGHTLY], rig.clock.now())
    begun = program.post(PATH, Idempotency_Key="one")
    again = program.post(PATH, Idempotency_Key="one")
    [due] = [
        one["due"]
        for one in program.get("/api/v1/ticks").json["items"]
        if one["tick"] == NIGHTLY
    ]

    assert (409, "cannot") == (before.status_code, before.json["code"])
    assert {"due": NIGHTLY} == begun.json == again.json
    assert due <= rig.clock.now().isoformat()
