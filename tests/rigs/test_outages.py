"""F-A3, F-E1, F-E2: PostgreSQL goes as if the plug were pulled, and comes back."""

import signal
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from bridge.store.tables import operation
from tests.engines import NAMES
from tests.matrix.invariants import violations
from tests.rigs.fleet import Sender, all_at_once

pytestmark = pytest.mark.parametrize("kept", NAMES[1:], indirect=True)

CLIENTS, EACH = 5, 4
SENDERS = 4


@pytest.fixture
def opened(make_fleet):
    """A fleet with some accounts."""
    fleet, simulator = make_fleet()
    fleet.start()
    with Sender(fleet.port) as sender:
        for client in range(CLIENTS):
            sender.order(client)
    fleet.until_done(CLIENTS, within=30)
    return fleet, simulator


def test_gone_between_an_effect_and_its_note_a_sum_is_settled_once(opened, durable):
    """F-E2: what the backend did and nobody could note is found, not sent again."""
    fleet, simulator = opened
    fleet.strike("effect", signal.SIGSTOP)
    with Sender(fleet.port) as sender:
        for number in range(CLIENTS * EACH):
            sender.topup(number % CLIENTS, str(number))
    worker, reference = fleet.struck()
    durable.stop(immediate=True)
    worker.signal(signal.SIGCONT)
    fleet.until_it_says("the database failed")
    time.sleep(1.5)
    durable.start()
    fleet.until_done(CLIENTS * (EACH + 1), within=40)
    fleet.stop()
    paid = Counter(payment.reference for payment in simulator.payments)

    assert 1 == paid[reference]
    assert {f"shop:{number}/topup": 1 for number in range(CLIENTS * EACH)} == paid
    assert [] == violations(fleet.database, simulator)


def test_what_was_answered_yes_is_on_disk_and_all_else_was_503(
    opened, durable, record_property
):
    """F-A3, F-E1: twice gone while events come in; those told again count once."""
    fleet, simulator = opened
    answers, over = {}, []

    def send(first):
        with Sender(fleet.port) as sender:
            number = first
            while not over:
                answers[number] = sender.topup_once(number % CLIENTS, str(number))
                number += SENDERS

    threads = all_at_once(send, SENDERS)
    for _ in range(2):
        time.sleep(0.7)
        durable.stop(immediate=True)
        time.sleep(0.7)
        durable.start()
    time.sleep(0.7)
    over.append(True)
    for thread in threads:
        thread.join()
    there = set(fleet.asked(sa.select(operation.c.event)))
    taken = {f"topup-{n}" for n, status in answers.items() if status in {200, 202}}
    refused = [number for number, status in answers.items() if status == 503]
    assert {200, 202, 503} >= set(answers.values()), fleet.log()[-4000:]
    with Sender(fleet.port) as sender:
        for number in refused:
            sender.topup(number % CLIENTS, str(number))
    fleet.until_done(CLIENTS + len(answers), within=60)
    fleet.stop()
    paid = Counter(payment.reference for payment in simulator.payments)
    record_property(
        "figures", f"outages: {len(taken)} taken in, {len(refused)} refused, 0 lost"
    )

    assert refused
    assert taken <= there
    assert {f"shop:{number}/topup": 1 for number in answers} == paid
    assert [] == violations(fleet.database, simulator)
