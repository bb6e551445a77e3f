"""A new order is held against the same rules as a change, as far as they are for it."""

import pytest

from bridge.words import render
from provisioning.core.asking import Question, ordered
from provisioning.core.changes import ORDERS, Verdict, Wait, decide
from provisioning.core.choices import Choice, Scheduled
from tests.provisioning.core.shop import AT, BOUNDED, ENDS, PRICES, has, ruled

MONTHLY, YEARLY = has(ref="shop:1"), has(ref="shop:1", cycle="annually")
SOON = has(
    ref="shop:1", cycle="annually", next=Scheduled(Choice("gold", "monthly"), ENDS)
)


def order(*wish, others=(), prices=PRICES):
    return decide(ordered(prices, Choice(*wish), AT, others), ORDERS)


@pytest.mark.parametrize(("many", "verdict"), [(2, Verdict.NOW), (3, Verdict.REFUSED)])
def test_no_more_capacity_is_ordered_than_the_plan_allows(many, verdict):
    """C14: it would be taken away in a week."""
    # Guard off (sold all the same): red.
    wish = order("gold", "monthly", 1, (("line", many),), prices=BOUNDED)

    assert verdict == wish.verdict


TAKEN = [
    (("gold", "monthly"), ()),
    (("gold", "annually", 3, (("line", 2),)), ()),
    (("platinum", "monthly", 3), ()),
    (("free", "monthly"), ()),
    (("payg", "once"), (MONTHLY,)),
    (("alone", "monthly"), ()),
    (("chat", "monthly"), (MONTHLY,)),
    (("chat", "annually"), (YEARLY,)),
    (("line", "monthly", 4), (MONTHLY,)),
]


@pytest.mark.parametrize(("wish", "others"), TAKEN)
def test_an_order_begins_when_it_is_paid(wish, others):
    """I2: no confirmed order, no account; nothing else is waited for."""
    # Guard off (an order waits for no payment): red.
    taken = order(*wish, others=others)

    assert (Verdict.NOW, (Wait.PAYMENT,)) == (taken.verdict, taken.waits)
    assert (Choice(*wish), None, ()) == (taken.now, taken.next, taken.losses)


REFUSED = [
    (("diamond", "monthly"), (), "change_plan_unknown"),
    (("gold", "weekly"), (), "change_cycle_not_sold"),
    (("alone", "annually"), (), "change_cycle_not_sold"),
    (("gold", "monthly", 1, (("cloud", 1),)), (), "change_extras_unknown"),
    (("gold", "monthly", 0), (), "change_below_minimum"),
    (("platinum", "monthly", 2), (), "change_below_minimum"),
    (("gold", "monthly", 100_001), (), "change_too_many"),
    (("line", "monthly"), (), "order_addon_alone"),
    (("line", "monthly"), (has("line"), has("gone")), "order_addon_alone"),
    (("chat", "monthly"), (), "change_main_missing"),
    (("chat", "monthly"), (has("payg", "once"),), "change_main_missing"),
    (("chat", "annually"), (MONTHLY,), "change_main_first"),
    (("chat", "annually"), (SOON,), "change_main_first"),
]


@pytest.mark.parametrize(("wish", "others", "code"), REFUSED)
def test_an_order_that_breaks_a_rule_is_refused(wish, others, code):
    """C7: a dependent plan is no longer than its main from the first day on; P14: and
    at least its minimum."""
    # Guard off (each row is out, one after the other): red.
    no = order(*wish, others=others)

    assert (Verdict.REFUSED, code, None) == (no.verdict, no.because.code, no.now)


def test_what_can_be_ordered_is_named():
    """P12: the plans on the system, and no add-ons."""
    words = render(order("diamond", "monthly").because)

    assert all(f" {name}" in words for name in ("gold", "chat", "payg", "alone"))
    assert "line" not in words


def test_an_admin_agrees_to_changes_not_to_orders():
    """I11: whoever asks for approval asks it of changes."""
    taken = order("gold", "monthly", prices=ruled("calls", approval=True))

    assert (Wait.PAYMENT,) == taken.waits


def test_the_last_row_takes_whatever_is_left():
    """I2: and no other row does."""
    assert [Question.always] == [c.holds for c in ORDERS if c.holds is Question.always]
    assert (Question.always, Verdict.NOW) == (ORDERS[-1].holds, ORDERS[-1].verdict)
