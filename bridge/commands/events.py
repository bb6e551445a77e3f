"""On what was said: again, no, or yes by the plan that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge import approving, deciding
from bridge.commands import Order, Told
from bridge.store import batches, confirmations, outbox
from bridge.store.confirmations import Changed, Wanted


def _retry(
    tx: sa.Connection,
    at: datetime,
    operation: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    deciding.retry(tx, operation, at)
    return {"retried": operation}


def _retry_all(
    tx: sa.Connection,
    at: datetime,
    operations: Sequence[str],
    because: str,  # noqa: ARG001 - the audit keeps it
) -> Told:
    """Those of them that are still stuck; how many are not."""
    retried = deciding.retry_all(tx, operations, at)
    return {"retried": retried, "left": len(operations) - retried}


def _decline(
    tx: sa.Connection, at: datetime, operation: str, by: str, because: str
) -> Told:
    account = approving.decline(tx, operation, by, because, at)
    return {"declined": operation, "account": account}


def _apply(
    tx: sa.Connection,
    at: datetime,
    account: str,
    digest: str,
    revision: int,
    catalog: str,
    steps: Sequence[str],
    because: str,
    batch: str | None = None,
    by: str | None = None,
    operation: int | None = None,
) -> Told:
    """The number of the confirmation; None, where the account is another by now."""
    batches.hold_on(tx, batch)
    said = tuple(steps), because, batch, by, operation
    wanted = Wanted(account, digest, revision, catalog, *said)
    try:
        return {"confirmation": confirmations.confirm(tx, wanted, at)}
    except Changed:
        return {"confirmation": None}


def _send_again(tx: sa.Connection, at: datetime, delivery: int) -> Told:
    outbox.retry(tx, delivery, at)
    return {"retried": delivery}


ORDERS: Mapping[str, Order] = {
    "event.retry": _retry,
    "event.retry_all": _retry_all,
    "event.decline": _decline,
    "delivery.retry": _send_again,
    "plan.apply": _apply,
}
