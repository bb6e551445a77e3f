"""The login mail: all it takes to begin, and a link instead of a password.

Its link's token is made of the install key, the delivery's key and the moment it was
made. Derived rather than drawn: a mail sent twice carries the same link, three views
stay three however often a server made us try, and the token is kept nowhere at all, not
even while it waits. The moment is in it so that a number given again after a restore is
another link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from bridge.clock import calendar
from bridge.config import Brand, Shop
from bridge.editions import Editions
from bridge.keys import Keys, hashed
from bridge.letters import tongue
from bridge.letters.form import Button, Letter, Words, written
from bridge.store import accounts, attempts, logins
from bridge.store.database import Database
from bridge.store.logins import Link
from bridge.store.outbox import Delivery, Needless
from bridge.words import Speech, _, speech
from bridge.words.limits import limit
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.desired import State, desired
from provisioning.core.outcomes import Later, Refused

ONCE = "once"
FIRST = Words(
    _("Your {brand} account is ready"),
    _("Welcome to {brand}."),
    (_("Your account is ready. Here is all you need to begin."),),
)
AGAIN = Words(
    _("{brand}: your new login link"),
    _("Your new login link"),
    (_("Links you were sent before do not work any more."),),
)


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
    shops: Mapping[str, Shop] = field(default_factory=dict)

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
            said = tongue.of(tx, account, brand)
        balance = said.money(last[0], account.currency) if account and last else None
        shop = self.shops.get(source)
        called = shop.titled if shop else str
        return {
            **_written(
                brand,
                self.owner.link(source, token),
                _facts(account, catalog, balance, said, called),
                said,
                again=issue > 1,
            ),
            "to": _address(account, id_),
        }

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


def _facts(
    account: Account | None, catalog: Catalog, balance: str | None, said: Speech,
    called: Callable[[str], str],
) -> Facts:  # fmt: skip
    should = desired(account, catalog) if account else None
    if account is None or should is None:
        raise Needless("the account has ended")
    if not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    rows = _rows(account, should, catalog, balance, said, called)
    return Facts(account.username, tuple(rows))


def _rows(
    account: Account, should: State, catalog: Catalog, balance: str | None,
    said: Speech, called: Callable[[str], str],
) -> list[tuple[str, str]]:  # fmt: skip
    held = should.entitlements
    alive = [service for service in account.services if service.alive]
    rows = (
        (said.say("Plan"), ", ".join(called(s.package) for s in alive)),
        (limit(said, "channels"), said.number(int(str(held["channels"])))),
        (limit(said, "tariff"), str(held["tariff"])),
        (said.say("Credit"), balance or ""),
        (said.say("Next payment"), _next_payment(account, catalog, said)),
    )
    return [row for row in rows if row[1]]


def _next_payment(account: Account, catalog: Catalog, said: Speech) -> str:
    """The first there is, of what is paid for again and again."""
    alive = [service for service in account.services if service.alive]
    known = [catalog.package_of(service) for service in alive]
    if all(package and package.cycle == ONCE for package in known):
        return said.say("none: it was bought once")
    due = [service.paid_until for service in alive if service.paid_until]
    return (
        said.day(min(due), calendar(catalog.terms.zone))
        if due
        else said.say("as your invoice says")
    )


def sample(
    brand: Brand, link: str, language: str, *, again: bool = False
) -> Mapping[str, Any]:
    """How it looks, with somebody's facts who is not there."""
    said = speech(language)
    rows = (
        (said.say("Plan"), "example"),
        (limit(said, "channels"), said.number(5)),
        (limit(said, "tariff"), "standard"),
        (said.say("Credit"), said.money(Decimal(25), "USD")),
        (said.say("Next payment"), said.say("as your invoice says")),
    )
    return _written(brand, link, Facts("swexample1abcde", rows), said, again=again)


def _written(
    brand: Brand, link: str, facts: Facts, said: Speech, *, again: bool = False
) -> Mapping[str, Any]:
    words = AGAIN if again else FIRST
    letter = Letter(
        subject=said.say(words.subject, brand=brand.name),
        title=said.say(words.title, brand=brand.name),
        lines=tuple(said.say(line) for line in words.lines),
        rows=(
            (said.say("Log in at"), brand.login_url),
            (said.say("User name"), facts.username),
            *facts.rows,
        ),
        button=Button(
            said.say(
                "Open this link to see your password. It works for 24 hours and can"
                " be opened three times."
            ),
            said.say("Show my password"),
            link,
        ),
        support=said.say("Questions, or the link no longer works? Write to"),
        small=said.say(
            "Whoever has this link can see your password. Pass it on to nobody;"
            " {brand} never asks for it.",
            brand=brand.name,
        ),
    )
    return written(letter, brand, said)
