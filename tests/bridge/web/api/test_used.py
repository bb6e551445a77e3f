"""What was used and what is owed, by a program: the same as the command line says."""

from decimal import Decimal

import pytest

from tests.bridge.cli.test_cli import said
from tests.bridge.test_usage import LISTS, look, pass_on
from tests.visit import Program

V1 = "/api/v1"


@pytest.fixture
def called(make):
    """Two accounts; the first used two lines for a minute, on this day."""
    rig, simulator = make(ours=LISTS)
    at = rig.clock.now()
    pass_on(rig, simulator, 86_400 - at.hour * 3600 - at.minute * 60 - at.second)
    rig.order()
    rig.order("2", id_="second", line="2", client="8")
    rig.topup("3")
    rig.run()
    simulator.start_traffic(1, concurrent=2, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    return rig, simulator, Program(rig)


def test_usage_is_told_by_day_and_by_account(called):
    """S12: calls, minutes, at once, cost; who used nothing is left out."""
    rig, simulator, program = called
    month = f"{rig.clock.now():%Y-%m}"
    cost = sum(call.cost for call in simulator.calls)
    [day] = program.get(f"{V1}/usage").json["items"]
    [one] = program.get(f"{V1}/usage/accounts?month={month}").json["items"]

    assert (4, "2.0", 2, 1) == tuple(
        day[name] for name in ("calls", "minutes", "peak", "accounts")
    )
    assert (f"{rig.clock.now():%Y-%m-%d}", cost) == (
        day["day"],
        Decimal(day["cost"]),
    )
    assert (rig.account().id, 4) == (one["account"], one["calls"])
    assert [] == program.get(f"{V1}/usage?month=2020-01").json["items"]


def test_an_account_s_month_is_what_the_command_line_says(called):
    """S1, S12: bought and free apart, and each day: one reckoning for both."""
    rig, _, program = called
    month = f"{rig.clock.now():%Y-%m}"
    told = program.get(f"{V1}/accounts/shop:1/usage?month={month}").json
    printed, _ = said(rig.path, "usage", "shop:1", "--month", month)
    both = {row.pop("credit"): row for row in told["credit"]}

    def as_numbers(row):
        return {
            name.replace("_", " "): float(value)
            for name, value in row.items()
            if name != "day" and value is not None
        }

    for part in ("bought", "free"):
        assert as_numbers(printed[part]) == as_numbers(both[part])
    assert [as_numbers(day) for day in printed["days"]] == [
        as_numbers(day) for day in told["days"]
    ]
    assert 4 == told["used"]["calls"]


def test_the_liability_sheet_is_what_the_command_line_says(called):
    """S1: by source and currency, and whether the ledger's own sums are the same."""
    rig, _, program = called
    told = program.get(f"{V1}/liability").json
    printed, _ = said(rig.path, "liability", "--month", told["month"])

    assert (told["month"], told["proven"]) == (printed["month"], printed["proven"])
    assert [("shop", "bought", "10.00"), ("shop", "free", "10.00")] == [
        (row["source"], row["credit"], _came(row)) for row in told["items"]
    ]
    assert [float(row["closing"]) for row in printed["lines"]] == [
        float(row["closing"]) for row in told["items"]
    ]


def _came(row):
    return row["paid"] if row["credit"] == "bought" else row["granted"]


@pytest.mark.parametrize("month", ["2026-13", "9999-12", "2026-1", "last", "٢٠٢٦-٠١"])
def test_what_is_no_month_is_refused(called, month):
    """On every call that asks for one."""
    _, _, program = called
    paths = ("usage", "usage/accounts", "liability", "accounts/shop:1/usage")
    codes = {program.get(f"{V1}/{path}?month={month}").status_code for path in paths}

    assert {422} == codes


def test_who_is_kept_to_a_source_sees_its_usage_alone(called):
    """U11: neither another's days nor its accounts; and no sheet of all sources."""
    # Guard off (`within` left out of both questions): red.
    rig, _, _ = called
    other, mine = (Program(rig, "reseller", [name]) for name in ("other", "shop"))

    assert [] == other.get(f"{V1}/usage").json["items"]
    assert [] == other.get(f"{V1}/usage/accounts").json["items"]
    assert 1 == len(mine.get(f"{V1}/usage/accounts").json["items"])
    assert 403 == mine.get(f"{V1}/liability").status_code
