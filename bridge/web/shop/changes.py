"""Another plan, more seats, add-ons: what it costs, what is lost, and when (P9, C10).

What goes up is ordered by a promised price and done once it is paid. What goes down
takes no money: a survey, the losses, a tick, and it comes with the next period.
"""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields, validate

from bridge import changing, quotes
from bridge.access.customers import Right
from bridge.keys import hashed
from bridge.web.forms import Form, number, text
from bridge.web.shop import anew
from bridge.web.shop.catalogue import EXTRA, MOST, many
from bridge.web.shop.his import His, his, plainly, words
from bridge.web.shop.moves import turns_over, why_not
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core import telling
from provisioning.core.asking import Question
from provisioning.core.catalog import Package
from provisioning.core.changes import Decision, Verdict, Wait, decide
from provisioning.core.choices import Choice
from provisioning.core.events import Type
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList
from provisioning.core.quoted import Offered, offered
from provisioning.core.quoted import why_not as not_good
from provisioning.core.sentences import Sentence
from provisioning.core.subscribed import cycle_for

REASONS = ("price", "use", "quality", "features", "other")
"""What the survey asks, as its answers are kept."""


class Wish(Form):
    class Meta:
        unknown = "exclude"

    plan = fields.String(load_default=None)
    cycle = fields.String(load_default=None, validate=validate.OneOf(list(CYCLES)))
    quantity = number(1, MOST, load_default=None)


class Shown(Form):
    quote = fields.String(required=True, validate=validate.Length(1, quotes.LONGEST))


class Down(Shown):
    survey = fields.String(load_default=None, validate=validate.OneOf(REASONS))
    words = text(load_default="", most=500)
    confirmed = fields.Boolean(load_default=False)


@shop.get("/services/<service>/change", may=Right.BUY, query=Wish)
def change(visit: Visit, service: str) -> Page:
    """P9 to P15, C1 to C3: the form, and what follows as of now."""
    mine = his(visit, service)
    options, has = plans(visit, mine), _has(mine, visit)
    to = _chosen(visit, mine, options, has)
    question = changing.asking(mine.account, mine.service, mine.catalog, to, visit.at)
    decision = changing.decided(question)
    nothing = to == has
    told: dict[str, Any] = {
        "mine": mine,
        "has": has,
        "to": to,
        "plans": options,
        "prices": _prices(question.prices, options, to),
        "cycles_": _cycles(question),
        "least": question.prices.minimum(to.package),
        "addons": _addons(visit, mine, question.prices, to),
        "nothing": nothing,
        "fixed": question.is_paid,
    }
    shown = {} if nothing and not has_next(question) else _followed(visit, question)
    because = words(visit, decision.because)
    return Page("change", visit.say("Change plan"), told | {"because": because} | shown)


@shop.get("/services/<service>/downgrade", may=Right.BUY, query=Shown)
def look(visit: Visit, service: str) -> Page:
    """C10: the survey, the losses with their dates, the tick."""
    mine = his(visit, service)
    found, question, decision = _down(visit, mine, visit.told["quote"])
    coming = decision.next
    data = coming and telling.foreseen(
        mine.account, mine.service, coming.choice, mine.catalog, coming.at
    )
    told = {
        "mine": mine,
        "token": visit.told["quote"],
        "offer": found.quote,
        "coming": coming,
        "losses": decision.losses,
        "data": [words(visit, each) for each in data or ()],
        "because": words(visit, decision.because),
        "reasons": reasons(visit),
        "surveys": question.lowers_plan(),
        "asks": Wait.APPROVAL in decision.waits,
    }
    return Page("downgrade", visit.say("Go down"), told)


@shop.post("/services/<service>/downgrade", may=Right.BUY, takes=Down)
def lower(visit: Visit, service: str) -> Go:
    """C10, C11, D12: scheduled, where the survey is answered and the tick is set."""
    told = visit.told
    mine = his(visit, service)
    _, question, _ = _down(visit, mine, told["quote"])
    asked = changing.asking(
        mine.account, mine.service, mine.catalog, question.to, visit.at,
        surveyed=bool(told["survey"]), confirmed=told["confirmed"],
    )  # fmt: skip
    decision = decide(asked)
    if decision.verdict is not Verdict.AT_PERIOD_END:
        raise LookupError(words(visit, decision.because))
    to = asked.to
    visit.order(
        "shop.say", event=f"down_{hashed(told['quote'])[:24]}",
        source=visit.front.source, client=visit.buyer.scope.client,
        service=service, type=Type.CHANGE.value, because=_why(told),
        said={"product": to.package, "quantity": to.quantity,
              "extras": [list(extra) for extra in to.extras], "at_period_end": True},
    )  # fmt: skip
    return Go(mine.path, words(visit, decision.because))


@shop.post("/services/<service>/stay", may=Right.BUY)
def stay(visit: Visit, service: str) -> Go:
    """C11: what was scheduled is off."""
    mine = his(visit, service)
    _ours(visit)
    coming = mine.service.next
    if coming is None or coming.turned:
        raise LookupError(visit.say("Nothing is scheduled there."))
    has = mine.service
    visit.order(
        "shop.say", event=f"stay_{hashed(f'{service} {coming.event}')[:24]}",
        source=visit.front.source, client=visit.buyer.scope.client,
        service=service, type=Type.CHANGE.value,
        said={"product": has.package, "quantity": has.quantity,
              "extras": [list(extra) for extra in has.extras]},
    )  # fmt: skip
    return Go(mine.path, visit.say("It stays as it is."))


