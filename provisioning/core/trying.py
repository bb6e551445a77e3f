"""Trials of an account: one begins with an activation, and unpaid it ends in Free."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import acting
from provisioning.core.account import SOLD, Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event
from provisioning.core.heard import Heard
from provisioning.core.sentences import Sentence, say
from provisioning.core.trial import After, Trial, Tried, begin

REFUSED = {"trial_none", "trial_had", "trial_no_family"}
"""Why an order that is to be tried opens nothing, and waits for a person."""


def heard(
    account: Account, event: Event, package: str, catalog: Catalog
) -> Account | Sentence:
    """The account with the trial that this word begins; or why there is none (D14).

    The same word again, while that one runs, begins no other.
    """
    known = account.trial(event.service or "")
    if not event.trial or (known and event.occurred_at < known.ends):
        return account
    new = begun(event, package, account.trials, catalog)
    return new if isinstance(new, Sentence) else account.with_trial(new)


def begun(
    event: Event, package: str, had: tuple[Trial, ...], catalog: Catalog
) -> Trial | Sentence:
    """*had*: all that the customer tried before."""
    family = catalog.terms.family_of(package)
    if family is None:
        return say("trial_no_family", package=package)
    return begin(family, had, event.occurred_at, event.service or "", event.line)


def is_unpaid(heard: Heard, event: Event) -> bool:
    """Whether the word is of a trial: its line is paid by nothing, whichever of the
    two words of it happened first."""
    trial = heard.account.trial(event.service or "")
    lines = {*heard.tried, *((trial.line,) if trial else ())} - {None}
    return event.trial or event.line in lines


def over(account: Account, until: datetime, catalog: Catalog) -> Account:
    """What was tried and is over by then, unpaid, is its family's Free (D13)."""
    for service in account.services:
        trial = account.trial(service.ref)
        free = trial and acting.free_of(account, service, catalog)
        lapsed = acting.after_trial(account, service, catalog, until)
        ends = acting.ending(account, service, catalog)
        lapsed = None if ends else lapsed
        if trial and free and lapsed is After.TO_FREE and service.package != free:
            was = Tried(service.package, service.quantity, service.extras)
            plain = replace(service, package=free, quantity=1, extras=())
            account = account.with_trial(replace(trial, was=was)).with_service(plain)
    return account


def untold(account: Account, event: Event, catalog: Catalog) -> Account:
    """Of what a word finds: as it was at the time it tells of, trial or Free."""
    service = account.service(event.service)
    until = acting.tried_until(account, service, catalog) if service else None
    if until is None or until <= event.occurred_at:
        return account
    return back(account, event.service)


def paid(account: Account, event: Event) -> Account:
    """As it was tried, where something is paid for that; who pays for Free has it."""
    service = account.service(event.service)
    if service and service.package == event.product:
        return _kept(account, service.ref)
    return back(account, event.service)


def sold(account: Account, service: Service, event: Event) -> Account:
    """With the service; sold after it was Free, no payment is for what was tried."""
    account, mark = account.with_service(service), service.marks.get(SOLD)
    anew = mark and mark.order == event.order
    return _kept(account, service.ref) if anew else account


def back(account: Account, ref: str | None) -> Account:
    """As it was tried, before that ended in Free."""
    service, trial = account.service(ref), account.trial(ref or "")
    if service is None or trial is None or trial.was is None:
        return account
    was, account = trial.was, account.with_trial(replace(trial, was=None))
    return account.with_service(_as(service, was))


def _kept(account: Account, ref: str) -> Account:
    """It is what it is, for good."""
    trial = account.trial(ref)
    return account.with_trial(replace(trial, was=None)) if trial else account


def _as(service: Service, was: Tried) -> Service:
    return replace(
        service, package=was.package, quantity=was.quantity, extras=was.extras
    )
