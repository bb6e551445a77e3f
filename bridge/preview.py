"""What would be done for an account now, with nothing noted and nothing sent."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge import loading
from bridge.store import accounts
from bridge.store.lanes import Lane
from bridge.work import Desk, Work
from provisioning.core.catalog import Catalog
from provisioning.core.outcomes import Broken
from provisioning.core.plan import Plan

NO_LEASE = datetime.max.replace(tzinfo=UTC)
"""Only looked at, so never leased, and never renewed."""


def preview(name: str, desk: Desk, catalog: Catalog) -> tuple[Work, Plan]:
    """*name* is an account or a service. LookupError where it is neither."""
    with desk.database.read() as tx:
        account = accounts.of_service(tx, name) or name
    lane = Lane(account, token=0, lease_until=NO_LEASE, tries=0, failing_since=None)
    job = loading.load(desk, [lane], catalog)[account]
    match job:
        case Broken():
            raise LookupError(f'there is no account or service "{name}" here')
        case Exception():
            raise job
    job.look()
    under_way = job.live.in_flight is not None
    job.trusted = not under_way
    return job, job.plan(catalog, unsure=under_way)
