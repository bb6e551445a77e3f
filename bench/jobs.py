"""Accounts that are there already, and top-ups that wait for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

import sqlalchemy as sa

from bench.places import Place
from bridge import binding
from bridge.config import load
from bridge.keys import random_password
from bridge.parts import Parts, assemble
from bridge.store import accounts, arrivals
from bridge.store.arrivals import Arrival, Named
from bridge.store.database import Database
from provisioning.backends.base import Observed
from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.desired import State
from provisioning.core.events import Event, Order, Type
from provisioning.core.period import Period

AT = datetime(2026, 11, 1, tzinfo=UTC)
TOGETHER = 500


def fill(place: Place, many: int, owners: int) -> None:
    """*many* paid top-ups, round and round over so many live accounts."""
    with_accounts(place, owners)
    tell(place, (topup(no, no % owners) for no in range(many)))


def with_accounts(place: Place, many: int, package: str = "plain") -> list[str]:
    """Live ones, as if ordered a month ago; their usernames."""
    parts = assemble(load(place.path))
    usernames = []
    with parts.database.change() as tx:
        for no in range(many):
            account = live(parts, no, package)
            usernames.append(account.username)
            stand(tx, parts, account)
    parts.database.close()
    return usernames


def stand(tx: sa.Connection, parts: Parts, account: Account) -> None:
    """As if it had been there for long."""
    fresh = replace(
        account,
        remote=None,
        services=tuple(Service(had.ref, had.package) for had in account.services),
    )
    accounts.make(tx, fresh, parts.keys.seal(random_password(), account.id), AT)
    accounts.save(tx, fresh, account)


def live(parts: Parts, no: int, package: str) -> Account:
    """With one service, paid for a month."""
    id_ = f"acct_{no:06}"
    lives = Mark(True, Order(AT, 0, 0))
    paid = Period(1, AT, AT + timedelta(days=30), f"shop:first{no}", told=True)
    return Account(
        id=id_,
        source="shop",
        backend="main",
        currency="USD",
        username=parts.keys.username(id_),
        client=f"shop:c{no}",
        remote=str(no + 1),
        services=(Service(f"shop:s{no}", package, {LIFE: lives}, (paid,)),),
    )


def standing(username: str, no: int) -> Observed:
    """The same account as a backend shows it."""
    state = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
    return Observed(str(no + 1), username, state, Decimal(0))


def topup(no: int, owner: int) -> Event:
    return Event(
        id=f"t{no}",
        source="shop",
        type=Type.TOPUP,
        occurred_at=datetime.now(UTC),
        client=f"shop:c{owner}",
        product="credit10",
        line=f"shop:{no}",
    )


def renewal(no: int) -> Event:
    return Event(
        id=f"r{no}",
        source="shop",
        type=Type.RENEWED,
        occurred_at=datetime.now(UTC),
        service=f"shop:s{no}",
        line=f"shop:r{no}",
        starts=AT + timedelta(days=30),
    )


def number(claim: str) -> int:
    """Of the top-up, from its line or the key of its sum."""
    return int(claim.partition(":")[2].partition("/")[0])


def tell(place: Place, events: Iterator[Event]) -> None:
    """Kept as the door keeps them, many at a time."""
    database, run = Database(place.database), os.urandom(4).hex()
    while some := list(islice(events, TOGETHER)):
        now = datetime.now(UTC)
        new = [
            Arrival(e.source, e.id, "", "{}", (Named(e, f"op_{run}{e.id}"),), now)
            for e in some
        ]
        with database.change() as tx:
            arrivals.keep(tx, new, binding.homes)
    database.close()
