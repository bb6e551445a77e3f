"""Accounts with their services and periods, saved whole, by revision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store import clearing, payload
from bridge.store.drafts import (
    Missing,
    Rank,
    Writes,
    inserting,
    put,
    statement,
    the,
)
from bridge.store.questions import Answer, Question, among
from bridge.store.ready import together
from bridge.store.tables import UNSETTLED, account, claim, period, service
from bridge.store.unpaid import from_unpaid, to_unpaid
from provisioning.core.account import LIFE, Account, Service
from provisioning.core.credit import Kind
from provisioning.core.period import Period


class Moved(Exception):
    """The account changed since it was loaded."""


SAVE = statement(
    Rank.ACCOUNT,
    sa.update(account)
    .where(account.c.id == the("id"), account.c.revision == the("revision"))
    .values(
        {
            name: the(name)
            for name in (
                "email",
                "phone",
                "remote",
                "money_stopped",
                "trusted_from",
                "trusted_because",
                "restored_at",
                "ended_at",
                "purge_waits",
                "written_off",
                "data_waits",
                "purged_at",
                "login",
                "purse",
                "tallies",
                "acting",
                "unpaid",
                "said",
                "over",
            )
        }
        | {"revision": account.c.revision + 1}
    ),
    missing=Missing(Moved, "account {id} is no longer at revision {revision}"),
)
SEAL = statement(
    Rank.ACCOUNT,
    sa.update(account).where(account.c.id == the("id")).values(secret=the("secret")),
)
SAVE_SERVICE = statement(
    Rank.SERVICE,
    sa.update(service)
    .where(service.c.ref == the("ref"))
    .values(
        package=the("package"),
        marks=the("marks"),
        sold=the("sold"),
        kept=the("kept"),
        # What a version without catalogs sold may just have been noted for it.
        version=sa.func.coalesce(the("version", sa.Text), service.c.version),
        moves_to=the("moves_to"),
        shown=the("shown"),
    ),
)
_DATES = (
    "starts", "ends", "line", "told", "event", "fee", "baseline", "paid_at", "group",
)  # fmt: skip
SAVE_PERIOD = inserting(
    Rank.PERIOD,
    period,
    lambda new: new.values(
        {name: the(name) for name in ("service", "no", *_DATES)}
    ).on_conflict_do_update(
        index_elements=["service", "no"],
        set_={name: new.excluded[name] for name in _DATES},
    ),
)
ACCOUNTS = Question(sa.select(account).where(among(account.c.id, "ids")))
SERVICES = Question(
    sa.select(service).where(among(service.c.account, "ids")).order_by(service.c.ref)
)
PERIODS = Question(
    sa.select(period)
    .join(service)
    .where(among(service.c.account, "ids"))
    .order_by(period.c.service, period.c.no)
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An account, and its password as it is kept."""

    account: Account
    sealed: bytes


def load(tx: sa.Connection, id: str) -> Account | None:  # noqa: A002 - its name
    found = load_all(tx, [id]).read().get(id)
    return found.account if found else None


def load_all(tx: sa.Connection, ids: Collection[str]) -> Answer[dict[str, Loaded]]:
    """Many at the cost of one."""
    with together(tx):
        owners = ACCOUNTS.ask(tx, list, ids=ids)
        sold = SERVICES.ask(tx, list, ids=ids)
        paid = PERIODS.ask(tx, _periods, ids=ids)

    def read() -> dict[str, Loaded]:
        services = _services(sold.read(), paid.read())
        return {
            row.id: Loaded(_account(row, tuple(services.get(row.id, ()))), row.secret)
            for row in owners.read()
        }

    return Answer(read)


def _periods(rows: Iterable[Any]) -> dict[str, list[Period]]:
    """By service."""
    found: dict[str, list[Period]] = {}
    for p in rows:
        known = p.no, p.starts, p.ends, p.line, p.told, p.event, p.fee
        more = {"paid_at": p.paid_at, "group": p.group}
        now = Period(*known, baseline=bool(p.baseline), **more)
        found.setdefault(p.service, []).append(now)
    return found


def _services(
    rows: Iterable[Any], periods: Mapping[str, list[Period]]
) -> dict[str, list[Service]]:
    """By account."""
    found: dict[str, list[Service]] = {}
    for s in rows:
        marks, terms = payload.to_marks(s.marks), tuple(periods.get(s.ref, ()))
        sold, kept = payload.to_sold(s.sold), clearing.to_kept(s.kept)
        beside = s.version, s.moves_to, payload.to_shown(s.shown)
        now = Service(s.ref, s.package, marks, terms, *sold, *beside, *kept)
        found.setdefault(s.account, []).append(now)
    return found


