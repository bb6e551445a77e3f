"""Accounts with their services and periods, saved whole, by revision."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
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
from bridge.store.tables import account, period, service
from bridge.store.unpaid import from_unpaid, to_unpaid
from provisioning.core.account import Account, Service
from provisioning.core.period import Period


class Moved(Exception):
    """The account changed since it was loaded."""


_FIXED = (
    "id", "source", "backend", "currency", "username", "client", "batch", "observed_at",
)  # fmt: skip
_PLAIN = (
    "email", "phone", "language", "remote", "money_stopped", "trusted_from",
    "trusted_because", "restored_at", "ended_at", "purge_waits", "written_off",
    "data_waits", "purged_at", "login",
)  # fmt: skip
"""What may change, and is kept as it is."""

_FOLDED: Mapping[str, Callable[[Account], Any]] = {
    "purse": lambda of: payload.from_purse(of.purse),
    "tallies": lambda of: payload.from_tallies(of.tallies),
    "acting": payload.from_acting,
    "unpaid": from_unpaid,
    "said": payload.from_said,
    "over": lambda of: clearing.from_over(of.over),
}
"""What may change, and is folded into one column."""

SAVE = statement(
    Rank.ACCOUNT,
    sa.update(account)
    .where(account.c.id == the("id"), account.c.revision == the("revision"))
    .values(
        {name: the(name) for name in (*_PLAIN, *_FOLDED)}
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
        **{name: getattr(row, name) for name in ("revision", *_FIXED, *_PLAIN)},
        services=services,
        marks=marks,
        tell=tell,
        group=group,
        purse=payload.to_purse(row.purse),
        tallies=payload.to_tallies(row.tallies),
        activations=activations,
        umbrellas=umbrellas,
        trials=trials,
        promises=promises,
        over=clearing.to_over(row.over),
    )


def make(tx: sa.Connection, new: Account, secret: bytes, at: datetime) -> None:
    kept = {name: getattr(new, name) for name in ("revision", *_FIXED, *_PLAIN)}
    tx.execute(sa.insert(account).values(kept | {"secret": secret, "made_at": at}))
    for sold in new.services:
        bind(tx, sold, new.id)


def save(tx: Writes, old: Account, new: Account) -> Account:
    """The account as it is now. Moved, where somebody saved it since it was loaded."""
    if new == old:
        return old
    plain = {name: getattr(new, name) for name in _PLAIN}
    folded = {name: fold(new) for name, fold in _FOLDED.items()}
    put(tx, SAVE, id=old.id, revision=old.revision, **plain, **folded)
    for sold in new.services:
        before = old.service(sold.ref)
        if sold != before:
            _save_service(tx, before, sold)
    return replace(new, revision=old.revision + 1)


def seal(tx: Writes, id_: str, secret: bytes) -> None:
    """Another password from now on."""
    put(tx, SEAL, id=id_, secret=secret)


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
