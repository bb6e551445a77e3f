"""Every answer a write can get, and what follows: a look before it is sent again."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.store import attempts, lanes
from bridge.store.attempts import Attempt, State
from provisioning.simulator.faults import FAULTS as ANY_FAULT
from tests.bridge.seen import (
    LOOK,
    OPEN,
    PAY,
    SET,
    SETTLE,
    WINDOW,
    after_the_window,
    by_hand,
    credit,
    fields,
    hours,
    later,
    levels,
    paid,
    pay_by_hand,
    sums,
    writes,
)
from tests.engines import on_sqlite
from tests.rig import DEADLINE, Rig

GRANTED = {"due": "5.00", "granted": "5.00"}
ARRIVED = GRANTED | {"paid": "10.00", "applied": "10.00"}
HELD = GRANTED | {"paid": "10.00", "held": "10.00"}


PUT_OFF = "[20.0]"
"""Seconds: what is put off is so in a run on a busy machine, and not half a window."""


class PowerCut(BaseException):
    """Ends the walk where it stands."""


def cut():
    raise PowerCut


def restarted(rig):
    """A new process on the same database, as `serve` starts it."""
    again = Rig(rig.path, rig.clock)
    with again.database.change() as tx:
        lanes.free_all(tx, again.clock.now())
    return again


@pytest.fixture
def account(open_account):
    return open_account(settle=SETTLE, retry=PUT_OFF)


# --- every fault of a write: at once, before the window ends, and after it

NEVER_SENT = ("working", "done", "done", 2)
NO_EFFECT = ("unsure", "unsure", "done", 2)
EFFECT = ("unsure", "done", "done", 1)
CLEAR = ("done", "done", "done", 1)
FAULTS = {
    "error_object_200": NO_EFFECT,
    "empty_200": NO_EFFECT,
    "redirect": NO_EFFECT,
    "bare_true": EFFECT,
    "truncated_body": EFFECT,
    "stale_read": EFFECT,
    "json_string": CLEAR,
    "one_element": CLEAR,
    "id_as_string": CLEAR,
    "latin1": CLEAR,
    "key_expired": NEVER_SENT,
    "disabled_429": NEVER_SENT,
    "html_200": NO_EFFECT,
    "html_200_applied": EFFECT,
    "reset_before": NO_EFFECT,
    "reset_after_apply": EFFECT,
    "slow_then_applied": EFFECT,
    "slow_not_applied": NO_EFFECT,
    "echo_lies": NO_EFFECT,
    "error_object_500": NO_EFFECT,
    "unauthorised_401": NEVER_SENT,
    "bad_status_line": EFFECT,
}
"""Fate at once, after half the window, after all of it; and how often it was sent."""


def told(rig, simulator, event):
    """The event's fate at once, at half the window and after it."""
    fates = []
    for seconds in (0, WINDOW / 2 + 1, WINDOW / 2 + 1):
        later(rig, simulator, seconds)
        rig.run()
        fates.append(rig.fates()[event])
    return tuple(fates)


def strike(rig, simulator, fault, method, impatient):
    if fault.startswith("slow"):
        impatient(rig)
    simulator.plant(fault, method, seconds=20)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_sum_arrives_once_whatever_the_backend_answers(account, impatient, fault):
    """U9: looked for before it is sent again; before the window ends only "arrived"."""
    # Guard off (sent again without a look): red for all that lands.
    rig, simulator = account
    *fates, sent = FAULTS[fault]
    before = len(simulator.journal)
    strike(rig, simulator, fault, PAY, impatient)
    rig.topup("2")

    assert tuple(fates) == told(rig, simulator, "topup-2")
    assert [PAY] * sent == writes(simulator, before)
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]
    assert (ARRIVED, "15.00") == (sums(rig), credit(simulator))
    assert not rig.unsure()


