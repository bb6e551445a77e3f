"""The verbs for alerts, deliveries and ticks: what they show and how they end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.alerts import Watch
from bridge.lock import Lock
from bridge.store import outbox, ticks
from bridge.store.causes.found import Limits
from bridge.store.outbox import State
from bridge.store.tables import backend
from tests.bridge.cli.test_cli import said, switchhook

HOUR = timedelta(hours=1)


@pytest.fixture
def failed(rig):
    """A delivery the receiver said no to."""
    with rig.database.change() as tx:
        at = rig.clock.now()
        outbox.enqueue(tx, "k", "mail", {"to": "ops@example.com"}, at)
        held = outbox.claim(tx, at, HOUR)
        outbox.end(tx, held, State.REFUSED, "the mail server refuses it (550)", at)
    return rig


def watch(rig):
    Watch(rig.database, Limits()).run(rig.clock.now())


def test_alerts_are_shown_with_the_way_out_and_exit_3(failed):
    """A monitor needs nothing but the exit code."""
    watch(failed)
    shown, code = said(failed.path, "alert", "list")
    table = switchhook(failed.path, "alert", "list")

    assert 3 == code == table.exit_code
    assert [("delivery_failed", "mail")] == [(a["topic"], a["about"]) for a in shown]
    assert "switchhook delivery retry 1" in shown[0]["why"]
    assert "delivery_failed" in table.stdout


def test_what_is_over_is_shown_when_asked_for(failed):
    """And it is no exit code 3 any more."""
    watch(failed)
    switchhook(failed.path, "delivery", "retry", "1")
    watch(failed)

    assert ([], 0) == said(failed.path, "alert", "list")
    [one], code = said(failed.path, "alert", "list", "--over")
    assert 0 == code
    assert one["over"]


def test_no_alerts_is_said(rig):
    """In words, and with 0."""
    result = switchhook(rig.path, "alert", "list")

    assert (0, "no alerts\n") == (result.exit_code, result.stdout)


def test_a_failed_delivery_is_sent_anew(failed):
    """After its cause was mended."""
    [before], _ = said(failed.path, "delivery", "list", "--state", "refused")
    answer, code = said(failed.path, "delivery", "retry", "1")
    [after], _ = said(failed.path, "delivery", "list")

    assert "the mail server refuses it (550)" == before["said"]
    assert ({"retried": 1}, 0) == (answer, code)
    assert "waiting" == after["state"]


def test_what_cannot_be_retried_says_why(failed):
    """One line, no traceback."""
    result = switchhook(failed.path, "delivery", "retry", "99")

    assert 1 == result.exit_code
    assert "there is no delivery 99; see `switchhook delivery list`" in result.stderr


def test_a_retry_waits_for_the_one_process(failed):
    """On SQLite one process writes: the verb says so, and changes nothing."""
    if not failed.database.embedded:
        pytest.skip("on PostgreSQL everybody may write")
    lock = Lock(str(failed.database.url.database))
    lock.take(patience=0)
    result = switchhook(failed.path, "delivery", "retry", "1")
    lock.drop()

    assert 1 == result.exit_code
    assert "stop that one first" in result.stderr


def test_ticks_say_when_they_last_ran_and_which_is_missing(rig):
    """Last ran is visible, and why it did not."""
    long_ago = rig.clock.now() - 2 * HOUR
    with rig.database.change() as tx:
        ticks.keep(tx, ["wake", "watch"], long_ago)
        for name, how in (("wake", HOUR), ("watch", 2 * HOUR)):
            turn = ticks.take(tx, name, long_ago, HOUR, HOUR)
            ticks.ran(tx, turn, long_ago + how)
    shown, code = said(rig.path, "tick", "list")
    table = switchhook(rig.path, "tick", "list").stdout

    assert 0 == code
    assert [("wake", True), ("watch", False)] == [
        (one["tick"], one["missing"]) for one in shown
    ]
    assert (long_ago + HOUR).isoformat(timespec="seconds") == shown[0]["ran"]
    assert "watch" in table


def test_no_ticks_says_what_starts_them(rig):
    """A bridge that never ran."""
    assert "`switchhook serve` starts them" in switchhook(
        rig.path, "tick", "list"
    ).stdout  # fmt: skip


def test_a_paused_backend_is_an_alert(rig):
    """Told in the words everybody reads."""
    with rig.database.change() as tx:
        tx.execute(
            sa.insert(backend).values(
                name="main", by_hand=True, paused_until=rig.clock.now() + HOUR,
                paused_because="moving house",
            )
        )  # fmt: skip
    watch(rig)
    [one], code = said(rig.path, "alert", "list")

    assert 3 == code
    assert "moving house" in one["why"]
