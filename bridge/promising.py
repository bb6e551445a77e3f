"""A promise to pay in the hands of staff: kept on the account, and heeded at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import accounts, lanes, whereabouts
from provisioning.core.promised import Promise


def give(tx: sa.Connection, given: Promise, revision: int, at: datetime) -> str:
    """Whose account it is on. LookupError, where that changed since it was decided."""
    id_ = whereabouts.of_service(tx, given.service)
    account = accounts.load(tx, id_) if id_ else None
    if account is None or account.revision != revision:
        raise LookupError(
            f"the account of {given.service} changed since it was looked at; nothing is"
            " promised; say it again"
        )
    if account.observed_at:
        raise LookupError(
            f"account {account.id} was adopted and is only looked at; nothing is"
            f" promised. First `switchhook adopt release {account.id} --because …`"
        )
    now = replace(account, promises=(*account.promises, given))
    accounts.save(tx, account, now)
    lanes.wake(tx, account.id, at)
    return account.id
