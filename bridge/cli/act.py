"""Verbs that make something happen: trigger, unsure resolve, event retry."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import requests
import sqlalchemy as sa

from bridge.cli.output import (
    REFUSED,
    UNSURE,
    ahead,
    as_json,
    fail,
    kept,
    line,
    order,
    speaks,
    table,
)
from bridge.config import Config, load
from bridge.keys import Keys, random_name
from bridge.platforms import signature
from bridge.platforms.envelope import WHEN
from bridge.rotating import Ring
from bridge.store import attempts, register
from bridge.store.database import Database
from provisioning.core.events import Type
from provisioning.core.money import text
from provisioning.core.sentences import minute

FINAL = {"done", "parked", "refused", "superseded"}
PATIENCE = 30.0
CUSTOMER = (("ref", "client"), ("email", "email"), ("phone", "phone"),
            ("locale", "locale"), ("group", "group"))  # fmt: skip
COLUMNS = ("attempt", "account", "verb", "claim", "amount", "state", "certain_from",
           "evidence")  # fmt: skip


@click.group()
def unsure() -> None:
    """Sums and changes nobody knows the end of."""


@unsure.command("list")
@as_json
@click.pass_obj
@speaks
def unsure_list(path: Path, plain: bool) -> None:
    """What is being looked for, and what waits for a person; exit code 3 if any."""
    loaded = kept(path)
    listing = [n for n, b in loaded.backends.items() if b.describe().lists_payments]
    with loaded.database.read() as tx:
        found, stopped = attempts.unsure(tx), register.stopped(tx)
        restored = register.restored(tx, listing)
    shown = [
        {
            "attempt": a.id,
            "account": a.account,
            "verb": a.verb,
            "claim": a.claim,
            "amount": text(a.amount) if a.amount is not None else None,
            "state": a.state.value,
            "certain_from": a.settled_from.isoformat(timespec="seconds"),
            "evidence": a.evidence,
        }
        for a in found
    ] + [
        dict.fromkeys(COLUMNS) | {"account": id_, "state": "stopped", "evidence": why}
        for id_, why in stopped
    ]
    shown += [
        dict.fromkeys(COLUMNS)
        | {
            "account": one.account,
            "verb": "grant",
            "claim": one.claim,
            "amount": text(one.amount),
            "state": "restored",
            "evidence": f"restored from a backup of {minute(one.backup)}",
        }
        for one in restored
    ]
    if plain:
        line(shown)
    elif not shown:
        click.echo("nothing is unsure")
    else:
        table(COLUMNS, [[row[name] for name in COLUMNS] for row in shown])
    raise SystemExit(UNSURE if shown else 0)


@unsure.command("resolve")
@click.argument("attempt", type=int)
@click.option("--arrived/--absent", default=None, help="What you found out.")
@click.option("--because", required=True, help="Why you know; it is kept.")
@as_json
@click.pass_obj
@speaks
def unsure_resolve(
    path: Path, attempt: int, arrived: bool | None, because: str, plain: bool
) -> None:
    """Say whether a sum arrived, where the backend could not tell."""
    # click does not hold a pair of flags to required=True: silence would be "absent".
    if arrived is None:
        raise click.UsageError("say --arrived or --absent")
    told = order(
        kept(path), "unsure.resolve", attempt=attempt, arrived=arrived, because=because
    )
    word = "arrived: it is booked" if arrived else "did not arrive: it is sent again"
    said = f"attempt {attempt} on {told['account']} {word}"
    line(told) if plain else click.echo(said)


@click.command()
@click.argument("account")
@click.option("--because", required=True, help="Why it may go; it is kept.")
@as_json
@click.pass_obj
@speaks
def purge(path: Path, account: str, because: str, plain: bool) -> None:
    """Let an account that is due go, with the bought credit that is left on it."""
    told = order(kept(path), "account.purge", account=account, because=because)
    line(told) if plain else click.echo(f"{account} is written off, and purged now")


@unsure.command("release")
@click.argument("account")
@click.option("--because", required=True, help="Why the balance is right; it is kept.")
@click.option(
    "--arrived",
    metavar="KEY",
    multiple=True,
    help="After a restore: a sum that is there already; booked, not sent.",
)
@as_json
@click.pass_obj
@speaks
def unsure_release(
    path: Path, account: str, because: str, arrived: tuple[str, ...], plain: bool
) -> None:
    """Send money again to an account that was stopped, or came from a backup."""
    said = {"account": account, "because": because}
    told = order(
        kept(path),
        "unsure.release",
        **said,
        **({"arrived": arrived} if arrived else {}),
    )
    line(told) if plain else click.echo(f"{account} is trusted again")


@click.command()
@click.argument("type_", metavar="TYPE", type=click.Choice([t.value for t in Type]))
@click.option("--source", help="Needed where the configuration has several.")
@click.option("--service", help="The platform's own reference of the service.")
@click.option("--client", help="The platform's own reference of the client.")
@click.option("--email", help="The client's address, for the login mail.")
@click.option("--phone", help="The client's number, by which he is found.")
@click.option("--locale", help="The client's language, for his mails: de, de-AT.")
@click.option("--group", help="The client's group, whose prices and tariffs hold.")
@click.option("--product", help="The package, top-up or coupon sold.")
@click.option("--line", "line_ref", help="The paid invoice line.")
@click.option("--start", help="Start of the paid period, as 2026-12-01T00:00:00Z.")
@click.option("--hold", help="billing, abuse or manual.")
@click.option(
    "--when",
    type=click.Choice(["now", "period_end"]),
    help="When an end takes effect; now, if not given.",
)
@click.option("--target", help="The service or account a top-up is for.")
@click.option("--server", help="The backend of its group an order is for.")
@click.option("--id", "id_", help="Its webhook-id; a new one if not given.")
@click.option("--url", help="Where the bridge answers, if not where it is configured.")
@click.option("--wait/--no-wait", default=True, help="Wait for its end.")
@as_json
@click.pass_obj
@speaks
def trigger(path: Path, /, type_: str, wait: bool, plain: bool, **told: Any) -> None:
    """Send a signed event, as a billing platform would, and show what becomes of it.
    Exit code 3 if it is unsure, 4 if it is parked or refused."""
    config = load(path)
    sender = Sender(config, told.pop("source"), told.pop("url"), ahead(config))
    answer = sender.send(type_, **told)
    if wait and "operation_id" in answer:
        answer = sender.wait(answer)
    if plain:
        line(answer)
    else:
        table(["", ""], list(answer.items()))
    status = answer.get("status")
    codes: dict[object, int] = {"refused": REFUSED, "parked": REFUSED, "unsure": UNSURE}
    raise SystemExit(codes.get(status, 0 if "operation_id" in answer else 1))


class Sender:
    """A billing platform of our own: signs and sends what it is told."""

    def __init__(
        self,
        config: Config,
        source: str | None,
        url: str | None,
        ahead: timedelta = timedelta(),
    ) -> None:
        """*ahead*: of real time, where the demo it tells is."""
        signed = [n for n, t in config.sources.items() if t.get("kind") == "signed"]
        self.source = source or (signed[0] if len(signed) == 1 else "")
        if self.source not in signed:
            fail(f"name a signed source with --source: {', '.join(signed) or 'none'}")
        self._key = _signing(config, self.source)
        where = config.serve
        self.url = (url or f"http://{where.host}:{where.port}").rstrip("/")
        self._ahead = ahead
        self._session = requests.Session()
        self._session.trust_env = False
        self.last = "", b""
        """The id and body delivered last."""

    def send(self, type_: str, id_: str | None = None, **told: str | None) -> Any:
        """The bridge's answer. ConnectionError where none runs there."""
        id_ = id_ or f"evt_{random_name(12)}"
        said = _envelope(type_, told, datetime.now(UTC) + self._ahead)
        return self.deliver(id_, json.dumps(said).encode())

    def deliver(self, id_: str, body: bytes) -> Any:
        """The same bytes under the same id are the same event, however often."""
        self.last = id_, body
        headers = self._signed(id_, body) | {"content-type": "application/json"}
        return self._ask("POST", f"/hooks/{self.source}", headers, body)

    def wait(self, answer: Any, seconds: float = PATIENCE, seen: Any = None) -> Any:
        """Until it has ended, or so long. *seen* is called with each state."""
        until = time.monotonic() + seconds
        while answer["status"] not in FINAL and time.monotonic() < until:
            time.sleep(0.03)
            headers = self._signed(f"ask_{random_name(12)}", b"")
            answer = self._ask("GET", answer["status_url"], headers)
            if seen:
                seen(answer["status"])
        return answer

    def _signed(self, id_: str, body: bytes) -> dict[str, str]:
        return signature.signed(self._key, id_, body, datetime.now(UTC))

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Any:
        try:
            answer = self._session.request(
                method, self.url + path, headers=headers, data=body, timeout=10
            )
        except requests.ConnectionError:
            fail(f"nobody answers at {self.url}; is `switchhook serve` running?")
        try:
            return answer.json()
        except requests.JSONDecodeError:
            fail(f"what answers at {self.url} is no bridge; give its address alone")


