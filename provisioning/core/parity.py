"""Our price of a change beside the billing platform's own, and where they part."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.core.cycles import Days
from provisioning.core.money import Money
from provisioning.core.quote import Quote
from provisioning.core.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Theirs:
    """What WHMCS answers `UpgradeProduct` with `calconly`: price, daysuntilrenewal and
    totaldays."""

    price: Money
    days: Days


@dataclass(frozen=True, slots=True)
class Parity:
    """Both figures, side by side. Where they differ nothing is sold."""

    ours: Money
    our_days: Days | None
    theirs: Theirs
    differs: Sentence | None


def parity(quote: Quote, theirs: Theirs) -> Parity:
    """Ours beside theirs; None for a difference is none."""
    return Parity(quote.amount_due, quote.days, theirs, _difference(quote, theirs))


def _difference(quote: Quote, theirs: Theirs) -> Sentence | None:
    """Other days explain another price, so they are said before it."""
    ours, days = quote.amount_due, quote.days
    if ours == theirs.price:
        return None
    if days is None:
        return say(
            "parity_new_period", ours=ours, theirs=theirs.price, days=theirs.days
        )
    if days != theirs.days:
        return say(
            "parity_days",
            ours=ours, our_days=days, theirs=theirs.price, their_days=theirs.days,
        )  # fmt: skip
    return say("parity_price", ours=ours, theirs=theirs.price, days=days)
