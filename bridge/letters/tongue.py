"""In which language a customer is written to."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.config import Brand
from bridge.store import customers
from bridge.words import Speech, speech
from provisioning.core.account import Account


def of(tx: sa.Connection, account: Account | None, brand: Brand) -> Speech:
    """The one he chose in the shop, or has at his platform, where the brand speaks it;
    else the brand's first."""
    chosen = account.language if account else None
    if account and account.email:
        found = customers.known(tx, account.source, account.email.lower())
        chosen = found.language if found else chosen
    return speech(chosen if chosen in brand.languages else brand.languages[0])
