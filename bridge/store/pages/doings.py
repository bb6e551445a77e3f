"""What was done about one client of a shop, and what was mailed to him: the newest
first, some at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from bridge.store import outbox
from bridge.store.audit import Note
from bridge.store.customers import Purpose
from bridge.store.outbox import Delivery
from bridge.store.pages import messages
from bridge.store.tables import (
    account,
    audit,
    customer,
    delivery,
    invitation,
    service,
    shop_order,
)

ANSWER = "asked"
"""The type of a mail that answers what was asked for by an order."""


@dataclass(frozen=True, slots=True)
class Things:
    """All that is a client's, by name."""

    accounts: frozenset[str]
    services: frozenset[str]
    orders: frozenset[str]
    people: frozenset[str]
    """Those who left, too."""

    invited: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        return self.accounts | self.services | self.orders | self.people | self.invited


def things(tx: sa.Connection, client: str) -> Things:
    def those(column: sa.Column[str], of: sa.Column[str]) -> frozenset[str]:
        return frozenset(tx.execute(sa.select(column).where(of == client)).scalars())

    accounts = those(account.c.id, account.c.client)
    sold = sa.select(service.c.ref).where(service.c.account.in_(accounts))
    return Things(
        accounts,
        frozenset(tx.execute(sold).scalars()),
        those(shop_order.c.id, shop_order.c.client),
        those(customer.c.id, customer.c.client),
        those(invitation.c.id, invitation.c.client),
    )


def done(
    tx: sa.Connection, of: Things, what: Collection[str], before: int | None, most: int
) -> list[Note]:
    """About what is his, or by one of his people, of those kinds alone."""
    his = sa.or_(audit.c.about.in_(of.every), audit.c.who.in_(of.people))
    query = sa.select(audit).where(audit.c.what.in_(what), his)
    if before is not None:
        query = query.where(audit.c.id < before)
    rows = tx.execute(query.order_by(audit.c.id.desc()).limit(most))
    return [Note(**row._mapping) for row in rows]  # noqa: SLF001 - its public name


def mailed(
    tx: sa.Connection, of: Things, before: int | None, most: int
) -> list[Delivery]:
    """By the keys their mails have: each is made of whom it is for."""
    links = [
        *(f"{purpose}:{each}:" for each in of.people for purpose in Purpose),
        *(f"{Purpose.JOIN}:{each}" for each in of.invited),
    ]
    answers = sa.and_(
        delivery.c.content["type"].as_string() == ANSWER,
        delivery.c.content["order"].as_string().in_(of.orders),
    )
    his = sa.or_(messages.mails_to(tx, of.accounts), messages.begins(links), answers)
    query = sa.select(delivery).where(his)
    if before is not None:
        query = query.where(delivery.c.id < before)
    rows = tx.execute(query.order_by(delivery.c.id.desc()).limit(most)).mappings()
    return [outbox.seen(row) for row in rows]
