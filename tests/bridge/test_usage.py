"""Usage and balance by day: looked at twice, late, after a restore, counted once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bridge import duties, statements
from bridge.store import backends, backup, outbox, thresholds, usage
from bridge.store.database import Database
from bridge.store.tables import account
from provisioning.core.outcomes import Later
from provisioning.core.statement import Parts, Way
from provisioning.core.thresholds import Measure, Per, Threshold
from tests.rig import Rig

LISTS = 'usage = "Campaign_Result"'
UTC_ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEVER = Threshold(Measure.BALANCE, Decimal(3))


def looker(rig):
    parts = rig.parts
    return duties.usage(
        parts.config, rig.database, parts.runner.desk.gates, parts.channels
    )


def look(rig):
    looker(rig).run(rig.clock.now())


def pass_on(rig, simulator, seconds):
    rig.wait(seconds)
    simulator.advance(seconds)


def days(rig, service="shop:1"):
    with rig.database.read() as tx:
        return usage.days(tx, rig.account(service).id)


def month(rig, at=None):
    first = statements.month_of(at or rig.clock.now(), UTC_ZONE)
    with rig.database.read() as tx:
        return statements.month(tx, rig.account().id, first, UTC_ZONE)


def bound(rig, measure="balance", level="3", per=None):
    with rig.database.change() as tx:
        wanted = Threshold(Measure(measure), Decimal(level), per and Per(per))
        at = rig.clock.now()
        return thresholds.set_(tx, rig.account().id, None, wanted, "ann", at)


def kept(rig):
    with rig.database.read() as tx:
        return thresholds.kept(tx)


def told(rig):
    with rig.database.read() as tx:
        mails = outbox.newest(tx, 100, None)
    return [mail for mail in reversed(mails) if mail.key.startswith("threshold/")]


@pytest.fixture
def calling(make):
    """An account with 5.00 free and 10.00 bought, whose campaigns can be started."""

    def build(**set_):
        rig, simulator = make(**{"ours": LISTS} | set_)
        # No day ends within a test, but where it says so.
        seconds = (rig.clock.now() - NOON) % timedelta(days=1)
        pass_on(rig, simulator, (timedelta(days=1) - seconds).total_seconds())
        rig.order(email="ann@example.com")
        rig.topup("2")
        rig.run()
        assert Decimal(15) == simulator.users[1].credit
        return rig, simulator

    return build


# --- by day


def test_what_is_called_is_kept_by_day(calling):
    """S12: calls, minutes, the most at once and the cost, as the backend lists them."""
    rig, simulator = calling()
    simulator.start_traffic(1, concurrent=2, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    over = simulator.calls
    cost = sum(call.cost for call in over)
    whole = month(rig).used

    assert len(over) == whole.calls == 4
    assert (120, 2, cost) == (whole.seconds, whole.peak, whole.cost)
    assert Decimal(15) - cost == days(rig)[-1].balance


def test_looked_at_twice_it_is_the_same(calling):
    """S12: a day is written over, never added to."""
    # Guard off (what a look finds is added): red, it is twice as much.
    rig, simulator = calling()
    simulator.start_traffic(1, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    once = days(rig)
    look(rig)
    again = month(rig)

    assert [d.used for d in once] == [d.used for d in days(rig)]
    assert len(simulator.calls) == again.used.calls


def test_late_it_is_all_there(calling):
    """S12: nobody looked for three days; each has what it had."""
    rig, simulator = calling()
    simulator.start_traffic(1, call_seconds=30)
    look(rig)
    for _ in range(3):
        pass_on(rig, simulator, 86400)
    look(rig)
    kept_days = days(rig)

    assert len(simulator.calls) == sum(d.used.calls for d in kept_days)
    assert 4 == len(kept_days)
    assert kept_days[0].settled
    assert not kept_days[-1].settled


def test_what_is_settled_is_asked_for_no_more(calling, monkeypatch):
    """S12: from the first day on of which something can still come."""
    rig, simulator = calling()
    asked = []
    host = rig.parts.backends["main"]
    real = type(host).usage

    def noted(self, ref, since, until):
        asked.append((since, until))
        return real(self, ref, since, until)

    monkeypatch.setattr(type(host), "usage", noted)
    look(rig)
    pass_on(rig, simulator, 3 * 86400)
    look(rig)
    look(rig)
    [_, second, third] = asked

    assert timedelta(days=4) == second[1] - second[0]
    assert third[1] - third[0] <= timedelta(days=2)


def test_what_was_deleted_there_was_used_all_the_same(calling, monkeypatch):
    """S12: a campaign that is gone takes its list along."""
    # Guard off (the last look stands, whatever it lacks): red, nothing was used.
    rig, simulator = calling()
    simulator.start_traffic(1, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    before = days(rig)
    monkeypatch.setattr(type(rig.parts.backends["main"]), "usage", lambda *_: ())
    look(rig)

    assert before[-1].used.calls
    assert [d.used for d in before] == [d.used for d in days(rig)]


def test_after_a_restore_the_days_are_as_they_were(calling, tmp_path, engine):
    """F-E5: days the backup does not know are looked at again, and counted once."""
    rig, simulator = calling()
    simulator.start_traffic(1, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    file = tmp_path / "b"
    backup.backup(rig.database, file, rig.clock.now)
    pass_on(rig, simulator, 86400)
    look(rig)
    before = days(rig)
    folder = tmp_path / "new"
    folder.mkdir()
    url = engine.empty(folder)
    path = folder / "config.toml"
    path.write_text(rig.path.read_text().replace(str(rig.parts.config.database), url))
    fresh = Database(url)
    backup.restore(fresh, file, rig.clock.now())
    fresh.close()
    restored = Rig(path, rig.clock)
    look(restored)

    assert len(simulator.calls) == sum(d.used.calls for d in days(restored))
    assert [d.used for d in before] == [d.used for d in days(restored)]


def test_days_are_those_of_the_zone(calling):
    """S12: of the calendar that ends a month there, and not of UTC's."""
    rig, simulator = calling(public='zone = "Pacific/Kiritimati"')  # UTC+14
    at = rig.clock.now()
    look(rig)
    expected = at.astimezone(ZoneInfo("Pacific/Kiritimati")).date()

    assert expected == days(rig)[-1].day
    assert simulator.users


