"""The demo's storm: much goes wrong by the dice, until it ends and sums are shown."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from bridge.cli import output
from bridge.cli.act import Sender
from bridge.cli.show import balances
from bridge.cli.story import Result, added_up
from bridge.parts import Parts
from bridge.store import attempts, chain, operations
from provisioning.core.money import text
from provisioning.core.period import months_after
from provisioning.simulator import Simulator

BLOWS = 8.0
"""Seconds it goes on at least."""

SETTLES = 180.0
"""Seconds everything may take to end after it."""

QUIET = 1.0
"""Seconds nothing may be under way until it counts as ended."""

STRIKES = {
    "User_Get": ("reset_before", "error_object_500", "html_200", "empty_200",
                 "truncated_body", "unauthorised_401"),
    "User_Create": ("reset_before", "reset_after_apply", "slow_then_applied",
                    "slow_not_applied", "truncated_body", "error_object_500"),
    "User_Update": ("reset_before", "reset_after_apply", "slow_then_applied",
                    "slow_not_applied", "html_200_applied", "echo_lies", "refuse",
                    "bad_status_line", "stale_read"),
    "User_Payment_Create": ("reset_before", "reset_after_apply", "slow_then_applied",
                            "slow_not_applied", "html_200_applied", "truncated_body",
                            "empty_200", "error_object_500", "refuse", "echo_lies",
                            "bad_status_line", "stale_read"),
}  # fmt: skip
"""What strikes which call. Not what makes a balance wrong by itself: then no money is
sent there any more, and there is nothing to see."""

MOST = 1_000_000
"""More events than there are."""

ODDS = 0.04
"""Of each, at each call."""

LONGEST = 3.0
"""Seconds: what lands late lands within the settle window, as the promise says."""

Told = dict[str, str]


@dataclass(slots=True)
class Storm:
    sender: Sender
    simulator: Simulator
    path: Path
    seed: int
    accounts: int
    events: set[str] = field(default_factory=set)
    paid: Decimal = Decimal(0)
    """What the platform says was paid for top-ups: each line once."""

    def run(self) -> Result:
        began, parts = time.monotonic(), output.kept(self.path)
        dice = random.Random(self.seed)  # noqa: S311 - to be drawn again the same
        self._plant(dice)
        click.echo(
            f"a storm over {self.accounts} accounts, seed {self.seed} …", err=True
        )
        sold = parts.config.catalog.topups
        for type_, told in self._words(dice):
            if type_ == "topup.paid":
                self.paid += sold[told["product"]].credit.amount
            self._say(dice, type_, told)
        time.sleep(max(0.0, BLOWS - (time.monotonic() - began)))
        struck = Counter(e.fault for e in self.simulator.journal if e.fault)
        self.simulator.calm()
        click.echo(
            f"it is over: {struck.total()} calls were struck; it settles …", err=True
        )
        settled = _settled(parts)
        retried = _retry(parts)
        settled = settled and _settled(parts)
        figures = {
            "seed": self.seed,
            "accounts": self.accounts,
            "events": len(self.events),
            "struck": dict(sorted(struck.items())),
            "retried": retried,
        }
        reckoned = self._reckon(parts, settled)
        seconds = {"seconds": round(time.monotonic() - began, 1)}
        return Result(figures | reckoned.figures | seconds, reckoned.faults)

    def _plant(self, dice: random.Random) -> None:
        for method, faults in STRIKES.items():
            for fault in faults:
                self.simulator.plant(
                    fault,
                    method,
                    times=1_000_000,
                    seconds=dice.uniform(0.2, LONGEST),
                    odds=ODDS,
                    seed=dice.randrange(2**32),
                )

    def _words(self, dice: random.Random) -> Iterator[tuple[str, Told]]:
        """Of all customers, each one's in its own order, shuffled among each other."""
        waiting = [list(_life(dice, no)) for no in range(1, self.accounts + 1)]
        while waiting:
            one = dice.choice(waiting)
            yield one.pop(0)
            if not one:
                waiting.remove(one)

    def _say(self, dice: random.Random, type_: str, told: Told) -> None:
        """Now and then twice, as platforms do."""
        answer = self.sender.send(type_, **told)
        self.events.add(answer["operation_id"])
        if dice.random() < 0.2:  # noqa: PLR2004 - one in five
            self.sender.deliver(*self.sender.last)

    def _reckon(self, parts: Parts, settled: bool) -> Result:
        with parts.database.read() as tx:
            entries, left = chain.entries(tx), attempts.unsure(tx)
            parked = operations.newest(tx, MOST, "parked")
        sums, there = balances(entries), added_up(self.simulator)
        unsure = sum((a.amount for a in left if a.amount is not None), Decimal(0))
        payments = sum(there.values(), Decimal(0))
        beyond = payments - sums["applied"] - sums["granted"]
        booked = {e.key: e.amount for e in entries if e.from_book in {"paid", "due"}}
        arrived = {e.key for e in entries if e.to_book in {"applied", "granted"}}
        names = ("paid", "applied", "held", "reversed", "due", "granted", "owed")
        figures: dict[str, Any] = {name: text(sums[name]) for name in names}
        figures |= {
            "told": text(self.paid),
            "unsure": text(unsure),
            "payments": text(payments),
            "beyond": text(beyond),
            "parked": dict(Counter(p.why.code for p in parked if p.why)),
        }
        return Result(figures, [fault for fault, so in (
            ("it did not settle in time", not settled),
            ("what was told as paid is not what was booked", self.paid != sums["paid"]),
            ("paid is not applied + held + reversed",
             sums["paid"] != sums["applied"] + sums["held"] + sums["reversed"]),
            ("due is not granted + owed",
             sums["due"] != sums["granted"] + sums["owed"]),
            ("unsure is not in held and owed", unsure > sums["held"] + sums["owed"]),
            ("the payments are not applied + granted, and at most what is unsure",
             not 0 <= beyond <= unsure),
            ("a sum was paid twice",
             any(amount > booked.get(key, 0) for key, amount in there.items())),
            ("what was booked as arrived is not among the payments",
             not arrived <= set(there)),
        ) if so])  # fmt: skip


