"""Whether an account is as it should be, for whoever tells of it only then."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import books
from bridge.store.tables import claim, lane, operation
from provisioning.core.credit import Claim
from provisioning.core.heard import Fate

DONE = (Fate.DONE.value, Fate.SUPERSEDED.value)


def is_in_line(tx: sa.Connection, account: str, at: datetime) -> bool:
    """Nobody is at it, nothing of it is due, and nothing of it fails."""
    found = tx.execute(sa.select(lane).where(lane.c.key == account)).first()
    if found is None:
        return True
    idle = found.due is None or at < found.due
    return bool(
        idle
        and found.lease_until is None
        and found.failing_since is None
        and found.stopped is None
    )


def is_done(tx: sa.Connection, arrival: int) -> bool:
    """What came of that word; one nobody here knows is over."""
    told = sa.select(operation.c.fate).where(operation.c.id == arrival)
    fate = tx.execute(told).scalar()
    return fate is None or fate in DONE


def sum_of(tx: sa.Connection, account: str, key: str) -> tuple[Claim, str] | None:
    """A sum of that account, and how far it is."""
    query = sa.select(claim.c.state).where(claim.c.key == key, claim.c.owner == account)
    state = tx.execute(query).scalar()
    return (books.one(tx, key), str(state)) if state else None
