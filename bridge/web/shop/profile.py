"""A customer's own: how he is called, his password, his second factor, his sessions."""

from __future__ import annotations

from flask import Response
from marshmallow import fields

from bridge.access import codes, passwords
from bridge.access.customers import Right
from bridge.keys import Unreadable
from bridge.store import sessions
from bridge.store.customers import Customer
from bridge.store.tables import customer_session
from bridge.web.forms import Form, text
from bridge.web.shop import manner, proving, shown
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page


class Called(Form):
    name = text(required=True, most=100)
    language = text(required=True, most=5)


class Changed(Form):
    old = fields.String(required=True)
    password = fields.String(required=True)


class SetUp(Form):
    password = fields.String(required=True)
    secret = text(required=True, most=400)
    code = text(required=True, most=20)


class Typed(Form):
    code = text(required=True, most=20)


@shop.get("/profile", may=Right.SEE)
def profile(visit: Visit) -> Page:
    with visit.parts.database.read() as tx:
        who = visit.customer(tx)
        found = sessions.of_user(tx, who.id, visit.now, customer_session)
    told = {
        "who": who,
        "sessions": found,
        "mine": visit.asked.session,
        "shortest": passwords.SHORTEST,
    }
    return Page("profile", visit.say("Profile"), told)


@shop.post("/profile", may=Right.SEE, takes=Called)
def be_called(visit: Visit) -> Response:
    language = visit.told["language"]
    if language not in visit.front.brand.languages:
        raise LookupError(visit.say("That language is not spoken here."))
    who, name = visit.buyer.name, visit.told["name"]
    visit.order("customer.profile", customer=who, person=name, language=language)
    response = shown.go(
        visit.parts.keys, visit.front, Go("/profile", visit.say("Kept."))
    )
    manner.speak(visit.front, response, language)
    return response


@shop.post("/profile/password", may=Right.SEE, takes=Changed)
def change_password(visit: Visit) -> Go:
    """By the old one; who is logged in elsewhere is logged out."""
    told, who = visit.told, _proved(visit, visit.told["old"])
    if proving.is_weak(told["password"], who.email):
        raise LookupError(proving.weak(visit))
    visit.order(
        "customer.password", customer=who.id, session=_session(visit),
        password=passwords.hashed(told["password"]), now=visit.now.isoformat(),
    )  # fmt: skip
    return Go("/profile", visit.say("Your new password holds from now on."))


@shop.post("/profile/sessions/end", may=Right.SEE)
def log_out_everywhere(visit: Visit) -> Response:
    """Here, too."""
    visit.order("customer.log_out_all", customer=visit.buyer.name)
    said = visit.say("You are logged out everywhere.")
    response = shown.go(visit.parts.keys, visit.front, Go("/login", said))
    manner.clear(visit.front, response)
    return response


# --- the second factor


@shop.get("/profile/code", may=Right.SEE)
def ask_code(visit: Visit) -> Page | Go:
    with visit.parts.database.read() as tx:
        who = visit.customer(tx)
    return Go("/profile") if who.totp else _form(visit, who, codes.new_secret())


@shop.post("/profile/code", may=Right.SEE, takes=SetUp)
def set_up_code(visit: Visit) -> Page:
    """The recovery codes are shown here, and never again."""
    told, who = visit.told, _proved(visit, visit.told["password"])
    if who.totp:
        raise LookupError(visit.say("That is set up already."))
    secret = _opened(visit, who, told["secret"])
    step = codes.step_of(secret, told["code"], visit.now, 0)
    if step is None:
        wrong = visit.say("That code does not fit. Is the clock of your phone right?")
        return _form(visit, who, secret, wrong)
    spare = codes.recovery_codes()
    visit.order(
        "customer.second_factor", customer=who.id, session=_session(visit), step=step,
        totp=visit.parts.keys.seal(secret, proving.about(who.id)).hex(),
        recovery=[codes.recovery_hash(each) for each in spare],
    )  # fmt: skip
    return Page("spare", visit.say("Keep these codes"), {"codes": spare})


@shop.post("/profile/code/remove", may=Right.SEE, takes=Typed)
def remove_code(visit: Visit) -> Go:
    """By a code: who only sits at the screen does not."""
    with visit.parts.database.read() as tx:
        who = visit.customer(tx)
    proving.paced(visit, proving.about(who.id))
    used = proving.code(visit, who, visit.told["code"])
    if used is None:
        raise LookupError(visit.say("That code does not fit; wait for the next one."))
    visit.order("customer.no_second_factor", customer=who.id, **used)
    return Go("/profile", visit.say("You log in without a code from now on."))


def _form(visit: Visit, who: Customer, secret: str, wrong: str | None = None) -> Page:
    told = {
        "picture": codes.picture(secret, who.email, visit.front.brand.name),
        "secret": secret,
        "sealed": visit.parts.keys.closed(secret, _about(who)),
        "wrong": wrong,
    }
    title = visit.say("A code from your phone")
    return Page("factor", title, told, 400 if wrong else 200)


def _opened(visit: Visit, who: Customer, sealed: str) -> str:
    try:
        return visit.parts.keys.opened(sealed, _about(who))
    except (Unreadable, ValueError):
        raise LookupError(visit.say("That page was too old. Open it anew.")) from None


def _about(who: Customer) -> str:
    """Not as it is kept: what stands on the page is no kept factor."""
    return f"offered {proving.about(who.id)}"


def _proved(visit: Visit, password: str) -> Customer:
    """He, where that is his password."""
    with visit.parts.database.read() as tx:
        who = visit.customer(tx)
    proving.paced(visit, who.email)
    if not passwords.fits(password, who.password):
        raise LookupError(visit.say("That is not your password."))
    return who


def _session(visit: Visit) -> str:
    return visit.asked.session.hash if visit.asked.session else ""
