"""What is known of the accounts of many lanes, read at the cost of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from bridge.desk import Desk
from bridge.editions import Editions
from bridge.store import (
    accounts,
    apart,
    attempts,
    books,
    catalogs,
    chain,
    confirmations,
    operations,
)
from bridge.store.attempts import Live
from bridge.store.books import Brought, Due
from bridge.store.chain import Head
from bridge.store.lanes import Lane
from bridge.store.operations import TOGETHER, Started
from bridge.store.payload import Newer
from bridge.store.ready import together
from bridge.work import Work
from provisioning.core.account import CHANGED, Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim
from provisioning.core.events import Event, Type
from provisioning.core.outcomes import Broken, Later

PAID_FOR = {Type.ACTIVATE, Type.RENEWED}


def load(
    desk: Desk,
    held: Sequence[Lane],
    editions: Editions,
    asked: Mapping[str, Event] | None = None,
) -> dict[str, Work | Exception]:
    """The accounts of these lanes, or why one cannot be worked on; many as one.

    As of one moment: an event whose sum is not seen with it would count as done.
    *asked*: what somebody thinks of agreeing to; else, what somebody has agreed to.
    """
    if not held:
        return {}
    keys = [lane.key for lane in held]
    with desk.database.snapshot() as tx:
        with together(tx):
            waiting = operations.waiting_all(tx, keys)
            owners = accounts.load_all(tx, keys)
            live = attempts.live(tx, keys)
            due = books.due(tx, keys)
            heads = chain.heads(tx, keys)
            started = operations.started(tx, keys)
            version = catalogs.current(tx)
        told, found = waiting.read(), owners.read()
        if asked is None:
            asked = _agreed_to(tx, held)
        heard = {key: _with(told[key], asked.get(key)) for key in keys}
        sold = [s for owner in found.values() for s in owner.account.services]
        catalog = editions.catalog(tx, version.read(), sold)
        lines = [line for each in heard.values() for line in _lines(each)]
        told_apart = apart.lines(tx, _lineless(found, heard, catalog))
        lines += [line for those in told_apart.values() for line, _ in those]
        with together(tx):
            brought = books.brought(tx, lines)
            reckoned = [k for k, o in found.items() if _reckons(o, heard[k], catalog)]
            changing = [k for k, o in found.items() if _changes(o, heard[k])]
            given = books.given(tx, {*reckoned, *changing})
            arrived = books.arrived(tx, reckoned)
        known = _Known(
            found, live.read(), due.read(), heads.read(), started.read(),
            told, brought.read(), given.read(), arrived.read(), catalog, asked,
            told_apart,
        )  # fmt: skip
    return {lane.key: _work(desk, lane, known) for lane in held}


@dataclass(frozen=True, slots=True)
class _Known:
    """Of many accounts, by lane."""

    owners: Mapping[str, accounts.Loaded]
    live: Mapping[str, Live]
    due: Mapping[str, Due]
    heads: Mapping[str, Head]
    started: Mapping[str, Collection[Started]]
    told: Mapping[str, tuple[Event, ...] | Newer]
    brought: Brought
    given: Mapping[str, Mapping[str, Claim]]
    arrived: Mapping[str, Decimal]
    catalog: Catalog
    asked: Mapping[str, Event]
    apart: apart.Apart


def _agreed_to(tx: sa.Connection, held: Sequence[Lane]) -> dict[str, Event]:
    ids = [lane.confirmed for lane in held if lane.confirmed is not None]
    return confirmations.asked(tx, ids) if ids else {}


def _with(
    events: tuple[Event, ...] | Newer, asked: Event | None
) -> tuple[Event, ...] | Newer:
    if asked is None or isinstance(events, Newer):
        return events
    return (*events, asked)


def _changes(owner: accounts.Loaded, events: tuple[Event, ...] | Newer) -> bool:
    """Whether it matters what was given before."""
    changed = any(CHANGED in service.marks for service in owner.account.services)
    return any(event.type == Type.CHANGE or changed for event in _told(events))


def _reckons(
    owner: accounts.Loaded, events: tuple[Event, ...] | Newer, catalog: Catalog
) -> bool:
    """Whether it matters what of its balance is free credit."""
    if owner.account.purse:
        return True
    had = [catalog.package_of(service) for service in owner.account.services]
    names = {event.product for event in _told(events) if event.product}
    sold = (catalog.packages.get(name) for name in names)
    return any(package and package.reckons for package in (*had, *sold))


def _lines(events: tuple[Event, ...] | Newer) -> list[str]:
    return [event.line for event in _told(events) if event.line]


def _told(events: tuple[Event, ...] | Newer) -> tuple[Event, ...]:
    return () if isinstance(events, Newer) else events


def _lineless(
    found: Mapping[str, accounts.Loaded],
    heard: Mapping[str, tuple[Event, ...] | Newer],
    catalog: Catalog,
) -> set[str]:
    """The services that are only credit, of which a word at hand names no line."""
    return {
        service.ref
        for key, owner in found.items()
        for event in _told(heard[key])
        if event.type in PAID_FOR
        and event.line is None
        and (service := owner.account.service(event.service))
        and catalog.sells_apart(service.package)
    }


def _work(desk: Desk, lane: Lane, known: _Known) -> Work | Exception:
    key, owner = lane.key, known.owners.get(lane.key)
    if owner is None:
        return Broken(f"there is no account {key}")
    account, events = owner.account, known.told[key]
    if account.backend not in desk.gates:
        return Later(f'backend "{account.backend}" is not in the configuration.')
    if isinstance(events, Newer):
        return events
    if gone := _gone(account, known.catalog):
        return Later(f"the terms {gone} it was sold by are not in the database now.")
    sums = known.due.get(key, Due())
    mine = {s.ref for s in account.services}
    told_apart = {ref: lines for ref, lines in known.apart.items() if ref in mine}
    lines = [line for those in told_apart.values() for line, _ in those]
    return Work(
        desk=desk,
        lane=lane,
        account=account,
        gate=desk.gates[account.backend],
        sealed=owner.sealed,
        events=events,
        ledger=known.brought.of(
            key,
            sums,
            _lines(_with(events, known.asked.get(key))) + lines,
            known.given.get(key),
            known.arrived.get(key, Decimal(0)),
            told_apart,
        ),
        catalog=known.catalog,
        head=known.heads.get(key, Head()),
        started={each.id: each for each in known.started.get(key, ())},
        live=known.live.get(key, Live()),
        more=len(events) == TOGETHER,
        asked=known.asked.get(key),
    )


def _gone(account: Account, catalog: Catalog) -> str | None:
    """A version that a service was sold by, and nobody knows."""
    sold_by = (version for s in account.services for version in s.versions)
    known = catalog.older.keys() | {catalog.version}
    return next((version for version in sold_by if version not in known), None)
