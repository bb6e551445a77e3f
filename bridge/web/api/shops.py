"""What a shop sold and to whom: its orders, its customers, its monthly statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields

from bridge import sheets
from bridge.access.roles import May, Role
from bridge.billing import hooked, margins
from bridge.clock import calendar
from bridge.store import customers, shop_orders
from bridge.store.customers import Customer
from bridge.store.shop_orders import ShopOrder, State
from bridge.web.access.steps import Stopped
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    because,
    many,
    maybe,
    one_of,
    page_of,
    said,
    shown,
)
from bridge.web.api.paging import page
from bridge.web.api.registry import api
from bridge.web.api.used import InMonth
from bridge.web.asked import Asked
from bridge.web.forms import Form

PART = "|"
"""Between the two halves of a cursor."""

HIS_OWN = (
    "Only an operator, or the reseller whose shop it is, where its table lets him."
)


class Orders(Paged):
    state = one_of("Only those.", list(State))


class Position(Answer):
    name = shown("What.", "team")
    kind = shown("plan, addon or fee.", "plan")
    quantity = shown("How many.", 7, fields.Integer)
    unit_price = shown("Of one.", "35.00")
    amount = shown("For the days it is for; below nothing: given back.", "245.00")


class Order(Answer):
    id = shown("Its name; what was paid is told under it.", "or_k3m9x7qa2c4d")
    source = shown("Whose shop it was placed at.", "acme")
    client = shown("Whose it is.", "acme:cl_k3m9x7qa")
    customer = shown("Who placed it.", "cu_k3m9x7qa")
    kind = shown("new, change, renewal, topup or coupon.", "new")
    state = shown("open, until its money is confirmed.", "open")
    service = shown("Which it is for, or will be called.", "acme:sv_k3m9x7qa")
    what = maybe("The plan or top-up.", "team")
    lines = many("What it is made of, as it was shown.", Position)
    amount = shown("To be paid, before tax.", "245.00", Sum)
    base = shown("The same at base price.", "209.65", Sum)
    currency = shown("ISO 4217.", "USD")
    method = shown("How it is paid.", "manual")
    made_at = shown("When it was placed.", kind=Moment)
    settled_at = maybe("When it was paid or called off.", kind=Moment)
    because = maybe("How that is known.", "transfer 4711")
    held_for = maybe("Where it is held: price, or float.", "float")


class Person(Answer):
    id = shown("Its name.", "cu_k3m9x7qa")
    source = shown("At whose shop.", "acme")
    client = shown("To whom he belongs: several may to one.", "acme:cl_k3m9x7qa")
    role = shown("owner, payer or viewer.", "owner")
    email = shown("By which he logs in.", "ann@example.com")
    name = shown("As he calls himself.", "Ann Example")
    language = shown("In which he is written to.", "en")
    proved_at = maybe("When his address was proved.", kind=Moment)
    made_at = shown("When he signed up or joined.", kind=Moment)


class Sold(Answer):
    currency = shown("ISO 4217.", "USD")
    orders = shown("How many were paid.", 3, fields.Integer)
    sold = shown("What customers paid.", "735.00", Sum)
    base = shown("What that costs at base price.", "628.95", Sum)
    difference = shown("What is the reseller's.", "106.05", Sum)
    owed = shown(
        "What of it the operator owes him; below nothing: he pays on. Of what went by"
        " his float he has it already.", "35.35", Sum,
    )  # fmt: skip


class FloatMoved(Answer):
    currency = shown("ISO 4217.", "USD")
    opening = shown("What was there when the month began.", "100.00", Sum)
    deposit = shown("What he deposited.", "600.00", Sum)
    drawn = shown("Below nothing: for orders, at base price.", "-628.95", Sum)
    given_back = shown("Of orders that were called off.", "0.00", Sum)
    adjusted = shown("By an operator's word.", "0.00", Sum)
    closing = shown("What was there when it ended.", "71.05", Sum)


class Statement(Answer):
    source = shown("Whose.", "acme")
    month = shown("Which.", "2026-11")
    sums = many("By currency.", Sold)
    float = fields.Nested(
        FloatMoved, required=True, allow_none=True,
        metadata={"description": "His float in that month; null, where he has none."},
    )  # fmt: skip
    orders = many("Those that were paid then, the first first.", Order)


class Of(InMonth):
    source = said("Whose.", "acme", required=True)


class Settle(Form):
    because = because()


class Settled(Answer):
    order = shown("Its name.", "or_k3m9x7qa2c4d")
    state = shown("What it is now.", "paid")
    why = maybe("Why nothing is done yet, where it is held.")


@api.get("/orders", may=May.SEE, query=Orders, answers=page_of(Order))
def orders(asked: Asked) -> dict[str, Any]:
    """What was ordered at the shops, the newest first."""
    state = asked.told.get("state")
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: shop_orders.listed(
                tx, asked.scope, State(state) if state else None, _behind(cursor), most
            ),
            lambda one: f"{one.made_at.isoformat()}{PART}{one.id}",
            hooked.told,
        )


@api.get("/orders/<order>", may=May.SEE, answers=Order)
def one_order(asked: Asked, order: str) -> dict[str, Any]:
    """One, with its lines."""
    return hooked.told(_found(asked, order))


@api.post("/orders/<order>/paid", may=May.HELP, takes=Settle, answers=Settled)
def confirm_order(asked: Asked, order: str) -> dict[str, Any]:
    """Its money was seen: what it bought begins now.

    Only an operator, or the reseller himself, where his shop has reseller_confirms:
    then its base price is drawn from his float. Where that does not reach, it is held,
    and goes on by itself once it does.
    """
    found = _found(asked, order)
    shop = asked.parts.config.shops.get(found.source)
    his = asked.who.role is Role.RESELLER and shop and shop.reseller_confirms
    if asked.may(May.MONEY):
        return _settled(asked, "shop.paid", order)
    if not his:
        raise Stopped(403, "not_allowed", HIS_OWN)
    return _settled(asked, "shop.paid", order, on_float=True)


@api.post("/orders/<order>/cancel", may=May.HELP, takes=Settle, answers=Settled)
def cancel_order(asked: Asked, order: str) -> dict[str, Any]:
    """Called off, as long as it is not paid."""
    if not (asked.may(May.PROVISION) or asked.who.role is Role.RESELLER):
        raise Stopped(403, "not_allowed", HIS_OWN)
    return _settled(asked, "shop.cancel", order)


@api.get("/customers", may=May.SEE, query=Paged, answers=page_of(Person))
def shop_customers(asked: Asked) -> dict[str, Any]:
    """Who may log in at the shops, and has not left."""
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: customers.listed(tx, asked.scope, cursor or "", most),
            lambda one: one.id,
            _person,
        )


@api.get("/statement", may=May.SEE, query=Of, answers=Statement)
def reseller_statement(asked: Asked) -> dict[str, Any]:
    """What a shop's paid orders of a month came to, and what is the reseller's."""
    source, shops = asked.told["source"], asked.parts.config.shops
    if source not in shops or not asked.scope.covers(source):
        raise Stopped(404, "not_there", f'There is no shop "{source}".')
    zone = calendar(asked.parts.catalog.terms.zone)
    first, _ = sheets.span(asked.told.get("month"), asked.at, zone)
    with asked.parts.database.read() as tx:
        found = margins.statement(tx, source, first, zone)
    return {
        "source": source,
        "month": found.month,
        "sums": [margins.summed(each) for each in found.sums],
        "float": margins.moved(found.float) if found.float else None,
        "orders": [hooked.told(each) for each in found.orders],
    }


def _found(asked: Asked, order: str) -> ShopOrder:
    with asked.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
    if found is None:
        raise Stopped(404, "not_there", f'There is no order "{order}".')
    return found


def _settled(asked: Asked, what: str, order: str, **more: bool) -> dict[str, Any]:
    by, why = asked.who.name, asked.told["because"]
    told = asked.order(what, order=order, by=by, because=why, **more)
    state = _found(asked, order).state.value
    return {"order": order, "state": state, "why": told.get("held")}


def _behind(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, id_ = cursor.partition(PART)
    try:
        return datetime.fromisoformat(at), id_
    except ValueError:
        faults = {"cursor": "is none that this list gave"}
        raise Stopped(
            422, "invalid", "The cursor is of another list.", faults=faults
        ) from None


def _person(who: Customer) -> dict[str, Any]:
    return {name: getattr(who, name) for name in Person().fields} | {
        "role": who.role.value
    }
