"""What one coupon is, from being given to being used up, and where it may be used.

A refusal is a sentence, and spends nothing: what was refused is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from provisioning.core.period import months_after
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.splice import Activation
from provisioning.core.terms import Terms


class Gone(StrEnum):
    REVOKED = "revoked"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It was taken back, unused."""

    how: Gone
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Coupon:
    """*owner*: an account. *by*: who gave it, of one that was bought the account it was
    bought on. *why*: what it was given for."""

    id: str
    kind: str
    owner: str
    given_at: datetime
    by: str
    why: str
    line: str | None = None
    """The paid line it was bought by; None: it was given."""

    price: str | None = None
    """What it cost: a memo, as all prices are."""

    fate: Activation | Withdrawn | None = None
    """What became of it; None: it is still there."""


@dataclass(frozen=True, slots=True)
class Giving:
    """One act of giving. Its *id* names the coupons: done twice, they are the same."""

    id: str
    at: datetime
    by: str
    why: str
    limit: int
    """To how many at most: a filter may match more than was thought."""


def give(
    kind: str, owners: Iterable[str], giving: Giving, terms: Terms
) -> tuple[Coupon, ...] | Sentence:
    """One to each; to all of them or to nobody (B13)."""
    to = tuple(dict.fromkeys(owners))
    if kind not in terms.coupons:
        return _kind_unknown(kind, terms)
    if not giving.why.strip():
        return say("coupon_no_reason")
    if len(to) > giving.limit:
        return say("coupon_too_many", count=len(to), limit=giving.limit)
    return tuple(
        Coupon(f"{giving.id}/{owner}", kind, owner, giving.at, giving.by, giving.why)
        for owner in to
    )


def sold(
    kind: str, owner: str, line: str, quantity: int, at: datetime, terms: Terms
) -> tuple[Coupon, ...] | Sentence:
    """The e-goods of a paid line, named by it (B13, S7)."""
    if kind not in terms.coupons:
        return _kind_unknown(kind, terms)
    price = terms.coupons[kind].price
    if price is None:
        return say("coupon_not_sold", kind=kind)
    return tuple(
        Coupon(
            f"{line}/coupon/{no}", kind, owner, at, owner, "bought", line, str(price)
        )
        for no in range(1, quantity + 1)
    )


def passed_on(
    coupon: Coupon, owner: str, friend: str, terms: Terms, at: datetime
) -> Coupon | Sentence:
    """It is the friend's, and as old as it was: it spoils no later for that (S8)."""
    no = why_not_yours(coupon, owner) or why_unusable(coupon, terms, at)
    if no:
        return no
    if friend == owner:
        return say("coupon_to_oneself")
    return replace(coupon, owner=friend)


def revoked(coupon: Coupon, at: datetime, by: str, why: str) -> Coupon | Sentence:
    """What was bought is not revoked but paid back."""
    if coupon.line:
        return say("coupon_was_bought", coupon=coupon.id, line=coupon.line)
    if not why.strip():
        return say("coupon_no_reason")
    return _withdrawn(coupon, Withdrawn(Gone.REVOKED, at, by, why))


def refunded(coupon: Coupon, at: datetime, by: str, why: str) -> Coupon | Sentence:
    """Its platform paid it back (D30); what was only given has no price (B5)."""
    if coupon.line is None:
        return say("coupon_was_given", coupon=coupon.id)
    return _withdrawn(coupon, Withdrawn(Gone.REFUNDED, at, by, why))


def spoils_at(coupon: Coupon, terms: Terms) -> datetime | None:
    """The end of the month it was given in, in the tenant's calendar (B10, D4)."""
    kind = terms.coupons.get(coupon.kind)
    if kind is None or not kind.spoils:
        return None
    given = coupon.given_at.astimezone(ZoneInfo(terms.zone))
    first = given.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    return months_after(first, 1).astimezone(UTC)


def why_unusable(coupon: Coupon, terms: Terms, at: datetime) -> Sentence | None:
    """Of itself, whatever it were to be used on."""
    gone = _why_gone(coupon)
    if gone:
        return gone
    if coupon.kind not in terms.coupons:
        return _kind_unknown(coupon.kind, terms)
    spoils = spoils_at(coupon, terms)
    if spoils and spoils <= at:
        return say("coupon_spoiled", coupon=coupon.id, at=minute(spoils))
    return None


def _kind_unknown(kind: str, terms: Terms) -> Sentence:
    known = ", ".join(sorted(terms.coupons)) or "none"
    return say("coupon_kind_unknown", kind=kind, known=known)


def why_not_yours(coupon: Coupon, owner: str) -> Sentence | None:
    same = coupon.owner == owner
    return None if same else say("coupon_of_another", coupon=coupon.id)


def _withdrawn(coupon: Coupon, how: Withdrawn) -> Coupon | Sentence:
    return _why_gone(coupon) or replace(coupon, fate=how)


def _why_gone(coupon: Coupon) -> Sentence | None:
    match coupon.fate:
        case Activation(service=service, at=at):
            at_ = minute(at)
            return say("coupon_used", coupon=coupon.id, service=service, at=at_)
        case Withdrawn(how=Gone.REVOKED, at=at, why=why):
            return say("coupon_revoked", coupon=coupon.id, at=minute(at), why=why)
        case Withdrawn(at=at):
            return say("coupon_refunded", coupon=coupon.id, at=minute(at))
    return None
