"""Data of what was lost: locked by a change, unlocked by one, deleted in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from provisioning.core import acting, lifecycle, tallies
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.clearing import DELETE_AFTER, dated, deletes_at, locked
from provisioning.core.desired import State
from provisioning.core.entitlements import LOCKED, Value, combine
from provisioning.core.kept import Deletion, Deletions, Locked
from provisioning.core.losses import Loss, losses, parts
from provisioning.core.sentences import minute

CALLED = timedelta(days=7)
"""Before a deletion nobody but a person can make: when he is told."""

Had = Mapping[str, Value]


def noticed(
    before: Account, account: Account, catalog: Catalog, at: datetime
) -> Account:
    """With what the change from *before* locked, and without what one unlocked.

    What ended keeps its locks, and counts nothing: brought back, its time begins anew.
    """
    lost = {s.ref: _lost(before, account, s, catalog, at) for s in account.services}
    if not any(lost.values()) and not any(s.locked for s in account.services):
        return account
    given = _given(account, catalog, at)
    for service in account.services:
        if service.alive:
            sold = parts(tallies.sold(service, catalog, account.group) or {})
            revived = _revived(before, service, at)
            known = {
                lock.feature: lock for lock in (*service.locked, *lost[service.ref])
            }
            now = tuple(
                _now(lock, given, revived, at)
                for lock in known.values()
                if not _has(sold, lock.feature)
            )
            account = account.with_service(replace(service, locked=now))
    return account


def told(account: Account, at: datetime) -> Deletions:
    """As the platform is told it; of one thing that two services lost, the later."""
    dates: dict[str, datetime] = {}
    for _, lock in _standing(account):
        if lock.since:
            due = (lock.since + DELETE_AFTER).replace(microsecond=0)
            dates[lock.feature] = max(due, dates.get(lock.feature, due))
    # Of a backup nobody knows whether it was unlocked since.
    may = account.restored_at is None
    each = (Deletion(name, due, may and due <= at) for name, due in dates.items())
    return tuple(sorted(each))


def gone(account: Account, seen: State | None, at: datetime) -> Account:
    """With what the backend shows to be deleted."""
    shown = (seen.entitlements.get(LOCKED) if seen else None) or ()
    is_shown = shown.__contains__ if isinstance(shown, tuple) else bool
    done = {one.name for one in told(account, at) if one.done and is_shown(one)}
    for service in account.services if done else ():
        now = tuple(
            replace(lock, gone_at=at)
            if lock.feature in done and deletes_at(lock)
            else lock
            for lock in service.locked
        )
        account = account.with_service(replace(service, locked=now))
    return account


def waits(account: Account, at: datetime, *, deletes: bool) -> str | None:
    """What a person has to delete, and by when: nobody else can."""
    if deletes and account.restored_at is None:
        return None
    due = (
        (until, f"{lock.feature} of {ref} by {minute(until)}")
        for ref, lock in _standing(account)
        if (until := deletes_at(lock)) and until - CALLED <= at
    )
    return "; ".join(said for _, said in sorted(due)) or None


def _standing(account: Account) -> Iterator[tuple[str, Locked]]:
    for service in account.services:
        for lock in service.locked if service.alive else ():
            yield service.ref, lock


def _lost(
    before: Account, account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Locked, ...]:
    """By a change of what is sold: what a coupon gave was never bought, and its data
    stays when it ends."""
    was = before.service(service.ref)
    if was is None or not service.alive or _sold_as(was) == _sold_as(service):
        return ()
    had = tallies.sold(was, catalog, before.group)
    has = tallies.sold(service, catalog, account.group)
    if had is None or has is None:
        return ()
    return locked(losses(had, has), dated(lifecycle.newly_said(was, service), at))


def _sold_as(service: Service) -> tuple[object, ...]:
    terms = service.version, service.bought
    return service.package, service.quantity, service.extras, *terms


def _now(
    lock: Locked, given: Had | None, revived: datetime | None, at: datetime
) -> Locked:
    if given is None or _has(given, lock.feature):
        return Locked(lock.feature, None)
    if lock.since is None:
        return Locked(lock.feature, at)
    if revived and lock.since < revived and not lock.gone_at:
        return replace(lock, since=revived)
    return lock


def _revived(before: Account, service: Service, at: datetime) -> datetime | None:
    was = before.service(service.ref)
    if was is None or was.alive:
        return None
    return dated(lifecycle.newly_said(was, service), at)


def _given(account: Account, catalog: Catalog, at: datetime) -> Had | None:
    """By all that lives on it, coupons and umbrellas too; None, where nobody knows."""
    alive = [s for s in account.services if s.alive]
    each = [acting.limits(account, service, catalog, at) for service in alive]
    known = [limits for limits in each if limits is not None]
    return parts(combine(known)) if len(known) == len(each) else None


def _has(parts_: Had, name: str) -> bool:
    return not Loss(name, 1, parts_.get(name)).locks