def test_a_backend_that_lists_nothing_still_shows_what_it_has(calling):
    """S1: balance by day; usage is what is unknown, and not nought calls."""
    rig, simulator = calling(ours="")
    simulator.start_traffic(1, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    [day] = days(rig)

    assert simulator.users[1].credit == day.balance
    assert 0 == day.used.calls
    assert not day.settled


def test_one_account_that_does_not_answer_holds_up_no_other(calling, monkeypatch):
    """S12: and where none does, the tick says so, and is looked at again."""
    rig, simulator = calling()
    rig.order("2", id_="b", client="8", line="8")
    rig.run()
    simulator.plant("refuse", "User_Get")
    look(rig)
    seen = [rig.account(s).id for s in ("shop:1", "shop:2") if days(rig, s)]

    assert 1 == len(seen)
    simulator.plant("error_object_500", "User_Get", times=99)
    with pytest.raises(Later, match="accounts did not show it"):
        look(rig)


def test_a_paused_backend_is_not_asked(calling):
    """U8: an admin's pause is for every call."""
    rig, simulator = calling()
    with rig.database.change() as tx:
        until = rig.clock.now() + timedelta(days=1)
        backends.pause(tx, "main", until, "night work", by_hand=True)
    before = len(simulator.journal)
    with pytest.raises(Later, match="is paused"):
        look(rig)

    assert before == len(simulator.journal)


def test_what_was_purged_is_not_looked_at(calling):
    """D26: nobody is there any more."""
    rig, simulator = calling()
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(purged_at=rig.clock.now()))
    before = len(simulator.journal)
    look(rig)

    assert before == len(simulator.journal)


# --- the statement of a month


