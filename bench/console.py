"""The console's lists at 10 thousand events and at a million: how long each page takes.

In one process, without a network: what a browser waits for beside that is its own. Told
are the milliseconds within which 95 of 100 are answered, few events beside many; and
those of its own work, which on SQLite is all there is and on a busy machine the truth.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, NamedTuple

import sqlalchemy as sa

from bench.jobs import with_accounts
from bench.places import Place, databases
from bridge.config import load
from bridge.parts import assemble
from bridge.store.database import Database
from bridge.store.tables import account, claim, ledger, operation, request, service
from bridge.store.types import EPOCH
from tests.visit import Visit

FEW, MANY = 10_000, 1_000_000
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
    "account_events": "/accounts/acct_1/events",
    "account_ledger": "/accounts/acct_1/ledger",
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
                "p95_ms": {p: [few[p].waited, many[p].waited] for p in PAGES},
                "p95_own_ms": {p: [few[p].own, many[p].own] for p in PAGES},
            }


class Took(NamedTuple):
    """Milliseconds: as waited for, and of this process's own work alone."""

    waited: float
    own: float


def _asked(place: Place, events: int) -> dict[str, Took]:
    _fill(place, events)
    parts = assemble(load(place.path))
    parts.editions.begin(parts.database, parts.clock.now())
    rig = SimpleNamespace(parts=parts, clock=parts.clock)
    took = {name: _page(rig, path, events) for name, path in PAGES.items()}
    parts.database.close()
    return took


def _page(rig: Any, path: str, events: int) -> Took:
    visit = Visit(rig)  # type: ignore[no-untyped-call]
    waited, own = [], []
    path = path.format(middle=events // 2)
    for _ in range(ASKED):
        began, worked = time.perf_counter(), time.process_time()
        answer = visit.get(path)  # type: ignore[no-untyped-call]
        waited.append(time.perf_counter() - began)
        own.append(time.process_time() - worked)
        assert answer.status_code in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
    return Took(_p95(waited), _p95(own))


def _p95(seconds: list[float]) -> float:
    return round(sorted(seconds)[ASKED * 95 // 100] * 1000, 1)


def _fill(place: Place, events: int) -> None:
    """Made by the database itself: told one by one they would take half an hour."""
    [_] = with_accounts(place, 1)
    database = Database(place.database)
    with database.change(slow=True) as tx:
        _accounts(tx, events // OF_EACH)
        _events(tx, events, sa.literal(events // OF_EACH))
        if not database.embedded:
            tx.execute(sa.text("ANALYZE"))  # as its own housekeeping does
    database.close()


def _numbers(most: int) -> sa.CTE:
    first = sa.select(sa.literal(1, sa.BigInteger).label("no")).cte("n", recursive=True)
    return first.union_all(sa.select(first.c.no + 1).where(first.c.no < most))


def _accounts(tx: sa.Connection, many: int) -> None:
    """Like the one that is there, with its service."""
    n = _numbers(many)
    id_ = "acct_" + _text(n.c.no)
    named = {
        account: {
            "id": id_, "username": "sw" + _text(n.c.no), "remote": "r" + _text(n.c.no),
            "client": "shop:k" + _text(n.c.no),
        },
        service: {"ref": "shop:k" + _text(n.c.no), "account": id_},
    }  # fmt: skip
    for table, new in named.items():
        columns = [new.get(column.name, column) for column in table.c]
        rows = sa.select(*columns).select_from(table).join(n, sa.true())
        tx.execute(sa.insert(table).from_select(table.c.keys(), rows))


def _events(tx: sa.Connection, many: int, owners: sa.ColumnElement[int]) -> None:
    """A top-up each, that arrived, but for some that wait."""
    n = _numbers(many)
    no, waits = n.c.no, n.c.no % PARKED == 1
    owner = "acct_" + _text(1 + no % owners)
    key = "shop:" + _text(no) + "/topup"
    at = sa.literal(_micros(NOW - MONTH), sa.BigInteger) + no * (
        MONTH // timedelta(microseconds=1) // many
    )
    place, sum_ = 2 * (no // owners), sa.literal(TEN)
    why = _json(tx, '{"code": "package_unknown", "parts": {"product": "x"}}')
    told = {
        request: {
            "id": no, "source": "shop", "delivery": "t" + _text(no), "digest": "",
            "body": "{}", "received_at": at,
        },
        operation: {
            "id": no, "name": "op_" + _text(no), "request": no, "lane": owner,
            "source": "shop", "event": "t" + _text(no), "type": "topup.paid",
            "payload": _json(tx, "{}"), "planned": sa.true(),
            "fate": sa.case((waits, "parked"), else_="done"),
            "why": sa.case((waits, why)), "changed_at": at + 1_500_000,
        },
        claim: {
            "key": key, "owner": owner, "kind": "topup", "amount": sum_,
            "currency": "USD", "event": "t" + _text(no), "booked_at": at,
            "state": sa.case((waits, "open"), else_="settled"),
        },
    }  # fmt: skip
    for table, row in told.items():
        tx.execute(_all(table, row, n))
    for step, (from_, to) in enumerate((("paid", "held"), ("held", "applied"))):
        row = {
            "owner": owner, "no": place + step, "key": key, "from_book": from_,
            "to_book": to, "amount": sum_, "currency": "USD", "because": "",
            "at": at, "before": "", "hash": "",
        }  # fmt: skip
        tx.execute(_all(ledger, row, n))


def _all(table: sa.Table, row: dict[str, Any], n: sa.CTE) -> sa.Insert:
    values = [
        value if isinstance(value, sa.ColumnElement) else sa.literal(value, sa.Text)
        for value in row.values()
    ]
    return sa.insert(table).from_select(list(row), sa.select(*values).select_from(n))


def _text(number: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return sa.cast(number, sa.Text)


def _json(tx: sa.Connection, written: str) -> sa.ColumnElement[Any]:
    as_json = f"CAST('{written}' AS JSON)"
    return sa.literal_column(
        as_json if tx.dialect.name == "postgresql" else f"'{written}'"
    )


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
