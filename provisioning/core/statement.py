"""What came into an account and what was used of it, free and bought apart.

A backend keeps one balance and says nothing of its parts. What came in stands in the
ledger; what was used is how far the balance, as it was seen, stays behind that. Free
credit is used first (D16). What is seen above what the books know is not counted: its
booking follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from provisioning.core import credit
from provisioning.core.credit import BOUGHT, GIVEN, LENT, RECALLED, REVERSED

NOUGHT, ONE = Decimal(0), Decimal(1)
RESET = "/back"
"""Ends the key of what a reset takes back, because it ends unused."""


class Way(StrEnum):
    """How a sum came, or went."""

    CARRIED = "carried"
    """It was there before us."""

    PAID = "paid"
    GRANTED = "granted"
    MOVED = "moved"
    """To this account from another, or from it."""

    REVERSED = "reversed"
    EXPIRED = "expired"
    WRITTEN_OFF = "written off"


@dataclass(frozen=True, slots=True)
class Parts:
    free: Decimal = NOUGHT
    bought: Decimal = NOUGHT

    @property
    def whole(self) -> Decimal:
        return self.free + self.bought

    def times(self, amount: Decimal) -> Parts:
        return Parts(self.free * amount, self.bought * amount)

    def and_(self, other: Parts) -> Parts:
        return Parts(self.free + other.free, self.bought + other.bought)

    def less(self, other: Parts) -> Parts:
        return Parts(self.free - other.free, self.bought - other.bought)


@dataclass(frozen=True, slots=True)
class Move:
    """By the ledger. *there*: what of it moved the balance at the backend."""

    at: datetime
    way: Way | None
    amount: Parts = Parts()
    there: Parts = Parts()


FROM_OUTSIDE = {
    BOUGHT.origin: Way.PAID,
    GIVEN.origin: Way.GRANTED,
    credit.OPENING: Way.CARRIED,
    credit.MOVED: Way.MOVED,
}
OWED = {
    BOUGHT.waiting: Parts(bought=ONE),
    BOUGHT.arrived: Parts(bought=ONE),
    credit.CARRIED: Parts(bought=ONE),
    GIVEN.waiting: Parts(free=ONE),
    GIVEN.arrived: Parts(free=ONE),
}
"""The books whose sums are a customer's."""

THERE = {
    BOUGHT.arrived: Parts(bought=ONE),
    credit.CARRIED: Parts(bought=ONE),
    REVERSED.waiting: Parts(bought=ONE),
    LENT.waiting: Parts(bought=ONE),
    GIVEN.arrived: Parts(free=ONE),
    RECALLED.waiting: Parts(free=ONE),
}
"""Those whose sums stand at the backend: what is to be taken back is still there, and
what was lent was spent of what was there."""


def moved(
    at: datetime, key: str, from_book: str, to_book: str, amount: Decimal
) -> Move:
    """What one row of the ledger did."""
    owed = _between(OWED, from_book, to_book).times(amount)
    outside = FROM_OUTSIDE.get(from_book) or FROM_OUTSIDE.get(to_book)
    way = outside or (Way.EXPIRED if key.endswith(RESET) else Way.REVERSED)
    there = _between(THERE, from_book, to_book).times(amount)
    return Move(at, way if owed != Parts() else None, owed, there)


def _between(books: Mapping[str, Parts], from_book: str, to_book: str) -> Parts:
    return books.get(to_book, Parts()).less(books.get(from_book, Parts()))


@dataclass(frozen=True, slots=True)
class Seen:
    """The balance as the backend showed it."""

    at: datetime
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Gone:
    """From then on there is no such account, and nothing is owed for it."""

    at: datetime


Step = Move | Seen | Gone


@dataclass(frozen=True, slots=True)
class Line:
    """Between two moments. opening + all that came - used = closing."""

    opening: Parts
    came: tuple[tuple[Way, Parts], ...]
    """What went is less than nothing."""

    used: Parts
    closing: Parts

    def of(self, way: Way) -> Parts:
        return dict(self.came).get(way, Parts())


@dataclass(slots=True)
class Walk:
    """An account from its first entry on, step by step, in the order of time."""

    owed: Parts = Parts()
    """What its customer has: there, and paid for or due and still on its way."""

    there: Parts = Parts()
    """What of it is at the backend."""

    def take(self, step: Step) -> tuple[Way | None, Parts]:
        """What it did to what is owed, and by which way; None is used."""
        match step:
            case Move(way=way, amount=amount, there=there):
                self.owed, self.there = self.owed.and_(amount), self.there.and_(there)
                return way, amount
            case Seen(balance=balance):
                gone = _used(self.there, balance)
                way = None
            case _:
                gone, way = self.owed, Way.WRITTEN_OFF
                self.there = gone
        self.owed, self.there = self.owed.less(gone), self.there.less(gone)
        return way, gone if way is None else Parts().less(gone)


def lines(
    steps: Iterable[Step], bounds: Iterable[datetime]
) -> Iterator[tuple[datetime, Line]]:
    """One for each stretch that ends at a bound; the first begins with the account.

    *steps* in the order of time. What happens at a bound belongs to what follows.
    """
    walk, rest = Walk(), iter(steps)
    waiting = next(rest, None)
    for until in bounds:
        line = Line(walk.owed, (), Parts(), walk.owed)
        while waiting is not None and waiting.at < until:
            line = _noted(line, *walk.take(waiting))
            waiting = next(rest, None)
        yield until, replace(line, closing=walk.owed)


def spent(steps: Iterable[Step]) -> Iterator[tuple[datetime, Decimal]]:
    """What was used, by the moment it was seen."""
    walk = Walk()
    for step in steps:
        way, amount = walk.take(step)
        if way is None and isinstance(step, Seen) and amount.whole:
            yield step.at, amount.whole


def now(steps: Iterable[Step]) -> Parts:
    """What is at the backend now."""
    walk = Walk()
    for step in steps:
        walk.take(step)
    return walk.there


def _noted(line: Line, way: Way | None, amount: Parts) -> Line:
    if way is None:
        return replace(line, used=line.used.and_(amount))
    came = dict(line.came)
    came[way] = came.get(way, Parts()).and_(amount)
    return replace(line, came=tuple(came.items()))


def _used(there: Parts, balance: Decimal) -> Parts:
    """Free credit first; what is used beyond all of it is owed to the backend."""
    gone = max(NOUGHT, there.whole - balance)
    free = min(gone, max(NOUGHT, there.free))
    return Parts(free, gone - free)
