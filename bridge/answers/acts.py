"""What may be done from a platform's pages: by its staff, and by a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge import goodwill
from bridge.answers import coupons
from bridge.answers.asked import Asked
from bridge.words import render
from provisioning.core.sentences import Sentence, say

Told = dict[str, Any]


def act(asked: Asked) -> Told:
    verb = asked.text("verb")
    if verb not in ACTS:
        raise LookupError(f'"verb" is one of: {", ".join(ACTS)}')
    asked.sold()
    return ACTS[verb](asked)


def _reprovision(asked: Asked) -> Told:
    """What `plan` shows now is done, and nothing else."""
    _, todo = asked.looked_at()
    if not todo.steps:
        return _said(say("asked_in_line"))
    told = asked.order(
        "plan.apply",
        {
            "account": todo.account.id,
            "digest": todo.hash,
            "revision": todo.account.revision,
            "catalog": todo.catalog,
            "steps": todo.steps,
            "because": asked.text("because"),
            "by": asked.text("by"),
        },
    )
    number = told["confirmation"]
    if number is None:
        return _said(say("asked_changed"))
    return _said(say("asked_reprovision", count=len(todo.steps)), str(number))


def _sync(asked: Asked) -> Told:
    account = _account(asked)
    asked.order("account.sync", {"account": account})
    return _said(say("asked_sync"))


def _login(asked: Asked) -> Told:
    config = asked.wide.config
    if asked.source not in config.mailed:
        raise LookupError(
            "login mails of this source are sent by its platform: send its welcome"
            ' mail again there, or set login_mail = "ours" in the bridge\'s source'
        )
    said = {"account": _account(asked), "because": _because(asked),
            "channel": config.login_channel}  # fmt: skip
    told = asked.order("login.send", said)
    return _said(say("asked_login"), str(told["issue"]))


def _topup(asked: Asked) -> Told:
    """Goodwill, within what staff may give. The request's id is its reference: sent
    again, it gives once."""
    currency = asked.sold()[0].currency
    allowed = asked.wide.config.goodwill
    told = asked.order(
        "money.give",
        {
            **goodwill.asked(allowed, _account(asked), currency, asked.text("amount")),
            "because": _because(asked),
            "reference": f"{asked.source}/{asked.id}",
        },
    )
    return _said(say("asked_topup", sum=told["sum"]), str(told["given"]))


def _account(asked: Asked) -> str:
    return asked.sold()[0].id


def _because(asked: Asked) -> str:
    return f"{asked.text('because')} ({asked.text('by')})"


def _said(sentence: Sentence, operation: str | None = None) -> Told:
    return {"operation": operation, "said": render(sentence)}


ACTS: Mapping[str, Callable[[Asked], Told]] = {
    "reprovision": _reprovision,
    "sync": _sync,
    "login": _login,
    "topup": _topup,
    "coupon": coupons.switch_on,
}
