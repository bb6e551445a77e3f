"""Every word in the order it happened, each by the rule of its type."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from provisioning.core import (
    approval,
    capacity,
    details,
    sales,
    switching,
    topups,
    trying,
)
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Kind
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Heard, Ledger, Rule
from provisioning.core.sentences import Sentence, minute, say

AHEAD = timedelta(hours=1)
"""How far the clock of a platform may be ahead of ours."""


REVIVES = (Type.ACTIVATE, Type.RENEWED, Type.REINSTATE, Type.CHANGE)


def hear(
    account: Account,
    events: tuple[Event, ...],
    ledger: Ledger,
    catalog: Catalog,
    at: datetime,
) -> Heard:
    """What the events say, before anything is looked at or done."""
    heard = Heard(account, at, frozenset(e.line for e in events if e.trial and e.line))
    # What cannot be read whole comes last: another word may say the same better.
    for event in sorted(events, key=lambda e: (bool(e.besides), e.order)):
        then = trying.untold(heard.account, event, catalog)
        heard = replace(heard, account=then)
        heard = switching.turned(heard, min(event.occurred_at, at), ledger, catalog)
        heard = _counted(heard, catalog, at)
        odd = _odd(event, at) or _too_late(account, event)
        odd = odd or details.wrong_group(account, event, catalog)
        if odd:
            heard = heard.ruled(event, Fate.PARKED, odd)
        else:
            rule = _rule(heard, event, ledger, catalog)
            heard = rule(heard, event, ledger, catalog)
            heard = details.grouped(heard, event, catalog)
            heard = details.personal(heard, event)
            heard = approval.settled(heard, event)
            heard = _counted(heard, catalog, at)
    return _counted(switching.turned(heard, at, ledger, catalog), catalog, at)


def _counted(heard: Heard, catalog: Catalog, at: datetime) -> Heard:
    """Each purchase of extra capacity at its own moment."""
    account = capacity.counted(heard.account, catalog, at)
    return heard if account is heard.account else replace(heard, account=account)


def _rule(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Rule:
    """By the event's type; but a top-up that is a service of its own has its own."""
    service = heard.account.service(event.service)
    sold = service.package if service else event.product
    money = heard.booked(f"{event.line}/{Kind.TOPUP}", ledger)
    moved = money is not None and money.event == event.id
    if event.type in sales.RULES and (moved or catalog.sells_apart(sold)):
        return topups.on_account
    return _RULES.get(event.type, _unknown)


def _odd(event: Event, at: datetime) -> Sentence | None:
    """From the future: taken in, it would outrank everything said until then."""
    if event.type == Type.TOPUP or event.occurred_at <= at + AHEAD:
        return None
    return say("from_the_future", moment=event.occurred_at.isoformat())


def _too_late(account: Account, event: Event) -> Sentence | None:
    """Of an account that is gone: nothing can be made of it again."""
    if account.purged_at is None or event.type not in REVIVES:
        return None
    return say("purged", at=minute(account.purged_at))


def _ping(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    return heard.ruled(event, Fate.DONE)


def _unknown(heard: Heard, event: Event, _ledger: Ledger, _catalog: Catalog) -> Heard:
    return heard.ruled(event, Fate.PARKED, say("type_unknown", type=event.type))


_RULES: dict[str, Rule] = {
    **sales.RULES,
    **topups.RULES,
    **details.RULES,
    Type.PING: _ping,
}
