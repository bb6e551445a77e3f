"""Time travel and a change that is only thought of: shown, and nothing is written."""

from datetime import timedelta

import pytest

from bridge import ahead
from bridge.cli import picture
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import PAY
from tests.bridge.test_coupons import LADDER

PACKAGES = (
    LADDER
    + """
[packages.silver]
backend = "main"
price = "49.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 7
family = "calls"
rank = 11
discounts = { annually = 10 }
"""
)


@pytest.fixture
def lived(make):
    """Ten days on basic, then gold; suspended for a day since then."""
    rig, simulator = make(more=PACKAGES)
    began = rig.clock.now() - timedelta(days=20)
    rig.post(
        "order",
        "service.activate",
        began,
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": "basic", "period_start": began.isoformat()},
        billing={"line_ref": "1"},
    )
    sold = {"ref": "1", "plan_ref": "gold"}
    rig.post("up", "service.change", began + timedelta(days=10), service=sold)
    rig.say("suspend", id_="off", at=began + timedelta(days=12))
    rig.say("resume", id_="on", at=began + timedelta(days=13))
    rig.run()
    assert dict.fromkeys(("order", "up", "off", "on"), "done") == rig.fates()
    return rig, simulator, began


def limits(view):
    [service] = view["services"]
    return {limit["name"]: limit["value"] for limit in service["limits"]}


def on(rig, at):
    view, code = said(rig.path, "plan", "shop:1", "--at", at.isoformat())
    assert 0 == code
    return view


def test_an_account_is_shown_as_it_was(lived):
    """S3: the plan and the holds of that day, whatever was said since."""
    rig, _, began = lived
    early = on(rig, began + timedelta(days=5))
    held = on(rig, began + timedelta(days=12, hours=1))
    [service] = held["services"]

    assert {"channels": "5", "tariff": "standard"} == limits(early)
    assert ("gold", ["billing"]) == (service["package"], service["holds"])
    assert early["steps"] is None


def test_an_account_is_shown_as_it_will_be(lived):
    """C11: what was put off has come by then, and the calls it takes are listed."""
    rig, simulator, _ = lived
    sold = {"ref": "1", "plan_ref": "basic"}
    later = {"effective": "period_end"}
    rig.post("down", "service.change", rig.clock.now(), service=sold, data=later)
    rig.run()
    before = len(simulator.journal)
    view = on(rig, rig.clock.now() + timedelta(days=30))

    assert {"channels": "5", "tariff": "standard"} == limits(view)
    assert ["set channels = 5, tariff = standard"] == view["steps"]
    assert "gold" == rig.account().services[0].package
    assert before == len([c for c in simulator.journal if c.method != "User_Get"]) or (
        all(call.method == "User_Get" for call in simulator.journal[before:])
    )


def test_a_change_is_told_with_its_price_limits_and_calls(lived):
    """P10, C6, U10: before anybody pays; nothing is noted by it."""
    rig, _, _ = lived
    was = rig.account()
    view, code = said(rig.path, "plan", "shop:1", "--change", "gold,x3")

    assert 0 == code
    assert "now" == view["change"]["verdict"]
    assert ("10", "30") == (limits(view)["channels"], limits(view["after"])["channels"])
    assert "set channels = 30" in view["after"]["steps"]
    assert view["change"]["lines"]
    assert was == rig.account()


def test_a_lower_plan_comes_at_the_end_and_says_what_it_takes(lived):
    """C10, C11: the next renewal package, on the bar and in words."""
    rig, _, _ = lived
    view, code = said(rig.path, "plan", "shop:1", "--change", "basic")
    [service] = view["after"]["services"]

    assert (0, "at period end") == (code, view["change"]["verdict"])
    assert ["gold", "basic"] == [part["package"] for part in service["time"]]
    assert any("channels: 10" in loss for loss in view["change"]["losses"])
    assert "10" == limits(view["after"])["channels"]


def test_what_is_refused_says_why_and_shows_no_after(lived):
    """P12: exit code 4, and the reason; the account as it is."""
    rig, _, _ = lived
    view, code = said(rig.path, "plan", "shop:1", "--change", "platinum")

    assert (4, "refused") == (code, view["change"]["verdict"])
    assert "after" not in view


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--at", "tomorrow"), "is no moment; write 2026-12-24"),
        (("--at", "0001-01-01"), "is too far off; say one of 2000 to 2999"),
        (("--at", "9999-12-31"), "is too far off; say one of 2000 to 2999"),
        (("--change", "gold,weekly"), "write it as gold,annually,x3"),
        (("--at", "2020-01-01", "--change", "gold"), "a change is for now or later"),
    ],
)
def test_what_cannot_be_meant_says_how_to_write_it(lived, more, why):
    """The way out stands in the message."""
    result = switchhook(lived[0].path, "plan", "shop:1", *more)

    assert (1, True) == (result.exit_code, why in result.output)


def test_people_see_a_bar_and_where_they_are_on_it(lived):
    """S3: each part of its time with its dates; coupons and gaps have marks of their
    own."""
    rig, _, began = lived
    at = (began + timedelta(days=5)).isoformat()
    shown = switchhook(rig.path, "plan", "shop:1", "--at", at).output
    change = switchhook(rig.path, "plan", "shop:1", "--change", "basic").output

    assert picture.LEGEND in shown
    assert "=|=" in shown
    assert "after it" in change
    assert "basic" in change


def test_a_day_is_the_tenants(lived):
    """D4: midnight in the zone of the catalog, and not in that of a machine."""
    assert "2026-04-03T17:00:00+00:00" == (
        ahead.moment("2026-04-04", "Asia/Ho_Chi_Minh").isoformat()
    )
    assert "2026-04-04T16:00:00+00:00" == (
        ahead.moment("2026-04-04T18:00:00+02:00", "UTC").isoformat()
    )


def test_while_a_sum_is_under_way_no_other_is_shown_as_sent(lived):
    """U9: one at a time; what would be done says so, then, and after a change."""
    # Guard off (planned as if nothing were under way): red, both would be granted.
    rig, simulator, _ = lived
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    rig.topup("3")
    rig.run()
    now = on(rig, rig.clock.now() + timedelta(minutes=1))
    later = said(rig.path, "plan", "shop:1", "--change", "silver")[0]["after"]
    people = switchhook(rig.path, "plan", "shop:1", "--change", "silver").stdout

    assert not [step for step in now["steps"] if step.startswith("grant")]
    assert not [step for step in later["steps"] if step.startswith("grant")]
    assert "until it is clear" in now["held"]
    assert now["held"] in people