@pytest.mark.parametrize("fault", FAULTS)
def test_an_account_is_opened_once_whatever_the_backend_answers(make, impatient, fault):
    """U1: found by its name before it is made again, and its money follows once."""
    rig, simulator = make(settle=SETTLE, retry=PUT_OFF)
    *fates, sent = FAULTS[fault]
    strike(rig, simulator, fault, OPEN, impatient)
    rig.order()

    assert tuple(fates) == told(rig, simulator, "order")
    assert [*[OPEN] * sent, PAY] == writes(simulator)
    assert [(True, 5, "1")] == [levels(simulator, user) for user in simulator.users]
    assert (GRANTED, "5.00") == (sums(rig), credit(simulator))
    assert not rig.unsure()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_ends_as_it_was_meant_whatever_the_backend_answers(
    account, impatient, fault
):
    """U3: read back, and written again only when the first can no longer land."""
    rig, simulator = account
    *fates, sent = FAULTS[fault]
    before = len(simulator.journal)
    strike(rig, simulator, fault, SET, impatient)
    rig.say("suspend", at=hours(1), id_="suspend")

    assert tuple(fates) == told(rig, simulator, "suspend")
    assert [SET] * sent == writes(simulator, before)
    assert ((False, 5, "1"), "5.00") == (levels(simulator), credit(simulator))
    assert not rig.unsure()


@pytest.mark.parametrize("no", ["refuse", "refuse_no_reason", "not_allowed_405"])
def test_a_refused_change_waits_for_a_person(account, no):
    """U3: the backend says no to a level: parked, with its words, and not repeated."""
    rig, simulator = account
    before = len(simulator.journal)
    simulator.plant(no, SET)
    rig.say("suspend", at=hours(1), id_="suspend")

    assert ("parked",) * 3 == told(rig, simulator, "suspend")
    assert [SET] == writes(simulator, before)
    assert "refused" == rig.why("suspend")


def test_a_sum_that_was_wiped_is_for_a_person(account):
    """U9: paid and then lost, nobody can tell by the balance: it is not paid again."""
    # Guard off (ended as absent, not handed over): red, paid twice.
    rig, simulator = account
    before = len(simulator.journal)
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")

    assert ("unsure", "unsure", "parked") == told(rig, simulator, "topup-2")
    assert [PAY] == writes(simulator, before)
    assert [State.PERSON] == [one.state for one in rig.unsure()]
    assert HELD == sums(rig)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("fault", "had"),
    [("duplicate_submit", "0.4"), ("rounds_credit", "0.4"), ("rounds_credit", "0.6")],
)
def test_a_sum_that_arrived_as_another_stops_money(open_account, listed, fault, had):
    """U9: sent on twice by a proxy, or rounded: seen, and nothing is sent after it."""
    # Guard off (`moved` says nothing, any rise counts as arrived): red, both booked.
    rig, simulator = open_account(listed=listed, settle=SETTLE)
    pay_by_hand(rig, simulator, 1, had)
    before = len(simulator.journal)
    simulator.plant(fault, PAY)
    rig.topup("2")
    told(rig, simulator, "topup-2")
    rig.topup("3")
    rig.run()

    assert [PAY] == writes(simulator, before)
    assert "parked" == rig.fates()["topup-3"]
    assert rig.unsure() or rig.account().money_stopped


def test_an_account_a_proxy_sent_on_twice_is_found_and_used(make):
    """U1: the second is refused by its name, and it is ours all the same."""
    rig, simulator = make(settle=SETTLE)
    simulator.plant("duplicate_submit", OPEN)
    rig.order()

    assert ("done",) * 3 == told(rig, simulator, "order")
    assert [OPEN, PAY] == writes(simulator)
    assert (GRANTED, "5.00") == (sums(rig), credit(simulator))


def test_a_sum_that_arrived_and_was_lost_is_never_taken_for_absent(account):
    """U9: lower than usage explains, the balance proves nothing; a person must say."""
    # Guard off (no floor under absent): red, paid twice.
    rig, simulator = account
    before = len(simulator.journal)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    pay_by_hand(rig, simulator, 1, "-15.00")

    assert ("unsure", "unsure", "parked") == told(rig, simulator, "topup-2")
    assert [PAY, PAY] == writes(simulator, before)  # ours, and the one by hand
    assert [State.PERSON] == [one.state for one in rig.unsure()]


