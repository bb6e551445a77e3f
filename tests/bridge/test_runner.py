"""One account in line: what is sent for each word, and that nothing is sent twice."""

import json
import socket
from decimal import Decimal

import pytest

from bridge import desk
from bridge.store import operations
from provisioning.simulator import Server, Settings
from tests import triggers
from tests.bridge.seen import (
    LOOK,
    OPEN,
    PAY,
    SET,
    SETTLE,
    after_the_window,
    by_hand,
    calls,
    credit,
    due_in,
    fields,
    hours,
    later,
    levels,
    paid,
    sums,
    writes,
)
from tests.days import months_on
from tests.rig import Rig, random_names

GRANTED = {"due": "5.00", "granted": "5.00"}
MONTH = months_on(1).isoformat()


def named(rig, event):
    with rig.database.read() as tx:
        return operations.of_events(tx, "shop", [event])[0]


def reason(rig, event):
    return dict(named(rig, event).why.parts)["reason"]


def retry(rig, event):
    with rig.database.change() as tx:
        desk.retry(tx, named(rig, event).name, rig.clock.now())


def pointed_at(rig, url):
    """The same bridge and database, with the backend at another address."""
    written = rig.path.read_text()
    [old] = [line for line in written.splitlines() if line.startswith("url = ")]
    rig.path.write_text(written.replace(old, f'url = "{url}"'))
    return Rig(rig.path, rig.clock), old.removeprefix('url = "').removesuffix('"')


class Nowhere:
    """An address where nobody listens: bound, so that nobody else gets it."""

    def __init__(self):
        self._held = socket.socket()
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def taken_by(self, settings):
        self.close()
        return Server(self.port, settings)

    def close(self):
        self._held.close()


@pytest.fixture
def nowhere():
    place = Nowhere()
    yield place
    place.close()


# --- U1: an order becomes an account


def test_a_paid_order_becomes_a_live_account_with_the_fewest_calls(pair):
    """U1: find, create, read back; pay the free credit, read back: five calls."""
    rig, simulator = pair
    rig.order()
    rig.run()

    assert {"order": "done"} == rig.fates()
    assert [LOOK, OPEN, LOOK, PAY, LOOK] == calls(simulator)
    assert ((True, 5, "1"), "5.00") == (levels(simulator), credit(simulator))
    assert GRANTED == sums(rig)


def test_nothing_is_done_a_second_time(opened):
    """U1: told again and woken again, it looks once and leaves all as it is."""
    rig, simulator = opened
    before = len(simulator.journal)
    rig.order()
    rig.wake_all()
    rig.run()

    assert [LOOK] == calls(simulator, before)
    assert GRANTED == sums(rig)


def test_an_order_told_under_another_id_is_the_same_order(opened):
    """U1: the line is what was paid, not the delivery: no second account or grant."""
    rig, simulator = opened
    before = len(simulator.journal)
    rig.order(id_="order-again")
    rig.run()

    assert [LOOK] == calls(simulator, before)
    assert "done" == rig.fates()["order-again"]


def test_the_address_is_told_to_the_backend(pair):
    """I2: the e-mail of the order is the account's at the backend."""
    rig, simulator = pair
    rig.post("order", "service.activate", service={"ref": "1", "plan_ref": "plain"},
             account={"ref": "7", "email": "lan@example.com"},
             billing={"line_ref": "1"})  # fmt: skip
    rig.run()

    assert "lan@example.com" == simulator.users[1].email


# --- U2: renewals


def test_a_renewal_told_by_two_roads_grants_once(opened):
    """U2: one road names the line, the other the period; it is one paid period."""
    rig, simulator = opened
    rig.post("invoice", "service.renewed", hours(1), billing={"line_ref": "4"},
             service={"ref": "1", "period_start": MONTH})  # fmt: skip
    rig.run()
    rig.post("renew", "service.renewed", hours(2),
             service={"ref": "1", "period_start": MONTH})  # fmt: skip
    rig.run()

    assert {"order": "done", "invoice": "done", "renew": "done"} == rig.fates()
    assert [("shop:1/free/1/0/0", "5.00"), ("shop:1/free/2/0/0", "5.00")
            ] == paid(simulator)  # fmt: skip


