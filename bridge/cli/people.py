"""Verbs for who may come in: user, apikey."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bridge.access import tokens
from bridge.access.roles import Role
from bridge.cli.output import as_json, fail, kept, line, listed, order, speaks, written
from bridge.keys import hashed, random_token
from bridge.store import api_keys, users

ROLES = click.Choice([role.value for role in Role])
SOURCE = click.option(
    "--source", "sources", multiple=True,
    help="Sees only this one's customers; may be given again.",
)  # fmt: skip
LONGEST = 200


@click.group()
def user() -> None:
    """Who may log in to the console."""


@user.command("add")
@click.argument("name", metavar="E-MAIL")
@click.option("--role", type=ROLES, required=True)
@SOURCE
@as_json
@click.pass_obj
@speaks
def user_add(
    path: Path, name: str, role: str, sources: tuple[str, ...], plain: bool
) -> None:
    """Let somebody in, and print the link by which he sets up his login."""
    _invite(path, "user.add", name, plain, role=role, sources=_own(path, sources))


@user.command("invite")
@click.argument("name", metavar="E-MAIL")
@as_json
@click.pass_obj
@speaks
def user_invite(path: Path, name: str, plain: bool) -> None:
    """A new link: the password is forgotten, the phone lost, or he may come again."""
    _invite(path, "user.invite", name, plain)


@user.command("role")
@click.argument("name", metavar="E-MAIL")
@click.argument("role", type=ROLES)
@SOURCE
@as_json
@click.pass_obj
@speaks
def user_role(
    path: Path, name: str, role: str, sources: tuple[str, ...], plain: bool
) -> None:
    """Make somebody something else; he logs in anew."""
    said = {"user": name.lower(), "role": role, "sources": _own(path, sources)}
    told = order(kept(path), "user.role", **said)
    line(told) if plain else click.echo(f"{name} is {role} from now on")


@user.command("end")
@click.argument("name", metavar="E-MAIL")
@as_json
@click.pass_obj
@speaks
def user_end(path: Path, name: str, plain: bool) -> None:
    """Let somebody in no more; he is logged out at once."""
    told = order(kept(path), "user.end", user=name.lower(), now=_now())
    line(told) if plain else click.echo(f"{name} may not come in any more")


@user.command("list")
@as_json
@click.pass_obj
@speaks
def user_list(path: Path, plain: bool) -> None:
    with written(path).database.read() as tx:
        found = users.everybody(tx)
    shown = [
        {
            "user": one.name,
            "role": one.role.value,
            "sources": ", ".join(sorted(one.scope.sources or ())) or "all",
            "set_up": one.is_set_up,
            "invited_until": one.invited_until,
            "ended": one.ended_at,
        }
        for one in found
    ]
    listed(shown, plain, "nobody yet; `switchhook user add E-MAIL --role owner`")


@click.group()
def apikey() -> None:
    """Programs that may ask and act by the API."""


@apikey.command("create")
@click.argument("label")
@click.option("--role", type=ROLES, required=True)
@SOURCE
@click.option("--days", type=click.IntRange(1, 3650), help="How long it holds.")
@as_json
@click.pass_obj
@speaks
def apikey_create(
    path: Path,
    label: str,
    role: str,
    sources: tuple[str, ...],
    days: int | None,
    plain: bool,
) -> None:
    """Print a new key. It is shown this once, and kept nowhere."""
    token, now = tokens.new(), datetime.now(UTC)
    until = (now + timedelta(days=days)).isoformat() if days else None
    told = order(
        kept(path), "key.add", api_key=token.id, hashed=token.hash, label=label,
        role=role, sources=_own(path, sources), by=getpass.getuser(), until=until,
        now=now.isoformat(),
    )  # fmt: skip
    line(told | {"key": token.text}) if plain else click.echo(token.text)


@apikey.command("revoke")
@click.argument("id_", metavar="ID")
@as_json
@click.pass_obj
@speaks
def apikey_revoke(path: Path, id_: str, plain: bool) -> None:
    """It opens nothing any more, from now on."""
    told = order(kept(path), "key.end", api_key=id_, now=_now())
    line(told) if plain else click.echo(f"key {id_} is revoked")


@apikey.command("list")
@as_json
@click.pass_obj
@speaks
def apikey_list(path: Path, plain: bool) -> None:
    with written(path).database.read() as tx:
        found = api_keys.all_made(tx)
    shown = [
        {
            "id": one.id,
            "label": one.label,
            "role": one.role.value,
            "sources": ", ".join(sorted(one.scope.sources or ())) or "all",
            "made_by": one.made_by,
            "made": one.made_at,
            "until": one.until,
            "used": one.used_at,
            "ended": one.ended_at,
        }
        for one in found
    ]
    listed(shown, plain, "no keys yet; `switchhook apikey create LABEL --role auditor`")


def _invite(path: Path, name: str, user_: str, plain: bool, **said: object) -> None:
    parts, token, who = kept(path), random_token(), user_.lower()
    if "@" not in who or len(who) > LONGEST:
        fail(f'"{user_}" is no e-mail address; users are named by theirs')
    told = order(parts, name, user=who, hashed=hashed(token), now=_now(), **said)
    link = f"{parts.config.console.url}/setup/{token}"
    if plain:
        line(told | {"link": link})
        return
    click.echo(f"{who} sets up the login here, within 24 hours:\n{link}")


def _own(path: Path, sources: tuple[str, ...]) -> list[str] | None:
    known = written(path).config.sources
    for name in sources:
        if name not in known:
            fail(f"there is no source {name}; one of: {', '.join(known)}")
    return list(sources) or None


def _now() -> str:
    return datetime.now(UTC).isoformat()
