"""How a customer shows that it is he: paced, by a password, and by a code where he has
set that up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from bridge.access import codes, passwords
from bridge.keys import Unreadable, hashed, random_token
from bridge.store import customers
from bridge.store.customers import Customer
from bridge.store.paces import Pace
from bridge.web.access import steps
from bridge.web.access.steps import Stopped
from bridge.web.shop import manner, shown
from bridge.web.shop.visit import Visit
from bridge.web.site import Go

OF_AN_ADDRESS = Pace(timedelta(minutes=3), 5)
"""Tries for one customer, wherever they come from."""

FROM_ONE_PLACE, FROM_ANYWHERE = OF_AN_ADDRESS, Pace(timedelta(minutes=1), 50)
"""Logins with one e-mail address. Who guesses at it far away does not lock its owner
out, and many places together do not guess for long."""

MAILS = Pace(timedelta(hours=1), 4)
"""To one address: whose it is may have asked for none of them. Counted apart, so that
who has them sent keeps nobody from logging in."""

HALF = "half a login"
HOLDS = timedelta(minutes=5)


def paced(visit: Visit, what: str) -> None:
    """Tries for one address, or at one code: counted by all processes together."""
    about_ = f"{visit.front.source} customer {what}"
    wait = steps.guessed(visit.order, about_, OF_AN_ADDRESS, visit.now)
    if wait:
        raise Stopped(429, "too_fast", "Too many tries for this address.", wait=wait)


def tried(visit: Visit, address_: str) -> None:
    """One more login with it. What one place may not is not counted for all."""
    about_ = f"login of {visit.front.source} customer {address_}"
    here = f"{about_} from {steps.near(request)}"
    for key, allowed in ((here, FROM_ONE_PLACE), (about_, FROM_ANYWHERE)):
        wait = steps.guessed(visit.order, key, allowed, visit.now)
        if wait:
            raise Stopped(429, "too_many_logins", "Too many logins.", wait=wait)


def mailed(visit: Visit, address_: str) -> None:
    """Whether or not one is sent: nobody learns by it who is known."""
    about_ = f"mail of {visit.front.source} to {address_}"
    wait = steps.guessed(visit.order, about_, MAILS, visit.now)
    if wait:
        raise Stopped(429, "too_fast", "Too many mails to this address.", wait=wait)


def let_in(
    visit: Visit, who: Customer, next_: str, *,
    step: int | None = None, recovery: str | None = None,
) -> Response:  # fmt: skip
    token = random_token()
    visit.order(
        "customer.log_in", customer=who.id, session=hashed(token), step=step,
        recovery=recovery, now=visit.now.isoformat(),
        visitor=[address(), request.headers.get("User-Agent", "unknown")[:200]],
    )  # fmt: skip
    response = shown.go(visit.parts.keys, visit.front, Go(next_))
    manner.bake(visit.front, response, token)
    return response


def address() -> str:
    return request.remote_addr or "unknown"


# --- the password


def is_weak(password: str, address_: str) -> bool:
    return passwords.fault(password, address_) is not None


def weak(visit: Visit) -> str:
    return visit.say(
        "Choose a password of {least} letters or more, not made of your own name and"
        " not of few letters repeated.",
        least=passwords.SHORTEST,
    )


# --- the second factor


def about(customer: str) -> str:
    """What a second factor is sealed for: it opens for no other customer."""
    return f"totp of {customer}"


def code(visit: Visit, who: Customer, typed: str) -> dict[str, Any] | None:
    """What it uses up: a step of the phone's, or one of the ten kept for a lost one."""
    if who.totp is None:
        return None
    secret = visit.parts.keys.unseal(who.totp, about(who.id))
    step = codes.step_of(secret, typed, visit.now, who.step)
    if step is not None:
        return {"step": step}
    hash_ = codes.recovery_hash(typed)
    return {"recovery": hash_} if hash_ in who.recovery else None


def half(visit: Visit, who: Customer) -> str:
    """That the password was right, for a while, and for as long as it is that one."""
    until = (visit.now + HOLDS).isoformat()
    said = [who.id, until, hashed(who.password or "")]
    return visit.parts.keys.closed(json.dumps(said), HALF)


def opened(visit: Visit, half_: str) -> Customer | None:
    """Who that was; nobody, where it is too old or of another brand."""
    try:
        id_, until, password = json.loads(visit.parts.keys.opened(half_, HALF))
    except (Unreadable, ValueError):
        return None
    with visit.parts.database.read() as tx:
        found = customers.one(tx, id_)
    if found is None or found.ended_at or found.source != visit.front.source:
        return None
    fresh = visit.now < datetime.fromisoformat(until)
    return found if fresh and password == hashed(found.password or "") else None
