"""The line is cut, the bridge dies, answers are lost: nothing else is, nor twice."""

import time

import pytest

from tests.bridge.seen import OPEN, calls, credit, levels
from tests.hooks.whmcs.conftest import QUICK, until
from tests.hooks.whmcs.relay import CUT, LOSE, PASS

pytestmark = pytest.mark.timeout(180)


def ordered(on):
    return on.shop.order(on.shop.product("starter"), 4711)


def test_a_bridge_that_is_down_hears_it_from_the_cron(stage):
    """U1, U12: an error now, the queue shows it, the outbox sends it, Retry ends it."""
    # Guard off (nothing written before it is sent): red, nobody ever tells it.
    on = stage()
    on.relay.mode = CUT
    said, *_ = on.shop.pay(ordered(on))
    assert "sent again by the cron" in said
    assert ("Pending", []) == (on.shop.state(4711), on.shop.log("mail"))
    assert [("4711", "CreateAccount")] == on.shop.waiting()

    on.relay.mode = PASS
    on.shop.hook("AfterCronJob")
    assert {"done"} == set(on.settled().values())
    assert "success" == on.shop.call("CreateAccount", 4711)
    assert ("Active", []) == (on.shop.state(4711), on.shop.waiting())
    assert 1 == len(on.simulator.users)
    assert "5.00" == credit(on.simulator)


def test_a_lost_success_is_heard_by_a_retry(stage):
    """U1, U12: a clicked Retry is the same operation, so it is no second account."""
    # Guard off (each call counts on): red, the retry is another event.
    on = stage()
    on.relay.mode = LOSE
    said, *_ = on.shop.pay(ordered(on))
    assert "cannot be reached" in said
    on.settled()

    on.relay.mode = PASS
    assert "success" == on.shop.call("CreateAccount", 4711)
    ids = {id_ for id_, told in on.relay.told if told["type"] == "service.activate"}
    assert {"whmcs-4711-1"} == ids
    assert 1 == len(on.simulator.users)


def test_a_php_that_dies_while_it_waits_loses_nothing(stage):
    """U1, U12: the web server's limit, or its kill; what it said was written before."""
    on = stage()
    on.simulator.plant("slow_then_applied", OPEN, seconds=3.0)
    ordered(on)
    process = on.shop.begin("call", function="CreateAccount", ref="4711")
    until(lambda: OPEN in calls(on.simulator))
    process.kill()
    process.communicate()

    assert "success" == on.shop.call("CreateAccount", 4711)
    assert 1 == len(on.simulator.users)
    assert {"whmcs-4711-1": "ended"} == on.shop.outbox()


def test_a_bridge_that_is_killed_in_the_middle_ends_it_by_itself(stage):
    """U1, U12: WHMCS hears an error; the next who asks hears that it is done."""
    on = stage(outside=True, **QUICK)
    on.simulator.plant("slow_then_applied", OPEN, seconds=1.5)
    process = on.shop.begin("pay", invoice=ordered(on))
    until(lambda: OPEN in calls(on.simulator))
    on.bridge.kill()
    said, *_ = on.shop.end(process)
    assert "success" != said
    assert "Pending" == on.shop.state(4711)

    on.bridge.serve()
    on.shop.hook("AfterCronJob")
    until(lambda: on.settled().get("whmcs-4711-1") == "done",
          lambda: str(on.rig.fates()))  # fmt: skip
    assert "success" == on.shop.call("CreateAccount", 4711)
    assert ("Active", 1) == (on.shop.state(4711), len(on.simulator.users))


def test_a_create_that_takes_longer_says_that_it_will_end_by_itself(stage):
    """I2: not active, no mail with a login that is not there; a Retry finds the end."""
    on = stage(**QUICK)
    on.simulator.plant("error_object_500", OPEN)
    said, *_ = on.shop.pay(ordered(on))

    assert "will finish by itself" in said, said
    assert ("Pending", []) == (on.shop.state(4711), on.shop.log("mail"))
    on.done()
    assert "success" == on.shop.call("CreateAccount", 4711)
    assert 1 == len(on.simulator.users)


def test_where_it_was_chosen_a_create_under_way_is_a_success(stage):
    """I2: `create = "success"` of the source; the mail waits for the account still."""
    on = stage(**QUICK, more='create = "success"')
    on.simulator.plant("error_object_500", OPEN)

    assert ["success"] == on.shop.pay(ordered(on))
    assert ("Active", []) == (on.shop.state(4711), on.shop.log("mail"))
    on.done()
    assert 1 == len(on.simulator.users)


def test_what_is_no_create_is_the_bridges_once_it_has_it(stage):
    """U3: a suspension that must wait for its backend is kept, so it is a success."""
    on = stage(**QUICK)
    on.sold()
    on.settled()
    on.simulator.plant("error_object_500", "User_Update")

    assert "success" == on.shop.call("SuspendAccount", 4711)
    on.done()
    assert not levels(on.simulator)[0]


def test_a_create_after_a_termination_is_a_new_one(stage):
    """U4, U12: also where nobody heard how the first one ended."""
    # Guard off (the same words, whatever was said since): red, it is the first again.
    on = stage(**QUICK)
    on.simulator.plant("error_object_500", OPEN)
    said, *_ = on.shop.pay(ordered(on))
    assert "success" != said
    on.done()
    assert "success" == on.shop.call("TerminateAccount", 4711)
    on.shop.call("CreateAccount", 4711)
    ids = [id_ for id_, told in on.relay.told if told["type"] == "service.activate"]

    assert ["whmcs-4711-1", "whmcs-4711-3"] == ids


def test_what_has_ended_and_was_heard_is_said_anew(stage):
    """U3, U12: staff may have lifted it at the bridge meanwhile."""
    # Guard off (the same words are always the same event): red.
    on = stage()
    on.sold()
    for _ in range(2):
        assert "success" == on.shop.call("SuspendAccount", 4711)
    ids = [id_ for id_, told in on.relay.told if told["type"] == "service.suspend"]

    assert ["whmcs-4711-3", "whmcs-4711-4"] == ids


def test_a_slow_line_is_waited_for(stage):
    """U12: three seconds more on the way are no failure."""
    on = stage()
    on.relay.delay, invoice = 3.0, ordered(on)
    began = time.monotonic()
    process = on.shop.begin("pay", invoice=invoice)
    until(lambda: on.relay.told)
    on.relay.delay = 0.0

    assert ["success"] == on.shop.end(process)
    assert time.monotonic() - began > 3.0