def test_an_answered_sum_and_an_empty_account_are_for_a_person(open_account):
    """U9: it said yes, and nothing is left: usage, or a wipe; nobody can tell."""
    # Guard off (answered counts for nothing): red, paid twice.
    rig, simulator = open_account(rate="0.02", settle=SETTLE)
    before = len(simulator.journal)
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")

    assert ("unsure", "unsure", "parked") == told(rig, simulator, "topup-2")
    assert [PAY] == writes(simulator, before)


def test_while_one_sum_waits_for_a_person_no_other_is_sent(account):
    """U9: the next one could not be told apart from it; levels go on."""
    rig, simulator = account
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")
    told(rig, simulator, "topup-2")
    before = len(simulator.journal)
    rig.topup("3")
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()

    assert [SET] == writes(simulator, before)
    assert ("parked", "held_unsure") == (rig.fates()["topup-3"], rig.why("topup-3"))
    assert "done" == rig.fates()["suspend"]


def test_where_the_backend_lists_payments_the_list_decides(open_account):
    """U9: by its reference a sum is found even where the balance was wiped."""
    rig, simulator = open_account(listed=True, settle=SETTLE)
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")
    rig.run()

    assert "done" == rig.fates()["topup-2"]
    assert ARRIVED == sums(rig)


def test_where_list_and_balance_disagree_a_person_must_say(open_account):
    """U9: not listed, and there all the same: neither witness is believed alone."""
    rig, simulator = open_account(listed=True, settle=SETTLE)
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    pay_by_hand(rig, simulator, 1, "10.00")
    after_the_window(rig, simulator)

    assert [State.PERSON] == [one.state for one in rig.unsure()]


def test_a_list_that_is_none_leaves_it_to_a_person(account):
    """V5: when the window ends somebody must say; it is not looked for for ever."""
    rig, simulator = account
    written = rig.path.read_text()
    no_list = 'longest_call = 1\npayments = "User_Get"'
    rig.path.write_text(written.replace("longest_call = 1", no_list))
    misled = restarted(rig)
    misled.topup("2")
    misled.run()
    for _ in range(3):
        after_the_window(misled, simulator)

    assert [State.PERSON] == [one.state for one in misled.unsure()]


def test_without_a_known_rate_an_absent_sum_is_for_a_person(open_account):
    """U9: where usage could explain anything, nothing is ever concluded absent."""
    rig, simulator = open_account(rate=None, settle=SETTLE)
    before = len(simulator.journal)
    simulator.plant("reset_before", PAY)
    rig.topup("2")

    assert ("unsure", "unsure", "parked") == told(rig, simulator, "topup-2")
    assert [PAY] == writes(simulator, before)
    assert [State.PERSON] == [one.state for one in rig.unsure()]


# --- looking

BLIND = {
    ("one_element", 1),
    ("campaign_list_lies", 1),
    ("redirect", 1),
    ("write_wipes_credit", 1),
}
"""What a person must see: no account behind a yes, a moved server, a lost balance."""


@on_sqlite
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("fault", ANY_FAULT)
def test_whatever_befalls_a_look_no_sum_is_sent_for_it_twice(
    open_account, impatient, fault, nth
):
    """U9: before the sum or after it: a look that failed proves nothing."""
    # Guard off (a look that failed counts as absent): red, 20 of them are paid twice.
    deadline = 0.5 if fault.startswith("slow") else DEADLINE
    rig, simulator = open_account(settle=SETTLE, call_deadline=deadline)
    simulator.plant(fault, LOOK, nth=nth, seconds=20)
    rig.topup("2")
    last = told(rig, simulator, "topup-2")[-1]

    assert ("parked" if (fault, nth) in BLIND else "done") == last
    assert (ARRIVED if last == "done" else HELD) == sums(rig)
    assert len(paid(simulator)[1:]) <= 1


