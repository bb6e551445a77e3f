"""The statement of an account: what came in, what was used, free and bought apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import statement
from provisioning.core.statement import Gone, Parts, Seen, Walk, Way, lines, moved

START = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = {
    "paid": ("paid", "held"), "applied": ("held", "applied"),
    "due": ("due", "owed"), "granted": ("owed", "granted"),
    "reversing": ("applied", "reversing"), "reversed": ("reversing", "reversed"),
    "void": ("held", "reversed"), "kept": ("reversing", "applied"),
    "recalling": ("granted", "recalling"), "revoked": ("recalling", "revoked"),
    "lent": ("lent", "debt"), "repaid": ("debt", "repaid"),
    "opening": ("opening", "carried"), "to": ("held", "moved"),
    "from": ("moved", "held"),
}  # fmt: skip


def at(day):
    return START + timedelta(days=day)


def rows(*told):
    """`"day row amount"`, or `"day seen balance"`."""
    steps = []
    for one in told:
        day, row, amount = one.split()[:3]
        key = "s/free/1/1/0/back" if one.endswith("reset") else "shop:2/topup"
        if row == "seen":
            steps.append(Seen(at(int(day)), Decimal(amount)))
        else:
            steps.append(moved(at(int(day)), key, *ROWS[row], Decimal(amount)))
    return steps


def parts(free=0, bought=0):
    return Parts(Decimal(free), Decimal(bought))


def month(*told, days=30):
    [(_, line)] = lines(rows(*told), [at(days)])
    return line


TOPPED = ("0 due 5", "0 granted 5", "1 paid 20", "1 applied 20")


def test_free_credit_is_used_before_what_was_bought():
    """S1, D16: 25 came in, 8 are used: the 5 free ones, and 3 of the bought."""
    line = month(*TOPPED, "2 seen 17")

    assert {Way.GRANTED: parts(free=5), Way.PAID: parts(bought=20)} == dict(line.came)
    assert parts(5, 3) == line.used
    assert parts(0, 17) == line.closing


def test_a_month_goes_on_where_the_last_one_ended():
    """S1: this month and any earlier one; what happens at a bound is of the next."""
    told = rows(*TOPPED, "2 seen 22", "10 seen 21", "10 paid 7", "12 seen 14")
    first, second, third = (line for _, line in lines(told, [at(10), at(20), at(30)]))

    assert (parts(), parts(2, 20)) == (first.opening, first.closing)
    assert (parts(2, 20), parts(0, 21)) == (second.opening, second.closing)
    assert (parts(3), parts(2, 6)) == (first.used, second.used)
    assert parts(bought=7) == second.of(Way.PAID)
    assert parts() == second.of(Way.GRANTED)
    assert (parts(0, 21), parts(0, 21), ()) == (
        third.opening,
        third.closing,
        third.came,
    )


def test_what_is_paid_and_not_applied_is_the_customers_all_the_same():
    """P17: and it is not taken for used, though the balance does not show it."""
    line = month("1 paid 20", "2 seen 0")

    assert (parts(bought=20), parts()) == (line.closing, line.used)


def test_what_is_seen_before_it_is_booked_is_not_used_later():
    """S1: a balance may be looked at between a payment and our note of it."""
    line = month("0 seen 5", "0 due 5", "0 granted 5", "1 seen 5", "2 seen 4")

    assert parts(1) == line.used
    assert parts(4) == line.closing


@pytest.mark.parametrize(
    ("told", "closing"),
    [
        (("2 reversing 20", "3 reversed 20", "3 seen 5"), parts(5)),
        (("2 reversing 20", "2 reversed 20", "2 lent 20", "3 seen 5"), parts(0, -15)),
        (("2 recalling 5 reset", "3 revoked 5 reset", "3 seen 20"), parts(0, 20)),
    ],
    ids=["taken back", "spent", "reset"],
)
def test_what_is_taken_back_is_owed_no_longer(told, closing):
    """D28: taken back where it is there; else it is a debt, and less than nothing."""
    line = month(*TOPPED, *told)

    assert closing == line.closing


def test_a_reset_ends_what_was_left_and_a_refund_takes_back():
    """D16: expired and reversed are two things."""
    line = month(*TOPPED, "2 recalling 5 reset", "2 reversing 20")

    assert parts(free=-5) == line.of(Way.EXPIRED)
    assert parts(bought=-20) == line.of(Way.REVERSED)


def test_what_was_never_sent_is_only_paid_back():
    """D28: voided: nothing was there, so nothing is used."""
    line = month(
        "1 paid 20", "2 reversing 20", "2 void 20", "2 kept 20", "3 seen 0"
    )  # fmt: skip

    assert (parts(), parts()) == (line.closing, line.used)
    assert parts(bought=-20) == line.of(Way.REVERSED)


def test_a_debt_is_paid_by_the_next_topup():
    """D28: 20 spent and paid back; of the next 30 only 10 come to the backend."""
    line = month(
        "1 paid 20", "1 applied 20", "2 seen 0", "3 reversing 20", "3 reversed 20",
        "3 lent 20", "4 paid 30", "4 applied 20", "4 repaid 20", "4 applied 10",
        "5 seen 10",
    )  # fmt: skip

    assert parts(bought=20) == line.used
    assert parts(bought=10) == line.closing


def test_what_goes_to_another_account_is_moved():
    """P17: over both it is nothing."""
    gave = month("1 paid 20", "2 to 20")
    took = month("2 from 20", "2 applied 20", "3 seen 20")

    assert parts() == gave.of(Way.MOVED).and_(took.of(Way.MOVED))
    assert (parts(), parts(bought=20)) == (gave.closing, took.closing)


def test_what_was_there_before_us_counts_as_bought():
    """S1: of an adopted account nobody knows what was given."""
    line = month("0 opening 12", "1 seen 10")

    assert parts(bought=12) == line.of(Way.CARRIED)
    assert (parts(bought=2), parts(bought=10)) == (line.used, line.closing)


def test_when_an_account_is_gone_nothing_is_owed():
    """D26: written off by a person's word."""
    [(_, line)] = lines([*rows(*TOPPED, "2 seen 21"), Gone(at(3))], [at(30)])

    assert parts(-1, -20) == line.of(Way.WRITTEN_OFF)
    assert parts() == line.closing


