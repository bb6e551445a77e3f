"""On one account: looked at, written off, its login, what it was promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge import deciding, logins, promising
from bridge.commands import Order, Told
from bridge.store import lanes, thresholds, unpaid
from provisioning.core.money import amount
from provisioning.core.thresholds import Measure, Per, Threshold


def _sync(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    """Looked at now, and brought in line."""
    lanes.wake(tx, account, at)
    return {"woken": account}


def _purge(tx: sa.Connection, at: datetime, account: str, because: str) -> Told:
    deciding.write_off(tx, account, because, at)
    return {"written_off": account}


def _deleted(
    tx: sa.Connection, at: datetime, service: str, name: str, because: str
) -> Told:
    account = deciding.deleted(tx, service, name, because, at)
    return {"account": account, "deleted": f"{name} of {service}"}


def _send_login(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str,
    channel: str | None = None,
    hash: str | None = None,  # noqa: A002 - of the link that was printed
) -> Told:
    told = logins.again(tx, account, because, at, channel=channel, hash_=hash)
    return {"account": account, "issue": told.login, "source": told.source}


def _give_promise(
    tx: sa.Connection, at: datetime, promise: Told, revision: int
) -> Told:
    account = promising.give(tx, unpaid.to_promise(promise), revision, at)
    return {"promised": account, "until": promise["until"]}


def _set_threshold(
    tx: sa.Connection,
    at: datetime,
    account: str,
    service: str | None,
    measure: str,
    level: str,
    per: str | None,
    by: str,
) -> Told:
    bound = Threshold(Measure(measure), amount(level), Per(per) if per else None)
    number = thresholds.set_(tx, account, service, bound, by, at)
    return {"threshold": number, "account": account}


def _drop_threshold(tx: sa.Connection, _: datetime, threshold: int) -> Told:
    thresholds.drop(tx, threshold)
    return {"dropped": threshold}


ORDERS: Mapping[str, Order] = {
    "promise.give": _give_promise,
    "account.purge": _purge,
    "account.sync": _sync,
    "data.deleted": _deleted,
    "login.send": _send_login,
    "threshold.set": _set_threshold,
    "threshold.drop": _drop_threshold,
}
