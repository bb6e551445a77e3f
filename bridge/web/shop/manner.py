"""How a shop knows who asks: by its own cookie, and as a customer of its own alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Request, Response

from bridge.keys import hashed
from bridge.parts import Parts
from bridge.store import customers, sessions
from bridge.store.customers import Customer
from bridge.store.sessions import Session
from bridge.store.tables import customer_session
from bridge.web import site
from bridge.web.access import cookies
from bridge.web.access.steps import Visitor
from bridge.web.shop.fronts import Front

LANGUAGE = "language"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Customers:
    parts: Parts
    front: Front
    found: tuple[Session, Customer] | None
    """Who is logged in: looked for once, as his page speaks his language, too."""

    via: str = "shop"

    def names_us(self, _: Request) -> bool:
        """The front was found by the host that was named."""
        return True

    def visitor(self, _: Request, __: datetime) -> Visitor | None:
        if self.found is None:
            return None
        session, who = self.found
        return Visitor(who.buyer, session)

    def once(self, asking: Request) -> str | None:
        return site.once(asking)

    def asked(self, _: Request) -> str | None:
        """What a form asks for is the same whenever it is sent."""

    def is_ours(self, asking: Request, session: Session | None) -> bool:
        token, url = asking.form.get("token", ""), self.front.shop.url
        return cookies.is_ours(self.parts.keys, url, asking, session, token)

    def is_fresh(self, visitor: Visitor, at: datetime) -> bool:
        return visitor.session is not None and cookies.is_fresh(visitor.session, at)

    def query(self, asking: Request) -> Mapping[str, Any]:
        return site.query(asking)

    def body(self, asking: Request) -> Mapping[str, Any]:
        return site.body(asking)


def logged_in(
    parts: Parts, front: Front, asking: Request, at: datetime
) -> tuple[Session, Customer] | None:
    """Nobody, once it is too old, or where he is a customer of another brand."""
    token = asking.cookies.get(cookie(front))
    if not token:
        return None
    with parts.database.read() as tx:
        session = sessions.found(tx, hashed(token), customer_session)
        who = customers.one(tx, session.user) if session else None
    if session is None or who is None or who.ended_at or not session.holds(at):
        return None
    return (session, who) if who.source == front.source else None


def cookie(front: Front) -> str:
    """A browser takes the first kind over https only, and from this host alone."""
    return "__Host-shop" if front.shop.is_safe else "shop"


def bake(front: Front, response: Response, token: str) -> None:
    """Lax: who follows a link in a mail of ours is still logged in."""
    response.set_cookie(
        cookie(front), token, max_age=sessions.LONGEST, httponly=True,
        secure=front.shop.is_safe, samesite="Lax",
    )  # fmt: skip


def clear(front: Front, response: Response) -> None:
    response.delete_cookie(
        cookie(front), httponly=True, secure=front.shop.is_safe, samesite="Lax"
    )


def speak(front: Front, response: Response, language: str) -> None:
    """What he chose, before anybody knows who he is."""
    response.set_cookie(
        LANGUAGE, language, max_age=YEAR, httponly=True,
        secure=front.shop.is_safe, samesite="Lax",
    )  # fmt: skip