def test_nothing_at_all_is_sent_while_a_sum_is_unsure(account):
    """U9: other sums and levels wait until the window ends."""
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    before = len(simulator.journal)
    rig.topup("3")
    rig.say("suspend", at=hours(1), id_="suspend")
    later(rig, simulator, WINDOW - 5)
    rig.run()
    during = writes(simulator, before), levels(simulator)
    later(rig, simulator, 6)
    rig.run()

    assert ([], (True, 5, "1")) == during
    assert [SET, PAY, PAY] == writes(simulator, before)
    assert {"done"} == set(rig.fates().values())


def test_the_window_survives_a_restart(account):
    """U9: a new process looks first, and waits as long as the old one would have."""
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    before = len(simulator.journal)
    again = restarted(rig)
    later(again, simulator, WINDOW - 5)
    again.wake_all()
    again.run()
    during = writes(simulator, before)
    later(again, simulator, 6)
    again.run()

    assert [] == during
    assert [PAY] == writes(simulator, before)
    assert ARRIVED == sums(again)


@pytest.mark.parametrize(
    ("where", "sent"), [("before send", 1), ("after send", 1), ("intent noted", 1)]
)
def test_what_a_power_cut_left_open_is_looked_for_first(
    account, at_boundary, where, sent
):
    """U9: on record before it leaves, so the next process knows what to look for."""
    rig, simulator = account
    before = len(simulator.journal)
    at_boundary(where, cut)
    rig.topup("2")
    with pytest.raises(PowerCut):
        rig.run()
    again = restarted(rig)
    again.run()
    later(again, simulator, WINDOW + 1)
    again.run()

    assert [PAY] * sent == writes(simulator, before)
    assert ARRIVED == sums(again)


def test_a_late_effect_is_waited_for(account, impatient):
    """F-B3: absent at the first look is not absent: it lands just before the end."""
    # Guard off (no window): red, paid twice.
    rig, simulator = account
    before = len(simulator.journal)
    impatient(rig)
    simulator.plant("slow_then_applied", PAY, seconds=WINDOW - 1)
    rig.topup("2")

    assert ("unsure", "unsure", "done") == told(rig, simulator, "topup-2")
    assert [PAY] == writes(simulator, before)


def test_a_backend_that_lies_three_times_is_broken(account):
    """F-B14: it says yes and does nothing, three times over: a person must look."""
    rig, simulator = account
    before = len(simulator.journal)
    simulator.plant("echo_lies", PAY, times=9)
    rig.topup("2")
    for _ in range(6):
        rig.run()
        later(rig, simulator, WINDOW + 1)

    assert [PAY] * 3 == writes(simulator, before)
    assert ("parked", "broken") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert HELD == sums(rig)


def test_what_burns_while_a_read_is_slow_is_usage_too(open_account):
    """U9: a read of 1.9 s with calls running must not turn arrived into absent."""
    rig, simulator = open_account(rate="0.02", settle=100 - 2 * DEADLINE)
    simulator.start_traffic(1, campaigns=1, concurrent=5, call_seconds=1)
    later(rig, simulator, 3.7)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    later(rig, simulator, 100)
    simulator.plant("slow_then_applied", LOOK, seconds=1.9)
    with ThreadPoolExecutor(1) as aside:
        aside.submit(answered_late, rig, simulator, 1.9)
        rig.run()
    rig.wait(1)
    rig.run()

    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def answered_late(rig, simulator, seconds):
    """The read under way is answered so much later, on both clocks."""
    while simulator.journal[-1].fault != "slow_then_applied":
        time.sleep(0.005)
    later(rig, simulator, seconds)


def test_calls_begun_under_a_higher_cap_are_usage_too(open_account):
    """U9, D17: the cap was 50 a moment ago; what those calls cost is no absence."""
    rig, simulator = open_account(rate="0.02", settle=100 - 2 * DEADLINE)
    pay_by_hand(rig, simulator, 1, "20.00")
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "50"})
    simulator.start_traffic(1, campaigns=1, concurrent=50, call_seconds=1)
    later(rig, simulator, 0.3)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    later(rig, simulator, 100.5)
    rig.run()
    rig.wait(1)
    rig.run()

    assert [("shop:2/topup", "10.00")] == [p for p in paid(simulator) if "2/" in p[0]]


