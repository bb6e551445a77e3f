"""Many accounts at once: which, what would be done for all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.preview import Seen
from bridge.steps import sort, steps
from bridge.store import register, whereabouts
from bridge.store.batches import Line, New
from bridge.store.database import Database
from bridge.store.register import Which
from provisioning.core.actions import Change
from provisioning.core.desired import desired
from provisioning.core.money import amount
from provisioning.core.plan import Plan

PAGE = 50
"""Accounts in memory."""

AHEAD = 200
"""Plans that wait to be applied: what comes from the platforms is not queued up behind
a whole fleet, and it can be stopped soon."""

STATES = ("active", "suspended", "ended")


def of_all(database: Database, which: Which) -> Iterator[list[str]]:
    last = ""
    while True:
        with database.read() as tx:
            page = register.page(tx, which, last, PAGE)
        if not page:
            return
        yield page
        last = page[-1]


def ids(database: Database, names: Sequence[str]) -> list[str]:
    """Of accounts or services; what is neither stays as it is, and is not there."""
    with database.read() as tx:
        bound = whereabouts.bound(tx, names).read()
    found = [bound[name].account if name in bound else name for name in names]
    return list(dict.fromkeys(found))


def state(seen: Seen) -> str | None:
    """As it should be; None, where nobody can say."""
    if seen.todo is None or seen.catalog is None:
        return None
    should = desired(seen.todo.account, seen.catalog)
    if should is None:
        return "ended"
    return "active" if should.on else "suspended"


def goes_off(todo: Plan) -> bool:
    return any(isinstance(s, Change) and s.on is False for s in todo.levels)


@dataclass(slots=True)
class Totals:
    """What all of them come to."""

    accounts: int = 0
    planned: int = 0
    switched_off: int = 0
    sums: int = 0
    money: Counter[str] = field(default_factory=Counter)
    unseen: int = 0

    def add(self, seen: Seen) -> None:
        self.accounts += 1
        todo = seen.todo
        if todo is None:
            self.unseen += 1
            return
        self.planned += bool(todo.steps)
        self.switched_off += goes_off(todo)
        self.sums += len(todo.flows)
        for claim in todo.flows:
            self.money[claim.money.currency] += claim.money.amount  # type: ignore[assignment] # exact all the same

    @property
    def told(self) -> dict[str, Any]:
        return {
            "accounts": self.accounts,
            "planned": self.planned,
            "switched_off": self.switched_off,
            "sums": self.sums,
            "money": {name: str(total) for name, total in self.money.items()},
            "unseen": self.unseen,
        }

    def __str__(self) -> str:
        money = " and ".join(f"{t} {name}" for name, t in self.money.items())
        return (
            f"{self.accounts} accounts: {self.planned} would change,"
            f" {self.switched_off} be switched off, {self.sums} sums be sent"
            f" ({money or 'nothing'}); {self.unseen} could not be seen"
        )


# --- kept, to be shown on a page


def line(seen: Seen) -> New | None:
    """None, where it is as it should be: those are only counted."""
    todo = seen.todo
    if todo is None:
        return New(seen.account, Line.WRONG, {}, said=seen.fault)
    if not todo.steps:
        return None
    account = todo.account
    content = {
        "steps": steps(todo),
        "username": account.username,
        "backend": account.backend,
        "off": goes_off(todo),
        "money": [[str(c.money.amount), c.money.currency] for c in todo.flows],
    }
    return New(account.id, Line.SHOWN, content, sort(todo), todo.hash)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the lines that are kept."""

    planned: int
    off: Mapping[str, int]
    """By backend: how many would be switched off."""

    sums: int
    money: Mapping[str, Decimal]


def summed(contents: Iterable[Mapping[str, Any]]) -> Sums:
    planned, sums = 0, 0
    off, money = Counter[str](), dict[str, Decimal]()
    for one in contents:
        planned += 1
        off[one["backend"]] += one["off"]
        sums += len(one["money"])
        for sum_, currency in one["money"]:
            money[currency] = money.get(currency, Decimal(0)) + amount(sum_)
    return Sums(planned, {name: n for name, n in off.items() if n}, sums, money)
