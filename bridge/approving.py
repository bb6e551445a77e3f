"""Changes that wait for an admin: found by name, and declined.

One that is agreed to is a plan that was confirmed: `confirming` has it done.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import accounts, fates, lanes, operations
from bridge.store.operations import Operation
from provisioning.core import approval
from provisioning.core.heard import Fate
from provisioning.core.sentences import say


def named(tx: sa.Connection, name: str) -> Operation:
    """LookupError, where it is none or does not wait."""
    found = operations.named(tx, name)
    if found is None:
        raise LookupError(f"there is no event {name}; see `switchhook approve --list`")
    if not operations.asking(tx, found.id):
        raise LookupError(
            f"event {name} is {found.fate}, and waits for nobody's word; see"
            f" `switchhook event show {name}`"
        )
    return found


def decline(tx: sa.Connection, name: str, by: str, because: str, at: datetime) -> str:
    """It ends there, and its account is as it was. Whose that is."""
    id_ = named(tx, name).lane
    # Whoever is about to do it by an admin's word notes nothing more of it.
    lanes.fence(tx, id_, at)
    found, account = named(tx, name), accounts.load(tx, id_)
    if account is None:
        raise LookupError(f"there is no account {id_}")
    event = operations.event_of(tx, found.id)
    accounts.save(tx, account, approval.withdrawn(account, event.order))
    why = say("declined", by=by, why=because)
    fates.end(tx, found.id, Fate.SUPERSEDED, why, at)
    return id_