def _signing(config: Config, source: str) -> bytes:
    """The newest of its secrets that holds, wherever it is kept."""
    own = signature.keys(source, config.sources[source]["secrets"])
    database = Database(config.database)
    ring = Ring(source, own, Keys.written(config.key, config.old_keys), database)
    try:
        return [*own[:1], *ring(datetime.now(UTC), True)[-1:]][-1]
    except sa.exc.DBAPIError:
        return own[0]  # None is there yet, or it is not ours to reach.
    finally:
        database.close()


def _envelope(
    type_: str, told: Mapping[str, str | None], at: datetime
) -> dict[str, Any]:
    product = "product_ref" if type_ == Type.TOPUP else "plan_ref"
    parts = {
        "account": {key: told.get(name) for key, name in CUSTOMER},
        "service": {
            "ref": told.get("service"),
            product: told.get("product"),
            "period_start": told.get("start"),
        },
        "billing": {"line_ref": told.get("line_ref"), "hold": told.get("hold")},
        "data": {
            "target": told.get("target"),
            "server": told.get("server"),
            WHEN.get(type_, "at"): told.get("when"),
        },
    }
    said = {
        name: {key: value for key, value in part.items() if value is not None}
        for name, part in parts.items()
    }
    return {
        "spec": "1",
        "type": type_,
        "occurred_at": at.isoformat(),
    } | {name: part for name, part in said.items() if part}
