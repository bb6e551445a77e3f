"""The word on a service, whatever it pays: what it is from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import lifecycle, owing, trying
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger
from provisioning.core.sentences import say


def state(heard: Heard, event: Event, _ledger: Ledger, catalog: Catalog) -> Heard:
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


def terminate(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """At once, or when what is paid for is used up, where anybody knows when."""
    service = heard.account.service(event.service)
    known = service and used_until(heard.account, service, event)
    if event.at_period_end and service and known is None:
        return heard.ruled(event, Fate.PARKED, say("period_end_unknown"))
    return state(heard, event, ledger, catalog)


def used_until(account: Account, service: Service, event: Event) -> datetime | None:
    """The end of what is paid for, or of the trial under way; None: nobody knows it."""
    trial = account.trial(service.ref)
    if service.periods or trial is None:
        return service.paid_until
    return trial.ends if event.occurred_at < trial.ends else None