@pytest.mark.parametrize("looks", [1, 4], ids=["at its end", "all along"])
def test_an_unsure_sum_of_an_account_that_vanished_goes_to_a_person(account, looks):
    """V5: nobody can look any more, so when the window ends a person is asked."""
    rig, simulator = account
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    by_hand(simulator, "User_Delete", user_id=1)
    for _ in range(looks):
        later(rig, simulator, (WINDOW + 4) / looks)
        rig.run()

    assert [State.PERSON] == [one.state for one in rig.unsure()]


def test_an_unsure_change_of_an_account_that_vanished_ends(account):
    """V5: nothing can land on it any more: it is not listed as unsure for ever."""
    rig, simulator = account
    simulator.plant("reset_before", SET)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    by_hand(simulator, "User_Delete", user_id=1)
    for _ in range(4):
        later(rig, simulator, WINDOW)
        rig.run()

    assert [] == rig.unsure()
    assert "parked" == rig.fates()["suspend"]


def test_a_stranger_under_our_accounts_id_is_not_switched_off_either(account):
    """U1: renamed while a sum is unsure, not even an abuse hold may touch it."""
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    by_hand(simulator, SET, user_id=1, user={fields(rig)["username"]: "lan"})
    before = len(simulator.journal)
    rig.say("suspend", at=hours(1), id_="abuse", billing={"hold": "abuse"})
    rig.run()
    later(rig, simulator, WINDOW + 1)
    rig.run()

    assert [] == writes(simulator, before)
    assert (True, 5, "1") == levels(simulator)


# --- abuse goes first


def test_an_abuse_hold_does_not_wait_for_a_sum(account):
    """D29: switched off at once; whether the open sum arrived is for a person now."""
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    rig.say("suspend", at=hours(1), id_="abuse", billing={"hold": "abuse"})
    rig.run()

    assert (False, 5, "1") == levels(simulator)
    assert [State.PERSON] == [one.state for one in rig.unsure()]
    assert "done" == rig.fates()["abuse"]
    assert HELD == sums(rig)


def test_an_abuse_hold_overtakes_a_change_that_may_still_land(account, impatient):
    """D29: and when the older change lands after all, the switch is set again."""
    rig, simulator = account
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    impatient(rig)
    simulator.plant("slow_then_applied", SET, seconds=40)
    rig.say("resume", at=hours(2), id_="resume")
    rig.run()
    later(rig, simulator, 1)
    rig.say("suspend", at=hours(3), id_="abuse", billing={"hold": "abuse"})
    rig.run()
    later(rig, simulator, WINDOW + 1)
    rig.run()

    assert (False, 5, "1") == levels(simulator)
    assert {"done"} == set(rig.fates().values())


# --- the moment of sending


def test_what_would_leave_too_late_does_not_leave(account, at_boundary):
    """U9: the clock jumped between note and send: nothing is sent.

    What left later than noted would land when nobody looks for it any more.
    """
    # Guard off (deadline not checked last): red.
    rig, simulator = account
    before = len(simulator.journal)
    at_boundary("intent noted", lambda: rig.wait(10))
    rig.topup("2")
    rig.run()
    at_once = writes(simulator, before)
    rig.wait(21)
    rig.run()

    assert [] == at_once
    assert [State.LATER, State.DONE] == [a.state for a in rig.attempts()][-2:]
    assert [PAY] == writes(simulator, before)


def steal(rig):
    """Another worker takes the lane when our lease has run out."""

    def act():
        rig.wait(60)
        with rig.database.change() as tx:
            lanes.reap(tx, rig.clock.now())
            assert lanes.claim(tx, rig.clock.now(), timedelta(seconds=30))

    return act


