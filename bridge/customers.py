"""What can be ordered about those who buy at a shop: by name, each one transaction.

Moments come with the order, as for those at the console: how long a link holds is real
time, also where a demo's business time was moved on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.access.customers import Standing
from bridge.commands import Order, Told
from bridge.members import LINK
from bridge.store import customers, outbox, sessions
from bridge.store.customers import Purpose
from bridge.store.tables import customer_session


def _sign_up(
    tx: sa.Connection, _at: datetime, customer: str, source: str, client: str,
    email: str, person: str, language: str, channel: str, now: str,
    next: str = "/",  # noqa: A002 - where he goes on
) -> Told:  # fmt: skip
    """He is mailed a link by which he chooses a password, and is a customer then.

    Who has that address already is mailed a way in instead, and nothing tells the two
    apart: nobody learns here who buys. Nor can anybody choose a password for an address
    that is not his.
    """
    at = datetime.fromisoformat(now)
    customers.add(
        tx, id=customer, source=source, client=client, role=Standing.OWNER,
        email=email, name=person, language=language, made_at=at,
    )  # fmt: skip
    found = customers.known(tx, source, email)
    if found is None:
        raise LookupError("somebody else was quicker; say it again")
    purpose = Purpose.RESET if found.proved_at else Purpose.PROVE
    _mail(tx, found.id, purpose, channel, at, next)
    return {"customer": found.id}


def _link(
    tx: sa.Connection, _at: datetime, source: str, email: str, channel: str, now: str
) -> Told:
    """A way in, mailed to who has that address; nobody is told whether anybody has."""
    found = customers.known(tx, source, email)
    if found is None:
        return {}
    purpose = Purpose.RESET if found.proved_at else Purpose.PROVE
    _mail(tx, found.id, purpose, channel, datetime.fromisoformat(now))
    return {"customer": found.id}


def _choose(
    tx: sa.Connection, _at: datetime, hashed: str, password: str, now: str
) -> Told:
    """A password, by a link: the address is his, and what was open is not any more."""
    at = datetime.fromisoformat(now)
    found = customers.linked(tx, hashed, at)
    if found is None:
        raise LookupError(
            "this link was used already, or is too old; ask for a new one"
        )
    proved = found.proved_at or at
    customers.become(tx, found.id, proved_at=proved)
    customers.choose(tx, found.id, password, at)
    sessions.end_all(tx, found.id, customer_session)
    return {"customer": found.id}


def _log_in(
    tx: sa.Connection, _at: datetime, customer: str, session: str, visitor: list[str],
    now: str, step: int | None = None, recovery: str | None = None,
    password: str | None = None,
) -> Told:  # fmt: skip
    """*step* or *recovery*: of the code, where he has a second factor; *password*: as
    it is kept from now on, where the old way was a weaker one; *visitor*: his address
    and his browser, which go with the session and are in no audit."""
    who = customers.one(tx, customer)
    if who is None or who.ended_at:
        raise LookupError("he is not known here any more")
    if who.totp is not None:
        customers.use_up(tx, customer, step, recovery)
    if password:
        customers.become(tx, customer, password=password)
    at = datetime.fromisoformat(now)
    address, agent = visitor
    sessions.begin(tx, session, customer, address, agent, at, of=customer_session)
    return {"customer": customer}


def _seen(tx: sa.Connection, _at: datetime, session: str, now: str) -> Told:
    sessions.seen(tx, session, datetime.fromisoformat(now), customer_session)
    return {}


def _log_out(tx: sa.Connection, _at: datetime, customer: str, session: str) -> Told:
    sessions.end(tx, session, customer_session)
    return {"customer": customer}


def _mail(
    tx: sa.Connection,
    id_: str,
    purpose: Purpose,
    channel: str,
    at: datetime,
    next_: str = "/",
) -> None:
    said = {"type": LINK, "customer": id_, "purpose": purpose.value, "next": next_}
    key = f"{purpose}:{id_}:{at.timestamp():.0f}"
    outbox.enqueue(tx, key, channel, said, at)


ORDERS: Mapping[str, Order] = {
    "customer.sign_up": _sign_up,
    "customer.link": _link,
    "customer.choose": _choose,
    "customer.log_in": _log_in,
    "customer.seen": _seen,
    "customer.log_out": _log_out,
}
QUIET = frozenset({"customer.seen"})
