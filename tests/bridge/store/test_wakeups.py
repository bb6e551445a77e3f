"""Due dates: once by their key, struck off with the lane they wake, late by policy."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.store import lanes, wakeups
from bridge.store.tables import lane, wakeup

HOUR = timedelta(hours=1)


@pytest.fixture
def change(database):
    """`change(wakeups.plan, …)`: in a transaction of its own."""

    def change(act, *told):
        with database.change() as tx:
            return act(tx, *told)

    return change


def woken(database):
    with database.read() as tx:
        return {row.key: row.due for row in tx.execute(sa.select(lane))}


def states(database):
    with database.read() as tx:
        return {row.key: row.state for row in tx.execute(sa.select(wakeup))}


def test_what_is_due_wakes_its_lane_once(change, database, at):
    """The due date is struck off in the transaction that wakes."""
    change(wakeups.plan, "p:1", "period", "acct_1", at)

    assert 0 == change(wakeups.wake, at - HOUR)
    assert 1 == change(wakeups.wake, at)
    assert 0 == change(wakeups.wake, at + HOUR)
    assert {"acct_1": at} == woken(database)
    assert {"p:1": "done"} == states(database)


def test_planned_twice_is_one_row(change, database, at):
    """U5: the key names what it is for; planned again it only moves."""
    change(wakeups.plan, "p:1", "period", "acct_1", at)
    change(wakeups.plan, "p:1", "period", "acct_1", at + HOUR)

    assert 0 == change(wakeups.wake, at)
    assert 1 == change(wakeups.wake, at + HOUR)


def test_what_is_done_is_not_done_again(change, database, at):
    """Its event told twice plans it twice; it has been."""
    # Guard off (no condition on the conflict): red.
    woke = []
    for _ in range(2):
        change(wakeups.plan, "p:1", "period", "acct_1", at)
        woke.append(change(wakeups.wake, at))

    assert [1, 0] == woke
    assert {"p:1": "done"} == states(database)


def test_a_cancelled_one_wakes_nobody_until_planned_anew(change, database, at):
    """What made it necessary is gone; it may come back."""
    change(wakeups.plan, "p:1", "period", "acct_1", at)
    change(wakeups.cancel, "p:1")

    assert 0 == change(wakeups.wake, at)
    change(wakeups.plan, "p:1", "period", "acct_1", at)
    assert 1 == change(wakeups.wake, at)


def test_cancelling_what_is_not_there_is_nothing(change, database):
    """Doing it twice is as good as doing it once."""
    change(wakeups.cancel, "p:1")

    assert {} == states(database)


@pytest.mark.parametrize(
    ("kind", "late", "state"),
    [
        ("period", 1000 * HOUR, "done"),
        ("somebody's own", 1000 * HOUR, "done"),
        ("reminder", 24 * HOUR, "done"),
        ("reminder", 25 * HOUR, "dropped"),
    ],
)
def test_what_is_late_runs_or_is_dropped_by_its_kind(
    change, database, at, kind, late, state
):
    """A reminder of last week is of no use; a period that began is."""
    change(wakeups.plan, "w", kind, "acct_1", at)
    change(wakeups.wake, at + late)

    assert {"w": state} == states(database)
    assert (state == "done") == ("acct_1" in woken(database))


def test_an_earlier_wake_up_stays(change, database, at):
    """A due date does not push back what is due before."""
    change(lanes.wake, "acct_1", at - HOUR)
    change(wakeups.plan, "p:1", "period", "acct_1", at)
    change(wakeups.wake, at)

    assert {"acct_1": at - HOUR} == woken(database)


def test_four_at_once_strike_each_off_once(change, database, at):
    """N processes tick; forty due dates are forty, whoever takes them."""
    for no in range(40):
        change(wakeups.plan, f"p:{no}", "period", f"acct_{no % 7}", at)
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: change(wakeups.wake, at), range(4)))

    assert 40 == sum(counts)
    assert {"done"} == set(states(database).values())
    assert 7 == len(woken(database))


def test_half_a_transaction_is_none(change, database, at):
    """Power gone between waking and striking off: it is due again."""
    change(wakeups.plan, "p:1", "period", "acct_1", at)

    def gone():
        with database.change() as tx:
            wakeups.wake(tx, at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        gone()

    assert {} == woken(database)
    assert 1 == change(wakeups.wake, at)
