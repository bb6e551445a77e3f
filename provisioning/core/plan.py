"""The one door into the rules: what happened and what is seen in, what to do out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from provisioning.core import lifecycle, period
from provisioning.core.account import PACKAGE, Account, Service
from provisioning.core.actions import Level
from provisioning.core.catalog import Catalog, Package, TopUp
from provisioning.core.credit import Claim, Kind, bought, granted, raised
from provisioning.core.desired import State, desired
from provisioning.core.diff import diff
from provisioning.core.events import Event, Type
from provisioning.core.money import LARGEST
from provisioning.core.outcomes import Later
from provisioning.core.period import CYCLES, Payment
from provisioning.core.sentences import Sentence, say

AHEAD = timedelta(hours=1)
"""How far the clock of a platform may be ahead of ours."""


class Fate(StrEnum):
    """What became of an accepted event."""

    ACCEPTED = "accepted"
    WORKING = "working"
    UNSURE = "unsure"
    PARKED = "parked"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One event's fate; a sentence says why where it is not simply being done."""

    event: Event
    fate: Fate
    why: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the books say."""

    open: tuple[Claim, ...] = ()
    """The sums still to be sent."""

    booked: Mapping[str, Claim] = field(default_factory=dict)
    """By key: what the events at hand would book, where it is booked already."""

    lines: Mapping[str, str] = field(default_factory=dict)
    """By line: the service whose period it paid for."""

    given: Mapping[str, Claim] = field(default_factory=dict)
    """By key: all free credit of the account, where a change of package asks."""


@dataclass(frozen=True, slots=True)
class Plan:
    account: Account
    rulings: tuple[Ruling, ...]
    bookings: tuple[Claim, ...]
    """New sums for the ledger: they count from now on, sent or not."""

    levels: tuple[Level, ...]
    """Safe to do any number of times."""

    flows: tuple[Claim, ...]
    """To be sent once each, by key."""

    held: Sentence | None
    """Why open sums are not sent, where they are not."""

    wakes: Mapping[str, datetime] = field(default_factory=dict)
    """By key: when something of it is due by itself."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event, or all so far, did to the account and the books."""

    account: Account
    rulings: tuple[Ruling, ...] = ()
    bookings: tuple[Claim, ...] = ()

    def booked(self, key: str, ledger: Ledger) -> Claim | None:
        new = {claim.key: claim for claim in self.bookings}
        return new.get(key, ledger.booked.get(key))


def plan(
    account: Account,
    events: tuple[Event, ...],
    *,
    seen: State | None,
    ledger: Ledger,
    catalog: Catalog,
    at: datetime,
    unsure: bool = False,
    listed: bool = False,
) -> Plan:
    """Events that wait together are planned together, in the order they happened.

    While one sum is *unsure* no other is sent: two could not be told apart. *listed*:
    the backend lists its payments, so a restored account's sums can be looked up.
    """
    heard = _used_up(hear(account, events, ledger, catalog, at), at)
    should = desired(heard.account, catalog)
    if seen is None and should and not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    unopened = _unopened(heard.account, seen, should)
    held = unopened or (
        say("held_unsure") if unsure else _held(heard.account, should, listed)
    )
    return Plan(
        account=heard.account,
        rulings=heard.rulings,
        bookings=heard.bookings,
        levels=() if unopened else diff(seen, should),
        flows=() if held else _sendable(heard, ledger),
        held=held,
        wakes=_wakes(heard.account),
    )


def _used_up(heard: Heard, at: datetime) -> Heard:
    services = tuple(lifecycle.used_up(s, at) for s in heard.account.services)
    if services == heard.account.services:
        return heard
    return replace(heard, account=replace(heard.account, services=services))


def _wakes(account: Account) -> dict[str, datetime]:
    """One key an end: where it moves, the new one is another."""
    ends = {s.ref: lifecycle.ending(s) for s in account.services}
    return {f"{ref}/ends/{e.isoformat()}": e for ref, e in ends.items() if e}


def hear(
    account: Account,
    events: tuple[Event, ...],
    ledger: Ledger,
    catalog: Catalog,
    at: datetime,
) -> Heard:
    """What the events say, before anything is looked at or done."""
    heard = Heard(account)
    for event in sorted(events, key=lambda e: e.order):
        odd = _odd(event, at)
        if odd:
            heard = _ruled(heard, event, Fate.PARKED, odd)
        else:
            heard = _RULES.get(event.type, _unknown)(heard, event, ledger, catalog)
    return heard


def _odd(event: Event, at: datetime) -> Sentence | None:
    """From the future: taken in, it would outrank everything said until then."""
    if event.type == Type.TOPUP or event.occurred_at <= at + AHEAD:
        return None
    return say("from_the_future", moment=event.occurred_at.isoformat())


