"""A service's paid period: which it is, and what it brings."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core import (
    baseline,
    details,
    lifecycle,
    ordered,
    period,
    promised,
    raising,
)
from provisioning.core.account import OWED, Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import granted
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger
from provisioning.core.period import CYCLES, Payment
from provisioning.core.sentences import Sentence
from provisioning.core.trial import Trial


def for_a_period(
    before: Heard,
    after: Heard,
    event: Event,
    service: Service,
    package: Package,
    ledger: Ledger,
    catalog: Catalog,
) -> Heard:
    paid = _payment(event, service, after.account.trial(service.ref))
    owed = service.marks.get(OWED)
    free_until = owed.order.occurred_at if owed else None
    over = period.until_paid(service.periods, free_until, paid.starts)
    service = replace(service, periods=over)
    found = period.match(service.periods, paid, CYCLES[package.cycle])
    if isinstance(found, Sentence) and baseline.is_old(event, catalog):
        return after  # Whichever period it paid for: nothing of it is due here.
    if isinstance(found, Sentence):
        return replace(after, rulings=before.rulings).ruled(event, Fate.PARKED, found)
    same = package.name == service.package
    if service.moves_to and same and _is_next(service, found):
        service = replace(service, version=service.moves_to, moves_to=None)
        other = ordered.so_many(before, event, catalog.package_of(service), None)
        package = other if isinstance(other, Package) else package
    return _granted(after, event, service, package, found, ledger, catalog)


def is_only_a_word(event: Event) -> bool:
    """An activation that names no payment."""
    named = event.line or event.starts
    return event.type == Type.ACTIVATE and not named


def _payment(event: Event, service: Service, trial: Trial | None) -> Payment:
    """What is paid within a trial begins where that ends, if nothing else is said."""
    begins = max(event.occurred_at, trial.ends) if trial else event.occurred_at
    # An order that was seen begins as one that was told: when it was paid.
    opens = event.ranks_at and not service.periods
    starts = None if opens else event.starts
    return Payment(event.line, starts, event.ends, otherwise=begins)


def _is_next(service: Service, found: period.Period) -> bool:
    """Whether it is a renewal: it begins after all there were."""
    return all(known.starts < found.starts for known in service.periods)


def _granted(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    found: period.Period,
    ledger: Ledger,
    catalog: Catalog,
) -> Heard:
    known = next((p for p in service.periods if p.no == found.no), None)
    new = known is None
    found = _noted(event, package, found, catalog, new=new)
    if new:
        found = replace(found, group=_group_of(heard.account, event))
    periods = period.with_period(service.periods, found)
    due = new and not found.baseline
    claims = granted(event, service.ref, package, found) if due else ()
    account = heard.account
    if known is None or _is_sooner(found, known):
        service = lifecycle.reopened(service, event)
        kept = account.promises, service.ref, found.ends, event.occurred_at
        account = replace(account, promises=promised.paid(*kept))
    after = replace(
        heard.counts() if claims else heard,
        account=account.with_service(replace(service, periods=periods)),
        bookings=heard.bookings + claims,
    )
    since, now = lifecycle.changed_at(service), catalog.package_of(service)
    if new and now and since and period.between((found,), since):
        # Paid for as it was, and changed before it was over: told the other way round.
        sold = now.times(service.quantity)
        more = raising.in_period(after, event, service, sold, found, ledger)
        return raising.counting(after, more)
    return after


def _group_of(account: Account, event: Event) -> str | None:
    """The customer's as he paid: what the word itself says, or what was known."""
    said = event.group if details.says_group(account, event) else None
    return account.group if said is None else said or None


def _is_sooner(found: period.Period, known: period.Period) -> bool:
    """Paid before the moment it was known by: told by its other road."""
    both = found.paid_at and known.paid_at
    return bool(both) and found.paid_at != known.paid_at


def _noted(
    event: Event,
    package: Package,
    found: period.Period,
    catalog: Catalog,
    *,
    new: bool,
) -> period.Period:
    """Who told of it; and a new sign-up's set-up fee, which no other period has."""
    if new and baseline.covers(found, event, catalog):
        found = replace(found, baseline=True)
    first = found.no == 1 and not found.baseline
    signed_up = new and first and event.type == Type.ACTIVATE
    fee = str(package.setup_fee) if signed_up and package.setup_fee else found.fee
    paid_at = min(found.paid_at or event.occurred_at, event.occurred_at)
    return replace(found, event=found.event or event.id, fee=fee, paid_at=paid_at)
