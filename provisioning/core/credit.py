"""Money that is owed to an account: each sum once, under the key of its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from provisioning.core.catalog import Package, TopUp
from provisioning.core.events import Event
from provisioning.core.money import Money
from provisioning.core.period import Period
from provisioning.core.pots import Pot


class Kind(StrEnum):
    """What a sum is: bought, given, taken back, or lent because it could not be."""

    TOPUP = "topup"
    BONUS = "bonus"
    FREE = "free"
    GOODWILL = "goodwill"
    REVERSAL = "reversal"
    """What was bought, paid back by the platform, and has to be taken back here."""

    RECALL = "recall"
    """What was given, likewise; or more free credit left than a reset leaves."""

    DEBT = "debt"
    """What was taken back from nobody: it is spent. The next top-up pays it first."""


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of the ledger a sum passes: from outside, waiting, arrived."""

    origin: str
    waiting: str
    arrived: str


BOUGHT = Books("paid", "held", "applied")
GIVEN = Books("due", "owed", "granted")
REVERSED = Books("applied", "reversing", "reversed")
RECALLED = Books("granted", "recalling", "revoked")
LENT = Books("lent", "debt", "repaid")
BOOKS = {
    Kind.TOPUP: BOUGHT,
    Kind.BONUS: GIVEN,
    Kind.FREE: GIVEN,
    Kind.GOODWILL: GIVEN,
    Kind.REVERSAL: REVERSED,
    Kind.RECALL: RECALLED,
    Kind.DEBT: LENT,
}
MOVED = "moved"
"""Where a sum stands between two owners. Over all owners it is always nought."""

OPENING, CARRIED = "opening", "carried"
"""What an account had when it was adopted: from outside, and where it stands since. It
was never sent by us."""

BACK = {Kind.TOPUP: Kind.REVERSAL, Kind.BONUS: Kind.RECALL}
"""As what each is taken back."""

DEBITS = {Kind.REVERSAL, Kind.RECALL}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sum an account has coming. *key* is its identity at the backend as well."""

    key: str
    kind: Kind
    money: Money
    event: str
    """The id of the event that made it due: every unit must be explainable."""

    offset: Decimal = Decimal(0)
    """What of it was settled against another sum: that part is not sent."""

    @property
    def rest(self) -> Decimal:
        return self.money.amount - self.offset

    @property
    def sent(self) -> Decimal:
        """What the backend is told to add: less than nothing takes back."""
        return -self.rest if self.kind in DEBITS else self.rest

    @property
    def of(self) -> str:
        """The key of the sum it takes back."""
        return self.key.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Bought:
    """Of one account, in its own currency: what has arrived, and what has not."""

    applied: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    balance: Decimal = Decimal(0)
    """What is there, of whatever kind."""


Given = Mapping[str, Claim]
"""What an account was given free, by key."""


def bought(event: Event, topup: TopUp) -> tuple[Claim, ...]:
    """What one paid top-up line brings: its credit, and its bonus apart."""
    sums = ((Kind.TOPUP, topup.credit), (Kind.BONUS, topup.bonus))
    return tuple(
        Claim(f"{event.line}/{kind}", kind, money.times(event.quantity or 1), event.id)
        for kind, money in sums
        if money and money.amount
    )


def raised(
    event: Event,
    service: str,
    package: Package,
    period: Period,
    given: Given,
    pot: Pot | None = None,
) -> tuple[Claim, ...]:
    """What a better package gives on top in a period that is under way.

    Only what exceeds the most that was granted in it before: up and down and up again
    is granted once (D15).
    """
    if pot and period.no < pot.no:
        # Of a quota that was reset since then nobody knows any more what it was.
        return ()
    interval = pot.interval if pot and pot.no == period.no else 0
    key = f"{service}/free/{period.no}/{interval}/"
    before = {k: claim for k, claim in given.items() if k.startswith(key)}
    sent = sum(claim.money.amount for claim in before.values())
    most = pot.quota if pot and pot.no == period.no else sent
    free = package.free_credit
    if free is None or free.amount <= most:
        return ()
    more = Money(free.amount - most, free.currency)
    last = max((int(k.removeprefix(key)) for k in before), default=0)
    return (Claim(f"{key}{last + 1}", Kind.FREE, more, event.id),)


def granted(
    event: Event, service: str, package: Package, period: Period
) -> tuple[Claim, ...]:
    """The free credit of one paid period: its interval 0, raise 0, the regular one."""
    if package.reckons or not (package.free_credit and package.free_credit.amount):
        return ()
    key = free_key(service, (period.no, 0))
    return (Claim(key, Kind.FREE, package.free_credit, event.id),)


def free_key(service: str, place: tuple[int, int]) -> str:
    """Of the regular grant of that interval of that paid period."""
    no, interval = place
    return f"{service}/free/{no}/{interval}/0"


def place(key: str, service: str) -> tuple[int, int] | None:
    """Of which paid period and interval that grant is, where it is this service's."""
    prefix = f"{service}/free/"
    if not key.startswith(prefix):
        return None
    no, interval, *_ = key.removeprefix(prefix).split("/")
    return int(no), int(interval)


def taken_back(event: Event, booked: Mapping[str, Claim]) -> tuple[Claim, ...]:
    """What one reversed line brought, the other way round."""
    found = (booked.get(f"{event.line}/{kind}") for kind in BACK)
    return tuple(replace(back_of(sum_), event=event.id) for sum_ in found if sum_)


def back_of(sum_: Claim) -> Claim:
    """The same, to be taken back."""
    kind = BACK[sum_.kind]
    return Claim(f"{sum_.key}/{kind}", kind, sum_.money, sum_.event)