def test_each_paid_period_grants_anew(opened):
    """U2, I6: what a period brings comes once for each; what was left persists."""
    rig, simulator = opened
    for no, month in enumerate((1, 2), start=4):
        sold = {"ref": "1", "period_start": months_on(month).isoformat()}
        rig.post(f"renewed-{no}", "service.renewed", hours(no), service=sold,
                 billing={"line_ref": str(no)})  # fmt: skip
        rig.run()

    assert "15.00" == credit(simulator)
    assert {"due": "15.00", "granted": "15.00"} == sums(rig)


# --- U3, U4: off, on, over


def test_suspended_is_off_and_resumed_is_on_as_it_was(opened):
    """U3: one write each, and nothing but the switch is written."""
    rig, simulator = opened
    rig.topup("2")
    rig.run()
    before = len(simulator.journal)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    off = levels(simulator)
    rig.say("resume", at=hours(2), id_="resume")
    rig.run()

    assert (False, 5, "1") == off
    assert (True, 5, "1") == levels(simulator)
    assert "15.00" == credit(simulator)
    assert [LOOK, SET, LOOK] * 2 == calls(simulator, before)
    assert [{fields(rig)["active"]}] * 2 == [
        set(json.loads(entry.arguments["user"]))
        for entry in simulator.journal
        if entry.method == SET
    ]


def test_resume_lifts_only_its_own_hold(opened):
    """D29: paid again does not switch on what was switched off for abuse."""
    rig, simulator = opened
    for no, (word, hold) in enumerate(
        (("suspend", "billing"), ("suspend", "abuse"), ("resume", "billing")), start=1
    ):
        rig.say(word, at=hours(no), id_=f"word-{no}", billing={"hold": hold})
        rig.run()
    still_off = levels(simulator)
    rig.say("resume", at=hours(4), id_="word-4", billing={"hold": "abuse"})
    rig.run()

    assert (False, 5, "1") == still_off
    assert (True, 5, "1") == levels(simulator)


def test_a_top_up_applies_while_suspended(opened):
    """D29: money is not held because the service is."""
    rig, simulator = opened
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.topup("2")
    rig.run()

    assert ((False, 5, "1"), "15.00") == (levels(simulator), credit(simulator))


def test_terminated_is_switched_off_and_kept(opened):
    """U4, D26: the account, its data and its bought balance stay."""
    rig, simulator = opened
    rig.topup("2")
    rig.run()
    simulator.start_traffic(1, campaigns=2)
    rig.say("terminate", at=hours(1), id_="terminate")
    rig.run()

    assert "done" == rig.fates()["terminate"]
    assert ((False, 5, "1"), "14.96") == (levels(simulator), credit(simulator))
    assert ["paused", "paused"] == [c.status for c in simulator.campaigns.values()]


def test_money_after_the_end_is_held(opened):
    """U4, U9: a top-up of a terminated service is booked, held, and says so."""
    rig, simulator = opened
    rig.say("terminate", at=hours(1), id_="terminate")
    rig.run()
    before = len(simulator.journal)
    rig.topup("2")
    rig.run()

    assert [] == writes(simulator, before)
    assert GRANTED | {"paid": "10.00", "held": "10.00"} == sums(rig)
    assert ("parked", "held_no_service") == (rig.fates()["topup-2"], rig.why("topup-2"))


def test_held_money_arrives_when_the_service_lives_again(opened):
    """U9: activated anew, the account gets what was held, once."""
    rig, simulator = opened
    rig.say("terminate", at=hours(1), id_="terminate")
    rig.topup("2")
    rig.run()
    rig.post("again", "service.activate", hours(2), account={"ref": "7"},
             service={"ref": "1", "plan_ref": "starter"})  # fmt: skip
    rig.run()

    assert (True, 5, "1") == levels(simulator)
    assert {"10.00"} == {amount for key, amount in paid(simulator) if "shop:2" in key}
    assert {"done"} == set(rig.fates().values())


def test_ended_before_it_was_made_is_never_made(pair):
    """U4: ended before its account was opened, a service needs none; money waits."""
    rig, simulator = pair
    rig.order()
    rig.say("terminate", at=hours(1), id_="terminate", account={"ref": "7"})
    rig.run()

    assert {"order": "parked", "terminate": "done"} == rig.fates()
    assert {"due": "5.00", "owed": "5.00"} == sums(rig)
    assert [] == writes(simulator)


