"""The login mail: all it takes to begin, and a link instead of a password.

Its link's token is made of the install key, the delivery's key and the moment it was
made. Derived rather than drawn: a mail sent twice carries the same link, three views
stay three however often a server made us try, and the token is kept nowhere at all, not
even while it waits. The moment is in it so that a number given again after a restore is
another link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from textwrap import fill
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge import words
from bridge.config import Brand
from bridge.editions import Editions
from bridge.keys import Keys, hashed
from bridge.look import DARK, LIGHT
from bridge.store import accounts, attempts, logins
from bridge.store.database import Database
from bridge.store.logins import Link
from bridge.store.outbox import Delivery, Needless
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.desired import State, desired
from provisioning.core.money import text
from provisioning.core.outcomes import Later, Refused

FORMS = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
)
ONCE = "once"
WIDTH = 72
"""Of a plain mail's lines; a link is never broken."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mails these are: of the sources whose login mails are ours."""

    brands: Mapping[str, Brand]
    public_url: str

    def link(self, source: str, token: str) -> str:
        return f"{self.public_url}/reveal/{source}/{token}"


@dataclass(frozen=True, slots=True)
class LoginLetter:
    database: Database
    keys: Keys = field(repr=False)
    editions: Editions
    owner: Owner | None

    def __call__(self, held: Delivery, at: datetime) -> Mapping[str, Any]:
        """Its words. The link works from now on, and 24 hours."""
        source, id_ = str(held.content["source"]), str(held.content["account"])
        if self.owner is None or source not in self.owner.brands:
            raise Needless(f'login mails of "{source}" are sent by its platform now')
        brand, issue = self.owner.brands[source], int(held.content["issue"])
        with self.database.change() as tx:
            account = accounts.load(tx, id_)
            token = self._token(held, logins.hash_of(tx, id_, issue))
            link = Link(hashed(token), at + logins.LIFE)
            if not logins.open_link(tx, id_, issue, link):
                raise Needless("a newer one was made")
            last = attempts.last_balance(tx, id_)
            catalog = self.editions.now(tx, account.services if account else ())
        balance = f"{text(last[0])} {account.currency}" if account and last else None
        return _written(
            brand,
            self.owner.link(source, token),
            _facts(account, catalog, balance),
        ) | {"to": _address(account, id_)}

    def _token(self, held: Delivery, sent: str | None = None) -> str:
        """The one its mail had already, where the key has been rotated since."""
        about = f"{held.key} {held.made_at.isoformat()}"
        tokens = [key.token(about) for key in self.keys.each]
        return next((t for t in tokens if hashed(t) == sent), tokens[0])


def _address(account: Account | None, id_: str) -> str:
    if account is None or not account.email:
        raise Refused(
            f"{id_} has no e-mail address: its platform named none. Hand the link over"
            f" yourself: `switchhook login send {id_} --print --because …`"
        )
    return account.email


@dataclass(frozen=True, slots=True)
class Facts:
    """What the mail says of the account, each ready to be read."""

    username: str
    rows: tuple[tuple[str, str], ...]
    """By the word that stands before it."""


def _facts(account: Account | None, catalog: Catalog, balance: str | None) -> Facts:
    should = desired(account, catalog) if account else None
    if account is None or should is None:
        raise Needless("the account has ended")
    if not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    return Facts(account.username, tuple(_rows(account, should, catalog, balance)))


def _rows(
    account: Account, should: State, catalog: Catalog, balance: str | None
) -> list[tuple[str, str]]:
    said, held = words.login_mail(), should.entitlements
    alive = [service for service in account.services if service.alive]
    rows = {
        "package": ", ".join(service.package for service in alive),
        "channels": said["calls"].format(channels=held["channels"]),
        "tariff": str(held["tariff"]),
        "credit": balance or "",
        "next_payment": _next_payment(account, catalog),
    }
    return [(said[name], value) for name, value in rows.items() if value]


def _next_payment(account: Account, catalog: Catalog) -> str:
    """The first there is, of what is paid for again and again."""
    said = words.login_mail()
    alive = [service for service in account.services if service.alive]
    known = [catalog.package_of(service) for service in alive]
    if all(package and package.cycle == ONCE for package in known):
        return said["no_payment"]
    due = [service.paid_until for service in alive if service.paid_until]
    return words.day(min(due)) if due else said["on_the_invoice"]


def sample(brand: Brand, link: str) -> Mapping[str, Any]:
    """How it looks, with somebody's facts who is not there."""
    said = words.login_mail()
    rows = {
        "package": "example",
        "channels": said["calls"].format(channels=5),
        "tariff": "standard",
        "credit": "25.00 USD",
        "next_payment": said["on_the_invoice"],
    }
    named = tuple((said[name], value) for name, value in rows.items())
    return _written(brand, link, Facts("swexample1abcde", named))


def _written(brand: Brand, link: str, facts: Facts) -> dict[str, Any]:
    said = {
        name: phrase.replace("{brand}", brand.name)
        for name, phrase in words.login_mail().items()
    }
    html = FORMS.get_template("login.html").render(
        said=said,
        brand=brand,
        link=link,
        facts=facts,
        light=LIGHT,
        dark=DARK,
        language=words.FIRST,
    )
    return {
        "from": brand.sender,
        "from_name": brand.name,
        "reply_to": brand.support,
        "subject": said["subject"],
        "text": _text(said, brand, link, facts),
        "html": html,
    }


def _text(said: Mapping[str, str], brand: Brand, link: str, facts: Facts) -> str:
    rows = ((said["login_url"], brand.login_url), (said["username"], facts.username))
    width = max(len(label) for label, _ in (*rows, *facts.rows)) + 2
    return "\n".join(
        (
            said["greeting"],
            "",
            said["ready"],
            "",
            *(f"{label + ':':<{width}}{value}" for label, value in rows),
            "",
            fill(f"{said['password']}: {said['how']}", WIDTH),
            "",
            link,
            "",
            *(f"{label + ':':<{width}}{value}" for label, value in facts.rows),
            "",
            f"{said['support']} {brand.support}",
            "",
            fill(said["careful"], WIDTH),
            "",
            f"-- \n{brand.name}\n",
        )
    )
