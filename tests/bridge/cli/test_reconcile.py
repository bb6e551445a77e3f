"""`switchhook reconcile`: what differs, line by line, and how it ends."""

import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bridge import config, csvs, lifecycle
from bridge.cli import main
from bridge.parts import assemble
from bridge.reconcile import accounts as paging
from bridge.store.tables import reconciliation
from tests.bridge.seen import Watched, by_hand, fields, orders, until
from tests.conftest import engine  # noqa: F401 - on both databases here
from tests.days import STARTED

SET = "User_Update"


def told(rig, *arguments):
    """The lines of --json, and the exit code."""
    whole = ["--config", str(rig.path), "reconcile", *arguments, "--json"]
    result = CliRunner().invoke(main, whole)
    assert result.stdout, result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.exit_code


def shown(rig, *arguments):
    result = CliRunner().invoke(
        main, ["--config", str(rig.path), "reconcile", *arguments]
    )
    return result.output, result.exit_code


def drift(rig, simulator, user, channels="9"):
    by_hand(simulator, SET, user_id=user, user={fields(rig)["channels"]: channels})


@pytest.fixture
def fleet(make):
    rig, simulator = make()
    orders(rig, 3)
    rig.run()
    return rig, simulator


def test_a_clean_fleet_ends_with_0(fleet):
    """U10: only the totals are said."""
    rig, _ = fleet
    [only], code = told(rig)

    assert (0, 3, 0, "ended") == (
        code, only["totals"]["accounts"], only["totals"]["differences"],
        only["totals"]["state"],
    )  # fmt: skip
    assert any("lists no accounts" in why for why in only["totals"]["not_compared"])


def test_differences_end_with_2_and_are_repaired_by_apply(fleet):
    """U10: shown first; then woken, repaired, and clean."""
    rig, simulator = fleet
    drift(rig, simulator, 2)
    first, code = told(rig)
    applied, again = told(rig, "--apply")
    rig.run()
    _, after = told(rig)

    assert (2, 2, 0) == (code, again, after)
    assert ("level", "channels", "2", "9", "wake") == tuple(
        first[0][key] for key in ("kind", "what", "wants", "has", "repair")
    )
    assert first[0]["since"] == applied[0]["since"]
    assert 2 == simulator.users[2].channels


def test_it_is_said_in_words(fleet):
    """For people: what should be, what is, since when, what is done and why."""
    rig, simulator = fleet
    drift(rig, simulator, 2)
    said, code = shown(rig)

    assert 2 == code
    assert "level channels: should be 2, is 9" in said
    assert "With --apply: Its lane is woken" in said
    assert "3 accounts, 1 differences (1 by waking their lanes)" in said


def test_what_could_not_be_seen_ends_with_3(fleet):
    """Neither clean nor different: it is said, with the reason."""
    rig, simulator = fleet
    simulator.plant("error_object_500", "User_Get", times=99)
    [only], code = told(rig)

    assert 3 == code
    assert "backend main" == only["totals"]["unseen"][0]["what"]
    simulator.calm()


def test_what_is_in_flight_ends_with_3(fleet):
    """Nothing differs for certain."""
    rig, _ = fleet
    rig.say("suspend", "2", id_="off")
    [flying, _], code = told(rig)

    assert (3, True) == (code, flying["in_flight"])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--backend", "mian"), "main"),
        (("--source", "shpo"), "shop"),
        (("show", "99"), "no reconciliation 99"),
        (("sums", "--month", "november"), "2026-11"),
    ],
)
def test_a_slip_is_named(fleet, arguments, why):
    """With what there is instead."""
    rig, _ = fleet
    said, code = shown(rig, *arguments)

    assert 1 == code
    assert why in said


def test_a_run_is_kept_and_shown(fleet):
    """The report, and where all money stood then."""
    rig, simulator = fleet
    rig.topup("50", client="2")
    rig.run()
    drift(rig, simulator, 2)
    told(rig)
    told(rig, "--backend", "main")
    [head, line], code = told(rig, "show", "1")
    newest, _ = told(rig, "show")
    [runs], _ = told(rig, "list")
    said, _ = shown(rig, "show", "1")

    assert (0, "channels") == (code, line["what"])
    assert [("shop", "10.00", "10.00", True)] == [
        (s["source"], s["paid"], s["applied"], s["adds_up"]) for s in head["sums"]
    ]
    assert 2 == newest[0]["run"]
    assert ["main", "all"] == [run["of"] for run in runs]
    assert "adds up" in said


def test_only_lines_of_one_kind_are_shown(fleet):
    """A thousand of one may hide one of another."""
    rig, simulator = fleet
    drift(rig, simulator, 2)
    told(rig)

    assert 1 == len(told(rig, "show", "--kind", "credit_extra")[0])
    assert 2 == len(told(rig, "show", "--kind", "level")[0])


# sums


PAID = (("1", "1", "=2+3"), ("2", "1", "90"), ("3", "9", "91"))


