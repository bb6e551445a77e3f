"""The verbs for what was used: a month, a sheet, bounds."""

import csv
import io
from decimal import Decimal

import pytest

from bridge.csvs import cell
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.test_usage import LISTS, look


@pytest.fixture
def used(make):
    """An account with 15.00, of which 0.30 are used."""
    rig, simulator = make(ours=LISTS)
    rig.order()
    rig.topup("2")
    rig.run()
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    simulator.advance(100)
    look(rig)
    return rig, simulator


def rows(result):
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_month_is_told_in_every_form(used):
    """S1, S10, S12: for people, as a sheet, for programs; the same figures."""
    rig, simulator = used
    told, code = said(rig.path, "usage", "shop:1")
    sheet = rows(switchhook(rig.path, "usage", "shop:1", "--csv"))
    words = switchhook(rig.path, "usage", "shop:1").stdout
    spent = Decimal(15) - simulator.users[1].credit

    assert 0 == code
    assert ("10.00", "5.00") == (told["bought"]["paid"], told["free"]["granted"])
    assert -spent == Decimal(told["free"]["used"])
    assert (15, "7.5", 5) == (told["calls"], told["minutes"], told["peak"])
    assert spent == sum(Decimal(row["spent"]) for row in sheet)
    assert 15 == sum(int(row["calls"]) for row in sheet)
    assert "closing" in words
    assert "7.5" in words


def test_any_earlier_month_can_be_asked_for(used):
    """S1: one before it began is empty, and what is no month is refused."""
    rig, _ = used
    told, _ = said(rig.path, "usage", "shop:1", "--month", "2020-02")
    wrong = switchhook(rig.path, "usage", "shop:1", "--month", "2020-13")

    assert "0.00" == told["bought"]["closing"]
    assert 1 == wrong.exit_code
    assert '"2020-13" is no month; write it as 2026-11' in wrong.stderr


def test_what_customers_have_is_a_sheet(used):
    """P17: bought and free apart, proven by the ledger's own sums."""
    rig, simulator = used
    told, code = said(rig.path, "liability")
    sheet = rows(switchhook(rig.path, "liability", "--csv"))
    shown = switchhook(rig.path, "liability")
    has = simulator.users[1].credit

    assert (0, True) == (code, told["proven"])
    assert ["bought", "free"] == [row["credit"] for row in sheet]
    assert has == sum(Decimal(row["closing"]) for row in sheet)
    assert "10.00" in shown.stdout


def test_a_bound_is_set_listed_told_and_dropped(used):
    """S2: by an account's name or a service's."""
    rig, simulator = used
    set_, _ = said(rig.path, "threshold", "set", "shop:1", "balance", "14.80")
    usage, _ = said(
        rig.path, "threshold", "set", rig.account().id, "calls", "3", "--per", "day"
    )
    look(rig)
    (first, second), code = said(rig.path, "threshold", "list", "shop:1")
    gone, _ = said(rig.path, "threshold", "drop", str(set_["threshold"]))
    left, _ = said(rig.path, "threshold", "list")

    assert 0 == code
    assert ("shop:1", True, 1) == (first["service"], first["crossed"], first["times"])
    assert first["said"].startswith("Your balance is 14.70 USD: below the 14.80 USD")
    assert (None, "day", True) == (second["service"], second["per"], second["crossed"])
    assert {"dropped": set_["threshold"]} == gone
    assert [usage["threshold"]] == [each["threshold"] for each in left]
    assert simulator.users


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("set", "shop:1", "balance", "5", "--per", "day"), "leave out --per"),
        (("set", "shop:1", "calls", "5"), "--per day or --per month"),
        (("set", "shop:1", "balance", "five"), '"five" is not an amount'),
        (("set", "shop:9", "balance", "5"), "there is no account or service shop:9"),
        (("drop", "77"), "there is no threshold 77; see `switchhook threshold list`"),
    ],
)
def test_a_slip_is_said_in_one_line(used, arguments, reason):
    """S2: what is meant, and how it is written."""
    result = switchhook(used[0].path, "threshold", *arguments)

    assert 1 == result.exit_code
    assert reason in result.stderr


def test_in_words(used):
    """S2: without --json, one line."""
    path = used[0].path
    set_ = switchhook(path, "threshold", "set", "shop:1", "balance", "5")
    listed = switchhook(path, "threshold", "list")
    drop = switchhook(path, "threshold", "drop", "1")

    assert "threshold 1 is set\n" == set_.stdout
    assert "balance" in listed.stdout
    assert "threshold 1 is dropped\n" == drop.stdout


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    """V15: a source or an account may be named by anybody."""
    # Guard off (text is written as it is): red.
    assert f"'{text}" == cell(text)


def test_numbers_and_names_are_written_as_they_are():
    """P17: a sheet is reckoned with."""
    written = [cell(v) for v in (None, 5, Decimal("-0.10"), Decimal("1E+2"), "shop")]

    assert ["", "5", "-0.10", "100", "shop"] == written
