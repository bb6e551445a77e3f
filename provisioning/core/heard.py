"""What the words of a platform did so far: to the account, the books, each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon
from provisioning.core.credit import Bought, Claim
from provisioning.core.events import Event
from provisioning.core.sentences import Sentence, say


class Fate(StrEnum):
    """What became of an accepted event."""

    ACCEPTED = "accepted"
    WORKING = "working"
    UNSURE = "unsure"
    PARKED = "parked"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One event's fate; a sentence says why where it is not simply being done."""

    event: Event
    fate: Fate
    why: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the books say."""

    open: tuple[Claim, ...] = ()
    """The sums still to be sent."""

    booked: Mapping[str, Claim] = field(default_factory=dict)
    """By key: what the events at hand would book, where it is booked already."""

    lines: Mapping[str, str] = field(default_factory=dict)
    """By line: the service whose period it paid for."""

    given: Mapping[str, Claim] = field(default_factory=dict)
    """By key: all free credit of the account, where its packages ask."""

    arrived: Decimal = Decimal(0)
    """All the backend ever got by these books, less what was taken back; likewise."""

    debts: tuple[Claim, ...] = ()
    aside: tuple[Claim, ...] = ()
    """The sums the backend refused: they wait for a person."""

    elsewhere: frozenset[str] = frozenset()
    """Of what is booked: the keys of what another account has."""

    tried: frozenset[str] = frozenset()
    """The keys of sums that were sent and nobody knows the end of."""

    bought: Bought | None = None
    """What was bought on it, where it is due to be purged."""

    coupons: tuple[Coupon, ...] = ()
    """Those the lines at hand brought."""

    apart: Mapping[str, tuple[tuple[str, datetime], ...]] = field(default_factory=dict)
    """By service, where a word at hand names no line: the lines that were told apart
    from it, and when each was paid."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event, or all so far, did to the account and the books."""

    account: Account
    at: datetime
    """When it is heard."""

    tried: frozenset[str] = frozenset()
    """The lines at hand by which something is only tried."""

    rulings: tuple[Ruling, ...] = ()
    bookings: tuple[Claim, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    """Those that were bought or taken back just now, as they are after it."""

    def booked(self, key: str, ledger: Ledger) -> Claim | None:
        return self.all_booked(ledger).get(key)

    def all_booked(self, ledger: Ledger) -> dict[str, Claim]:
        """By key: before, and just now."""
        return {**ledger.booked, **self._new}

    def given(self, ledger: Ledger) -> dict[str, Claim]:
        """Likewise of what was granted."""
        return {**ledger.given, **self._new}

    @property
    def _new(self) -> dict[str, Claim]:
        return {claim.key: claim for claim in self.bookings}

    def coupons_of(self, line: str | None, ledger: Ledger) -> tuple[Coupon, ...]:
        """What the line brought, before or just now, as it is now."""
        known = {each.id: each for each in (*ledger.coupons, *self.coupons)}
        return tuple(each for each in known.values() if line and each.line == line)

    def with_coupons(self, these: tuple[Coupon, ...]) -> Heard:
        now = {each.id: each for each in (*self.coupons, *these)}
        return replace(self, coupons=tuple(now.values()))

    def paid_by(self, line: str, ledger: Ledger) -> str | None:
        """The service whose period the line paid for, before or just now."""
        for service in self.account.services:
            if any(paid.line == line for paid in service.periods):
                return service.ref
        return ledger.lines.get(line)

    def ruled(self, event: Event, fate: Fate, why: Sentence | None = None) -> Heard:
        return replace(self, rulings=(*self.rulings, Ruling(event, fate, why)))

    def counts(self) -> Heard:
        """The word may be old, but the payment counts: the fate follows the money."""
        *before, last = self.rulings
        return replace(self, rulings=(*before, replace(last, fate=Fate.WORKING)))


Rule = Callable[[Heard, Event, Ledger, Catalog], Heard]
"""What a word of this type does."""


def wrong_currency(told: str | None, ours: str | None) -> Sentence | None:
    if None in {told, ours} or told == ours:
        return None
    return say("currency_differs", told=told, ours=ours)
