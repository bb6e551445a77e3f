"""Words about a service: what they do to it, and what its payments bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import (
    acting,
    approval,
    baseline,
    details,
    lifecycle,
    owing,
    period,
    promised,
    scheduled,
    trying,
)
from provisioning.core import purse as purses
from provisioning.core.account import MANY, OWED, PACKAGE, Account, Next, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import Kind, granted, raised
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule, wrong_currency
from provisioning.core.period import CYCLES, Payment
from provisioning.core.sentences import Sentence, say
from provisioning.core.trial import Trial


def _state(heard: Heard, event: Event, _ledger: Ledger, catalog: Catalog) -> Heard:
    """The word on its topic; one without a topic only has the account looked at."""
    service = heard.account.service(event.service)
    if service is None:
        return heard.ruled(event, Fate.PARKED, say("service_unknown"))
    after = lifecycle.heard(service, event)
    if lifecycle.is_sale(service, event):
        after = replace(after, version=catalog.version, moves_to=None)
    after = owing.begun(service, after, event, catalog)
    ends = event.type == Type.TERMINATE and lifecycle.is_news(service, event)
    if ends or event.type == Type.CHANGE:
        after = lifecycle.reopened(after, event)
    heard = replace(heard, account=trying.sold(heard.account, after, event))
    if not lifecycle.is_news(service, event):
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    return heard.ruled(event, Fate.WORKING)


def _paid(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """An activation or a renewal: the word on the service, and its paid period."""
    found = heard
    pays = not _only_a_word(event) and not trying.is_unpaid(heard, event)
    if pays:
        heard = replace(heard, account=trying.paid(heard.account, event))
    package = _what_is_paid(heard, event, ledger, catalog)
    if not isinstance(package, Package):
        return found.ruled(event, Fate.PARKED, package)
    tried = trying.heard(heard.account, event, package.name, catalog)
    if isinstance(tried, Sentence):
        return heard.ruled(event, Fate.PARKED, tried)
    after = _state(replace(heard, account=tried), event, ledger, catalog)
    service = after.account.service(event.service)
    if service is None or not (pays or _opens(after.account, service, event)):
        return after
    return _for_a_period(heard, after, event, service, package, ledger, catalog)


def _what_is_paid(
    heard: Heard, event: Event, ledger: Ledger, catalog: Catalog
) -> Package | Sentence | None:
    was = heard.account.service(event.service)
    name = _package_of(was, event)
    if isinstance(name, Sentence):
        return name
    sold = _sold(was, event, name, catalog)
    wrong = _wrong_package(heard.account, event, sold)
    wrong = wrong or _wrong_extras(heard.account, event, catalog)
    wrong = wrong or _wrong_sale(heard, event, ledger)
    return _so_many(heard, event, sold, wrong)


def _opens(account: Account, service: Service, event: Event) -> bool:
    """An activation that names no payment opens the first period, if none is tried."""
    tried = account.trial(service.ref)
    return _only_a_word(event) and not service.periods and not tried


def _for_a_period(
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
    if (
        service.moves_to
        and package.name == service.package
        and _is_next(service, found)
    ):
        service = replace(service, version=service.moves_to, moves_to=None)
        other = _so_many(before, event, catalog.package_of(service), None)
        package = other if isinstance(other, Package) else package
    return _granted(after, event, service, package, found, ledger, catalog)


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
        return _counting(after, _raised(after, event, service, sold, found, ledger))
    return after


def _group_of(account: Account, event: Event) -> str | None:
    """The customer's as he paid: what the word itself says, or what was known."""
    said = event.group if details.says_group(account, event) else None
    return account.group if said is None else said or None


def _is_sooner(found: period.Period, known: period.Period) -> bool:
    """Paid before the moment it was known by: told by its other road."""
    both = found.paid_at and known.paid_at
    return bool(both) and found.paid_at != known.paid_at


def _counting(before: Heard, after: Heard) -> Heard:
    """The word may be old, but it brought money."""
    return after if after.bookings == before.bookings else after.counts()


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