def _account(row: Any, services: tuple[Service, ...]) -> Account:
    marks, tell, group = payload.to_said(row.said)
    activations, umbrellas = payload.to_acting(row.acting)
    trials, promises = to_unpaid(row.unpaid)
    return Account(
        id=row.id,
        source=row.source,
        backend=row.backend,
        currency=row.currency,
        username=row.username,
        client=row.client,
        email=row.email,
        phone=row.phone,
        remote=row.remote,
        services=services,
        revision=row.revision,
        money_stopped=row.money_stopped,
        trusted_from=row.trusted_from,
        trusted_because=row.trusted_because,
        marks=marks,
        tell=tell,
        group=group,
        purse=payload.to_purse(row.purse),
        tallies=payload.to_tallies(row.tallies),
        activations=activations,
        umbrellas=umbrellas,
        trials=trials,
        promises=promises,
        restored_at=row.restored_at,
        ended_at=row.ended_at,
        purge_waits=row.purge_waits,
        written_off=row.written_off,
        data_waits=row.data_waits,
        over=clearing.to_over(row.over),
        purged_at=row.purged_at,
        login=row.login,
        batch=row.batch,
        observed_at=row.observed_at,
    )


def make(tx: sa.Connection, new: Account, secret: bytes, at: datetime) -> None:
    tx.execute(
        sa.insert(account).values(
            id=new.id,
            source=new.source,
            client=new.client,
            email=new.email,
            phone=new.phone,
            backend=new.backend,
            currency=new.currency,
            username=new.username,
            secret=secret,
            remote=new.remote,
            revision=new.revision,
            restored_at=new.restored_at,
            login=new.login,
            trusted_from=new.trusted_from,
            trusted_because=new.trusted_because,
            batch=new.batch,
            observed_at=new.observed_at,
            made_at=at,
        )
    )
    for sold in new.services:
        bind(tx, sold, new.id)


def save(tx: Writes, old: Account, new: Account) -> Account:
    """The account as it is now. Moved, where somebody saved it since it was loaded."""
    if new == old:
        return old
    put(
        tx,
        SAVE,
        id=old.id,
        revision=old.revision,
        email=new.email,
        phone=new.phone,
        remote=new.remote,
        money_stopped=new.money_stopped,
        trusted_from=new.trusted_from,
        trusted_because=new.trusted_because,
        restored_at=new.restored_at,
        ended_at=new.ended_at,
        purge_waits=new.purge_waits,
        written_off=new.written_off,
        data_waits=new.data_waits,
        over=clearing.from_over(new.over),
        purged_at=new.purged_at,
        login=new.login,
        purse=payload.from_purse(new.purse),
        tallies=payload.from_tallies(new.tallies),
        acting=payload.from_acting(new),
        unpaid=from_unpaid(new),
        said=payload.from_said(new),
    )
    for sold in new.services:
        before = old.service(sold.ref)
        if sold != before:
            _save_service(tx, before, sold)
    return replace(new, revision=old.revision + 1)


def seal(tx: Writes, id_: str, secret: bytes) -> None:
    """Another password from now on."""
    put(tx, SEAL, id=id_, secret=secret)


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
        if LIFE not in row.marks or _lives(row.marks):
            living.setdefault(row.client, {})[row.id] = place
    return {c: list((living.get(c) or all_).values()) for c, all_ in every.items()}


def _lives(marks: Mapping[str, Any]) -> bool:
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


def bind(tx: sa.Connection, sold: Service, owner: str) -> None:
    """A plain insert: a service somebody else bound meanwhile is refused."""
    marks = payload.from_marks(sold.marks)
    tx.execute(
        sa.insert(service).values(
            ref=sold.ref,
            account=owner,
            package=sold.package,
            marks=marks,
            sold=payload.from_sold(sold),
            kept=clearing.from_kept(sold),
            version=sold.version,
            moves_to=sold.moves_to,
            shown=payload.from_shown(sold.shown),
        )
    )
    _save_periods(tx, sold, known=())


def _save_service(tx: Writes, before: Service | None, sold: Service) -> None:
    marks = payload.from_marks(sold.marks)
    put(
        tx,
        SAVE_SERVICE,
        ref=sold.ref,
        package=sold.package,
        marks=marks,
        sold=payload.from_sold(sold),
        kept=clearing.from_kept(sold),
        version=sold.version,
        moves_to=sold.moves_to,
        shown=payload.from_shown(sold.shown),
    )
    _save_periods(tx, sold, before.periods if before else ())


def _save_periods(tx: Writes, sold: Service, known: tuple[Period, ...]) -> None:
    for paid in sold.periods:
        if paid not in known:
            put(
                tx,
                SAVE_PERIOD,
                service=sold.ref,
                no=paid.no,
                starts=paid.starts,
                ends=paid.ends,
                line=paid.line,
                told=paid.told,
                event=paid.event,
                fee=paid.fee,
                baseline=paid.baseline,
                paid_at=paid.paid_at,
                group=paid.group,
            )


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


def on_each(tx: sa.Connection, backends: Collection[str]) -> dict[str, int]:
    """How many each of these backends has; those that ended are there still."""
    return ON_EACH.ask(tx, _counted, backends=backends).read()


def _counted(rows: Iterable[Any]) -> dict[str, int]:
    return {row.backend: row.count for row in rows}


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
        [row.ref for row in rows], [row.ref for row in rows if _lives(row.marks)]
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