def test_a_late_word_changes_nothing(opened):
    """U3: an older word never overrides a newer one; it is said so."""
    rig, simulator = opened
    rig.say("terminate", at=hours(5), id_="terminate")
    rig.run()
    before = len(simulator.journal)
    rig.post("late", "service.activate", hours(4), account={"ref": "7"},
             service={"ref": "1", "plan_ref": "starter"})  # fmt: skip
    rig.run()

    assert ("superseded", "newer_word") == (rig.fates()["late"], rig.why("late"))
    assert [] == writes(simulator, before)
    assert not levels(simulator)[0]


# --- U6, U7: levels on a real wire


def test_channels_and_tariff_are_on_the_wire_and_read_back(pair):
    """U6, U7: the very first write has both; there is no moment without a limit."""
    rig, simulator = pair
    wire = fields(rig)
    rig.order(package="plain")
    rig.run()
    [made] = [e for e in simulator.journal if e.method == OPEN]
    told = json.loads(made.arguments["user"])

    assert (2, "2") == (told[wire["channels"]], told[wire["tariff"]])
    assert (True, 2, "2") == levels(simulator)


@pytest.mark.parametrize(
    ("name", "drifted"), [("channels", "50"), ("tariff", "2"), ("active", "off")]
)
def test_what_drifted_is_corrected_and_nothing_else_is_written(opened, name, drifted):
    """U6, U7, I5: changed by hand, one level is put right by the next run, alone."""
    rig, simulator = opened
    wire = fields(rig)
    by_hand(simulator, SET, user_id=1, user={wire[name]: wire.get(drifted, drifted)})
    assert (True, 5, "1") != levels(simulator)
    rig.wake_all()
    rig.run()

    assert (True, 5, "1") == levels(simulator)
    assert {wire[name]} == set(json.loads(simulator.journal[-2].arguments["user"]))


def test_the_ceiling_holds_however_many_campaigns_run(opened):
    """I5: three campaigns of six on a cap of five: never more than five calls up."""
    _, simulator = opened
    simulator.start_traffic(1, campaigns=3, concurrent=6)

    assert 5 == sum(campaign.up for campaign in simulator.campaigns.values())


# --- U8, U9: money, proven by balance


def test_credit_arrives_while_campaigns_burn_it(open_account):
    """U8, U9: with calls being billed the balance falls, and still proves the sums."""
    rig, simulator = open_account(rate="0.02")
    simulator.start_traffic(1, campaigns=3, concurrent=6, call_seconds=1)
    for no in (2, 3, 4):
        later(rig, simulator, 7)
        rig.topup(str(no))
        rig.run()

    assert {"paid": "30.00", "applied": "30.00"} | GRANTED == sums(rig)
    assert [f"shop:{no}/topup" for no in (2, 3, 4)] == [k for k, _ in paid(simulator)][
        1:
    ]
    assert Decimal(credit(simulator)) < 34
    assert not rig.unsure()


@pytest.mark.parametrize(
    ("fault", "sent"), [("reset_after_apply", 1), ("reset_before", 2)]
)
def test_a_lost_answer_is_told_apart_while_campaigns_burn(open_account, fault, sent):
    """U9: arrived or not is seen by the balance, within what usage can explain."""
    rig, simulator = open_account(rate="0.02", settle=20, call_deadline=2.0)
    simulator.start_traffic(1, campaigns=3, concurrent=6, call_seconds=1)
    later(rig, simulator, 5)
    simulator.plant(fault, PAY)
    rig.topup("2")
    rig.run()
    for _ in range(4):
        later(rig, simulator, 8)
        rig.run()

    assert "done" == rig.fates()["topup-2"]
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]
    assert [PAY] * (1 + sent) == [m for m in writes(simulator) if m == PAY]
    assert {"paid": "10.00", "applied": "10.00"} | GRANTED == sums(rig)


def test_price_credit_and_bonus_are_three_sums(opened):
    """I10: 24.00 is paid, 20.00 is credited, 2.00 is given; 24.00 is in no book."""
    rig, simulator = opened
    rig.topup("2", product="credit20")
    rig.run()

    assert [("shop:2/bonus", "2.00"), ("shop:2/topup", "20.00")] == sorted(
        paid(simulator)[1:]
    )
    assert {"paid": "20.00", "applied": "20.00", "due": "7.00", "granted": "7.00"
            } == sums(rig)  # fmt: skip


def test_three_of_a_kind_are_three_times_the_credit(opened):
    """I10: a line of quantity three is one sum of three times the credit."""
    rig, simulator = opened
    rig.post("topup", "topup.paid", account={"ref": "7"}, billing={"line_ref": "2"},
             service={"product_ref": "credit20", "quantity": 3})  # fmt: skip
    rig.run()

    assert [("shop:2/bonus", "6.00"), ("shop:2/topup", "60.00")] == sorted(
        paid(simulator)[1:]
    )


