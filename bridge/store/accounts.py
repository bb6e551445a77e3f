"""Accounts with their services and periods, saved whole, by revision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.database import insert
from bridge.store.tables import account, period, service
from provisioning.core.account import LIFE, Account, Service
from provisioning.core.period import Period


class Moved(Exception):
    """The account changed since it was loaded."""


def load(tx: sa.Connection, id: str) -> Account | None:  # noqa: A002 - its name
    row = tx.execute(sa.select(account).where(account.c.id == id)).one_or_none()
    if row is None:
        return None
    return Account(
        id=row.id,
        source=row.source,
        backend=row.backend,
        currency=row.currency,
        username=row.username,
        client=row.client,
        email=row.email,
        remote=row.remote,
        services=_services(tx, id),
        revision=row.revision,
        money_stopped=row.money_stopped,
        trusted_from=row.trusted_from,
        trusted_because=row.trusted_because,
    )


def make(tx: sa.Connection, new: Account, secret: bytes, at: datetime) -> None:
    tx.execute(
        sa.insert(account).values(
            id=new.id,
            source=new.source,
            client=new.client,
            email=new.email,
            backend=new.backend,
            currency=new.currency,
            username=new.username,
            secret=secret,
            revision=new.revision,
            made_at=at,
        )
    )
    for sold in new.services:
        _bind(tx, sold, new.id)


def save(tx: sa.Connection, old: Account, new: Account) -> Account:
    """The account as it is now. Moved, where somebody saved it since it was loaded."""
    if new == old:
        return old
    kept = tx.execute(
        sa.update(account)
        .where(account.c.id == old.id, account.c.revision == old.revision)
        .values(
            email=new.email,
            remote=new.remote,
            money_stopped=new.money_stopped,
            trusted_from=new.trusted_from,
            trusted_because=new.trusted_because,
            revision=old.revision + 1,
        )
    )
    if kept.rowcount != 1:
        raise Moved(f"account {old.id} is no longer at revision {old.revision}")
    for sold in new.services:
        if sold != old.service(sold.ref):
            _save_service(tx, sold)
    return replace(new, revision=old.revision + 1)


def secret_of(tx: sa.Connection, id: str) -> bytes:  # noqa: A002 - its name
    secret: bytes = tx.execute(
        sa.select(account.c.secret).where(account.c.id == id)
    ).scalar_one()
    return secret


def of_client(tx: sa.Connection, client: str) -> list[str]:
    """The client's accounts with a living service; all of them where none lives."""
    rows = tx.execute(
        sa.select(account.c.id, service.c.marks)
        .join(service)
        .where(account.c.client == client)
        .order_by(account.c.id)
    ).all()
    living = {row.id for row in rows if row.marks.get(LIFE, [True])[0]}
    return sorted(living or {row.id for row in rows})


def of_services(tx: sa.Connection, refs: Collection[str]) -> dict[str, str]:
    """Which account each of these services is bound to, where it is."""
    rows = tx.execute(
        sa.select(service.c.ref, service.c.account).where(service.c.ref.in_(refs))
    )
    return {row.ref: row.account for row in rows}


def source_of(tx: sa.Connection, id: str) -> str | None:  # noqa: A002 - its name
    """Which source's customer it is; None where there is no such account."""
    query = sa.select(account.c.source).where(account.c.id == id)
    source: str | None = tx.execute(query).scalar()
    return source


def _services(tx: sa.Connection, id: str) -> tuple[Service, ...]:  # noqa: A002
    rows = tx.execute(
        sa.select(service).where(service.c.account == id).order_by(service.c.ref)
    ).all()
    paid = tx.execute(
        sa.select(period)
        .where(period.c.service.in_([row.ref for row in rows]))
        .order_by(period.c.service, period.c.no)
    ).all()
    return tuple(
        Service(
            ref=row.ref,
            package=row.package,
            marks=payload.to_marks(row.marks),
            periods=tuple(
                Period(p.no, p.starts, p.ends, p.line, p.told)
                for p in paid
                if p.service == row.ref
            ),
        )
        for row in rows
    )


def _bind(tx: sa.Connection, sold: Service, owner: str) -> None:
    """A plain insert: a service somebody else bound meanwhile is refused."""
    marks = payload.from_marks(sold.marks)
    tx.execute(
        sa.insert(service).values(
            ref=sold.ref, account=owner, package=sold.package, marks=marks
        )
    )


def _save_service(tx: sa.Connection, sold: Service) -> None:
    tx.execute(
        sa.update(service)
        .where(service.c.ref == sold.ref)
        .values(package=sold.package, marks=payload.from_marks(sold.marks))
    )
    for paid in sold.periods:
        dates = {
            "starts": paid.starts,
            "ends": paid.ends,
            "line": paid.line,
            "told": paid.told,
        }
        tx.execute(
            insert(tx, period)
            .values(service=sold.ref, no=paid.no, **dates)
            .on_conflict_do_update(index_elements=["service", "no"], set_=dates)
        )


def stopped(tx: sa.Connection) -> list[tuple[str, str]]:
    """Accounts no more money is sent to, and why."""
    rows = tx.execute(
        sa.select(account.c.id, account.c.money_stopped)
        .where(account.c.money_stopped.is_not(None))
        .order_by(account.c.id)
    )
    return [(row.id, row.money_stopped) for row in rows]


def count(tx: sa.Connection) -> int:
    return tx.execute(sa.select(sa.func.count()).select_from(account)).scalar_one()
