"""A customer's coupons: which he has, what one would do, switching it on, a gift.

What a coupon may and does is the rules' matter; a refusal is said in their words, and
spends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from marshmallow import fields

from bridge import cards, vouchers
from bridge.access.customers import Right
from bridge.store import audit, coupons, payload, whereabouts
from bridge.store.paces import Pace
from bridge.web.access import steps
from bridge.web.access.steps import Stopped
from bridge.web.forms import Form, number, text
from bridge.web.shop import spliced
from bridge.web.shop.his import plainly
from bridge.web.shop.mine import mine, not_yours
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core import acting
from provisioning.core.account import Account
from provisioning.core.activation import Activated, Stock, fit, stock
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon, passed_on, spoils_at
from provisioning.core.digest import digest
from provisioning.core.sentences import Sentence
from provisioning.core.splice import Activation

CARDS = 200
VARIANTS = 20
GIFTS = Pace(timedelta(minutes=1), 10)
"""Names of accounts that are tried by one customer, counted by all processes."""


class Look(Form):
    coupon = text(required=True, most=300)
    service = text(load_default=None, most=300)
    variant = number(1, VARIANTS, load_default=None)


class Use(Look):
    service = text(required=True, most=300)
    variant = number(1, VARIANTS, required=True)
    seen = text(required=True, most=100)


class Gift(Form):
    coupon = text(required=True, most=300)
    to = text(required=True, most=100)
    sure = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A coupon, whose it is, and what is sold."""

    card: Coupon
    account: Account
    catalog: Catalog


@shop.get("/coupons", may=Right.SEE)
def owned(visit: Visit) -> Page:
    """B1, B14, S4: each kind with how many, where, in which ways, and until when."""
    at = visit.at
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, None)
        sold = [service for each in has.every for service in each.services]
        now = visit.parts.editions.now(tx, sold)
        # The oldest first: of a kind that spoils it goes first.
        each = {a.id: coupons.of(tx, a.id, CARDS)[::-1] for a in has.every}
    told = {
        "has": has,
        "stocks": [
            (account, one, _spoils(one, now))
            for account in has.every
            for one in _stock(account, each[account.id], now, visit)
        ],
        "gone": [
            (card, _gone(visit, card))
            for account in has.every
            for card in reversed(each[account.id])
            if card.fate is not None
        ],
        "over": [
            (account, now.terms.umbrellas[one.umbrella], one.ends)
            for account in has.every
            for one in account.umbrellas
            if one.holds(at) and one.umbrella in now.terms.umbrellas
        ],
        "said": lambda sentence: plainly(visit, sentence),
    }
    return Page("coupons", visit.say("My coupons"), told)


@shop.get("/coupons/use", may=Right.SEE, query=Look)
def tried(visit: Visit) -> Page:
    """B12: service, variant, and then what it does, drawn before and after (B6)."""
    told = visit.told
    with visit.parts.database.read() as tx:
        held = _held(visit, tx, told["coupon"])
    kind = held.catalog.terms.coupons.get(held.card.kind)
    if kind is None or held.card.fate:
        raise LookupError(
            visit.say("This coupon was used, or cannot be used any more.")
        )
    fits = [
        fit(
            kind,
            acting.stands(held.account, sold, held.catalog, visit.at),
            vouchers.ground(held.account, sold, held.catalog),
        )
        for sold in held.account.services
    ]
    may = [each for each in fits if not each.why_not]
    service = told["service"] or (may[0].service if len(may) == 1 else None)
    variant = told["variant"] or (1 if len(kind.variants) == 1 else None)
    done = _done(visit, held, service, variant) if service and variant else None
    shown: dict[str, Any] = {
        "card": held.card,
        "kind": kind,
        "fits": fits,
        "packages": {s.ref: s.package for s in held.account.services},
        "service": service,
        "variant": variant,
        "why_not": done if isinstance(done, str) else None,
        "preview": None,
        "seen": "",
        "said": lambda sentence: plainly(visit, sentence),
    }
    if isinstance(done, Activated):
        shown["preview"] = spliced.preview(
            visit, held.account, done.activation, held.catalog, done.note
        )
        shown["seen"] = _seen(held, done.activation)
    return Page("coupon", visit.say("Use a coupon"), shown)