def test_what_was_used_is_told_by_when_it_was_seen():
    """S10: spend by day; a look that shows nothing new is no spending."""
    steps = rows(*TOPPED, "2 seen 25", "3 seen 17", "4 seen 17", "5 seen 16.5")

    assert [(at(3), 8), (at(5), Decimal("0.5"))] == list(statement.spent(steps))
    assert parts(0, Decimal("16.5")) == statement.now(steps)


@st.composite
def histories(draw):
    """What is booked and seen, with credit and debit in any order."""
    steps, day = [], 0
    for name in draw(st.lists(st.sampled_from([*ROWS, "seen", "seen"]), max_size=30)):
        day += draw(st.integers(0, 3))
        amount = Decimal(draw(st.integers(1, 2000))) / 100
        if name == "seen":
            steps.append(Seen(at(day), amount - 5))
        else:
            key = draw(st.sampled_from(["a/topup", "s/free/1/0/0/back"]))
            steps.append(moved(at(day), key, *ROWS[name], amount))
    return steps


@given(histories(), st.lists(st.integers(0, 90), unique=True, max_size=6))
def test_every_line_adds_up_and_begins_where_the_last_one_ended(steps, days):
    """S1, V14: opening and all that came, less what was used, is closing; exactly."""
    before = Parts()
    for _, line in lines(steps, [at(day) for day in [*sorted(days), 91]]):
        whole = line.opening
        for _, part in line.came:
            whole = whole.and_(part)

        assert before == line.opening
        assert line.closing == whole.less(line.used)
        assert line.used.free >= 0 <= line.used.bought
        before = line.closing


@given(histories())
def test_what_is_there_never_exceeds_the_balance_that_was_seen(steps):
    """S1: nobody is told of credit that is not there."""
    walk = Walk()
    for step in steps:
        walk.take(step)
        if isinstance(step, Seen):
            assert walk.there.whole <= step.balance
