"""Words about e-goods: the coupons that a paid line brings, and that go back with it.

A coupon is no credit, so nothing of it stands in the ledger: it carries its line.
"""

from __future__ import annotations

from provisioning.core import baseline
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon, Withdrawn, refunded, sold
from provisioning.core.credit import Kind
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Heard, Ledger, wrong_currency
from provisioning.core.sentences import Sentence, say
from provisioning.core.splice import Activation
from provisioning.core.terms import CouponKind


def are_meant(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> bool:
    """Whether coupons are paid for; or were by this line, whatever it says now."""
    had = heard.coupons_of(event.line, ledger)
    return bool(had) or event.product in catalog.terms.coupons


def paid(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """So many are the account's: once a line, however often it is told (B13, S7)."""
    had = heard.coupons_of(event.line, ledger)
    if had:
        return _again(heard, event, had)
    if baseline.is_old(event, catalog):
        return heard.ruled(event, Fate.DONE, baseline.told(event, catalog))
    bought = _bought(heard, event, ledger, catalog)
    if isinstance(bought, Sentence):
        return heard.ruled(event, Fate.PARKED, bought)
    return heard.with_coupons(bought).ruled(event, Fate.DONE)


def paid_back(heard: Heard, event: Event, ledger: Ledger) -> Heard:
    """What is unused goes back, whoever has it now; what was used is spent (D30)."""
    had = heard.coupons_of(event.line, ledger)
    if all(isinstance(each.fate, Withdrawn) for each in had):
        return heard.ruled(event, Fate.DONE, say("already_back", line=event.line))
    asked = [refunded(each, heard.at, event.source, event.id) for each in had]
    heard = heard.with_coupons(tuple(c for c in asked if isinstance(c, Coupon)))
    spent = [each.id for each in had if isinstance(each.fate, Activation)]
    if not spent:
        return heard.ruled(event, Fate.DONE)
    why = say("coupon_spent", line=event.line, coupons=", ".join(spent))
    return heard.ruled(event, Fate.PARKED, why)


def _again(heard: Heard, event: Event, had: tuple[Coupon, ...]) -> Heard:
    same = {each.kind for each in had} == {event.product}
    if same and len(had) == (event.quantity or 1):
        return heard.ruled(event, Fate.DONE, say("already_booked", line=event.line))
    return heard.ruled(event, Fate.PARKED, say("line_differs", line=event.line))


def _bought(
    heard: Heard, event: Event, ledger: Ledger, catalog: Catalog
) -> tuple[Coupon, ...] | Sentence:
    kind = catalog.terms.coupons[event.product or ""]
    if event.line is None:
        return say("line_missing")
    wrong = _wrong(heard, event, event.line, kind, ledger)
    many = event.quantity or 1
    owner, at = heard.account.id, heard.at
    return wrong or sold(kind.name, owner, event.line, many, at, catalog.terms)


def _wrong(
    heard: Heard, event: Event, line: str, kind: CouponKind, ledger: Ledger
) -> Sentence | None:
    if heard.paid_by(line, ledger) or heard.booked(f"{line}/{Kind.TOPUP}", ledger):
        return say("line_of_another", line=line)
    if event.besides or event.extras:
        return say("cannot_deliver", what=", ".join((*event.besides, "add-ons")))
    return wrong_currency(event.currency, kind.price.currency if kind.price else None)
