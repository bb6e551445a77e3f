"""An order that was placed, until what it is for is there; or it is called off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.access.customers import Right
from bridge.billing import carts, purchased
from bridge.store import accounts, operations, shop_orders, whereabouts
from bridge.store.shop_orders import Kind, ShopOrder, State
from bridge.web.shop import handing
from bridge.web.shop.his import path
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from bridge.words import render
from provisioning.core.heard import Fate

AGAIN = 2
"""Seconds between two looks while something moves."""

APART = (Kind.TOPUP, Kind.COUPON)
"""What is bought for an account that is there."""


@shop.get("/orders/<order>", may=Right.SEE)
def progress(visit: Visit, order: str) -> Page:
    """How far it is, looked at again until it is there."""
    with visit.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
        if found is None:
            raise LookupError(visit.say("There is no such order."))
        handed = carts.handing(tx, found)
        told = carts.heard(tx, found) or operations.of_events(
            tx, found.source, purchased.told_by(found)
        )
        account = accounts.load(tx, whereabouts.of_service(tx, found.service) or "")
    left = next((one for one in told if one.fate is not Fate.DONE), None)
    fate = left.fate if left else Fate.DONE if told else None
    if handed and told and found.state is State.OPEN:
        found = replace(found, state=State.PAID)
    steps, moves = _steps(visit, found, fate, account is not None)
    if handed:
        steps, moves = handing.steps(visit, steps, handed, moves=moves)
    why = render(left.why) if left else None
    shown = {
        "order": found,
        "steps": steps,
        "done": fate is Fate.DONE,
        "why": why or found.state is State.HELD,
        "pay": visit.front.shop.pay,
        "handing": handed,
        "invoice": handing.invoice(visit, found),
        "ready": _ready(visit, found),
        "paid": found.state is State.PAID,
    }
    again = AGAIN if moves else None
    return Page("order", visit.say("Order {id}", id=found.id), shown, again=again)


@shop.post("/orders/<order>/cancel", may=Right.BUY)
def cancel(visit: Visit, order: str) -> Go:
    """As long as nothing is paid."""
    why = "the customer called it off"
    visit.order("shop.cancel", order=order, by=visit.buyer.name, because=why)
    return Go(f"/orders/{order}", visit.say("The order is called off."))


def _steps(
    visit: Visit, order: ShopOrder, fate: Fate | None, is_there: bool
) -> tuple[list[tuple[str, str]], bool]:
    """Each with how it is, and whether to look again."""
    if order.state is State.CANCELLED:
        return [(visit.say("Called off"), "bad")], False
    if order.state is State.DECLINED:
        return [(visit.say("Ordered"), "done"), (visit.say("Declined"), "bad")], False
    paid = order.state in {State.PAID, State.HELD}
    done = fate is Fate.DONE
    stuck = fate in {Fate.PARKED, Fate.REFUSED} or order.state is State.HELD
    asked = order.state is State.ASKED
    rows = [(visit.say("Ordered"), "done")]
    if order.said.get("asks"):
        rows.append((visit.say("Agreed to"), "now" if asked else "done"))
    rows.append((visit.say("Paid"), _as(done=paid, now=not asked)))
    goes_on = paid
    if order.kind not in {*APART, *shop_orders.CHANGES}:
        there = _as(done=is_there, now=paid and not stuck)
        rows.append((visit.say("Account set up"), there))
        goes_on = is_there
    last = _as(done=done, now=goes_on and not stuck)
    rows.append((_ready(visit, order)["step"], last))
    if stuck:
        rows.append((visit.say("A person looks at it"), "warn"))
    return rows, not (done or stuck)


def _ready(visit: Visit, order: ShopOrder) -> Mapping[str, str]:
    """How the last step is called, what is said when it is done, and what is next."""
    match order.kind:
        case Kind.CHANGE | Kind.RENEWAL:
            return {
                "step": visit.say("In effect"),
                "said": visit.say("It is done."),
                "to": path(order.service),
                "called": visit.say("See the service"),
            }
        case Kind.TOPUP:
            return {
                "step": visit.say("Credited"),
                "said": visit.say("The credit is on your account."),
                "to": "/balance",
                "called": visit.say("Balance"),
            }
        case Kind.COUPON:
            return {
                "step": visit.say("Among your coupons"),
                "said": visit.say("You can use them at any moment."),
                "to": "/coupons",
                "called": visit.say("My coupons"),
            }
    return {
        "step": visit.say("Ready to use"),
        "said": visit.say("It is ready. Your login is in your mail."),
        "to": "/services",
        "called": visit.say("Your services"),
    }


def _as(*, done: bool, now: bool) -> str:
    return "done" if done else "now" if now else "later"
