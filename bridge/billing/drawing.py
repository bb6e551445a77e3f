"""What an order costs a reseller, drawn from his float, and given back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import floats
from bridge.store.shop_orders import ShopOrder
from provisioning.core import floats as rules
from provisioning.core.floats import Float
from provisioning.core.money import Money


def of(tx: sa.Connection, source: str, currency: str) -> Float:
    """Nothing, where he was never given any."""
    last = floats.last(tx, source)
    return last.left if last else Float(currency)


def is_kept(tx: sa.Connection, source: str) -> bool:
    """Whether he ever deposited anything, or has a limit."""
    return floats.last(tx, source) is not None


def draw(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime,
    *, beyond: bool = False,
) -> str | None:  # fmt: skip
    """Once for an order. Why not, where what is left does not reach for it.

    *beyond*: by an operator's word, however little is left.
    """
    floats.lock(tx, order.source)
    last = floats.last(tx, order.source)
    has = last.left if last else Float(order.currency)
    same_currency(order.source, has.currency, order.currency)
    if not order.base:
        return None
    if not (beyond or has.fits(order.base)):
        return (
            f"it costs {Money(order.base, has.currency)}, and the float has"
            f" {Money(has.left, has.currency)} left with its limit; it goes on by"
            " itself once that reaches"
        )
    entry = rules.drawn(order.id, order.base)
    floats.add(
        tx, order.source, last, entry, has.currency, at, by, because, order.id
    )  # fmt: skip
    return None


def give_back(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> bool:
    """What was drawn for it, where anything was."""
    floats.lock(tx, order.source)
    drawn = floats.keyed(tx, order.source, rules.drawn_for(order.id))
    if drawn is None:
        return False
    entry = rules.given_back(order.id, drawn.entry)
    last = floats.last(tx, order.source)
    floats.add(
        tx, order.source, last, entry, order.currency, at, by, because, order.id
    )  # fmt: skip
    return True


def same_currency(source: str, has: str, said: str) -> None:
    if has != said:
        raise LookupError(
            f"the float of {source} is in {has}, and this is in {said}: no sum is made"
            " of the two; book it apart from the float"
        )
