"""The tables, a file each topic; whoever needs one finds it here, with all the others.

What must be unique is unique there, not in an `if` before an insert.
"""

from __future__ import annotations

from bridge.store.tables.accounts import (
    account,
    login,
    period,
    service,
    threshold,
    tried,
    usage,
)
from bridge.store.tables.beside import batch, batch_line, source_secret
from bridge.store.tables.buying import (
    customer,
    customer_link,
    customer_session,
    float_entry,
    invitation,
    renewal,
    shop_order,
)
from bridge.store.tables.compared import (
    difference,
    glimpse,
    opened_invoice,
    reconciled,
    reconciliation,
    sighting,
)
from bridge.store.tables.inbox import (
    ACCEPTED,
    APART,
    TROUBLE,
    UNFINISHED,
    operation,
    request,
)
from bridge.store.tables.meta import metadata
from bridge.store.tables.money import FREE, REST, UNSETTLED, claim, coupon, ledger
from bridge.store.tables.outbox import alert, delivery
from bridge.store.tables.people import api_key, audit, pace, session, user
from bridge.store.tables.queue import fact, lane, tick, wakeup
from bridge.store.tables.terms import catalog, movement
from bridge.store.tables.writes import (
    LIVE,
    attempt,
    backend,
    confirmation,
    dialling,
    switch_off,
    switch_off_guard,
)

__all__ = [
    "ACCEPTED",
    "APART",
    "FREE",
    "LIVE",
    "REST",
    "TROUBLE",
    "UNFINISHED",
    "UNSETTLED",
    "account",
    "alert",
    "api_key",
    "attempt",
    "audit",
    "backend",
    "batch",
    "batch_line",
    "catalog",
    "claim",
    "confirmation",
    "coupon",
    "customer",
    "customer_link",
    "customer_session",
    "delivery",
    "dialling",
    "difference",
    "fact",
    "float_entry",
    "glimpse",
    "invitation",
    "lane",
    "ledger",
    "login",
    "metadata",
    "movement",
    "opened_invoice",
    "operation",
    "pace",
    "period",
    "reconciled",
    "reconciliation",
    "renewal",
    "request",
    "service",
    "session",
    "shop_order",
    "sighting",
    "source_secret",
    "switch_off",
    "switch_off_guard",
    "threshold",
    "tick",
    "tried",
    "usage",
    "user",
    "wakeup",
]
