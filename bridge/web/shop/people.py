"""Who else may log in for a client: invited by mail, with a role, until removed."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Response
from marshmallow import fields, validate

from bridge.access import passwords
from bridge.access.customers import Right, Standing
from bridge.keys import hashed, random_name
from bridge.store import customers, invitations
from bridge.store.customers import Customer
from bridge.store.invitations import Invitation
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY, STRICT
from bridge.web.shop import called, proving
from bridge.web.shop.entry import CUSTOMER, email
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page

INVITATION = "in_"
MOST = 50
"""People and invitations of one client: each invitation is a mail to somebody."""


def role() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(list(Standing)))


class Invited(Form):
    email = email()
    role = role()


class Role(Form):
    role = role()


class Next(Form):
    next = fields.String(load_default="/services")


class Joins(Form):
    name = text(required=True, most=100)
    password = fields.String(required=True)


@shop.get("/people", may=Right.MANAGE)
def people(visit: Visit) -> Page:
    with visit.parts.database.read() as tx:
        found, invited = _all(visit, tx)
    told = {
        "people": found,
        "invited": invited,
        "roles": called.roles(visit.speech),
        "me": visit.buyer.name,
    }
    return Page("people", visit.say("People"), told)


@shop.post("/people", may=Right.MANAGE, takes=Invited)
def invite(visit: Visit) -> Go:
    """By mail, and never told whether that address is known here."""
    address = visit.told["email"].lower()
    proving.mailed(visit, address)
    with visit.parts.database.read() as tx:
        found, invited = _all(visit, tx)
    if any(one.email == address for one in found):
        raise LookupError(visit.say("{email} is here already.", email=address))
    if len(found) + len(invited) >= MOST:
        raise LookupError(visit.say("These are as many as there can be."))
    visit.order(
        "customer.invite", invitation=INVITATION + random_name(16), email=address,
        source=visit.front.source, client=visit.buyer.scope.client,
        role=visit.told["role"], language=visit.speech.language,
        channel=visit.channel, now=visit.now.isoformat(),
    )  # fmt: skip
    said = visit.say("An invitation to {email} is on its way.", email=address)
    return Go("/people", said)


@shop.post("/invitations/<invitation>/withdraw", may=Right.MANAGE)
def withdraw(visit: Visit, invitation: str) -> Go:
    visit.order("customer.withdraw", invitation=invitation)
    return Go("/people", visit.say("The invitation holds no more."))


@shop.post("/people/<person>/role", may=Right.MANAGE, takes=Role)
def change_role(visit: Visit, person: str) -> Go:
    wanted = Standing(visit.told["role"])
    _not_the_last(visit, person, stays=wanted is Standing.OWNER)
    visit.order("customer.role", customer=person, role=wanted.value)
    return Go("/people", visit.say("Kept."))


@shop.post("/people/<person>/remove", may=Right.MANAGE)
def remove(visit: Visit, person: str) -> Go:
    _not_the_last(visit, person, stays=False)
    visit.order("customer.remove", customer=person, now=visit.now.isoformat())
    return Go("/people", visit.say("Removed, and logged out everywhere."))


# --- the link somebody was mailed


@shop.get("/join/<token>", may=ANYBODY, query=Next)
def show_join(visit: Visit, token: str) -> Page:
    return _join(visit, token, _linked(visit, token))


@shop.post("/join/<token>", may=ANYBODY, limit=STRICT, takes=Joins)
def join(visit: Visit, token: str) -> Page | Response:
    """The link proves the address; he is in."""
    told, found = visit.told, _linked(visit, token)
    if proving.is_weak(told["password"], found.email):
        return _join(visit, token, found, proving.weak(visit))
    if _is_known(visit, found):
        return _join(visit, token, found)
    new = CUSTOMER + random_name(16)
    visit.order(
        "customer.join", customer=new, hashed=hashed(token), person=told["name"],
        password=passwords.hashed(told["password"]), now=visit.now.isoformat(),
    )  # fmt: skip
    with visit.parts.database.read() as tx:
        who = customers.one(tx, new)
    if who is None:
        raise LookupError(visit.say("You are not known here any more."))
    return proving.let_in(visit, who, "/services")


def _join(
    visit: Visit, token: str, found: Invitation, wrong: str | None = None
) -> Page:
    told = {
        "token": token,
        "wrong": wrong,
        "email": found.email,
        "role": called.roles(visit.speech)[found.role],
        "known": _is_known(visit, found),
        "shortest": passwords.SHORTEST,
        "name": visit.told.get("name", ""),
    }
    return Page("join", visit.say("You are invited"), told, 400 if wrong else 200)


def _linked(visit: Visit, token: str) -> Invitation:
    with visit.parts.database.read() as tx:
        found = invitations.linked(tx, hashed(token), visit.now)
    if found is None or found.source != visit.front.source:
        raise LookupError(
            visit.say("This link was used already, or is too old. Ask for a new one.")
        )
    return found


def _is_known(visit: Visit, found: Invitation) -> bool:
    """Told to nobody but to who has that address: it has an account of its own."""
    with visit.parts.database.read() as tx:
        known = customers.known(tx, found.source, found.email)
    return known is not None and known.proved_at is not None


def _all(visit: Visit, tx: sa.Connection) -> tuple[list[Customer], list[Invitation]]:
    client = visit.buyer.scope.client
    return (
        customers.people(tx, client),
        invitations.of_client(tx, client, visit.now),
    )


def _not_the_last(visit: Visit, person: str, *, stays: bool) -> None:
    with visit.parts.database.read() as tx:
        found = customers.people(tx, visit.buyer.scope.client)
    owners = [one.id for one in found if one.role is Standing.OWNER]
    if owners == [person] and not stays:
        raise LookupError(
            visit.say("Somebody must be the owner. Make another one first.")
        )
