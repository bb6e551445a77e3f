"""Accounts: which there are, how each stands, and what would be done for it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import panels, planned
from bridge.access.roles import May
from bridge.draining import over_cap
from bridge.preview import is_live, preview
from bridge.store import accounts as store
from bridge.store import confirmations
from bridge.store.pages import accounts as pages
from bridge.store.pages.accounts import STATES, Wanted
from bridge.web.access.steps import Stopped
from bridge.web.api import his
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    because,
    hash_of,
    many,
    maybe,
    one_of,
    page_of,
    said,
    shown,
)
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render
from provisioning.core.account import Account


class Accounts(Paged):
    source = said("Only this source's.", "shop")
    backend = said("Only those on this backend.", "main")
    state = one_of("Only those that are so.", STATES)


class Listed(Answer):
    account = shown("Its id.", "acc_k3m9x7qa")
    source = shown("Whose customer it is.", "shop")
    client = maybe("The platform's own name of the customer.", "7")
    email = maybe("Where login mails go.", "ann@example.com")
    phone = maybe("The last digits of the customer's.", "01234567")
    username = shown("Its login at the backend.", "ann7")
    backend = shown("Where it is.", "main")
    currency = shown("Of its balance.", "USD")
    services = many("What is sold on it, named with its source.")
    ended = maybe("Since when nothing is sold on it.", kind=Moment)
    money_stopped = maybe("Why no money is sent to it.")


class Coming(Answer):
    what = shown("What takes effect without anybody saying so.", "trial ends")
    at = shown("When.", kind=Moment)


class Service(Answer):
    service = shown("Its name, with its source.", "shop:1001")
    package = shown("What was sold.", "starter")
    status = shown("active, trial, or inactive.", "active")
    said = maybe("The same in a sentence, with why.")
    accounts = maybe("How many of the package.", 1, fields.Integer)
    price = maybe("What it costs a period.", "29.00 USD")
    cycle = maybe("How often it is paid.", "monthly")
    next_payment = maybe("When it is due.", kind=Moment)
    registered = maybe("When it was sold first.", kind=Moment)
    next_package = maybe("What it becomes then.")
    actions = many("What its customer may do.")
    tried_until = maybe("When its trial ends.", kind=Moment)
    paid_until = maybe("With what coupons put aside.", kind=Moment)
    promised = maybe("Until when payment was promised.")
    to_come = many("What happens when.", Coming)


class OverCap(Answer):
    cap = shown("They may have begun under it; 0: under none.", 50, fields.Integer)
    until = shown("By then the longest call there can be has ended.", kind=Moment)


class OneAccount(Listed):
    live = shown("Whether its backend has it as it should be.", True, fields.Boolean)
    balance = maybe("As its backend shows it.", "20.00", Sum)
    over_cap = fields.Nested(
        OverCap, required=True, allow_none=True,
        metadata={"description": "Calls from before its cap was lowered; or null."},
    )  # fmt: skip
    services = many("How each is, and what its customer is shown.", Service)


class Plan(Answer):
    account = shown("Its id.", "acc_k3m9x7qa")
    hash = shown("Of all of it: send it back to have exactly this done.")
    steps = many("What would be done, in this order; none: all is as it should be.")
    sums = fields.Dict(
        keys=fields.String(), values=Sum(), required=True,
        metadata={"description": "What would be sent, by currency."},
    )  # fmt: skip
    balance = maybe("As its backend shows it.", "20.00")
    services = many("What is sold on it, in words.")
    debt = maybe("What the next top-up pays first.", "5.00 USD")
    held = maybe("Why money is kept back.")
    purge = maybe("When it is deleted, where everything has ended.")
    observed = maybe("It was adopted and is only looked at; since when.")
    acting = many("What coupons and umbrellas do, in words.")


class Confirm(Form):
    hash = hash_of("the plan that was shown.")
    because = because()


class Confirmed(Answer):
    confirmation = shown("Its number: by it, ask what became of it.", 5, fields.Integer)


class Confirmation(Answer):
    confirmation = shown("Its number.", 5, fields.Integer)
    account = shown("Whose plan it is.", "acc_k3m9x7qa")
    state = shown("open, applied, changed or refused.", "applied")
    why = maybe("Why it could not be done, or not all of it.")


@api.get("/accounts", may=May.SEE, query=Accounts, answers=page_of(Listed))
def accounts(asked: Asked) -> dict[str, Any]:
    """Accounts, as they stand on record; their backends are not asked."""
    told = asked.told
    wanted = Wanted(*(told.get(name) for name in ("source", "backend", "state")))
    with asked.parts.database.read() as tx:
        found = pages.listed(
            tx, asked.scope, wanted, told.get("cursor", ""), told["limit"]
        )
        loaded = store.load_all(tx, found.ids).read()
    rows = [_listed(loaded[id_].account) for id_ in found.ids if id_ in loaded]
    return {"items": rows, "next": found.after}


@api.get("/accounts/<account>", may=May.SEE, answers=OneAccount)
def one_account(asked: Asked, account: str) -> dict[str, Any]:
    """How each service of an account is, and why: its backend is read for it.

    One is active only where the backend has it so.
    """
    job, todo = preview(account, asked.parts.runner.desk, asked.parts.editions)
    live, at = is_live(job, todo), asked.at
    services = [
        _snake(panels.seen(todo.account, sold, job.catalog, at, live=live))
        for sold in todo.account.services
    ]
    return _listed(todo.account) | {
        "live": live,
        "balance": job.seen.balance if job.seen else None,
        "over_cap": over_cap(job),
        "services": services,
    }


CHANGED = (
    "Something else would be done by now than what was shown; nothing was sent. Look at"
    " it anew."
)


@api.get("/accounts/<account>/plan", may=May.SEE, answers=Plan)
def plan(asked: Asked, account: str) -> dict[str, Any]:
    """What would be done for it now; nothing is. Its backend is read for it."""
    job, todo = preview(account, asked.parts.runner.desk, asked.parts.editions)
    none: dict[str, Any] = {"observed": None, "acting": []}
    return none | planned.told(job, todo) | {"sums": planned.sums(todo)}


@api.post(
    "/accounts/<account>/plan", may=May.PROVISION, takes=Confirm, answers=Confirmed
)
def apply_plan(asked: Asked, account: str) -> dict[str, Any]:
    """Have done what the plan showed, or nothing.

    409 `changed`, where something else would be done by now: look at the plan anew.
    """
    _, todo = preview(account, asked.parts.runner.desk, asked.parts.editions)
    said_ = planned.ordered(todo, asked.told["because"], asked.who.name)
    return as_shown(asked, todo.hash, said_)


def as_shown(asked: Asked, hash_: str, said_: dict[str, Any]) -> dict[str, Any]:
    """Ordered, where it is still what was shown, by its hash; else nothing is."""
    told: dict[str, Any] = {"confirmation": None}
    if hash_ == asked.told["hash"]:
        told = asked.order("plan.apply", **said_)
    if told["confirmation"] is None:
        raise Stopped(409, "changed", CHANGED)
    return told


@api.get("/confirmations/<confirmation>", may=May.SEE, answers=Confirmation)
def one_confirmation(asked: Asked, confirmation: str) -> dict[str, Any]:
    """What became of a plan that was confirmed."""
    with asked.parts.database.read() as tx:
        found = confirmations.numbered(tx, int(confirmation))
    if found is None:
        raise LookupError(f"there is no confirmation {confirmation}")
    return {
        "confirmation": found.id,
        "account": found.account,
        "state": found.state.value,
        "why": render(found.why),
    }


class Woken(Answer):
    woken = shown("The account.", "acc_k3m9x7qa")


@api.post("/accounts/<account>/sync", may=May.HELP, takes=Form, answers=Woken)
def sync(asked: Asked, account: str) -> dict[str, Any]:
    """Look at it now, and bring it in line."""
    return asked.order("account.sync", account=his.account(asked, account).id)


def _listed(found: Account) -> dict[str, Any]:
    return {
        "account": found.id,
        "source": found.source,
        "client": found.client,
        "email": found.email,
        "phone": found.phone,
        "username": found.username,
        "backend": found.backend,
        "currency": found.currency,
        "services": [sold.ref for sold in found.services],
        "ended": found.ended_at,
        "money_stopped": found.money_stopped,
    }


def _snake(row: dict[str, Any]) -> dict[str, Any]:
    """Of a package nobody knows any more, nothing is shown to its customer."""
    none = dict.fromkeys(Service().fields) | {"actions": ()}
    return none | {name.replace(" ", "_"): value for name, value in row.items()}
