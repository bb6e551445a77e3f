"""What is sold, and what a change would cost."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import ahead, changing, quotes
from bridge.access.roles import May
from bridge.preview import preview
from bridge.store import catalogs
from bridge.web.api import his
from bridge.web.api.fields import Answer, Moment, many, maybe, moment, said, shown
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render
from provisioning.core.outcomes import Refused
from provisioning.core.quoted import why_not
from provisioning.core.revised import told
from provisioning.core.sentences import Sentence


class Terms(Answer):
    version = shown("Of the terms: it changes with each letter of them.")
    applied = shown("Since when they are current.", kind=Moment)
    by = shown("Who made them current.", "ann@example.com")
    because = maybe("Why.")
    says = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True,
        metadata={"description": "All they say, by the place it stands in."},
    )  # fmt: skip


class Wish(Form):
    change = said(
        "What it becomes: package, cycle, how many.", "starter,x2", required=True
    )
    at = moment("When; now, if not said.", "2026-12-24T00:00:00Z")
    group = said("As if the customer were of that group.", "wholesale")


class Offer(Answer):
    verdict = shown("What would be made of it.", "now")
    because = maybe("Why.")
    now = maybe("What it is at once.", "2 x starter, monthly")
    next = maybe("What it becomes then.")
    waits_for = maybe("What has to be done first.")
    unit_price = maybe("Of one.", "29.00 USD")
    due_now = maybe("What is to be paid at once.", "14.50 USD")
    due_next = maybe("What the next period costs.")
    lines = many("Each position, in words.")
    losses = many("What is less than before, in words.")
    data = many("What is deleted when, in words.")
    quote = maybe("The same price as text that may be carried: it holds for a while.")
    quote_until = maybe("Until then.")


class Token(Form):
    token = said("A quote as it was given.", "AQ…", most=8192, required=True)
    account = said("Whether it holds for that service.", "shop:1001")


class Quote(Answer):
    service = maybe("For which service it was made.", "shop:1001")
    becomes = maybe("What it becomes.", "2 x starter, monthly")
    starts = shown("From when.", kind=Moment)
    ends = maybe("Until when.", kind=Moment)
    unit_price = shown("Of one.", "29.00 USD")
    due = shown("What is to be paid.", "14.50 USD")
    lines = many("Each position, in words.")
    made = shown("When it was made.", kind=Moment)
    expires = shown("How long it holds.", kind=Moment)
    holds = shown("Whether it does.", True, fields.Boolean)
    why_not = maybe("Why it does not.")


@api.get("/catalog", may=May.SEE, answers=Terms)
def catalog(asked: Asked) -> dict[str, Any]:
    """What is sold now, and by which terms."""
    with asked.parts.database.read() as tx:
        current = next(iter(catalogs.history(tx)), None)
        if current is None:
            raise LookupError(
                "nothing is current yet: the first start of `switchhook serve` or"
                " `worker` makes current what is written"
            )
        edition = asked.parts.editions.edition(tx, current.version)
    return {
        "version": current.version,
        "applied": current.at,
        "by": current.by,
        "because": current.because,
        "says": told(edition) if edition else {},
    }


@api.get("/accounts/<account>/quote", may=May.SEE, query=Wish, answers=Offer)
def quote(asked: Asked, account: str) -> dict[str, Any]:
    """What would follow if a service became something else, and what it would cost.

    Name the service in the path, where its account has several. Nothing is done.
    """
    wish, parts = asked.told, asked.parts
    now = asked.at
    at = wish.get("at", now)
    if at < now:
        raise LookupError("a change is for now or later; leave `at` out, or move it on")
    job, _ = preview(account, parts.runner.desk, parts.editions)
    then = ahead.seen(job, at)
    found, _ = ahead.changed(job, account, wish["change"], then, wish.get("group"))
    none = dict.fromkeys(Offer().fields) | {"data": []}
    return none | {name.replace(" ", "_"): value for name, value in found.items()}


@api.get("/quotes", may=May.SEE, query=Token, answers=Quote)
def one_quote(asked: Asked) -> dict[str, Any]:
    """What a quote promises, and whether it still holds."""
    parts, token = asked.parts, asked.told["token"]
    offer = quotes.opened(parts.keys, token)
    if isinstance(offer, Sentence):
        raise Refused(render(offer))
    promised, catalog = offer.quote, parts.catalog
    if promised.ref is not None:
        his.account(asked, promised.ref)
    with parts.database.read() as tx:
        has = quotes.basis(tx, offer, catalog)
    no = why_not(
        offer, asked.at, version=catalog.version,
        ref=asked.told.get("account", promised.ref), has=has,
    )  # fmt: skip
    return {
        "service": promised.ref,
        "becomes": changing.chosen(promised.choice),
        "starts": promised.starts,
        "ends": promised.ends,
        "unit_price": str(promised.unit_price),
        "due": str(promised.amount_due),
        "lines": changing.lines(promised),
        "made": promised.at,
        "expires": promised.expires,
        "holds": no is None,
        "why_not": render(no),
    }
