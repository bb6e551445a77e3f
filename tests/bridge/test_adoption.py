"""Existing fleets: planned, bound, only looked at, released, undone."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge import adoptions, lifecycle
from bridge.cli import adopt as verbs
from bridge.store import accounts, books, check
from bridge.store.causes import CAUSES
from bridge.store.causes.found import Limits
from bridge.store.tables import account, lane, operation
from tests.bridge.moved_in import (
    DUE,
    adopt,
    apply,
    by_hand,
    listed,
    move_in,
    moved_in,
    planned,
    release,
    renew,
    row,
    switchhook,
)
from tests.bridge.seen import (
    PAY,
    SETTLE,
    calls,
    credit,
    hours,
    levels,
    paid,
    sums,
    until,
    writes,
)
from tests.days import LIVE
from tests.rig import Rig

PAGE = verbs.PAGE


@pytest.fixture
def pair(make):
    return make(live=LIVE, settle=SETTLE)


def count(rig, table=account):
    with rig.database.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def faults(rig):
    with rig.database.snapshot() as tx:
        return check.faults(tx)


def alerts(rig):
    limits = Limits(held=timedelta(0), backlog=timedelta(days=1))
    with rig.database.read() as tx:
        found = {n: c(tx, rig.clock.now(), limits) for n, c in CAUSES.items()}
    return {topic: sorted(about) for topic, about in found.items() if about}


# --- the plan


def test_a_plan_names_each_user_and_what_differs_and_writes_nothing(rig, simulator):
    """What would be bound, what is there, what a release would set: shown first."""
    move_in(simulator, 2, credit="12.5")
    by_hand(simulator, 2, channels=9, tariff="2", active=False)
    out = rig.path.parent / "plan.jsonl"
    told, result = adopt(
        rig, listed(rig, [row(1), row(2, user="", user_id="2")]),
        "--source", "shop", "--out", out,
    )  # fmt: skip
    first, second, totals = told

    assert 2 == result.exit_code
    assert ("1", "old1", "12.50", []) == tuple(
        first[k] for k in ("user_id", "user", "balance", "differs")
    )
    assert [
        "on: no, should be yes",
        "channels: 9, should be 5",
        "tariff: wholesale, should be standard",
    ] == sorted(
        second["differs"],
        key=lambda d: ("on", "channels", "tariff").index(d.split(":")[0]),
    )
    assert {"would be bound": 2, "differ": 1} == totals["totals"]
    assert [first, second] == [json.loads(one) for one in out.read_text().splitlines()]
    assert 0o600 == stat.S_IMODE(out.stat().st_mode)
    assert 0 == count(rig)
    assert [] == writes(simulator)


def test_every_fault_of_the_list_is_named_with_its_line(rig, simulator):
    """All at once, and the lines that are right are planned."""
    move_in(simulator, 3)
    rows = [
        row(1),
        row(2, user="nobody"),
        row(1, user="old3"),
        row(4, user="old1"),
        row(5, package="gold", user="old2"),
        row(6, backend="other", user="old2"),
        row(7, user="", user_id=""),
        row(8, paid_until="", user="old2"),
        row(9, paid_until="soon", user="old2"),
        row(10, quantity="some", user="old2"),
        row(11, state="gone", user="old2"),
        row("shop:12", user="old2"),
        row(13, user="old2", user_id="3"),
        row("", user="old2"),
    ]
    told, result = adopt(rig, listed(rig, rows), "--source", "shop")
    said = {one["line"]: one["fault"] for one in told if "fault" in one}

    assert 1 == result.exit_code
    assert list(range(3, 16)) == sorted(said)
    assert {"would be bound": 1, "wrong": 13} == {
        k: n for k, n in told[-1]["totals"].items() if n
    }
    for line, words in {
        3: 'no user "nobody"', 4: "stands in line 2 already", 5: "line 2 already",
        6: '"gold" is no package', 7: 'no backend "other"', 8: "say which user",
        9: "say in paid_until", 10: '"soon" is no date', 11: '"some" is no whole',
        12: '"gone" is none of', 13: 'leave "shop:" out', 14: 'is called "old3"',
        15: "service is empty",
    }.items():  # fmt: skip
        assert words in said[line]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service,user\n1,old1\n", "missing: package, backend; unknown: none"),
        ("service,package,backend,user,what\n", "unknown: what"),
        ("service,package,backend,user\n1,starter\n", "not as many cells"),
        ('service,package,backend,user\n1,"starter,main,old1\n', "cannot be read"),
    ],
)
def test_what_is_no_such_list_is_said(rig, text, said):
    """In words, with what is known."""
    path = rig.path.parent / "bad.csv"
    path.write_text(text)
    result = switchhook(rig, "adopt", path, "--source", "shop")

    assert 1 == result.exit_code
    assert said in result.stderr


def test_a_list_in_another_encoding_is_said(rig):
    """Spreadsheets write their own; a name in it would be another one."""
    path = rig.path.parent / "latin.csv"
    path.write_bytes(b"service,package,backend,user\n1,starter,main,J\xf6rg\n")
    result = switchhook(rig, "adopt", path, "--source", "shop")
    plan = switchhook(rig, "adopt", "apply", path, "--because", "x")

    assert (1, 1) == (result.exit_code, plan.exit_code)
    assert "write CSV in UTF-8" in result.stderr
    assert "did not write it so" in plan.stderr


def test_a_source_needs_its_day_before_its_fleet(make):
    """Without it a payment of old would be granted."""
    rig, simulator = make()
    move_in(simulator, 1)
    [fault, _], result = adopt(rig, listed(rig, [row(1)]), "--source", "shop")
    nobody = switchhook(rig, "adopt", listed(rig, [row(1)]))

    assert (1, 1) == (result.exit_code, nobody.exit_code)
    assert "live_from" in fault["fault"]
    assert "--source: shop, other" in nobody.stderr


# --- bound


def test_an_adopted_account_has_what_it_had_and_is_given_nothing(rig, simulator):
    """I6, I7: its opening balance is on record, no fee, no free credit, no write."""
    moved_in(rig, simulator)
    rig.run_until_quiet()
    found = rig.account()
    [period] = found.services[0].periods

    assert ("1", "old1", "shop:c1") == (found.remote, found.username, found.client)
    assert found.observed_at
    assert (1, DUE, True, None) == (period.no, period.ends, period.baseline, period.fee)
    assert {"opening": "12.50", "carried": "12.50"} == sums(rig)
    assert [] == writes(simulator)
    assert [] == faults(rig)


def test_what_it_had_may_all_have_been_bought(rig, simulator):
    """A purge would take it away: it counts as bought, and keeps the account."""
    moved_in(rig, simulator)
    with rig.database.read() as tx:
        bought = books.bought(tx, rig.account().id)
        arrived = books.arrived(tx, [rig.account().id]).read()

    assert Decimal("12.5") == bought.applied
    assert {rig.account().id: 0} == arrived  # none of it was sent by us


def test_a_running_process_binds_them_when_it_is_told(rig, simulator):
    """On SQLite by its socket: long names in one page are several orders."""
    move_in(simulator, PAGE)
    rows = [row(no, email=f"{'x' * 2000}{no}@e") for no in range(1, PAGE + 1)]
    plan = planned(rig, rows)
    stop = lifecycle.work(rig.parts)
    try:
        told, code = apply(rig, plan)
        released, _ = release(rig, "--all")
    finally:
        stop()

    assert (PAGE, 0) == (told["adopted"], code)
    assert PAGE == len(released["released"])
    assert [] == faults(rig)


def test_a_balance_below_nothing_is_carried_as_it_is(rig, simulator):
    """Some servers let a customer owe."""
    move_in(simulator, 1)
    by_hand(simulator, 1, credit=Decimal("-3.25"))
    apply(rig, planned(rig, [row(1)]))

    assert {"opening": "-3.25", "carried": "-3.25"} == sums(rig)
    assert [] == faults(rig)


def test_what_json_shows_is_a_plan_as_well(rig, simulator):
    """With the faults among it: they are none of its lines."""
    move_in(simulator, 1)
    fleet = listed(rig, [row(1), row(2, user="nobody")])
    shown = switchhook(rig, "adopt", fleet, "--source", "shop", "--json").stdout
    plan = rig.path.parent / "shown.jsonl"
    plan.write_text(shown)
    told, code = apply(rig, plan)

    assert (1, 0) == (told["adopted"], code)


def test_adopted_twice_is_adopted_once(rig, simulator):
    """I2: said again, each line says that it is there already.

    Guard off (what is bound is not looked up): red.
    """
    move_in(simulator, 3)
    plan = planned(rig, [row(no) for no in (1, 2, 3)])
    first, again = apply(rig, plan), apply(rig, plan)
    both = rig.path.parent / "both.jsonl"
    both.write_text(plan.read_text() * 2)
    twice = apply(rig, both)

    assert (3, 0) == (first[0]["adopted"], first[1])
    assert ({"adopted already": 3}, 0) == again
    assert ({"adopted already": 6}, 0) == twice
    assert 3 == count(rig)
    assert [] == faults(rig)


def test_two_plans_about_one_user_bind_it_once(rig, simulator):
    """Also in one commit: the first is right, the second is told who has it."""
    move_in(simulator, 1)
    mine = planned(rig, [row(1)], "mine")
    other = planned(rig, [row(2, user="old1")], "other")
    both = rig.path.parent / "both.jsonl"
    both.write_text(mine.read_text() + other.read_text())
    [fault, told], result = adopt(rig, "apply", both, "--because", "x")

    assert 1 == result.exit_code
    assert "is account" in fault["fault"]
    assert {"adopted": 1, "wrong": 1} == {k: n for k, n in told.items() if n}
    assert 1 == count(rig)


def test_stopped_half_way_it_goes_on_from_there(rig, simulator, monkeypatch):
    """Ctrl-C between two pages, then a fault inside one: whole pages or nothing."""
    move_in(simulator, 4 * PAGE)
    plan = planned(rig, [row(no) for no in range(1, 4 * PAGE + 1)])
    real, orders = verbs.order, []

    def interrupted(*args, **said):
        orders.append(args)
        if len(orders) == 3:
            raise KeyboardInterrupt
        return real(*args, **said)

    monkeypatch.setattr(verbs, "order", interrupted)
    stopped = switchhook(rig, "adopt", "apply", plan, "--because", "x")
    after_ctrl_c = count(rig)
    monkeypatch.setattr(verbs, "order", real)

    def broken(*_):
        raise RuntimeError("the plug is pulled")

    with monkeypatch.context() as patch:
        patch.setattr(adoptions, "_wake", broken)
        switchhook(rig, "adopt", "apply", plan, "--because", "x")
    after_the_plug = count(rig)
    told, code = apply(rig, plan)

    assert (1, 2 * PAGE, 2 * PAGE) == (stopped.exit_code, after_ctrl_c, after_the_plug)
    assert "goes on from there" in stopped.stderr
    assert (2 * PAGE, 2 * PAGE, 0) == (told["adopted"], told["adopted already"], code)
    assert [] == faults(rig)


def test_killed_in_the_middle_it_goes_on_from_there(rig, simulator):
    """The process is killed, not asked: whole pages are there, and nothing twice."""
    many = 8 * PAGE
    move_in(simulator, many)
    plan = planned(rig, [row(no) for no in range(1, many + 1)])
    command = [sys.executable, "-m", "bridge.cli", "--config", str(rig.path)]
    with subprocess.Popen([*command, "adopt", "apply", plan, "--because", "x"]) as one:
        until(lambda: count(rig) >= PAGE, within=30)
        one.kill()
    left = count(rig)
    told, code = apply(rig, plan)

    assert 0 < left < many
    assert 0 == left % PAGE
    assert (many - left, left, 0) == (told["adopted"], told["adopted already"], code)
    assert many == count(rig)
    assert [] == faults(rig)


def test_what_changed_since_the_plan_is_seen(rig, simulator):
    """A user that is gone or renamed, a balance that moved, a line that was edited."""
    move_in(simulator, 4)
    plan = planned(rig, [row(no) for no in (1, 2, 3, 4)])
    lines = plan.read_text().splitlines()
    lines[3] = lines[3].replace('"starter"', '"plain"')
    plan.write_text("\n".join(lines) + "\n")
    with simulator._changed:
        simulator._model.remove(1)
    by_hand(simulator, 2, username="renamed")
    by_hand(simulator, 3, credit=Decimal("7.75"))
    told, result = adopt(rig, "apply", plan, "--because", "x")
    said = {one["line"]: one["fault"] for one in told if "fault" in one}

    assert 1 == result.exit_code
    assert {2, 3, 4} == set(said)
    assert "has no user" in said[2]
    assert 'is called "renamed"' in said[3]
    assert "did not write it so" in said[4]
    assert 1 == told[-1]["with another balance than planned"]
    assert {"opening": "7.75", "carried": "7.75"} == sums(rig)


def test_what_is_ours_already_is_not_adopted(rig, simulator):
    """A user we opened, and one that was purged: never anybody else's.

    Guard off (holders not looked up): red.
    """
    rig.order("9", line="9", id_="order-9", client="9")
    rig.run_until_quiet()
    ours = rig.account("shop:9")
    told, _ = adopt(rig, listed(rig, [row(1, user=ours.username)]), "--source", "shop")
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(purged_at=rig.clock.now()))
    gone, _ = adopt(
        rig, listed(rig, [row(1, user="", user_id=ours.remote)]), "--source", "shop"
    )

    assert f"is account {ours.id} already" in told[0]["fault"]
    assert "never bound again" in gone[0]["fault"]


def test_a_service_that_is_bound_is_not_adopted(rig, simulator):
    """It has an account of ours, and would have two."""
    rig.order("1", line="9", client="9")
    rig.run_until_quiet()
    move_in(simulator, 1)
    told, _ = adopt(rig, listed(rig, [row(1)]), "--source", "shop")

    assert "is bound to account" in told[0]["fault"]


# --- only looked at


def test_nothing_is_written_and_no_money_sent_until_the_release(rig, simulator):
    """What comes is taken in, and waits; then it is done, once.

    Guard off (observed_at not heeded by the plan): red.
    """
    moved_in(rig, simulator)
    by_hand(simulator, 1, channels=9)
    renew(rig)
    rig.topup("2", client="c1", at=DUE)
    rig.say("suspend", id_="suspend", at=DUE + timedelta(hours=1))
    rig.run_until_quiet()
    waiting, before = rig.fates(), writes(simulator)
    held = sums(rig)
    release(rig, "shop:1")
    rig.run_until_quiet()
    rig.wake_all()
    rig.run_until_quiet()

    assert {"parked"} == set(waiting.values())
    assert [] == before
    assert {"opening": "12.50", "carried": "12.50", "paid": "10.00", "held": "10.00",
            "due": "5.00", "owed": "5.00"} == held  # fmt: skip
    assert {"done"} == set(rig.fates().values())
    assert [("shop:1/free/2/0/0", "5.00"), ("shop:2/topup", "10.00")] == sorted(
        paid(simulator)
    )
    assert (False, 5, "1") == levels(simulator)
    assert "27.50" == credit(simulator)
    assert [] == faults(rig)


def test_a_fleet_that_waits_is_one_alert(rig, simulator):
    """However many events wait on however many accounts, and however long."""
    moved_in(rig, simulator, 5)
    quiet = alerts(rig)
    for no in range(1, 6):
        renew(rig, no)
        rig.topup(f"t{no}", client=f"c{no}")
    rig.run_until_quiet()
    rig.wait(10)
    loud = alerts(rig)
    release(rig, "--all")
    rig.run_until_quiet()

    assert {} == quiet
    assert {"observed": ["adopted accounts"]} == loud
    assert {} == alerts(rig)


def test_a_plan_shows_what_a_release_would_do(rig, simulator):
    """And the way to it; confirmed before that, it is refused with the reason."""
    moved_in(rig, simulator)
    by_hand(simulator, 1, channels=9)
    result = switchhook(rig, "plan", "shop:1", "--json")
    shown = json.loads(result.stdout)
    words = switchhook(rig, "plan", "shop:1").stdout
    switchhook(
        rig, "apply", "shop:1", "--plan", shown["hash"], "--because", "x", "--no-wait"
    )
    rig.run_until_quiet()
    with rig.database.read() as tx:
        states = tx.execute(sa.text("SELECT state FROM confirmation")).scalars().all()

    assert 2 == result.exit_code
    assert ["set channels = 5"] == shown["steps"]
    assert "only looked at" in shown["observed"]
    assert "switchhook adopt release shop:1" in words
    assert ["refused"] == states
    assert [] == writes(simulator)


def test_the_campaigns_of_one_that_is_off_are_left_alone(make):
    """D26: until its release nobody stops them, and nobody asks.

    Guard off (silenced as any other): red.
    """
    able = 'campaigns = "Campaign_List_Mode"'
    rig, simulator = make(live=LIVE, ours=able)
    moved_in(rig, simulator, state="suspended")
    by_hand(simulator, 1, active=False)
    rig.say("suspend", id_="suspend", at=hours(3))
    rig.run_until_quiet()
    before = calls(simulator)
    release(rig, "--all")
    rig.run_until_quiet()

    assert not [call for call in before if call.startswith("Campaign")]
    assert [call for call in calls(simulator) if call.startswith("Campaign")]


def test_what_has_ended_is_not_purged_before_its_release(make):
    """Whatever its retention: nothing is written there.

    Guard off (purged as any other): red.
    """
    rig, simulator = make(live=LIVE, ours="purge = true\nretention = 1")
    move_in(simulator, 1, credit="0")
    apply(rig, planned(rig, [row(1)]))
    rig.say("terminate", id_="end", at=hours(3))
    rig.run_until_quiet()
    rig.wait(3 * 86400)
    rig.wake_all()
    rig.run_until_quiet()
    before = len(simulator.users)
    release(rig, "--all")
    rig.run_until_quiet()

    assert 1 == before
    assert {} == simulator.users


def test_a_release_in_portions(rig, simulator):
    """A few to begin with, then the rest; each is done by itself."""
    batch = moved_in(rig, simulator, 3)
    first, _ = release(rig, "--batch", batch, "--limit", "1")
    rest, _ = release(rig, "--all")
    none, code = release(rig, "--all")
    wrong = switchhook(rig, "adopt", "release", "shop:1", "--because", "x")

    assert (1, 2, 0, 0) == (
        len(first["released"]), len(rest["released"]), len(none["released"]), code
    )  # fmt: skip
    assert 1 == wrong.exit_code
    assert "only looked at" in wrong.stderr


def test_who_is_suspended_stays_off(rig, simulator):
    """I9: the list says so; a resume of the platform ends it."""
    move_in(simulator, 1, active=False)
    apply(rig, planned(rig, [row(1, state="suspended")]))
    release(rig, "--all")
    rig.run_until_quiet()
    off = levels(simulator)
    rig.say("resume", id_="resume", at=hours(2))
    rig.run_until_quiet()

    assert not off[0]
    assert levels(simulator)[0]


# --- after it


def test_the_period_it_was_in_is_never_granted_and_the_next_one_once(rig, simulator):
    """I6: told again with its own start, by either road, it gives nothing."""
    moved_in(rig, simulator)
    release(rig, "--all")
    # A day off the guess, which only knows the end.
    renew(rig, starts=DUE - timedelta(days=30), id_="old", line="old")
    renew(rig)
    renew(rig, id_="again")
    renew(rig, id_="by line", line="r1")
    rig.run_until_quiet()

    assert [("shop:1/free/2/0/0", "5.00")] == paid(simulator)
    assert "17.50" == credit(simulator)
    assert {"done"} == set(rig.fates().values())


def test_money_that_waited_for_the_customer_goes_where_it_belongs(rig, simulator):
    """Paid after the day and before the adoption: held, and sent after the release."""
    rig.topup("2", client="c1", at=hours(1))
    rig.run_until_quiet()
    moved_in(rig, simulator)
    rig.run_until_quiet()
    before = paid(simulator)
    release(rig, "--all")
    rig.run_until_quiet()

    assert [] == before
    assert [("shop:2/topup", "10.00")] == paid(simulator)


def test_money_of_old_that_was_held_is_not_sent_any_more(make):
    """I10: the hooks were there first, and the day was said later.

    Guard off (kept whatever its moment): red.
    """
    before, simulator = make()
    before.topup("2", client="c1", at=hours(-24))
    before.run_until_quiet()
    text = before.path.read_text()
    day = f"[sources.shop]\nlive_from = {LIVE}"
    before.path.write_text(text.replace("[sources.shop]", day))
    rig = Rig(before.path)
    moved_in(rig, simulator)
    release(rig, "--all")
    rig.run_until_quiet()

    assert ({"topup-2": "done"}, "baseline") == (rig.fates(), rig.why("topup-2"))
    assert [] == paid(simulator)
    assert {
        "opening": "12.50", "carried": "12.50", "paid": "10.00", "reversed": "10.00",
    } == sums(rig)  # fmt: skip
    assert [] == faults(rig)


def test_a_customer_of_old_is_not_opened_a_second_account(rig, simulator):
    """I2: sold before the day it has one; it waits for the adoption.

    Guard off (opened as any other): red.
    """
    rig.order("1", client="c1", at=hours(-24 * 30))
    rig.run_until_quiet()
    waiting, why, opened = rig.fates(), rig.why("order"), count(rig)
    moved_in(rig, simulator)
    release(rig, "--all")
    rig.run_until_quiet()

    assert ({"order": "parked"}, "before_live", 0) == (waiting, why, opened)
    assert {"order": "superseded"} == rig.fates()
    assert [] == paid(simulator)
    assert 1 == len(simulator.users)


def test_a_top_up_of_old_that_is_a_service_of_its_own_waits_for_nobody(rig):
    """I10: it is done where it is, account or none."""
    rig.order("5", id_="old", package="credit10", at=hours(-24))
    rig.run_until_quiet()

    assert ({"old": "done"}, "baseline") == (rig.fates(), rig.why("old"))
    assert {} == sums(rig)


def test_its_password_stays_its_own_until_another_is_told(make):
    """I2: nobody is mailed or shown a login we do not know.

    Guard off (a link for any account): red.
    """
    rig, simulator = make(live=LIVE, mailed=True)
    moved_in(rig, simulator)
    release(rig, "--all")
    rig.run_until_quiet()
    kept = simulator.users[1].password
    refused = switchhook(rig, "login", "send", "shop:1", "--print", "--because", "x")
    rig.post("new", "credentials.changed", hours(3), service={"ref": "1"},
             data={"password": "another one, long"})  # fmt: skip
    rig.run_until_quiet()

    assert "their own" == kept
    assert 1 == refused.exit_code
    assert "keeps the password it had" in refused.stderr + refused.stdout
    assert "done" == rig.fates()["new"]
    assert "another one, long" == simulator.users[1].password


# --- undone


def undo(rig, batch):
    [told], result = adopt(rig, "undo", "--batch", batch, "--because", "wrong list")
    return told, result.exit_code


def test_undone_its_users_are_free_and_the_ledger_says_both(rig, simulator):
    """The backend is not touched; adopted again, it is another account."""
    batch = moved_in(rig, simulator, 3)
    old = rig.account().id
    told, code = undo(rig, batch)
    after, left = sums(rig), count(rig)
    again, _ = apply(rig, planned(rig, [row(1)]))

    assert (3, {}, 0) == (len(told["undone"]), told["kept"], code)
    assert ({}, 0) == (after, left)
    assert 1 == again["adopted"]
    assert old != rig.account().id
    assert {"opening": "12.50", "carried": "12.50"} == sums(rig)
    assert [] == writes(simulator)
    assert [] == faults(rig)


def test_where_money_came_in_an_adoption_stays(rig, simulator):
    """It would lose its account.

    Guard off (busy says nothing): red.
    """
    batch = moved_in(rig, simulator, 3)
    renew(rig, 1)
    rig.topup("2", client="c2")
    rig.say("suspend", "3", id_="suspend", at=hours(3))
    rig.run_until_quiet()
    told, code = undo(rig, batch)

    assert (1, 2, 1) == (len(told["undone"]), len(told["kept"]), code)
    assert 2 == count(rig)
    assert [] == faults(rig)


def test_a_word_for_an_adoption_that_is_undone_waits_for_the_next(rig, simulator):
    """It opens nothing meanwhile, and is not lost."""
    batch = moved_in(rig, simulator)
    rig.say("suspend", id_="suspend", at=hours(3))
    rig.topup("3", client="c1", at=hours(-3))
    rig.run_until_quiet()
    undo(rig, batch)
    rig.run_until_quiet()
    waiting = rig.fates(), rig.why("suspend")
    apply(rig, planned(rig, [row(1)]))
    release(rig, "--all")
    rig.run_until_quiet()

    assert (
        {"suspend": "parked", "topup-3": "done"}, "adoption_undone"
    ) == waiting  # fmt: skip
    assert {"done"} == set(rig.fates().values())
    assert not levels(simulator)[0]


def test_what_is_released_is_not_undone(rig, simulator):
    """It may have been written to since."""
    batch = moved_in(rig, simulator, 2)
    release(rig, "shop:1")
    told, _ = undo(rig, batch)
    result = switchhook(rig, "adopt", "undo", "--batch", batch, "--because", "x")

    assert 1 == len(told["undone"])
    assert rig.account().remote == "1"
    assert 1 == result.exit_code


@pytest.mark.parametrize("verb", ["release", "undo"])
def test_whoever_has_it_in_hand_keeps_nothing_of_what_it_knew(rig, simulator, verb):
    """A worker that loaded it before the word: the event is where it belongs, once."""
    batch = moved_in(rig, simulator)
    rig.run_until_quiet()
    rig.say("suspend", id_="suspend", at=hours(3))
    held = rig.parts.runner.claim(1)
    loaded = rig.parts.runner.load(held)
    release(rig, "--all") if verb == "release" else undo(rig, batch)
    for one in held:
        rig.parts.runner.bring(one, loaded[one.key])
    rig.run_until_quiet()
    with rig.database.read() as tx:
        lanes = tx.execute(sa.select(operation.c.lane)).scalars().all()
        known = set(tx.execute(sa.select(lane.c.key)).scalars())

    assert set(lanes) <= known
    if verb == "release":
        assert {"done"} == set(rig.fates().values())
        assert not levels(simulator)[0]
    else:
        assert {"parked"} == set(rig.fates().values())
        assert 0 == count(rig)
    assert PAY not in writes(simulator)


def test_what_was_adopted_is_listed(rig, simulator):
    """By adoption, with what is only looked at and what waits there."""
    batch = moved_in(rig, simulator, 3)
    rig.topup("2", client="c2")
    rig.run_until_quiet()
    release(rig, "shop:1")
    [[shown]], _ = adopt(rig, "list")

    assert (batch, 3, 2, 1) == tuple(
        shown[k] for k in ("batch", "accounts", "only looked at", "events waiting")
    )


def test_an_account_is_bound_by_the_operators_word_only(rig, simulator):
    """Never by an e-mail or a name that looks alike."""
    move_in(simulator, 1)
    rig.order("1", client="c1")
    rig.run_until_quiet()
    with rig.database.read() as tx:
        known = accounts.load(tx, rig.account().id)

    assert "1" != known.remote
    assert 2 == len(simulator.users)