def test_a_worker_that_lost_its_lane_keeps_nothing(account, at_boundary):
    """F-A5: its call had an effect; the new holder finds that."""
    # Guard off (no token in the lane's WHERE): red, booked by both.
    rig, simulator = account
    before = len(simulator.journal)
    at_boundary("after send", steal(rig))
    rig.topup("2")
    rig.run()
    after = sums(rig), rig.attempts()[-1].state
    rig.wait(60)
    rig.run()

    assert (HELD, State.INTENT) == after
    assert ARRIVED == sums(rig)
    assert [PAY] == writes(simulator, before)


def test_a_worker_that_lost_its_lane_sends_nothing(account, at_boundary):
    """F-A5: noticed when it wants to put its intent on record."""
    rig, simulator = account
    before = len(simulator.journal)
    at_boundary("planned", steal(rig))
    rig.topup("2")
    rig.run()

    assert [] == writes(simulator, before)
    assert GRANTED == sums(rig)


def test_the_database_refuses_a_second_write_in_flight(account):
    """V8: one at a time on one account, whatever the code above it believes."""
    # Guard off (index not unique): red.
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    [open_] = rig.unsure()
    values = {name: getattr(open_, name) for name in Attempt.__slots__ if name != "id"}
    second = Attempt(**values | {"state": State.INTENT})

    with pytest.raises(sa.exc.IntegrityError), rig.database.change() as tx:
        attempts.begin(tx, second)


def test_an_attempt_ends_once(account):
    """V2: what is closed stays closed, so that no sum is booked twice."""
    rig, _ = account
    done = rig.attempts()[-1]

    with pytest.raises(LookupError), rig.database.change() as tx:
        attempts.end(tx, done.id, State.ABSENT, "again", rig.clock.now())


def test_the_amount_is_frozen_when_it_is_noted(account):
    """U9: a retry sends what was noted, not what a changed catalog would say now."""
    rig, simulator = account
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    written = rig.path.read_text()
    rig.path.write_text(written.replace('credit = "10.00 USD"', 'credit = "99.00 USD"'))
    again = restarted(rig)
    again.sells()
    later(again, simulator, WINDOW + 1)
    again.run()

    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


# --- the balance moves as nothing explains


def other_account(rig):
    rig.order("9", id_="order-9", line="9", client="9", package="plain")
    rig.run()


def test_a_balance_that_rose_by_itself_stops_money_and_only_money(account, at_boundary):
    """F-B14: during a level write somebody paid: no more money there, levels go on."""
    rig, simulator = account
    other_account(rig)
    at_boundary("before send", lambda: pay_by_hand(rig, simulator, 1, "3.00"))
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    before = len(simulator.journal)
    rig.topup("2")
    rig.topup("10", client="9")
    rig.say("resume", at=hours(2), id_="resume")
    rig.run()

    assert ("parked", "held_money_stopped") == (
        rig.fates()["topup-2"],
        rig.why("topup-2"),
    )
    assert "done" == rig.fates()["topup-10"]
    assert [PAY, SET] == sorted(writes(simulator, before))
    assert (True, 5, "1") == levels(simulator)


def test_a_level_write_that_wipes_the_balance_stops_money(account):
    """F-B14: the switch is as it should be, and the loss is said in figures."""
    rig, simulator = account
    simulator.plant("write_wipes_credit", SET)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    rig.topup("2")
    rig.run()

    assert (False, 5, "1") == levels(simulator)
    assert "the balance went from 5 to 0" in rig.account().money_stopped
    assert HELD == sums(rig)


def test_a_fall_that_usage_explains_stops_nothing(open_account):
    """U8: calls billed during a level write are no divergence."""
    rig, simulator = open_account(rate="0.02")
    simulator.start_traffic(1, campaigns=1, concurrent=5, call_seconds=1)
    for no, word in enumerate(("suspend", "resume"), start=1):
        later(rig, simulator, 3)
        rig.say(word, at=hours(no), id_=word)
        rig.run()

    assert rig.account().money_stopped is None
    assert Decimal(credit(simulator)) < 5
