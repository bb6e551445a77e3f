"""Many accounts by a program: begun by a filter, shown, confirmed, followed."""

import pytest

from bridge import lifecycle
from tests.bridge.seen import SET, by_hand, fields, orders
from tests.visit import Program

PATH = "/api/v1/batches"


@pytest.fixture
def fleet(make):
    """Three accounts, two of them not as they should be."""
    rig, simulator = make()
    orders(rig, 3)
    rig.run()
    for user in (1, 3):
        by_hand(simulator, SET, user_id=user, user={fields(rig)["channels"]: "9"})
    return rig, Program(rig)


def test_what_was_shown_is_done_for_many_and_followed(fleet):
    """U10: begun by a filter, nothing done until it is confirmed; then each once."""
    rig, program = fleet
    began = program.post(PATH, {"backend": "main"}, Idempotency_Key="one").json
    again = program.post(PATH, {"backend": "main"}, Idempotency_Key="one").json
    path = f"{PATH}/{began['batch']}"
    early = program.post(f"{path}/confirm", {"because": "a test"})
    lifecycle.bulk(rig.parts).run()
    shown = program.get(path).json
    found = program.get(f"{path}/accounts").json["items"]
    program.post(f"{path}/confirm", {"because": "a test"})
    lifecycle.bulk(rig.parts).run()
    rig.run()
    after = program.get(path).json

    assert began == again
    assert 3 == began["total"]
    assert (409, "cannot") == (early.status_code, early.json["code"])
    assert ("shown", 2, None) == (shown["state"], shown["planned"], shown["work"])
    assert [["set channels = 2"]] * 2 == [one["steps"] for one in found]
    assert (2, 2, 2) == (
        after["work"]["done"], after["work"]["of"], after["became"]["done"],
    )  # fmt: skip
    assert [began["batch"]] == [one["batch"] for one in program.get(PATH).json["items"]]


def test_those_that_are_named_are_looked_at_alone_and_it_can_be_stopped(fleet):
    """U10: by a service's name; stopped, nothing more is begun."""
    rig, program = fleet
    batch = program.post(PATH, {"names": ["shop:1"]}).json["batch"]
    lifecycle.bulk(rig.parts).run()
    path = f"{PATH}/{batch}"
    one = program.get(path).json
    stopped = program.post(f"{path}/stop")
    late = program.post(f"{path}/confirm", {"because": "a test"})

    assert (1, 1) == (one["look"]["done"], one["planned"])
    assert {"batch": batch} == stopped.json
    assert 409 == late.status_code
    assert 404 == program.get(f"{PATH}/none").status_code
