"""The operator's list of an existing fleet: a line a service, and which user it is.

Every fault is found, with the number of its line; what is right becomes a plan.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TextIO

from bridge.adoptions import Taking
from bridge.keys import ACCOUNT, Keys, random_name
from provisioning.backends.base import Observed
from provisioning.core import adoption
from provisioning.core.account import Account
from provisioning.core.adoption import Customer, Found
from provisioning.core.catalog import Catalog
from provisioning.core.money import text

NEEDED = ("service", "package", "backend")
USER = ("user", "user_id")
OPTIONAL = ("client", "email", "quantity", "state", "paid_until")
STATES = ("active", "suspended")
MOST = 10_000
"""Of one thing, on one account."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. The user by name, by the backend's own id, or both."""

    line: int
    customer: Customer
    user: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    line: int
    why: str


class Wrong(Exception):
    """What is wrong with one line."""


def read(file: TextIO, source: str, catalog: Catalog) -> Iterator[Row | Fault]:
    """Line by line. LookupError, where it is no such list at all."""
    rows = csv.DictReader(file, strict=True)
    before = _Before()
    try:
        _heads(rows.fieldnames or ())
        for told in rows:
            yield _checked(rows.line_num, told, source, catalog, before)
    except (csv.Error, UnicodeDecodeError) as bad:
        raise LookupError(
            f"line {rows.line_num + 1} cannot be read ({bad}); write CSV in UTF-8, with"
            " commas"
        ) from None


