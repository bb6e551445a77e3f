"""Logging in: a name, a password and a code from the phone, all on one page.

One answer, whatever was wrong: nobody learns whether name, password or code was.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, request
from marshmallow import fields

from bridge.access import codes, passwords
from bridge.access.roles import May
from bridge.keys import hashed
from bridge.store import users
from bridge.store.paces import Pace
from bridge.store.users import User
from bridge.web.access import cookies, steps
from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked
from bridge.web.console import shown
from bridge.web.console.registry import console
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY, STRICT
from bridge.web.site import Go, Page, own

log = logging.getLogger(__name__)

WRONG = "Name, password and code do not go together. Try again."
OF_A_NAME = Pace(timedelta(minutes=3), 5)
"""Tries for one name, wherever they come from."""


class Next(Form):
    next = fields.String(load_default="/")


class LogIn(Form):
    name = text(required=True)
    password = fields.String(required=True)
    code = text(required=True, most=20)
    next = fields.String(load_default="/")


class Proof(Form):
    code = text(required=True, most=20)
    next = fields.String(load_default="/")


@console.get("/login", may=ANYBODY, query=Next)
def ask(asked: Asked) -> Page:
    return _page(asked.told["next"])


@console.post("/login", may=ANYBODY, limit=STRICT, takes=LogIn)
def log_in(asked: Asked) -> Page | Response:
    told, parts = asked.told, asked.parts
    name = told["name"].lower()
    _paced(asked, name)
    with parts.database.read() as tx:
        user = users.named(tx, name)
    # The password first, whoever it is: the time it takes tells nothing.
    fits = passwords.fits(told["password"], user.password if user else None)
    code = _code(asked, user, told["code"]) if user and fits else None
    if user is None or user.ended_at or code is None:
        return _wrong(told)
    token = cookies.new_token()
    try:
        asked.order(
            "user.log_in", user=name, session=hashed(token), now=asked.now.isoformat(),
            address=_address(), agent=_agent(), **code,
        )  # fmt: skip
    except LookupError:
        return _wrong(told)
    response = shown.go(parts, Go(told["next"]))
    cookies.bake(parts, response, token)
    return response


@console.get("/prove", may=May.SEE, query=Next)
def ask_again(asked: Asked) -> Page:
    """Before money and secrets: whoever sits there may not be who logged in."""
    return Page("prove", "Is it still you?", {"next": own(asked.told["next"])})


@console.post("/prove", may=May.SEE, takes=Proof)
def prove(asked: Asked) -> Go:
    name, session = asked.who.name, asked.session
    _paced(asked, name)
    with asked.parts.database.read() as tx:
        user = users.named(tx, name)
    code = _code(asked, user, asked.told["code"]) if user else None
    if code is None or session is None:
        raise LookupError("That code does not fit; wait for the next one.")
    now = asked.now.isoformat()
    asked.order("user.prove", user=name, session=session.hash, now=now, **code)
    return Go(asked.told["next"])


@console.post("/logout", may=ANYBODY)
def log_out(asked: Asked) -> Response:
    response = shown.go(asked.parts, Go("/login"))
    if asked.session:
        asked.order("user.log_out", session=asked.session.hash, user=asked.session.user)
    cookies.clear(asked.parts, response)
    return response


def _page(next_: str, **told: Any) -> Page:
    blank = {"name": "", "wrong": None, "next": own(next_)}
    return Page("login", "Log in", blank | told, 401 if told.get("wrong") else 200)


def _wrong(told: Mapping[str, Any]) -> Page:
    # Not the name: people type passwords into the wrong field.
    log.warning("a login from %s did not fit", _address())
    return _page(told["next"], name=told["name"], wrong=WRONG)


def _code(asked: Asked, user: User, typed: str) -> dict[str, Any] | None:
    """What it uses up: a step of the phone's, or one of the ten kept for a lost one."""
    if user.totp is None:
        return None
    secret = asked.parts.keys.unseal(user.totp, about(user.name))
    step = codes.step_of(secret, typed, asked.now, user.step)
    if step is not None:
        return {"step": step}
    hash_ = codes.recovery_hash(typed)
    return {"recovery": hash_} if hash_ in user.recovery else None


def about(name: str) -> str:
    """What a second factor is sealed for: it opens for no other user."""
    return f"totp of {name}"


def _paced(asked: Asked, name: str) -> None:
    wait = steps.guessed(asked.order, f"login of {name}", OF_A_NAME, asked.now)
    if wait:
        raise Stopped(
            429, "too_fast", "Too many tries for this name; wait a few minutes.",
            wait=wait,
        )  # fmt: skip


def _address() -> str:
    return request.remote_addr or "unknown"


def _agent() -> str:
    return request.headers.get("User-Agent", "unknown")[:200]
