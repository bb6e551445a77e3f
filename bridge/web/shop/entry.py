"""Signing up, logging in, and the links that are mailed: one answer, whoever asks.

Whether an address is known here is told to nobody but to that address.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Response, request
from marshmallow import fields, validate

from bridge.access import codes, passwords
from bridge.keys import hashed, random_name, random_token
from bridge.store import customers
from bridge.store.customers import Customer
from bridge.store.paces import Pace
from bridge.web.access import steps
from bridge.web.access.steps import Stopped
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY, STRICT
from bridge.web.shop import manner, shown
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page, came_from, own

log = logging.getLogger(__name__)

OF_AN_ADDRESS = Pace(timedelta(minutes=3), 5)
"""Tries, and mails, for one address, wherever they come from."""

CUSTOMER, CLIENT = "cu_", "cl_"


def email() -> fields.Email:
    return fields.Email(
        required=True,
        validate=validate.Length(3, 254),
        error_messages={"invalid": "is no e-mail address"},
    )


class Next(Form):
    next = fields.String(load_default="/services")


class SignUp(Form):
    name = text(required=True, most=100)
    email = email()
    next = fields.String(load_default="/services")


class LogIn(Form):
    email = email()
    password = fields.String(required=True)
    code = text(load_default="", most=20)
    next = fields.String(load_default="/services")


class Forgot(Form):
    email = email()


class Password(Form):
    password = fields.String(required=True)
    next = fields.String(load_default="/services")


class Chosen(Form):
    language = text(required=True, most=5)


# --- signing up


@shop.get("/signup", may=ANYBODY, query=Next)
def ask_up(visit: Visit) -> Page:
    told = {"next": own(visit.told["next"])}
    return Page("signup", visit.say("Create your account"), told)


@shop.post("/signup", may=ANYBODY, limit=STRICT, takes=SignUp)
def sign_up(visit: Visit) -> Page:
    """A link is on its way, by which he chooses a password."""
    told, source = visit.told, visit.front.source
    address = told["email"].lower()
    _paced(visit, address)
    visit.order(
        "customer.sign_up", customer=CUSTOMER + random_name(16), source=source,
        client=f"{source}:{CLIENT}{random_name(16)}", email=address,
        person=told["name"], language=visit.speech.language, channel=visit.channel,
        now=visit.now.isoformat(), next=own(told["next"]),
    )  # fmt: skip
    return _mailed(visit, address)


@shop.get("/forgot", may=ANYBODY)
def ask_forgot(visit: Visit) -> Page:
    return Page("forgot", visit.say("A new password"))


@shop.post("/forgot", may=ANYBODY, limit=STRICT, takes=Forgot)
def forgot(visit: Visit) -> Page:
    address = visit.told["email"].lower()
    _paced(visit, address)
    visit.order(
        "customer.link", source=visit.front.source, email=address,
        channel=visit.channel, now=visit.now.isoformat(),
    )  # fmt: skip
    return _mailed(visit, address)


@shop.get("/password/<token>", may=ANYBODY, query=Next)
def show_password(visit: Visit, token: str) -> Page:
    """Where each mailed link leads. Nothing happens yet: mail scanners follow links."""
    return _password(visit, _linked(visit, token), token)


@shop.post("/password/<token>", may=ANYBODY, limit=STRICT, takes=Password)
def choose(visit: Visit, token: str) -> Page | Response | Go:
    """He is in, unless his phone has a word in it, too."""
    found, password = _linked(visit, token), visit.told["password"]
    if passwords.fault(password, found.email):
        return _password(visit, found, token, _weak(visit))
    visit.order(
        "customer.choose", hashed=hashed(token), now=visit.now.isoformat(),
        password=passwords.hashed(password),
    )  # fmt: skip
    if found.totp:
        return Go("/login", visit.say("Your new password holds. Log in with it."))
    return _in(visit, found, visit.told["next"])


# --- logging in


@shop.get("/login", may=ANYBODY, query=Next)
def ask_in(visit: Visit) -> Page:
    return _login(visit, visit.told["next"])


@shop.post("/login", may=ANYBODY, limit=STRICT, takes=LogIn)
def log_in(visit: Visit) -> Page | Response:
    told = visit.told
    address = told["email"].lower()
    _paced(visit, address)
    with visit.parts.database.read() as tx:
        found = customers.known(tx, visit.front.source, address)
    # The password first, whoever it is: the time it takes tells nothing.
    fits = passwords.fits(told["password"], found.password if found else None)
    if found is None or not fits:
        return _wrong(visit)
    step = _step(visit, found, told["code"]) if found.totp else None
    if found.totp and step is None:
        return _wrong(visit)
    return _in(visit, found, told["next"], step)


@shop.post("/logout", may=ANYBODY)
def log_out(visit: Visit) -> Response:
    response = shown.go(visit.parts.keys, visit.front, Go("/"))
    if visit.asked.session:
        session = visit.asked.session
        visit.order("customer.log_out", customer=session.user, session=session.hash)
    manner.clear(visit.front, response)
    return response


# --- the language


@shop.post("/language", may=ANYBODY, takes=Chosen)
def speak(visit: Visit) -> Response:
    """Before anybody knows who he is; a customer's own stands in his profile."""
    response = shown.go(visit.parts.keys, visit.front, Go(came_from(request)))
    if visit.told["language"] in visit.front.brand.languages:
        manner.speak(visit.front, response, visit.told["language"])
    return response


