"""An umbrella: for a while, every plan of an account is at least of some rank (S4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.core.terms import Terms, Umbrella


@dataclass(frozen=True, slots=True)
class Acting:
    """One that was spread over an account. Half-open [starts, ends); None: for good."""

    umbrella: str
    starts: datetime
    ends: datetime | None = None
    why: str | None = None

    def holds(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)


def folded(
    acting: tuple[Acting, ...], umbrella: str, at: datetime
) -> tuple[Acting, ...]:
    """All of that name end then, or where they were to end before; the past stays."""
    return tuple(
        replace(a, ends=max(a.starts, at))
        if a.umbrella == umbrella and (a.ends is None or at < a.ends)
        else a
        for a in acting
    )


def floor(
    acting: tuple[Acting, ...], family: str, terms: Terms, at: datetime
) -> Umbrella | None:
    """The best that acts on that family then; its rank must be a step of the ladder."""
    known = (terms.umbrellas.get(a.umbrella) for a in acting if a.holds(at))
    covering = [u for u in known if u and _covers(u, family, terms)]
    return min(covering, key=lambda u: u.rank, default=None)


def _covers(umbrella: Umbrella, family: str, terms: Terms) -> bool:
    named = not umbrella.families or family in umbrella.families
    return named and terms.at_rank(family, umbrella.rank) is not None