def _change(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """Another package from now on, and what it gives more in the periods not over."""
    was = heard.account.service(event.service)
    if was is None:
        return heard.ruled(event, Fate.PARKED, say("service_unknown"))
    sold = _sold(was, event, event.product, catalog)
    wrong = _wrong_package(heard.account, event, sold) or _wrong_change(event)
    wrong = wrong or _wrong_extras(heard.account, event, catalog)
    package = _so_many(heard, event, sold, wrong)
    if not isinstance(package, Package):
        return heard.ruled(event, Fate.PARKED, package)
    if waits := approval.waiting(heard, event, was, catalog):
        return waits
    if event.at_period_end:
        return _put_off(heard, event, was, catalog)
    since = event.occurred_at
    heard = _due_before(heard, event, since, ledger, catalog)
    after = _state(heard, event, ledger, catalog)
    service = lifecycle.heard(was, event)
    return _counting(after, _better(after, event, service, package, since, ledger))


def _put_off(heard: Heard, event: Event, service: Service, catalog: Catalog) -> Heard:
    """It becomes that when the period under way is over, where anybody knows when."""
    if _used_until(heard.account, service, event) is None:
        return heard.ruled(event, Fate.PARKED, say("change_end_unknown"))
    after = scheduled.noted(service, event, catalog.version)
    if after is None:
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    account = heard.account.with_service(lifecycle.reopened(after, event))
    return replace(heard, account=account).ruled(event, Fate.WORKING)


def turned(heard: Heard, until: datetime, ledger: Ledger, catalog: Catalog) -> Heard:
    """Every service is what it was to become by then."""
    for service in heard.account.services:
        trial = heard.account.trial(service.ref)
        due = scheduled.due(service, trial.ends if trial else None)
        begins = acting.becoming(heard.account, service, catalog)
        if service.next and due and begins and begins <= until:
            heard = _turned(heard, service, service.next, due, ledger, catalog)
    return replace(heard, account=trying.over(heard.account, until, catalog))


def _used_until(account: Account, service: Service, event: Event) -> datetime | None:
    """The end of what is paid for, or of the trial under way; None: nobody knows it."""
    trial = account.trial(service.ref)
    if service.periods or trial is None:
        return service.paid_until
    return trial.ends if event.occurred_at < trial.ends else None


def _turned(
    heard: Heard,
    service: Service,
    coming: Next,
    due: datetime,
    ledger: Ledger,
    catalog: Catalog,
) -> Heard:
    event = scheduled.told(service, coming, heard.account.source)
    heard = _due_before(heard, event, due, ledger, catalog)
    after = lifecycle.heard(service, event)
    if lifecycle.is_sale(service, event):
        sold_by = coming.version or catalog.version
        after = replace(after, version=sold_by, moves_to=None)
    after = replace(after, next=replace(coming, turned=due))
    heard = replace(heard, account=heard.account.with_service(after))
    package = catalog.package_of(after)
    many = package and package.times(after.quantity)
    return _better(heard, event, after, many, due, ledger) if many else heard


def _better(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    since: datetime,
    ledger: Ledger,
) -> Heard:
    """With what the package gives on top in the periods that are not over then."""
    until = lifecycle.replaced_at(service, event)
    for paid in period.between(service.periods, since, until):
        heard = _raised(heard, event, service, package, paid, ledger)
    return heard


def _due_before(
    heard: Heard, event: Event, until: datetime, ledger: Ledger, catalog: Catalog
) -> Heard:
    """What came due of the old package is granted as that."""
    service = heard.account.service(event.service)
    if service is None or not lifecycle.is_news(service, event):
        return heard
    given = heard.given(ledger)
    account, claims = purses.due_until(heard.account, service, catalog, given, until)
    return replace(heard, account=account, bookings=heard.bookings + claims)


def _raised(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    paid: period.Period,
    ledger: Ledger,
) -> Heard:
    if paid.baseline:
        return heard  # Nothing of it was granted here: nobody knows what is more.
    given = heard.given(ledger)
    purse = heard.account.purse
    pot = purse.pots.get(service.ref) if purse else None
    if package.reckons and not purses.is_granted(service.ref, paid.no, pot, given):
        return heard  # All of it comes due by itself, when its time begins.
    claims = raised(event, service.ref, package, paid, given, pot)
    if not claims:
        return heard
    account = purses.raised(heard.account, service.ref, claims[0].money.amount)
    return replace(heard, account=account, bookings=heard.bookings + claims)


def _terminate(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """At once, or when what is paid for is used up, where anybody knows when."""
    service = heard.account.service(event.service)
    known = service and _used_until(heard.account, service, event)
    if event.at_period_end and service and known is None:
        return heard.ruled(event, Fate.PARKED, say("period_end_unknown"))
    return _state(heard, event, ledger, catalog)


def _wrong_change(event: Event) -> Sentence | None:
    if event.besides:
        return say("cannot_deliver", what=", ".join(event.besides))
    return None


def _package_of(service: Service | None, event: Event) -> str | Sentence | None:
    """What is paid for; or why a renewal does not say, where it was another before."""
    if service is None or event.type == Type.ACTIVATE:
        return event.product
    changed = service.marks.get(PACKAGE)
    if changed and event.order < changed.order:
        return event.product or say("package_unclear", has=service.package)
    name = scheduled.paid_for(service, event).package
    if event.product not in {None, name}:
        return say("package_differs", told=event.product, has=name)
    return name


def _sold(
    service: Service | None, event: Event, name: str | None, catalog: Catalog
) -> Package | None:
    """What is sold anew, by the terms of today; what goes on, by those it was."""
    if service and not lifecycle.is_sale(service, event):
        for goes_on in (scheduled.paid_for(service, event), service):
            if name == goes_on.package:
                return catalog.package_of(goes_on)
    return catalog.packages.get(name or "")


def _so_many(
    heard: Heard, event: Event, package: Package | None, wrong: Sentence | None
) -> Package | Sentence | None:
    """As many of it as are paid for; or what is wrong, with it or with the number."""
    if wrong or package is None:
        return wrong
    many = _quantity_of(heard.account.service(event.service), event)
    return many if isinstance(many, Sentence) else package.times(many)


def _quantity_of(service: Service | None, event: Event) -> int | Sentence:
    """How many are paid for; or why nobody can tell, where it was another number."""
    told = event.quantity or (1 if event.type == Type.ACTIVATE else None)
    if told or service is None:
        return told or 1
    changed = service.marks.get(MANY)
    if changed and event.order < changed.order:
        return say("quantity_unclear", has=service.quantity)
    return scheduled.paid_for(service, event).quantity


def _wrong_package(
    account: Account, event: Event, package: Package | None
) -> Sentence | None:
    if package is None:
        return say("package_unknown", product=event.product or "none")
    if account.backend not in package.backends:
        return say("other_backend", product=package.name, backend=package.backend)
    return wrong_currency(event.currency, package.price.currency)


def _wrong_extras(account: Account, event: Event, catalog: Catalog) -> Sentence | None:
    service = account.service(event.service)
    for name, _ in event.extras or ():
        addon = catalog.packages.get(name)
        if addon is None and service:
            addon = catalog.package_of(service, name)
        if addon is None or not addon.addon:
            return say("addon_unknown", name=name)
        if account.backend not in addon.backends:
            return say("other_backend", product=name, backend=addon.backend)
    return None


def _wrong_sale(heard: Heard, event: Event, ledger: Ledger) -> Sentence | None:
    service = heard.account.service(event.service)
    if event.besides and not (service and lifecycle.is_sold_since(service, event)):
        return say("cannot_deliver", what=", ".join(event.besides))
    if event.type == Type.RENEWED and not (event.line or event.starts):
        return say("payment_unnamed")
    if event.line is None:
        return None
    topup = heard.booked(f"{event.line}/{Kind.TOPUP}", ledger)
    coupons = heard.coupons_of(event.line, ledger)
    other = heard.paid_by(event.line, ledger) not in {None, event.service}
    apart = topup or coupons or other
    return say("line_of_another", line=event.line) if apart else None


def _only_a_word(event: Event) -> bool:
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


RULES: dict[str, Rule] = {
    Type.ACTIVATE: _paid,
    Type.RENEWED: _paid,
    Type.SUSPEND: _state,
    Type.RESUME: _state,
    Type.TERMINATE: _terminate,
    Type.REINSTATE: _state,
    Type.CHANGE: _change,
    Type.SYNC: _state,
}
