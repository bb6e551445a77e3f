"""What has ended is kept, then purged once; never with money, never too early."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import orders
from bridge.alerts import Watch
from bridge.duties import wake
from bridge.store import alarms
from bridge.store.causes.found import Limits
from bridge.store.tables import account, wakeup
from bridge.words import render
from provisioning.simulator.platform import Platform
from provisioning.simulator.wire import Request
from tests.bridge.seen import PAY, SET, calls, later, sums
from tests.bridge.test_generic import OWN
from tests.rig import DEADLINE, SECRET

DELETE = "User_Delete"
DAY = 86400
KEEP = 3
ABLE = f"purge = true\nretention = {KEEP}"


@pytest.fixture
def ended(make):
    """An account whose only service has just ended; nothing was ever bought on it."""

    def build(ours=ABLE, package="plain", **more):
        rig, simulator = make(ours=ours, **more)
        rig.order(package=package)
        rig.run()
        rig.say("terminate", at=rig.clock.now(), id_="end")
        rig.run()
        assert rig.fates() == {"order": "done", "end": "done"}
        return rig, simulator

    return build


def pass_days(rig, simulator, days):
    """On both sides; due dates are looked at, lanes run."""
    later(rig, simulator, days * DAY)
    wake(rig.database, rig.clock.now())
    rig.run()


def alerts(rig, topic="purge_waits"):
    Watch(rig.database, Limits()).run(rig.clock.now())
    with rig.database.read() as tx:
        return [render(a.why) for a in alarms.lasting(tx) if a.topic == topic]


def due_dates(rig):
    with rig.database.read() as tx:
        query = sa.select(wakeup.c.state).where(wakeup.c.kind == "purge")
        return list(tx.execute(query.order_by(wakeup.c.due)).scalars())


def told(rig, **said):
    because = "paid back by bank transfer"
    order = {"account": rig.account().id, "because": because} | said
    return orders.carry_out(rig.database, rig.clock, "account.purge", order)


def test_what_has_ended_is_off_and_kept_and_then_gone(ended):
    """D26: at once off, the whole retention kept, then deleted, once."""
    rig, simulator = ended()
    kept = []
    for _ in range(KEEP):
        kept.append((simulator.users[1].active, due_dates(rig)))
        pass_days(rig, simulator, 0.9)
    pass_days(rig, simulator, 0.4)
    for _ in range(3):
        rig.wake_all()
        pass_days(rig, simulator, 30)

    assert [(False, ["waiting"])] * KEEP == kept
    assert {} == simulator.users
    assert 1 == calls(simulator).count(DELETE)
    assert rig.account().purged_at is not None
    assert "1" == rig.account().remote
    assert [("purge", "done")] == [(a.verb, a.state) for a in rig.attempts()[-1:]]
    assert ["done"] == due_dates(rig)


def test_it_is_never_purged_without_the_setting(ended):
    """D26: at ICTBroadcast his data is his customers': only by the operator's word."""
    rig, simulator = ended(ours=f"retention = {KEEP}")
    pass_days(rig, simulator, 1000)

    assert [1] == list(simulator.users)
    assert [] == due_dates(rig)


def test_an_end_dated_back_is_kept_as_long(make):
    """D26: counted from when it was heard; a word of last year purges nothing today."""
    # Guard off (counted from the platform's word): red, deleted at once.
    rig, simulator = make(ours=ABLE)
    rig.order(package="plain")
    rig.run()
    rig.say("terminate", at=rig.clock.now() - timedelta(days=20), id_="end")
    rig.run()
    rig.wake_all()
    pass_days(rig, simulator, KEEP - 0.1)

    assert [1] == list(simulator.users)
    pass_days(rig, simulator, 0.2)
    assert {} == simulator.users


@pytest.mark.parametrize("word", ["reinstate", "activate"])
def test_what_lives_again_is_not_purged(ended, word):
    """D26: the due date goes with the end; the next end has one of its own."""
    rig, simulator = ended()
    pass_days(rig, simulator, KEEP - 0.5)
    if word == "reinstate":
        rig.say("reinstate", at=rig.clock.now(), id_="again")
    else:
        begins = {"period_start": rig.clock.now().isoformat()}
        sold = {"ref": "1", "plan_ref": "plain"} | begins
        rig.post(
            "again",
            "service.activate",
            rig.clock.now(),
            account={"ref": "7"},
            service=sold,
        )
    rig.run()
    cancelled = due_dates(rig)
    pass_days(rig, simulator, 10)
    on = simulator.users[1].active
    rig.say("terminate", at=rig.clock.now(), id_="end-again")
    rig.run()
    pass_days(rig, simulator, KEEP - 0.1)
    kept = list(simulator.users)
    pass_days(rig, simulator, 0.2)

    assert ["cancelled"] == cancelled
    assert on
    assert [1] == kept
    assert {} == simulator.users
    assert 1 == calls(simulator).count(DELETE)


def test_a_reinstate_that_has_just_come_in_goes_first(ended, at_boundary):
    """D26: heard while the account is planned, right before there is no way back."""
    # Guard off (what waits is not asked for): red, deleted.
    rig, simulator = ended()
    later(rig, simulator, (KEEP + 1) * DAY)
    wake(rig.database, rig.clock.now())
    again = {"at": rig.clock.now(), "id_": "again"}
    at_boundary("planned", lambda: rig.say("reinstate", **again))
    rig.run()

    assert simulator.users[1].active
    assert DELETE not in calls(simulator)
    assert "done" == rig.fates()["again"]


def test_more_words_than_one_plan_takes_in_are_all_heard_first(ended):
    """D26: the one that revives it is the last of sixty."""
    # Guard off (only what was loaded is heard): red, deleted.
    rig, simulator = ended()
    later(rig, simulator, (KEEP + 1) * DAY)
    for no in range(60):
        rig.say("sync", at=rig.clock.now(), id_=f"sync-{no}")
    rig.say("reinstate", at=rig.clock.now(), id_="again")
    rig.run()

    assert simulator.users[1].active
    assert {"done"} == set(rig.fates().values())


def test_what_is_ordered_on_a_purged_service_waits_for_a_person(ended):
    """D26: nothing is made of it again, and it says why; a new service is new."""
    rig, simulator = ended()
    pass_days(rig, simulator, KEEP + 1)
    rig.say("reinstate", at=rig.clock.now(), id_="again")
    rig.order("2", id_="anew", line="9", package="plain")
    rig.run()

    assert {"again": "parked", "anew": "done"}.items() <= rig.fates().items()
    assert "purged" == rig.why("again")
    assert [2] == list(simulator.users)
    assert ("1", "2") == tuple(rig.account(f"shop:{n}").remote for n in (1, 2))


def test_money_for_a_purged_account_is_held(ended):
    """I10, D26: it is not lost, and goes nowhere by itself."""
    rig, simulator = ended()
    pass_days(rig, simulator, KEEP + 1)
    rig.topup("5", data={"target": rig.account().id})
    rig.run()

    assert {"paid": "10.00", "held": "10.00"} == sums(rig)
    assert PAY not in calls(simulator)
    assert ("parked", "held_purged") == (rig.fates()["topup-5"], rig.why("topup-5"))


def test_another_user_under_the_old_id_is_not_ours(ended):
    """D26: a server that gives an id again shows somebody else: never read or bound."""
    rig, simulator = ended()
    pass_days(rig, simulator, KEEP + 1)
    before = len(simulator.journal)
    for word in ("sync", "suspend"):
        rig.say(word, at=rig.clock.now(), id_=word)
    rig.run()

    assert [] == calls(simulator, before)
    with rig.database.read() as tx:
        query = sa.select(account.c.remote, account.c.username)
        assert [("1", rig.account().username)] == [tuple(r) for r in tx.execute(query)]


# --- money that is left


def test_what_was_bought_and_is_left_is_never_purged(make):
    """D26: frozen as a liability, with the numbers, until a person writes it off."""
    # Guard off (no reason is asked for): red, deleted.
    rig, simulator = make(ours=ABLE)
    rig.order(package="plain")
    rig.topup("2")
    rig.run()
    rig.say("terminate", at=rig.clock.now(), id_="end")
    rig.run()
    for _ in range(3):
        pass_days(rig, simulator, KEEP)
    kept, [waits] = list(simulator.users), alerts(rig)
    told(rig)
    rig.run()

    assert [1] == kept
    assert (
        "10.00 USD bought are left on it (balance 10.00, bought 10.00 in all)" in waits
    )
    assert f"switchhook purge {rig.account().id}" in waits
    assert {} == simulator.users
    assert [] == alerts(rig)
    assert "paid back by bank transfer" == rig.account().written_off


def test_what_was_bought_and_never_arrived_is_never_purged(ended):
    """D26: paid after the end: not even a person can write off what is only held."""
    rig, simulator = ended()
    rig.topup("2", data={"target": rig.account().id})
    rig.run()
    pass_days(rig, simulator, KEEP + 1)
    [waits] = alerts(rig)
    with pytest.raises(LookupError, match=r"10\.00 USD paid for account"):
        told(rig)

    assert "10.00 USD paid for it were never applied" in waits
    assert [1] == list(simulator.users)


def test_what_was_given_free_goes_with_the_account(ended):
    """D26: only what was bought is anybody's."""
    rig, simulator = ended(package="starter")
    pass_days(rig, simulator, KEEP + 1)

    assert {} == simulator.users


