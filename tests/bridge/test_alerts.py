"""Alerts: a row while the cause lasts, told when it begins, daily, and when it ends."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.alerts import LISTED, Addressee, Watch
from bridge.store import alarms, lanes, outbox, ticks, verdicts
from bridge.store.causes import CAUSES
from bridge.store.causes.found import Limits
from bridge.store.outbox import State
from bridge.store.tables import account, attempt, backend, claim, lane
from bridge.store.verdicts import Verdict, Word
from bridge.words import render
from tests.bridge.seen import PAY, SETTLE, after_the_window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPS = (Addressee("mail", "ops@example.com"), Addressee("webhook"))


@pytest.fixture
def watch(database, clock):
    """`watch()`: look now. Its limits and addressees can be given."""

    def watch(limits=None, addressees=OPS):
        Watch(database, limits or Limits(), addressees).run(clock.now())
        with database.read() as tx:
            return {(a.topic, a.about): render(a.why) for a in alarms.lasting(tx)}

    return watch


@pytest.fixture
def pause(database, clock):
    """A backend paused for so long: a cause that begins and ends as a test wants."""

    def pause(name="main", long=365 * DAY, by_hand=False):
        with database.change() as tx:
            tx.execute(sa.delete(backend).where(backend.c.name == name))
            tx.execute(
                sa.insert(backend).values(
                    name=name,
                    paused_until=clock.now() + long,
                    paused_because="401",
                    by_hand=by_hand,
                )
            )

    return pause


def messages(database, channel="mail"):
    """Subjects, the oldest first."""
    with database.read() as tx:
        found = outbox.newest(tx, 100, None)
    return [m.content["subject"] for m in reversed(found) if m.channel == channel]


# --- told once, daily, and when it is over


def test_it_is_told_when_it_begins_and_when_it_ends(watch, pause, database, clock):
    """Once each, to everybody, however often it is looked."""
    pause(long=HOUR, by_hand=True)
    for _ in range(3):
        assert [("backend_paused", "main")] == list(watch())
    clock.ahead += 2 * HOUR
    for _ in range(3):
        assert {} == watch()

    told = ["Switchhook: 1 new (backend paused)",
            "Switchhook: 1 recovered (backend paused)"]  # fmt: skip
    assert told == messages(database)
    assert told == messages(database, "webhook")


def test_it_is_told_again_every_day_while_it_lasts(watch, pause, database, clock):
    """So that nobody can say they did not know."""
    pause()
    for _ in range(3 * 24 + 1):
        watch()
        clock.ahead += HOUR

    still = "Switchhook: 1 still (backend paused)"
    assert ["Switchhook: 1 new (backend paused)", *[still] * 3] == messages(database)


def test_what_begins_again_is_told_again(watch, pause, database, clock):
    """It is a new alert; the old one stays on record."""
    for _ in range(2):
        pause(long=HOUR, by_hand=True)
        watch()
        clock.ahead += 2 * HOUR
        watch()

    assert 4 == len(messages(database))


def test_many_at_once_are_one_message(watch, database, clock, pause):
    """U6: five thousand causes are five thousand rows and one mail."""
    with database.change() as tx:
        tx.execute(
            sa.insert(backend),
            [
                {
                    "name": f"b{no}",
                    "paused_until": clock.now() + HOUR,
                    "by_hand": False,
                }
                for no in range(5000)
            ],
        )
    found = watch()
    with database.read() as tx:
        text = outbox.newest(tx, 1, None)[0].content["text"]

    assert 5000 == len(found)
    assert ["Switchhook: 5000 new (backend paused)"] == messages(database)
    assert f"and {5000 - LISTED} more" in text


def test_two_at_once_tell_it_once(watch, pause, database, clock):
    """Two processes that both believe it is their turn: the message's key is one."""
    # Guard off (a random key): red.
    pause()
    watch()
    with database.change() as tx:
        tx.execute(sa.update(alarms.alert).values(told_at=None))
    watch()

    assert 1 == len(messages(database))


