"""A top-up that was paid back: not sent, taken back, or a debt: D28."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.credit import bought
from provisioning.core.desired import State
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from tests.provisioning.core.world import (
    CATALOG,
    World,
    activate,
    often,
    on,
    told,
    topup,
)

LIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})


BACK, PAID_IN = on(2, 5), on(1, 20)


def reversed_(line="shop:line-9", at=BACK, **said):
    return told(Type.REVERSED, at, service=None, line=line, **said)


def twenty(no, at=PAID_IN):
    """18.00 of credit, and no bonus."""
    return topup(at=at, product="twenty", line=f"shop:t{no}", id=f"twenty {no}")


@pytest.fixture
def living():
    """An account in use, with its 5.00 of free credit."""
    world = World(seen=LIVE, balance=Decimal(0))
    world.hear(activate())
    world.bring()
    return world


def sent(world):
    return [claim.sent for claim in world.sent][1:]


def test_what_was_not_sent_yet_is_not_sent(living):
    """D28: credit and bonus of the line are voided, whatever they waited for."""
    todo = living.hear(topup(), reversed_())
    living.bring()

    assert [] == sent(living)
    assert ["9/topup", "9/bonus"] == [v.sum.key[-7:] for v in todo.offsets.voids]


def test_what_is_left_is_taken_back(living):
    """D28: 18.00 came in and nothing was used: 18.00 go back."""
    living.debit = True
    living.hear(twenty(1))
    living.bring()
    living.hear(reversed_("shop:t1"))
    living.bring()

    assert [18, -18] == sent(living)
    assert (5, ()) == (living.balance, living.debts)


def test_what_is_spent_is_a_debt_and_the_next_topup_pays_it_first(living):
    """D28: 10.00 left of 18.00: 8.00 of the next 18.00 are there already."""
    # Guard off (no repays): red, the second 18.00 are sent whole.
    living.debit = True
    living.hear(twenty(1))
    living.bring()
    living.balance = Decimal(10)
    living.hear(reversed_("shop:t1"))
    living.bring()
    owed = [debt.rest for debt in living.debts]
    living.hear(twenty(2, on(2, 6)))
    living.bring()

    assert [18, -10, 10] == sent(living)
    assert ([8], [], 10) == (owed, [d.rest for d in living.debts], living.balance)


def test_where_nothing_can_be_taken_back_all_of_it_is_a_debt(living):
    """D28: the backend only adds; two top-ups pay what one left."""
    living.hear(twenty(1), topup())
    living.bring()
    living.hear(reversed_("shop:t1"))
    living.bring()
    living.hear(twenty(2, on(2, 6)))
    living.bring()

    assert sorted([18, Decimal("8.50"), Decimal("1.25")]) == sorted(sent(living))
    assert () == living.debts


def test_a_topup_heard_together_with_the_reversal_pays_the_debt(living):
    """D28: both in one plan, and nothing can be taken back: nothing is sent."""
    # Guard off (only the debts of before are repaid): red, the second 18.00 are sent.
    living.hear(twenty(1))
    living.bring()
    todo = living.hear(reversed_("shop:t1"), twenty(2, on(2, 6)))
    living.bring()

    assert () == todo.flows
    assert ([18], ()) == (sent(living), living.debts)


def test_the_bonus_goes_back_with_what_it_came_with(living):
    """D28: or a bonus could be bought for nothing."""
    living.debit = True
    living.hear(topup())
    living.bring()
    living.hear(reversed_())
    living.bring()

    assert 5 == living.balance


def test_told_twice_it_goes_back_once(living):
    """V1: another delivery of the same word."""
    # Guard off (no look for what was taken back before): red, booked a second time.
    living.debit = True
    living.hear(twenty(1))
    living.bring()
    for no in range(2):
        living.hear(reversed_("shop:t1", id=f"chargeback {no}"))
        living.bring()

    assert [18, -18] == sent(living)
    assert Fate.DONE == living.rulings["chargeback 1"].fate


def test_nothing_is_voided_that_may_have_arrived(living):
    """V1: a sum nobody knows the end of is neither voided nor taken back."""
    # Guard off (voids do not ask what was tried): red, the sum is voided.
    living.tried = frozenset({"shop:t1/topup"})
    todo = living.hear(twenty(1), reversed_("shop:t1"))

    assert (False, []) == (bool(todo.offsets), [c for c in todo.flows if c.sent < 0])


def test_after_a_restore_nothing_is_settled_of_a_sum_not_looked_for_yet(living):
    """V1: it may have been sent after the backup; first it is looked for, and sent."""
    # Guard off (an open sum of a restored account is voided): red.
    living.debit = True
    living.hear(twenty(1))
    living.account = replace(living.account, restored_at=on(1, 25))
    todo = living.plan(reversed_("shop:t1"), listed=True)

    assert not todo.offsets
    assert ["shop:t1/topup"] == [claim.key for claim in todo.flows]


def test_after_a_restore_nothing_is_lent_of_what_goes_back(living):
    """V1: it may have been taken back after the backup; that is looked for first."""
    # Guard off (a restored account borrows as any other): red, 18.00 are a debt.
    living.hear(twenty(1))
    living.bring()
    living.account = replace(living.account, restored_at=on(1, 25))
    todo = living.plan(reversed_("shop:t1"), listed=True)

    assert not todo.offsets
    assert [-18] == [claim.sent for claim in todo.flows]


def test_a_line_nobody_heard_of_waits(living):
    """U9: nothing is guessed; what was paid back names what was paid."""
    living.hear(reversed_("shop:other"))

    ruling = living.rulings[reversed_("shop:other").id]
    assert (Fate.PARKED, "reversal_unknown") == (ruling.fate, ruling.why.code)


def test_a_debt_paid_with_a_topup_that_is_paid_back_is_a_debt_again(living):
    """D28: 18.00 lent, repaid by the next top-up, and that one is charged back too."""
    for no, word in enumerate([twenty(1), reversed_("shop:t1"), twenty(2, on(2, 6))]):
        living.hear(word)
        living.bring()
        assert no < 1 or [18] == sent(living)
    living.hear(reversed_("shop:t2", on(2, 9)))
    living.bring()

    assert ([18], [18]) == (sent(living), [d.rest for d in living.debts])


def test_what_is_in_another_currency_is_voided_as_well(living):
    """D28: it could never be sent, and is not owed any more either."""
    euro = topup(product="euro", line="shop:e")
    claims = bought(euro, CATALOG.topups["euro"])
    living.open += claims
    living.booked |= {claim.key: claim for claim in claims}
    todo = living.hear(reversed_("shop:e"))

    assert ["shop:e/topup"] == [void.sum.key for void in todo.offsets.voids]


steps = st.lists(
    st.tuples(st.sampled_from(["pay", "back", "use", "bring"]), st.integers(1, 4)),
    max_size=14,
)


@often
@given(steps, st.booleans())
def test_what_is_there_is_what_is_paid_for_and_what_is_lent(history, debit):
    """V1: whatever order: sent = paid − paid back + debt, and no line counts twice."""
    world = World(seen=LIVE, balance=Decimal(0), debit=debit)
    world.hear(activate())
    world.bring()
    paid, back = set(), set()
    for what, no in history:
        if what == "pay":
            paid.add(no)
            world.hear(twenty(no))
        elif what == "back" and no in paid:
            back.add(no)
            world.hear(reversed_(f"shop:t{no}", id=f"back {no}"))
        elif what == "use":
            world.balance = max(Decimal(0), world.balance - no)
        else:
            world.bring()
    world.bring()

    lent = sum((debt.rest for debt in world.debts), Decimal(0))
    assert 18 * len(paid - back) + lent == sum(sent(world))
    assert lent == 0 or not paid - back or lent <= 18 * len(back)
