"""Verbs for umbrellas: a floor under all plans of an account, while it acts."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.ahead import moment
from bridge.cli.output import as_json, fail, found, kept, line, listed, order, speaks
from provisioning.core.sentences import minute


@click.group()
def umbrella() -> None:
    """As if every plan of an account were at least that good."""


@umbrella.command("spread")
@click.argument("umbrella_", metavar="UMBRELLA")
@click.argument("name", metavar="ACCOUNT|SERVICE")
@click.option("--until", help="As 2026-12-24, in the tenant's zone; else for good.")
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def umbrella_spread(
    path: Path,
    umbrella_: str,
    name: str,
    until: str | None,
    because: str,
    plain: bool,
) -> None:
    """Spread one over an account, from now on."""
    parts = kept(path)
    known = parts.catalog.terms.umbrellas
    if umbrella_ not in known:
        fail(
            f'there is no umbrella "{umbrella_}"; there is:'
            f" {', '.join(sorted(known)) or 'none'}. One that is new in the"
            " configuration counts once `switchhook catalog apply` was said"
        )
    ends = moment(until, parts.catalog.terms.zone) if until else None
    if ends and ends <= parts.clock.now():
        fail(f"{minute(ends)} is past; say a moment to come, or leave --until out")
    told = order(
        parts,
        "umbrella.spread",
        account=found(parts, name).id,
        umbrella=umbrella_,
        until=ends and ends.isoformat(),
        because=because,
    )
    said = f"it acts on {told['account']}" + (f" until {minute(ends)}" if ends else "")
    line(told) if plain else click.echo(said)


@umbrella.command("fold")
@click.argument("umbrella_", metavar="UMBRELLA")
@click.argument("name", metavar="ACCOUNT|SERVICE")
@as_json
@click.pass_obj
@speaks
def umbrella_fold(path: Path, umbrella_: str, name: str, plain: bool) -> None:
    """It acts no longer on that account."""
    parts = kept(path)
    account = found(parts, name).id
    told = order(parts, "umbrella.fold", account=account, umbrella=umbrella_)
    line(told) if plain else click.echo(f"it acts on {account} no longer")


@umbrella.command("list")
@click.argument("name", metavar="ACCOUNT|SERVICE")
@as_json
@click.pass_obj
@speaks
def umbrella_list(path: Path, name: str, plain: bool) -> None:
    """Those that act, or did, on an account."""
    parts = kept(path)
    at = parts.clock.now()
    shown = [
        {
            "umbrella": each.umbrella,
            "from": each.starts.isoformat(timespec="seconds"),
            "until": each.ends.isoformat(timespec="seconds") if each.ends else None,
            "acts": each.holds(at),
            "because": each.why,
        }
        for each in found(parts, name).umbrellas
    ]
    listed(shown, plain)
