"""Verbs for logins: who was told when, and telling somebody again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.cli.output import (
    as_json,
    fail,
    found,
    kept,
    line,
    listed,
    moment,
    order,
    speaks,
)
from bridge.keys import hashed, random_token
from bridge.letters.login import Owner
from bridge.parts import Parts
from bridge.store import logins, whereabouts
from bridge.store.logins import Issue


@click.group()
def login() -> None:
    """Login mails and their links."""


@login.command("list")
@click.argument("name", required=False)
@click.option("--last", default=50, show_default=True)
@as_json
@click.pass_obj
@speaks
def login_list(path: Path, name: str | None, last: int, plain: bool) -> None:
    """The newest, of all or of one account or service."""
    parts = kept(path)
    at = parts.clock.now()
    with parts.database.read() as tx:
        id_ = (whereabouts.of_service(tx, name) or name) if name else None
        newest = logins.newest(tx, last, id_)
    shown = [_shown(issue, issue.is_open(at)) for issue in newest]
    listed(shown, plain)


@login.command("send")
@click.argument("name", metavar="ACCOUNT|SERVICE")
@click.option("--because", required=True, help="Why; it is kept.")
@click.option(
    "--print", "printed", is_flag=True, help="Show the link here; send no mail."
)
@as_json
@click.pass_obj
@speaks
def login_send(path: Path, name: str, because: str, printed: bool, plain: bool) -> None:
    """A new login mail; the links of those before it are void from now on."""
    parts = kept(path)
    named = found(parts, name)
    account, source = named.id, named.source
    if printed:
        _print(parts, account, source, because, plain)
        return
    if source not in parts.config.mailed:
        fail(
            f"login mails of {source} are sent by its platform; send it from there, or"
            " show the link here with --print"
        )
    told = order(
        parts,
        "login.send",
        account=account,
        because=because,
        channel=parts.config.login_channel,
    )
    said = f"login mail {told['issue']} of {account} is on its way; see `login list`"
    line(told) if plain else click.echo(said)


def _print(parts: Parts, account: str, source: str, because: str, plain: bool) -> None:
    """The token is made here and goes nowhere but out here: only its hash is kept."""
    config = parts.config
    if config.public_url is None or source not in config.brands:
        fail(
            f"a link needs public_url and [sources.{source}.brand] in the configuration"
        )
    token = random_token()
    told = order(
        parts, "login.send", account=account, because=because, hash=hashed(token)
    )
    link = Owner(config.brands, config.public_url).link(source, token)
    line(told | {"link": link}) if plain else click.echo(link)


def _shown(issue: Issue, is_open: bool) -> dict[str, Any]:
    return {
        "account": issue.account,
        "issue": issue.number,
        "made": moment(issue.made_at),
        "mail": issue.mail.value if issue.mail else "printed",
        "link": "open" if is_open else "void" if issue.until else "not yet",
        "until": moment(issue.until),
        "views": issue.views,
        "because": issue.because,
    }
