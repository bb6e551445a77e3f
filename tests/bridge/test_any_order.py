"""Words in any order, some twice, and a backend that fails by the dice."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from bridge import orders
from bridge.store import check, operations
from provisioning.simulator.methods import PUBLIC
from tests.bridge.seen import levels, sums
from tests.bridge.test_changes import GOLD, change, order
from tests.engines import on_sqlite

FAULTS = ("reset_before", "reset_after_apply", "error_object_500", "truncated_body")
ODDS = 0.15
SEEDS = range(6)


def words(began, dice):
    """Each a way to say it; what it says is settled before anybody hears of it."""

    def at(day):
        return began + timedelta(minutes=day)

    def paid(no):
        return lambda rig: rig.topup(str(no), at=at(no))

    def back(no):
        line = {"billing": {"line_ref": str(no)}}
        return lambda rig: rig.post(f"back-{no}", "topup.reversed", at(40), **line)

    def said(word, day):
        return lambda rig: rig.say(word, id_=f"{word}-{day}", at=at(day))

    life = ("suspend", "resume", "terminate", "reinstate", "sync")
    chosen = [said(dice.choice(life), day) for day in dice.sample(range(1, 60), 5)]
    chosen += [paid(no) for no in (61, 62, 63)] + [back(dice.choice((61, 62)))]
    chosen.append(lambda rig: change(rig, "gold", id_="up", at=at(30)))
    return chosen


def told_all(rig, row):
    for say in row:
        assert say(rig).status_code in {200, 202}
        if random.Random(len(rig.fates())).random() < 0.5:
            rig.run()
    for _ in range(6):
        rig.wait(400)
        rig.run()
        with rig.database.read() as tx:
            parked = operations.newest(tx, 100, "parked")
        for operation in parked:
            said = {"operation": operation.name}
            orders.carry_out(rig.database, rig.clock, "event.retry", said)
    rig.run()


def bought(rig, simulator):
    """What of it he has, there or held; what is lent is not his."""
    booked = Counter({book: Decimal(sum_) for book, sum_ in sums(rig).items()})
    bought_ = [p.amount for p in simulator.payments if "/free/" not in p.reference]

    assert sum(bought_) == booked["applied"] + booked["reversing"] + booked["debt"]

    return booked["applied"] + booked["held"]


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_and_any_fault_comes_to_what_was_said(make, seed):
    """V1, V7, V9: shuffled, told twice, struck by the dice: as told in order, once.

    The seed is the test's name: `pytest -k "[sqlite-3]"` tells the same again.
    """
    dice = random.Random(seed)
    ends = []
    for struck in (False, True):
        rig, simulator = make(more=GOLD, settle=60)
        began = rig.clock.now() - timedelta(hours=3)
        order(rig, began - timedelta(days=1))
        row = words(began, random.Random(seed))
        if struck:
            for method in PUBLIC:
                fault = dice.choice(FAULTS)
                simulator.plant(fault, method, times=60, odds=ODDS, seed=seed)
            row = dice.sample(row, len(row)) + dice.sample(row, 4)
        told_all(rig, row)
        with rig.database.snapshot() as tx:
            assert [] == check.faults(tx)
        references = [payment.reference for payment in simulator.payments]
        assert len(references) == len(set(references))
        on, *rest = levels(simulator)
        # What ended keeps the levels it had when it did, whichever those were.
        ends.append((on, rest if on else None, bought(rig, simulator)))

    assert ends[0] == ends[1]