def plans(visit: Visit, mine: His) -> list[Package]:
    """Its own, and the steps of the same ladder that are sold here, the best first."""
    sold, ladders = visit.sold(mine.catalog), mine.catalog.terms.ladders
    own = mine.catalog.package_of(mine.service)
    family = mine.catalog.terms.family_of(mine.service.package)
    steps = [
        package
        for name, package in sold.items()
        if family
        and name in ladders
        and ladders[name].family == family.name
        and mine.account.backend in package.backends
        and name != mine.service.package
    ]
    found = [*steps, *([own] if own else [])]
    rank = {name: ladder.rank for name, ladder in ladders.items()}
    return sorted(found, key=lambda package: rank.get(package.name, 0))


def has_next(question: Question) -> bool:
    return question.has.next is not None


def reasons(visit: Visit) -> dict[str, str]:
    """The survey's answers, in words."""
    return {
        "price": visit.say("It costs too much"),
        "use": visit.say("I do not use all of it"),
        "quality": visit.say("I am not content with how it works"),
        "features": visit.say("Something I need is missing"),
        "other": visit.say("Another reason"),
    }


def _has(mine: His, visit: Visit) -> Choice:
    panel = mine.panel
    if panel is None or not mine.service.alive:
        raise LookupError(visit.say("That service does not change any more."))
    _ours(visit)
    return panel.choice


def _ours(visit: Visit) -> None:
    if visit.front.is_platform:
        raise LookupError(visit.say("That is changed where you find your invoices."))


def _chosen(visit: Visit, mine: His, options: list[Package], has: Choice) -> Choice:
    wish, names = visit.told, {package.name for package in options}
    package = wish["plan"] or has.package
    if package not in names:
        raise LookupError(visit.say("That plan is not sold here."))
    cycle = wish["cycle"] or cycle_for(package, has, mine.prices)
    extras = dict(has.extras)
    for name in request.args:
        if name.startswith(EXTRA):
            extras[name.removeprefix(EXTRA)] = many(request.args[name])
    sold = visit.sold(mine.catalog)
    if any(name not in sold and name not in dict(has.extras) for name in extras):
        raise LookupError(visit.say("That plan is not sold here."))
    return Choice(package, cycle, wish["quantity"] or has.quantity, (*extras.items(),))


def _followed(visit: Visit, question: Question) -> dict[str, Any]:
    """What it costs and when, or why not; its promise to go on with."""
    decision = changing.decided(question)
    if decision.verdict is Verdict.KEEP:
        return {"keeps": True}
    refused = decision.verdict is Verdict.REFUSED or turns_over(question)
    if refused:
        return {"refused": why_not(visit, question, decision)}
    now, later = changing.offers(question, decision)
    version = visit.parts.editions
    with visit.parts.database.read() as tx:
        terms = version.now(tx).version
    keys = visit.parts.keys

    def token(offer: Any) -> str | None:
        return (
            quotes.signed(keys, offered(offer, terms, question.has)) if offer else None
        )

    return {
        "decision": decision,
        "offer": now or later,
        "up": token(now),
        "down": token(later) if now is None else None,
        "asks": Wait.APPROVAL in decision.waits,
        "both": decision.verdict is Verdict.BOTH,
    }


def _down(visit: Visit, mine: His, token: str) -> tuple[Offered, Question, Decision]:
    """What goes down by that promise, as long as it holds and nothing changed."""
    _ours(visit)
    found = quotes.opened(visit.parts.keys, token)
    if isinstance(found, Sentence):
        raise LookupError(plainly(visit, found))  # noqa: TRY004 - what it says
    with visit.parts.database.read() as tx:
        has = quotes.basis(tx, found, mine.catalog)
    version = mine.catalog.version
    no = not_good(found, visit.at, version=version, ref=mine.ref, has=has)
    if no:
        raise anew.refused(visit, no, found.quote, has)
    question = changing.asking(
        mine.account, mine.service, mine.catalog, found.quote.choice, visit.at
    )
    decision = changing.decided(question)
    if decision.verdict is not Verdict.AT_PERIOD_END or turns_over(question):
        raise LookupError(why_not(visit, question, decision))
    return found, question, decision


def _prices(prices: PriceList, options: list[Package], to: Choice) -> dict[str, Any]:
    """Of one account of each plan, for its cycle (P13)."""
    found = {}
    for package in options:
        cycle = to.cycle if to.cycle in prices.cycles(package.name) else package.cycle
        own = Choice(package.name, cycle, to.quantity)
        found[package.name] = (prices.unit_price(own), cycle)
    return found


def _cycles(question: Question) -> dict[str, Any]:
    """Where a choice is left: what is paid for keeps its cycle to its end."""
    if question.is_paid:
        return {}
    to, prices = question.to, question.prices
    return {
        cycle: prices.unit_price(Choice(to.package, cycle, to.quantity))
        for cycle in prices.cycles(to.package)
    }


def _addons(
    visit: Visit, mine: His, prices: PriceList, to: Choice
) -> list[dict[str, Any]]:
    had, sold = dict(to.extras), visit.sold(mine.catalog)
    return [
        {
            "name": name,
            "field": EXTRA + name,
            "many": had.get(name, 0),
            "price": prices.unit_price(Choice(name, to.cycle, 1)),
        }
        for name, addon in prices.packages.items()
        if addon.addon
        and (name in sold or name in had)
        and mine.account.backend in addon.backends
        and to.cycle in {addon.cycle, *prices.cycles(to.package)}
    ]


def _why(told: Any) -> str:
    """The survey's answer, as the audit keeps it."""
    return ": ".join(part for part in (told["survey"], told["words"]) if part)
