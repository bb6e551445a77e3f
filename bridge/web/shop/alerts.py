"""Alerts a customer sets for himself: told once each time one is crossed (S2)."""

from __future__ import annotations

import sqlalchemy as sa
from marshmallow import ValidationError, fields

from bridge.access.customers import Right
from bridge.store import thresholds
from bridge.web.forms import Form, number, text
from bridge.web.shop import called
from bridge.web.shop.credit import Whose
from bridge.web.shop.his import plainly
from bridge.web.shop.mine import Mine, mine, not_yours
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core.money import amount
from provisioning.core.thresholds import Measure, Per

MOST = 20
"""Of one account: each is looked at again and again."""


def _level(written: str) -> None:
    try:
        sum_ = amount(written)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None
    if sum_ < 0:
        raise ValidationError("is nought or more")


class New(Form):
    account = text(required=True, most=100)
    measure = fields.Enum(Measure, by_value=True, required=True)
    level = fields.String(required=True, validate=_level)
    per = fields.Enum(Per, by_value=True, load_default=Per.MONTH)


class Gone(Form):
    threshold = number(1, 2**62, required=True)


@shop.get("/alerts", may=Right.SEE, query=Whose)
def alerts(visit: Visit) -> Page:
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, visit.told["account"])
        kept = thresholds.kept(tx, has.one.id) if has.one else []
    told = {
        "has": has,
        "kept": [(each, plainly(visit, each.said)) for each in kept],
        "measures": called.measures(visit.speech),
        "pers": called.pers(visit.speech),
        "in_money": (Measure.BALANCE, Measure.SPENT),
    }
    return Page("alerts", visit.say("Alerts"), told)


@shop.post("/alerts", may=Right.BUY, takes=New)
def tell(visit: Visit) -> Go:
    """The same once more is the same one: pressed twice there is one."""
    told = visit.told
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, told["account"])
        full = _is_full(tx, has)
    if full:
        raise LookupError(visit.say("Those are many alerts. Drop one first."))
    per = None if told["measure"] is Measure.BALANCE else told["per"].value
    visit.order(
        "threshold.set", account=told["account"], service=None,
        measure=told["measure"].value, level=told["level"], per=per,
        by=visit.buyer.name,
    )  # fmt: skip
    where = f"/alerts?account={told['account']}"
    return Go(where, visit.say("You are told when it is crossed."))


@shop.post("/alerts/drop", may=Right.BUY, takes=Gone)
def drop(visit: Visit) -> Go:
    """The same form sent twice is answered twice, and drops once."""
    number_ = visit.told["threshold"]
    with visit.parts.database.read() as tx:
        found = thresholds.one(tx, number_)
        own = {account.id for account in visit.accounts(tx)}
    if found and found.account not in own:
        raise LookupError(not_yours(visit))
    try:
        visit.order("threshold.drop", threshold=number_)
    except LookupError:
        raise LookupError(not_yours(visit)) from None
    return Go("/alerts", visit.say("The alert is dropped."))


def _is_full(tx: sa.Connection, has: Mine) -> bool:
    return has.one is None or len(thresholds.kept(tx, has.one.id)) >= MOST
