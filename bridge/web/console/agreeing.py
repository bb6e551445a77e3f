"""Changes that wait for an admin: what each would do, and yes or no to it."""

from __future__ import annotations

from bridge import agreeing
from bridge.access.roles import May
from bridge.agreeing import Proposed
from bridge.web.asked import Asked
from bridge.web.console.plans import Confirm
from bridge.web.console.purchases import Why
from bridge.web.console.registry import console
from bridge.web.site import Go, Page


@console.get("/events/<operation>/change", may=May.SEE)
def told(asked: Asked, operation: str) -> Page:
    """Of an event: agreed to, it is done. Its backend is asked, and nothing changed."""
    return _page(agreeing.proposed(asked.parts, operation), f"/events/{operation}")


@console.post(
    "/events/<operation>/approve", may=May.PROVISION, fresh=True, takes=Confirm
)
def approve(asked: Asked, operation: str) -> Page | Go:
    """Have it done as it was shown. Where it is another by now, nothing is sent."""
    found, number = agreeing.proposed(asked.parts, operation), None
    if found.hash == asked.told["hash"]:
        said = found.ordered(asked.told["because"], asked.who.name)
        number = asked.order("plan.apply", **said)["confirmation"]
    if number is None:
        return _page(found, f"/events/{operation}", changed=True)
    return Go(f"/accounts/{found.account}/confirmed?no={number}")


@console.get("/purchases/<order>/change", may=May.SEE)
def ordered(asked: Asked, order: str) -> Page:
    """Of an order: agreed to, it is to be paid, and done after that."""
    return _page(agreeing.proposed(asked.parts, order), f"/purchases/{order}")


@console.post(
    "/purchases/<order>/approve", may=May.PROVISION, fresh=True, takes=Confirm
)
def agree(asked: Asked, order: str) -> Page | Go:
    found = agreeing.proposed(asked.parts, order)
    if found.hash != asked.told["hash"]:
        return _page(found, f"/purchases/{order}", changed=True)
    asked.order(
        "shop.approve", order=order, by=asked.who.name, because=asked.told["because"],
        channel=asked.parts.config.login_channel,
    )  # fmt: skip
    return Go(f"/purchases/{order}", "Agreed to; its customer is mailed how to pay it.")


@console.post("/purchases/<order>/decline", may=May.PROVISION, takes=Why)
def decline(asked: Asked, order: str) -> Go:
    asked.order(
        "shop.decline", order=order, by=asked.who.name, because=asked.told["because"],
        channel=asked.parts.config.login_channel,
    )  # fmt: skip
    return Go(f"/purchases/{order}", "Declined; its customer is mailed why.")


def _page(found: Proposed, action: str, *, changed: bool = False) -> Page:
    told = {
        "told": agreeing.told(found),
        "action": action,
        "paid": action.startswith("/purchases/"),
        "changed": changed,
    }
    title = f"A change of {found.event.service}"
    return Page("change", title, told, 409 if changed else 200)
