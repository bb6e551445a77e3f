"""A quote in somebody's hands: what it was made for, and whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.core.choices import Subscription
from provisioning.core.digest import digest
from provisioning.core.quote import Quote
from provisioning.core.sentences import Sentence, minute, say

SHORT = 12
"""Digits that tell one digest from another: nobody can choose what is digested here."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A quote, with the terms and the subscription it was reckoned from, in short."""

    quote: Quote
    terms: str
    has: str


def offered(quote: Quote, version: str, has: Subscription | None = None) -> Offered:
    """*version*: of the catalog; *has*: the subscription, where it changes one."""
    return Offered(quote, version[:SHORT], _short(has))


def why_not(
    offer: Offered,
    at: datetime,
    *,
    version: str,
    ref: str | None,
    has: Subscription | None,
) -> Sentence | None:
    """Why it does not hold, for the subscription of that name as it is there now.

    *has* is to be as of the moment the quote was made: time alone makes nothing stale.
    """
    quote = offer.quote
    cases = (
        (quote.ref != ref, say("quote_of_another", ref=quote.ref or "a new order")),
        (at < quote.at, say("quote_not_yet", at=minute(quote.at))),
        (not quote.is_good(at), say("quote_expired", at=minute(quote.expires))),
        (offer.terms != version[:SHORT], say("quote_other_terms")),
        (offer.has != _short(has), say("quote_stale", ref=quote.ref or "it")),
    )
    return next((no for wrong, no in cases if wrong), None)


def _short(has: Subscription | None) -> str:
    return digest(has)[:SHORT] if has else ""
