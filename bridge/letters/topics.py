"""What each mail to a customer says, in English; the catalogues have the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from bridge.config import Brand
from bridge.letters.form import Button, Letter, Words, written
from bridge.words import Speech, _, speech
from provisioning.core.money import Money
from provisioning.core.news import Topic

ACCOUNT, BEFORE, NOW = _("Account"), _("Before"), _("Now")
PLAN, ORDER = _("Plan"), _("Order")
AMOUNT, BALANCE, DUE = _("Amount"), _("Balance"), _("Due on")
PAID_UNTIL, SINCE, ENDS = _("Paid until"), _("Since"), _("Ends on")
FROM_THEN_ON = _("From then on")

UNPAID = _(
    "It is not paid for. As soon as the payment arrives it goes on by itself, with all"
    " that was kept by it."
)
ABUSE = _(
    "It was stopped because of how it was used. Write to us, so that we can look at it"
    " together."
)
STOPPED = _("It was stopped by an administrator. Write to us if you have a question.")
KEPT_UNTIL = _("Your data is kept until {day} at least; after that it is deleted.")
KEPT = _("Your data is kept for now; write to us if you want it back.")
CREDIT_STAYS = _("Credit you bought and did not use stays on our books; ask us for it.")
TO_FREE = _(
    "Nothing is charged by itself. If nothing is ordered, it becomes {free} then, which"
    " costs nothing."
)
GOES_OFF = _(
    "Nothing is charged by itself. If nothing is ordered, it is switched off then."
)
RESUMES = _("What you paid for stands still meanwhile, and goes on after it in full.")
LIES_OVER = _("After it your plan goes on as before; its end does not move.")


SEE_ORDER = _("See the order")
ALL_OF_IT = _("Pay it, call it off, or look at the invoice:")


WORDS: Mapping[Topic, Words] = {
    Topic.REMINDER: Words(
        _("{brand}: a payment is due on {day}"),
        _("Your payment is due on {day}"),
        (_("Paid by then, {plan} goes on without a break."),),
    ),
    Topic.RENEWED: Words(
        _("{brand}: {plan} is renewed"),
        _("{plan} is renewed"),
        (_("Thank you: your payment has arrived."),),
    ),
    Topic.SUSPENDED: Words(
        _("{brand}: {plan} is suspended"),
        _("{plan} is suspended"),
    ),
    Topic.RESUMED: Words(
        _("{brand}: {plan} is on again"),
        _("{plan} is on again"),
        (_("You can use it as before."),),
    ),
    Topic.REVOKE_WARNING: Words(
        _("{brand}: without a payment {plan} ends on {day}"),
        _("{plan} ends on {day}"),
        (_("It is not paid for. If nothing is paid by then, it ends for good."),),
    ),
    Topic.REVOKED: Words(
        _("{brand}: {plan} has ended"),
        _("{plan} has ended"),
        (_("It was not paid for in time."),),
    ),
    Topic.ENDED: Words(
        _("{brand}: {plan} has ended"),
        _("{plan} has ended"),
        (_("It was cancelled, or what was paid for is used up."),),
    ),
    Topic.CHANGED: Words(
        _("{brand}: your new plan is active"),
        _("Your new plan is active"),
        (_("The change is done, and nothing of your data was touched by it."),),
    ),
    Topic.SCHEDULED: Words(
        _("{brand}: your plan changes on {day}"),
        _("Your plan changes on {day}"),
        (_("Until then it stays as it is, and you can still withdraw the change."),),
    ),
    Topic.TURNED: Words(
        _("{brand}: your plan has changed"),
        _("Your plan has changed"),
        (_("What was announced is done: from now on it is {plan}."),),
    ),
    Topic.TRIAL_ENDING: Words(
        _("{brand}: your trial ends on {day}"),
        _("Your trial ends on {day}"),
        (_("Ordered before that day, {plan} goes on without a break."),),
    ),
    Topic.COUPON_STARTED: Words(
        _("{brand}: your coupon is at work"),
        _("Your coupon is at work"),
        (_("You have {package} until {moment}."),),
    ),
    Topic.COUPON_ENDED: Words(
        _("{brand}: your coupon is over"),
        _("Your coupon is over"),
        (_("From now on you have {plan} again."),),
    ),
    Topic.RENEWAL_READY: Words(
        _("{brand}: your renewal of {plan} is ready to be paid"),
        _("Your renewal is ready to be paid"),
        (
            _(
                "{plan} is renewed automatically, so its next period was ordered for"
                " you. Nothing was charged: it goes on once you have paid, by {day}."
            ),
        ),
    ),
    Topic.TOPUP_APPLIED: Words(
        _("{brand}: your top-up of {amount} is there"),
        _("Your top-up is there"),
        (_("{amount} were added to your balance."),),
    ),
    Topic.TOPUP_DELAYED: Words(
        _("{brand}: your top-up takes longer"),
        _("Your top-up takes longer than usual"),
        (
            _(
                "Your payment has arrived, and {amount} are on their way. You need do"
                " nothing: they come by themselves, and we write to you then."
            ),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of it: a day, a sum or a name, said as the language says it."""

    parts: Mapping[str, Any]
    lines: tuple[str, ...] = ()
    """Words said beside the usual ones, with the same parts."""

    said: tuple[str, ...] = ()
    """Sentences of the rules, in that language already."""

    rows: tuple[tuple[str, Any], ...] = ()
    link: str | None = None
    """Where the order is that it tells of."""


