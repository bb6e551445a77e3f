"""Sums: each is booked once, moved only on proof, and never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store import chain, coupons, tables
from bridge.store.apart import Apart
from bridge.store.chain import Head
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.questions import Answer, Question, among
from bridge.store.ready import together
from bridge.store.tables import account, claim, ledger, period
from bridge.store.whereabouts import Place
from provisioning.core import credit
from provisioning.core.coupons import Coupon
from provisioning.core.credit import BACK, BOOKS, Bought, Claim, Kind
from provisioning.core.heard import Ledger
from provisioning.core.money import Money, from_micro

MOVED = credit.MOVED
OPENING, CARRIED = credit.OPENING, credit.CARRIED
"""What ARRIVED by us does not count it."""

FROM_OUTSIDE = frozenset({"paid", "due", "lent", OPENING})
"""Books that money comes from: what stands in them is what came."""

BOOK = statement(
    Rank.CLAIM,
    sa.insert(claim).values(
        {
            name: the(name)
            for name in (
                "key", "owner", "kind", "amount", "currency", "event", "state",
                "booked_at",
            )
        }
    ),
)  # fmt: skip
MARK = statement(
    Rank.MARK,
    sa.update(claim).where(claim.c.key == the("key")).values(state=the("state")),
)
UNSETTLED = Question(
    sa.select(claim)
    .where(among(claim.c.owner, "owners"), sa.text(tables.UNSETTLED))
    .order_by(claim.c.booked_at, claim.c.key)
)
BOOKED = Question(sa.select(claim).where(among(claim.c.key, "keys")))
HOLDERS = Question(
    sa.select(claim.c.key, claim.c.owner, account.c.backend)
    .join(account, account.c.id == claim.c.owner, isouter=True)
    .where(among(claim.c.key, "keys"))
)
PAID = Question(
    sa.select(period.c.line, period.c.service).where(among(period.c.line, "lines"))
)
FREE = Question(
    sa.select(claim).where(among(claim.c.owner, "owners"), sa.text(tables.FREE))
)
_AT_THE_BACKEND = ("applied", "granted", "reversing", "recalling", "debt")


def _moved(book: sa.Column[str]) -> sa.ColumnElement[int]:
    amount = sa.type_coerce(ledger.c.amount, sa.BigInteger)
    is_there = sa.or_(*(book == name for name in _AT_THE_BACKEND))
    return sa.func.sum(sa.case((is_there, amount), else_=0))


ARRIVED = Question(
    sa.select(
        ledger.c.owner,
        (_moved(ledger.c.to_book) - _moved(ledger.c.from_book)).label("total"),
    )
    .where(among(ledger.c.owner, "owners"))
    .group_by(ledger.c.owner)
)
"""What a backend was ever sent less what it was told to take back, in millionths."""


def known(tx: sa.Connection, owner: str, lines: Collection[str]) -> Ledger:
    """What a plan has to know: the owner's open sums, and what these lines brought."""
    with together(tx):
        waiting, told = due(tx, [owner]), brought(tx, lines)
    return told.read().of(owner, waiting.read().get(owner, Due()), lines)


@dataclass(frozen=True, slots=True)
class Brought:
    """What lines brought, of all who ask at once."""

    booked: Mapping[str, Claim]
    owners: Mapping[str, str]
    lines: Mapping[str, str]
    coupons: Sequence[Coupon]

    def of(
        self,
        owner: str,
        sums: Due,
        lines: Collection[str],
        given: Mapping[str, Claim] | None = None,
        arrived: Decimal = Decimal(0),
        apart: Apart | None = None,
    ) -> Ledger:
        keys = [key for key in _about(lines) if key in self.booked]
        return Ledger(
            open=sums.open,
            booked={key: self.booked[key] for key in keys},
            lines={line: self.lines[line] for line in lines if line in self.lines},
            coupons=tuple(each for each in self.coupons if each.line in lines),
            given=given or {},
            arrived=arrived,
            elsewhere=frozenset(key for key in keys if self.owners[key] != owner),
            debts=sums.debts,
            aside=sums.aside,
            apart=apart or {},
        )


