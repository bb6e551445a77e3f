"""Words about money that was bought apart from any package."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from provisioning.core import baseline, goods
from provisioning.core.account import BOUGHT, LIFE, Mark
from provisioning.core.catalog import Catalog, TopUp
from provisioning.core.credit import Claim, Kind, bought, taken_back
from provisioning.core.events import Event, Order, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule, wrong_currency
from provisioning.core.money import LARGEST
from provisioning.core.sentences import Sentence, say

CLOSE = timedelta(days=2)
"""How far the clocks of a renewal and of its line may be apart, zones and all."""


def _paid(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    coupons = goods.are_meant(heard, event, ledger, catalog)
    heard = (goods.paid if coupons else _topup)(heard, event, ledger, catalog)
    counts = event.line and heard.rulings[-1].fate is not Fate.PARKED
    return _bought(heard, event.service, event.order, catalog) if counts else heard


def _bought(heard: Heard, ref: str | None, order: Order, catalog: Catalog) -> Heard:
    """Its paid line is there: no word without one has to wait for it."""
    service = heard.account.service(ref)
    if service is None or not catalog.sells_apart(service.package):
        return heard
    known = service.marks.get(BOUGHT)
    if known and known.order >= order:
        return heard
    marked = service.marked(BOUGHT, Mark(yes=True, order=order))
    return replace(heard, account=heard.account.with_service(marked))


def _told_apart(heard: Heard, event: Event, ledger: Ledger) -> datetime | None:
    """When the line was paid that a word without one is about, where it was told.

    An order's is any: staff may accept it days after. A renewal's is close to it.
    """
    service = heard.account.service(event.service)
    known = service.marks.get(BOUGHT) if service else None
    lines = ledger.apart.get(event.service or "", ())
    paid = [known.order.occurred_at] if known else []
    paid += [at for line, at in lines if _counts(heard, line, ledger)]
    last = max(paid, default=None)
    if last is None or event.type == Type.ACTIVATE:
        return last
    return last if event.occurred_at - CLOSE <= last else None


def _counts(heard: Heard, line: str, ledger: Ledger) -> bool:
    topup = heard.booked(f"{line}/{Kind.TOPUP}", ledger)
    return topup is not None or bool(heard.coupons_of(line, ledger))


def _topup(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    if event.line and _own(heard.booked(f"{event.line}/{Kind.TOPUP}", ledger), event):
        return _kept(heard, event, ledger, catalog)
    if baseline.is_old(event, catalog):
        return heard.ruled(event, Fate.DONE, baseline.told(event, catalog))
    topup = catalog.topups.get(event.product or "")
    wrong = _wrong_topup(heard, event, ledger, topup)
    if wrong or topup is None:
        return heard.ruled(event, Fate.PARKED, wrong)
    claims = bought(event, topup)
    known = [heard.booked(claim.key, ledger) for claim in claims]
    if not any(known):
        heard = replace(heard, bookings=heard.bookings + claims)
        return heard.ruled(event, Fate.WORKING)
    if [k.money if k else None for k in known] != [c.money for c in claims]:
        return heard.ruled(event, Fate.PARKED, say("line_differs", line=event.line))
    return heard.ruled(event, Fate.DONE, say("already_booked", line=event.line))


def _kept(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """Booked before anybody said from when on the source is ours: what was not sent
    until then is not sent any more."""
    if not baseline.is_old(event, catalog):
        return heard.ruled(event, Fate.WORKING)
    known = heard.all_booked(ledger)
    unsent = {claim.key for claim in ledger.open} - ledger.tried
    back = taken_back(event, known)
    if any(claim.key not in known and claim.of not in unsent for claim in back):
        return heard.ruled(event, Fate.WORKING)
    new = tuple(claim for claim in back if claim.key not in known)
    heard = replace(heard, bookings=heard.bookings + new)
    return heard.ruled(event, Fate.DONE, baseline.told(event, catalog))


def _own(booked: Claim | None, event: Event) -> bool:
    """Booked by this very event before: it is heard again, and counts once."""
    return booked is not None and booked.event == event.id


def _wrong_topup(
    heard: Heard, event: Event, ledger: Ledger, topup: TopUp | None
) -> Sentence | None:
    if topup is None:
        return say("topup_unknown", product=event.product or "none")
    if event.line is None:
        return say("line_missing")
    if heard.paid_by(event.line, ledger):
        return say("line_of_another", line=event.line)
    most = max(money.amount for money in (topup.credit, topup.bonus) if money)
    many = event.quantity or 1
    if most * many >= LARGEST:
        return say("too_much", quantity=many, product=topup.name)
    if event.besides or event.extras:
        return say("cannot_deliver", what=", ".join((*event.besides, "add-ons")))
    return wrong_currency(event.currency, topup.price.currency) or wrong_currency(
        topup.credit.currency, heard.account.currency or None
    )


def _reversed(heard: Heard, event: Event, ledger: Ledger, _catalog: Catalog) -> Heard:
    """Paid back by the platform: what the line brought goes back, once (D28)."""
    if heard.coupons_of(event.line, ledger):
        return goods.paid_back(heard, event, ledger)
    known = heard.all_booked(ledger)
    claims = taken_back(event, known)
    if not claims or any(claim.of in ledger.elsewhere for claim in claims):
        why = say("reversal_unknown", line=event.line or "none")
        return heard.ruled(event, Fate.PARKED, why)
    before = [known[claim.key] for claim in claims if claim.key in known]
    new = tuple(claim for claim in claims if claim.key not in known)
    if not new and not all(_own(claim, event) for claim in before):
        return heard.ruled(event, Fate.DONE, say("already_back", line=event.line))
    heard = replace(heard, bookings=heard.bookings + new)
    return heard.ruled(event, Fate.WORKING)


def on_account(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """A top-up sold as a service of its own: paid or renewed it is credited.

    Whatever else is said of it, it has no life that could touch the account.
    """
    if event.type in {Type.ACTIVATE, Type.RENEWED}:
        service = heard.account.service(event.service)
        product = event.product or (service.package if service else None)
        many = event.quantity or (service.quantity if service else 1)
        if service:
            # Over as soon as it is there: nothing on the account waits for its end.
            over = replace(service, quantity=many).marked(
                LIFE, Mark(yes=False, order=event.order)
            )
            heard = replace(heard, account=heard.account.with_service(over))
        if event.line is None and (at := _told_apart(heard, event, ledger)):
            heard = _bought(heard, event.service, Order(at, 0, 0), catalog)
            return heard.ruled(event, Fate.DONE, say("line_told_apart"))
        return _paid(
            heard, replace(event, product=product, quantity=many), ledger, catalog
        )
    if event.type == Type.CHANGE:
        return heard.ruled(event, Fate.PARKED, say("topup_has_no_life"))
    return heard.ruled(event, Fate.DONE, say("topup_has_no_life"))


RULES: dict[str, Rule] = {Type.TOPUP: _paid, Type.REVERSED: _reversed}
