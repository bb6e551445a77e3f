"""The demo's scripted story: everything that happens to an account, and the sums."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import click
import requests

from bridge.cli import models, outbox, output
from bridge.cli.act import Sender
from bridge.cli.show import balances
from bridge.store import attempts, chain, operations, register
from provisioning.core.money import text
from provisioning.core.period import months_after
from provisioning.simulator import Simulator

CLIENT, SERVICE = "7", "1001"
LATE = 2.0
"""Seconds until the slow top-up lands: after the call's deadline, inside the window."""

MAIL = 10.0
"""Seconds a mail may take into the folder."""

LINK = re.compile(r"^http\S+/reveal/\S+", re.MULTILINE)
SHOWN = re.compile(r"<code>(.*)</code>")


@dataclass(slots=True)
class Result:
    figures: dict[str, Any]
    faults: list[str]
    catalog: dict[str, str] = field(default_factory=dict)
    """What of the demo's shop is live, and as what."""


@dataclass(slots=True)
class Teller:
    """Sends, waits, and remembers what it saw on the way."""

    sender: Sender
    events: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    def tell(self, what: str, type_: str, **told: str) -> None:
        self._hear(what, self.sender.send(type_, **told))

    def again(self, what: str) -> None:
        self._hear(what, self.sender.deliver(*self.sender.last))

    def _hear(self, what: str, answer: Any) -> None:
        name = answer["operation_id"]
        self.events.add(name)
        ended = self.sender.wait(answer, seen=self._watch(name))
        click.echo(f"{what:<52} {ended['status']}", err=True)

    def _watch(self, name: str) -> Callable[[str], None]:
        return lambda status: self.unsure.add(name) if status == "unsure" else None


def run(sender: Sender, simulator: Simulator, path: Path, began: float) -> Result:
    """Order; top-ups, one told twice, one late; renewal by two roads; a better package;
    off, on, over."""
    start, following = months(datetime.now(UTC))
    teller = Teller(sender)
    service = {"service": SERVICE}
    paid = {"client": CLIENT, "product": "credit20"}
    teller.tell(
        "an order is paid",
        "service.activate",
        **service,
        client=CLIENT,
        email="ann@example.com",
        product="starter",
        line_ref="1",
        start=start,
    )
    works = _log_in(path.with_name("outbox"), simulator)
    click.echo(f"{'the login mail: its link shows the password':<52} done", err=True)
    teller.tell("a top-up is paid", "topup.paid", **paid, line_ref="2")
    teller.again("the same top-up is delivered again")
    simulator.plant("slow_then_applied", "User_Payment_Create", seconds=LATE)
    late = paid | {"product": "credit50", "line_ref": "3"}
    teller.tell(
        "a top-up is paid; it lands after we stop waiting", "topup.paid", **late
    )
    teller.tell(
        "renewed, told with its line", "service.renewed", **service, line_ref="4",
        start=following,
    )  # fmt: skip
    teller.tell(
        "renewed, told with its period", "service.renewed", **service, start=following
    )
    teller.tell(
        "a better package from now on", "service.change", **service, product="business"
    )
    for word in ("suspend", "resume", "terminate"):
        teller.tell(f"the platform says: {word}", f"service.{word}", **service)
    return _shop(
        _reckon(teller, simulator, path, began, works), sender, simulator, path
    )


def _shop(result: Result, sender: Sender, simulator: Simulator, path: Path) -> Result:
    """Each business model for each service, apart from the sums of the story."""
    models.order_all(sender, months(datetime.now(UTC))[0])
    live = models.live(simulator, path)
    for service in models.SERVICES:
        sold = [name for name in models.NAMES if name.startswith(f"{service}-")]
        ready = ", ".join(name.partition("-")[2] for name in sold if name in live)
        click.echo(f"{f'{service}: {ready}':<52} live", err=True)
    missing = [name for name in models.NAMES if name not in live]
    faults = [f"{name} is not live as it was sold" for name in missing]
    figures = result.figures | {"catalog_live": f"{len(live)} of {len(models.NAMES)}"}
    return Result(figures, result.faults + faults, live)


def _log_in(folder: Path, simulator: Simulator) -> bool:
    """Whether the mail's link shows a login the backend takes. A look uses nothing up.

    The mail goes its own way, which no event waits for.
    """
    until = time.monotonic() + MAIL
    while not (mails := _logins(folder)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    link = LINK.findall(mails[0].text)[0]
    looked = [requests.get(link, timeout=10).text for _ in range(10)]
    shown = SHOWN.findall(requests.post(link, timeout=10).text)
    there = {(user.username, user.password) for user in simulator.users.values()}
    hidden = not any(user.password in page for user in simulator.users.values()
                     for page in (*looked, mails[0].text, mails[0].html))  # fmt: skip
    return hidden and tuple(map(unescape, shown)) in there


def _logins(folder: Path) -> list[outbox.Kept]:
    """The mails with a link to a password; others tell of top-ups and the like."""
    return [mail for mail in outbox.kept(folder) if LINK.search(mail.text)]


def months(now: datetime) -> tuple[str, str]:
    """When this month began, and when the next one does."""
    this = datetime(now.year, now.month, 1, tzinfo=UTC)
    return this.isoformat(), months_after(this, 1).isoformat()


def _reckon(
    teller: Teller, simulator: Simulator, path: Path, began: float, works: bool
) -> Result:
    parts = output.kept(path)
    with parts.database.read() as tx:
        entries, left = chain.entries(tx), attempts.unsure(tx)
        parked = operations.newest(tx, 1000, "parked")
        opened = register.count(tx)
    topups = parts.config.catalog.topups
    paid = topups["credit20"].credit.amount + topups["credit50"].credit.amount
    sums = balances(entries)
    figures = {
        "events": len(teller.events),
        "accounts": opened,
        **{
            name: text(sums[name])
            for name in ("applied", "held", "reversed", "granted")
        },
        "paid": text(paid),
        "unsure_seen": len(teller.unsure),
        "unsure_left": len(left),
        "parked": len(parked),
        "mails": len(_logins(path.with_name("outbox"))),
        "login_works": works,
        "seconds": round(time.monotonic() - began, 2),
    }
    booked = {e.key: e.amount for e in entries if e.to_book in {"applied", "granted"}}
    there = added_up(simulator)
    return Result(figures, [fault for fault, so in (
        ("paid is not applied + held + reversed",
         paid != sums["applied"] + sums["held"] + sums["reversed"]),
        ("the ledger and the backend's payments differ", booked != there),
        ("no top-up was ever unsure", not teller.unsure),
        ("something is still unsure", bool(left)),
        ("the login mail's link showed no login that works", not works),
    ) if so])  # fmt: skip


def added_up(simulator: Simulator) -> dict[str, Decimal]:
    """The backend's own payments, by reference."""
    sums: dict[str, Decimal] = {}
    for payment in simulator.payments:
        known = sums.get(payment.reference, Decimal(0))
        sums[payment.reference] = known + payment.amount
    return sums
