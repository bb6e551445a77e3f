"""`switchhook show`: what a customer is shown of each plan, and how it is."""

from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.test_changes import GOLD
from tests.conftest import engine  # noqa: F401 - on both databases here


def ordered(make):
    rig, _ = make(more=GOLD)
    at = rig.clock.now()
    rig.post(
        "order", "service.activate", at, account={"ref": "7"},
        service={"ref": "1", "plan_ref": "starter", "quantity": 3,
                 "period_start": at.isoformat()},
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()
    return rig, at


def test_the_panel_has_each_of_its_fields(make):
    """P2, P3, P5, P6, P7, P8: three at 29.00, paid now, due in a month."""
    rig, at = ordered(make)
    [row] = said(rig.path, "show", "shop:1")[0]

    assert ("starter", 3, "87.00 USD", "monthly") == (
        row["package"], row["accounts"], row["price"], row["cycle"]
    )  # fmt: skip
    assert ("active", f"{at:%Y-%m-%d %H:%M UTC}") == (row["status"], row["registered"])
    assert row["next payment"] == row["paid until"] > row["registered"]
    assert "details, upgrade, unsubscribe" == row["actions"]


def test_the_next_renewal_package_stands_beside_it(make):
    """C11: until then it is shown as that."""
    rig, at = ordered(make)
    rig.post(
        "change", "service.change", at, service={"ref": "1", "plan_ref": "plain"},
        data={"effective": "period_end"},
    )  # fmt: skip
    rig.run()
    [row] = said(rig.path, "show", "shop:1")[0]
    shown = switchhook(rig.path, "show", "shop:1").output

    assert ("starter", "plain") == (row["package"], row["next package"])
    assert "shop:1: Active\n" in shown
    assert "  next package: plain\n" in shown
