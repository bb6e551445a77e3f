"""On sums: whether one arrived, where it goes, what is given on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge import crediting, deciding, held
from bridge.commands import Order, Told
from provisioning.core.money import Money, amount


def _resolve(
    tx: sa.Connection, at: datetime, attempt: int, arrived: bool, because: str
) -> Told:
    ended = deciding.resolve(tx, attempt, arrived=arrived, because=because, at=at)
    return {"attempt": attempt, "arrived": arrived, "account": ended.account}


def _release(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str,
    arrived: Sequence[str] = (),
) -> Told:
    deciding.release(tx, account, because, at, arrived)
    return {"released": account}


def _move(tx: sa.Connection, at: datetime, key: str, to: str, because: str) -> Told:
    return {"moved": key, "from": held.move(tx, key, to, because, at), "to": to}


def _refund(
    tx: sa.Connection,
    at: datetime,
    key: str,
    because: str,
    credit: str | None = None,
    channel: str = "",
) -> Told:
    """*credit*: to be given to him at his platform by that channel."""
    if credit is None:
        return {"refunded": key, "sum": str(held.refund(tx, key, because, at))}
    sum_ = crediting.refund(tx, key, Decimal(credit), channel, because, at)
    return {"refunded": key, "sum": str(sum_), "credit": credit}


def _send_again_sum(
    tx: sa.Connection,
    at: datetime,
    key: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    return {"retried": key, "account": held.retry(tx, key, at)}


def _give(
    tx: sa.Connection,
    at: datetime,
    to: str,
    sum: str,  # noqa: A002 - as people say it
    because: str,
    reference: str,
    most: str,
) -> Told:
    amount_, currency = sum.split()
    money = Money(amount(amount_), currency)
    key = held.give(tx, to, money, because, reference, amount(most), at)
    return {"given": key, "sum": str(money)}


ORDERS: Mapping[str, Order] = {
    "unsure.resolve": _resolve,
    "unsure.release": _release,
    "money.move": _move,
    "money.refund": _refund,
    "money.give": _give,
    "money.retry": _send_again_sum,
}
