"""Who buys at a shop: what each of a client's people may do, and what is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a page of a shop asks for."""

    SEE = "see"
    """Services, sums, orders."""

    BUY = "buy"
    """Order, change, pay, use coupons."""

    MANAGE = "manage"
    """Who else may log in for this client, and cancel."""


class Standing(StrEnum):
    """What somebody is for the client he belongs to (S11)."""

    OWNER = "owner"
    PAYER = "payer"
    VIEWER = "viewer"


RIGHTS: Mapping[Standing, frozenset[Right]] = {
    Standing.OWNER: frozenset(Right),
    Standing.PAYER: frozenset({Right.SEE, Right.BUY}),
    Standing.VIEWER: frozenset({Right.SEE}),
}


@dataclass(frozen=True, slots=True)
class Belonging:
    """One client of one source: what is another's is not there."""

    source: str
    client: str

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({self.source})

    def covers(self, owner: str | None) -> bool:
        """*owner*: the client whose a thing is."""
        return owner == self.client


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer who asks."""

    name: str
    """His id; it stands in the audit."""

    role: Standing
    scope: Belonging

    def may(self, what: str) -> bool:
        return what in RIGHTS[self.role]
