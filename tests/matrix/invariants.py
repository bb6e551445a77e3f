"""What must hold after every case, on the database and on the backend itself."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

import sqlalchemy as sa

from bridge.cli.show import balances
from bridge.store import attempts, chain
from bridge.store.attempts import State
from bridge.store.database import Database
from bridge.store.sheet import WENT
from bridge.store.tables import account, attempt, claim, ledger, operation
from provisioning.core.credit import DEBITS, Kind
from provisioning.simulator import Simulator
from tests.matrix.cases import RESENT, VERBS

FINAL = {"done", "parked", "refused", "superseded"}
WRITES = {"User_Create", "User_Update", "User_Payment_Create", "User_Delete"}


def violations(database: Database, simulator: Simulator) -> list[str]:
    with database.read() as tx:
        entries = chain.entries(tx)
        claims = tx.execute(sa.select(claim)).all()
        tried = attempts.found(tx, sa.select(attempt).order_by(attempt.c.id))
        operations = tx.execute(sa.select(operation)).all()
        money = sa.select(account).where(account.c.money_stopped.is_not(None))
        stopped = tx.execute(money).first()
    paid: dict[str, list[Decimal]] = defaultdict(list)
    for payment in simulator.payments:
        paid[payment.reference].append(payment.amount)
    person = {a.claim for a in tried if a.state is State.PERSON}
    for reference in _resent(simulator):
        # A proxy's doing: it cannot be kept from it, so it must not go unseen.
        if paid[reference].pop() and not (reference in person or stopped):
            return [f"V2: {reference} was sent on twice, and nobody is told"]
    return [
        *_sums(entries),
        *_once(claims, paid, person),
        *_chained(entries, database),
        *_ended(operations, tried),
        *_fenced(tried),
    ]


def doubles(simulator: Simulator) -> set[str]:
    """The references that were paid more than once."""
    seen = [payment.reference for payment in simulator.payments]
    return {reference for reference in seen if seen.count(reference) > 1}


def _resent(simulator: Simulator) -> Iterator[str]:
    for entry in simulator.journal:
        if entry.fault == RESENT and entry.method == VERBS["grant"]:
            for told in entry.arguments.values():
                if told.startswith("{"):
                    yield from set(json.loads(told).values()) & _references(simulator)


def _references(simulator: Simulator) -> set[str]:
    return {payment.reference for payment in simulator.payments}


def writes(simulator: Simulator) -> int:
    return sum(entry.method in WRITES for entry in simulator.journal)


def _sums(entries: list[chain.Entry]) -> Iterator[str]:
    sums = Counter(balances(entries))
    for origin, parts in WENT.items():
        if sums[origin] != sum(sums[part] for part in parts):
            yield f"V1: {origin} is not {' + '.join(parts)}: {sums}"


def _once(claims, paid, with_a_person) -> Iterator[str]:
    """V1 and V2, reference by reference."""
    for row in claims:
        there, sent = paid.pop(row.key, []), _sent(row)
        if row.state == "settled" and there != ([sent] if sent else []):
            yield f"V1: {row.key} is booked as {sent}, the backend has {there}"
        if row.state != "settled" and row.key not in with_a_person and there:
            yield f"V1: {row.key} is not booked, the backend has {there}"
        if len(there) > 1:
            yield f"V2: {row.key} was paid {len(there)} times"
    for reference in paid:
        yield f"V2: the backend has {reference}, which nobody booked"


def _sent(row) -> Decimal:
    """What of it the backend is told: less what was settled against other sums."""
    rest = row.amount - (row.offset or 0)
    if row.kind == Kind.DEBT:
        return Decimal(0)
    return -rest if row.kind in DEBITS else rest


def flawed(database: Database) -> bool:
    """Whether anything waits for a person: a sum, or the money of an account."""
    with database.read() as tx:
        person = sa.select(attempt.c.id).where(attempt.c.state == State.PERSON.value)
        stopped = sa.select(account.c.id).where(account.c.money_stopped.is_not(None))
        aside = sa.select(claim.c.key).where(claim.c.state == "parked")
        return any(tx.execute(query).first() for query in (person, stopped, aside))


def _chained(entries: list[chain.Entry], database: Database) -> Iterator[str]:
    chains: dict[str, list[chain.Entry]] = defaultdict(list)
    for entry in entries:
        chains[entry.owner].append(entry)
    for owner, owned in chains.items():
        if chain.first_broken(owned):
            yield f"V3: the chain of {owner} is broken"
    for change in (sa.delete(ledger), sa.update(ledger).values(because="x")):
        try:
            with database.change() as tx:
                tx.execute(change)
        except sa.exc.DatabaseError:
            continue
        if entries:
            yield "V3: a ledger row could be changed"


def _ended(operations, tried) -> Iterator[str]:
    person = any(a.state is State.PERSON for a in tried)
    for row in operations:
        if row.fate not in FINAL and not (row.fate == "unsure" and person):
            yield f"V5: {row.event} is {row.fate} for ever"
    for a in tried:
        if a.state in attempts.OPEN:
            yield f"V5: attempt {a.id} is {a.state} for ever"


def _fenced(tried) -> Iterator[str]:
    for owner in {a.account for a in tried}:
        tokens = [a.token for a in tried if a.account == owner]
        if tokens != sorted(tokens):
            yield f"V8: the fencing tokens of {owner} went back: {tokens}"