def brought(tx: sa.Connection, lines: Collection[str]) -> Answer[Brought]:
    """The sums and coupons these lines brought, and the services they paid for."""
    with together(tx):
        booked = BOOKED.ask(tx, _with_owner, keys=_about(lines))
        paid = PAID.ask(tx, _by_line, lines=lines)
        bought = coupons.of_lines(tx, lines)
    return Answer(lambda: Brought(*booked.read(), paid.read(), bought.read()))


def _with_owner(rows: Iterable[Any]) -> tuple[dict[str, Claim], dict[str, str]]:
    known = list(rows)
    return _by_key(known), {row.key: row.owner for row in known}


def _by_key(rows: Iterable[Any]) -> dict[str, Claim]:
    return {row.key: read(row) for row in rows}


def _by_line(rows: Iterable[Any]) -> dict[str, str]:
    return {row.line: row.service for row in rows}


def _about(lines: Collection[str]) -> list[str]:
    """Every sum a line can have brought, and what took it back."""
    brought = [f"{line}/{kind}" for line in lines for kind in BACK]
    back = [f"{line}/{kind}/{how}" for line in lines for kind, how in BACK.items()]
    return brought + back


def given(
    tx: sa.Connection, owners: Collection[str]
) -> Answer[dict[str, dict[str, Claim]]]:
    """All that each owner was given free, by key."""
    if not owners:
        return Answer(dict)
    return FREE.ask(tx, _given, owners=owners)


def _given(rows: Iterable[Any]) -> dict[str, dict[str, Claim]]:
    found: dict[str, dict[str, Claim]] = {}
    for row in rows:
        found.setdefault(row.owner, {})[row.key] = read(row)
    return found


def arrived(tx: sa.Connection, owners: Collection[str]) -> Answer[dict[str, Decimal]]:
    """All that ever arrived at each one's account, less what was taken back."""
    if not owners:
        return Answer(dict)
    return ARRIVED.ask(tx, _totals, owners=owners)


def _totals(rows: Iterable[Any]) -> dict[str, Decimal]:
    return {row.owner: from_micro(int(row.total)) for row in rows}


@dataclass(frozen=True, slots=True)
class Due:
    """An owner's sums that have not arrived: those to be sent, and those put aside."""

    open: tuple[Claim, ...] = ()
    aside: tuple[Claim, ...] = ()
    debts: tuple[Claim, ...] = ()
    """Not to be sent: what a top-up brings pays them first."""


def due(tx: sa.Connection, owners: Collection[str]) -> Answer[dict[str, Due]]:
    """Of many owners at the cost of one; the longest waiting first."""
    return UNSETTLED.ask(tx, _due, owners=owners)


def _due(rows: Iterable[Any]) -> dict[str, Due]:
    found: dict[str, dict[str, list[Claim]]] = {}
    for row in rows:
        of_one = found.setdefault(row.owner, {state: [] for state in _STATES})
        of_one[row.state].append(read(row))
    return {o: Due(*(tuple(s[state]) for state in _STATES)) for o, s in found.items()}


_STATES = ("open", "parked", "debt")


def due_of(tx: sa.Connection, owner: str) -> Due:
    return due(tx, [owner]).read().get(owner, Due())


def one(tx: sa.Connection, key: str) -> Claim:
    return BOOKED.ask(tx, _by_key, keys=[key]).read()[key]


def book(
    tx: Writes, owner: str, sums: Iterable[Claim], at: datetime, last: Head
) -> None:
    """From now on these count: received or due, and waiting, each behind the others."""
    for place, new in enumerate(sums):
        put(
            tx,
            BOOK,
            key=new.key,
            owner=owner,
            kind=new.kind.value,
            amount=new.money.amount,
            currency=new.money.currency,
            event=new.event,
            state="open",
            # After a crash they are read back by it, and must go out in this order.
            booked_at=at + place * timedelta.resolution,
        )
        books = BOOKS[new.kind]
        chain.enter(tx, owner, new, books.origin, books.waiting, new.event, at, last)


