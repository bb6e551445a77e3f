"""Customer groups on the wire: the group's tariff is set, by the newest word."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.bridge.seen import SET, credit, levels, writes
from tests.bridge.test_goods import retry

LADDER = """
[families.calls]
[packages.seat]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "calls"
rank = 1
[[packages.seat.offers]]
price = "20.00 USD"
group = "key accounts"
tariff = "wholesale"
[[packages.seat.offers]]
price = "25.00 USD"
least = 3
tariff = "wholesale"
"""
MORE = """
[[packages.seat.offers]]
price = "21.00 USD"
group = "resellers"
tariff = "wholesale"
"""


def sell(rig, group=None, **sold):
    begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
    told = {"group": group} if group is not None else {}
    rig.post(
        "order", "service.activate", account={"ref": "7"} | told,
        service={"ref": "1", "plan_ref": "seat", "period_start": begins} | sold,
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()


def updated(rig, group, id_="group", ago=0):
    at = rig.clock.now() - timedelta(seconds=ago)
    rig.post(id_, "account.updated", at, account={"ref": "7", "group": group})
    rig.run()


@pytest.mark.parametrize(
    ("group", "sold", "tariff"),
    [
        (None, {}, "1"),
        ("key accounts", {}, "2"),
        (None, {"quantity": 3}, "2"),
        ("", {"quantity": 2}, "1"),
    ],
)
def test_who_buys_and_how_many_choose_the_tariff(make, group, sold, tariff):
    """I3, I4, U7: set when the account is opened, and read back."""
    # Guard off (the package's own tariff for all): red.
    rig, simulator = make(more=LADDER)
    sell(rig, group, **sold)

    assert (tariff, "done") == (levels(simulator)[2], rig.fates()["order"])


def test_another_group_is_another_tariff_and_nothing_else(make):
    """I3, I4: by the newest word; credit and the rest stay as they were."""
    rig, simulator = make(more=LADDER)
    sell(rig)
    since, had = len(simulator.journal), credit(simulator)
    updated(rig, "key accounts")
    during = levels(simulator)
    updated(rig, "", id_="older", ago=60)
    still = levels(simulator)
    updated(rig, "", id_="none")

    assert ((True, 5, "2"), (True, 5, "1")) == (during, levels(simulator))
    assert (during, "superseded") == (still, rig.fates()["older"])
    assert ([SET, SET], had) == (writes(simulator, since), credit(simulator))
    assert (None, 1) == (rig.account().group, len(rig.account().marks))


def test_a_group_changes_the_price_of_later_calls_only(make):
    """I4: what rings ends at the price it began with."""
    rig, simulator = make(more=LADDER, rate="1")
    sell(rig)
    simulator.start_traffic(1, call_seconds=60)
    simulator.advance(1)
    rang = set(simulator.snapshot().up)
    updated(rig, "key accounts")
    simulator.advance(120)
    costs = {True: set(), False: set()}
    for call in simulator.calls:
        costs[call.id in rang].add(call.cost)

    assert rang
    assert {True: {Decimal("0.02")}, False: {Decimal("0.01")}} == costs


def test_an_unknown_group_waits_until_an_offer_is_for_it(make):
    """I3: parked with the known ones; tried again when it is sold, it is done."""
    rig, simulator = make(more=LADDER)
    sell(rig)
    updated(rig, "resellers")
    before = levels(simulator)[2], rig.fates()["group"], rig.why("group")
    rig.path.write_text(rig.path.read_text().replace(LADDER, LADDER + MORE))
    rig.sells()
    retry(rig, "group")

    assert ("1", "parked", "group_unknown") == before
    # Who bought before keeps the offers of then (D21): the group is his all the same.
    assert ("resellers", "done") == (rig.account().group, rig.fates()["group"])
