"""Business time moved on in a demo: what is due comes, and no window is cut short."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge import beside, config, lifecycle, orders
from bridge.cli.act import Sender
from bridge.clock import Clock
from bridge.duties import wake
from bridge.parts import assemble
from bridge.store import facts, ticks
from tests.bridge.cli.test_ahead import PACKAGES
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import PAY, levels
from tests.bridge.test_confirming import Power
from tests.engines import on_postgresql, on_sqlite
from tests.rig import Rig

DAY = 86400.0
MONTH = 31 * DAY


def begun(rig):
    """Its database says that it is a demo's, as `switchhook demo` has it say."""
    where = rig.parts.config.backends["main"]["url"]
    with rig.database.change() as tx:
        facts.begin_demo(tx, {"main": where}, rig.clock.now())


@pytest.fixture
def demo(make):
    """A service on basic, paid for a month from now, in a demo with a real clock."""
    rig, simulator = make(more=PACKAGES, call_deadline=5.0)
    rig.database.close()
    rig = Rig(rig.path, Clock())
    begun(rig)
    now = rig.clock.now()
    sold = {"ref": "1", "plan_ref": "basic", "period_start": now.isoformat()}
    client, paid = {"ref": "7"}, {"line_ref": "1"}
    rig.post(
        "order", "service.activate", now, account=client, service=sold, billing=paid
    )
    rig.run()
    assert {"order": "done"} == rig.fates()
    return rig, simulator


def advance(rig, seconds):
    told = {"seconds": seconds}
    return orders.carry_out(rig.database, rig.clock, "clock.advance", told)


def ahead(rig):
    """Days of its clock, to the hour."""
    behind = rig.clock.now() - datetime.now(UTC)
    return round(behind / timedelta(days=1), 2)


def due(rig):
    wake(rig.database, rig.clock.now())
    rig.run()


@on_sqlite
def test_what_is_due_comes(demo):
    """S3: the change of the next period is made when that begins, a month early."""
    rig, simulator = demo
    sold, later = {"ref": "1", "plan_ref": "gold"}, {"effective": "period_end"}
    rig.post("up", "service.change", rig.clock.now(), service=sold, data=later)
    rig.run()
    before = levels(simulator)
    told, code = said(rig.path, "clock", "advance", "31d")
    with rig.database.read() as tx:
        rig.clock.follow(tx)
    due(rig)

    assert ((True, 5, "1"), 0) == (before, code)
    assert (True, 10, "2") == levels(simulator)
    assert (31.0, MONTH) == (ahead(rig), told["ahead"])


@on_sqlite
def test_every_process_goes_by_it_and_what_others_sign_does_not(demo):
    """F-D1: one that starts later, verbs, and the one that was told; walls stay."""
    rig, _ = demo
    advance(rig, MONTH)
    parts = assemble(config.load(rig.path))
    stop = lifecycle.work(parts)
    there = parts.clock.now() - datetime.now(UTC)
    stop()
    view, _ = said(rig.path, "plan", "shop:1", "--change", "gold")

    assert (31.0, 31) == (ahead(rig), round(there / timedelta(days=1)))
    assert view["at"][:10] == rig.clock.now().isoformat()[:10]
    assert abs((rig.clock.wall() - datetime.now(UTC)).total_seconds()) < DAY / 2


@on_sqlite
def test_the_simulator_goes_along(demo):
    """S3: what it shows as the moment is as much later."""
    rig, simulator = demo
    before = simulator.advance(0)
    said(rig.path, "clock", "advance", "2h")

    assert 7200 <= simulator.advance(0) - before < 7200 + 600


@on_sqlite
def test_only_a_demo_is_moved(make):
    """F-D1: any other installation refuses, in one line, and nothing moves."""
    # Guard off (`facts.demo` is not asked): red.
    rig, _ = make()
    rig.database.close()
    rig = Rig(rig.path, Clock())
    result = switchhook(rig.path, "clock", "advance", "31d")

    assert (1, True) == (
        result.exit_code,
        "not the database of a demo" in result.output,
    )
    with pytest.raises(LookupError, match="not the database of a demo"):
        advance(rig, MONTH)
    assert 0 == ahead(rig)


@on_postgresql
def test_nor_is_one_that_several_machines_share(make):
    """F-D1: a demo's backup in there is no demo; its processes would not agree."""
    # Guard off (any database will do): red.
    rig, _ = make()
    begun(rig)

    with pytest.raises(LookupError, match="not the database of a demo"):
        advance(rig, MONTH)


@on_sqlite
@pytest.mark.parametrize(("is_", "becomes"), [
    ("http://127.0.0.1", "http://127.0.0.2"), ("/rig-", "/gone-"),
])  # fmt: skip
def test_a_backend_that_is_no_simulator_of_it_is_refused(demo, is_, becomes):
    """F-D1: somebody's real server must not be worked on by a wrong clock."""
    # Guard off (the addresses are not compared): red.
    rig, _ = demo
    url = rig.parts.config.backends["main"]["url"]
    written = rig.path.read_text().replace(url, url.replace(is_, becomes))
    rig.path.write_text(written)
    result = switchhook(rig.path, "clock", "advance", "31d")

    assert (1, True) == (result.exit_code, "none of this demo" in result.output)


