"""The payment history of an account: what came and what went, one line each (P17).

Reckoned from the ledger, the balances that were seen, and the orders at our own shop
that lines are of; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa

from bridge import statements
from bridge.store import chain, shop_orders
from bridge.store.chain import Entry
from bridge.store.shop_orders import ShopOrder
from provisioning.core.account import Account
from provisioning.core.credit import Kind
from provisioning.core.statement import Way, moved


class Type(StrEnum):
    DEPOSIT = "deposit"
    DEDUCTION = "deduction"


class Method(StrEnum):
    MANUAL = "manual"
    PLATFORM = "platform"
    WITHIN = "within"
    """No money was moved for it: it was given, used or taken back in the account."""


class Reason(StrEnum):
    TOPUP = "topup"
    BONUS = "bonus"
    FREE = "free"
    """Of a plan's paid period."""

    GIVEN = "given"
    CARRIED = "carried"
    MOVED = "moved"
    REVERSED = "reversed"
    EXPIRED = "expired"
    WRITTEN_OFF = "written off"
    USED = "used"


REASONS = {
    Way.PAID: Reason.TOPUP,
    Way.CARRIED: Reason.CARRIED,
    Way.MOVED: Reason.MOVED,
    Way.REVERSED: Reason.REVERSED,
    Way.EXPIRED: Reason.EXPIRED,
    Way.WRITTEN_OFF: Reason.WRITTEN_OFF,
}
ON_ITS_WAY = frozenset({"held", "owed", "reversing", "recalling"})
"""Books a sum stands in until its backend has it."""


@dataclass(frozen=True, slots=True)
class Payment:
    id: str
    at: datetime
    done_at: datetime | None
    """None: on its way."""

    amount: Decimal
    """Below nought, where it is a deduction."""

    method: Method
    reason: Reason
    order: str | None = None
    """Ours, by which it was bought."""

    what: str | None = None
    """The product of that order."""

    @property
    def type(self) -> Type:
        return Type.DEPOSIT if self.amount >= 0 else Type.DEDUCTION


@dataclass(frozen=True, slots=True)
class Which:
    """Those that are asked for; what is not said does not matter."""

    type: Type | None = None
    method: Method | None = None
    reason: Reason | None = None
    least: Decimal | None = None
    """Of the sum, whichever way it went."""

    since: datetime | None = None
    until: datetime | None = None

    def takes(self, each: Payment) -> bool:
        wanted = (
            (self.type, each.type),
            (self.method, each.method),
            (self.reason, each.reason),
        )
        return (
            all(one in {None, other} for one, other in wanted)
            and (self.least is None or abs(each.amount) >= self.least)
            and (self.since is None or each.at >= self.since)
            and (self.until is None or each.at < self.until)
        )


def history(tx: sa.Connection, of: Account) -> list[Payment]:
    """All there is, the newest first."""
    entries = chain.entries(tx, of.id)
    orders = _orders(tx, of, entries)
    found = [
        *_booked(entries, orders, of),
        *(
            Payment(f"u{at:%y%m%d%H%M}", at, at, -amount, Method.WITHIN, Reason.USED)
            for at, amount in statements.spent(tx, of.id)
        ),
    ]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)


def page(
    these: Iterable[Payment], which: Which, after: str | None, most: int
) -> tuple[list[Payment], str | None]:
    """Those behind that one, and behind which the next are."""
    wanted = [each for each in these if which.takes(each)]
    ids = [each.id for each in wanted]
    first = ids.index(after) + 1 if after in ids else 0
    found = wanted[first : first + most]
    more = len(wanted) > first + most
    return found, found[-1].id if more else None


def _booked(
    entries: list[Entry], orders: Mapping[str, ShopOrder], of: Account
) -> Iterator[Payment]:
    arrived: dict[str, datetime] = {}
    for entry in entries:
        if entry.from_book in ON_ITS_WAY:
            arrived[entry.key] = entry.at
    for entry in entries:
        books_ = entry.from_book, entry.to_book
        move = moved(entry.at, entry.key, *books_, entry.amount)
        if move.way is None:
            continue
        order = orders.get(_order_of(entry.key, of.source))
        waits = entry.to_book in ON_ITS_WAY
        yield Payment(
            id=f"b{entry.no}",
            at=entry.at,
            done_at=arrived.get(entry.key) if waits else entry.at,
            amount=move.amount.whole,
            method=_method(move.way, order),
            reason=_reason(move.way, entry.key),
            order=order.id if order else None,
            what=str(order.said.get("product")) if order else None,
        )


def _orders(
    tx: sa.Connection, of: Account, entries: Iterable[Entry]
) -> Mapping[str, ShopOrder]:
    ids = {_order_of(entry.key, of.source) for entry in entries}
    return shop_orders.named(tx, of.client or "", ids - {""})


def _order_of(key: str, source: str) -> str:
    """The order of ours in the line of a key; none, where it is another's line."""
    line, _, kind = key.partition("/")
    own = f"{source}:"
    return line.removeprefix(own) if kind and line.startswith(own) else ""


def _method(way: Way, order: ShopOrder | None) -> Method:
    if order:
        return Method(order.method)
    return Method.PLATFORM if way is Way.PAID else Method.WITHIN


def _reason(way: Way, key: str) -> Reason:
    if way in REASONS:
        return REASONS[way]
    if key.endswith(f"/{Kind.BONUS}"):
        return Reason.BONUS
    return Reason.FREE if f"/{Kind.FREE}/" in key else Reason.GIVEN