Rule = Callable[[Heard, Event, Ledger, Catalog], Heard]


def _state(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    """The word on its topic; one without a topic only has the account looked at."""
    service = heard.account.service(event.service)
    if service is None:
        return _ruled(heard, event, Fate.PARKED, say("service_unknown"))
    after = lifecycle.heard(service, event)
    heard = replace(heard, account=heard.account.with_service(after))
    if not lifecycle.is_news(service, event):
        return _ruled(heard, event, Fate.SUPERSEDED, say("newer_word"))
    return _ruled(heard, event, Fate.WORKING)


def _paid(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """An activation or a renewal: the word on the service, and its paid period."""
    name = _package_of(heard.account.service(event.service), event)
    if isinstance(name, Sentence):
        return _ruled(heard, event, Fate.PARKED, name)
    package = catalog.packages.get(name or "")
    wrong = _wrong_package(heard.account, event, package)
    wrong = wrong or _wrong_sale(heard, event, ledger)
    if wrong or package is None:
        return _ruled(heard, event, Fate.PARKED, wrong)
    after = _state(heard, event, ledger, catalog)
    service = after.account.service(event.service)
    if service is None or (_only_a_word(event) and service.periods):
        return after
    found = period.match(service.periods, _payment(event), CYCLES[package.cycle])
    if isinstance(found, Sentence):
        return _ruled(replace(after, rulings=heard.rulings), event, Fate.PARKED, found)
    return _granted(after, event, service, package, found, ledger, catalog)


def _change(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """Another package from now on, and what it gives more in the periods not over."""
    if heard.account.service(event.service) is None:
        return _ruled(heard, event, Fate.PARKED, say("service_unknown"))
    package = catalog.packages.get(event.product or "")
    wrong = _wrong_package(heard.account, event, package) or _wrong_change(event)
    if wrong or package is None:
        return _ruled(heard, event, Fate.PARKED, wrong)
    after = _state(heard, event, ledger, catalog)
    service = after.account.service(event.service)
    if service is None:
        return after
    until = lifecycle.replaced_at(service, event)
    for paid in period.between(service.periods, event.occurred_at, until):
        after = _raised(after, event, service, package, paid, ledger)
    return after


def _raised(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    paid: period.Period,
    ledger: Ledger,
) -> Heard:
    given = {**ledger.given, **{claim.key: claim for claim in heard.bookings}}
    claims = raised(event, service.ref, package, paid, given)
    if not claims:
        return heard
    return replace(_counts(heard), bookings=heard.bookings + claims)


def _wrong_change(event: Event) -> Sentence | None:
    if event.besides:
        return say("cannot_deliver", what=", ".join(event.besides))
    return say("not_at_period_end") if event.at_period_end else None


def _terminate(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """At once, or when what is paid for is used up, where anybody knows when."""
    service = heard.account.service(event.service)
    if event.at_period_end and service and service.paid_until is None:
        return _ruled(heard, event, Fate.PARKED, say("period_end_unknown"))
    return _state(heard, event, ledger, catalog)


def _granted(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    found: period.Period,
    ledger: Ledger,
    catalog: Catalog,
) -> Heard:
    new = all(p.no != found.no for p in service.periods)
    periods = period.with_period(service.periods, found)
    claims = granted(event, service.ref, package, found) if new else ()
    after = replace(
        _counts(heard) if claims else heard,
        account=heard.account.with_service(replace(service, periods=periods)),
        bookings=heard.bookings + claims,
    )
    since, now = lifecycle.changed_at(service), catalog.packages.get(service.package)
    if new and now and since and period.between((found,), since):
        # Paid for as it was, and changed before it was over: told the other way round.
        return _raised(after, event, service, now, found, ledger)
    return after


def _counts(heard: Heard) -> Heard:
    """The word may be old, but the payment counts: the fate follows the money."""
    *before, last = heard.rulings
    return replace(heard, rulings=(*before, replace(last, fate=Fate.WORKING)))


def _topup(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    if event.line and _own(heard.booked(f"{event.line}/{Kind.TOPUP}", ledger), event):
        return _ruled(heard, event, Fate.WORKING)
    topup = catalog.topups.get(event.product or "")
    wrong = _wrong_topup(heard, event, ledger, topup)
    if wrong or topup is None:
        return _ruled(heard, event, Fate.PARKED, wrong)
    claims = bought(event, topup)
    known = [heard.booked(claim.key, ledger) for claim in claims]
    if not any(known):
        heard = replace(heard, bookings=heard.bookings + claims)
        return _ruled(heard, event, Fate.WORKING)
    if [k.money if k else None for k in known] != [c.money for c in claims]:
        return _ruled(heard, event, Fate.PARKED, say("line_differs", line=event.line))
    return _ruled(heard, event, Fate.DONE, say("already_booked", line=event.line))


def _own(booked: Claim | None, event: Event) -> bool:
    """Booked by this very event before: it is heard again, and counts once."""
    return booked is not None and booked.event == event.id


def _ping(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    return _ruled(heard, event, Fate.DONE)


def _unknown(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    return _ruled(heard, event, Fate.PARKED, say("type_unknown", type=event.type))


_RULES: dict[str, Rule] = {
    Type.ACTIVATE: _paid,
    Type.RENEWED: _paid,
    Type.SUSPEND: _state,
    Type.RESUME: _state,
    Type.TERMINATE: _terminate,
    Type.REINSTATE: _state,
    Type.CHANGE: _change,
    Type.SYNC: _state,
    Type.TOPUP: _topup,
    Type.PING: _ping,
}


def _ruled(
    heard: Heard, event: Event, fate: Fate, why: Sentence | None = None
) -> Heard:
    return replace(heard, rulings=(*heard.rulings, Ruling(event, fate, why)))


def _package_of(service: Service | None, event: Event) -> str | Sentence | None:
    """What is paid for; or why a renewal does not say, where it was another before."""
    if service is None or event.type == Type.ACTIVATE:
        return event.product
    changed = service.marks.get(PACKAGE)
    if changed and event.order < changed.order:
        return event.product or say("package_unclear", has=service.package)
    if event.product not in {None, service.package}:
        return say("package_differs", told=event.product, has=service.package)
    return service.package


def _wrong_package(
    account: Account, event: Event, package: Package | None
) -> Sentence | None:
    if package is None:
        return say("package_unknown", product=event.product or "none")
    if package.backend != account.backend:
        return say("other_backend", product=package.name, backend=package.backend)
    return _wrong_currency(event.currency, package.price.currency)


def _wrong_topup(
    heard: Heard, event: Event, ledger: Ledger, topup: TopUp | None
) -> Sentence | None:
    if topup is None:
        return say("topup_unknown", product=event.product or "none")
    if event.line is None:
        return say("line_missing")
    if _service_paid_by(event.line, heard, ledger):
        return say("line_of_another", line=event.line)
    most = max(money.amount for money in (topup.credit, topup.bonus) if money)
    if most * event.quantity >= LARGEST:
        return say("too_much", quantity=event.quantity, product=topup.name)
    return _wrong_currency(event.currency, topup.price.currency) or _wrong_currency(
        topup.credit.currency, heard.account.currency or None
    )


def _wrong_sale(heard: Heard, event: Event, ledger: Ledger) -> Sentence | None:
    if event.besides:
        return say("cannot_deliver", what=", ".join(event.besides))
    if event.type == Type.RENEWED and not (event.line or event.starts):
        return say("payment_unnamed")
    if event.line is None:
        return None
    topup = heard.booked(f"{event.line}/{Kind.TOPUP}", ledger)
    other = _service_paid_by(event.line, heard, ledger) not in {None, event.service}
    return say("line_of_another", line=event.line) if topup or other else None


def _service_paid_by(line: str, heard: Heard, ledger: Ledger) -> str | None:
    """The service whose period the line paid for, before or just now."""
    for service in heard.account.services:
        if any(paid.line == line for paid in service.periods):
            return service.ref
    return ledger.lines.get(line)


def _wrong_currency(told: str | None, ours: str | None) -> Sentence | None:
    if None in {told, ours} or told == ours:
        return None
    return say("currency_differs", told=told, ours=ours)


def _only_a_word(event: Event) -> bool:
    """An activation that names no payment opens the first period, and never another."""
    named = event.line or event.starts
    return event.type == Type.ACTIVATE and not named


def _payment(event: Event) -> Payment:
    return Payment(event.line, event.starts, event.ends, otherwise=event.occurred_at)


def _sendable(heard: Heard, ledger: Ledger) -> tuple[Claim, ...]:
    """Never in another currency: until its account was known nobody could say."""
    ours = heard.account.currency
    return tuple(c for c in ledger.open + heard.bookings if c.money.currency == ours)


def _unopened(
    account: Account, seen: State | None, should: State | None
) -> Sentence | None:
    """It may have been opened after the backup, under a name nobody here knows."""
    if account.restored_at is None or seen or should is None:
        return None
    return say("held_opening", account=account.id, backup=_minute(account.restored_at))


def _held(account: Account, should: State | None, listed: bool) -> Sentence | None:
    if account.money_stopped:
        return say("held_money_stopped", why=account.money_stopped)
    if account.restored_at and not listed:
        backup = _minute(account.restored_at)
        return say("held_restored", account=account.id, backup=backup)
    return None if should else say("held_no_service")


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
