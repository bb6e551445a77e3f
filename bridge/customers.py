"""What can be ordered about those who buy at a shop: by name, each one transaction.

Moments come with the order, as for those at the console: how long a link holds is real
time, also where a demo's business time was moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.customers import Standing
from bridge.store import customers, outbox, sessions
from bridge.store.customers import Customer, Purpose
from bridge.store.tables import customer_session

Told = dict[str, Any]
LINK = "customer_link"
"""How the mail with a link is called in the outbox."""


def _sign_up(
    tx: sa.Connection, _at: datetime, customer: str, source: str, client: str,
    email: str, name: str, language: str, password: str, channel: str, now: str,
    next: str = "/",  # noqa: A002 - where he goes on
) -> Told:  # fmt: skip
    """A new one is mailed a link that proves the address.

    Who has that address already is mailed a way in instead, and nothing tells the two
    apart: nobody learns here who buys.
    """
    at = datetime.fromisoformat(now)
    made = customers.add(
        tx, id=customer, source=source, client=client, role=Standing.OWNER,
        email=email, name=name, language=language, password=password, made_at=at,
    )  # fmt: skip
    if made:
        _mail(tx, customer, Purpose.PROVE, channel, at, next)
        return {"customer": customer}
    before = customers.known(tx, source, email)
    if before is None:
        raise LookupError("somebody else was quicker; say it again")
    purpose = Purpose.RESET if before.proved_at else Purpose.PROVE
    _mail(tx, before.id, purpose, channel, at, next)
    return {"customer": before.id}


def _prove(tx: sa.Connection, _at: datetime, hashed: str, now: str) -> Told:
    """By the link he was mailed."""
    at = datetime.fromisoformat(now)
    found = _by(tx, hashed, Purpose.PROVE, at)
    customers.unlink(tx, hashed)
    if found.proved_at is None:
        customers.become(tx, found.id, proved_at=at)
    return {"customer": found.id}


def _link(
    tx: sa.Connection, _at: datetime, customer: str, purpose: str, channel: str,
    now: str, next: str = "/",  # noqa: A002 - where he goes on
) -> Told:  # fmt: skip
    """Mailed again, or because he forgot his password; the one before holds no more."""
    found = customers.one(tx, customer)
    if found is None or found.ended_at:
        raise LookupError("nobody has that address here")
    wanted = Purpose(purpose)
    _mail(tx, found.id, wanted, channel, datetime.fromisoformat(now), next)
    return {"customer": found.id}


def _reset(
    tx: sa.Connection, _at: datetime, hashed: str, password: str, now: str
) -> Told:
    """A new password, by the link: it proves the address, and ends what was open."""
    at = datetime.fromisoformat(now)
    found = _by(tx, hashed, Purpose.RESET, at)
    customers.unlink(tx, hashed)
    proved = found.proved_at or at
    customers.become(tx, found.id, password=password, proved_at=proved)
    sessions.end_all(tx, found.id, customer_session)
    return {"customer": found.id}


def _log_in(
    tx: sa.Connection, _at: datetime, customer: str, session: str, address: str,
    agent: str, now: str, step: int | None = None, password: str | None = None,
) -> Told:  # fmt: skip
    """*step*: of the phone's code, where he has one; *password*: as it is kept from now
    on, where the old way was a weaker one."""
    if step is not None and not customers.use_step(tx, customer, step):
        raise LookupError("this code was used already; wait for the next")
    if password:
        customers.become(tx, customer, password=password)
    at = datetime.fromisoformat(now)
    sessions.begin(tx, session, customer, address, agent, at, of=customer_session)
    return {"customer": customer}


def _seen(tx: sa.Connection, _at: datetime, session: str, now: str) -> Told:
    sessions.seen(tx, session, datetime.fromisoformat(now), customer_session)
    return {}


def _log_out(tx: sa.Connection, _at: datetime, customer: str, session: str) -> Told:
    sessions.end(tx, session, customer_session)
    return {"customer": customer}


def _by(tx: sa.Connection, hashed: str, purpose: Purpose, at: datetime) -> Customer:
    found = customers.linked(tx, hashed, purpose, at)
    if found is None:
        raise LookupError(
            "this link was used already, or is too old; ask for a new one"
        )
    return found


def _mail(
    tx: sa.Connection,
    id_: str,
    purpose: Purpose,
    channel: str,
    at: datetime,
    next_: str,
) -> None:
    said = {"type": LINK, "customer": id_, "purpose": purpose.value, "next": next_}
    key = f"{purpose}:{id_}:{at.timestamp():.0f}"
    outbox.enqueue(tx, key, channel, said, at)


ORDERS: Mapping[str, Callable[..., Told]] = {
    "customer.sign_up": _sign_up,
    "customer.prove": _prove,
    "customer.link": _link,
    "customer.reset": _reset,
    "customer.log_in": _log_in,
    "customer.seen": _seen,
    "customer.log_out": _log_out,
}
QUIET = frozenset({"customer.seen"})