def _life(dice: random.Random, no: int) -> Iterator[tuple[str, Told]]:
    """What a platform says of one customer, from the order on."""
    now = datetime.now(UTC)
    start = datetime(now.year, now.month, 1, tzinfo=UTC)
    service, client, lines = (
        str(1000 + no),
        str(no),
        iter(range(no * 100, no * 100 + 99)),
    )
    mine = {"service": service}
    yield "service.activate", mine | {
        "client": client, "product": dice.choice(["starter", "business"]),
        "line_ref": str(next(lines)), "start": start.isoformat(),
    }  # fmt: skip
    for month in range(1, dice.randint(3, 7)):
        yield from _month(dice, mine, client, lambda: str(next(lines)))
        yield (
            "service.renewed",
            mine
            | {
                "line_ref": str(next(lines)),
                "start": months_after(start, month).isoformat(),
            },
        )
    if dice.random() < 0.3:  # noqa: PLR2004 - not quite one in three
        yield "service.terminate", mine


def _month(
    dice: random.Random, mine: Told, client: str, line: Callable[[], str]
) -> Iterator[tuple[str, Told]]:
    for _ in range(dice.randint(0, 2)):
        product = dice.choice(["credit20", "credit50"])
        told = {"client": client, "product": product, "line_ref": line()}
        yield "topup.paid", told
    for word in dice.choice([(), ("suspend", "resume"), ("change",)]):
        better = {"product": "business"} if word == "change" else {}
        yield f"service.{word}", mine | better


def _retry(parts: Parts) -> int:
    """As a person does when the backend works again."""
    with parts.database.read() as tx:
        waiting = [
            operation.name
            for fate in ("parked", "refused")
            for operation in operations.newest(tx, MOST, fate)
        ]
    for name in waiting:
        with suppress(LookupError):  # done meanwhile, with another of its account
            output.order(parts, "event.retry", operation=name)
    return len(waiting)


def _settled(parts: Parts) -> bool:
    """Whether nothing was under way for a while, before it took too long."""
    until, since = time.monotonic() + SETTLES, time.monotonic()
    while time.monotonic() < until:
        if _under_way(parts):
            since = time.monotonic()
        elif time.monotonic() - since > QUIET:
            return True
        time.sleep(0.1)
    return False


def _under_way(parts: Parts) -> bool:
    with parts.database.read() as tx:
        waiting = any(
            operations.newest(tx, 1, f) for f in ("accepted", "working", "unsure")
        )
        looked_for = any(a.state in attempts.OPEN for a in attempts.unsure(tx))
    return waiting or looked_for
