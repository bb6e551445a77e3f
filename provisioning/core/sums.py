"""Which sums of an account go out now, which are settled here, and which wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from provisioning.core import offsets, purse
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim, Kind, place
from provisioning.core.heard import Heard, Ledger
from provisioning.core.offsets import Lend, Offsets
from provisioning.core.pots import Pot
from provisioning.core.purse import Balance, Due


@dataclass(frozen=True, slots=True)
class Holding:
    """Why sums wait, if they do."""

    all: bool
    ended: bool
    """Only for want of a living service: what goes back goes back all the same."""


@dataclass(frozen=True, slots=True)
class Sums:
    account: Account
    bookings: tuple[Claim, ...]
    offsets: Offsets
    flows: tuple[Claim, ...]
    waits: frozenset[str] = frozenset()
    """The events whose free credit has come due, and is not reckoned yet."""

    reckons: bool = False
    """Whether nothing more can be said without a balance that is certain."""


def sums(
    heard: Heard,
    ledger: Ledger,
    catalog: Catalog,
    at: datetime,
    *,
    balance: Decimal | None,
    debit: bool,
    holding: Holding,
) -> Sums:
    """*balance*: as the backend shows it, where that can be believed."""
    account = heard.account
    everything = ledger.open + heard.bookings
    unsent = unsent_of(account, everything, ledger)
    open_ = _ours(account, everything)
    left = unsent.left_of(open_)
    back = _to_take_back(left, ledger)
    dues = purse.due(account, catalog, heard.given(ledger), at)
    waits = frozenset(event for due in dues for event in due.events)
    if account.restored_at and left:
        # What arrived after the backup is not known before these were looked for.
        dues = ()
    if holding.all or (balance is None and (back or dues)):
        reckons = not holding.all and bool(back or dues)
        flows = () if holding.all or holding.ended else _onward(left)
        return Sums(account, heard.bookings, unsent, flows, waits, reckons)
    seen = Balance(balance or Decimal(0), ledger.arrived)
    account, claims = _granted(account, dues, seen, debit=debit)
    lends = _lent(account, back, seen, open_ + claims, debit=debit)
    settled = Offsets(
        unsent.voids,
        lends,
        # What was lent just now, too: the top-up may be at hand already.
        offsets.repays(
            tuple(c for c in left if offsets.is_bought(c)),
            ledger.debts + offsets.debts_of(lends),
        ),
    )
    bookings = heard.bookings + claims
    rest = settled.left_of(open_ + claims)
    taken = {claim.key for claim in back}
    flows = tuple(c for c in rest if c.key in taken)
    onward = () if holding.ended else _onward(rest)
    later = frozenset() if dues else waits
    return Sums(account, bookings, settled, flows + onward, later)


def _ours(account: Account, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Never in another currency: until its account was known nobody could say."""
    return tuple(c for c in claims if c.money.currency == account.currency)


def unsent_of(account: Account, open_: tuple[Claim, ...], ledger: Ledger) -> Offsets:
    """What was paid back before it was sent, in whatever currency.

    Of a restored account, what is open may have been sent after the backup.
    """
    if account.restored_at:
        return Offsets()
    return Offsets(offsets.voids(open_ + ledger.aside, ledger.tried))


def _to_take_back(left: tuple[Claim, ...], ledger: Ledger) -> tuple[Claim, ...]:
    """What went out for certain; the rest waits until that is known."""
    waiting = {c.key for c in left + ledger.aside} | ledger.tried
    return tuple(c for c in left if offsets.is_back(c) and c.of not in waiting)


def _onward(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    return tuple(c for c in claims if not offsets.is_back(c))


def _granted(
    account: Account, dues: tuple[Due, ...], seen: Balance, *, debit: bool
) -> tuple[Account, tuple[Claim, ...]]:
    if not dues:
        return account, ()
    return purse.grant(account, dues, seen, debit=debit)


def _lent(
    account: Account,
    back: tuple[Claim, ...],
    seen: Balance,
    open_: tuple[Claim, ...],
    *,
    debit: bool,
) -> tuple[Lend, ...]:
    """Of a restored account nobody knows yet what was taken back after the backup."""
    if account.restored_at:
        return ()
    spare = _spare(account, seen, open_) if debit else Decimal(0)
    return offsets.lends(back, spare)


def _spare(account: Account, seen: Balance, open_: tuple[Claim, ...]) -> Decimal:
    """Free credit is burned first: what is there beside it was bought."""
    if account.purse is None:
        return seen.now
    pots = purse.burned(account.purse, seen).pots
    free = sum((pot.left for pot in pots.values()), Decimal(0))
    coming = sum((c.rest for c in open_ if _is_of(c, pots)), Decimal(0))
    return seen.now - free + coming


def _is_of(claim: Claim, pots: Mapping[str, Pot]) -> bool:
    """Whether a pot counts it as there already, and it has still to be sent."""
    free = claim.kind is Kind.FREE
    return free and any(place(claim.key, service) for service in pots)
