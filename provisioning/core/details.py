"""Words about the customer: another address, another password, another group."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core.account import (
    EMAIL,
    GROUP,
    LANGUAGE,
    PASSWORD,
    PHONE,
    Account,
    Mark,
)
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule
from provisioning.core.sentences import Sentence, say

BY_GROUP = {Type.ACTIVATE, Type.CHANGE, Type.UPDATED}
"""What is sold by a group, or says it. A hold, an end or a payment does not wait for
a group nobody knows."""


def wrong_group(account: Account, event: Event, catalog: Catalog) -> Sentence | None:
    """No offer is for it: by whose prices and tariff he goes nobody can tell."""
    known = catalog.terms.groups
    if event.type not in BY_GROUP or not says_group(account, event):
        return None
    if event.group in {"", *known}:
        return None
    there = ", ".join(known) or "none"
    return say("group_unknown", group=event.group, known=there)


def grouped(heard: Heard, event: Event, catalog: Catalog) -> Heard:
    """With the group that any event may tell along; but not one that is parked."""
    account, (*_, last) = heard.account, heard.rulings
    if event.group not in {"", *catalog.terms.groups}:
        return heard
    if last.fate is Fate.PARKED or not says_group(account, event):
        return heard
    if not _is_news(account, GROUP, event):
        return heard
    now = replace(account, group=event.group or None)
    return replace(heard, account=_told(now, GROUP, event, anew=False))


def personal(heard: Heard, event: Event) -> Heard:
    """With the customer's number and language: any event of his may tell them along."""
    account = heard.account
    if event.client not in {None, account.client}:
        return heard
    said = {PHONE: event.phone, LANGUAGE: event.language}
    told = [about for about, value in said.items() if value is not None]
    news = [about for about in told if _is_news(account, about, event)]
    for about in news:
        account = _told(account, about, event, anew=False)
    phone = event.phone if PHONE in news else account.phone
    language = event.language if LANGUAGE in news else account.language
    return replace(heard, account=replace(account, phone=phone, language=language))


def says_group(account: Account, event: Event) -> bool:
    """Who pays for a friend tells his own group, not the friend's."""
    return event.group is not None and event.client in {None, account.client}


def _updated(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    account = heard.account
    said = {
        EMAIL: event.email, GROUP: event.group,
        PHONE: event.phone, LANGUAGE: event.language,
    }  # fmt: skip
    told = {about for about, value in said.items() if value is not None}
    news = {about for about in told if _is_news(account, about, event)}
    if not news:
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    if EMAIL in news:
        same = event.email == account.email
        account = replace(account, email=event.email)
        account = _told(account, EMAIL, event, anew=not same)
    return replace(heard, account=account).ruled(event, Fate.WORKING)


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