# --- what these share


def _password(
    visit: Visit, who: Customer, token: str, wrong: str | None = None
) -> Page:
    told = {
        "address": who.email,
        "token": token,
        "next": own(visit.told["next"]),
        "wrong": wrong,
        "shortest": passwords.SHORTEST,
    }
    title = visit.say("Choose a password")
    return Page("password", title, told, 400 if wrong else 200)


def _login(visit: Visit, next_: str, wrong: str | None = None) -> Page:
    told = {"next": own(next_), "wrong": wrong, "email": visit.told.get("email", "")}
    return Page("login", visit.say("Log in"), told, 401 if wrong else 200)


def _wrong(visit: Visit) -> Page:
    log.warning("a customer's login from %s did not fit", _address())
    wrong = visit.say("E-mail, password and code do not go together. Try again.")
    return _login(visit, visit.told["next"], wrong)


def _mailed(visit: Visit, address: str) -> Page:
    return Page("mailed", visit.say("Look into your mail"), {"address": address})


def _in(visit: Visit, who: Customer, next_: str, step: int | None = None) -> Response:
    token = random_token()
    visit.order(
        "customer.log_in", customer=who.id, session=hashed(token), step=step,
        address=_address(), agent=request.headers.get("User-Agent", "unknown")[:200],
        now=visit.now.isoformat(),
    )  # fmt: skip
    response = shown.go(visit.parts.keys, visit.front, Go(next_))
    manner.bake(visit.front, response, token)
    return response


def _linked(visit: Visit, token: str) -> Customer:
    with visit.parts.database.read() as tx:
        found = customers.linked(tx, hashed(token), visit.now)
    if found is None or found.source != visit.front.source:
        raise LookupError(
            visit.say("This link was used already, or is too old. Ask for a new one.")
        )
    return found


def _step(visit: Visit, who: Customer, typed: str) -> int | None:
    secret = visit.parts.keys.unseal(who.totp or b"", about(who.id))
    return codes.step_of(secret, typed, visit.now, who.step)


def about(customer: str) -> str:
    """What a second factor is sealed for: it opens for no other customer."""
    return f"totp of {customer}"


def _weak(visit: Visit) -> str:
    return visit.say(
        "Choose a password of {least} letters or more, not made of your own name and"
        " not of few letters repeated.",
        least=passwords.SHORTEST,
    )


def _paced(visit: Visit, address: str) -> None:
    """Counted by all processes together."""
    about_ = f"{visit.front.source} customer {address}"
    wait = steps.guessed(visit.order, about_, OF_AN_ADDRESS, visit.now)
    if wait:
        raise Stopped(429, "too_fast", "Too many tries for this address.", wait=wait)


def _address() -> str:
    return request.remote_addr or "unknown"
