"""The mails with a link to a shop: prove your address, choose a password, join.

As with the login mail the link's token is derived, and opened as the mail is written:
sent twice it is the same link, and it is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bridge.config import Brand, Shop
from bridge.keys import Keys, hashed
from bridge.letters.form import Button, Letter, written
from bridge.store import customers, invitations
from bridge.store.customers import Customer, Purpose
from bridge.store.database import Database
from bridge.store.invitations import Invitation
from bridge.store.outbox import Delivery, Needless
from bridge.words.speech import Speech, speech


@dataclass(frozen=True, slots=True)
class LinkLetter:
    database: Database
    keys: Keys = field(repr=False)
    brands: Mapping[str, Brand]
    shops: Mapping[str, Shop]

    def __call__(self, held: Delivery, at: object) -> Mapping[str, Any]:  # noqa: ARG002
        """Its words. The link holds from when it was asked for."""
        purpose = Purpose(str(held.content["purpose"]))
        with self.database.change() as tx:
            found = _invited(tx, held) or _customer(tx, held, purpose)
            if found is None or found.source not in self.shops:
                raise Needless("there is no such customer any more, or no such shop")
            token = self.keys.token(f"{held.key} {held.made_at.isoformat()}")
            if isinstance(found, Invitation):
                invitations.link(tx, found.id, hashed(token))
            else:
                customers.link(tx, hashed(token), found.id, purpose, held.made_at)
        brand, shop = self.brands[found.source], self.shops[found.source]
        chosen = found.language in brand.languages
        said = speech(found.language if chosen else brand.languages[0])
        after = quote(str(held.content.get("next", "/")))
        page = "join" if purpose is Purpose.JOIN else "password"
        link = f"{shop.url}/{page}/{token}?next={after}"
        letter = LETTERS[purpose](said, brand, link)
        return {**written(letter, brand, said), "to": found.email}


def sample(
    purpose: Purpose, brand: Brand, leads: str, language: str
) -> Mapping[str, Any]:
    """How it looks, with a link that leads nowhere."""
    said = speech(language)
    return written(LETTERS[purpose](said, brand, leads), brand, said)


def _invited(tx: sa.Connection, held: Delivery) -> Invitation | None:
    return invitations.one(tx, str(held.content.get("invitation", "")))


def _customer(tx: sa.Connection, held: Delivery, purpose: Purpose) -> Customer | None:
    found = customers.one(tx, str(held.content.get("customer", "")))
    if found is None or found.ended_at:
        return None
    if purpose is Purpose.PROVE and found.proved_at:
        raise Needless("the address is proved already")
    if found.chosen_at and held.made_at <= found.chosen_at:
        # Sent once more, it would open what was closed with the last password.
        raise Needless("a password was chosen since")
    return found


def _prove(said: Speech, brand: Brand, link: str) -> Letter:
    return Letter(
        subject=said.say("Your account at {brand}: one more step", brand=brand.name),
        title=said.say("One more step"),
        lines=(said.say("You have signed up at {brand}.", brand=brand.name),),
        button=Button(
            said.say("Choose a password by this link. It holds for a day."),
            said.say("Choose a password"),
            link,
        ),
        support=said.say("Questions? Write to"),
        small=said.say("It was not you? Then do nothing, and it is forgotten."),
    )


def _reset(said: Speech, brand: Brand, link: str) -> Letter:
    return Letter(
        subject=said.say("Your way in to {brand}", brand=brand.name),
        title=said.say("Choose a new password"),
        lines=(
            said.say("Somebody, probably you, asked for a way in to your account."),
        ),
        button=Button(
            said.say("Choose a new password by this link. It holds for an hour."),
            said.say("Choose a password"),
            link,
        ),
        support=said.say("Questions? Write to"),
        small=said.say("It was not you? Then do nothing: your password stays."),
    )


def _join(said: Speech, brand: Brand, link: str) -> Letter:
    return Letter(
        subject=said.say("You are invited to {brand}", brand=brand.name),
        title=said.say("Somebody works with you"),
        lines=(
            said.say("You can see and use an account at {brand}.", brand=brand.name),
        ),
        button=Button(
            said.say("Choose a password by this link. It holds for seven days."),
            said.say("Join"),
            link,
        ),
        support=said.say("Questions? Write to"),
        small=said.say("You know nobody there? Then do nothing."),
    )


LETTERS: Mapping[Purpose, Callable[[Speech, Brand, str], Letter]] = {
    Purpose.PROVE: _prove,
    Purpose.RESET: _reset,
    Purpose.JOIN: _join,
}
