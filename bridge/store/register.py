"""All accounts there are: page by page, counted, and those a person must look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store.tables import UNSETTLED, account, claim, service
from bridge.store.whereabouts import lives
from provisioning.core.credit import Kind


@dataclass(frozen=True, slots=True)
class Which:
    """Some of all accounts; what is not named does not matter."""

    backend: str | None = None
    source: str | None = None
    package: str | None = None

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        sold = sa.select(service.c.account).where(service.c.package == self.package)
        told = (
            (self.backend, account.c.backend == self.backend),
            (self.source, account.c.source == self.source),
            (self.package, account.c.id.in_(sold)),
        )
        return [condition for named, condition in told if named is not None]


def page(tx: sa.Connection, which: Which, after: str, most: int) -> list[str]:
    """The next so many ids behind that one."""
    query = sa.select(account.c.id).where(account.c.id > after, *which.conditions)
    return list(tx.execute(query.order_by(account.c.id).limit(most)).scalars())


@dataclass(frozen=True, slots=True)
class Living:
    """Some services of one source, and which of them live."""

    refs: list[str]
    alive: list[str]


def living(tx: sa.Connection, source: str, after: str, most: int) -> Living:
    """The next so many behind that one, in the order of their names."""
    mine = sa.select(service.c.ref, service.c.marks).join(account)
    query = mine.where(
        account.c.source == source,
        service.c.ref > after,
        account.c.observed_at.is_(None),
    )
    rows = tx.execute(query.order_by(service.c.ref).limit(most)).all()
    return Living(
        [row.ref for row in rows], [row.ref for row in rows if lives(row.marks)]
    )


def made(tx: sa.Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When each of them was opened here."""
    query = sa.select(account.c.id, account.c.made_at).where(account.c.id.in_(ids))
    return {row.id: row.made_at for row in tx.execute(query)}


def count_of(tx: sa.Connection, which: Which) -> int:
    query = sa.select(sa.func.count()).select_from(account).where(*which.conditions)
    return tx.execute(query).scalar_one()


def count(tx: sa.Connection) -> int:
    return tx.execute(sa.select(sa.func.count()).select_from(account)).scalar_one()


def stopped(tx: sa.Connection) -> list[tuple[str, str]]:
    """Accounts no more money is sent to, and why."""
    rows = tx.execute(
        sa.select(account.c.id, account.c.money_stopped)
        .where(account.c.money_stopped.is_not(None))
        .order_by(account.c.id)
    )
    return [(row.id, row.money_stopped) for row in rows]


def with_data(tx: sa.Connection) -> list[tuple[str, str, str]]:
    """Accounts of which a person has to delete data: on which backend, and what."""
    waits = sa.text("data_waits IS NOT NULL")
    query = sa.select(account.c.id, account.c.backend, account.c.data_waits)
    rows = tx.execute(query.where(waits).order_by(account.c.id))
    return [(row.id, row.backend, row.data_waits) for row in rows]


@dataclass(frozen=True, slots=True)
class Restored:
    """A sum that may have been sent after the backup its account came from."""

    account: str
    backup: datetime
    claim: str
    amount: Decimal


def restored(tx: sa.Connection, listing: Collection[str]) -> list[Restored]:
    """What a person must look at; not on backends that list payments themselves."""
    rows = tx.execute(
        sa.select(account.c.id, account.c.restored_at, claim.c.key, claim.c.amount)
        .join(claim, claim.c.owner == account.c.id)
        .where(
            account.c.restored_at.is_not(None),
            account.c.backend.not_in(listing),
            sa.text(UNSETTLED),
            claim.c.kind != Kind.DEBT.value,
        )
        .order_by(account.c.id, claim.c.booked_at)
    )
    return [Restored(*row) for row in rows]
