"""Drift planted on a real wire is found, and repaired or refused as the policy says."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import duties
from bridge.reconcile import accounts as paging
from bridge.store import drifts, lanes, ticks
from bridge.store.causes import CAUSES
from bridge.store.causes.found import Limits
from bridge.store.drifts import Scope, State
from bridge.store.tables import account as table
from bridge.taking_in import only_take_in
from provisioning.core.drift import Drift, Repair
from provisioning.core.money import text
from tests.bridge.seen import (
    OPEN,
    SET,
    by_hand,
    calls,
    credit,
    fields,
    levels,
    orders,
    pay_by_hand,
    writes,
)

LAGS = 200
"""Seconds after which a balance is no older than the last write."""

EXTRA, MISSING, LEVEL = Drift.CREDIT_EXTRA, Drift.CREDIT_MISSING, Drift.LEVEL


class Seen:
    """What one run found, and how it ended."""

    def __init__(self, rig, result, lines):
        self.rig, self.result, self.lines = rig, result, lines

    @property
    def kinds(self):
        return sorted(found.line.kind.value for found, _ in self.lines)

    @property
    def repairs(self):
        return {(f.line.kind, f.line.what, f.line.repair) for f, _ in self.lines}

    @property
    def one(self):
        [(found, _)] = self.lines
        return found.line


def reconcile(rig, scope=None, *, applies=False):
    """A run, with nobody working beside it."""
    lines = []
    result = rig.parts.reconciler.run(
        "a test", scope or Scope(), applies=applies,
        tell=lambda found, since: lines.append((found, since)),
    )  # fmt: skip
    return Seen(rig, result, lines)


def change(rig, simulator, user=1, **said):
    """Somebody sets this at the backend, past us."""
    wire = fields(rig)
    told = {wire[name]: value for name, value in said.items()}
    by_hand(simulator, SET, user_id=user, user=told)


def alerts(rig, topic, ahead=timedelta()):
    with rig.database.read() as tx:
        limits, at = Limits(), rig.clock.now() + ahead
        return CAUSES[topic](tx, at, limits)


def forget(rig, account, **columns):
    """As if this had never been noted of it."""
    with rig.database.change() as tx:
        mine = sa.update(table).where(table.c.id == account)
        tx.execute(mine.values(columns))


def trust(rig, account, because="looked at"):
    rig.parts.reconciler.order(
        "unsure.release", {"account": account, "because": because}
    )


@pytest.fixture
def fleet(make):
    """`rig, simulator = fleet()`: three accounts as they should be."""

    def build(**set_):
        rig, simulator = make(**set_)
        orders(rig, 3, package="starter")
        rig.run()
        assert {"done"} == set(rig.fates().values())
        return rig, simulator

    return build


@pytest.fixture
def three(fleet):
    return fleet()


# levels


def test_a_fleet_in_line_is_clean_and_is_only_read(three):
    """U10: no line, no write, and every account looked at once."""
    rig, simulator = three
    before = len(simulator.journal)
    seen = reconcile(rig)

    assert (0, 3, State.ENDED) == (
        seen.result.differences, seen.result.accounts, seen.result.state,
    )  # fmt: skip
    assert ["User_Get"] * 3 == calls(simulator, before)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"tariff": "2"}, "tariff"),
        ({"channels": "9"}, "channels"),
        ({"active": "off"}, "on"),
    ],
)
def test_a_level_set_past_us_is_found_and_put_back(three, said, what):
    """I5, U7: one line with what should be and what is; --apply wakes, its runner
    repairs, and a second run is clean.

    Guard off (no wake in `keeping.note`): red, nothing is put back.
    """
    rig, simulator = three
    good = levels(simulator, 2)
    if said.get("active"):
        said = {"active": fields(rig)["off"]}
    change(rig, simulator, 2, **said)
    seen = reconcile(rig, applies=True)
    before = len(simulator.journal)
    rig.run()

    assert {(LEVEL, what, Repair.WAKE)} == seen.repairs
    assert [SET] == writes(simulator, before)
    assert good == levels(simulator, 2)
    assert 0 == reconcile(rig).result.differences


def test_a_suspended_account_that_was_switched_on_goes_off_again(three):
    """U3: what is there says on, what was said is off."""
    rig, simulator = three
    rig.say("suspend", "2", id_="off")
    rig.run()
    change(rig, simulator, 2, active=fields(rig)["on"])
    seen = reconcile(rig, applies=True)
    rig.run()

    assert ("on", "off", "on") == (seen.one.what, seen.one.wants, seen.one.has)
    assert not levels(simulator, 2)[0]


def test_without_apply_nothing_is_woken(three):
    """U10: shown first."""
    rig, simulator = three
    change(rig, simulator, channels="9")
    reconcile(rig)

    assert 0 == rig.run()
    assert 9 == levels(simulator)[1]


def test_where_levels_are_only_reported_nothing_is_repaired(fleet):
    """U10: `repair = "report"`: the line says so, and how to do it by hand.

    Guard off (`may_set=True` in accounts): red.
    """
    rig, simulator = fleet(ours='repair = "report"')
    change(rig, simulator, channels="9")
    seen = reconcile(rig, applies=True)

    assert (Repair.PERSON, "drift_reported") == (seen.one.repair, seen.one.why.code)
    assert 0 == rig.run()
    assert 9 == levels(simulator)[1]


def test_the_guard_on_switch_offs_holds(fleet):
    """I9: more than may go off are left on, and the next run says why.

    Guard off (`switch_off` high): all three go off.
    """
    rig, simulator = fleet(ours="switch_off = { share = 0.0, least = 1 }")
    for no in ("1", "2", "3"):
        rig.say("suspend", no, id_=f"off-{no}")
    rig.run()
    on = [user for user in (1, 2, 3) if levels(simulator, user)[0]]
    seen = reconcile(rig, applies=True)
    rig.run()

    assert 2 == len(on)
    assert {("drift_guarded", Repair.PERSON)} == {
        (f.line.why.code, f.line.repair) for f, _ in seen.lines
    }
    assert on == [user for user in (1, 2, 3) if levels(simulator, user)[0]]


def test_an_adopted_account_that_is_only_looked_at_is_left_alone(three):
    """A line, and no repair, whatever the policy."""
    rig, simulator = three
    forget(rig, rig.account().id, observed_at=rig.clock.now())
    change(rig, simulator, channels="9")
    seen = reconcile(rig, applies=True)

    assert (Repair.NOTHING, "drift_observed") == (seen.one.repair, seen.one.why.code)
    assert 0 == rig.run()


# what is there, and what is not


def test_an_account_that_is_gone_is_told_and_not_made_anew(three):
    """U1: made anew it would be empty; its customer would be the first to notice."""
    rig, simulator = three
    by_hand(simulator, "User_Delete", user_id=2)
    seen = reconcile(rig, applies=True)
    before = len(simulator.journal)
    rig.run()

    assert (Drift.MISSING, Repair.PERSON) == (seen.one.kind, seen.one.repair)
    assert OPEN not in writes(simulator, before)


def test_a_user_who_was_renamed_is_somebody_elses(three):
    """Never touched: under that id there is another."""
    rig, simulator = three
    change(rig, simulator, 2, username="bob")
    seen = reconcile(rig, applies=True)

    assert (Drift.FOREIGN, Repair.PERSON) == (seen.one.kind, seen.one.repair)
    assert 0 == rig.run()


def test_an_account_that_was_never_opened_is_opened(three):
    """U1: it should be there, its lane is idle and nothing holds it: woken, it is."""
    rig, simulator = three
    forget(rig, rig.account("shop:2").id, remote=None)
    by_hand(simulator, "User_Delete", user_id=2)
    seen = reconcile(rig, applies=True)
    before = len(simulator.journal)
    rig.run()

    assert (Drift.MISSING, Repair.WAKE) == (seen.one.kind, seen.one.repair)
    assert OPEN in writes(simulator, before)


def test_foreign_users_are_told_and_never_touched(fleet):
    """I2: everybody there is looked at; nobody but ours is ever written to.

    Guard off (a holder for every name): red.
    """
    rig, simulator = fleet(everybody=True)
    wire = fields(rig)
    by_hand(simulator, OPEN, user={wire["username"]: "bob", wire["password"]: "x"})
    before = len(simulator.journal)
    seen = reconcile(rig, applies=True)
    rig.run()

    assert (Drift.FOREIGN, "bob", Repair.NOTHING) == (
        seen.one.kind, seen.one.has, seen.one.repair,
    )  # fmt: skip
    assert (0, 1) == (seen.result.differences, seen.result.left_alone)
    assert [] == writes(simulator, before)
    assert {} == alerts(rig, "reconcile_differs")


def test_a_backend_that_shows_the_same_page_for_ever_is_broken(fleet, monkeypatch):
    """It would be listed until somebody stops it."""
    rig, _ = fleet(everybody=True)
    listed = rig.parts.backends["main"].listing(None)
    endless = type(listed)(listed.names, "100")
    monkeypatch.setattr(rig.parts.backends["main"], "listing", lambda _: endless)
    [blind] = reconcile(rig).result.unseen

    assert "again and again" in blind.why


# money


def test_extra_credit_is_for_a_person_and_never_taken_away(three):
    """U9: with the evidence; it stays until somebody says what it was.

    Guard off (`drift.stays` false): red, a write of ours hides it.
    """
    rig, simulator = three
    rig.wait(LAGS)
    pay_by_hand(rig, simulator, 2, "7.00")
    change(rig, simulator, 2, channels="9")
    first = reconcile(rig, applies=True)
    rig.run()
    rig.wait(LAGS)
    second = reconcile(rig, applies=True)
    account = second.lines[0][0].subject

    assert {(EXTRA, Repair.PERSON), (LEVEL, Repair.WAKE)} == {
        (kind, repair) for kind, _, repair in first.repairs
    }
    assert "12.00 USD" in {f.line.has for f, _ in first.lines}
    assert [EXTRA] == [f.line.kind for f, _ in second.lines]
    assert "drift_stays" == second.one.why.code
    assert first.lines[0][1] == second.lines[0][1]  # since when
    assert "12.00" == credit(simulator, 2)
    assert alerts(rig, "reconcile_differs")
    trust(rig, account)
    rig.run()
    assert 0 == reconcile(rig).result.differences
    assert {} == alerts(rig, "reconcile_differs")


def test_extra_credit_that_was_taken_away_there_is_over(three):
    """No write of ours in between: the balance itself says so."""
    rig, simulator = three
    rig.wait(LAGS)
    pay_by_hand(rig, simulator, 2, "7.00")
    found = reconcile(rig)
    pay_by_hand(rig, simulator, 2, "-7.00")

    assert [EXTRA.value] == found.kinds
    assert 0 == reconcile(rig).result.differences


def test_credit_that_went_as_no_calls_explain_is_never_given_back(fleet):
    """U9: wiped or taken, it is for a person; goodwill is his to give."""
    rig, simulator = fleet()
    rig.wait(LAGS)
    pay_by_hand(rig, simulator, 2, "-4.00")
    seen = reconcile(rig, applies=True)

    assert (MISSING, Repair.PERSON) == (seen.one.kind, seen.one.repair)
    assert "1.00 USD" == seen.one.has
    assert 0 == rig.run()
    assert "1.00" == credit(simulator, 2)
    trust(rig, seen.lines[0][0].subject)
    rig.run()
    assert 0 == reconcile(rig).result.differences


def test_a_balance_that_may_be_read_too_early_is_no_line(three):
    """Within the settle window a replica may show the one before."""
    rig, simulator = three
    pay_by_hand(rig, simulator, 2, "-4.00")
    [(found, _)] = reconcile(rig).lines

    assert found.line.in_flight


def lost(rig, line, client):
    """A top-up that was booked, and whose lane nobody woke again."""
    rig.topup(line, client=client)
    runner = rig.parts.runner
    with rig.database.change() as tx:
        for lane in lanes.claim(tx, rig.clock.now(), runner.desk.pace.lease, 9):
            runner._sort(tx, lane)
    [lane] = runner.claim(1)
    job = runner.load([lane])[lane.key]
    only_take_in(job)
    with rig.database.change() as tx:
        lanes.release(tx, lane, due=None)
    return lane.key


def test_a_sum_that_is_due_and_was_forgotten_is_sent_once(three):
    """U9: the books are the reason, the key makes it one; then all is clean."""
    rig, simulator = three
    lost(rig, "77", "2")
    first = reconcile(rig)
    second = reconcile(rig, applies=True)
    rig.run()

    assert {(Drift.CREDIT_DUE, "shop:77/topup", Repair.WAKE)} == first.repairs
    assert first.repairs == second.repairs
    assert "15.00" == credit(simulator, 2)
    assert 0 == reconcile(rig).result.differences


def test_a_forgotten_sum_that_may_have_been_entered_by_hand_waits(three):
    """U9: entered at the panel by somebody who could not wait, it would be there twice.

    Guard off (`kinds >= {EXTRA, DUE}` in the rules): red, 25.00.
    """
    rig, simulator = three
    account = lost(rig, "77", "2")
    rig.wait(LAGS)
    pay_by_hand(rig, simulator, 2, "10.00")
    seen = reconcile(rig, applies=True)
    rig.run()

    assert {Repair.PERSON} == {f.line.repair for f, _ in seen.lines}
    assert "15.00" == credit(simulator, 2)
    order = rig.parts.reconciler.order
    order("unsure.release", {"account": account, "because": "it is there",
                             "arrived": ["shop:77/topup"]})  # fmt: skip
    rig.run()
    assert "15.00" == credit(simulator, 2)
    assert 0 == reconcile(rig).result.differences


def test_where_money_is_stopped_the_reason_is_the_line(three):
    """It waits for a person; the report has it, too."""
    rig, simulator = three
    pay_by_hand(rig, simulator, 2, "-4.00")
    rig.topup("78", client="2")
    rig.run()
    rig.wait(200)
    rig.run()
    seen = reconcile(rig)

    assert [Drift.BALANCE.value] == seen.kinds


# while others work


def test_what_is_worked_on_meanwhile_is_in_flight(three, monkeypatch):
    """B: events arrive and are done while a run reads: no false line.

    Guard off (`is_quiet` always true): red, the old levels are a difference.
    """
    rig, simulator = three
    load, said = paging.loading.load, []

    def loaded(*told):
        found = load(*told)
        if not said:
            said.append(True)
            rig.say("suspend", "2", id_="off")
            rig.run()
        return found

    monkeypatch.setattr(paging.loading, "load", loaded)
    seen = reconcile(rig, applies=True)

    assert [] == [f for f, _ in seen.lines if not f.line.in_flight]
    assert 0 == seen.result.differences
    assert not levels(simulator, 2)[0]


def test_a_word_that_waits_is_in_flight(three):
    """Accepted, and not worked off: what is there is still what it was."""
    rig, _ = three
    rig.say("suspend", "2", id_="off")
    seen = reconcile(rig)

    assert 0 == seen.result.differences
    assert 1 == seen.result.in_flight


def test_events_arrive_and_are_worked_off_while_it_runs(live, tmp_path):
    """C: suspended and resumed over and over by real workers: not one false line."""
    rig, _ = live()
    orders(rig, 6)
    for _ in range(200):
        if list(rig.fates().values()) == ["done"] * 6:
            break
        threading.Event().wait(0.05)
    stop = threading.Event()

    def talk():
        no = 0
        while not stop.is_set():
            no += 1
            word = ("suspend", "resume")[no % 2]
            for service in range(1, 7):
                at = rig.clock.now()
                rig.say(word, str(service), id_=f"{word}-{service}-{no}", at=at)

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        seen = [reconcile(rig) for _ in range(12)]
    finally:
        stop.set()
        talking.join()

    false = [f for each in seen for f, _ in each.lines if not f.line.in_flight]
    assert [] == false


# how it ends


def test_a_run_that_died_is_over_and_the_next_is_whole(three, monkeypatch):
    """C: killed in the middle, what it found is kept and nothing hangs on it."""
    rig, simulator = three
    monkeypatch.setattr(paging, "PAGE", 1)
    for user in (1, 2, 3):
        change(rig, simulator, user, channels="9")
    runner = rig.parts.reconciler
    keeper = runner.order

    def dies(name, said):
        if name == "reconcile.end":
            raise SystemExit  # the process is gone
        told = keeper(name, said)
        if name == "reconcile.note":
            raise SystemExit
        return told

    broken = type(runner)(**{
        name: getattr(runner, name) for name in runner.__dataclass_fields__
    } | {"order": dies})  # fmt: skip
    with pytest.raises(SystemExit):
        broken.run("a test", applies=True)
    rig.wait(11 * 60)
    seen = reconcile(rig, applies=True)
    rig.run()
    with rig.database.read() as tx:
        died, whole = drifts.runs(tx, 2)[::-1]
        found = drifts.differences(tx, died.id, 9)

    assert (State.BROKEN_OFF, 1) == (died.state, len(found))
    assert (State.ENDED, 3) == (whole.state, len(seen.lines))
    assert 0 == reconcile(rig).result.differences


def test_told_to_end_it_ends_behind_the_accounts_it_is_at(three, monkeypatch):
    """What it had found is kept; it claims no more than it saw."""
    rig, _ = three
    monkeypatch.setattr(paging, "PAGE", 1)
    ending = rig.parts.reconciler.ending
    result = rig.parts.reconciler.run("a test", step=lambda _: ending.set())

    assert (State.STOPPED, 1) == (result.state, result.accounts)


def test_a_backend_that_cannot_be_seen_is_said_and_nothing_is_guessed(three):
    """Neither missing nor clean: the run did not see everything."""
    rig, simulator = three
    change(rig, simulator, channels="9")
    simulator.plant("error_object_500", "User_Get", times=99)
    seen = reconcile(rig, applies=True)

    assert [] == seen.lines
    assert ("backend main", 3) == (
        seen.result.unseen[0].what, seen.result.unseen[0].count,
    )  # fmt: skip
    simulator.calm()


def test_since_when_is_kept_from_run_to_run(three):
    """The first look that saw it; over and back, it begins anew."""
    rig, simulator = three
    change(rig, simulator, channels="9")
    [(_, first)] = reconcile(rig).lines
    rig.wait(3600)
    [(_, second)] = reconcile(rig).lines
    change(rig, simulator, channels="5")
    assert not reconcile(rig).lines
    change(rig, simulator, channels="9")
    [(_, third)] = reconcile(rig).lines

    assert first == second < third


def test_runs_are_pruned_but_never_the_last_that_saw_all(three):
    """Documented: 90 days, by `[reconcile] keep`."""
    rig, _ = three
    reconcile(rig)
    rig.wait(100 * 86400)
    reconcile(rig, Scope(backend="main"))
    with rig.database.read() as tx:
        assert [2, 1] == [run.id for run in drifts.runs(tx, 9)]
    reconcile(rig)
    rig.wait(100 * 86400)
    reconcile(rig)
    with rig.database.read() as tx:
        assert [4] == [run.id for run in drifts.runs(tx, 9)]


@pytest.mark.parametrize(
    ("scope", "accounts"),
    [
        (Scope(), 3),
        (Scope(backend="main"), 3),
        (Scope(source="shop"), 3),
        (Scope(source="other"), 0),
    ],
)
def test_a_part_is_looked_at(three, scope, accounts):
    """U10: one backend, one source."""
    rig, _ = three

    assert accounts == reconcile(rig, scope).result.accounts


def test_one_that_is_late_is_an_alert(three):
    """36 hours without one that saw everything; a part is not everything."""
    rig, _ = three
    assert {} == alerts(rig, "reconcile_late", timedelta(hours=40))  # nobody runs it
    with rig.database.change() as tx:
        ticks.keep(tx, ["reconcile"], rig.clock.now())
    assert {} == alerts(rig, "reconcile_late", timedelta(hours=35))
    assert alerts(rig, "reconcile_late", timedelta(hours=37))
    reconcile(rig, Scope(backend="main"))
    assert alerts(rig, "reconcile_late", timedelta(hours=37))
    reconcile(rig)
    assert {} == alerts(rig, "reconcile_late", timedelta(hours=35))


def test_where_all_money_stands_is_kept_with_the_run(three):
    """B: Σ paid = applied + held + paid back, by source and currency."""
    rig, _ = three
    rig.topup("50", client="2")
    rig.run()
    rig.topup("51", client="99")
    rig.run()
    seen = reconcile(rig)
    with rig.database.read() as tx:
        [one] = drifts.sums(tx, seen.result.run)

    assert ("shop", "20.00", "10.00", "10.00", True) == (
        one.source, text(one.paid), text(one.applied), text(one.held), one.adds_up,
    )  # fmt: skip


def test_every_night_it_runs_and_repairs(three):
    """U10: by itself, as the policy says; told to end, it breaks off."""
    rig, simulator = three
    parts = rig.parts
    tick = duties.nightly(parts.config, parts.reconciler)
    change(rig, simulator, 2, channels="9")
    tick.run(rig.clock.now())
    rig.run()
    beside = duties.duties(
        parts.config, rig.database, rig.clock, {}, reconciler=parts.reconciler
    )
    beside.stop(1)

    assert 5 == levels(simulator, 2)[1]
    assert 3 == tick.daily.hour.hour
    assert parts.reconciler.ending.is_set()


def test_a_cover_is_lifted_by_a_word_and_what_comes_after_is_another(three):
    """Trusted, and given again by hand: found anew, covered anew, open anew."""
    rig, simulator = three
    account = rig.account("shop:2").id

    def given_and_written_over(channels):
        rig.wait(LAGS)
        pay_by_hand(rig, simulator, 2, "7.00")
        change(rig, simulator, 2, channels=channels)
        reconcile(rig, applies=True)
        rig.run()
        rig.wait(LAGS)

    given_and_written_over("9")
    assert [EXTRA.value] == reconcile(rig).kinds
    trust(rig, account)
    rig.run()
    assert [] == reconcile(rig).kinds  # from here on it is known what was there
    given_and_written_over("8")
    assert [EXTRA.value] == reconcile(rig).kinds
    assert [EXTRA.value] == reconcile(rig).kinds
    trust(rig, account)
    rig.run()

    assert [] == reconcile(rig).kinds


def test_a_list_that_is_long_is_kept_in_pieces(fleet, monkeypatch):
    """A server that heeds no limit shows thousands at once."""
    rig, _ = fleet(everybody=True)
    backend = rig.parts.backends["main"]
    ours = backend.listing(None)
    names = tuple((str(no), f"old{no}") for no in range(1000, 2200))
    monkeypatch.setattr(
        backend, "listing", lambda _: type(ours)(ours.names + names, None)
    )

    assert {(Drift.FOREIGN.value, "nothing"): 1200} == reconcile(rig).result.lines


def test_of_an_account_without_a_proven_write_the_first_balance_is_kept(three):
    """As after an adoption: what it was first seen with; then a rise is told.

    Guard off (no sighting noted): red.
    """
    rig, simulator = three
    account = rig.account("shop:2").id
    forget(rig, account, trusted_from=rig.clock.now())
    assert [] == reconcile(rig).kinds
    rig.wait(LAGS)
    pay_by_hand(rig, simulator, 2, "7.00")

    assert [EXTRA.value] == reconcile(rig).kinds


def test_one_account_that_breaks_everything_keeps_no_other_from_being_seen(
    three, monkeypatch
):
    """A fault of ours, too: it is counted as unseen, and the log says where."""
    rig, simulator = three
    change(rig, simulator, 3, channels="9")
    backend = rig.parts.backends["main"]
    read = backend.read

    def breaks(ref):
        return read(ref) if ref != "2" else 1 / 0

    monkeypatch.setattr(backend, "read", breaks)
    seen = reconcile(rig)
    [blind] = seen.result.unseen

    assert [LEVEL.value] == seen.kinds
    assert (1, True) == (blind.count, "ZeroDivisionError" in blind.why)


def test_what_was_purged_is_not_looked_at(three):
    """Whoever has its id by now is not ours."""
    rig, simulator = three
    forget(rig, rig.account("shop:2").id, purged_at=rig.clock.now())
    before = len(simulator.journal)
    seen = reconcile(rig)

    assert [] == seen.lines
    assert 2 == len(calls(simulator, before))


def test_what_is_noted_twice_after_an_answer_that_was_lost_counts_once(three):
    """An order may be carried out and its answer never come.

    Guard off (`on_conflict_do_nothing`): red.
    """
    rig, simulator = three
    change(rig, simulator, 2, channels="9")
    once = rig.parts.reconciler
    twice = replace(once, order=lambda *said: (once.order(*said), once.order(*said))[1])
    with rig.database.read() as tx:
        first = len(drifts.runs(tx, 9))
    result = twice.run("a test")
    with rig.database.read() as tx:
        kept = drifts.differences(tx, result.run, 9)
        sums = drifts.sums(tx, result.run)

    assert (0, 1, 1) == (first, len(kept), result.differences)
    assert len({one.currency for one in sums}) == len(sums)


@pytest.mark.parametrize("listed", [True, False])
def test_a_payment_that_is_not_listed_any_more_is_found_without_any_rate(fleet, listed):
    """U9: nobody knows what calls can use, but the backend lists its payments."""
    rig, simulator = fleet(listed=True, rate=None)
    rig.wait(LAGS)
    with simulator._changed:
        model = simulator._model
        model.users[2] = replace(model.users[2], credit=model.users[2].credit - 4)
        if not listed:
            model.payments = [p for p in model.payments if p.user_id != 2]
    found = reconcile(rig, applies=True)

    assert ([] if listed else [MISSING.value]) == found.kinds
    assert 0 == rig.run()
    trust(rig, rig.account("shop:2").id)
    rig.run()
    reconcile(rig)
    with simulator._changed:
        model.users[2] = replace(model.users[2], credit=model.users[2].credit - 1)
    assert [] == reconcile(rig).kinds
