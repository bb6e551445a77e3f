"""What an order or a change costs, line by line, and until when that is an offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from provisioning.core.choices import Choice, Scheduled, Subscription
from provisioning.core.cycles import Days, days_left
from provisioning.core.digest import written
from provisioning.core.money import Money
from provisioning.core.period import CYCLES
from provisioning.core.prices import Kind, Position, PriceList
from provisioning.core.renewals import renews
from provisioning.core.rounding import rounded

LASTS = timedelta(minutes=30)
"""How long a price is promised, where the caller does not say."""


ONCE = "once"


class Way(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Line:
    """One position, due or given back, for a whole cycle or for the days left."""

    way: Way
    position: Position
    amount: Money
    """Rounded by itself; below nought where it is given back."""

    days: Days | None = None
    """None: for all of it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Two prices with two names: `unit_price` is of one, `amount_due` of it all."""

    choice: Choice
    lines: tuple[Line, ...]
    unit_price: Money
    """Of one account of the plan for a cycle, its discount taken off (P13)."""

    whole: Money
    """That times the quantity: the form's total, before tax (P15)."""

    starts: datetime
    """Of the period it pays for."""

    ends: datetime | None
    at: datetime
    expires: datetime
    ref: str | None = None
    """The subscription it changes, or the account it is for; None: a new one."""

    def __post_init__(self) -> None:
        units = (line.position.unit_price for line in self.lines)
        if other := {u.currency for u in units} - {self.unit_price.currency}:
            raise ValueError(
                f'"{self.choice.package}" is sold in {self.unit_price.currency}, and'
                f" with it something in {', '.join(sorted(other))}; price both in one"
            )

    @property
    def total(self) -> Money:
        """The lines, netted; below nought where more is given back than is due."""
        amounts = [line.amount.amount for line in self.lines]
        return replace(self.unit_price, amount=sum(amounts, Decimal(0)))

    @property
    def amount_due(self) -> Money:
        """What is to be paid for it (P3)."""
        return replace(self.total, amount=max(self.total.amount, Decimal(0)))

    @property
    def days(self) -> Days | None:
        """Those all of it was reckoned by; None where a new period begins."""
        counted = [line.days for line in self.lines if line.position.recurs]
        return None if None in counted else next(iter(counted), None)

    @property
    def canonical(self) -> str:
        """One text of all it promises, for the caller to sign."""
        return written(self)

    def is_good(self, at: datetime) -> bool:
        return self.at <= at < self.expires


def sign_up(
    prices: PriceList, choice: Choice, at: datetime, lasts: timedelta = LASTS
) -> Quote:
    """A new order; it alone pays the set-up fee (I7), once and not for each seat."""
    fee = prices.packages[choice.package].setup_fee
    setup = Position(Kind.FEE, choice.package, 1, fee, recurs=False) if fee else None
    positions = prices.positions(choice) + ((setup,) if setup else ())
    ends = renews(at, choice.cycle, 1, prices.terms.zone)
    return _quote(prices, choice, _in_full(positions), (at, ends), at, lasts)


def apart(
    name: str, price: Money, quantity: int, ref: str, at: datetime,
    lasts: timedelta = LASTS,
) -> Quote:  # fmt: skip
    """A top-up or coupons, bought once beside any plan. *ref*: the account that gets
    it, and no other (I10, S7)."""
    good = Position(Kind.GOOD, name, quantity, price, recurs=False)
    choice, lines = Choice(name, ONCE, quantity), _in_full((good,))
    return Quote(choice, lines, price, good.price, at, None, at, at + lasts, ref)


def renewal(
    prices: PriceList, has: Subscription, at: datetime, lasts: timedelta = LASTS
) -> Quote:
    """The next period, of the next renewal package where there is one (C11)."""
    starts = has.turns(at)
    choice = has.next.choice if has.next and has.next.at <= starts else has.choice
    positions = tuple(p for p in prices.positions(choice) if p.recurs)
    ends = renews(starts, choice.cycle, 1, prices.terms.zone)
    quote = _quote(prices, choice, _in_full(positions), (starts, ends), at, lasts)
    return replace(quote, ref=has.ref)


def change(
    prices: PriceList,
    has: Subscription,
    to: Choice,
    at: datetime,
    lasts: timedelta = LASTS,
    had: PriceList | None = None,
) -> Quote:
    """What becomes another choice at once.

    In the same cycle the period goes on: what is left of it is given back at the old
    price and due at the new one. Another cycle begins a new period, due in full; so
    does what was only tried or free, where nothing is given back, and after a trial's
    end. *had*: the list it was sold by, where that is another.
    """
    was, will = (had or prices).positions(has.choice), prices.positions(to)
    rest = _rest(has, at, prices.terms.zone)
    runs = _is_paid_for(prices, has, at)
    goes_on = runs and to.cycle == has.choice.cycle
    same = {p for p in was if p in will and (goes_on or not p.recurs)}
    back = tuple(p for p in was if p not in same) if runs else ()
    due = tuple(p for p in will if p not in same)
    if goes_on:
        lines, period = _lines(Way.DEBIT, due, rest), (has.starts, has.paid_until)
    else:
        starts = has.turns(at) if has.tried_until else at
        lines, period = (
            _in_full(due),
            (starts, renews(starts, to.cycle, 1, prices.terms.zone)),
        )
    lines = _lines(Way.CREDIT, back, rest) + lines
    return replace(_quote(prices, to, lines, period, at, lasts), ref=has.ref)


def paid(has: Subscription, of: Quote, then: Scheduled | None = None) -> Subscription:
    """What it is once that change is paid, and what is scheduled with it."""
    changed = replace(has, choice=of.choice, tried_until=None, next=then)
    if (of.starts, of.ends) == (has.starts, has.paid_until):
        return changed
    return replace(changed, starts=of.starts, ends=of.ends, ahead=0, ahead_until=None)


def _is_paid_for(prices: PriceList, has: Subscription, at: datetime) -> bool:
    if has.tried_until or prices.is_free(has.choice.package):
        return False
    if has.paid_until is None:
        return CYCLES[has.choice.cycle] is None
    return at < has.paid_until


def _rest(has: Subscription, at: datetime, zone: str) -> Days | None:
    """What was bought once is not used up by days."""
    if has.ends is None:
        return None
    return days_left(has.starts, has.ends, at, ZoneInfo(zone), has.ahead)


def _in_full(positions: tuple[Position, ...]) -> tuple[Line, ...]:
    return _lines(Way.DEBIT, positions, None)


def _lines(
    way: Way, positions: tuple[Position, ...], rest: Days | None
) -> tuple[Line, ...]:
    return tuple(_line(way, position, rest) for position in positions)


def _line(way: Way, position: Position, rest: Days | None) -> Line:
    """Multiplied first, rounded once; what does not recur is not used up by days."""
    days = rest if position.recurs else None
    share = days.share if days else Fraction(1)
    sign = -1 if way is Way.CREDIT else 1
    price = position.price
    amount = rounded(sign * Fraction(price.amount) * share, price.currency)
    return Line(way, position, amount, days)


def _quote(
    prices: PriceList,
    choice: Choice,
    lines: tuple[Line, ...],
    period: tuple[datetime, datetime | None],
    at: datetime,
    lasts: timedelta,
) -> Quote:
    unit_price = prices.unit_price(choice)
    whole = unit_price.times(choice.quantity)
    starts, ends = period
    return Quote(choice, lines, unit_price, whole, starts, ends, at, at + lasts)
