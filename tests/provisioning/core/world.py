"""A small trade for the rules to act on, and what is remembered between two plans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import settings

from provisioning.core.account import Account, Service
from provisioning.core.actions import Level, Open
from provisioning.core.catalog import Catalog, Package, TopUp
from provisioning.core.coupons import Coupon
from provisioning.core.credit import Claim, Kind
from provisioning.core.desired import State, desired
from provisioning.core.events import Event, Type
from provisioning.core.heard import Ledger, Ruling
from provisioning.core.money import Money
from provisioning.core.plan import Plan, plan

often = settings(max_examples=300, deadline=None)
"""For properties: a busy machine is no reason to fail."""


def on(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def usd(amount):
    return Money(Decimal(amount), "USD")


NOW = datetime(2027, 6, 1, tzinfo=UTC)
SERVICE = "shop:7"
DAY = timedelta(days=1)

ORDERED, PAID_IN, RENEWED = on(1, 1, 10), on(1, 15), on(2, 1, 10)
SUSPENDED, RESUMED, ENDED = on(2, 10), on(2, 12), on(2, 20)
"""When it happens, where a test does not say otherwise."""

CATALOG = Catalog(
    packages={
        package.name: package
        for package in (
            Package(
                name="basic",
                backend="main",
                price=usd("29.00"),
                cycle="monthly",
                entitlements={"channels": 5, "tariff": "standard"},
                free_credit=usd("5.00"),
            ),
            Package(
                name="gold",
                backend="main",
                price=usd("99.00"),
                cycle="monthly",
                entitlements={"channels": 20, "tariff": "cheap"},
                free_credit=usd("15.00"),
            ),
            Package(
                name="plain",
                backend="main",
                price=usd("9.00"),
                cycle="once",
                entitlements={"channels": 1, "tariff": "standard"},
            ),
            Package(
                name="elsewhere",
                backend="other",
                price=usd("29.00"),
                cycle="monthly",
                entitlements={"channels": 5, "tariff": "standard"},
            ),
        )
    },
    topups={
        topup.name: topup
        for topup in (
            TopUp("ten", price=usd("10.00"), credit=usd("8.50"), bonus=usd("1.25")),
            TopUp("twenty", price=usd("20.00"), credit=usd("18.00")),
            TopUp("dear", price=usd(10**8), credit=usd(10**8)),
            TopUp("euro", price=usd("10.00"), credit=Money(Decimal(8), "EUR")),
        )
    },
    currencies={"main": "USD", "other": "USD"},
)

ACCOUNT = Account(
    id="acct_1",
    source="shop",
    backend="main",
    currency="USD",
    username="sw1",
    services=(Service(SERVICE, "basic"),),
)
"""As the bridge makes it when an activation came in: nothing heard of it yet."""


def told(type_, at, **said):
    """One fact about the one service, whose id is as good as any other."""
    known = {"id": f"{type_} {at:%m-%d %H:%M}", "source": "shop", "service": SERVICE}
    return Event(**known | {"type": type_, "occurred_at": at} | said)


def activate(at=ORDERED, **said):
    first = {"product": "basic", "line": "shop:line-1", "starts": on(1, 1)}
    return told(Type.ACTIVATE, at, **first | said)


def renewed(at=RENEWED, **said):
    second = {"product": "basic", "line": "shop:line-2", "starts": on(2, 1)}
    return told(Type.RENEWED, at, **second | said)


def suspend(at=SUSPENDED, **said):
    return told(Type.SUSPEND, at, **said)


def resume(at=RESUMED, **said):
    return told(Type.RESUME, at, **said)


def terminate(at=ENDED, **said):
    return told(Type.TERMINATE, at, **said)


def change(at, product="gold", **said):
    return told(Type.CHANGE, at, product=product, **said)


def topup(at=PAID_IN, **said):
    ten = {"product": "ten", "line": "shop:line-9"}
    return told(Type.TOPUP, at, **ten | said)


def done(seen, level: Level):
    """What a backend makes of a level: it does as it is told and leaves the rest."""
    if isinstance(level, Open):
        return level.state
    return State(
        on=seen.on if level.on is None else level.on,
        entitlements={**seen.entitlements, **level.entitlements},
    )


@dataclass
class World:
    """The bridge's memory and an honest backend, in a few lines of each."""

    account: Account = ACCOUNT
    catalog: Catalog = CATALOG
    seen: State | None = None
    open: tuple[Claim, ...] = ()
    booked: dict[str, Claim] = field(default_factory=dict)
    sent: list[Claim] = field(default_factory=list)
    rulings: dict[str, Ruling] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)
    balance: Decimal | None = None
    """What the backend shows, where a test is about it."""

    at: datetime | None = None
    """Now, where a test sets its own clock."""

    debit: bool = False
    deletes: bool = False
    debts: tuple[Claim, ...] = ()
    arrived: Decimal = Decimal(0)
    tried: frozenset[str] = frozenset()
    coupons: dict[str, Coupon] = field(default_factory=dict)
    apart: dict[str, tuple[tuple[str, datetime], ...]] = field(default_factory=dict)

    def plan(self, *events: Event, unsure: bool = False, listed: bool = False) -> Plan:
        return plan(
            self.account,
            tuple(self._kept(event) for event in events),
            seen=self.seen,
            ledger=self.ledger,
            catalog=self.catalog,
            at=self.at or NOW,
            unsure=unsure,
            listed=listed,
            balance=self.balance,
            debit=self.debit,
            deletes=self.deletes,
        )

    def hear(self, *events: Event) -> Plan:
        """Plan these together, and remember what they did."""
        todo = self.plan(*events)
        self._keep(todo)
        self.rulings |= {ruling.event.id: ruling for ruling in todo.rulings}
        return todo

    def _keep(self, todo: Plan) -> None:
        self.account = todo.account
        self.open = todo.offsets.left_of(self.open + todo.bookings)
        self.debts = todo.offsets.debts_after(self.debts)
        self.coupons |= {each.id: each for each in todo.coupons}
        for claim in todo.bookings:
            assert claim.key not in self.booked, f"{claim.key} is booked a second time"
            self.booked[claim.key] = claim

    def bring(self) -> None:
        """Do what is to be done, one plan after the other, until nothing is."""
        while (todo := self.plan()).levels or todo.flows or todo.offsets:
            self._keep(todo)
            for level in todo.levels:
                self.seen = done(self.seen, level)
            onward = [c for c in todo.flows if c.sent > 0]
            assert self.levels or not onward, "sent where no service lives"
            self.sent += todo.flows
            self.open = tuple(c for c in self.open if c not in todo.flows)
            total = sum((c.sent for c in todo.flows), Decimal(0))
            self.arrived += total
            self.balance = None if self.balance is None else self.balance + total

    @property
    def ledger(self):
        lines = {
            period.line: service.ref
            for service in self.account.services
            for period in service.periods
            if period.line
        }
        free = {key: c for key, c in self.booked.items() if c.kind is Kind.FREE}
        return Ledger(
            self.open, self.booked, lines, free,
            arrived=self.arrived, debts=self.debts, tried=self.tried,
            coupons=tuple(self.coupons.values()), apart=self.apart,
        )  # fmt: skip

    @property
    def levels(self):
        return desired(self.account, self.catalog)

    @property
    def service(self):
        return self.account.service(SERVICE)

    def _kept(self, event):
        """An event is counted when it first arrives, and never again."""
        self.arrivals.setdefault(event.id, len(self.arrivals) + 1)
        return replace(event, arrival=self.arrivals[event.id])
