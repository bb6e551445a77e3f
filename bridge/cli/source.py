"""Verbs for billing platforms: what to paste for a new one, and a look at one now."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from bridge import duties
from bridge.cli.output import UNSURE, as_json, fail, kept, line, order, speaks, table
from bridge.config import ConfigError, load
from bridge.keys import new_secret
from bridge.store import facts, ticks

PATIENCE = 60.0

SIGNED = """\
[sources.{name}]
kind = "signed"
secrets = ["{secret}"]
"""
WHMCS = """\
[sources.{name}]
kind = "whmcs"
secrets = ["{secret}"]
api_url = "https://billing.example.com/includes/api.php"   # of your WHMCS
identifier = "…"                     # System Settings, API Credentials: generate one,
secret = "…"                         # with the role of an administrator of its own
# access_key = "…"                   # where configuration.php has $api_access_key
# welcome = "…"                      # the mail template of a new account; leave it out
                                     # where login_mail = "ours"
# department = 1                     # for tickets on what needs a person; else it is
                                     # a notification
live_from = {now}     # what was paid before is never credited
products = {{ }}                       # "12" = "starter": its product is our package,
                                     # for what WHMCS never told
"""
KINDS = {"whmcs": WHMCS, "signed": SIGNED}


@click.group()
def source() -> None:
    """Billing platforms that tell us something."""


@source.command("add")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--name", default="billing", show_default=True, help="Its name in URLs.")
@as_json
@click.pass_obj
@speaks
def source_add(path: Path, kind: str, name: str, plain: bool) -> None:
    """Print what to paste for a new one: here, and there. Nothing is written."""
    if not name.isidentifier():
        fail(f'"{name}" will not do as a name in URLs; write small letters and _')
    secret = f"whsec_{new_secret()}"
    where = _where(path, name)
    now = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())
    here = KINDS[kind].format(name=name, secret=secret, now=now)
    there = _there(kind, name, secret, where)
    if plain:
        line({"config": here, "there": there})
        return
    click.echo(f"into {path}, then restart:\n\n{here}")
    click.echo(
        "into WHMCS, System Settings, Servers, Add New Server:"
        if kind == "whmcs"
        else "to whoever sends the events (hooks/signed/README.md):"
    )
    table(["", ""], list(there.items()))


def _there(kind: str, name: str, secret: str, where: str) -> dict[str, Any]:
    """The fields of its own form."""
    if kind == "signed":
        return {"address": f"{where}/hooks/{name}", "secret": secret}
    parts = urlsplit(where)
    secure = parts.scheme == "https"
    return {
        "Name": "Switchhook",
        "Hostname": parts.hostname,
        "Module": "Switchhook",
        "Username": name,
        "Password": secret,
        "Access Hash": "the backend its accounts go to, or nothing",
        "Secure": "ticked" if secure else "not ticked",
        "Port": parts.port or (443 if secure else 80),
    }


def _where(path: Path, name: str) -> str:
    """Where this bridge answers, as far as its configuration says."""
    try:
        config = load(path)
    except ConfigError:
        return "https://provision.example.com"
    if name in config.sources:
        fail(f'there is a source "{name}" already; choose another --name')
    serve = config.serve
    return config.public_url or f"http://{serve.host}:{serve.port}"


@click.command()
@click.argument("name", metavar="SOURCE")
@click.option("--wait/--no-wait", default=True, help="Wait for its end.")
@as_json
@click.pass_obj
@speaks
def pull(path: Path, name: str, wait: bool, plain: bool) -> None:
    """Look now at what a platform never told, as is done every 10 minutes. Exit code 3
    if it has not ended yet."""
    parts = kept(path)
    if name not in parts.pulls:
        known = ", ".join(parts.pulls) or "none"
        fail(f'there is no source "{name}" that can be looked at; there is: {known}')
    tick, at = duties.tick_of(name), parts.clock.now()
    order(parts, "tick.now", tick=tick)
    until = time.monotonic() + (PATIENCE if wait else 0)
    while True:
        with parts.database.read() as tx:
            [mine] = [each for each in ticks.all_kept(tx) if each.name == tick]
            last = facts.pulled(tx, name)
        if mine.failed_at and mine.failed_at >= at:
            fail(str(mine.said))
        ended = bool(mine.ran_at and mine.ran_at >= at)
        if ended or time.monotonic() >= until:
            break
        time.sleep(0.1)
    entered = last.entered if ended and last else None
    if plain:
        line({"source": name, "ended": ended, "entered": entered})
    elif ended and last:
        click.echo(f"{entered} events that nobody had told are in")
        if last.sweep:
            click.echo(
                f"looked at {last.sweep} of {last.services} services so far; the next"
                " looks go on from there"
            )
    else:
        click.echo("not ended yet; `switchhook serve` or `worker` does it")
    raise SystemExit(0 if ended else UNSURE)