def test_half_a_look_is_none(watch, pause, database, monkeypatch):
    """Power gone before the commit: neither kept nor told, and the next look does."""
    pause()

    def gone(*_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(alarms, "told", gone)
        with pytest.raises(RuntimeError):
            watch()

    assert [] == messages(database)
    watch()
    assert 1 == len(messages(database))


def test_without_addressees_it_is_kept_and_logged_once(watch, pause, caplog):
    """Nobody is told; the log and the command line say it."""
    pause()
    with caplog.at_level(logging.WARNING, "bridge.alerts"):
        for _ in range(3):
            watch(addressees=())

    [line] = [r.getMessage() for r in caplog.records if r.name == "bridge.alerts"]
    assert line.startswith('alert backend_paused: Backend "main" is paused: 401')


def test_nothing_found_writes_nothing(watch, database, monkeypatch):
    """A look each minute costs no commit while all is well."""

    def change():
        raise AssertionError("it writes")

    monkeypatch.setattr(database, "change", change)

    assert {} == watch()


# --- the causes


def test_a_failed_delivery_is_one_alert_a_channel(watch, database, clock):
    """U6: the mail about the mail that failed is no new alert: that would never end."""
    # Guard off (about = the delivery): red.
    at = clock.now()
    for _ in range(5):
        with database.change() as tx:
            outbox.enqueue(
                tx, f"k{clock.now().timestamp()}", "mail", {"subject": "s"}, at
            )
        clock.ahead += MINUTE
        with database.change() as tx:
            while held := outbox.claim(tx, clock.now(), HOUR):
                outbox.end(tx, held, State.REFUSED, "no", clock.now())
        found = watch(addressees=OPS[:1])

    [said] = found.values()
    assert [("delivery_failed", "mail")] == list(found)
    assert "switchhook delivery retry" in said
    assert 1 == len([m for m in messages(database) if "new" in m])


def test_an_old_queue_is_an_alert_unless_its_backend_is_paused(
    watch, pause, database, clock
):
    """A paused backend is an alert of its own; its accounts wait for it."""
    with database.change() as tx:
        lanes.wake(tx, "acct_1", clock.now())
        lanes.wake(tx, "intake:shop:7", clock.now() + DAY)
    fresh = watch()
    clock.ahead += 2 * MINUTE
    late = watch()
    with database.change() as tx:
        tx.execute(sa.update(lane).values(backend="main"))
    pause()
    paused = watch()

    assert {} == fresh
    assert [("backlog", "lanes")] == list(late)
    assert [("backend_paused", "main")] == list(paused)


def test_a_leased_lane_is_no_backlog(watch, database, clock):
    """Somebody is at it."""
    with database.change() as tx:
        lanes.wake(tx, "acct_1", clock.now())
        lanes.claim(tx, clock.now(), DAY)
        lanes.wake(tx, "acct_1", clock.now())
    clock.ahead += HOUR

    assert {} == watch()


def test_a_tick_that_does_not_end_well_is_missing(watch, database, clock):
    """After three intervals, never less than a minute, and not while nobody ran it."""
    began = clock.now()
    limits = Limits(ticks={"wake": timedelta(seconds=5), "sweep": HOUR}, since=began)
    with database.change() as tx:
        ticks.keep(tx, ["wake", "sweep", "of another version"], began - DAY)
    looks = []
    for wait in (59, 2, 3 * 3600):
        clock.ahead += timedelta(seconds=wait)
        looks.append([about for _, about in watch(limits)])

    assert [[], ["wake"], ["wake", "sweep"]] == looks


def test_a_tick_that_failed_says_why(watch, database, clock):
    """In the words that are on record."""
    with database.change() as tx:
        ticks.keep(tx, ["wake"], clock.now())
        turn = ticks.take(tx, "wake", clock.now(), MINUTE, MINUTE)
        ticks.failed(tx, turn, "the backend sleeps", clock.now())
    clock.ahead += HOUR
    [said] = watch(Limits(ticks={"wake": MINUTE})).values()

    assert "the backend sleeps" in said
    assert "switchhook tick list" in said


def test_a_pause_says_by_whom_and_until_when(watch, pause):
    """The breaker's, or somebody's own."""
    pause("main")
    pause("other", by_hand=True)
    found = watch()

    assert "goes on by itself" in found["backend_paused", "main"]
    assert "by hand" in found["backend_paused", "other"]


def test_the_breakers_pause_lasts_until_the_backend_works(watch, pause, clock):
    """Between two questions whether it does, nothing is said to be over."""
    pause(long=MINUTE)
    watch()
    clock.ahead += HOUR

    assert [("backend_paused", "main")] == list(watch())


def test_a_key_is_told_of_thirty_days_before_it_ends(watch, clock):
    """In time to make a new one, and still when it has ended; not before."""
    end = clock.now() + 31 * DAY
    looks = []
    for days in (0, 2, 30):
        clock.ahead += timedelta(days=days)
        looks.append(watch(Limits(keys={"main": end})))

    assert [[], ["main"], ["main"]] == [[about for _, about in s] for s in looks]
    assert f"{end:%Y-%m-%d}" in looks[1]["key_expiring", "main"]
    assert "Make a new one" in looks[1]["key_expiring", "main"]


def test_what_is_sold_and_was_never_verified_is_told_until_it_is(
    watch, database, clock
):
    """U6: one alert a backend; a verdict under other settings verifies nothing."""
    # Guard off (the digest of a verdict's settings not compared): red.
    limits = Limits(unproven={"main": {"channels": "now", "active": "now"}})
    found = [Verdict("channels", Word.VERIFIED, wire="then"),
             Verdict("active", Word.VERIFIED, wire="now")]  # fmt: skip
    first = watch(limits)["unverified", "main"]
    with database.change() as tx:
        verdicts.keep(tx, "main", found, clock.now())
    second = watch(limits)["unverified", "main"]
    with database.change() as tx:
        verdicts.keep(
            tx, "main", [replace(one, wire="now") for one in found], clock.now()
        )

    assert "stands on channels, active" in first
    assert "stands on channels, and" in second
    assert "switchhook doctor --probe main" in second
    assert {} == watch(limits)


def test_every_cause_has_words():
    """And they name the way out."""
    assert {
        "parked", "asking", "observed", "unsure_late", "person", "stopped", "backlog",
        "tick_missing", "held", "sum_refused", "delivery_failed", "backend_paused",
        "key_expiring", "unverified", "still_dialling", "purge_waits", "data_waits",
        "switch_off_guard", "reconcile_late", "reconcile_differs",
    } == set(CAUSES)  # fmt: skip


# --- the causes of a bridge at work


@pytest.fixture
def looked(make):
    """`looked(rig)`: what a watch of that bridge finds."""

    def looked(rig, **limits):
        Watch(rig.database, Limits(**limits)).run(rig.clock.now())
        with rig.database.read() as tx:
            return {(a.topic, a.about): render(a.why) for a in alarms.lasting(tx)}

    return looked


def test_events_that_wait_for_a_person_are_one_alert_a_lane(make, looked):
    """Parked and refused alike, however many there are."""
    # Guard off (about = the operation): red.
    rig, _ = make()
    for no in range(4):
        rig.topup(str(no), product="nowhere")
    rig.run()
    found = looked(rig)

    [(topic, said)] = [(t, s) for (t, _), s in found.items() if t == "parked"]
    assert "parked" == topic
    assert "4 waiting for a person" in said
    assert "switchhook event retry" in said


def test_what_only_a_person_can_tell_is_an_alert_until_they_do(make, looked):
    """With the verb, and the number to give it."""
    rig, simulator = make(rate=None, settle=SETTLE)
    rig.order()
    rig.run()
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    early = looked(rig)
    rig.wait(2 * SETTLE + 600)
    late = looked(rig)
    after_the_window(rig, simulator)
    person = looked(rig)

    assert not any(topic in {"unsure_late", "person"} for topic, _ in early)
    assert any(topic == "unsure_late" for topic, _ in late)
    [said] = [said for (topic, _), said in person.items() if topic == "person"]
    assert "switchhook unsure resolve" in said


def test_held_money_is_an_alert_when_it_is_held_too_long(make, looked):
    """Σ paid is somewhere: whose it is, how much, since when."""
    rig, _ = make()
    rig.topup("2")
    rig.topup("3")
    rig.run()
    early = looked(rig, held=HOUR)
    rig.wait(2 * 3600)
    late = looked(rig, held=HOUR)

    assert not any(topic == "held" for topic, _ in early)
    [said] = [said for (topic, _), said in late.items() if topic == "held"]
    assert "20.00 USD" in said


def test_an_account_without_money_says_why_and_how_to_go_on(opened, looked):
    """Divergence: no more is sent there until somebody found out."""
    rig, _ = opened
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(money_stopped="the balance fell"))
    [said] = looked(rig).values()

    assert "the balance fell" in said
    assert "switchhook unsure release" in said


def test_what_is_mended_is_no_alert_any_more(opened, looked):
    """All that is well is quiet."""
    rig, _ = opened
    with rig.database.read() as tx:
        assert tx.execute(sa.select(claim)).all()
        assert tx.execute(sa.select(attempt)).all()

    assert {} == looked(rig, held=timedelta(0), backlog=timedelta(0))
