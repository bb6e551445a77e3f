"""What a test sees of the wire and the books, and what others do at the backend."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bridge.cli.show import balances
from bridge.store import check
from bridge.store.tables import lane, operation
from provisioning.core.money import text
from provisioning.simulator import Simulator
from provisioning.simulator.wire import Reply, Request
from tests.days import STARTED
from tests.rig import DEADLINE, Rig

LOOK, OPEN, SET, PAY = "User_Get", "User_Create", "User_Update", "User_Payment_Create"
PING = "User_Role_List"
WRITES = {OPEN, SET, PAY}

SETTLE = 60
"""Seconds, where a test needs a window it can step over."""

WINDOW = SETTLE + 2 * DEADLINE
"""Until nothing can land any more: the call begins late, lasts long, and settles."""


def calls(simulator: Simulator, since: int = 0) -> list[str]:
    """The methods called, in order."""
    return [entry.method for entry in simulator.journal][since:]


def writes(simulator: Simulator, since: int = 0) -> list[str]:
    return [method for method in calls(simulator, since) if method in WRITES]


def sums(rig: Rig) -> dict[str, str]:
    """What stands in the books that are not empty, over all owners."""
    totals = balances(rig.entries()).items()
    return {book: text(total) for book, total in totals if total}


def paid(simulator: Simulator) -> list[tuple[str, str]]:
    """The backend's own payments: reference and amount."""
    return [(p.reference, text(p.amount)) for p in simulator.payments]


def is_sound(rig: Rig) -> bool:
    """The ledger's chains and sums are what they should be."""
    with rig.database.snapshot() as tx:
        return check.faults(tx) == []


def levels(simulator: Simulator, user: int = 1) -> tuple[bool, int, str]:
    """On or off, channels, tariff: as the backend keeps them."""
    row = simulator.users[user]
    return row.active, row.channels, row.tariff


def credit(simulator: Simulator, user: int = 1) -> str:
    return text(simulator.users[user].credit)


def fields(rig: Rig) -> dict[str, str]:
    """What this backend calls each thing."""
    return dict(rig.parts.backends["main"].set.fields)


def by_hand(simulator: Simulator, method: str, **arguments: Any) -> Any:
    """Somebody works at the backend, past us."""
    form = {
        name: json.dumps(told) if isinstance(told, dict) else str(told)
        for name, told in arguments.items()
    }
    keys = {"username": "admin", "password": "simulator"}
    answer = json.loads(simulator.answer(method, Request(keys | form)).body)
    assert answer[0] is True, answer
    return answer[1] if len(answer) > 1 else None


def pay_by_hand(rig: Rig, simulator: Simulator, user: int, amount: str) -> None:
    wire = fields(rig)
    payment = {wire["amount"]: amount, wire["reference"]: "by hand"}
    by_hand(simulator, PAY, user_id=user, **{wire["payment"]: payment})


def later(rig: Rig, simulator: Simulator, seconds: float) -> None:
    """Time passes on both sides."""
    rig.wait(seconds)
    simulator.advance(seconds)


def after_the_window(rig: Rig, simulator: Simulator) -> None:
    """What was unsure is looked at for the last time."""
    later(rig, simulator, WINDOW + 1)
    rig.run()


def hours(number: float) -> Any:
    """A moment so many hours after the platform's first word."""
    return STARTED + timedelta(hours=number)


def due_in(rig: Rig, key: str | None = None) -> float:
    """Seconds until this lane, or the account's own, comes due."""
    with rig.database.read() as tx:
        query = sa.select(lane.c.due).where(lane.c.key == (key or rig.account().id))
        due = tx.execute(query).scalar_one()
    return (due - rig.clock.now()).total_seconds()


def until(true: Callable[[], Any], within: float = 20.0) -> float:
    """How long it took. *within*: longer than a busy machine needs for it."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, "it did not come to pass"
        time.sleep(0.005)
    return time.monotonic() - began


class Watched:
    """A simulator somebody stands beside: counts who is there, slows, answers instead.

    *seconds*: how long each call takes; *instead*: the answer to all of them.
    """

    def __init__(self, simulator: Simulator, seconds: float = 0.0) -> None:
        self.seconds, self.instead = seconds, None
        self.most = self.calls = self._there = 0
        self._answer, self._lock = simulator.answer, threading.Lock()
        simulator.answer = self._watched

    instead: Reply | None

    def _watched(self, method: str, request: Request) -> Reply:
        with self._lock:
            self.calls += 1
            self._there += 1
            self.most = max(self.most, self._there)
        try:
            time.sleep(self.seconds)
            return self.instead or self._answer(method, request)
        finally:
            with self._lock:
                self._there -= 1


def tries(rig: Rig) -> list[int]:
    """Of all lanes."""
    with rig.database.read() as tx:
        return list(tx.execute(sa.select(lane.c.tries)).scalars())


def orders(rig: Rig, count: int, package: str = "plain", first: int = 1) -> None:
    """So many customers buy something."""
    for no in range(first, first + count):
        rig.order(
            str(no), id_=f"order-{no}", line=str(no), client=str(no), package=package
        )


def fate_counts(rig: Rig) -> dict[str, int]:
    with rig.database.read() as tx:
        query = sa.select(operation.c.fate, sa.func.count()).group_by(operation.c.fate)
        return dict(tx.execute(query).all())
