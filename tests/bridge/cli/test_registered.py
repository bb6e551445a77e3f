"""`switchhook catalog plans`: what is sold, and to how many."""

from tests.bridge.cli.test_catalog import rewrite, said, switchhook
from tests.conftest import engine  # noqa: F401 - on both databases here

LADDER = """
[families.seats]
seats = true
[packages.lead]
backend = "main"
price = "10.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "seats"
rank = 12
discounts = { annually = 10 }
[packages.star]
backend = "main"
price = "20.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 2
family = "seats"
rank = 11
"""


def bought(rig, no, plan, quantity=1):
    rig.post(
        f"order-{no}",
        "service.activate",
        account={"ref": no},
        service={"ref": no, "plan_ref": plan, "quantity": quantity},
        billing={"line_ref": no},
    )


def test_every_plan_is_listed_with_the_accounts_registered_for_it(make):
    """P1, P12: 100 + 3 seats of one, none of the other; what has ended is none."""
    # Guards off, each red: ended ones counted; services counted for seats.
    rig, _ = make(more=LADDER)
    bought(rig, "1", "lead", quantity=100)
    bought(rig, "2", "lead", quantity=3)
    bought(rig, "3", "lead", quantity=7)
    rig.run()
    rig.say("terminate", "3", at=rig.clock.now(), id_="end")
    rig.run()
    plans, code = said(rig.path, "catalog", "plans")
    by_name = {plan["plan"]: plan for plan in plans}

    assert 0 == code
    assert {"starter", "plain", "lead", "star"} == by_name.keys()
    assert (2, 103) == (by_name["lead"]["services"], by_name["lead"]["seats"])
    assert (0, 0) == (by_name["star"]["services"], by_name["star"]["seats"])
    assert ["star", "lead"] == [plan["plan"] for plan in plans if plan["family"]]
    assert ["monthly", "annually"] == by_name["lead"]["cycles"]


def test_what_is_sold_no_more_and_still_runs_is_listed_too(make):
    """P1: who bought it is not forgotten."""
    rig, _ = make(more=LADDER)
    bought(rig, "1", "star")
    rig.run()
    rewrite(rig, gone=("[packages.star]", "[packages.other]"))
    switchhook(rig.path, "catalog", "apply", "--yes")
    plans, _ = said(rig.path, "catalog", "plans")
    [star] = [plan for plan in plans if plan["plan"] == "star"]

    assert {"plan": "star", "sold": False, "services": 1, "seats": 1} == star
    assert "star" in switchhook(rig.path, "catalog", "plans").output
