"""Deliveries: tried until taken, given up after days, sent again after a crash."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from bridge.channels.mail import Mail, Security
from bridge.deliveries import MARGIN, Deliveries
from bridge.store import outbox
from bridge.store.outbox import State
from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from tests.bridge.channels.post import Box, running, server

DAY = timedelta(days=1)


class Sink:
    """A channel that notes what it is given, and answers what a test says."""

    within = 1.0

    def __init__(self, *answers):
        self.sent, self.answers = [], list(answers)

    def send(self, delivery, at):
        self.sent.append((delivery.key, at))
        if self.answers and (answer := self.answers.pop(0)):
            raise answer


@pytest.fixture
def enqueue(database, clock):
    def enqueue(key="k", channel="sink"):
        told = {"to": "ops@example.com", "subject": "s", "text": "t"}
        with database.change() as tx:
            outbox.enqueue(tx, key, channel, told, clock.now())

    return enqueue


@pytest.fixture
def sending(database, clock):
    def sending(**channels):
        return Deliveries(database, clock, channels)

    return sending


def one(database):
    with database.read() as tx:
        [found] = outbox.newest(tx, 9, None)
    return found


def test_what_is_taken_is_sent_once(enqueue, sending, database):
    """And nothing is left to do."""
    sink = Sink()
    enqueue()
    deliveries = sending(sink=sink)

    assert [True, False] == [deliveries.run(), deliveries.run()]
    assert ["k"] == [key for key, _ in sink.sent]
    assert State.SENT is one(database).state


@pytest.mark.parametrize("kind", [Later, Unsure, Broken, OSError, KeyError])
def test_what_may_pass_is_tried_again(enqueue, sending, database, clock, kind):
    """Whatever went wrong, but for a no; a channel's own fault is no end either."""
    sink = Sink(kind("s3cr3t"))
    enqueue()
    deliveries = sending(sink=sink)
    deliveries.run()
    waits = one(database)
    clock.ahead += timedelta(seconds=6)
    deliveries.run()

    assert (State.WAITING, 1) == (waits.state, waits.tries)
    assert ("s3cr3t" in waits.said) == (kind in {Later, Unsure, Broken})
    assert State.SENT is one(database).state


def test_a_no_is_final_until_a_person_says_retry(enqueue, sending, database, clock):
    """Refused is parked: no hundred mails to an address that is not there."""
    sink = Sink(Refused("no such address"))
    enqueue()
    deliveries = sending(sink=sink)
    deliveries.run()
    clock.ahead += DAY

    assert not deliveries.run()
    assert (State.REFUSED, "no such address") == (
        one(database).state,
        one(database).said,
    )
    with database.change() as tx:
        outbox.retry(tx, one(database).id, clock.now())
    assert deliveries.run()
    assert State.SENT is one(database).state


def test_it_waits_ever_longer_with_full_jitter(
    enqueue, sending, database, clock, monkeypatch
):
    """5 s, 30 s, 2 min, 10 min, 1 h, then hourly, each at most."""
    monkeypatch.setattr("bridge.jitter.between", lambda _, high: high)
    enqueue()
    deliveries, waits = sending(sink=Sink(*[Later("no")] * 7)), []
    for _ in range(7):
        before = clock.now()
        deliveries.run()
        wait = one(database).due - before
        waits.append(round(wait.total_seconds()))
        clock.ahead += wait

    assert [5, 30, 120, 600, 3600, 3600, 3600] == waits


def test_what_the_receiver_asks_for_is_the_least(enqueue, sending, database, clock):
    """Retry-After is longer than our own step: then it holds."""
    enqueue()
    sending(sink=Sink(Later("no", after=timedelta(minutes=9)))).run()

    assert one(database).due > clock.now() + timedelta(minutes=8)


def test_it_is_given_up_after_three_days(enqueue, sending, database, clock):
    """Counted from the first failure, not from when it was made: we may have slept."""
    enqueue()
    clock.ahead += 10 * DAY
    deliveries = sending(sink=Sink(*[Later("no")] * 3))
    states = []
    for wait in (0, 2, 1):
        clock.ahead += wait * DAY
        deliveries.run()
        states.append(one(database).state)

    assert [State.WAITING, State.WAITING, State.GIVEN_UP] == states


def test_a_channel_that_is_not_configured_is_waited_for(enqueue, sending, database):
    """Half of a rolling change knows it, half does not: nothing is lost."""
    enqueue(channel="pigeon")
    sending().run()

    assert State.WAITING is one(database).state
    assert 'no channel "pigeon" in the configuration' in one(database).said


def test_who_was_too_slow_notes_nothing(enqueue, sending, database, clock):
    """Its lease ran out, another sends: the note of the first would be wrong."""
    second = Sink()

    class Slow(Sink):
        def send(self, delivery, at):
            clock.ahead += timedelta(seconds=60)
            assert sending(sink=second).run()
            raise Refused("no")

    enqueue()
    assert sending(sink=Slow()).run()

    assert ["k"] == [key for key, _ in second.sent]
    assert State.SENT is one(database).state


def test_the_threads_send_what_comes_in_and_stop(enqueue, sending, database):
    """Within the second in which they look."""
    sink = Sink()
    deliveries = sending(sink=sink)
    deliveries.start()
    for no in range(5):
        enqueue(f"k{no}")
    until = time.monotonic() + 5
    while len(sink.sent) < 5 and time.monotonic() < until:
        time.sleep(0.02)

    assert deliveries.stop(within=5)
    assert sorted(f"k{no}" for no in range(5)) == sorted(key for key, _ in sink.sent)


DIES = """
import sys, time
from bridge.channels.mail import Mail, Security
from bridge.clock import Clock
from bridge.deliveries import Deliveries
from bridge.store.database import Database
from tests.bridge.channels.post import server

class Dying(Mail):
    def send(self, delivery, at):
        super().send(delivery, at)
        print("sent", flush=True)
        time.sleep(60)

mail = Dying(server(int(sys.argv[2]), Security.NONE))
Deliveries(Database(sys.argv[1]), Clock(), {"mail": mail}).run()
"""


def test_killed_after_the_last_word_it_is_sent_again_and_can_be_told(
    enqueue, sending, database, clock
):
    """At least once: another sender, when the lease is out, the same Message-ID."""
    box = Box()
    enqueue(channel="mail")
    url = database.url.render_as_string(hide_password=False)
    with running(box, Security.NONE) as port:
        killed = subprocess.Popen(
            [sys.executable, "-c", DIES, url, str(port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert "sent\n" == killed.stdout.readline()
        finally:
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait(10)
            killed.stdout.close()
        mail = Mail(server(port, Security.NONE))
        assert not sending(mail=mail).run()
        clock.ahead += timedelta(seconds=mail.within) + MARGIN
        assert sending(mail=mail).run()

    first, second = (mail["Message-ID"] for mail in box.mails)
    assert first == second
    assert State.SENT is one(database).state
