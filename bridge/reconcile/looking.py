"""One account: what we want, what its backend shows, and each line that differs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from bridge.store import attempts
from bridge.store.drifting import Earlier
from bridge.store.sightings import Sighting
from bridge.store.witness import Witness
from bridge.work import Work
from provisioning.backends.base import Observed
from provisioning.core import drift, safety
from provisioning.core.desired import desired
from provisioning.core.drift import Balance, Difference, Drift
from provisioning.core.outcomes import Outcome
from provisioning.core.plan import Plan

log = logging.getLogger(__name__)

Proven = tuple[Decimal, datetime]


@dataclass(slots=True)
class Look:
    """An account as it was loaded, and what else was read with many others."""

    job: Work
    before: Witness
    proven: Proven | None
    """The balance its last proven write left, or the one it was first seen with, where
    that can be believed."""

    earlier: Sequence[Earlier]
    """What was found before that only a person's word ends."""

    may_set: bool
    fault: str | None = None
    unlisted: str | None = None
    """The last sum that arrived, where the backend does not list it any more."""


def see(look: Look) -> Look:
    """Read it at its backend; why it could not be is kept."""
    account = look.job.account
    # Of what was let go: whoever may have its id by now, it is not ours.
    if not account.purged_at and not account.written_off:
        look.fault = tried(account.id, partial(_see, look))
    return look


def _see(look: Look) -> None:
    _read(look.job)
    if _proves_nothing(look):
        look.unlisted = _unlisted(look.job)


def _proves_nothing(look: Look) -> bool:
    """The balance fell, and nobody knows how far calls can have brought it down."""
    job, seen = look.job, look.job.seen
    if seen is None or look.proven is None or seen.balance >= look.proven[0]:
        return False
    unbounded = job.limits.burn.most(seen.channels, timedelta()) == safety.UNBOUNDED
    return unbounded and job.limits.lists_payments


def _unlisted(job: Work) -> str | None:
    """The last sum that arrived, where it is not among the payments any more, and
    nobody has spoken since. Of older ones the list may show no page."""
    account = job.account
    with job.desk.database.read() as tx:
        last = attempts.last_arrived(tx, account.id)
    if last is None or (account.trusted_from and account.trusted_from >= last[1]):
        return None
    with job.gate.turn():
        listed = job.gate.backend.arrived(str(account.remote), last[0])
    return None if listed else last[0]


def tried(account: str, act: Callable[[], None]) -> str | None:
    """Why it could not be done. One account that cannot be looked at, for whatever
    reason, keeps no other from it."""
    try:
        act()
    except Outcome as no:
        return str(no)
    except Exception as bug:
        log.exception("account %s could not be looked at", account)
        return f"it broke off ({type(bug).__name__}); the log says where"
    return None


def _read(job: Work) -> None:
    remote, gate = job.account.remote, job.gate
    with gate.turn(), gate.hearing():
        job.seen_at = job.desk.clock.now()
        job.seen = (
            gate.backend.read(remote)
            if remote
            else gate.backend.find(job.account.username)
        )
        job.seen_by = job.desk.clock.now()


def lines(look: Look) -> tuple[Difference, ...]:
    """Each thing that differs. Later, where nobody can say what it should be."""
    job, account = look.job, look.job.account
    if account.purged_at or account.written_off:
        return ()
    if job.seen is None and account.remote:
        wanted = desired(account, job.catalog, job.desk.clock.now())
        return (drift.gone(account),) if wanted else ()
    if job.seen and job.seen.username != account.username:
        return (drift.taken(account, job.seen.username),)
    todo = _planned(job)
    levels = drift.levels(account, job.state, todo.levels, may_set=look.may_set)
    if look.before.stopped:
        levels = (drift.guarded(line, account) for line in levels)
    due = () if account.observed_at else todo.flows
    # Until its release whoever had it before may still credit it.
    balance = _balance(look, job.seen) if job.seen and not account.observed_at else None
    found = [*levels, *drift.money(account, due, balance)]
    return drift.agreed(account, [*found, *_covered(look, found)])


def _planned(job: Work) -> Plan:
    """Of one that was adopted: what would be done, were it let go."""
    account, job.trusted = job.account, job.live.in_flight is None
    job.account = replace(account, observed_at=None)
    try:
        return job.plan(unsure=not job.trusted)
    finally:
        job.account = account


def _balance(look: Look, seen: Observed) -> Balance:
    job, account = look.job, look.job.account
    last = look.proven
    most = safety.UNBOUNDED
    if last and seen.balance < last[0]:
        most = _most(job, seen, last)
    return Balance(seen.balance, account.currency, last, most, look.unlisted)


def _most(job: Work, seen: Observed, last: Proven) -> Decimal:
    """The most that can have been used. Which caps held before is asked only where it
    matters: with more than one, no less can have been."""
    balance, when = last
    burn = job.limits.burn
    least = burn.most(seen.channels, job.seen_by - when)
    if seen.balance >= balance - least:
        return least
    with job.desk.database.read() as tx:
        caps = attempts.caps(tx, job.account.id, when - burn.longest_call)
    cap = safety.highest(*caps, seen.channels)
    return burn.most(cap, job.seen_by - when)


def _covered(look: Look, found: Iterable[Difference]) -> Iterator[Difference]:
    """What cannot be seen any more, and nobody has spoken on."""
    account = look.job.account
    seen = {line.kind for line in found}
    for earlier in look.earlier:
        line, open_ = earlier.line, drift.stays(earlier.seen_at, account, look.proven)
        if open_ and not seen & {line.kind, Drift.BALANCE}:
            yield drift.covered(line, account)


def sighting(look: Look) -> Sighting | None:
    """What is to be noted of its balance, where nothing is known of that yet."""
    job, account = look.job, look.job.account
    waits = account.observed_at or account.restored_at or look.before.busy
    if look.proven or not job.seen or waits:
        return None
    if job.seen.username != account.username:
        return None
    return Sighting(account.id, job.seen.balance, job.seen_at)


def may_lag(look: Look) -> bool:
    """A read from a replica that lags behind shows the balance before the last sum."""
    if look.proven is None or look.job.seen is None:
        return False
    balance, when = look.proven
    window = timedelta(seconds=look.job.limits.settle)
    return look.job.seen.balance != balance and look.job.seen_at < when + window
