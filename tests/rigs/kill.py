"""The kill rig: top-ups on many accounts, while processes are killed at any moment."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from threading import Thread

import sqlalchemy as sa

from bridge.store.tables import account
from provisioning.simulator import Simulator
from tests.matrix.invariants import violations
from tests.rigs.fleet import Fleet, Sender, all_at_once
from tests.rigs.struck import BLIND, EFFECT

SENDERS = 8
PATIENCE = 60.0


@dataclass(frozen=True)
class Size:
    topups: int
    accounts: int
    kills: int
    between: int
    """So many of them right between an effect and the note of it."""

    within: float


@dataclass(frozen=True)
class Figures:
    database: str
    topups: int
    accounts: int
    kills: int
    between: int
    lost: int
    doubled: int
    """Payments beyond the first of a sum: one may be struck more than once."""

    out_of_order: int
    exact: bool
    with_a_person: float
    seconds: float

    def line(self) -> str:
        return json.dumps({"figure": "kills"} | asdict(self))


def run(
    name: str, fleet: Fleet, simulator: Simulator, size: Size, *, blind: bool = False
) -> tuple[Figures, list[str]]:
    """What came of it, and every broken invariant."""
    if blind:
        (fleet.folder / BLIND).touch()
    fleet.start()
    _open_accounts(fleet, size)
    told, began = _told(size), time.monotonic()
    threads = _topups(fleet.port, told)
    struck = _strike(fleet, simulator, size)
    for thread in threads:
        thread.join(size.within)
    fleet.until_done(size.topups + size.accounts, size.within)
    seconds = time.monotonic() - began
    fleet.stop()
    broken = violations(fleet.database, simulator)
    paid = [payment.reference for payment in simulator.payments]
    order = _order(fleet, simulator)
    return Figures(
        database=name,
        topups=size.topups,
        accounts=size.accounts,
        kills=size.kills,
        between=struck,
        lost=len({_reference(line) for of in told.values() for line in of} - set(paid)),
        doubled=len(paid) - len(set(paid)),
        out_of_order=sum(order[c] != [*map(_reference, told[c])] for c in told),
        exact=not broken,
        with_a_person=fleet.with_a_person() / size.topups,
        seconds=round(seconds, 1),
    ), broken


def _open_accounts(fleet: Fleet, size: Size) -> None:
    def send(first: int) -> None:
        with Sender(fleet.port) as sender:
            for client in range(first, size.accounts, SENDERS):
                sender.order(client)

    for thread in all_at_once(send, SENDERS):
        thread.join(size.within)
    fleet.until_done(size.accounts, size.within)


def _told(size: Size) -> dict[int, list[str]]:
    """By client, in the order they are told: names in no order of their own."""
    lines = [str(number) for number in range(size.topups)]
    random.shuffle(lines)
    return {c: lines[c :: size.accounts] for c in range(size.accounts)}


def _topups(port: int, told: dict[int, list[str]]) -> list[Thread]:
    def send(first: int) -> None:
        mine = [client for client in told if client % SENDERS == first]
        with Sender(port) as sender:
            for turn in range(max(len(told[client]) for client in mine)):
                for client in mine:
                    if turn < len(told[client]):
                        sender.topup(client, told[client][turn])

    return all_at_once(send, SENDERS)


def _strike(fleet: Fleet, simulator: Simulator, size: Size) -> int:
    """Kill, spread over the whole run; how many fell between effect and note."""
    ways = [True] * size.between + [False] * (size.kills - size.between)
    random.shuffle(ways)
    moments = sorted(random.uniform(0.02, 0.9) for _ in ways)
    between = 0
    for moment, exactly in zip(moments, ways, strict=True):
        _until_paid(simulator, moment * size.topups)
        if exactly:
            between += _between(fleet, simulator)
        else:
            victim = random.choice(fleet.processes)
            victim.kill()
            victim.start()
    return between


def _until_paid(simulator: Simulator, many: float) -> None:
    until = time.monotonic() + PATIENCE
    while len(simulator.payments) < many:
        assert time.monotonic() < until, "nothing is paid any more"
        time.sleep(0.02)


def _between(fleet: Fleet, simulator: Simulator) -> bool:
    """The next process that has a yes dies of it. Whether the sum is really there."""
    fleet.strike(EFFECT, signal.SIGKILL)
    victim, reference = fleet.struck()
    victim.wait()
    paid = {payment.reference for payment in simulator.payments}
    victim.start()
    return reference in paid


def _order(fleet: Fleet, simulator: Simulator) -> dict[int, list[str]]:
    """Per client, the payments as the backend got them."""
    with fleet.database.read() as tx:
        rows = tx.execute(sa.select(account.c.remote, account.c.client)).all()
    clients = {int(row.remote): int(row.client.removeprefix("shop:")) for row in rows}
    found: dict[int, list[str]] = defaultdict(list)
    for payment in simulator.payments:
        found[clients[payment.user_id]].append(payment.reference)
    return found


def _reference(line: str) -> str:
    return f"shop:{line}/topup"
