"""The next period of a service: paid, promised, or not wanted any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import request
from marshmallow import fields, validate

from bridge import changing, quotes
from bridge.access.customers import Right
from bridge.keys import hashed, random_name
from bridge.store import unpaid
from bridge.web.forms import Form, number, reason
from bridge.web.shop.his import His, his, plainly
from bridge.web.shop.moves import moved
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core.choices import Choice
from provisioning.core.events import Type
from provisioning.core.period import CYCLES
from provisioning.core.pledging import pledged
from provisioning.core.quote import Quote
from provisioning.core.quoted import offered
from provisioning.core.sentences import Sentence
from provisioning.core.upcoming import following

LONGEST = 366
"""Days, where the terms are silent: the rules have their own bound."""


class Wish(Form):
    class Meta:
        unknown = "exclude"

    cycle = fields.String(load_default=None, validate=validate.OneOf(list(CYCLES)))


class Lasts(Form):
    days = number(1, LONGEST, required=True)


class Leaving(Form):
    because = reason()


@shop.get("/services/<service>/renew", may=Right.BUY, query=Wish)
def renew(visit: Visit, service: str) -> Page:
    """D18: the next period, paid by hand; C3, C9: for as long as it is to be."""
    mine = still(visit, his(visit, service))
    wish = visit.told["cycle"]
    own = _offer(mine, visit)
    offer = _offer(mine, visit, wish) if wish else own
    told = {
        "mine": mine,
        "choice": offer.choice,
        "cycles_": {
            cycle: mine.prices.unit_price(replace(own.choice, cycle=cycle))
            for cycle in _cycles(mine, own.choice)
        },
        "offer": None,
        "token": None,
        "refused": None,
    }
    try:
        moved(visit, mine, offer)
    except LookupError as no:
        return Page("renew", visit.say("Pay the next period"), told | {"refused": no})
    with visit.parts.database.read() as tx:
        terms = visit.parts.editions.now(tx).version
    has = changing.asking(
        mine.account, mine.service, mine.catalog, offer.choice, visit.at
    ).has
    token = quotes.signed(visit.parts.keys, offered(offer, terms, has))
    shown = {"offer": offer, "token": token}
    return Page("renew", visit.say("Pay the next period"), told | shown)


@shop.post("/services/<service>/promise", may=Right.BUY, takes=Lasts)
def promise(visit: Visit, service: str) -> Go:
    """S6: until then it is not switched off; once, until it is paid."""
    mine = still(visit, his(visit, service))
    given = pledged(
        mine.account, mine.service, mine.catalog, visit.at,
        timedelta(days=visit.told["days"]), "customer", visit.buyer.name,
        mine.account.group,
    )  # fmt: skip
    if isinstance(given, Sentence):
        raise LookupError(plainly(visit, given))  # noqa: TRY004 - what it says
    visit.order(
        "promise.give", promise=unpaid.from_promise(given),
        revision=mine.account.revision,
    )  # fmt: skip
    return Go(mine.path, visit.say("We believe you: it stays on until then."))


@shop.get("/services/<service>/unsubscribe", may=Right.MANAGE)
def leaving(visit: Visit, service: str) -> Page:
    mine = still(visit, his(visit, service))
    return Page("unsubscribe", visit.say("Unsubscribe"), {"mine": mine})


@shop.post("/services/<service>/unsubscribe", may=Right.MANAGE, takes=Leaving)
def leave(visit: Visit, service: str) -> Go:
    """P8: what is paid for may be used up; nothing is due after it."""
    mine = still(visit, his(visit, service))
    if mine.ends:
        raise LookupError(visit.say("That is said already."))
    if mine.until is None:
        raise LookupError(
            visit.say("It has no end that is known here: write to us, and we end it.")
        )
    _say(visit, service, Type.TERMINATE, visit.told["because"], at_period_end=True)
    return Go(mine.path, visit.say("It ends with what is paid for."))


@shop.post("/services/<service>/keep", may=Right.MANAGE)
def keep(visit: Visit, service: str) -> Go:
    """The unsubscribing is taken back."""
    mine = still(visit, his(visit, service))
    if mine.ends is None:
        raise LookupError(visit.say("Nothing ends there."))
    _say(visit, service, Type.REINSTATE, None)
    return Go(mine.path, visit.say("It goes on."))


def _say(
    visit: Visit, service: str, type_: Type, why: str | None, **said: bool
) -> None:
    """Once for each form that was shown, however often its button is pressed."""
    once = request.form.get("once") or random_name(24)
    visit.order(
        "shop.say", event=f"say_{hashed(f'{service} {type_} {once}')[:24]}",
        source=visit.front.source, client=visit.buyer.scope.client, service=service,
        type=type_.value, said=said, because=why,
    )  # fmt: skip


def still(visit: Visit, mine: His) -> His:
    if visit.front.is_platform:
        raise LookupError(visit.say("That is changed where you find your invoices."))
    if not mine.service.alive or mine.panel is None:
        raise LookupError(visit.say("That service does not change any more."))
    return mine


def _offer(mine: His, visit: Visit, cycle: str | None = None) -> Quote:
    return following(mine.account, mine.service, mine.catalog, visit.at, cycle)


def _cycles(mine: His, choice: Choice) -> tuple[str, ...]:
    known = choice.package in mine.prices.packages
    return mine.prices.cycles(choice.package) if known else (choice.cycle,)
