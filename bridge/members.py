"""What can be ordered about a customer's own profile, and about who else may come in.

By name, each one transaction, as in `bridge/customers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.access.customers import Standing
from bridge.commands import Order, Told
from bridge.store import customers, invitations, outbox, sessions
from bridge.store.customers import Customer, Purpose
from bridge.store.tables import customer_session

LINK = "customer_link"
"""How a mail with a link is called in the outbox."""


def _profile(
    tx: sa.Connection, _at: datetime, customer: str, language: str,
    person: str | None = None,
) -> Told:  # fmt: skip
    found = _here(tx, customer)
    customers.become(tx, customer, language=language, name=person or found.name)
    return {"customer": customer}


def _password(
    tx: sa.Connection,
    _at: datetime,
    customer: str,
    session: str,
    password: str,
    now: str,
) -> Told:
    """Who is logged in elsewhere by the old one is out."""
    _here(tx, customer)
    customers.choose(tx, customer, password, datetime.fromisoformat(now))
    sessions.end_others(tx, customer, session, customer_session)
    return {"customer": customer}


def _second_factor(
    tx: sa.Connection, _at: datetime, customer: str, session: str, totp: str,
    recovery: list[str], step: int,
) -> Told:  # fmt: skip
    """Only where there is none: another takes its place by its being removed."""
    if _here(tx, customer).totp is not None:
        raise LookupError("there is a second factor already; remove it first")
    customers.become(
        tx, customer, totp=bytes.fromhex(totp), recovery=recovery, step=step
    )
    sessions.end_others(tx, customer, session, customer_session)
    return {"customer": customer}


def _no_second_factor(
    tx: sa.Connection, _at: datetime, customer: str,
    step: int | None = None, recovery: str | None = None,
) -> Told:  # fmt: skip
    """By a code of it."""
    customers.use_up(tx, customer, step, recovery)
    customers.become(tx, customer, totp=None, recovery=[])
    return {"customer": customer}


def _log_out_all(tx: sa.Connection, _at: datetime, customer: str) -> Told:
    sessions.end_all(tx, customer, customer_session)
    return {"customer": customer}


def _invite(
    tx: sa.Connection, _at: datetime, invitation: str, source: str, client: str,
    email: str, role: str, language: str, channel: str, now: str,
) -> Told:  # fmt: skip
    """Mailed, whether or not that address is known here: nobody learns that by it."""
    if any(one.email == email for one in customers.people(tx, client)):
        raise LookupError("somebody of that address belongs to the account already")
    at = datetime.fromisoformat(now)
    invitations.add(
        tx, at, id=invitation, source=source, client=client, role=Standing(role),
        email=email, language=language,
    )  # fmt: skip
    said = {"type": LINK, "invitation": invitation, "purpose": Purpose.JOIN.value}
    outbox.enqueue(tx, f"{Purpose.JOIN}:{invitation}", channel, said, at)
    return {"invitation": invitation}


def _withdraw(tx: sa.Connection, _at: datetime, invitation: str) -> Told:
    if not invitations.end(tx, invitation):
        raise LookupError("there is no such invitation any more")
    return {"invitation": invitation}


def _join(
    tx: sa.Connection, _at: datetime, customer: str, hashed: str, person: str,
    password: str, now: str,
) -> Told:  # fmt: skip
    """By the link, which proves the address. Who only said he had it has it not."""
    at = datetime.fromisoformat(now)
    found = invitations.linked(tx, hashed, at)
    if found is None or not invitations.end(tx, found.id):
        raise LookupError("this link was used already, or is too old")
    before = customers.known(tx, found.source, found.email)
    if before is not None and before.proved_at:
        raise LookupError("that address has an account of its own here")
    if before is not None:
        customers.become(tx, before.id, ended_at=at)
    customers.add(
        tx, id=customer, source=found.source, client=found.client, role=found.role,
        email=found.email, name=person, language=found.language, password=password,
        made_at=at, proved_at=at,
    )  # fmt: skip
    return {"customer": customer}


def _role(tx: sa.Connection, _at: datetime, customer: str, role: str) -> Told:
    wanted = Standing(role)
    _not_the_last(tx, _here(tx, customer), stays=wanted is Standing.OWNER)
    customers.become(tx, customer, role=wanted)
    return {"customer": customer, "role": wanted.value}


def _remove(tx: sa.Connection, _at: datetime, customer: str, now: str) -> Told:
    """Nothing of his stays open: no session, and no link that was mailed to him."""
    _not_the_last(tx, _here(tx, customer), stays=False)
    customers.become(tx, customer, ended_at=datetime.fromisoformat(now))
    customers.unlink_all(tx, customer)
    sessions.end_all(tx, customer, customer_session)
    return {"customer": customer, "ended": now}


def _here(tx: sa.Connection, id_: str) -> Customer:
    found = customers.one(tx, id_)
    if found is None or found.ended_at:
        raise LookupError(f"there is no customer {id_} any more")
    return found


def _not_the_last(tx: sa.Connection, who: Customer, *, stays: bool) -> None:
    """Somebody must be able to let others in."""
    last = [who.id] == customers.owners(tx, who.client)
    if who.role is Standing.OWNER and not stays and last:
        raise LookupError(f"{who.name} is the last owner; make another one first")


ORDERS: Mapping[str, Order] = {
    "customer.profile": _profile,
    "customer.password": _password,
    "customer.second_factor": _second_factor,
    "customer.no_second_factor": _no_second_factor,
    "customer.log_out_all": _log_out_all,
    "customer.invite": _invite,
    "customer.withdraw": _withdraw,
    "customer.join": _join,
    "customer.role": _role,
    "customer.remove": _remove,
}
