"""One account planned again and again: as most are, and with all that acts on some.

Nothing is heard and nothing differs, as when a fleet is looked through: the rules
alone, on one core, without a database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.desired import desired
from provisioning.core.events import Order
from provisioning.core.heard import Ledger
from provisioning.core.money import Money
from provisioning.core.period import Period
from provisioning.core.plan import plan
from provisioning.core.splice import Activation
from provisioning.core.terms import Dunning, Family, Ladder, Terms, Umbrella
from provisioning.core.umbrellas import Acting

FLEET = 100_000
ENOUGH = 2.0
"""Seconds for each kind of account."""

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
ENDS, AT = BEGAN + timedelta(days=31), BEGAN + timedelta(days=12)
LIVES = {LIFE: Mark(yes=True, order=Order(BEGAN, 0, 0))}
PAID = Period(1, BEGAN, ENDS, line="shop:1", paid_at=BEGAN)


def measure() -> Iterator[dict[str, Any]]:
    took = {name: _took(account) for name, account in KINDS.items()}
    for name, seconds in took.items():
        yield {
            "account": name,
            "microseconds": round(seconds * 1e6, 1),
            "seconds_of_100_000": round(seconds * FLEET, 1),
            "times_the_plainest": round(seconds / took["one service"], 1),
        }


def _took(account: Account) -> float:
    """Seconds of the processor for one, in the best round."""
    seen, rounds = desired(account, CATALOG, AT), []
    fleet = [_another(account) for _ in range(100)]
    until = time.process_time() + ENOUGH
    while time.process_time() < until:
        began = time.process_time()
        for each in fleet:
            plan(each, (), seen=seen, ledger=Ledger(), catalog=CATALOG, at=AT)
        rounds.append((time.process_time() - began) / len(fleet))
    return min(rounds)


def _another(account: Account) -> Account:
    """Of which nothing is known from before."""
    return replace(account, services=tuple(replace(s) for s in account.services))


def _package(rank: int) -> Package:
    limits = {"channels": 40 - rank, "tariff": f"t{rank}"}
    return Package(f"rank {rank}", "main", PRICE, "monthly", limits)


def _service(no: int) -> Service:
    return Service(f"shop:{no}", "rank 14", LIVES, (replace(PAID, line=f"shop:{no}"),))


def _coupon(no: int) -> Activation:
    """Each for an hour of a day of its own; the last one runs."""
    at = AT - timedelta(days=no, minutes=30)
    hour = timedelta(hours=1)
    return Activation(f"c{no}", "shop:1", at, hour, "rank 12", 12)


PRICE = Money(Decimal("29.00"), "USD")
RANKS = range(5, 35)
CATALOG = Catalog(
    {f"rank {rank}": _package(rank) for rank in RANKS},
    {},
    {"main": "USD"},
    terms=Terms(
        families={"calls": Family("calls")},
        ladders={f"rank {rank}": Ladder("calls", rank) for rank in RANKS},
        umbrellas={"floor": Umbrella("floor", 10)},
        dunning={"house": Dunning()},
    ),
)
PLAINEST = Account(
    "acct_1", "shop", "main", "USD", "sw1", remote="1", services=(_service(1),)
)
KINDS = {
    "one service": PLAINEST,
    "five services": replace(PLAINEST, services=tuple(map(_service, range(1, 6)))),
    "dunned by us": replace(PLAINEST, source="house"),
    "under an umbrella": replace(PLAINEST, umbrellas=(Acting("floor", BEGAN),)),
    "one coupon": replace(PLAINEST, activations=(_coupon(0),)),
    "ten coupons": replace(
        PLAINEST, activations=tuple(_coupon(no) for no in reversed(range(10)))
    ),
}