@shop.post("/coupons/use", may=Right.BUY, takes=Use)
def use(visit: Visit) -> Go:
    """What was shown, and nothing else: changed since, it is said and not spent."""
    told = visit.told
    on = visit.say("It is on.")
    with visit.parts.database.read() as tx:
        held = _held(visit, tx, told["coupon"])
    match held.card.fate:
        case Activation(service=service) if service == told["service"]:
            return Go("/coupons", on)
    done = _done(visit, held, told["service"], told["variant"])
    if not isinstance(done, Activated):
        raise LookupError(done)  # noqa: TRY004 - what it says
    if _seen(held, done.activation) != told["seen"]:
        raise LookupError(_changed(visit))
    try:
        visit.order(
            "coupon.activate", was=payload.from_coupon(held.card),
            activation=payload.from_activation(done.activation),
            revision=held.account.revision,
        )  # fmt: skip
    except LookupError:
        # Somebody was first, between our look and our order: nothing is spent.
        raise LookupError(_changed(visit)) from None
    return Go("/coupons", on)


@shop.post("/coupons/give", may=Right.BUY, takes=Gift)
def give(visit: Visit) -> Go:
    """S8: to an account of the same brand, by the name its owner tells his friends.

    By no address: that would tell who buys here. The name is drawn and not guessed, and
    tries are counted.
    """
    told = visit.told
    if not told["sure"]:
        raise LookupError(
            visit.say("Tick that you give it away: it does not come back.")
        )
    _paced(visit)
    given = visit.say("It is your friend's now.")
    with visit.parts.database.read() as tx:
        if _was_given(visit, tx, told["coupon"], told["to"]):
            return Go("/coupons", given)
        held = _held(visit, tx, told["coupon"])
        friend = whereabouts.own(tx, [told["to"]]).read().get(told["to"])
    if friend is None or friend.source != visit.front.source:
        raise LookupError(visit.say("No account here has that name. Ask your friend."))
    gone = passed_on(
        held.card, held.account.id, friend.account, held.catalog.terms, visit.at
    )
    if not isinstance(gone, Coupon):
        why = plainly(visit, gone)
        raise LookupError(why)  # noqa: TRY004 - what it says
    try:
        visit.order(
            "coupon.pass", was=payload.from_coupon(held.card), to=friend.account
        )
    except LookupError:
        raise LookupError(_changed(visit)) from None
    return Go("/coupons", given)


def _held(visit: Visit, tx: sa.Connection, id_: str) -> Held:
    """One of his own; what is another's is not there."""
    card = coupons.one(tx, id_)
    account = next((a for a in visit.accounts(tx) if card and a.id == card.owner), None)
    if card is None or account is None:
        raise LookupError(not_yours(visit))
    return Held(card, account, visit.parts.editions.now(tx, account.services))


def _was_given(visit: Visit, tx: sa.Connection, id_: str, to: str) -> bool:
    """By himself, and to that account last: the button was pressed twice."""
    mine_ = audit.notes(tx, most=1, about=to, who=visit.buyer.name)
    return any(note.told.get("passed") == id_ for note in mine_)


def _done(visit: Visit, held: Held, service: str, variant: int) -> Activated | str:
    """What it would do there; or why it may not, as the rules say it."""
    if held.account.service(service) is None:
        raise LookupError(not_yours(visit))
    if held.account.observed_at:
        return visit.say("This account is not set by us yet. Write to us.")
    made = cards.activated(
        held.card, held.account, service, held.catalog, visit.at, variant
    )
    if isinstance(made, Sentence):
        return str(plainly(visit, made))
    return made


def _seen(held: Held, now: Activation) -> str:
    """Of all that was shown but the moment: it goes on while somebody reads."""
    shown = replace(now, at=held.card.given_at)
    return digest((shown, held.account.revision, held.catalog.version))


def _changed(visit: Visit) -> str:
    return visit.say(
        "Something changed since this was shown. Nothing is spent; look again."
    )


def _paced(visit: Visit) -> None:
    about = f"gifts of {visit.buyer.scope.client}"
    wait = steps.guessed(visit.order, about, GIFTS, visit.now)
    if wait:
        raise Stopped(429, "too_fast", "Too many names were tried.", wait=wait)


def _stock(
    account: Account, these: list[Coupon], now: Catalog, visit: Visit
) -> tuple[Stock, ...]:
    stands = tuple(
        acting.stands(account, sold, now, visit.at)
        for sold in account.services
        if sold.alive
    )
    if not account.services:
        return ()
    return stock(these, stands, vouchers.ground(account, account.services[0], now),
                 visit.at)  # fmt: skip


def _spoils(one: Stock, now: Catalog) -> Any:
    return spoils_at(one.coupons[0], now.terms)


def _gone(visit: Visit, card: Coupon) -> str:
    match card.fate:
        case Activation(package=package, at=at, ends=ends):
            zone, said = visit.zone, visit.speech
            return visit.say(
                "Used: as {package} from {at} to {ends}",
                package=package, at=said.moment(at, zone), ends=said.moment(ends, zone),
            )  # fmt: skip
    return visit.say("Taken back or paid back")
