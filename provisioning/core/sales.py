"""Words about a service, by what is to be done with them: sold, changed or over."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core import ordered, paying, stating, switching, trying
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule
from provisioning.core.sentences import Sentence


def _paid(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """An activation or a renewal: the word on the service, and its paid period."""
    found = heard
    pays = not paying.is_only_a_word(event) and not trying.is_unpaid(heard, event)
    if pays:
        heard = replace(heard, account=trying.paid(heard.account, event))
    package = ordered.what_is_paid(heard, event, ledger, catalog)
    if not isinstance(package, Package):
        return found.ruled(event, Fate.PARKED, package)
    tried = trying.heard(heard.account, event, package.name, catalog)
    if isinstance(tried, Sentence):
        return heard.ruled(event, Fate.PARKED, tried)
    after = stating.state(replace(heard, account=tried), event, ledger, catalog)
    service = after.account.service(event.service)
    if service is None or not (pays or _opens(after.account, service, event)):
        return after
    return paying.for_a_period(heard, after, event, service, package, ledger, catalog)


def _opens(account: Account, service: Service, event: Event) -> bool:
    """An activation that names no payment opens the first period, if none is tried."""
    tried = account.trial(service.ref)
    return paying.is_only_a_word(event) and not service.periods and not tried


RULES: dict[str, Rule] = {
    Type.ACTIVATE: _paid,
    Type.RENEWED: _paid,
    Type.SUSPEND: stating.state,
    Type.RESUME: stating.state,
    Type.TERMINATE: stating.terminate,
    Type.REINSTATE: stating.state,
    Type.CHANGE: switching.change,
    Type.SYNC: stating.state,
}