def test_one_line_is_paid_once_however_often_it_is_told(opened):
    """U9: two events about one invoice line are one top-up."""
    rig, simulator = opened
    rig.topup("2", id_="hook")
    rig.topup("2", id_="poll")
    rig.run()

    assert {"order": "done", "hook": "done", "poll": "done"} == rig.fates()
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_a_line_told_with_another_sum_waits_for_a_person(opened):
    """U9: the first booking stands, and nobody guesses what the second one is."""
    rig, simulator = opened
    rig.topup("2", id_="first")
    rig.run()
    rig.topup("2", id_="second", product="credit20")
    rig.run()

    assert ("parked", "line_differs") == (rig.fates()["second"], rig.why("second"))
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


# --- it goes wrong, and what follows


def test_a_refused_sum_is_put_aside_and_others_go_on(open_account):
    """U9: a no is believed when the window has passed without it; the next arrives."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.topup("3")
    rig.run()
    during = rig.fates()
    after_the_window(rig, simulator)

    assert ("unsure", "unsure") == (during["topup-2"], during["topup-3"])
    assert ("refused", "done") == (rig.fates()["topup-2"], rig.fates()["topup-3"])
    assert "User_Payment_Create: refused by fault" == reason(rig, "topup-2")
    assert GRANTED | {"paid": "20.00", "held": "10.00", "applied": "10.00"} == sums(rig)


def test_a_refused_sum_is_sent_once_more_when_a_person_says_so(open_account):
    """U9: retry sends it again, and only it, and only once."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    retry(rig, "topup-2")
    rig.run()
    rig.wake_all()
    rig.run()

    assert "done" == rig.fates()["topup-2"]
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]
    assert GRANTED | {"paid": "10.00", "applied": "10.00"} == sums(rig)


def test_a_refused_sum_stays_refused_whatever_happens_to_the_next(open_account):
    """U9: an unsure sum beside it says nothing of one the backend has refused."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    simulator.plant("reset_before", PAY)
    rig.topup("3")
    rig.run()
    during = rig.fates()
    after_the_window(rig, simulator)

    assert ("refused", "unsure") == (during["topup-2"], during["topup-3"])
    assert ("refused", "sum_refused") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert "done" == rig.fates()["topup-3"]


def test_a_refused_change_does_not_withhold_money(opened):
    """U9: the switch waits for a person; what was paid beside it arrives."""
    rig, simulator = opened
    simulator.plant("refuse", SET, times=9)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.topup("2")
    rig.run()

    assert ("parked", "refused") == (rig.fates()["suspend"], rig.why("suspend"))
    assert "done" == rig.fates()["topup-2"]
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_one_event_that_cannot_be_taken_in_holds_up_no_other(opened):
    """V5: it is parked alone and says so; the one beside it is done."""
    rig, simulator = opened
    with rig.database.change() as tx:
        triggers.refuse(tx, "poison", "claim", "NEW.key = 'shop:2/topup'")
    rig.topup("2")
    rig.topup("3")
    # A few times it could be that somebody else wrote to the account meanwhile.
    for _ in range(6):
        rig.run()
        rig.wait(1)

    assert ("parked", "poison") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert "done" == rig.fates()["topup-3"]
    assert [("shop:3/topup", "10.00")] == paid(simulator)[1:]


def test_a_refused_account_waits_and_is_opened_after_mending(pair):
    """U1: the backend's no is shown; what stood in the way is mended, and retried."""
    rig, simulator = pair
    simulator.plant("refuse", OPEN)
    rig.order()
    rig.topup("2")
    rig.run()
    parked = rig.fates()

    assert {"order": "parked", "topup-2": "parked"} == parked
    assert "User_Create: refused by fault" == reason(rig, "order")
    assert {"paid": "10.00", "held": "10.00", "due": "5.00", "owed": "5.00"
            } == sums(rig)  # fmt: skip

    retry(rig, "order")
    rig.run()

    assert {"order": "done", "topup-2": "done"} == rig.fates()
    assert [OPEN, OPEN, PAY, PAY] == writes(simulator)


