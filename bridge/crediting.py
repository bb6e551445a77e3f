"""Held money that a platform gives back to its customer as credit there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge import held
from bridge.platforms.whmcs import native
from bridge.store import accounts, holdings, outbox
from bridge.store.lanes import INTAKE
from provisioning.core.money import Money, text

CREDIT = "credit"


def refund(
    tx: sa.Connection,
    key: str,
    credit: Decimal,
    channel: str,
    because: str,
    at: datetime,
) -> Money:
    """It is never sent here; and in the same commit the platform is asked to give him
    *credit*, in his own currency there, once."""
    client = native(_client(tx, key))
    if client is None:
        raise LookupError(
            f"nobody knows which client of the platform {key} is of; pay it back there,"
            " then leave --credit out"
        )
    sum_ = held.refund(tx, key, because, at)
    said = {
        "type": CREDIT,
        "reference": key,
        "client": client,
        "amount": text(credit),
        "because": because,
    }
    outbox.enqueue(tx, f"{CREDIT}:{key}", channel, said, at)
    return sum_


def _client(tx: sa.Connection, key: str) -> str | None:
    owner = holdings.owner_of(tx, key) or ""
    if owner.startswith(INTAKE):
        return owner.removeprefix(INTAKE)
    account = accounts.load(tx, owner)
    return account.client if account else None
