"""A look at a WHMCS of 5,000 services and 15,000 paid invoices: how many calls it is.

*first*: the very first; *quiet*: nothing happened; *busy*: 20 were paid, half of them
of ten days ago; *whole*: looks until every service was seen. The WHMCS is a stand-in.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.places import databases
from bridge import config
from bridge.parts import assemble
from bridge.pulls.invoices import OLDER
from bridge.pulls.pull import Pull
from tests.rigs.whmcs import Whmcs, running, table

SERVICES, INVOICES, DAYS = 5_000, 15_000, 90
NAME = "billing"


def measure() -> Iterator[dict[str, Any]]:
    with running(Whmcs()) as whmcs, databases("sqlite") as places:
        place = places.place(kind="bench.slow", backend="latency = 0.0")
        with place.path.open("a") as file:
            file.write(
                table(whmcs, "whsec_" + "QQ" * 20).replace("credit20", "credit10")
            )
        parts = assemble(config.load(place.path))
        parts.database.upgrade()
        parts.editions.begin(parts.database, parts.clock.now())
        pull, at = parts.pulls[NAME], parts.clock.now()
        _fill(whmcs, at)
        first = _looked(whmcs, pull, at)
        for no in range(INVOICES // (100 * OLDER)):
            pull.run(at + timedelta(minutes=no))  # all are known by then
        quiet = _looked(whmcs, pull, at + timedelta(hours=20))
        _pay(whmcs, at)
        busy = _looked(whmcs, pull, at + timedelta(hours=21))
        yield {
            "services": SERVICES,
            "invoices": INVOICES,
            "unit": "calls",
            "first": first,
            "quiet": quiet,
            "busy": busy,
            "whole": -(-SERVICES // (100 * quiet.get("GetClientsProducts", 1))),
        }
        parts.database.close()


def _fill(whmcs: Whmcs, at: datetime) -> None:
    for no in range(SERVICES):
        whmcs.service(str(1 + no), status="Active", regdate="2026-01-01")
    for no in range(INVOICES):
        made = at - timedelta(days=DAYS * no / INVOICES)
        whmcs.paid(
            str(100_000 + no), (str(no), "Domain", "1"), made=made.date().isoformat(),
            at="2026-10-01 10:00:00",
        )  # fmt: skip
    for no in _late():
        whmcs.invoices[str(100_000 + no)]["status"] = "Unpaid"


def _late() -> range:
    """Ten of ten days ago."""
    ago = 10 * INVOICES // DAYS
    return range(ago, ago + 10)


def _pay(whmcs: Whmcs, at: datetime) -> None:
    for no in _late():
        paid = {"status": "Paid", "datepaid": f"{at:%Y-%m-%d %H:%M:%S}"}
        whmcs.invoices[str(100_000 + no)] |= paid
    for no in range(10):
        whmcs.paid(
            str(200_000 + no), (str(no), "Domain", "1"), made=at.date().isoformat(),
            at=f"{at:%Y-%m-%d %H:%M:%S}",
        )  # fmt: skip


def _looked(whmcs: Whmcs, pull: Pull, at: datetime) -> dict[str, Any]:
    whmcs.journal.clear()
    began = time.perf_counter()
    pull.run(at)
    took = round(time.perf_counter() - began, 2)
    return {"all": len(whmcs.journal), "seconds": took} | dict(
        Counter(action for action, _ in whmcs.journal)
    )