def test_a_month_says_what_came_and_what_was_used_free_and_bought_apart(calling):
    """S1, S10, D16: free credit is used first; days add up to the month."""
    rig, simulator = calling()
    look(rig)
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 200)
    look(rig)
    used = Decimal(15) - simulator.users[1].credit
    told_ = month(rig)
    free = min(used, Decimal(5))

    assert Parts(bought=Decimal(10)) == told_.line.of(Way.PAID)
    assert Parts(free=Decimal(5)) == told_.line.of(Way.GRANTED)
    assert Parts(free, used - free) == told_.line.used
    assert used == sum(day.spent for day in told_.days)
    with rig.database.read() as tx:
        assert told_.line.closing == statements.now(tx, rig.account().id)
    assert simulator.users[1].credit == told_.line.closing.whole


def test_each_month_begins_where_the_last_one_ended(calling):
    """S1: this one and any earlier one; S10: by month."""
    rig, simulator = calling()
    began = rig.clock.now()
    simulator.start_traffic(1, call_seconds=30)
    pass_on(rig, simulator, 70)
    look(rig)
    pass_on(rig, simulator, 40 * 86400)
    look(rig)
    with rig.database.read() as tx:
        every = statements.months(tx, rig.account().id, UTC_ZONE, rig.clock.now())
    first, last = month(rig, began).line, month(rig).line

    assert [first, last] == [every[0][1], every[-1][1]]
    assert first.closing == every[1][1].opening
    assert simulator.users[1].credit == last.closing.whole


# --- bounds


def test_a_balance_that_falls_below_is_told_once(calling):
    """S2: by mail to the account's contact; looked at again, it is told no more."""
    # Guard off (the crossing is not kept): red, each look tells.
    rig, simulator = calling(mailed=True)
    bound(rig, level="14.8")
    look(rig)
    none = told(rig)
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    for _ in range(3):
        look(rig)
        rig.wait(60)
    sender = duties.deliveries(
        rig.parts.config, rig.database, rig.clock, rig.parts.channels
    )
    while sender.run():
        pass
    [mail] = told(rig)
    [letter] = [
        file for file in (rig.path.parent / "outbox").rglob("*")
        if file.is_file() and "a limit you set" in file.read_text()
    ]  # fmt: skip

    assert [] == none
    assert outbox.State.SENT is mail.state
    assert "To: ann@example.com" in letter.read_text()
    assert "below the" in letter.read_text()
    assert [(True, 1)] == [(k.bound.crossed, k.bound.times) for k in kept(rig)]


def test_risen_and_fallen_again_it_is_told_again(calling):
    """S2: also where it was below at both looks: a top-up came and went between."""
    rig, simulator = calling(mailed=True, rate="0.01")
    bound(rig, level="14.8")
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    look(rig)
    rig.topup("3", product="credit20")
    rig.run()
    assert simulator.users[1].credit > 15
    while simulator.users[1].credit >= Decimal("14.8"):
        pass_on(rig, simulator, 60)
    look(rig)
    look(rig)

    assert 2 == len(told(rig))


def test_usage_above_is_told_once_a_month(calling):
    """S2: of minutes, calls and money, each bound by itself."""
    rig, simulator = calling(mailed=True)
    bound(rig, "minutes", "2", "month")
    bound(rig, "calls", "3", "day")
    bound(rig, "spent", "0.01", "month")
    bound(rig, "messages", "0", "day")
    look(rig)
    simulator.start_traffic(1, concurrent=2, call_seconds=30)
    pass_on(rig, simulator, 100)
    look(rig)
    look(rig)
    crossed = {k.bound.measure.value: k.bound.crossed for k in kept(rig)}

    assert {"minutes": True, "calls": True, "spent": True, "messages": False} == crossed
    assert 3 == len(told(rig))


