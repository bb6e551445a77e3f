"""A reseller's float as it is drawn from, and as the operator fills it: by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.billing import settling
from bridge.billing.drawing import of, same_currency
from bridge.billing.margins import written
from bridge.commands import Order, Told
from bridge.store import floats
from bridge.store.floats import Kept
from provisioning.core import floats as rules
from provisioning.core.floats import Entry
from provisioning.core.money import Money
from provisioning.core.rounding import payable


def _deposit(
    tx: sa.Connection, at: datetime, source: str, amount: str, currency: str,
    reference: str, by: str, because: str,
) -> Told:  # fmt: skip
    """His money came: what was held for it goes on."""
    entry = _entry(rules.deposited, reference, amount, currency)
    return _booked(tx, at, source, entry, currency, by, because)


def _adjust(
    tx: sa.Connection, at: datetime, source: str, amount: str, currency: str,
    reference: str, by: str, because: str,
) -> Told:  # fmt: skip
    """By an operator's word, up or down."""
    entry = _entry(rules.adjusted, reference, amount, currency)
    return _booked(tx, at, source, entry, currency, by, because)


def _limit(
    tx: sa.Connection, at: datetime, source: str, amount: str, currency: str,
    by: str, because: str,
) -> Told:  # fmt: skip
    """How far he may go below nothing. The same again is no entry."""
    floats.lock(tx, source)
    before = floats.last(tx, source)
    no = before.no + 1 if before else floats.FIRST
    entry = _entry(rules.limited, no, amount, currency)
    if before and before.left.limit == entry.limit:
        return _told(tx, source, currency, new=False)
    return _kept(tx, at, source, before, entry, currency, by, because)


def _booked(
    tx: sa.Connection, at: datetime, source: str, entry: Entry, currency: str,
    by: str, because: str,
) -> Told:  # fmt: skip
    floats.lock(tx, source)
    last = floats.last(tx, source)
    return _kept(tx, at, source, last, entry, currency, by, because)


def _kept(
    tx: sa.Connection, at: datetime, source: str, last: Kept | None, entry: Entry,
    currency: str, by: str, because: str,
) -> Told:  # fmt: skip
    """Once by its key, behind the last one. What goes on by it, in the same
    transaction."""
    same_currency(source, last.left.currency if last else currency, currency)
    before = floats.keyed(tx, source, entry.key)
    if before is not None:
        if before.entry != entry:
            raise LookupError(
                f"{entry.key} of {source} is {Money(before.entry.amount, currency)}"
                " already; what is another sum has a reference of its own"
            )
        return _told(tx, source, currency, new=False)
    try:
        floats.add(tx, source, last, entry, currency, at, by, because)
    except ValueError as wrong:
        raise LookupError(str(wrong)) from None
    went_on = settling.go_on(tx, source, currency, at)
    return _told(tx, source, currency, new=True) | {"went_on": went_on}


def _told(tx: sa.Connection, source: str, currency: str, *, new: bool) -> Told:
    has = of(tx, source, currency)
    return {"source": source, "new": new, "went_on": [], **written(shown(has))}


def shown(has: rules.Float) -> Told:
    return {
        "currency": has.currency,
        "balance": has.balance,
        "limit": has.limit,
        "left": has.left,
    }


COLUMNS = ("no", "at", "kind", "amount", "balance", "limit", "order", "by", "because")


def row(each: Kept) -> Told:
    """An entry as it stands in lists and answers."""
    return {
        "no": each.no,
        "at": each.at,
        "kind": each.entry.kind.value,
        "amount": each.entry.amount,
        "balance": each.left.balance,
        "limit": each.left.limit,
        "order": each.order,
        "by": each.by,
        "because": each.because,
    }


def said(told: Told) -> str:
    """What came of it, to people."""
    new = "Booked" if told["new"] else "Nothing new: it was booked already"
    left = f"{told['left']} {told['currency']} are left of the float of"
    went = told["went_on"]
    on = f"; {len(went)} went on: {', '.join(went)}" if went else ""
    return f"{new}; {left} {told['source']}{on}."


def _entry(
    rule: Callable[[Any, Decimal], Entry], key: object, amount: str, currency: str
) -> Entry:
    try:
        return rule(key, payable(amount, currency))
    except ValueError as wrong:
        raise LookupError(str(wrong)) from None


ORDERS: Mapping[str, Order] = {
    "float.deposit": _deposit,
    "float.adjust": _adjust,
    "float.limit": _limit,
}
