"""What all customers used, and what is owed to them: pages, files, who sees them."""

import csv
import io
from datetime import timedelta

import pytest

from tests.bridge.test_usage import LISTS, look, pass_on
from tests.browser import faults, free_port
from tests.engines import on_sqlite
from tests.visit import Visit


@pytest.fixture
def called(make):
    """Two accounts; the first used two lines, before and behind midnight."""

    def build(**set_):
        rig, simulator = make(**{"ours": LISTS} | set_)
        at = rig.clock.now()
        begins = (at + timedelta(days=40)).replace(day=2, hour=0, minute=0, second=0)
        pass_on(rig, simulator, (begins - at).total_seconds() - 60)
        rig.order()
        rig.order("2", id_="second", line="2", client="8")
        rig.topup("3")
        rig.run()
        simulator.start_traffic(1, concurrent=2, call_seconds=20)
        pass_on(rig, simulator, 130)
        look(rig)
        return rig, Visit(rig)

    return build


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_usage_is_shown_by_day_and_by_account_and_kept_as_files(called):
    """S12: the page says what the files say; who used nothing is in neither."""
    rig, visit = called()
    account, month = rig.account(), f"{rig.clock.now():%Y-%m}"
    page = visit.get("/usage").text
    days = visit.get(f"/usage/days.csv?month={month}")
    [one] = rows(visit.get("/usage/accounts.csv"))

    assert 2 == len(rows(days))
    assert [("1", "2")] * 2 == [(row["accounts"], row["peak"]) for row in rows(days)]
    assert (account.id, account.username) == (one["account"], one["username"])
    assert sum(int(row["calls"]) for row in rows(days)) == int(one["calls"]) > 0
    for said in (rows(days)[0]["day"], f"/accounts/{account.id}/usage", "<svg"):
        assert said in page
    assert rig.account("shop:2").id not in page
    assert f"usage-{month}.csv" in days.headers["Content-Disposition"]


def test_what_is_owed_is_shown_and_kept_as_a_file(called):
    """S1: bought and free apart, as the command line has it."""
    _, visit = called()
    page = visit.get("/liability").text
    bought, free = rows(visit.get("/liability.csv"))

    assert ("bought", "10.00") == (bought["credit"], bought["paid"])
    assert ("free", "10.00") == (free["credit"], free["granted"])
    assert bought["closing"] in page
    assert "sums say the same" in page


def test_a_ledger_that_says_otherwise_is_told(called, monkeypatch):
    """Nobody closes a month on a sheet that is wrong."""
    # Guard off (`wrong` not shown): red.
    _, visit = called()
    monkeypatch.setattr("bridge.statements.unproven", lambda *_: ["USD"])
    page = visit.get("/liability").text

    assert "own sums in USD are others" in page
    assert "sums say the same" not in page


def test_a_month_without_anything_says_what_to_do(rig):
    """Also one that never was; what is no month is refused."""
    visit = Visit(rig)

    assert "Nothing was used in 2020-01" in visit.get("/usage?month=2020-01").text
    assert "No customer had any credit" in visit.get("/liability?month=2020-01").text
    for path in ("/usage", "/liability"):
        assert 200 == visit.get(f"{path}?month=").status_code
        assert 400 == visit.get(f"{path}?month=2026-13").status_code


def test_who_is_kept_to_a_source_sees_its_usage_alone(called):
    """U11: neither another's days nor its accounts; and no sheet of all sources."""
    rig, _ = called()
    other = Visit(rig, "reseller", ["other"])

    assert "Nothing was used" in other.get("/usage").text
    assert [] == rows(other.get("/usage/accounts.csv"))
    assert 403 == other.get("/liability").status_code
    assert "/liability" not in other.get("/").text


@on_sqlite
def test_each_page_can_be_read_by_everybody(served, called):
    """Nothing axe finds with no rule off, no wider than a phone, and a title."""
    rig, _ = called(more=f"[console]\nport = {free_port()}\n")
    visit, _ = served(rig=rig)
    page = visit.open()
    for path in ("/usage", "/liability", "/usage?month=2020-01",
                 "/liability?month=2020-01"):  # fmt: skip
        page.goto(visit.url + path)
        assert page.title().endswith(" · Switchhook")
        assert {} == faults(page), path