def test_two_workers_tell_once(calling):
    """S2: the second one finds it crossed; also after a restart."""
    rig, simulator = calling(mailed=True)
    bound(rig, level="14.8")
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    first, second = looker(rig), looker(Rig(rig.path, rig.clock))
    at = rig.clock.now()
    with rig.database.read() as tx:
        some = usage.live(tx, "", 9)
    looks = [each._look(some[0], None, UTC_ZONE, at, []) for each in (first, second)]
    for each, seen in zip((first, second), looks, strict=True):
        with rig.database.change() as tx:
            each._keep(tx, [seen], UTC_ZONE)

    assert 1 == len(told(rig))


def test_without_a_way_to_tell_it_is_only_kept(calling):
    """S2: the platform's mails are its own; the row says what would be told."""
    rig, simulator = calling()
    bound(rig, level="14.8")
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    look(rig)
    [one] = kept(rig)

    assert [] == told(rig)
    assert "balance_below" == one.said.code
    assert one.crossed_at


def test_a_dropped_bound_is_told_no_more(calling):
    """S2: nor is what was on its way."""
    rig, simulator = calling(mailed=True)
    number = bound(rig, level="14.8")
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    look(rig)
    with rig.database.change() as tx:
        thresholds.drop(tx, number)
    sender = duties.deliveries(
        rig.parts.config, rig.database, rig.clock, rig.parts.channels
    )
    while sender.run():
        pass
    [mail] = told(rig)

    assert outbox.State.WITHDRAWN is mail.state
    assert [] == kept(rig)


def test_set_twice_it_is_one(calling):
    """S2: a double click."""
    rig, _ = calling()

    assert bound(rig) == bound(rig)
    assert 1 == len(kept(rig))
    assert NEVER == kept(rig)[0].bound


# --- the sheet of all


def test_the_sheet_of_a_month_is_what_the_ledger_says(calling):
    """D26, P17: bought and free, by source and currency; what is held is owed, too."""
    rig, simulator = calling()
    rig.topup("9", client="99")  # nobody's yet: held
    rig.run()
    look(rig)
    simulator.start_traffic(1, concurrent=5, call_seconds=30)
    pass_on(rig, simulator, 100)
    look(rig)
    used = Decimal(15) - simulator.users[1].credit
    now = rig.clock.now()
    with rig.database.snapshot() as tx:
        first = statements.month_of(now, UTC_ZONE)
        [owed] = statements.liability(tx, first, UTC_ZONE)
        wrong = statements.unproven(tx, [owed], now + timedelta(days=40))
    free = min(used, Decimal(5))

    assert ("shop", "USD") == (owed.source, owed.currency)
    assert Parts(bought=Decimal(20)) == owed.line.of(Way.PAID)
    assert Parts(Decimal(5) - free, Decimal(20) - used + free) == owed.line.closing
    assert [] == wrong


def test_a_sheet_that_lacks_an_account_is_not_proven(calling):
    """P17: the two ways to add up are two."""
    rig, _ = calling()
    now = rig.clock.now()
    with rig.database.snapshot() as tx:
        wrong = statements.unproven(tx, [], now + timedelta(days=40))

    assert ["USD"] == wrong


def test_the_following_month_opens_where_this_one_closed(calling):
    """P17: of everybody together; what ended in between is written off."""
    rig, _ = calling()
    look(rig)
    first = statements.month_of(rig.clock.now(), UTC_ZONE)
    then = statements.after(first)
    second = datetime(then.year, then.month, 2, tzinfo=UTC)
    rig.wait((second - rig.clock.now()).total_seconds())
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(purged_at=rig.clock.now()))
    with rig.database.snapshot() as tx:
        [one] = statements.liability(tx, first, UTC_ZONE)
        [two] = statements.liability(tx, statements.after(first), UTC_ZONE)
        until = rig.clock.now() + timedelta(days=40)
        wrong = statements.unproven(tx, [two], until)
    gone = two.line.of(Way.WRITTEN_OFF)

    assert Parts(Decimal(5), Decimal(10)) == one.line.closing == two.line.opening
    assert Parts(Decimal(-5), Decimal(-10)) == gone
    assert Parts() == two.line.closing
    assert [] == wrong