def _heads(names: Any) -> None:
    known = {*NEEDED, *USER, *OPTIONAL}
    missing = [name for name in NEEDED if name not in names]
    missing += [] if set(USER) & set(names) else [" or ".join(USER)]
    unknown = [str(name) for name in names if name not in known]
    if missing or unknown:
        raise LookupError(
            f"the first line names the columns; missing: {_listed(missing)}; unknown:"
            f" {_listed(unknown)}; known are {_listed(sorted(known))}"
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


@dataclass(slots=True)
class _Before:
    """Which line had it, of what may be there once."""

    services: dict[str, int] = field(default_factory=dict)
    users: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def see(self, row: Row) -> None:
        customer = row.customer
        first = self.services.setdefault(customer.service, row.line)
        if first != row.line:
            raise Wrong(f"service {customer.service} stands in line {first} already")
        for kind, value in zip(USER, (row.user, row.user_id), strict=True):
            key = customer.backend, kind, value or ""
            if value and self.users.setdefault(key, row.line) != row.line:
                raise Wrong(
                    f"user {value} stands in line {self.users[key]} already; one user"
                    " is one service here, add what else it has by service.activate"
                )


def _checked(
    line: int,
    told: Mapping[str | None, Any],
    source: str,
    catalog: Catalog,
    before: _Before,
) -> Row | Fault:
    try:
        row = _row(line, _cells(told), source)
        why = adoption.wrong(row.customer, catalog)
        if why is None:
            before.see(row)
    except Wrong as wrong:
        return Fault(line, str(wrong))
    return Fault(line, why) if why else row


def _cells(told: Mapping[str | None, Any]) -> dict[str, str]:
    if None in told or None in told.values():
        raise Wrong("it has not as many cells as the first line; quote what has commas")
    return {str(name): value.strip() for name, value in told.items()}


def _row(line: int, said: Mapping[str, str], source: str) -> Row:
    for name in NEEDED:
        if not said[name]:
            raise Wrong(f"{name} is empty")
    user, user_id = (said.get(name) or None for name in USER)
    if not user and not user_id:
        raise Wrong("say which user it is, in user (its name) or user_id")
    return Row(line, _customer(said, source), user, user_id)


def _customer(said: Mapping[str, str], source: str) -> Customer:
    client = said.get("client")
    return Customer(
        source=source,
        service=_ref(said["service"], source),
        package=said["package"],
        backend=said["backend"],
        client=_ref(client, source) if client else None,
        email=said.get("email") or None,
        quantity=_quantity(said.get("quantity") or "1"),
        suspended=_state(said.get("state") or "active") == "suspended",
        paid_until=_moment(said.get("paid_until")),
    )


def _ref(ref: str, source: str) -> str:
    if ref.startswith(f"{source}:"):
        raise Wrong(f'"{ref}" has the source\'s name before it; leave "{source}:" out')
    return f"{source}:{ref}"


def _quantity(said: str) -> int:
    if said.isascii() and said.isdigit() and 0 < int(said) <= MOST:
        return int(said)
    raise Wrong(f'quantity "{said[:20]}" is no whole number from 1 to {MOST}')


def _state(said: str) -> str:
    if said in STATES:
        return said
    raise Wrong(f'state "{said[:20]}" is none of: {", ".join(STATES)}')


def _moment(said: str | None) -> datetime | None:
    """A day is its beginning, in UTC."""
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise Wrong(
            f'paid_until "{said[:30]}" is no date; write 2026-12-24, or a moment with'
            " its time zone"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


# with what was found at the backend


def fits(row: Row, seen: Observed | None) -> str | None:
    """Why the user found is not the one meant."""
    name = row.user or row.user_id
    if seen is None:
        return f'backend "{row.customer.backend}" has no user "{name}"'
    if row.user and row.user != seen.username:
        return f'user {seen.ref} is called "{seen.username}" there, not "{row.user}"'
    if row.user_id and row.user_id != seen.ref:
        return f'user "{seen.username}" has id {seen.ref} there, not {row.user_id}'
    return None


def account_of(
    row: Row, seen: Observed, batch: str, catalog: Catalog, at: datetime
) -> Account:
    found = Found(seen.ref, seen.username)
    made = adoption.adopted(row.customer, found, catalog, at)
    return replace(made, id=ACCOUNT + random_name(10), batch=batch)


def taking(account: Account, seen: Observed, keys: Keys) -> Taking:
    """It keeps the password it has: there is none of ours."""
    return Taking(account, keys.seal("", account.id), seen.balance)


# the plan


def planned(row: Row, seen: Observed, batch: str, catalog: Catalog) -> dict[str, Any]:
    """One line of a plan. Its hash is over all the rest: edited, it is none."""
    customer = row.customer
    differs = adoption.differences(customer, seen.state, catalog)
    told = {
        "line": row.line,
        "batch": batch,
        "source": customer.source,
        "service": customer.service.removeprefix(f"{customer.source}:"),
        "client": (customer.client or "").removeprefix(f"{customer.source}:"),
        "email": customer.email or "",
        "package": customer.package,
        "backend": customer.backend,
        "quantity": str(customer.quantity),
        "state": STATES[customer.suspended],
        "paid_until": customer.paid_until.isoformat() if customer.paid_until else "",
        "user": seen.username,
        "user_id": seen.ref,
        "balance": text(seen.balance),
        "differs": [
            f"{name}: {there}, should be {our}" for name, there, our in differs
        ],
    }
    return told | {"hash": _hash(told)}


def _hash(told: Mapping[str, Any]) -> str:
    written = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan, read again."""

    row: Row
    batch: str
    balance: str


def plan_of(file: TextIO, catalog: Catalog) -> Iterator[Planned | Fault]:
    for number, written in enumerate(file, 1):
        try:
            told = json.loads(written)
            if {"totals", "fault"} & told.keys():
                continue  # of `--json`
            hash_ = told.pop("hash")
            cells = {name: told[name] for name in (*NEEDED, *USER, *OPTIONAL)}
            row = _row(told["line"], cells, told["source"])
        except (ValueError, KeyError, TypeError, AttributeError, Wrong):
            hash_ = None
        if hash_ is None or hash_ != _hash(told):
            yield Fault(number, "`switchhook adopt FILE` did not write it so")
        elif why := adoption.wrong(row.customer, catalog):
            yield Fault(row.line, why)
        else:
            yield Planned(row, told["batch"], told["balance"])