def test_a_stranger_under_our_accounts_id_is_never_touched(opened):
    """U1: renamed at the backend it no longer carries our mark: a person must look."""
    rig, simulator = opened
    by_hand(simulator, SET, user_id=1, user={fields(rig)["username"]: "lan"})
    before = len(simulator.journal)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.topup("2")
    rig.run()

    assert [LOOK] == calls(simulator, before)
    assert {"order": "done", "suspend": "parked", "topup-2": "parked"} == rig.fates()
    assert "broken" == rig.why("suspend")
    assert "is not" in reason(rig, "suspend")
    assert GRANTED | {"paid": "10.00", "held": "10.00"} == sums(rig)


def test_an_account_that_vanished_is_said_so_and_not_made_again(opened):
    """U1: deleted at the backend by hand, its money is held and a person is told."""
    rig, simulator = opened
    by_hand(simulator, "User_Delete", user_id=1)
    before = len(simulator.journal)
    rig.topup("2")
    rig.run()

    assert [LOOK] == calls(simulator, before)
    assert ("parked", "broken") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert "no longer has account 1" in reason(rig, "topup-2")
    assert GRANTED | {"paid": "10.00", "held": "10.00"} == sums(rig)


# --- the backend is away


def test_while_the_backend_is_away_what_is_paid_is_booked(pair, nowhere):
    """U1: the order stays in work, its receipts count at once, and nothing is lost."""
    rig, simulator = pair
    away, url = pointed_at(rig, nowhere.url)
    away.order()
    away.topup("2")
    away.run()

    assert {"order": "working", "topup-2": "working"} == away.fates()
    assert {"paid": "10.00", "held": "10.00", "due": "5.00", "owed": "5.00"
            } == sums(away)  # fmt: skip

    back, _ = pointed_at(away, url)
    back.wait(3600)
    back.run()

    assert {"order": "done", "topup-2": "done"} == back.fates()
    assert [LOOK, OPEN, LOOK, PAY, LOOK, PAY, LOOK] == calls(simulator)


def test_waits_grow_and_are_spread(pair, nowhere):
    """F-B16: between half and the whole of each step, so that no herd comes back."""
    rig, _ = pair
    steps = [10.0, 100.0, 1000.0]
    rig.path.write_text(rig.path.read_text().replace("[0.1, 0.2]", str(steps)))
    away, _ = pointed_at(rig, nowhere.url)
    away.order()
    waits = []
    for _ in range(4):
        away.run()
        waits.append(due_in(away))
        away.wait(waits[-1])

    for wait, step in zip(waits, [*steps, steps[-1]], strict=True):
        assert 0.45 * step <= wait <= step
    assert waits[2] != pytest.approx(waits[3], abs=0.1)


def test_a_day_of_failure_is_enough(pair, nowhere):
    """V5: after 24 hours it is parked with the reason; nothing is tried any more."""
    rig, simulator = pair
    away, url = pointed_at(rig, nowhere.url)
    away.order()
    away.run()
    away.wait(24 * 3600 - 60)
    away.run()
    still = away.fates()
    away.wait(120)
    away.run()

    assert {"order": "working"} == still
    assert ("parked", "gave_up") == (away.fates()["order"], away.why("order"))
    assert "refused the connection" in reason(away, "order")

    back, _ = pointed_at(away, url)
    back.wait(3600)
    back.run()
    assert [] == calls(simulator)
    retry(back, "order")
    back.run()

    assert {"order": "done"} == back.fates()


def test_a_day_without_the_backends_table_ends_for_the_events_too(opened):
    """V5: an account whose backend left the configuration parks what is said of it."""
    rig, _ = opened
    written = rig.path.read_text()
    rig.path.write_text(
        written.replace("[backends.main", "[backends.second").replace(
            "[packages.starter]", "[packages.new]"
        )
    )
    without = Rig(rig.path, rig.clock)
    without.say("suspend", at=hours(1), id_="suspend")
    without.run()
    without.wait(25 * 3600)
    without.run()

    assert "parked" == without.fates()["suspend"]


def test_the_backend_comes_back_at_the_same_address(tmp_path, engine, nowhere):
    """U1: nothing has to be restarted here when the other side was."""
    names = random_names()
    rig = Rig.made(tmp_path, engine, nowhere.url, names)
    rig.order()
    rig.run()
    away = rig.fates()
    with nowhere.taken_by(Settings(names=names)) as server:
        rig.wait(1)
        rig.run()
        there = server.simulator().users

    assert {"order": "working"} == away
    assert {"order": "done"} == rig.fates()
    assert 1 == len(there)
