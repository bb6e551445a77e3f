"""What would be done for accounts now, with nothing noted and nothing sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bridge import loading, seeing
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.store import whereabouts
from bridge.store.lanes import Lane
from bridge.store.payload import Newer
from bridge.work import Work
from provisioning.core.actions import Tell
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event
from provisioning.core.outcomes import Broken, Later, Outcome
from provisioning.core.plan import Plan

NO_LEASE = datetime.max.replace(tzinfo=UTC)
"""Only looked at, so never leased, and never renewed."""

AT_ONCE = 8
"""Accounts looked at beside each other; the backend's own gate may let in fewer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An account, and what would be done for it; or why nobody can say."""

    account: str
    todo: Plan | None = None
    fault: str | None = None
    catalog: Catalog | None = None
    """The terms it was planned by."""


def preview(
    name: str, desk: Desk, editions: Editions, asked: Event | None = None
) -> tuple[Work, Plan]:
    """*name* is an account or a service. LookupError where it is neither.

    *asked*: a change that waits, as if it were agreed to.
    """
    job = loaded(name, desk, editions, asked)
    return job, _planned(job)


def loaded(
    name: str, desk: Desk, editions: Editions, asked: Event | None = None
) -> Work:
    """As it is on record; its backend is not asked."""
    with desk.database.read() as tx:
        account = whereabouts.of_service(tx, name) or name
    agreed = {account: asked} if asked else {}
    job = loading.load(desk, [lane_of(account)], editions, agreed)[account]
    match job:
        case Broken():
            raise LookupError(
                f'there is no account or service "{name}" here; a service is named with'
                " its source, as shop:1001"
            )
        case Newer():
            raise Later(f"{job}; the newer version that wrote it sees to it")
        case Exception():
            raise job
    return job


def previews(
    pages: Iterable[Sequence[str]], desk: Desk, editions: Editions
) -> Iterator[Seen]:
    """Page by page, so that a hundred thousand take no more room than one page."""
    with ThreadPoolExecutor(AT_ONCE, "preview") as pool:
        for page in pages:
            jobs = loading.load(desk, [lane_of(id_) for id_ in page], editions)
            yield from pool.map(_seen, jobs, jobs.values())


def is_live(job: Work, todo: Plan) -> bool:
    """As it should be at the backend; what a customer is called there is no matter."""
    as_it_should = all(isinstance(level, Tell) for level in todo.levels)
    return job.seen is not None and job.seen.state.on and as_it_should


def lane_of(account: str) -> Lane:
    return Lane(account, token=0, lease_until=NO_LEASE, tries=0, failing_since=None)


def _planned(job: Work) -> Plan:
    look(job)
    job.agree()
    return job.plan(unsure=job.live.in_flight is not None)


def look(job: Work) -> None:
    """Its backend is asked, and nothing of it is changed."""
    # Of one that was adopted: what would be done, were it let go.
    job.account = replace(job.account, observed_at=None)
    seeing.look(job)
    job.trusted = job.live.in_flight is None


def _seen(account: str, job: Work | Exception) -> Seen:
    if isinstance(job, Exception):
        return Seen(account, fault=str(job))
    try:
        return Seen(account, _planned(job), catalog=job.catalog)
    except Outcome as no:
        return Seen(account, fault=str(no))