@pytest.mark.parametrize("slip", ["no such account", "not due", "alive"])
def test_only_what_waits_can_be_written_off(ended, slip):
    """A slip of the hand is told, and nothing is done."""
    rig, simulator = ended()
    said = {}
    if slip == "no such account":
        said = {"account": "acct_nobody"}
    elif slip == "alive":
        rig.say("reinstate", at=rig.clock.now())
        rig.run()
    with pytest.raises(LookupError):
        told(rig, **said)
    rig.run()

    assert [1] == list(simulator.users)


# --- when the answer is lost, a lie, a no


@pytest.mark.parametrize(
    "fault", ["reset_after_apply", "html_200_applied", "truncated_body", "bare_true"]
)
def test_a_purge_whose_answer_was_lost_is_looked_for(ended, fault):
    """V1: gone is done: it is not sent again."""
    rig, simulator = ended()
    simulator.plant(fault, DELETE)
    pass_days(rig, simulator, KEEP + 1)
    rig.wait(400)
    rig.run()

    assert {} == simulator.users
    assert 1 == calls(simulator).count(DELETE)
    assert rig.account().purged_at
    assert [] == alerts(rig)


@pytest.mark.parametrize("fault", ["reset_before", "html_200", "echo_lies"])
def test_a_purge_that_did_not_happen_is_sent_again(ended, fault):
    """After the time in which the first could still land, and not before."""
    rig, simulator = ended()
    simulator.plant(fault, DELETE)
    pass_days(rig, simulator, KEEP + 1)
    first = calls(simulator).count(DELETE)
    rig.wait(400)
    rig.run()

    assert 1 == first
    assert 2 == calls(simulator).count(DELETE)
    assert {} == simulator.users
    assert rig.account().purged_at


