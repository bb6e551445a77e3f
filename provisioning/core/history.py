"""An account as it was: all that had been said of it until then, heard again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from provisioning.core.account import GROUP, Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event
from provisioning.core.heard import Ledger
from provisioning.core.plan import plan


def as_of(
    account: Account, events: Sequence[Event], catalog: Catalog, at: datetime
) -> Account:
    """*events*: all that was ever taken in for it. Only its services, what acts on them
    and its group are of then; its money is in the ledger. What was adopted, or else was
    never said by an event, is as it is now.
    """
    then = replace(
        account,
        services=tuple(_unheard(service, events) for service in account.services),
        group=None,
        marks={about: m for about, m in account.marks.items() if about != GROUP},
        activations=tuple(a for a in account.activations if a.at <= at),
        trials=(),
        promises=tuple(
            replace(p, paid_at=None) for p in account.promises if p.given_at <= at
        ),
        tallies={},
        purse=None,
        purged_at=None,
        over={},
    )
    told = tuple(event for event in events if event.occurred_at <= at)
    was = plan(then, told, seen=None, ledger=Ledger(), catalog=catalog, at=at).account
    now = (_by_its_terms(service, account) for service in was.services)
    kept = tuple(_kept(service, account, at) for service in now)
    return replace(was, services=kept, over={})


def _unheard(service: Service, events: Sequence[Event]) -> Service:
    """Before anything was said of it, where something ever was."""
    sold = [e.product for e in events if e.service == service.ref and e.product]
    return Service(service.ref, sold[0], shown=service.shown) if sold else service


def _by_its_terms(service: Service, account: Account) -> Service:
    """Which version it was sold by is noted with the sale, and not with the event."""
    now = account.service(service.ref)
    same = now is not None and now.package == service.package
    return replace(service, version=now.version) if now and same else service


def _kept(service: Service, account: Account, at: datetime) -> Service:
    """What was trimmed and locked by then is no word of anybody."""
    now = account.service(service.ref) or service
    off = {e.at: e for e in now.bought if e.trimmed_at and e.trimmed_at <= at}
    locked = tuple(lock for lock in now.locked if lock.since and lock.since <= at)
    bought = tuple(off.get(extra.at, extra) for extra in service.bought)
    return replace(service, bought=bought, locked=locked)
