"""What a promised price of a service that is there would do, by the rules of change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge import changing
from bridge.billing import purchased
from bridge.store.shop_orders import Kind
from bridge.web.shop.catalogue import only_one
from bridge.web.shop.his import His, words
from bridge.web.shop.visit import Visit
from provisioning.core.asking import Question
from provisioning.core.changes import Decision, Verdict, Wait
from provisioning.core.choices import Choice, Subscription
from provisioning.core.events import Type
from provisioning.core.quote import Quote


@dataclass(frozen=True, slots=True)
class Move:
    kind: Kind
    said: dict[str, Any]
    """What its order keeps, as `bridge/billing/purchased.py` reads it."""

    because: str
    """What becomes of it, in words."""


def moved(visit: Visit, mine: His, offer: Quote) -> Move:
    """LookupError, where the rules do not do it once it is paid."""
    question = changing.asking(
        mine.account, mine.service, mine.catalog, offer.choice, visit.at
    )
    has = question.has
    if name := question.prices.given_away(offer.choice):
        raise LookupError(only_one(visit, name))
    if is_for_next_period(has, offer):
        return _renewal(visit, mine, question, offer)
    decision = changing.decided(question)
    if decision.now != offer.choice or turns_over(question):
        raise LookupError(why_not(visit, question, decision))
    begins = (offer.starts, offer.ends) != (has.starts, has.paid_until)
    said = _said(mine, offer, Type.CHANGE, begins=begins)
    asks = Wait.APPROVAL in decision.waits
    because = words(visit, decision.because)
    return Move(Kind.CHANGE, said | {"asks": asks}, because)


def is_for_next_period(has: Subscription, offer: Quote) -> bool:
    """Paid on as it is, or as it is to become."""
    coming = has.next.choice if has.next and has.next.at <= offer.starts else None
    same = _but_its_cycle(offer.choice) in {
        _but_its_cycle(one) for one in (coming or has.choice,)
    }
    return same and offer.starts >= has.turns(offer.at)


def turns_over(question: Question) -> bool:
    """Whether a period that is paid for would have to end before its time."""
    same = question.to.cycle == question.has.choice.cycle
    return question.is_paid and not same


def why_not(visit: Visit, question: Question, decision: Decision) -> str:
    if decision.verdict is not Verdict.REFUSED and turns_over(question):
        return visit.say(
            "Another cycle begins with the next period: choose it as you pay that."
        )
    return words(visit, decision.because)


def _renewal(visit: Visit, mine: His, question: Question, offer: Quote) -> Move:
    decision = changing.decided(question)
    refused = decision.verdict is Verdict.REFUSED
    same = question.to.cycle == question.has.choice.cycle
    if question.has.ended or (refused and not same):
        raise LookupError(words(visit, decision.because))
    if mine.ends:
        raise LookupError(visit.say("It ends then; keep it first, and pay it after."))
    if not offer.amount_due.amount or offer.ends is None:
        raise LookupError(visit.say("Nothing is to be paid for it."))
    said = _said(mine, offer, Type.RENEWED, begins=True)
    because = visit.say("Paid for, it goes on with the next period.")
    return Move(Kind.RENEWAL, said | {"asks": False}, because)


def _said(mine: His, offer: Quote, type_: Type, *, begins: bool) -> dict[str, Any]:
    return purchased.said(
        mine.account, mine.service, mine.catalog, offer, type_, begins=begins
    )


def _but_its_cycle(choice: Choice) -> tuple[str, int, tuple[tuple[str, int], ...]]:
    return choice.package, choice.quantity, choice.extras
