"""What the paid orders of a shop came to in a month: sold for, at base price, and the
difference, which is the reseller's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge import statements
from bridge.store import shop_orders
from bridge.store.shop_orders import ShopOrder
from provisioning.core.money import text
from provisioning.core.usage import starts

COLUMNS = ("paid", "order", "kind", "what", "quantity", "currency", "sold", "base",
           "difference")  # fmt: skip
SUMS = ("currency", "orders", "sold", "base", "difference")


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one currency."""

    currency: str
    orders: int
    sold: Decimal
    base: Decimal

    @property
    def difference(self) -> Decimal:
        return self.sold - self.base


@dataclass(frozen=True, slots=True)
class Statement:
    source: str
    first: date
    orders: tuple[ShopOrder, ...]

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
            )
            for currency in sorted({order.currency for order in self.orders})
        ]


def statement(tx: sa.Connection, source: str, first: date, zone: tzinfo) -> Statement:
    """By when each was paid. *first*: the first day of its month."""
    since, until = starts(first, zone), starts(statements.after(first), zone)
    found = shop_orders.paid(tx, source, since, until)
    return Statement(source, first, tuple(found))


def row(order: ShopOrder) -> dict[str, Any]:
    """As it stands in a file and in an answer."""
    return {
        "paid": order.settled_at.isoformat(timespec="seconds") if order.settled_at
        else None,
        "order": order.id,
        "kind": order.kind.value,
        "what": order.said.get("product"),
        "quantity": order.said.get("quantity"),
        "currency": order.currency,
        "sold": order.amount,
        "base": order.base,
        "difference": order.margin,
    }  # fmt: skip


def summed(sum_: Sum) -> dict[str, Any]:
    return {
        "currency": sum_.currency,
        "orders": sum_.orders,
        "sold": sum_.sold,
        "base": sum_.base,
        "difference": sum_.difference,
    }


def written(of: Mapping[str, Any]) -> dict[str, Any]:
    """Its amounts as text."""
    return {
        name: text(value) if isinstance(value, Decimal) else value
        for name, value in of.items()
    }