def settle(
    tx: Writes, owner: str, arrived: Claim, proof: str, at: datetime, last: Head
) -> None:
    """It arrived: from waiting to arrived."""
    books = BOOKS[arrived.kind]
    rest = part(arrived, arrived.rest)
    chain.enter(tx, owner, rest, books.waiting, books.arrived, proof, at, last)
    mark(tx, arrived.key, "settled")


def part(whole: Claim, amount: Decimal) -> Claim:
    return replace(whole, money=replace(whole.money, amount=amount))


def mark(tx: Writes, key: str, state: str) -> None:
    put(tx, MARK, key=key, state=state)


def reopen(tx: sa.Connection, owner: str, event: str) -> None:
    """Send again what this event brought and the backend refused."""
    tx.execute(
        sa.update(claim)
        .where(
            claim.c.owner == owner, claim.c.event == event, claim.c.state == "parked"
        )
        .values(state="open")
    )


def reopen_one(tx: sa.Connection, key: str) -> bool:
    """Send this again. False: it was not refused."""
    refused = sa.and_(claim.c.key == key, claim.c.state == "parked")
    done = tx.execute(
        sa.update(claim).where(refused).values(state="open").returning(claim.c.key)
    )
    return done.first() is not None


def holders(tx: sa.Connection, lines: Collection[str]) -> Answer[dict[str, Place]]:
    """Who has the money of these top-up lines, where it is booked."""
    keys = {f"{line}/{Kind.TOPUP}": line for line in lines}

    def read(rows: Iterable[Any]) -> dict[str, Place]:
        return {keys[row.key]: Place(row.owner, row.backend or "") for row in rows}

    return HOLDERS.ask(tx, read, keys=list(keys))


def hand_over(
    tx: sa.Connection,
    lines: Collection[str],
    giver: str,
    taker: str,
    at: datetime,
    because: str | None = None,
) -> None:
    """What these top-up lines brought goes to another owner, still waiting."""
    keys = [f"{line}/{kind}" for line in lines for kind in (Kind.TOPUP, Kind.BONUS)]
    rows = tx.execute(
        sa.select(claim).where(
            claim.c.owner == giver, claim.c.key.in_(keys), sa.text(tables.UNSETTLED)
        )
    ).all()
    giving, taking = chain.head(tx, giver), chain.head(tx, taker)
    for row in rows:
        whole, waiting = read(row), BOOKS[Kind(row.kind)].waiting
        sum_, why = part(whole, whole.rest), because or whole.event
        # Named by the entry: it may come back, and be moved again.
        moved = replace(sum_, key=f"{sum_.key}/moved/{giver}/{giving.no + 1}")
        chain.enter(tx, giver, moved, waiting, MOVED, why, at, giving)
        chain.enter(tx, taker, moved, MOVED, waiting, why, at, taking)
        tx.execute(
            sa.update(claim)
            .where(claim.c.key == sum_.key)
            .values(owner=taker, state="open")
        )


BOUGHT = Question(
    sa.select(ledger.c.from_book, ledger.c.to_book, ledger.c.amount).where(
        ledger.c.owner == the("owner")
    )
)


def bought(tx: sa.Connection, owner: str) -> Bought:
    """All that was ever bought on an account, arrived or not.

    What it had when it was adopted may all have been bought.
    """
    stands = dict.fromkeys((credit.BOUGHT.arrived, credit.BOUGHT.waiting), Decimal(0))
    for row in BOUGHT.ask(tx, list, owner=owner).read():
        stands[row.from_book] = stands.get(row.from_book, Decimal(0)) - row.amount
        stands[row.to_book] = stands.get(row.to_book, Decimal(0)) + row.amount
    carried = max(stands.get(CARRIED, Decimal(0)), Decimal(0))
    there = stands[credit.BOUGHT.arrived] + carried
    return Bought(there, stands[credit.BOUGHT.waiting])


def read(row: sa.Row[tuple[object, ...]]) -> Claim:
    money = Money(row.amount, row.currency)
    return Claim(row.key, Kind(row.kind), money, row.event, row.offset or Decimal(0))
