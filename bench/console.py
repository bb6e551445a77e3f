"""The console's lists at 10 thousand events and at a million: how long each page takes.

In one process, without a network: what a browser waits for beside that is its own. Told
are the milliseconds within which 95 of 100 are answered, few events beside many.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from bench.jobs import with_accounts
from bench.places import Place, databases
from bridge import app
from bridge.config import load
from bridge.store.database import Database
from bridge.store.tables import claim, ledger, operation, request
from tests.visit import Visit

FEW, MANY = 10_000, 1_000_000
TOGETHER = 10_000
TEN = Decimal(10)
OF_EACH = 20
"""Events of one account."""

PARKED = 1_000
"""One of so many."""

ASKED = 60
"""Times each page is asked for: fewer than anybody may ask at once."""

NOW = datetime.now(UTC)
MONTH = timedelta(days=30)
PAGES = {
    "home": "/",
    "events": "/events",
    "trouble": "/events?fate=trouble",
    "seldom": "/events?fate=superseded",
    "deep": "/events?before={middle}",
    "accounts": "/accounts",
    "suspended": "/accounts?state=switched+off",
    "account_events": "/accounts/acct_000001/events",
    "account_ledger": "/accounts/acct_000001/ledger",
    "search_exact": "/search?q=t{middle}",
    "search_begins": "/search?q=t{middle}0",
    "held": "/held",
    "stuck": "/stuck",
}


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places:
            few, many = (_asked(places.place(), count) for count in (FEW, MANY))
            yield {
                "database": name,
                "events": [FEW, MANY],
                "p95_ms": {page: [few[page], many[page]] for page in PAGES},
                "times": round(
                    max(many[page] / few[page] for page in PAGES if few[page]), 1
                ),
            }


def _asked(place: Place, events: int) -> dict[str, float]:
    _fill(place, events)
    parts = app.assemble(load(place.path))
    parts.editions.begin(parts.database, parts.clock.now())
    rig = SimpleNamespace(parts=parts, clock=parts.clock)
    took = {name: _page(rig, path, events) for name, path in PAGES.items()}
    parts.database.close()
    return took


def _page(rig: Any, path: str, events: int) -> float:
    visit, times = Visit(rig), []  # type: ignore[no-untyped-call]
    path = path.format(middle=events // 2)
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = visit.get(path)  # type: ignore[no-untyped-call]
        times.append(time.perf_counter() - began)
        assert answer.status_code in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
    return round(sorted(times)[ASKED * 95 // 100] * 1000, 1)


def _fill(place: Place, events: int) -> None:
    with_accounts(place, max(events // OF_EACH, 1))
    database = Database(place.database)
    for start in range(0, events, TOGETHER):
        numbers = range(start, min(start + TOGETHER, events))
        with database.change(slow=True) as tx:
            for table, rows in (
                (request, [_request(no, events) for no in numbers]),
                (operation, [_operation(no, events) for no in numbers]),
                (claim, [_claim(no, events) for no in numbers]),
                (ledger, [row for no in numbers for row in _entries(no, events)]),
            ):
                tx.execute(sa.insert(table), rows)
    if not database.embedded:
        with database.read() as tx:
            tx.execute(sa.text("ANALYZE"))  # as its own housekeeping does
    database.close()


def _at(no: int, events: int) -> datetime:
    return NOW - MONTH + no * MONTH / events


def _owner(no: int, events: int) -> int:
    return no % (events // OF_EACH)


def _waits(no: int) -> bool:
    return no % PARKED == 1


def _request(no: int, events: int) -> dict[str, Any]:
    return {
        "id": no + 1, "source": "shop", "delivery": f"t{no}", "digest": "",
        "body": "{}", "received_at": _at(no, events),
    }  # fmt: skip


def _operation(no: int, events: int) -> dict[str, Any]:
    at = _at(no, events)
    why = (
        {"code": "package_unknown", "params": {"product": "x"}} if _waits(no) else None
    )
    return {
        "id": no + 1, "name": f"op_{no:016}", "request": no + 1,
        "lane": f"acct_{_owner(no, events):06}", "source": "shop", "event": f"t{no}",
        "type": "topup.paid", "service": None, "payload": {"line": f"shop:{no}"},
        "fate": "parked" if _waits(no) else "done", "why": why, "planned": True,
        "changed_at": at + timedelta(seconds=no % 7),
    }  # fmt: skip


def _claim(no: int, events: int) -> dict[str, Any]:
    return {
        "key": f"shop:{no}/topup", "owner": f"acct_{_owner(no, events):06}",
        "kind": "topup", "amount": TEN, "currency": "USD", "event": f"t{no}",
        "state": "open" if _waits(no) else "settled", "booked_at": _at(no, events),
    }  # fmt: skip


def _entries(no: int, events: int) -> Sequence[dict[str, Any]]:
    """Paid, and applied unless it waits; the chain of hashes is not what is timed."""
    books = [("paid", "held")] + ([] if _waits(no) else [("held", "applied")])
    place = 2 * (no // (events // OF_EACH))
    return [
        {
            "owner": f"acct_{_owner(no, events):06}", "no": place + step,
            "key": f"shop:{no}/topup", "from_book": from_, "to_book": to, "amount": TEN,
            "currency": "USD", "because": f"t{no}", "at": _at(no, events),
            "before": "", "hash": f"{no}-{step}",
        }
        for step, (from_, to) in enumerate(books)
    ]  # fmt: skip
