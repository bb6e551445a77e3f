"""A promised price that holds no more: the same wishes, with the price as of now."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from bridge.web.shop import his
from bridge.web.shop.catalogue import EXTRA
from bridge.web.shop.visit import Visit
from provisioning.core.choices import Choice, Subscription
from provisioning.core.quote import Quote
from provisioning.core.sentences import Sentence

OLD = ("quote_expired", "quote_other_terms", "quote_stale")
"""What was a good promise once; any other is refused."""


class Anew(LookupError):
    """Why, and the page where it is reckoned anew."""

    def __init__(self, why: str, to: str) -> None:
        super().__init__(why)
        self.to = to


def refused(
    visit: Visit, no: Sentence, offer: Quote, has: Subscription | None = None
) -> LookupError:
    """*has*: what it changes, as that is now."""
    if no.code not in OLD:
        return LookupError(his.plainly(visit, no))
    if no.code == "quote_expired":
        until = visit.speech.moment(offer.expires, visit.zone)
        why = visit.say("That price held until {until}. Here it is anew.", until=until)
    else:
        why = visit.say(
            "Something has changed since that price was reckoned. Here it is anew."
        )
    return Anew(why, _page(offer, has))


def of_good(visit: Visit, no: Sentence, offer: Quote) -> LookupError:
    """The same of a top-up or coupons, for the account it names."""
    found = refused(visit, no, offer)
    if isinstance(found, Anew):
        wishes = {"name": offer.choice.package, "quantity": offer.choice.quantity}
        found.to = f"/goods?{urlencode(wishes | {'account': offer.ref})}"
    return found


def _goes_on(has: Subscription, choice: Choice) -> bool:
    """Whether it is the next period of what it is, or is to become."""
    each = (has.choice, has.next.choice) if has.next else (has.choice,)
    return any(replace(own, cycle=choice.cycle) == choice for own in each)


def _page(offer: Quote, has: Subscription | None) -> str:
    choice = offer.choice
    wishes: dict[str, object] = {"cycle": choice.cycle}
    if has and offer.ref and _goes_on(has, choice):
        return f"{his.path(offer.ref)}/renew?{urlencode(wishes)}"
    wishes["quantity"] = choice.quantity
    wishes |= {EXTRA + name: many for name, many in choice.extras}
    if offer.ref:
        plan = {"plan": choice.package}
        return f"{his.path(offer.ref)}/change?{urlencode(plan | wishes)}"
    return f"/plans/{choice.package}?{urlencode(wishes)}"
