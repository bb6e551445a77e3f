"""Verbs for coupons: who has which, giving them, and switching one on."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from bridge import cards, vouchers
from bridge.cli.output import (
    REFUSED,
    as_json,
    fail,
    found,
    kept,
    line,
    listed,
    order,
    speaks,
)
from bridge.keys import random_name
from bridge.parts import Parts
from bridge.store import coupons, payload, register
from bridge.store.register import Which
from bridge.words import render
from provisioning.core.account import Account
from provisioning.core.activation import Activated
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import (
    Coupon,
    Giving,
    give,
    passed_on,
)
from provisioning.core.sentences import Sentence, minute

TOGETHER = 100
"""Given in one transaction."""

because = click.option("--because", required=True, help="Why; it is kept.")


@click.group()
def coupon() -> None:
    """A better plan for a while, at no price."""


@coupon.command("list")
@click.argument("name", metavar="[ACCOUNT|SERVICE]", required=False)
@click.option("--last", default=50, show_default=True)
@as_json
@click.pass_obj
@speaks
def coupon_list(path: Path, name: str | None, last: int, plain: bool) -> None:
    """The newest, of all or of one account, each with what can be made of it there."""
    parts = kept(path)
    owner = found(parts, name) if name else None
    with parts.database.read() as tx:
        found_ = coupons.of(tx, owner.id if owner else None, last)
    at, catalog = parts.clock.now(), parts.catalog
    shown = [_row(each, owner, catalog, at) for each in found_]
    listed(shown, plain)


@coupon.command("give")
@click.argument("kind")
@click.argument("names", metavar="[ACCOUNT|SERVICE]...", nargs=-1)
@click.option("--file", type=click.File(), help="One account or service a line.")
@click.option("--source", help="To all of this source.")
@click.option("--backend", help="To all on this backend.")
@click.option("--package", help="To all that have this package.")
@click.option(
    "--limit", default=1, show_default=True, help="To how many at most, else to none."
)
@click.option("--reference", help="Your ticket: the same one gives to each once.")
@because
@as_json
@click.pass_obj
@speaks
def coupon_give(
    path: Path,
    kind: str,
    names: tuple[str, ...],
    file: TextIO | None,
    source: str | None,
    backend: str | None,
    package: str | None,
    limit: int,
    reference: str | None,
    because: str,
    plain: bool,
) -> None:
    """One each to these accounts, to those of a file, or to all that match. Refused
    (exit code 4), nobody gets one."""
    parts = kept(path)
    named = [*names, *(row.strip() for row in file or () if row.strip())]
    which = Which(backend, source, package)
    owners = [found(parts, name).id for name in named]
    if which.conditions:
        owners += _all(parts, which, limit + 1)
    if not owners:
        fail("nobody is named: say accounts, --file, --source, --backend or --package")
    giving = Giving(
        reference or random_name(10), parts.clock.now(), getpass.getuser(), because,
        limit,
    )  # fmt: skip
    these = give(kind, owners, giving, parts.catalog.terms)
    if isinstance(these, Sentence):
        fail(str(render(these)), REFUSED)
    given = sum(
        order(parts, "coupon.give", these=[payload.from_coupon(c) for c in page])[
            "given"
        ]
        for page in _pages(these)
    )
    told = {"reference": giving.id, "given": given, "had": len(these) - given}
    said = f'{given} "{kind}" given as {giving.id}'
    said += f"; {told['had']} had theirs before" if told["had"] else ""
    line(told) if plain else click.echo(said)


@coupon.command("activate")
@click.argument("id_", metavar="COUPON")
@click.argument("service")
@click.option("--variant", type=int, help="Which way, where there are several: 1, 2…")
@click.option("--preview", is_flag=True, help="Only show what it would do.")
@as_json
@click.pass_obj
@speaks
def coupon_activate(
    path: Path, id_: str, service: str, variant: int | None, preview: bool, plain: bool
) -> None:
    """Switch a coupon on. Refused (exit code 4), it is not spent."""
    parts = kept(path)
    with parts.database.read() as tx:
        card = vouchers.named(tx, id_)
    account, at = found(parts, service), parts.clock.now()
    vouchers.written(account)
    done = cards.activated(card, account, service, parts.catalog, at, variant)
    if isinstance(done, Sentence):
        fail(str(render(done)), REFUSED)
    if not preview:
        order(
            parts,
            "coupon.activate",
            was=payload.from_coupon(card),
            activation=payload.from_activation(done.activation),
            revision=account.revision,
        )
    _show(done, preview, plain)


@coupon.command("pass")
@click.argument("id_", metavar="COUPON")
@click.option("--to", "name", required=True, metavar="ACCOUNT|SERVICE")
@as_json
@click.pass_obj
@speaks
def coupon_pass(path: Path, id_: str, name: str, plain: bool) -> None:
    """Give somebody's unused coupon to another account, of whichever source, and say
    on what it may be used there. Exit code 4: refused."""
    parts = kept(path)
    with parts.database.read() as tx:
        card = vouchers.named(tx, id_)
    catalog, friend, at = parts.catalog, found(parts, name), parts.clock.now()
    now = passed_on(card, card.owner, friend.id, catalog.terms, at)
    if isinstance(now, Sentence):
        fail(str(render(now)), REFUSED)
    told = order(parts, "coupon.pass", was=payload.from_coupon(card), to=friend.id)
    uses = cards.uses(now, friend, catalog, at) or "none: no service there"
    said = f"{id_} is {friend.id}'s now. To be used on: {uses}"
    line(told | {"on": uses}) if plain else click.echo(said)


@coupon.command("revoke")
@click.argument("id_", metavar="COUPON")
@because
@as_json
@click.pass_obj
@speaks
def coupon_revoke(path: Path, id_: str, because: str, plain: bool) -> None:
    """Take back a coupon that was given and not used."""
    told = order(
        kept(path), "coupon.revoke", id=id_, by=getpass.getuser(), because=because
    )
    line(told) if plain else click.echo(f"{id_} is taken back")


def _all(parts: Parts, which: Which, most: int) -> list[str]:
    """One more than may be given to is enough to see that it is too many."""
    with parts.database.read() as tx:
        return register.page(tx, which, "", most)


def _pages(these: tuple[Coupon, ...]) -> Iterator[tuple[Coupon, ...]]:
    for start in range(0, len(these), TOGETHER):
        yield these[start : start + TOGETHER]


def _row(
    card: Coupon, owner: Account | None, catalog: Catalog, at: datetime
) -> dict[str, Any]:
    row = {
        "coupon": card.id,
        "kind": card.kind,
        "account": card.owner,
        "given": card.given_at.isoformat(timespec="seconds"),
        "by": card.by,
        "because": card.why,
        "line": card.line,
        "price": card.price,
        "state": cards.state(card, catalog, at),
    }
    return row | {"on": cards.uses(card, owner, catalog, at)} if owner else row


def _show(done: Activated, preview: bool, plain: bool) -> None:
    now = done.activation
    told = {
        "coupon": now.coupon,
        "service": now.service,
        "package": now.package,
        "rank": now.rank,
        "from": now.at.isoformat(timespec="seconds"),
        "until": now.ends.isoformat(timespec="seconds"),
        "term": now.mode.value,
        "note": render(done.note),
        "spent": not preview,
    }
    if plain:
        line(told)
        return
    verb = "would be" if preview else "is"
    click.echo(f"{now.service} {verb} as {now.package} until {minute(now.ends)}")
    if done.note:
        click.echo(told["note"])
