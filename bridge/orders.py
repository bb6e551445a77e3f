"""What a person can tell the bridge to do, by name: each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from inspect import signature
from typing import Any

import sqlalchemy as sa

from bridge import batching, customers, members, people
from bridge.access.who import ITSELF, Who
from bridge.billing import floats, renewing, shopping
from bridge.clock import Clock
from bridge.commands import (
    Order,
    Told,
    accounts,
    adoption,
    backends,
    catalog,
    coupons,
    events,
    money,
    upkeep,
)
from bridge.commands.upkeep import ADVANCE
from bridge.reconcile import keeping
from bridge.store import audit
from bridge.store.accounts import Moved
from bridge.store.database import Database, transient

TRIES = 5
WHO = "who"
QUIET = people.QUIET | customers.QUIET | keeping.QUIET
"""What stands in no audit."""

CLASH = (Moved, sa.exc.IntegrityError)
"""A worker wrote to the account between our reading and our writing: all anew."""


def carry_out(
    database: Database, clock: Clock, name: str, said: Mapping[str, Any]
) -> Told:
    """What came of it. LookupError says why it cannot be.

    An order may carry *who* has it done, as `as_said_by` writes it.
    """
    if name not in _ORDERS:
        raise LookupError(f"this version knows no order {name}")
    said = dict(said)
    who = Who(**said.pop(WHO)) if WHO in said else ITSELF
    try:
        signature(_ORDERS[name]).bind(None, None, **said)
    except TypeError as other:
        raise LookupError(
            f"this version reads order {name} otherwise ({other}); use the switchhook"
            " that is running"
        ) from None
    for _ in range(TRIES):
        try:
            return _told(database, clock, name, said, who)
        except CLASH:
            continue
        except sa.exc.OperationalError as gave_way:
            if not transient(gave_way):
                raise
    raise LookupError(
        "a worker wrote to the same account each time; nothing was done; say it again"
    )


def as_said_by(who: Who, said: Mapping[str, Any]) -> Told:
    """The order as it is written down where somebody else carries it out."""
    return {**said, WHO: asdict(who)}


def _told(
    database: Database, clock: Clock, name: str, said: Mapping[str, Any], who: Who
) -> Told:
    try:
        with database.change() as tx:
            if who.once and (before := audit.done(tx, who, name, said)) is not None:
                return before
            at = clock.now()
            told = _ORDERS[name](tx, at, **said)
            if name not in QUIET:
                audit.note(tx, who, name, said, told, at)
            if name == ADVANCE:
                # Before it is kept: who waits to write begins by the new time.
                clock.follow(tx)
    except BaseException:
        if name == ADVANCE:
            with database.read() as tx:
                clock.follow(tx)
        raise
    return told


_ORDERS: dict[str, Order] = {
    **people.ORDERS,
    **customers.ORDERS,
    **members.ORDERS,
    **shopping.ORDERS,
    **floats.ORDERS,
    **renewing.ORDERS,
    **batching.ORDERS,
    **keeping.ORDERS,
    **accounts.ORDERS,
    **adoption.ORDERS,
    **backends.ORDERS,
    **catalog.ORDERS,
    **coupons.ORDERS,
    **events.ORDERS,
    **money.ORDERS,
    **upkeep.ORDERS,
}