@on_sqlite
def test_where_the_simulator_is_gone_nothing_is_moved(demo, monkeypatch):
    """F-D1: of a demo that runs no more."""
    rig, _ = demo
    monkeypatch.setattr("bridge.cli.clock.Control", lambda _: Gone())
    result = switchhook(rig.path, "clock", "advance", "31d")
    with rig.database.read() as tx:
        moved = facts.ahead(tx)

    assert (1, True) == (result.exit_code, "no simulator answers" in result.output)
    assert timedelta() == moved


class Gone:
    def clock(self, *_):
        raise OSError


@on_sqlite
def test_no_window_is_cut_short(demo, at_boundary):
    """V2: a sum nobody knows the end of could be sent twice."""
    # Guard off (`_under_way` finds nothing): red, it moves.
    rig, _ = demo
    rig.topup("2")

    def gone():
        raise Power

    at_boundary("after send", gone)
    with pytest.raises(Power):
        rig.run()
    told = advance(rig, MONTH)

    assert "nobody knows the end of" in told["under_way"]
    assert 0 == ahead(rig)


@on_sqlite
def test_nobody_at_work_has_it_moved_under_him(demo, at_boundary):
    """V2: whoever holds an account reckons by the time he took it at."""
    # Guard off (leases are not looked at): red.
    rig, simulator = demo
    rig.topup("2")
    told = []
    at_boundary("planned", lambda: told.append(advance(rig, MONTH)))
    rig.run()

    assert ["1 accounts that are worked on"] == [each["under_way"] for each in told]
    assert ("done", 0) == (rig.fates()["topup-2"], ahead(rig))
    assert 1 == len([c for c in simulator.journal if c.method == PAY])


@on_sqlite
def test_who_begins_while_it_is_moved_begins_by_the_new_time(demo, monkeypatch):
    """V2: the clock has moved before the database lets anybody else write."""
    # Guard off (the clock follows after the commit): red.
    rig, _ = demo
    seen = []
    moved = facts.move_on

    def watched(tx, by, at):
        told = moved(tx, by, at)
        sa.event.listen(
            tx, "commit", lambda _: seen.append(ahead(rig)), once=True
        )  # fmt: skip
        return told

    monkeypatch.setattr(facts, "move_on", watched)
    advance(rig, MONTH)

    assert [31.0] == seen


@on_sqlite
def test_what_is_not_kept_moves_nothing(demo, monkeypatch):
    """V1: the disk is full just then: everybody is as late as before."""
    # Guard off (it is not asked again after a failure): red.
    rig, _ = demo

    def full(tx, _):
        rig.clock._ahead = timedelta(days=31)
        raise OSError("disk full")

    monkeypatch.setattr(ticks, "moved", full)
    with pytest.raises(OSError, match="disk full"):
        advance(rig, MONTH)

    assert 0 == ahead(rig)


@on_sqlite
@pytest.mark.parametrize("seconds", [0.0, -DAY, 4000 * DAY])
def test_it_goes_forward_and_not_to_the_end_of_all_days(demo, seconds):
    """D20: a slip is said, and moves nothing."""
    with pytest.raises(LookupError, match="only goes forward"):
        advance(demo[0], seconds)


@on_sqlite
def test_no_tick_counts_as_missed_for_it(demo):
    """V9: an alert is for what did not run; each is due now."""
    # Guard off (`ticks.moved` is out): red.
    rig, _ = demo
    with rig.database.change() as tx:
        ticks.keep(tx, ["wake", "new"], rig.clock.now())
        turn = ticks.take(tx, "wake", rig.clock.now(), timedelta(1), timedelta(1))
        ticks.ran(tx, turn, rig.clock.now())
    advance(rig, MONTH)
    with rig.database.read() as tx:
        ages = {
            t.name: t.ran_at and rig.clock.now() - t.ran_at for t in ticks.all_kept(tx)
        }
        ready = [ticks.ready(tx, name, rig.clock.now()) for name in ("wake", "new")]

    assert ages["new"] is None
    assert ages["wake"] < timedelta(hours=12)
    assert [True, True] == ready


@on_sqlite
def test_a_platform_of_our_own_tells_of_that_day(demo, monkeypatch):
    """S3: `trigger` says that it happens on the day it is in the demo."""
    # Guard off (`trigger` says what the wall shows): red.
    rig, _ = demo
    advance(rig, MONTH)
    told = []

    def deliver(_, id_, body):
        told.append(json.loads(body))
        return {"operation_id": id_, "status": "done"}

    monkeypatch.setattr(Sender, "deliver", deliver)
    _, code = said(rig.path, "trigger", "service.suspend", "--source", "shop")
    [said_at] = [datetime.fromisoformat(each["occurred_at"]) for each in told]

    assert 0 == code
    assert abs(rig.clock.now() - said_at) < timedelta(hours=12)


@on_sqlite
def test_the_shop_and_the_console_are_at_the_time_of_the_demo(demo):
    """F-D1: they are processes of their own, and were there before it was moved."""
    # Guard off (`Clock()` in `clock.beside`): red, they show what is so today.
    rig, _ = demo
    aside = beside.parts(rig.parts.config)
    try:
        advance(rig, MONTH)
        apart = abs(aside.clock.now() - rig.clock.now())
    finally:
        aside.database.close()

    assert apart < timedelta(hours=12)