def letter(
    topic: Topic, facts: Facts, brand: Brand, said: Speech, zone: tzinfo = UTC
) -> Mapping[str, Any]:
    """The mail in words, without whom it is for."""
    words = WORDS[topic]
    parts = {name: spoken(value, said, zone) for name, value in facts.parts.items()}
    if "until" in facts.parts:
        parts["moment"] = said.moment(facts.parts["until"], zone)
    parts["brand"] = brand.name
    lines = [said.say(line, **parts) for line in (*words.lines, *facts.lines)]
    return written(
        Letter(
            subject=said.say(words.subject, **parts),
            title=said.say(words.title, **parts),
            lines=(*lines, *facts.said),
            rows=tuple(
                (said.say(label), spoken(value, said, zone))
                for label, value in ((ACCOUNT, facts.parts["account"]), *facts.rows)
                if value is not None
            ),
            support=said.say("Questions? Write to"),
            button=_to_order(facts.link, said),
        ),
        brand,
        said,
    )


def _to_order(link: str | None, said: Speech) -> Button | None:
    if link is None:
        return None
    return Button(said.say(ALL_OF_IT), said.say(SEE_ORDER), link)


def spoken(value: Any, said: Speech, zone: tzinfo) -> str:
    match value:
        case datetime():
            return said.day(value, zone)
        case Money(amount, currency):
            return said.money(amount, currency)
    return str(value)


DAY, LATER = datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
SUM = Money(Decimal("29.00"), "USD")
TWENTY = Money(Decimal("20.00"), "USD")

SAMPLES: Mapping[Topic, Facts] = {
    Topic.REMINDER: Facts({}, rows=((AMOUNT, SUM), (DUE, DAY))),
    Topic.RENEWED: Facts({}, rows=((PAID_UNTIL, DAY),)),
    Topic.SUSPENDED: Facts({}, (UNPAID,), rows=((SINCE, DAY), (ENDS, LATER))),
    Topic.RESUMED: Facts({}, rows=((PAID_UNTIL, DAY),)),
    Topic.REVOKE_WARNING: Facts({}, rows=((AMOUNT, SUM), (ENDS, DAY))),
    Topic.REVOKED: Facts({"day": LATER}, (KEPT_UNTIL, CREDIT_STAYS)),
    Topic.ENDED: Facts({}, (KEPT,)),
    Topic.CHANGED: Facts({}, rows=((BEFORE, "1 × basic"), (NOW, "3 × gold"))),
    Topic.SCHEDULED: Facts({}, rows=((NOW, "3 × gold"), (FROM_THEN_ON, "1 × basic"))),
    Topic.TURNED: Facts({}, rows=((BEFORE, "3 × gold"), (NOW, "1 × basic"))),
    Topic.TRIAL_ENDING: Facts({"free": "free"}, (TO_FREE,)),
    Topic.COUPON_STARTED: Facts({"package": "platinum", "until": DAY}, (RESUMES,)),
    Topic.COUPON_ENDED: Facts({}, rows=((PAID_UNTIL, LATER),)),
    Topic.RENEWAL_READY: Facts(
        {},
        said=("Transfer the sum to …",),
        rows=(
            (PLAN, "3 × gold"),
            (AMOUNT, SUM),
            (DUE, DAY),
            (ORDER, "or_0123"),
        ),
        link="https://shop.example.com/orders/or_0123",
    ),
    Topic.TOPUP_APPLIED: Facts({}, rows=((BALANCE, SUM),)),
    Topic.TOPUP_DELAYED: Facts({}),
}
"""Facts of nobody, to see how each looks."""


def sample(topic: Topic, brand: Brand, language: str) -> Mapping[str, Any]:
    facts = SAMPLES[topic]
    usual = {"account": "swexample1abcde", "plan": "gold", "day": DAY, "amount": TWENTY}
    parts = {**usual, **facts.parts}
    return letter(topic, replace(facts, parts=parts), brand, speech(language))