@pytest.fixture
def trade(make):
    """One applied, one held, one paid back; two invoices."""
    rig, _ = make()
    orders(rig, 1)
    rig.run()
    for line, client, invoice in (
        ("1", "1", "=2+3"),
        ("2", "1", "90"),
        ("3", "9", "91"),
    ):
        rig.post(
            f"topup-{line}", "topup.paid", account={"ref": client},
            service={"ref": "credit", "product_ref": "credit10"},
            billing={"line_ref": f"p{line}", "invoice_ref": invoice},
        )  # fmt: skip
    rig.run()
    rig.post("back", "topup.reversed", billing={"line_ref": "p2"},
             account={"ref": "1"})  # fmt: skip
    rig.run_until_quiet()
    return rig


def rows(rig, *arguments):
    said, code = shown(rig, "sums", "--csv", *arguments)
    assert 0 == code, said
    return list(csv.DictReader(io.StringIO(said)))


def test_where_all_money_is_adds_up(trade):
    """B: Σ paid = applied + held + paid back."""
    [[only]], code = told(trade, "sums")

    assert (0, True, "30.00", "10.00") == (
        code, only["adds_up"], only["paid"], only["held"],
    )  # fmt: skip


def test_each_line_has_its_invoice_number_and_its_sums_are_the_same(trade):
    """Comparable with the platform's own list: a row a line, none twice."""
    lines = rows(trade)
    [[only]], _ = told(trade, "sums")

    assert ["p1", "p2", "p3"] == [row["line"] for row in lines]
    assert ["90", "91"] == [row["invoice"] for row in lines][1:]
    for book in ("paid", "applied", "held", "reversing", "reversed"):
        assert float(only[book]) == sum(float(row[book]) for row in lines), book


def test_a_reference_is_never_a_formula(trade):
    """Opened in a spreadsheet, it would be worked out.

    Guard off (`startswith(FORMULA)`): red.
    """
    assert "'=2+3" == rows(trade)[0]["invoice"]
    assert ["'=1", "'+1", "'-1", "'@a", "'\t1", "1"] == [
        csvs.cell(said) for said in ("=1", "+1", "-1", "@a", "\t1", "1")
    ]


def test_a_month_is_the_calendars(trade):
    """What was booked in it; another has nothing."""
    month = f"{trade.clock.now():%Y-%m}"
    [[only]], _ = told(trade, "sums", "--month", month)
    [nothing], _ = told(trade, "sums", "--month", "2020-12")

    assert ("30.00", []) == (only["paid"], nothing)
    assert 3 == len(rows(trade, "--month", month))
    assert "adds up" in shown(trade, "sums", "--month", month)[0]


# stopped


def test_ctrl_c_ends_it_and_what_was_found_is_kept(fleet, monkeypatch):
    """Exit code 3: it has not seen all."""
    rig, simulator = fleet
    monkeypatch.setattr(paging, "PAGE", 1)
    drift(rig, simulator, 1)
    load, left = paging.loading.load, [2]

    def loaded(*args):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGINT)
        return load(*args)

    monkeypatch.setattr(paging.loading, "load", loaded)
    lines, code = told(rig)
    kept, _ = told(rig, "show")

    assert "stopped" == lines[-1]["totals"]["state"]
    assert code in {2, 3}
    assert lines[-1]["totals"]["accounts"] < 3
    assert len(lines) == len(kept)


def test_it_writes_through_the_process_that_has_the_database(fleet):
    """On SQLite one process writes: a run beside it asks it to, and it repairs."""
    rig, simulator = fleet
    rig.database.close()
    drift(rig, simulator, 2)
    parts = assemble(config.load(rig.path))
    stop = lifecycle.work(parts)
    try:
        lines, code = told(rig, "--apply")
        until(lambda: simulator.users[2].channels == 2, within=30)
    finally:
        assert stop()
        parts.database.close()

    assert (2, "wake") == (code, lines[0]["repair"])
    assert [1] == [run["run"] for run in told(rig, "list")[0][0]]


def test_killed_in_the_middle_the_next_one_is_whole(fleet):
    """C: no cleaning up, no lock left behind; what died is said to have."""
    rig, simulator = fleet
    drift(rig, simulator, 2)
    watched = Watched(simulator, 1.0)
    command = [sys.executable, "-m", "bridge.cli", "--config", str(rig.path),
               "reconcile", "--apply"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        until(lambda: watched.most, within=60)
        running.kill()
    watched.seconds = 0.0
    lines, code = told(rig, "--apply")
    [runs], _ = told(rig, "list")

    assert (2, 3) == (code, lines[-1]["totals"]["accounts"])
    assert ["ended", "running"] == [run["state"] for run in runs]
    with rig.database.change() as tx:
        tx.execute(sa.update(reconciliation).values(seen_at=STARTED))
    told(rig)
    [runs], _ = told(rig, "list")
    assert ["ended", "ended", "broken off"] == [run["state"] for run in runs]
