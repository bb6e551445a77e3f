"""Calls from before a cap was lowered: an account is over cap until they have ended."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.draining import OverCap
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.test_changes import GOLD, change, order
from tests.visit import Program, Visit

HOUR = 3600


@pytest.fixture
def lowered(make):
    """Sold with 20 channels, then with 5; a call lasts an hour at most."""
    rig, simulator = make(more=GOLD, longest_call=HOUR)
    order(rig, rig.clock.now() - timedelta(days=3))
    change(rig, "gold", id_="up")
    rig.run()
    rig.wait(2 * HOUR)
    change(rig, "starter", id_="down")
    rig.run()
    return rig, simulator


def told(rig):
    return Program(rig).get("/api/v1/accounts/shop:1").json["over_cap"]


def test_a_lower_cap_holds_at_once_and_is_reported_until_calls_have_ended(lowered):
    """D17: 5 are set; those begun under 20 may run for an hour yet."""
    rig, simulator = lowered
    at, first = rig.clock.now(), told(rig)
    rig.wait(HOUR / 2)
    half = told(rig)
    rig.wait(HOUR / 2 + 120)

    assert 5 == simulator.users[1].channels
    assert 20 == first["cap"]
    until = datetime.fromisoformat(first["until"])
    assert timedelta(0) <= until - at - timedelta(hours=1) < timedelta(minutes=2)
    assert first == half
    assert told(rig) is None


def test_a_higher_cap_is_nothing_to_report(make):
    """D17: calls begun under the lower one are within the higher."""
    # Guard off (each cap known from before counts): red, over a cap of 20.
    rig, _ = make(more=GOLD, longest_call=HOUR)
    order(rig, rig.clock.now() - timedelta(days=3))
    change(rig, "gold", id_="up")
    rig.run()

    assert told(rig) is None


def test_people_are_told_as_well(lowered):
    """D17: on the account's page, where its backend is looked at, and by the verb."""
    rig, _ = lowered
    path = f"/accounts/{rig.account().id}"
    unseen, seen = (Visit(rig).get(path + more).text for more in ("", "?look=yes"))
    [row] = said(rig.path, "show", "shop:1")[0]

    assert "Over cap" not in unseen
    assert "Over cap: calls begun under a cap of 20 channels may run until" in seen
    assert row["over cap"] in seen
    assert (
        f"over cap: {row['over cap']}" in switchhook(rig.path, "show", "shop:1").output
    )


def test_no_cap_at_all_is_the_highest():
    """D17: as ICTBroadcast writes it, 0."""
    at = datetime(2026, 12, 1, 14, 30, tzinfo=UTC)

    assert "calls begun under no cap may run until 2026-12-01 14:30 UTC" == str(
        OverCap(0, at)
    )
