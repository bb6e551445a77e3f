"""What moved is added up once, and what may still be another is read each time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bridge.access.roles import ALL, Scope
from bridge.store.pages import quarters
from bridge.store.pages.quarters import LATE, QUARTER, remembered


@pytest.fixture
def look(opened):
    """`rig, look = …`: what moved since a day before, as rows and as what was read."""
    rig, _ = opened
    since = rig.clock.now().replace(minute=0, second=0, microsecond=0)

    def looked(scope=ALL):
        at = rig.clock.now()
        with rig.database.read() as tx:
            return remembered(tx, str(rig.database.url), scope, since, at)

    return rig, looked


def paid(rows):
    return sum(
        (
            row.amount
            for row in rows
            if (row.from_book, row.to_book) == ("paid", "held")
        ),
        Decimal(0),
    )


def test_nothing_is_left_out_and_nothing_added_twice(look):
    """U9: in the same quarter, the next, and long after: each look sees it all."""
    # Guard off (what is not over is remembered as well): red, it is there twice.
    # Guard off (read from `since` each time): red, it is there twice.
    rig, looked = look
    seen = []
    for line, passed in enumerate((0, 1, 400, 3600, 7200, 86400), start=2):
        rig.wait(float(passed))
        rig.topup(str(line))
        rig.run()
        seen.append(paid(looked()))
        assert seen[-1] == paid(looked())

    assert [Decimal(10 * no) for no in range(1, 7)] == seen


def test_what_is_over_is_not_read_again(look, monkeypatch):
    """However much came in before: the second look reads an hour and a quarter."""
    rig, looked = look
    rig.topup("2")
    rig.run()
    rig.wait(86400.0)
    first, asked = looked(), []
    really = quarters.moved

    def moved(tx, scope, since):
        asked.append(since)
        return really(tx, scope, since)

    monkeypatch.setattr(quarters, "moved", moved)
    again = looked()

    assert first == again
    assert [True] == [rig.clock.now() - since <= LATE + QUARTER for since in asked]


def test_what_is_booked_late_in_a_quarter_that_is_over_is_seen(look):
    """U9: a transaction that began before the last look and ended after it."""
    # Guard off (LATE no time at all): red, it is never added.
    rig, looked = look
    rig.topup("2")
    rig.run()
    rig.wait(3000.0)
    first = paid(looked())
    rig.wait(-2990.0)
    rig.topup("3")
    rig.run()
    rig.wait(2990.0)

    assert (Decimal(10), Decimal(20)) == (first, paid(looked()))


def test_each_scope_is_remembered_by_itself(look):
    """U11: who is kept to another source is not told what was remembered of all."""
    # Guard off (the scope left out of the key): red.
    rig, looked = look
    rig.topup("2")
    rig.run()
    rig.wait(86400.0)
    whole = looked()

    assert paid(whole) == Decimal(10)
    assert () == looked(Scope(frozenset({"other"})))


def test_a_clock_that_went_back_is_read_anew(look):
    """A demonstration begun again: nothing of the time ahead is remembered."""
    rig, looked = look
    rig.topup("2")
    rig.run()
    before = looked()
    key = str(rig.database.url), ALL
    ahead = rig.clock.now() + timedelta(days=9)
    quarters._KNOWN[key] = quarters._Known(before[0].at, ahead, ())

    assert paid(before) == paid(looked())
