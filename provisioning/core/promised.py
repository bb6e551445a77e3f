"""A promised payment: a short grace from being switched off, once until it is paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from provisioning.core.dues import Due, What
from provisioning.core.money import Money
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.terms import Grace

NONE = timedelta(0)
GRACE_ENDS = {What.SUSPEND, What.REVOKE}
"""What a promise puts off."""


@dataclass(frozen=True, slots=True)
class Promise:
    """*by*: who gave it, the customer or staff for him."""

    service: str
    """What is to be paid."""

    given_at: datetime
    until: datetime
    debt: Money
    by: str
    paid_at: datetime | None = None
    why: str | None = None

    def holds(self, at: datetime) -> bool:
        """Whether nothing is switched off for its debt."""
        return self.given_at <= at < self.until and self.paid_at is None

    def spares(self, since: datetime, at: datetime) -> bool:
        """Whether a hold of that moment waits: also one of before it was paid.

        Its platform lifts that by itself; for a new debt there is no grace. It counts
        once it is known, also where another clock that gave it is ahead.
        """
        return at < self.until and not (self.paid_at and self.paid_at < since)

    def due(self, ref: str) -> Due:
        return Due(f"{ref}/promise", What.PROMISE_OVER, self.until)


@dataclass(frozen=True, slots=True)
class Wish:
    """A promise that is asked for: to pay *debt* within *lasts*."""

    debt: Money
    lasts: timedelta
    grace: Grace
    earlier: tuple[Promise, ...] = ()

    @property
    def most(self) -> Money | None:
        """Of what is owed in that currency."""
        return self.grace.most(self.debt.currency)

    @property
    def unpaid(self) -> tuple[Promise, ...]:
        """Kept or broken: what was promised and is not paid."""
        return tuple(p for p in self.earlier if p.paid_at is None)


@dataclass(frozen=True, slots=True)
class Refusal:
    holds: Callable[[Wish], bool]
    says: Callable[[Wish], Sentence]


REFUSALS = (
    Refusal(
        lambda w: w.debt.amount <= 0,
        lambda _: say("promise_no_debt"),
    ),
    Refusal(
        lambda w: bool(w.unpaid),
        lambda w: say("promise_open", until=minute(w.unpaid[0].until)),
    ),
    Refusal(
        lambda w: w.most is None,
        lambda w: say(
            "promise_currency",
            debt=w.debt,
            most=" / ".join(map(str, w.grace.bounds)),
        ),
    ),
    Refusal(
        lambda w: w.most is not None and w.debt.amount > w.most.amount,
        lambda w: say("promise_too_much", debt=w.debt, most=w.most),
    ),
    Refusal(
        lambda w: not NONE < w.lasts <= w.grace.longest,
        lambda w: say("promise_too_long", most=w.grace.longest.days),
    ),
)
"""The first that holds is why not (S6)."""


def promise(
    service: str,
    debt: Money,
    lasts: timedelta,
    at: datetime,
    *,
    grace: Grace | None,
    earlier: tuple[Promise, ...] = (),
    by: str = "customer",
    because: str | None = None,
) -> Promise | Sentence:
    """The promise, or why it is not taken; staff may give it, in the same bounds."""
    if grace is None:
        return say("promise_not_taken")
    wish = Wish(debt, lasts, grace, earlier)
    why = next((no.says(wish) for no in REFUSALS if no.holds(wish)), None)
    until = at.astimezone(UTC) + lasts
    return why or Promise(service, at, until, debt, by, why=because)


def paid(
    promises: tuple[Promise, ...], service: str, ends: datetime | None, at: datetime
) -> tuple[Promise, ...]:
    """Kept, those that a payment of that service until *ends* is for: by the first."""
    return tuple(
        replace(p, paid_at=at)
        if p.service == service
        and (p.paid_at is None or at < p.paid_at)
        and (ends is None or p.given_at < ends)
        else p
        for p in promises
    )


def put_off(steps: tuple[Due, ...], given: Promise | None) -> tuple[Due, ...]:
    """What would switch it off, not before the promise is over."""
    if given is None or given.paid_at is not None:
        return steps
    return tuple(
        replace(s, at=max(s.at, given.until)) if s.what in GRACE_ENDS else s
        for s in steps
    )
