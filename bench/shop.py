"""A shop's pages with few things and with many: how much of its own work each takes.

In one process, without a network, as the console's are measured. A customer with as
many services as there are plans, and as many add-ons beside each plan.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from bench.jobs import AT, live, stand
from bench.places import Place, databases
from bridge.access.customers import Standing
from bridge.config import load
from bridge.parts import Parts, assemble
from bridge.store import customers
from tests.shopper import Shopper

FEW, MANY = 10, 200
ASKED = 60
"""Times each page is asked for: fewer than anybody may ask at once."""

PAGES = {
    "catalogue": "/",
    "configurator": "/plans/plan0?quantity=100&x-addon0=2",
    "services": "/services",
}
BUYER = "ann@example.com"
CLIENT = "calls:cl_1"
SHOP = """
[alerts]
folder = "outbox"
[sources.calls]
kind = "shop"
login_mail = "ours"
[sources.calls.brand]
name = "Example Calls"
login_url = "https://panel.example.com"
support = "help@example.com"
from = "hello@example.com"
[sources.calls.shop]
url = "https://shop.example.com"
currency = "USD"
pay = "Transfer it."
"""
SOLD = """
[packages.plan{0}]
price = "{1}.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
[packages.addon{0}]
price = "5.00 USD"
cycle = "monthly"
addon = true
channels = 1
"""


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places:
            few, many = (_asked(places.place(), count) for count in (FEW, MANY))
            yield {
                "database": name,
                "things": [FEW, MANY],
                "p95_own_ms": {page: [few[page], many[page]] for page in PAGES},
            }


def _asked(place: Place, many: int) -> dict[str, float]:
    """Milliseconds within which 95 of 100 are answered, page by page."""
    sold = "".join(SOLD.format(no, no + 10) for no in range(many))
    written = place.path.read_text()
    place.path.write_text(
        f'public_url = "https://bridge.example.com"\n{written}{SHOP}{sold}'
    )
    parts = assemble(load(place.path))
    parts.editions.begin(parts.database, parts.clock.now())
    _bought(parts, many)
    rig = SimpleNamespace(parts=parts, clock=parts.clock)
    took = {name: _page(rig, path) for name, path in PAGES.items()}
    parts.database.close()
    return took


def _bought(parts: Parts, many: int) -> None:
    """A customer, and what he has: an account each."""
    with parts.database.change() as tx:
        customers.add(
            tx, id="cu_1", source="calls", client=CLIENT, role=Standing.OWNER,
            email=BUYER, name="Ann", language="en", made_at=AT, proved_at=AT,
        )  # fmt: skip
        for no in range(many):
            had = live(parts, no, f"plan{no}")
            stand(tx, parts, replace(had, source="calls", client=CLIENT))


def _page(rig: Any, path: str) -> float:
    one = Shopper(rig, "calls", BUYER).log_in()  # type: ignore[no-untyped-call]
    own = []
    for _ in range(ASKED):
        worked = time.process_time()
        answer = one.get(path)
        own.append(time.process_time() - worked)
        assert answer.status_code == HTTPStatus.OK, answer.text
    return round(sorted(own)[ASKED * 95 // 100] * 1000, 1)
