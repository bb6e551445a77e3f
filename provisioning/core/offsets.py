"""Sums that are settled against one another here: nothing is sent for them.

What was paid back before it was sent is not sent (void). What cannot be taken back, as
it is spent or the backend only adds, is a debt (lend), and the next top-up pays it
first (repay): D28.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal

from provisioning.core.credit import DEBITS, Claim, Kind
from provisioning.core.money import text


@dataclass(frozen=True, slots=True)
class Void:
    sum: Claim
    back: Claim

    @property
    def amount(self) -> Decimal:
        """What a part of it paid before, a debt, has to be taken back all the same."""
        return self.sum.rest


@dataclass(frozen=True, slots=True)
class Lend:
    back: Claim
    amount: Decimal

    @property
    def debt(self) -> Claim:
        """Named by what was lent of it before, so that no two are one."""
        key = f"{self.back.key}/{Kind.DEBT}/{text(self.back.offset)}"
        money = replace(self.back.money, amount=self.amount)
        return Claim(key, Kind.DEBT, money, self.back.event)


@dataclass(frozen=True, slots=True)
class Repay:
    sum: Claim
    debt: Claim
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Offsets:
    voids: tuple[Void, ...] = ()
    lends: tuple[Lend, ...] = ()
    repays: tuple[Repay, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.voids or self.lends or self.repays)

    def left_of(self, open_: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """What of these is still to be sent."""
        return tuple(c for c in (_less(c, self._less) for c in open_) if c.rest)

    def debts_after(self, debts: tuple[Claim, ...]) -> tuple[Claim, ...]:
        return self.left_of(debts + debts_of(self.lends))

    @property
    def _less(self) -> list[tuple[str, Decimal]]:
        """By key: what of it is settled here."""
        voids = [(c.key, v.amount) for v in self.voids for c in (v.sum, v.back)]
        lends = [(lent.back.key, lent.amount) for lent in self.lends]
        repays = [(c.key, p.amount) for p in self.repays for c in (p.sum, p.debt)]
        return voids + lends + repays


def voids(open_: tuple[Claim, ...], tried: Collection[str]) -> tuple[Void, ...]:
    """Of what was not sent; *tried*: keys of what may have arrived all the same."""
    unsent = {c.key: c for c in open_ if c.key not in tried}
    return tuple(
        Void(unsent[back.of], back)
        for back in open_
        if back.kind in DEBITS and back.of in unsent
    )


def lends(back: tuple[Claim, ...], spare: Decimal) -> tuple[Lend, ...]:
    """What of these is more than is there to be taken, one after the other."""
    found = []
    for each in back:
        taken = min(each.rest, max(spare, Decimal(0)))
        spare -= taken
        if taken < each.rest:
            found.append(Lend(each, each.rest - taken))
    return tuple(found)


def debts_of(lends: tuple[Lend, ...]) -> tuple[Claim, ...]:
    return tuple(lent.debt for lent in lends)


def repays(bought: tuple[Claim, ...], debts: tuple[Claim, ...]) -> tuple[Repay, ...]:
    """The oldest top-up pays the oldest debt."""
    found, left = [], {debt.key: debt.rest for debt in debts}
    for each in bought:
        rest = each.rest
        for debt in debts:
            paid = min(rest, left[debt.key])
            if paid:
                found.append(Repay(each, debt, paid))
            rest -= paid
            left[debt.key] -= paid
    return tuple(found)


def is_back(claim: Claim) -> bool:
    return claim.kind in DEBITS


def is_bought(claim: Claim) -> bool:
    return claim.kind is Kind.TOPUP


def _less(claim: Claim, less: list[tuple[str, Decimal]]) -> Claim:
    by = sum((amount for key, amount in less if key == claim.key), Decimal(0))
    return replace(claim, offset=claim.offset + by) if by else claim
