"""Which of a customer's accounts a page is about: one of his own, and no other."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bridge.web.shop.visit import Visit
from provisioning.core.account import Account


@dataclass(frozen=True, slots=True)
class Mine:
    """All he has, and the one that is looked at; None: he has none yet."""

    every: list[Account]
    one: Account | None


def mine(visit: Visit, tx: sa.Connection, named: str | None) -> Mine:
    """The named one; where none is named, the first. LookupError: it is not his."""
    every = visit.accounts(tx)
    if named is None:
        return Mine(every, every[0] if every else None)
    found = next((each for each in every if each.id == named), None)
    if found is None:
        raise LookupError(not_yours(visit))
    return Mine(every, found)


def not_yours(visit: Visit) -> str:
    """The same, whether it is another's or nobody's."""
    return visit.say("There is no such thing, or it is not yours.")