@pytest.mark.parametrize("fault", ["refuse", "not_allowed_405"])
def test_a_purge_that_is_refused_is_told_to_a_person(ended, fault):
    """No event waits for it: it would else be forgotten."""
    # Guard off (a lane that parks says nothing of it): red, no alert.
    rig, simulator = ended()
    simulator.plant(fault, DELETE)
    pass_days(rig, simulator, KEEP + 1)
    [waits] = alerts(rig)
    told(rig)
    rig.run()

    assert "refuse" in waits or "not allowed" in waits
    assert {} == simulator.users
    assert [] == alerts(rig)


def test_an_account_somebody_else_deleted_is_gone_by_a_persons_word(ended):
    """Not there is no proof by itself: a wrong server shows the same."""
    rig, simulator = ended()
    form = {"username": "admin", "password": "simulator", "user_id": "1"}
    simulator.answer(DELETE, Request(form))
    pass_days(rig, simulator, KEEP + 1)
    [waits] = alerts(rig)
    told(rig)
    rig.run()

    assert "no longer has account 1" in waits
    assert rig.account().purged_at
    assert [] == alerts(rig)


@pytest.mark.parametrize("where", ["intent noted", "before send", "after send"])
def test_a_process_that_dies_with_a_purge_under_way_loses_nothing(
    ended, at_boundary, where
):
    """U1: whatever it came to is found out, and said once."""
    rig, simulator = ended()

    class PowerGone(BaseException):
        pass

    def pull():
        raise PowerGone

    later(rig, simulator, (KEEP + 1) * DAY)
    wake(rig.database, rig.clock.now())
    at_boundary(where, pull)
    with pytest.raises(PowerGone):
        rig.run()
    rig.wait(400)
    rig.run()
    rig.wait(400)
    rig.run()

    assert {} == simulator.users
    assert 1 == calls(simulator).count(DELETE)
    assert rig.account().purged_at
    assert [] == rig.unsure()


# --- elsewhere


def test_a_platform_of_ones_own_purges_too(make):
    """D26: its contract has a DELETE, done when the next look shows nothing."""
    with Platform(SECRET) as platform:
        more = OWN.format(
            url=platform.url, secret=SECRET, settle=60, deadline=DEADLINE
        ).replace("settle = 60", f"settle = 60\nretention = {KEEP}")
        rig, simulator = make(more=more)
        rig.order(package="documents")
        rig.run()
        rig.say("terminate", at=rig.clock.now(), id_="end")
        rig.run()
        pass_days(rig, simulator, KEEP - 0.1)
        kept = len(platform.accounts)
        pass_days(rig, simulator, 0.2)

        assert 1 == kept
        assert {} == platform.accounts
        assert rig.account().purged_at
        assert SET not in calls(simulator)


def test_money_for_a_purged_account_that_is_paid_back_is_held_no_more(ended):
    """D28: nobody can send it; it is not owed any more, and cannot be moved."""
    rig, simulator = ended(settle=1.0, call_deadline=2.0)
    for _ in range(6):
        pass_days(rig, simulator, 1)
    assert rig.account().purged_at
    rig.topup("9")
    rig.run()
    rig.post("back", "topup.reversed", rig.clock.now(), account={"ref": "7"},
             billing={"line_ref": "9"})  # fmt: skip
    rig.run()

    assert {"paid": "10.00", "reversed": "10.00"} == sums(rig)
