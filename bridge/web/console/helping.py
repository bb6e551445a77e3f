"""What who helps customers may do for an account: within limits, and with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from bridge import goodwill
from bridge.access.roles import May
from bridge.keys import random_name
from bridge.store import coupons, payload, unpaid
from bridge.web.asked import Asked
from bridge.web.console.accounts import framed, of, path_of
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page
from bridge.words import render
from provisioning.core.account import Account
from provisioning.core.coupons import Giving, give
from provisioning.core.pledging import pledged
from provisioning.core.sentences import Sentence, minute

Given = TypeVar("Given")
LONGEST = 60
"""Days a promise may be asked for; the terms say how many it may be."""


class Because(Form):
    because = reason()


class Sum(Because):
    sum = text(required=True, most=30)
    reference = text(required=True, most=60)


class Card(Because):
    kind = text(required=True)
    reference = text(required=True, most=60)


class Promised(Because):
    service = text(required=True)
    days = number(1, LONGEST, required=True)


class Withdrawn(Because):
    coupon = text(required=True)


@console.get("/accounts/<account>/help", may=May.HELP)
def ways(asked: Asked, account: str) -> Page:
    config, found = asked.parts.config, _found(asked, account)
    catalog = asked.parts.catalog
    shown = framed(
        found,
        ours=found.source in config.mailed,
        most=config.goodwill.get(found.currency),
        kinds=sorted(catalog.terms.coupons),
        alive=[service.ref for service in found.services if service.alive],
        reference=random_name(10),
    )
    return Page("account_help", f"Help for {found.id}", shown)


@console.post("/accounts/<account>/sync", may=May.HELP, takes=Because)
def sync(asked: Asked, account: str) -> Go:
    found = _found(asked, account)
    asked.order("account.sync", account=found.id, because=asked.told["because"])
    return Go(path_of(found.id), "It is looked at, and brought in line, now.")


@console.post("/accounts/<account>/login", may=May.HELP, takes=Because)
def login(asked: Asked, account: str) -> Go:
    found, config = _found(asked, account), asked.parts.config
    if found.source not in config.mailed:
        raise LookupError(
            f"Login mails of {found.source} are sent by its platform; send it from"
            " there."
        )
    told = asked.order(
        "login.send", account=found.id, because=asked.told["because"],
        channel=config.login_channel,
    )  # fmt: skip
    return Go(
        f"{path_of(found.id)}/messages",
        f"Login mail {told['issue']} is on its way; the links before it are void.",
    )


@console.post("/accounts/<account>/goodwill", may=May.HELP, fresh=True, takes=Sum)
def give_credit(asked: Asked, account: str) -> Go:
    found, told = _found(asked, account), asked.told
    allowed = asked.parts.config.goodwill
    said = asked.order(
        "money.give",
        **goodwill.asked(allowed, found.id, found.currency, told["sum"]),
        because=told["because"], reference=told["reference"],
    )  # fmt: skip
    return Go(f"{path_of(found.id)}/ledger", f"{said['sum']} are given.")


@console.post("/accounts/<account>/coupon", may=May.HELP, takes=Card)
def give_coupon(asked: Asked, account: str) -> Go:
    found, told = _found(asked, account), asked.told
    giving = Giving(told["reference"], asked.at, asked.who.name, told["because"], 1)
    these = _given(give(told["kind"], [found.id], giving, asked.parts.catalog.terms))
    given = asked.order("coupon.give", these=[payload.from_coupon(c) for c in these])
    word = "is given" if given["given"] else "was given before, by the same ticket"
    return Go(f"{path_of(found.id)}/coupons", f"A coupon {told['kind']} {word}.")


@console.post("/accounts/<account>/coupon/revoke", may=May.HELP, takes=Withdrawn)
def revoke(asked: Asked, account: str) -> Go:
    found, told = _found(asked, account), asked.told
    with asked.parts.database.read() as tx:
        card = coupons.one(tx, told["coupon"])
    if card is None or card.owner != found.id:
        raise LookupError(f"{found.id} has no coupon {told['coupon']}.")
    because, by = told["because"], asked.who.name
    asked.order("coupon.revoke", id=card.id, by=by, because=because)
    return Go(f"{path_of(found.id)}/coupons", f"Coupon {card.id} is taken back.")


@console.post("/accounts/<account>/promise", may=May.HELP, takes=Promised)
def promise(asked: Asked, account: str) -> Go:
    found, told = _found(asked, account), asked.told
    service, lasts = found.service(told["service"]), timedelta(days=told["days"])
    if service is None:
        raise LookupError(f"{found.id} has no service {told['service']}.")
    given = _given(pledged(
        found, service, asked.parts.catalog, asked.at, lasts, asked.who.name,
        told["because"], None,
    ))  # fmt: skip
    asked.order(
        "promise.give", promise=unpaid.from_promise(given), revision=found.revision
    )
    until = minute(given.until)
    said = f"{given.debt} of {service.ref} are promised until {until}."
    return Go(path_of(found.id), said)


def _found(asked: Asked, name: str) -> Account:
    with asked.parts.database.read() as tx:
        return of(tx, name)


def _given(answer: Given | Sentence) -> Given:
    """LookupError, where the rules say no."""
    match answer:
        case Sentence() as no:
            raise LookupError(render(no))
        case given:
            return given
