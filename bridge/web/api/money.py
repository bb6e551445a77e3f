"""Money that nobody knows the end of, or that is held: what it is, and what to do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.store import attempts
from bridge.store.attempts import Attempt
from bridge.store.pages import waiting, whole
from bridge.store.pages.waiting import Cursor
from bridge.web.access.steps import Stopped
from bridge.web.api import his
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    because,
    many,
    maybe,
    page_of,
    said,
    shown,
    yes_or_no,
)
from bridge.web.api.paging import number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form

PART = "|"
"""Between the two halves of a cursor."""

# --- unsure


class Call(Answer):
    attempt = shown("Its number.", 17, fields.Integer)
    account = shown("For which account it was.", "acc_k3m9x7qa")
    verb = shown("What was asked of the backend.", "grant")
    claim = maybe("The key of the sum, where it was one.", "shop:line-2/topup")
    amount = maybe("How much was sent.", "20.00", Sum)
    balance = maybe("What the balance was before.", "0.00", Sum)
    state = shown("intent, unsure or person: then somebody must say.", "person")
    sent_before = shown("It was sent no later.", kind=Moment)
    certain_from = shown("From then on it can no longer arrive.", kind=Moment)
    evidence = maybe("What was seen when it was looked for.")
    said = maybe("What the backend answered, where it did.")


class Stop(Answer):
    account = shown("No more money is sent to it.", "acc_k3m9x7qa")
    why = shown("Why.")


class Restored(Answer):
    account = shown("It came from a backup.", "acc_k3m9x7qa")
    backup = shown("Of when that is.", kind=Moment)
    claim = shown("A sum that may have been sent after it.", "shop:line-2/topup")
    amount = shown("How much.", "20.00", Sum)


class Stops(Answer):
    stopped = many("Accounts that money is not sent to.", Stop)
    restored = many("Sums of accounts that came from a backup.", Restored)


class Resolve(Form):
    arrived = yes_or_no("Whether it is there.", required=True)
    because = because()


class Resolved(Answer):
    attempt = shown("Its number.", 17, fields.Integer)
    arrived = shown("What was said of it.", True, fields.Boolean)
    account = shown("Whose it is.", "acc_k3m9x7qa")


class Release(Form):
    because = because()
    arrived = fields.List(
        said("The key of a sum.", "shop:line-2/topup", most=500),
        validate=validate.Length(max=200),
        load_default=list,
        metadata={"description": "Sums that are there already: booked, and not sent."},
    )


class Released(Answer):
    released = shown("The account.", "acc_k3m9x7qa")


@api.get("/unsure", may=May.SEE, query=Paged, answers=page_of(Call))
def unsure(asked: Asked) -> dict[str, Any]:
    """Calls nobody knows the end of: looked for, or waiting for a person."""
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: whole.unsure(tx, asked.scope, number(cursor), most),
            lambda one: one.id,
            _call,
        )


@api.get("/unsure/accounts", may=May.SEE, answers=Stops)
def stopped(asked: Asked) -> dict[str, Any]:
    """Accounts that no money is sent to until somebody has looked."""
    listing = [
        name
        for name, host in asked.parts.backends.items()
        if host.describe().lists_payments
    ]
    with asked.parts.database.read() as tx:
        stopped = waiting.stopped(tx, asked.scope)
        restored = waiting.restored(tx, asked.scope, listing)
    return {
        "stopped": [{"account": id_, "why": why} for id_, why in stopped],
        "restored": [asdict(one) for of_one in restored.values() for one in of_one],
    }


@api.get("/attempts/<attempt>", may=May.SEE, answers=Call)
def one_attempt(asked: Asked, attempt: str) -> dict[str, Any]:
    """One call to a backend, ended or not."""
    with asked.parts.database.read() as tx:
        found = attempts.numbered(tx, int(attempt))
    if found is None:
        raise LookupError(f"there is no attempt {attempt}")
    return _call(found)


@api.post("/attempts/<attempt>/resolve", may=May.MONEY, takes=Resolve, answers=Resolved)
def resolve(asked: Asked, attempt: str) -> dict[str, Any]:
    """Say whether a sum arrived, where the backend could not tell.

    Arrived: it is booked. Not: it is sent again.
    """
    return asked.order("unsure.resolve", attempt=int(attempt), **asked.told)


@api.post("/accounts/<account>/release", may=May.MONEY, takes=Release, answers=Released)
def release(asked: Asked, account: str) -> dict[str, Any]:
    """Send money again to an account that was stopped, or came from a backup."""
    return asked.order(
        "unsure.release", account=his.account(asked, account).id, **asked.told
    )


# --- held


class Held(Answer):
    key = shown("By it, say what becomes of it.", "shop:line-2/topup")
    owner = shown("With whom it is: an account, or a client without one yet.")
    amount = shown("How much.", "20.00", Sum)
    currency = shown("ISO 4217.", "USD")
    event = shown("What brought it.", "evt_4711")
    state = shown("open: it waits; parked: the backend refused it.", "open")
    since = shown("Since when.", kind=Moment)


class Move(Form):
    to = said(
        "Whose it is: an account, or a service of it.", "shop:1001", required=True
    )
    because = because()


class Moved(Answer):
    moved = shown("The key.", "shop:line-2/topup")
    giver = shown("Where it was.", data_key="from", attribute="from")
    to = shown("Where it is now.", "acc_k3m9x7qa")


class Refund(Form):
    because = because()


class Refunded(Answer):
    refunded = shown("The key.", "shop:line-2/topup")
    sum = shown("What is not sent any more.", "20.00 USD")


class Again(Answer):
    retried = shown("The key.", "shop:line-2/topup")
    account = shown("Whose it is.", "acc_k3m9x7qa")


@api.get("/held", may=May.SEE, query=Paged, answers=page_of(Held))
def held(asked: Asked) -> dict[str, Any]:
    """Money that was paid and is not at the backend yet, the longest waiting first."""
    after = _cursor(asked.told.get("cursor"))
    with asked.parts.database.read() as tx:
        found, last = waiting.held(tx, asked.scope, after, asked.told["limit"])
    following = last and f"{last.since.isoformat()}{PART}{last.key}"
    return {"items": found, "next": following}


@api.post("/held/<path:held>/move", may=May.MONEY, takes=Move, answers=Moved)
def move(asked: Asked, held: str) -> dict[str, Any]:
    """Apply it to this account, wherever it was waiting."""
    told = asked.told
    to = his.account(asked, told["to"]).id
    return asked.order("money.move", key=held, to=to, because=told["because"])


@api.post("/held/<path:held>/refund", may=May.MONEY, takes=Refund, answers=Refunded)
def refund(asked: Asked, held: str) -> dict[str, Any]:
    """Say that the platform paid it back: it is never sent."""
    return asked.order("money.refund", key=held, because=asked.told["because"])


@api.post("/held/<path:held>/retry", may=May.MONEY, takes=Form, answers=Again)
def retry_sum(asked: Asked, held: str) -> dict[str, Any]:
    """Send again what the backend refused."""
    return asked.order("money.retry", key=held)


def _cursor(written: str | None) -> Cursor | None:
    if written is None:
        return None
    since, part, key = written.partition(PART)
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not part:
        faults = {"cursor": "is none that this list gave"}
        raise Stopped(422, "invalid", "The cursor is of another list.", faults=faults)
    return Cursor(at, key)


def _call(found: Attempt) -> dict[str, Any]:
    return {
        "attempt": found.id,
        "account": found.account,
        "verb": found.verb,
        "claim": found.claim,
        "amount": found.amount,
        "balance": found.balance,
        "state": found.state.value,
        "sent_before": found.send_before,
        "certain_from": found.settled_from,
        "evidence": found.evidence,
        "said": found.said,
    }
