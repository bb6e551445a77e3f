"""Words about the customer: another address, another password."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core.account import EMAIL, PASSWORD, Account, Mark
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule
from provisioning.core.sentences import say


def _updated(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    account = heard.account
    if not _is_news(account, EMAIL, event):
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    same = event.email == account.email
    after = _told(replace(account, email=event.email), EMAIL, event, anew=not same)
    return replace(heard, account=after).ruled(event, Fate.WORKING)


def _credentials(
    heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog
) -> Heard:
    if not _is_news(heard.account, PASSWORD, event):
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    after = _told(heard.account, PASSWORD, event, anew=True)
    return replace(heard, account=after).ruled(event, Fate.WORKING)


def _is_news(account: Account, about: str, event: Event) -> bool:
    known = account.marks.get(about)
    return known is None or known.order <= event.order


def _told(account: Account, about: str, event: Event, *, anew: bool) -> Account:
    """What is not there yet is opened with it, and need not be told."""
    marks = {**account.marks, about: Mark(yes=True, order=event.order)}
    tell = account.tell | {about} if anew and account.remote else account.tell
    return replace(account, marks=marks, tell=tell)


RULES: dict[str, Rule] = {Type.UPDATED: _updated, Type.CREDENTIALS: _credentials}
