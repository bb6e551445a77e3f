"""What the paid orders of a shop came to in a month: sold for, at base price, the
difference, which is the reseller's, and what of that is still owed to him."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge import statements
from bridge.store import floats, shop_orders
from bridge.store.floats import Kept
from bridge.store.shop_orders import ShopOrder
from provisioning.core.floats import Kind
from provisioning.core.money import text
from provisioning.core.usage import starts

COLUMNS = ("paid", "order", "kind", "what", "quantity", "currency", "sold", "base",
           "difference", "owed")  # fmt: skip
SUMS = ("currency", "orders", "sold", "base", "difference", "owed")


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one currency."""

    currency: str
    orders: int
    sold: Decimal
    base: Decimal
    owed: Decimal

    @property
    def difference(self) -> Decimal:
        return self.sold - self.base


@dataclass(frozen=True, slots=True)
class Moved:
    """A float in that month: opening + all that came and went = closing."""

    currency: str
    opening: Decimal
    entries: tuple[Kept, ...]

    def of(self, kind: Kind) -> Decimal:
        own = (each.entry for each in self.entries if each.entry.kind is kind)
        return sum((entry.amount for entry in own), Decimal(0))

    @property
    def closing(self) -> Decimal:
        return self.entries[-1].left.balance if self.entries else self.opening


@dataclass(frozen=True, slots=True)
class Statement:
    source: str
    first: date
    orders: tuple[ShopOrder, ...]
    float: Moved | None = None
    """None, where there was none by then."""

    @property
    def month(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def sums(self) -> list[Sum]:
        """By currency: another may stand in the table since."""
        return [
            Sum(
                currency,
                len(own := [o for o in self.orders if o.currency == currency]),
                sum((o.amount for o in own), Decimal(0)),
                sum((o.base for o in own), Decimal(0)),
                sum((self.owed(o) for o in own), Decimal(0)),
            )
            for currency in sorted({order.currency for order in self.orders})
        ]

    def owed(self, order: ShopOrder) -> Decimal:
        """What the operator, to whom it was paid, owes him of it; below nothing: he
        pays on. Nothing of what he was paid himself."""
        return Decimal(0) if order.on_float else order.margin

    @property
    def rows(self) -> list[dict[str, Any]]:
        """As they stand in a file and in an answer."""
        return [_row(order, self.owed(order)) for order in self.orders]


def statement(tx: sa.Connection, source: str, first: date, zone: tzinfo) -> Statement:
    """By when each was paid. *first*: the first day of its month."""
    since, until = starts(first, zone), starts(statements.after(first), zone)
    found = shop_orders.paid(tx, source, since, until)
    moves = _moved(tx, source, since, until)
    return Statement(source, first, tuple(found), moves)


def _moved(
    tx: sa.Connection, source: str, since: datetime, until: datetime
) -> Moved | None:
    last = floats.last(tx, source, until)
    if last is None:
        return None
    before = floats.last(tx, source, since)
    opening = before.left.balance if before else Decimal(0)
    entries = tuple(floats.between(tx, source, since, until))
    return Moved(last.left.currency, opening, entries)


def moved(of: Moved) -> dict[str, Any]:
    """As it stands in an answer."""
    kinds = (kind for kind in Kind if kind is not Kind.LIMIT)
    return {
        "currency": of.currency,
        "opening": _whole(of.opening),
        **{kind.value: _whole(of.of(kind)) for kind in kinds},
        "closing": _whole(of.closing),
    }


def _row(order: ShopOrder, owed: Decimal) -> dict[str, Any]:
    return {
        "paid": order.settled_at.isoformat(timespec="seconds") if order.settled_at
        else None,
        "order": order.id,
        "kind": order.kind.value,
        "what": order.said.get("product"),
        "quantity": order.said.get("quantity"),
        "currency": order.currency,
        "sold": _whole(order.amount),
        "base": _whole(order.base),
        "difference": _whole(order.margin),
        "owed": _whole(owed),
    }  # fmt: skip


def summed(sum_: Sum) -> dict[str, Any]:
    return {
        "currency": sum_.currency,
        "orders": sum_.orders,
        "sold": sum_.sold,
        "base": sum_.base,
        "difference": sum_.difference,
        "owed": sum_.owed,
    }


def written(of: Mapping[str, Any]) -> dict[str, Any]:
    """Its amounts and moments as text."""
    return {name: _text(value) for name, value in of.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return text(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value


def _whole(amount: Decimal) -> Decimal:
    """With its cents, as people write it."""
    return Decimal(text(amount))
