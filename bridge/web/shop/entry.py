"""Signing up, logging in, and the links that are mailed: one answer, whoever asks.

Whether an address is known here is told to nobody but to that address.
"""

from __future__ import annotations

import logging

from flask import Response, request
from marshmallow import fields, validate

from bridge.access import passwords
from bridge.keys import hashed, random_name
from bridge.store import customers
from bridge.store.customers import Customer
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY, AT_A_DOOR, STRICT
from bridge.web.shop import manner, proving, shown
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page, came_from, own

log = logging.getLogger(__name__)

CUSTOMER, CLIENT = "cu_", "cl_"


ASCII = validate.Regexp(r"[!-~]+\Z", error="is no e-mail address we can write to")


def email() -> fields.Email:
    return fields.Email(
        required=True,
        validate=[validate.Length(3, 254), ASCII],
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
    next = fields.String(load_default="/services")


class Code(Form):
    half = text(required=True, most=400)
    code = text(required=True, most=20)
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
    proving.mailed(visit, address)
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
    proving.mailed(visit, address)
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
    if proving.is_weak(password, found.email):
        return _password(visit, found, token, proving.weak(visit))
    visit.order(
        "customer.choose", hashed=hashed(token), now=visit.now.isoformat(),
        password=passwords.hashed(password),
    )  # fmt: skip
    if found.totp:
        return Go("/login", visit.say("Your new password holds. Log in with it."))
    return proving.let_in(visit, found, visit.told["next"])


# --- logging in


@shop.get("/login", may=ANYBODY, query=Next)
def ask_in(visit: Visit) -> Page:
    return _login(visit, visit.told["next"])


@shop.post("/login", may=ANYBODY, limit=AT_A_DOOR, takes=LogIn)
def log_in(visit: Visit) -> Page | Response:
    told = visit.told
    address = told["email"].lower()
    proving.tried(visit, address)
    with visit.parts.database.read() as tx:
        found = customers.known(tx, visit.front.source, address)
    # The password first, whoever it is: the time it takes tells nothing.
    fits = passwords.fits(told["password"], found.password if found else None)
    if found is None or not fits:
        return _wrong(visit)
    if found.totp:
        return _ask_code(visit, proving.half(visit, found))
    return proving.let_in(visit, found, told["next"])


@shop.post("/login/code", may=ANYBODY, limit=STRICT, takes=Code)
def log_in_by_code(visit: Visit) -> Page | Response:
    """The other half: who asks has shown the password before."""
    told = visit.told
    found = proving.opened(visit, told["half"])
    if found is None:
        return _login(visit, told["next"], visit.say("Too late; log in anew."))
    proving.paced(visit, proving.about(found.id))
    used = proving.code(visit, found, told["code"])
    if used is None:
        wrong = visit.say("That code does not fit; wait for the next one.")
        return _ask_code(visit, told["half"], wrong)
    return proving.let_in(visit, found, told["next"], **used)


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
    """In this browser, and in a customer's own profile."""
    response = shown.go(visit.parts.keys, visit.front, Go(came_from(request)))
    language = visit.told["language"]
    if language in visit.front.brand.languages:
        manner.speak(visit.front, response, language)
        if visit.is_known:
            who = visit.buyer.name
            visit.order("customer.profile", customer=who, language=language)
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


def _ask_code(visit: Visit, half: str, wrong: str | None = None) -> Page:
    told = {"half": half, "next": own(visit.told["next"]), "wrong": wrong}
    return Page("code", visit.say("Your code"), told, 401 if wrong else 200)


def _wrong(visit: Visit) -> Page:
    log.warning("a customer's login from %s did not fit", proving.address())
    wrong = visit.say("E-mail and password do not go together. Try again.")
    return _login(visit, visit.told["next"], wrong)


def _mailed(visit: Visit, address: str) -> Page:
    return Page("mailed", visit.say("Look into your mail"), {"address": address})


def _linked(visit: Visit, token: str) -> Customer:
    with visit.parts.database.read() as tx:
        found = customers.linked(tx, hashed(token), visit.now)
    if found is None or found.source != visit.front.source:
        raise LookupError(
            visit.say("This link was used already, or is too old. Ask for a new one.")
        )
    return found
