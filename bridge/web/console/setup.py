"""The page a new user's link leads to: a password, and a phone that shows codes."""

from __future__ import annotations

from flask import Response
from marshmallow import fields

from bridge.access import codes, passwords
from bridge.keys import Unreadable, hashed
from bridge.store import users
from bridge.store.users import User
from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked
from bridge.web.console.login import about
from bridge.web.console.registry import console
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY, STRICT
from bridge.web.site import Page


class SetUp(Form):
    password = fields.String(required=True)
    again = fields.String(required=True)
    secret = text(required=True, most=400)
    code = text(required=True, most=20)


@console.get("/setup/<token>", may=ANYBODY)
def choose(asked: Asked, token: str) -> Page:
    return _form(asked, _invited(asked, token), codes.new_secret())


@console.post("/setup/<token>", may=ANYBODY, limit=STRICT, takes=SetUp)
def set_up(asked: Asked, token: str) -> Page | Response:
    """The recovery codes are shown here, and never again."""
    told, user = asked.told, _invited(asked, token)
    secret = _opened(asked, user, told["secret"])
    wrong = passwords.fault(told["password"], user.name)
    if told["password"] != told["again"]:
        wrong = "the two passwords differ"
    step = codes.step_of(secret, told["code"], asked.now, 0)
    if wrong is None and step is None:
        wrong = "the code does not fit; is the phone's clock right?"
    if wrong:
        return _form(asked, user, secret, wrong)
    spare = codes.recovery_codes()
    kept = passwords.hashed(told["password"])
    asked.order(
        "user.set_up", hashed=hashed(token), password=kept,
        totp=asked.parts.keys.seal(secret, about(user.name)).hex(),
        recovery=[codes.recovery_hash(code) for code in spare],
        now=asked.now.isoformat(),
    )  # fmt: skip
    return Page("spare", "Keep these codes", {"codes": spare, "name": user.name})


def _invited(asked: Asked, token: str) -> User:
    with asked.parts.database.read() as tx:
        user = users.invited(tx, hashed(token), asked.now)
    if user is None:
        raise Stopped(
            404, "not_there",
            "This link was used already, or is too old. Ask for a new one.",
        )  # fmt: skip
    return user


def _form(asked: Asked, user: User, secret: str, wrong: str | None = None) -> Page:
    told = {
        "name": user.name,
        "picture": codes.picture(secret, user.name),
        "secret": secret,
        "sealed": asked.parts.keys.closed(secret, about(user.name)),
        "wrong": wrong,
        "shortest": passwords.SHORTEST,
    }
    return Page("setup", "Set up your login", told, 400 if wrong else 200)


def _opened(asked: Asked, user: User, sealed: str) -> str:
    try:
        return asked.parts.keys.opened(sealed, about(user.name))
    except (Unreadable, ValueError):
        raise Stopped(
            400, "unreadable", "The form is not as it was; open the link anew."
        ) from None
