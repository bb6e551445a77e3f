"""The cookie of who is logged in, and the token that shows a form is our own."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from hmac import compare_digest

from flask import Request, Response

from bridge.keys import Keys, hashed, random_token
from bridge.parts import Parts
from bridge.store import sessions, users
from bridge.store.sessions import Session
from bridge.store.users import User

FRESH = timedelta(minutes=15)
"""So long after a code was typed money and secrets are open."""


def name(parts: Parts) -> str:
    """A browser takes the first kind over https only, and from this host alone."""
    return "__Host-switchhook" if parts.config.console.is_safe else "switchhook"


def bake(parts: Parts, response: Response, token: str) -> None:
    response.set_cookie(
        name(parts), token, max_age=sessions.LONGEST, httponly=True,
        secure=parts.config.console.is_safe, samesite="Strict",
    )  # fmt: skip


def clear(parts: Parts, response: Response) -> None:
    response.delete_cookie(
        name(parts), httponly=True, secure=parts.config.console.is_safe,
        samesite="Strict",
    )  # fmt: skip


def new_token() -> str:
    return random_token()


def logged_in(
    parts: Parts, request: Request, at: datetime
) -> tuple[Session, User] | None:
    """Nobody, once it is too old, idle for too long, or its user may come no more."""
    token = request.cookies.get(name(parts))
    if not token:
        return None
    with parts.database.read() as tx:
        session = sessions.found(tx, hashed(token))
        user = users.named(tx, session.user) if session else None
    if session is None or user is None or user.ended_at or not session.holds(at):
        return None
    return session, user


def is_fresh(session: Session, at: datetime) -> bool:
    return at < session.proved_at + FRESH


def form_token(keys: Keys, session: Session) -> str:
    """What stands in each of his forms, and nobody else can know."""
    signed = keys.signed("form", session.hash.encode())
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def is_ours(
    keys: Keys, url: str, request: Request, session: Session | None, token: str
) -> bool:
    """Whether a form came from a page at *url*: the browser says so, and the token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != url:
        return False
    if session is None:
        # Logging in: no session, so no token; the browser must have said it.
        return site is not None or origin is not None
    # Bytes: of text it compares ASCII only.
    return compare_digest(form_token(keys, session).encode(), token.encode())
