"""What would be done for an account now, with nothing noted and nothing sent."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge import work
from bridge.clock import Clock
from bridge.store import accounts
from bridge.store.database import Database
from bridge.store.lanes import Lane
from bridge.work import Backends, Pace, Work
from provisioning.core.catalog import Catalog
from provisioning.core.plan import Plan, plan

NO_LEASE = datetime.max.replace(tzinfo=UTC)
"""Only looked at, so never leased, and never renewed."""


def preview(
    name: str, database: Database, backends: Backends, catalog: Catalog, clock: Clock
) -> tuple[Work, Plan]:
    """*name* is an account or a service. LookupError where it is neither."""
    with database.read() as tx:
        account = accounts.of_services(tx, [name]).get(name, name)
        if accounts.source_of(tx, account) is None:
            raise LookupError(f'there is no account or service "{name}" here')
    lane = Lane(account, token=0, lease_until=NO_LEASE, tries=0, failing_since=None)
    job = work.load(database, clock, Pace(), lane, backends)
    job.look()
    return job, plan(
        job.account,
        job.events,
        seen=job.state,
        ledger=job.ledger,
        catalog=catalog,
        at=clock.now(),
        unsure=bool(job.person or job.in_flight),
    )
