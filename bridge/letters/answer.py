"""The mails that answer what a customer asked an admin for: to be paid now, or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.billing.asking import Answer
from bridge.config import Brand, Shop
from bridge.letters.form import Button, Letter, written
from bridge.store import customers, shop_orders
from bridge.store.database import Database
from bridge.store.outbox import Delivery, Needless
from bridge.store.shop_orders import ShopOrder, State
from bridge.words.speech import Speech, speech
from provisioning.core.money import Money


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of it."""

    plan: str
    order: str
    amount: Money
    why: str
    """As an admin wrote it."""

    link: str


@dataclass(frozen=True, slots=True)
class AnswerLetter:
    database: Database
    brands: Mapping[str, Brand]
    shops: Mapping[str, Shop]

    def __call__(self, held: Delivery, at: object) -> Mapping[str, Any]:  # noqa: ARG002
        """Its words; Needless, where it was paid or called off meanwhile."""
        answer = Answer(str(held.content["purpose"]))
        with self.database.read() as tx:
            order = shop_orders.one(tx, str(held.content["order"]))
            who = customers.one(tx, order.customer) if order else None
        if order is None or who is None or who.ended_at:
            raise Needless("there is no such order or customer any more")
        if order.source not in self.shops:
            raise Needless("there is no such shop any more")
        if order.state is not STATES[answer]:
            raise Needless(f"the order is {order.state} by now")
        brand, shop = self.brands[order.source], self.shops[order.source]
        known = who.language in brand.languages
        said = speech(who.language if known else brand.languages[0])
        letter = LETTERS[answer](said, brand, _of(order, shop))
        return {**written(letter, brand, said), "to": who.email}


STATES = {Answer.AGREED: State.OPEN, Answer.DECLINED: State.DECLINED}


def _of(order: ShopOrder, shop: Shop) -> Told:
    plan = str(order.said["product"])
    return Told(
        plan=f"{order.said['quantity']} × {shop.titled(plan)}",
        order=order.id,
        amount=Money(order.amount, order.currency),
        why=order.because or "",
        link=f"{shop.url}/orders/{order.id}",
    )


def sample(
    answer: Answer, brand: Brand, leads: str, language: str
) -> Mapping[str, Any]:
    """How it looks, with facts of nobody."""
    said, sum_ = speech(language), Money(Decimal("13.33"), "USD")
    told = Told("3 × gold", "or_example", sum_, "…", leads)
    return written(LETTERS[answer](said, brand, told), brand, said)


def _agreed(said: Speech, brand: Brand, told: Told) -> Letter:
    return Letter(
        subject=said.say("{brand}: your change can be paid now", brand=brand.name),
        title=said.say("Your change can be paid now"),
        lines=(said.say("We looked at it and agree. It is done once it is paid."),),
        rows=(
            (said.say("Plan"), told.plan),
            (said.say("Amount"), said.money(told.amount.amount, told.amount.currency)),
            (said.say("Order"), told.order),
        ),
        button=Button(
            said.say("How to pay stands with your order."),
            said.say("See the order"),
            told.link,
        ),
        support=said.say("Questions? Write to"),
    )


def _declined(said: Speech, brand: Brand, told: Told) -> Letter:
    return Letter(
        subject=said.say("{brand}: your change is not done", brand=brand.name),
        title=said.say("Your change is not done"),
        lines=(
            said.say("We looked at it and cannot agree. Nothing is to be paid, and all"
                     " stays as it is."),
        ),
        rows=(
            (said.say("Plan"), told.plan),
            (said.say("Reason"), told.why),
            (said.say("Order"), told.order),
        ),
        support=said.say("Questions? Write to"),
    )  # fmt: skip


LETTERS: Mapping[Answer, Callable[[Speech, Brand, Told], Letter]] = {
    Answer.AGREED: _agreed,
    Answer.DECLINED: _declined,
}
