"""An existing fleet, page by page: which user each line means, and then it is ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from bridge import adoptions, roster
from bridge.adoptions import ALREADY
from bridge.config import Caps
from bridge.desk import Desk
from bridge.gates import Gates
from bridge.hatch import LARGEST
from bridge.keys import ACCOUNT
from bridge.roster import Fault, Planned, Row
from provisioning.backends.base import Observed
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.money import text
from provisioning.core.outcomes import Broken

PAGE = 50
"""Lines in memory, and in one commit."""

ADOPTED, ALREADY_OURS, WRONG = "adopted", "adopted already", "wrong"


@dataclass(frozen=True, slots=True)
class Hands:
    """What it takes to look at a fleet, and to take it."""

    desk: Desk
    catalog: Catalog
    caps: Mapping[str, Caps]
    order: Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A line, the user it means, the account it would be, and what we know of both."""

    row: Row
    found: Observed
    account: Account
    says: str | None


def looked(
    hands: Hands, rows: Iterable[Row | Fault], batch: Callable[[Row], str]
) -> Iterator[Seen | Fault]:
    """Page by page, in their order; a page's users are asked for at once."""
    gates, rows = hands.desk.gates, iter(rows)
    gates.learn()
    most = max(caps.calls for caps in hands.caps.values())
    with ThreadPoolExecutor(most) as asking:
        while page := list(islice(rows, PAGE)):
            found = list(asking.map(partial(_found, gates), page))
            yield from _known(hands, page, found, batch)


def _found(gates: Gates, row: Row | Fault) -> Observed | str | None:
    """The user, nothing, or why it cannot be told. Later, where nobody answers."""
    if isinstance(row, Fault):
        return None
    gate = gates[row.customer.backend]
    try:
        with gate.turn(), gate.hearing():
            if row.user_id:
                return gate.backend.read(row.user_id)
            return gate.backend.find(str(row.user))
    except Broken as broken:
        return str(broken)


def _known(
    hands: Hands,
    page: Sequence[Row | Fault],
    found: Sequence[Observed | str | None],
    batch: Callable[[Row], str],
) -> Iterator[Seen | Fault]:
    catalog, at = hands.catalog, hands.desk.clock.now()
    made: list[tuple[Row, Observed, Account]] = []
    faults: dict[int, Fault] = {}
    for place, (row, seen) in enumerate(zip(page, found, strict=True)):
        if isinstance(row, Fault):
            faults[place] = row
        elif isinstance(seen, str):
            faults[place] = Fault(row.line, seen)
        elif seen is None or (why := roster.fits(row, seen)):
            faults[place] = Fault(row.line, roster.fits(row, seen) or "")
        else:
            account = roster.account_of(row, seen, batch(row), catalog, at)
            made.append((row, seen, account))
    with hands.desk.database.read() as tx:
        says = adoptions.check(tx, [account for *_, account in made])
    fitting = iter(made)
    for place in range(len(page)):
        if place in faults:
            yield faults[place]
            continue
        row, seen, account = next(fitting)
        why = says[row.customer.service]
        if why not in {None, ALREADY}:
            yield Fault(row.line, str(why))
        else:
            yield Seen(row, seen, account, why)


# --- done


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one line."""

    line: int
    how: str
    fault: Fault | None = None
    moved: bool = False
    """Whether the balance is another than was planned."""

    account: str | None = None


def take(
    hands: Hands, page: Sequence[Planned | Fault], because: str
) -> Iterator[Ended]:
    """Each user is looked at once more; then all of the page in one commit."""
    plans = {p.row.customer.service: p for p in page if isinstance(p, Planned)}
    rows = [p.row if isinstance(p, Planned) else p for p in page]
    seen: list[Seen] = []
    for each in looked(hands, rows, lambda row: plans[row.customer.service].batch):
        if isinstance(each, Fault):
            yield Ended(each.line, WRONG, each)
        elif each.says == ALREADY:
            yield Ended(each.row.line, ALREADY_OURS)
        else:
            seen.append(each)
    if seen:
        yield from _ordered(hands, seen, plans, because)


def _ordered(
    hands: Hands, seen: Sequence[Seen], plans: Mapping[str, Planned], because: str
) -> Iterator[Ended]:
    these = [roster.taking(s.account, s.found, hands.desk.keys) for s in seen]
    what: dict[str, str] = {}
    for said in _fitting(adoptions.from_taking(each) for each in these):
        what |= hands.order("adopt.take", these=said, because=because)
    for each in seen:
        service, line = each.row.customer.service, each.row.line
        became = what[service]
        if became == ALREADY:
            yield Ended(line, ALREADY_OURS)
        elif became.startswith(ACCOUNT):
            moved = plans[service].balance != text(each.found.balance)
            yield Ended(line, ADOPTED, moved=moved, account=became)
        else:
            yield Ended(line, WRONG, Fault(line, became))


def _fitting(those: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many as one order may say."""
    some: list[dict[str, Any]] = []
    size = 0
    for each in those:
        length = len(json.dumps(each))
        if some and size + length > LARGEST // 2:
            yield some
            some, size = [], 0
        some.append(each)
        size += length
    if some:
        yield some
