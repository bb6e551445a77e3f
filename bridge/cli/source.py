"""Verbs for billing platforms: what to paste for a new one, and a look at one now."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

import click

from bridge import duties, pasted, rotating
from bridge.cli.backend import in_seconds
from bridge.cli.output import (
    UNSURE,
    as_json,
    fail,
    kept,
    line,
    listed,
    order,
    speaks,
    table,
)
from bridge.config import ConfigError, load
from bridge.keys import new_secret
from bridge.parts import Parts
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
# options = {{ }}                      # "Extra channels" = "line": likewise, and as in
# target_field = "…"                 # the module's settings
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
    there = pasted.there(kind, name, secret, where)
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


@source.command("rotate")
@click.argument("name")
@click.option(
    "--overlap", default="7d", show_default=True, metavar="TIME",
    help="So long the old secret holds as well: 30m, 2h, 7d; 0 ends it at once.",
)  # fmt: skip
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def source_rotate(
    path: Path, name: str, overlap: str, because: str, plain: bool
) -> None:
    """Make a new secret and print it, this once: deliveries signed by it are taken from
    now on, those signed by the old one until the overlap ends."""
    parts = kept(path)
    ring = _ring(parts, name)
    seconds = 0.0 if overlap in {"0", "0s"} else in_seconds(overlap)
    new = rotating.new(parts.keys)
    said = rotating.ordered(ring, new, seconds, getpass.getuser(), parts.clock.wall())
    told = order(parts, "source.rotate", because=because, **said)
    config = parts.config
    where = config.public_url or f"http://{config.serve.host}:{config.serve.port}"
    kind = str(config.sources[name].get("kind"))
    there = pasted.there(kind, name, new.text, where)
    if plain:
        line(told | {"text": new.text, "there": there})
        return
    table(["", ""], list(there.items()))
    click.echo(
        f"the old one holds until {told['until']}; the configuration needs no change:"
        " the new one is kept in the database, sealed"
    )


@source.command("end-overlap")
@click.argument("name")
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def source_end_overlap(path: Path, name: str, because: str, plain: bool) -> None:
    """Let only the newest secret hold, from now on: the old one is known to somebody,
    or nobody signs with it any more."""
    parts = kept(path)
    _ring(parts, name)
    now = parts.clock.wall().isoformat()
    told = order(parts, "source.end_overlap", source=name, because=because, now=now)
    line(told) if plain else click.echo(f"only the newest secret of {name} holds now")


@source.command("secrets")
@click.argument("name")
@as_json
@click.pass_obj
@speaks
def source_secrets(path: Path, name: str, plain: bool) -> None:
    """Which secrets a source has, and until when each holds; never what they are."""
    parts = kept(path)
    at = parts.clock.wall()
    shown = [
        {
            "mark": one.mark,
            "of": "the configuration" if one.of_file else "a rotation",
            "made": one.made_at,
            "by": one.made_by,
            "until": one.until,
            "holds": one.until is None or at < one.until,
        }
        for one in rotating.all_of(_ring(parts, name))
    ]
    listed(shown, plain)


def _ring(parts: Parts, name: str) -> rotating.Ring:
    if name not in parts.rings:
        known = ", ".join(parts.rings) or "none"
        fail(f'there is no source "{name}" with secrets to rotate; there are: {known}')
    return parts.rings[name]


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
        # One that had begun before it was asked for does not count.
        ended = last is not None and last.until >= at
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
