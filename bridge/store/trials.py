"""Which client had which family to try: once, and by which service."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables import tried
from provisioning.core.trial import Trial


def had(tx: sa.Connection, client: str, but: str) -> tuple[Trial, ...]:
    """All this client ever tried, with any service *but* that one."""
    rows = tx.execute(
        sa.select(tried).where(tried.c.client == client, tried.c.service != but)
    )
    return tuple(Trial(row.family, row.starts, row.ends, row.service) for row in rows)


def keep(tx: sa.Connection, client: str, trial: Trial) -> None:
    """A plain insert: what somebody else began meanwhile is refused."""
    known = sa.select(tried.c.service).where(
        tried.c.client == client, tried.c.family == trial.family
    )
    if tx.execute(known).scalar_one_or_none() == trial.service:
        return
    tx.execute(
        sa.insert(tried).values(
            client=client, family=trial.family, service=trial.service,
            starts=trial.starts, ends=trial.ends,
        )
    )  # fmt: skip
