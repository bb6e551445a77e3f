"""Free minutes, messages, pages: counted in themselves, and never turned into money.

The platform burns them. It is told, as a level, how many were given in all and since
which interval: so it can be told any number of times, and each is given once.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.core.period import Place


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a package gives anew each paid period, or each interval of it (D22)."""

    quota: int
    reset: bool = False
    """What is left gives way to the new quota; else it is kept beside it."""

    cap: int | None = None
    """Of what is kept, never more than this with the new quota."""

    every: int | None = None
    """Months between two; else once per paid period."""

    def __add__(self, more: Allowance) -> Allowance:
        """With what an add-on gives on top, by the rule of the first."""
        caps = self.cap is not None and more.cap is not None
        cap = (self.cap or 0) + (more.cap or 0) if caps else self.cap
        return Allowance(self.quota + more.quota, self.reset, cap, self.every)

    def __mul__(self, quantity: int) -> Allowance:
        cap = None if self.cap is None else self.cap * quantity
        return Allowance(self.quota * quantity, self.reset, cap, self.every)

    def __str__(self) -> str:
        cap = "" if self.cap is None else f", at most {self.cap}"
        return f"{self.quota} {'instead of' if self.reset else 'beside'} the rest{cap}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What one service was given of one thing so far."""

    given: int
    """In all: only ever more."""

    most: int
    """The highest quota in this interval: what is better later gives the rest (D15)."""

    since: Place


@dataclass(frozen=True, slots=True, order=True)
class Quota:
    """The same, as the platform is told it."""

    service: str
    given: int
    since: Place
    reset: bool
    cap: int | None

    def __str__(self) -> str:
        no, interval = self.since
        return f"{self.given} given to {self.service} up to period {no}.{interval}"


Quotas = tuple[Quota, ...]
"""Of an account, by service."""
