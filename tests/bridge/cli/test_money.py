"""The verbs for money: what is held, where it goes, and goodwill."""

import pytest

from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import credit

ALLOWED = 'goodwill = ["12.00 USD"]\n'


@pytest.fixture
def lost(make):
    """20.00 for a client nobody knows, beside somebody's account."""
    rig, simulator = make()
    rig.order(package="plain")
    rig.topup("2", client="70", product="credit20")
    rig.run()
    return rig, simulator


def test_what_is_held_is_listed_with_the_way_out(lost):
    """U9: with who has it, since when, and exit code 3."""
    rig, _ = lost
    [held], code = said(rig.path, "held", "list")
    people = switchhook(rig.path, "held", "list")

    assert 3 == code
    assert {"key": "shop:2/topup", "with": "intake:shop:70", "sum": "20.00 USD"} == {
        name: held[name] for name in ("key", "with", "sum")
    }
    assert "switchhook held move" in people.stdout


def test_held_money_is_moved_by_a_verb(lost):
    """U9: and the next run sends it."""
    rig, simulator = lost
    to = rig.account().id
    told, code = said(rig.path, "held", "move", "shop:2/topup", "--to", to,
                      "--because", "ticket 1")  # fmt: skip
    rig.run()

    assert (0, to) == (code, told["to"])
    assert "22.00" == credit(simulator)


def test_held_money_is_refunded_by_a_verb(lost):
    """D28: nothing is held any more, and nothing was sent."""
    rig, _ = lost
    told, code = said(rig.path, "held", "refund", "shop:2/topup", "--because", "bank")

    assert (0, "20.00 USD") == (code, told["sum"])
    assert ([], 0) == said(rig.path, "held", "list")


def test_goodwill_is_given_within_what_is_allowed(lost):
    """U9: within the configuration's limit, once per reference."""
    rig, simulator = lost
    rig.path.write_text(ALLOWED + rig.path.read_text())
    give = ("topup", "shop:1", "5.00", "USD", "--because", "late", "--reference", "T1")
    told, code = said(rig.path, *give)
    again = switchhook(rig.path, *give)
    rig.run()

    assert (0, "5.00 USD") == (code, told["sum"])
    assert (1, True) == (again.exit_code, "counts once" in again.stderr)
    assert "5.00" == credit(simulator)


@pytest.mark.parametrize(
    ("sum_", "currency", "why"),
    [
        ("5.00", "USD", "add goodwill"),
        ("5.00", "EUR", "add goodwill"),
    ],
)
def test_without_a_limit_there_is_no_goodwill(lost, sum_, currency, why):
    """The way out stands in the message."""
    rig, _ = lost
    result = switchhook(
        rig.path, "topup", "shop:1", sum_, currency, "--because", "late"
    )

    assert (1, True) == (result.exit_code, why in result.stderr)


@pytest.mark.parametrize(
    ("sum_", "why"),
    [("5,00", "is not an amount"), ("0", "nothing to give"), ("99", "more than the")],
)
def test_a_sum_that_cannot_be_says_why(lost, sum_, why):
    """One line, and nothing is booked."""
    rig, _ = lost
    rig.path.write_text(ALLOWED + rig.path.read_text())
    result = switchhook(rig.path, "topup", "shop:1", sum_, "USD", "--because", "late")

    assert (1, True) == (result.exit_code, why in result.stderr)


def test_plan_shows_what_is_sold_and_what_is_owed(make):
    """I7, D28: the set-up fee's note, how many, until when; and a debt."""
    fee = 'setup_fee = "10.00 USD"'
    rig, _ = make(
        more=f"""
[packages.three]
backend = "main"
price = "9.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
{fee}
"""
    )
    rig.post(
        "order",
        "service.activate",
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": "three", "quantity": 3,
                 "period_start": "2026-11-01T00:00:00Z"},
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.topup("2")
    rig.run()
    rig.post("back", "topup.reversed", billing={"line_ref": "2"})
    rig.run()
    told, _ = said(rig.path, "plan", "shop:1")

    assert [
        "shop:1: 3 x three, paid until 2026-12-01 00:00 UTC, set-up fee 10.00 USD"
    ] == told["services"]
    assert "10.00 USD" == told["debt"]
