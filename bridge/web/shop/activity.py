"""What was done about a customer's account, what he was mailed, and his login (S9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.access.customers import Right
from bridge.store import customers
from bridge.store.audit import Note
from bridge.store.outbox import Delivery, State
from bridge.store.paces import Pace
from bridge.store.pages import doings
from bridge.web.access import steps
from bridge.web.access.steps import Stopped
from bridge.web.forms import Form, number
from bridge.web.shop import called
from bridge.web.shop.mine import mine
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page

MOST = 50
LINKS = Pace(timedelta(minutes=20), 2)
"""Of one account: each link makes the one before worthless."""


class Older(Form):
    before = number(1, 2**62, load_default=None)


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the log: in words for customers, with no name of our staff."""

    at: datetime
    what: str
    who: str
    order: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    at: datetime
    what: str
    state: str


@shop.get("/activity", may=Right.SEE, query=Older)
def activity(visit: Visit) -> Page:
    """What he and his people did, and what was done for him by others."""
    words = called.doings(visit.speech)
    with visit.parts.database.read() as tx:
        his = doings.things(tx, visit.buyer.scope.client)
        notes = doings.done(tx, his, words, visit.told["before"], MOST + 1)
        named = {str(name) for n in notes for name in (n.who, n.about)}
        people = {
            each: found.name
            for each in named & his.people
            if (found := customers.one(tx, each))
        }
    rows = [
        Done(
            note.at,
            words[note.what],
            _who(visit, note, people),
            note.about if note.about in his.orders else None,
        )
        for note in notes[:MOST]
    ]
    told = {"rows": rows, "older": notes[MOST - 1].id if len(notes) > MOST else None}
    return Page("activity", visit.say("Activity"), told)


@shop.get("/mails", may=Right.SEE, query=Older)
def mails(visit: Visit) -> Page:
    """Which mails were sent to him; none is shown again, their links are his secret."""
    with visit.parts.database.read() as tx:
        his = doings.things(tx, visit.buyer.scope.client)
        found = doings.mailed(tx, his, visit.told["before"], MOST + 1)
    rows = [_mail(visit, each) for each in found[:MOST]]
    older = found[MOST - 1].id if len(found) > MOST else None
    return Page("mails", visit.say("Mails"), {"rows": rows, "older": older})


@shop.get("/access", may=Right.SEE)
def access(visit: Visit) -> Page:
    """Where to log in, and how to have the password shown again."""
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, None)
    told: dict[str, Any] = {"has": has, "ours": _is_ours(visit)}
    return Page("access", visit.say("Login"), told)


@shop.post("/access/<account>/link", may=Right.MANAGE)
def link(visit: Visit, account: str) -> Go:
    """A fresh link by mail, to the account's own address; the ones before hold no more.

    Paced, and pressed twice it is mailed once.
    """
    if not _is_ours(visit):
        raise LookupError(visit.say("Your login is mailed by the billing page."))
    with visit.parts.database.read() as tx:
        one = mine(visit, tx, account).one
    if one is None or one.remote is None or one.keeps_its_password:
        raise LookupError(visit.say("There is no login to mail yet. Write to us."))
    wait = steps.guessed(visit.order, f"login of {account}", LINKS, visit.now)
    if wait:
        raise Stopped(429, "too_fast", "A link was mailed just now.", wait=wait)
    visit.order(
        "login.send", account=account, because="the customer asked for it",
        channel=visit.channel,
    )  # fmt: skip
    return Go("/access", visit.say("A fresh link is on its way to you by mail."))


def _is_ours(visit: Visit) -> bool:
    return visit.front.source in visit.parts.config.mailed


def _who(visit: Visit, note: Note, people: Mapping[str, str]) -> str:
    # Whoever logs in is nobody until he is in: it is about himself.
    for name in (note.who, str(note.about)):
        if name in people:
            return people[name]
    if note.via == "shop":
        return visit.say("Another customer")
    if note.via == "itself":
        return visit.say("By itself")
    return visit.say("{brand}, for you", brand=visit.front.brand.name)


def _mail(visit: Visit, each: Delivery) -> Mail:
    kinds = called.mails(visit.speech)
    said = each.content
    kind = str(said.get("purpose") or said.get("topic") or said["type"])
    states = {
        State.SENT: visit.say("sent"),
        State.WITHDRAWN: visit.say("not needed any more"),
        State.WAITING: visit.say("on its way"),
    }
    lost = visit.say("could not be sent; write to us")
    return Mail(
        each.ended_at or each.made_at, kinds[kind], states.get(each.state, lost)
    )
