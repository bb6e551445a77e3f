"""Verbs for what was told and booked: event, ledger."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from bridge.cli.output import (
    as_json,
    fail,
    kept,
    line,
    listed,
    order,
    speaks,
    table,
    written,
)
from bridge.store import books, chain, confirmations, operations
from bridge.store.chain import Entry
from bridge.words import render
from provisioning.core.money import text


@click.group()
def event() -> None:
    """What platforms told us, and what became of it."""


@event.command("list")
@click.option("--fate", help="Only those that are so: parked, unsure, done …")
@click.option("--last", default=50, show_default=True)
@as_json
@click.pass_obj
@speaks
def event_list(path: Path, fate: str | None, last: int, plain: bool) -> None:
    """The newest events."""
    with written(path).database.read() as tx:
        found = operations.newest(tx, last, fate)
    shown = [_operation(operation) for operation in found]
    listed(shown, plain)


@event.command("show")
@click.argument("name")
@as_json
@click.pass_obj
@speaks
def event_show(path: Path, name: str, plain: bool) -> None:
    """One event: its fate, why, and the request as it came (secrets blanked)."""
    with written(path).database.read() as tx:
        found = operations.named(tx, name)
        if found is None:
            fail(f"there is no operation {name}; see `switchhook event list`")
        body = operations.body_of(tx, found.id)
        agreed = confirmations.of_operation(tx, found.id)
    shown = _operation(found) | {"approved": agreed, "request": body}
    if plain:
        line(shown)
    else:
        table(["", ""], [(key, value) for key, value in shown.items() if value])


@event.command("retry")
@click.argument("name")
@as_json
@click.pass_obj
@speaks
def event_retry(path: Path, name: str, plain: bool) -> None:
    """Plan a parked or refused event anew, after what stood in its way was mended."""
    told = order(kept(path), "event.retry", operation=name)
    line(told) if plain else click.echo(f"{name} will be planned anew")


@click.command()
@click.argument("owner", required=False)
@as_json
@click.pass_obj
@speaks
def ledger(path: Path, owner: str | None, plain: bool) -> None:
    """Where every unit came from and went: of one account, or of all."""
    with written(path).database.read() as tx:
        entries = chain.entries(tx, owner)
    sums = {book: text(total) for book, total in balances(entries).items()}
    if plain:
        line({"entries": [_entry(e) for e in entries], "sums": sums})
        return
    if entries:
        shown = [_entry(entry) for entry in entries]
        table(list(shown[0]), [list(row.values()) for row in shown])
    table(["book", "sum"], list(sums.items()))


def balances(entries: list[Entry]) -> dict[str, Decimal]:
    """What stands in each book; where money comes from outside it is what came."""
    sums = dict.fromkeys(
        ("paid", "held", "applied", "reversed", "due", "owed", "granted", "lent"),
        Decimal(0),
    )
    for entry in entries:
        for book, amount in (
            (entry.from_book, -entry.amount),
            (entry.to_book, entry.amount),
        ):
            sums[book] = sums.get(book, Decimal(0)) + amount
    outside = books.FROM_OUTSIDE & sums.keys()
    return sums | {book: -sums[book] for book in outside}


def _operation(operation: operations.Operation) -> dict[str, Any]:
    return {
        "operation": operation.name,
        "at": operation.changed_at.isoformat(timespec="seconds"),
        "type": operation.type,
        "service": operation.service,
        "event": operation.event,
        "lane": operation.lane,
        "fate": operation.fate.value,
        "why": render(operation.why),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.owner,
        "no": entry.no,
        "at": entry.at.isoformat(timespec="seconds"),
        "from": entry.from_book,
        "to": entry.to_book,
        "amount": text(entry.amount),
        "currency": entry.currency,
        "for": entry.key,
        "because": entry.because,
    }
