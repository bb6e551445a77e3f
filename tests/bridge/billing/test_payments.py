"""The payment history of an account: each sum once, and all of them its balance."""

from datetime import UTC
from decimal import Decimal

from bridge import statements
from bridge.billing import payments
from bridge.billing.payments import Method, Reason
from bridge.store import usage
from provisioning.core.usage import Used


def history(rig):
    with rig.database.read() as tx:
        return payments.history(tx, rig.account())


def told(rig):
    return [(each.reason, each.method, f"{each.amount:.2f}", each.done_at is not None)
            for each in reversed(history(rig))]  # fmt: skip


def test_each_reason_is_called_by_its_name_and_nothing_is_left_out(make):
    """P17, S1: free credit, a top-up of a platform's and its bonus, a gift, a reversal,
    what was used; together they are what is there."""
    rig, _ = make()
    rig.order()
    rig.topup("2", product="credit20")
    rig.run()
    rig.order_by_hand(
        "money.give", to=rig.account().id, sum="3.00 USD", because="an outage",
        reference="t-1", most="5.00",
    )  # fmt: skip
    rig.run()
    now = rig.clock.now()
    with rig.database.change() as tx:
        today = now.astimezone(UTC).date()
        usage.keep(tx, rig.account().id, {today: Used(1)}, today)
        usage.see(tx, rig.account().id, today, Decimal("26.00"), now)

    assert {
        (Reason.FREE, Method.WITHIN, "5.00", True),
        (Reason.TOPUP, Method.PLATFORM, "20.00", True),
        (Reason.BONUS, Method.WITHIN, "2.00", True),
        (Reason.GIVEN, Method.WITHIN, "3.00", True),
        (Reason.USED, Method.WITHIN, "-4.00", True),
    } == set(told(rig))
    with rig.database.read() as tx:
        there = statements.now(tx, rig.account().id).whole
    assert Decimal("26.00") == there == sum(each.amount for each in history(rig))
    assert 5 == len({each.id for each in history(rig)})


def test_what_is_paid_back_is_a_deduction(make):
    """P17, D28: of its own, beside the deposit it takes back."""
    rig, _ = make()
    rig.order()
    rig.topup("2", product="credit20")
    rig.run()
    rig.post("back", "topup.reversed", rig.clock.now(), account={"ref": "7"},
             billing={"line_ref": "2"})  # fmt: skip
    rig.run()

    back = [each for each in told(rig) if each[0] is Reason.REVERSED]
    assert {"-20.00", "-2.00"} == {amount for _, _, amount, _ in back}
    assert Decimal(5) == sum(each.amount for each in history(rig))
