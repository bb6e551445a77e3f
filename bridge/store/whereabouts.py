"""Where an account lives: by its client, its service, its id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import account, service
from provisioning.core.account import LIFE, Account, Service

CLIENTS = Question(
    sa.select(account.c.client, account.c.id, account.c.backend, service.c.marks)
    .join(service)
    .where(among(account.c.client, "clients"))
    .order_by(account.c.id)
)
BOUND = Question(
    sa.select(service.c.ref, account.c.id, account.c.backend)
    .join(account)
    .where(among(service.c.ref, "refs"))
)
OWN = Question(
    sa.select(account.c.id, account.c.backend, account.c.source).where(
        among(account.c.id, "ids")
    )
)
ON_EACH = Question(
    sa.select(account.c.backend, sa.func.count().label("count"))
    .where(among(account.c.backend, "backends"))
    .group_by(account.c.backend)
)


@dataclass(frozen=True, slots=True)
class Place:
    """An account, and the backend it is on."""

    account: str
    backend: str
    source: str | None = None


def of_clients(
    tx: sa.Connection, clients: Collection[str]
) -> Answer[dict[str, list[Place]]]:
    """Each client's accounts with a living service; all of them where none lives."""
    return CLIENTS.ask(tx, _of_each, clients=clients)


def _of_each(rows: Iterable[Any]) -> dict[str, list[Place]]:
    every: dict[str, dict[str, Place]] = {}
    living: dict[str, dict[str, Place]] = {}
    for row in rows:
        place = Place(row.id, row.backend)
        every.setdefault(row.client, {})[row.id] = place
        if LIFE not in row.marks or lives(row.marks):
            living.setdefault(row.client, {})[row.id] = place
    return {c: list((living.get(c) or all_).values()) for c, all_ in every.items()}


def lives(marks: Mapping[str, Any]) -> bool:
    return Service("", "", payload.to_marks(marks)).alive


def bound(tx: sa.Connection, refs: Collection[str]) -> Answer[dict[str, Place]]:
    """Where each of these services is bound, of those that are."""
    return BOUND.ask(tx, _by_service, refs=refs)


def _by_service(rows: Iterable[Any]) -> dict[str, Place]:
    return {row.ref: Place(row.id, row.backend) for row in rows}


def of_service(tx: sa.Connection, ref: str) -> str | None:
    """Which account this service is bound to, where it is."""
    place = bound(tx, [ref]).read().get(ref)
    return place.account if place else None


def is_addressed_beside(tx: sa.Connection, mine: Account) -> bool:
    """Whether another account of the same customer, on the same backend, has its
    address."""
    there = sa.select(account.c.id).where(
        account.c.client == mine.client,
        account.c.backend == mine.backend,
        account.c.email == mine.email,
        account.c.id != mine.id,
    )
    return tx.execute(there.limit(1)).first() is not None


def own(tx: sa.Connection, ids: Collection[str]) -> Answer[dict[str, Place]]:
    """Those of these ids that are accounts, and whose customers they are."""
    return OWN.ask(tx, _by_id, ids=ids)


def _by_id(rows: Iterable[Any]) -> dict[str, Place]:
    return {row.id: Place(row.id, row.backend, row.source) for row in rows}


def on_each(tx: sa.Connection, backends: Collection[str]) -> dict[str, int]:
    """How many each of these backends has; those that ended are there still."""
    return ON_EACH.ask(tx, _counted, backends=backends).read()


def _counted(rows: Iterable[Any]) -> dict[str, int]:
    return {row.backend: row.count for row in rows}
