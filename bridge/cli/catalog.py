"""`switchhook catalog`: the terms that are current, those that were, and the file's."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from bridge import differing
from bridge.cli.listing import Listing
from bridge.cli.output import (
    CHANGED,
    CHANGES,
    as_json,
    fail,
    kept,
    line,
    order,
    speaks,
    table,
)
from bridge.parts import Parts
from bridge.store import catalogs
from provisioning.core.catalog import Catalog, Edition, Package
from provisioning.core.period import CYCLES
from provisioning.core.revised import Difference, differences, told
from provisioning.core.sentences import minute

SHORT = 12
PAGE = 200
WHEN = {True: "now", False: "renewal"}
"""Services moved with one commit."""


@click.group(cls=Listing)
def catalog() -> None:
    """What is sold, and by which terms: show, compare, make current, move over.

    Who bought before a change keeps what he bought until his plan changes.
    """


catalog.has({"plans": ("registered", "Every plan there is, step by step.")})


@catalog.command("apply")
@click.option("--yes", is_flag=True, help="Make it current; else it is only shown.")
@click.option("--because", help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def catalog_apply(path: Path, yes: bool, because: str | None, plain: bool) -> None:
    """Show what the configuration sells otherwise; with --yes, sell it so from now on.

    Exit code 0 applied, or nothing differs, 2 something would change, 5 somebody else
    applied another meanwhile.
    """
    parts = kept(path)
    file = parts.config.catalog
    with parts.database.read() as tx:
        current, found, touched = differing.compared(tx, parts.editions)
    shown: dict[str, Any] = {
        "current": current,
        "file": file.version,
        "differences": [_as_told(each) for each in found],
        "running": touched,
        "applied": None,
    }
    if yes and found:
        shown["applied"] = _applied(parts, file, current, because)
    if plain:
        line(shown)
    else:
        for sentence in _sentences(found, shown, yes=yes):
            click.echo(sentence)
    raise SystemExit(_end(found, shown, yes=yes))


def _applied(
    parts: Parts, file: Catalog, current: str | None, because: str | None
) -> int | None:
    """Its number; None, where it is compared with what is not current any more."""
    said = differing.ordered(file, current, getpass.getuser(), because)
    no: int | None = order(parts, "catalog.apply", **said)["applied"]
    return no


def _end(found: Sequence[Difference], shown: Mapping[str, Any], *, yes: bool) -> int:
    if not found or shown["applied"]:
        return 0
    return CHANGED if yes else CHANGES


def _sentences(
    found: Sequence[Difference], shown: Mapping[str, Any], *, yes: bool
) -> Iterator[str]:
    if not found:
        yield "nothing differs: what is written is current"
        return
    yield from map(differing.worded, found)
    for name, n in shown["running"].items():
        yield f"{n} running on {name} go on as before, until `catalog move {name}`"
    if shown["applied"]:
        yield f"current from now on: {shown['file'][:SHORT]}"
        yield (
            "A process that began before a backend, group or tariff was added has to be"
            " started again."
        )
    elif yes:
        yield "other terms were applied meanwhile; nothing was done: say it again"
    else:
        yield "nothing is changed yet; with --yes it is current from now on"


def _as_told(each: Difference) -> dict[str, Any]:
    return {"at": each.at, "was": each.was, "now": each.now}


# shown


@catalog.command("show")
@click.argument("version", required=False)
@as_json
@click.pass_obj
@speaks
def catalog_show(path: Path, version: str | None, plain: bool) -> None:
    """All that the current terms say, or those of a version `catalog history` names."""
    parts = kept(path)
    with parts.database.read() as tx:
        before = catalogs.history(tx)
        named = [a for a in before if version is None or a.version.startswith(version)]
        if not named:
            fail(_no_version(version))
        applied = named[0]
        edition = parts.editions.edition(tx, applied.version)
    says = told(edition) if edition else {}
    current = applied.version == before[0].version
    if plain:
        line({"version": applied.version, "current": current,
              "applied_at": applied.at.isoformat(), "applied_by": applied.by,
              "says": says})  # fmt: skip
        return
    now = "current" if current else "not current any more"
    click.echo(f"{applied.version[:SHORT]}, {now}; since {minute(applied.at)}")
    for place, text in says.items():
        click.echo(f"  {place}: {text}")


def _no_version(version: str | None) -> str:
    if version is None:
        return (
            "nothing is current yet; the first start of `switchhook serve` or `worker`"
            " makes current what is written"
        )
    return f'there is no version "{version}"; see `switchhook catalog history`'


@catalog.command("history")
@as_json
@click.pass_obj
@speaks
def catalog_history(path: Path, plain: bool) -> None:
    """Which terms were current since when, by whom, how many go by them now, and who
    was moved to them."""
    parts = kept(path)
    with parts.database.read() as tx:
        rows, running = catalogs.history(tx), catalogs.running(tx)
        moves = catalogs.movements(tx)
    by_version = differing.by_version(rows, running)
    if plain:
        for row in rows:
            line({"no": row.no, "version": row.version, "at": row.at.isoformat(),
                  "by": row.by, "because": row.because,
                  "running": by_version.get(row.version, 0)})  # fmt: skip
        for move in moves:
            line({"package": move.package, "moved": move.moved, "to": move.version,
                  "when": WHEN[move.now], "at": move.at.isoformat(), "by": move.by,
                  "because": move.because})  # fmt: skip
        return
    titles = ["no", "version", "since", "by", "because", "running"]
    table(
        titles,
        [
            (row.no, row.version[:SHORT], minute(row.at), row.by, row.because,
             by_version.get(row.version, 0))
            for row in rows
        ],
    )  # fmt: skip
    for move in moves:
        why = f": {move.because}" if move.because else ""
        click.echo(
            f"{move.moved} of {move.package} moved to {move.version[:SHORT]}"
            f" ({WHEN[move.now]}) on {minute(move.at)} by {move.by}{why}"
        )


# moved over


@catalog.command("move")
@click.argument("plan")
@click.option(
    "--at",
    "when",
    type=click.Choice(["renewal", "now"]),
    default="renewal",
    show_default=True,
    help="With the next paid period of each, or its limits at once.",
)
@click.option("--yes", is_flag=True, help="Do it; else it is only shown.")
@click.option("--because", help="With --yes: why; it is kept.")
@as_json
@click.pass_obj
@speaks
def catalog_move(
    path: Path, plan: str, when: str, yes: bool, because: str | None, plain: bool
) -> None:
    """Let those who run on older terms of a package go on by the current ones.

    What was granted stays; free credit is by the new terms from the next paid period
    or interval on. Exit code 2 where some would be moved.
    """
    parts = kept(path)
    with parts.database.read() as tx:
        to = catalogs.current(tx).read()
        current = parts.editions.edition(tx, to) if to else None
        now = current.packages.get(plan) if current else None
        older = _older(parts, tx, plan, to, when) if to else {}
    if to is None or now is None:
        fail(
            f'"{plan}" is not sold by the current terms; see `switchhook catalog show`'
        )
    for was, _ in older.values():
        _fits(was, now, when)
    moved = _moved(parts, plan, to, when, because) if yes else 0
    shown: dict[str, Any] = {
        "package": plan,
        "to": to,
        "at": when,
        "from": {version: n for version, (_, n) in older.items()},
        "moved": moved,
    }
    if plain:
        line(shown)
    else:
        for sentence in _movement(plan, now, older, shown, yes=yes):
            click.echo(sentence)
    raise SystemExit(CHANGES if older and not yes else 0)


Older = dict[str, tuple[Package, int]]


def _older(parts: Parts, tx: sa.Connection, plan: str, to: str, when: str) -> Older:
    """By version: what it was there, and how many would be moved."""
    found: Older = {}
    for version, n in catalogs.movable(tx, plan, to, now=when == "now").items():
        edition = parts.editions.edition(tx, version)
        if edition and (was := edition.packages.get(plan)):
            found[version] = (was, n)
    return found


def _fits(was: Package, now: Package, when: str) -> None:
    if was.cycle != now.cycle:
        fail(
            f'"{now.name}" was sold {was.cycle} and is sold {now.cycle} now: what is'
            " paid for cannot be moved; sell it under another name"
        )
    if was.backend != now.backend:
        fail(
            f'"{now.name}" was sold on backend "{was.backend}" and is sold on'
            f' "{now.backend}" now: an account stays where it is'
        )
    if when == "renewal" and CYCLES[now.cycle] is None:
        fail(f'"{now.name}" is bought once and never renewed; say --at now')


def _moved(parts: Parts, plan: str, to: str, when: str, because: str | None) -> int:
    """Page by page; stopped half-way, saying it again goes on."""
    moved, after = 0, ""
    while after is not None:
        done = order(
            parts, "catalog.move", package=plan, to=to, now=when == "now", after=after,
            most=PAGE, by=getpass.getuser(), because=because,
        )  # fmt: skip
        moved, after = moved + int(done["moved"]), done["last"]
    return moved


def _movement(
    plan: str, now: Package, older: Older, shown: Mapping[str, Any], *, yes: bool
) -> Iterator[str]:
    if not older:
        yield f"there is nobody to move to the current terms of {plan}"
        return
    for version, (was, n) in older.items():
        yield f"{n} sold by {version[:SHORT]}:"
        sold = (Edition({plan: each}) for each in (was, now))
        yield from (f"  {differing.worded(each)}" for each in differences(*sold))
    when = {"renewal": "with the next renewal of each", "now": "at once"}[shown["at"]]
    if yes:
        yield f"{shown['moved']} are moved, {when}"
    else:
        yield f"nothing is moved yet; with --yes they are, {when}"
