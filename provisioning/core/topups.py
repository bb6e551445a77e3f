"""Words about money that was bought apart from any package."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core.catalog import Catalog, TopUp
from provisioning.core.credit import Claim, Kind, bought, taken_back
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule, wrong_currency
from provisioning.core.money import LARGEST
from provisioning.core.sentences import Sentence, say


def _topup(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    if event.line and _own(heard.booked(f"{event.line}/{Kind.TOPUP}", ledger), event):
        return heard.ruled(event, Fate.WORKING)
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
    if most * event.quantity >= LARGEST:
        return say("too_much", quantity=event.quantity, product=topup.name)
    return wrong_currency(event.currency, topup.price.currency) or wrong_currency(
        topup.credit.currency, heard.account.currency or None
    )


def _reversed(heard: Heard, event: Event, ledger: Ledger, _catalog: Catalog) -> Heard:
    """Paid back by the platform: what the line brought goes back, once (D28)."""
    known = {**ledger.booked, **{claim.key: claim for claim in heard.bookings}}
    claims = taken_back(event, known)
    if not claims:
        why = say("reversal_unknown", line=event.line or "none")
        return heard.ruled(event, Fate.PARKED, why)
    before = known.get(claims[0].key)
    if before and not _own(before, event):
        return heard.ruled(event, Fate.DONE, say("already_back", line=event.line))
    if not before:
        heard = replace(heard, bookings=heard.bookings + claims)
    return heard.ruled(event, Fate.WORKING)


RULES: dict[str, Rule] = {Type.TOPUP: _topup, Type.REVERSED: _reversed}
