"""Whose an event is: the account it is for, or why there is none yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from bridge.keys import ACCOUNT
from bridge.store import books, coupons, whereabouts
from bridge.store.arrivals import Home
from bridge.store.lanes import INTAKE
from bridge.store.questions import Answer
from bridge.store.ready import together
from bridge.store.whereabouts import Place
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.sentences import Sentence, say

MONEY = {Type.TOPUP, Type.REVERSED, Type.UPDATED}
"""What is told of a customer or of money, and of no service."""


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be known to tell which account events are for."""

    services: Mapping[str, Place]
    clients: Mapping[str, Sequence[Place]]
    accounts: Mapping[str, Place]
    holders: Mapping[str, Place]
    """By line: who has its money, or bought coupons by it. An intake lane is on no
    backend."""


def know(
    tx: sa.Connection, events: Iterable[Event], attached: Collection[str] = ()
) -> Answer[Known]:
    """For many events at the cost of one. *attached*: see `is_attached`."""
    told = tuple(events)
    topups = [event for event in told if event.type in MONEY]
    looking = topups + [event for event in told if is_attached(event, attached)]
    named = {name for event in told for name in (event.target, event.service) if name}
    clients = {e.client for e in looking if e.client and not e.target}
    with together(tx):
        services = whereabouts.bound(tx, named)
        of_clients = whereabouts.of_clients(tx, clients)
        own = whereabouts.own(tx, {name for name in named if name.startswith(ACCOUNT)})
        lines = {event.line for event in looking if event.line}
        holders, buyers = books.holders(tx, lines), coupons.buyers(tx, lines)
    return Answer(
        lambda: Known(
            services.read(), of_clients.read(), own.read(),
            {**buyers.read(), **holders.read()},
        )
    )  # fmt: skip


def homes(tx: sa.Connection, events: Sequence[Event]) -> Answer[list[Home]]:
    """The account's own lane, or the one that is woken when there is an account."""
    known = know(tx, events)
    return Answer(lambda: _lanes(events, known.read()))


def _lanes(events: Sequence[Event], known: Known) -> list[Home]:
    return [_lane(event, known) for event in events]


def _lane(event: Event, known: Known) -> Home:
    holder = known.holders.get(event.line or "")
    if holder and (event.type == Type.REVERSED or not holder.backend):
        # The money of this line waits there: the same told better sends it on.
        return Home(holder.account, holder.backend or None)
    home = home_of(event, known)
    if isinstance(home, Place):
        return Home(home.account, home.backend)
    return Home(INTAKE + waits_for(event))


def waits_for(event: Event) -> str:
    """What has to be there first: a service, or for money its target or client."""
    if event.type in MONEY:
        return event.target or event.client or event.service or event.source
    return event.service or event.client or event.source


def place_of(event: Event, known: Known, attached: Collection[str]) -> Place | Sentence:
    """Of what is sold on top of an account and not bound to one yet: that account."""
    on_top = is_attached(event, attached) and event.service not in known.services
    return host_of(event, known) if on_top else home_of(event, known)


def home_of(event: Event, known: Known) -> Place | Sentence:
    """The account an event is for, or why there is none yet.

    A top-up goes where it says, or to the client's only account.
    """
    if event.type == Type.REVERSED:
        return _holder(event, known)
    named = event.service or ""
    if event.type in MONEY:
        named = event.target or named
    bound = known.services.get(named)
    if bound:
        return bound
    own = known.accounts.get(named)
    if own and own.source == event.source:
        return replace(own, source=None)
    if event.type not in MONEY:
        return say("service_unknown")
    found = _of_client(event, known)
    asks = event.type == Type.UPDATED and isinstance(found, Sentence)
    return say("customer_unclear") if asks else found


def host_of(event: Event, known: Known) -> Place | Sentence:
    """The account it is sold on top of."""
    return home_of(as_money(event), known)


def as_money(event: Event) -> Event:
    """It goes where a top-up would."""
    return replace(event, type=Type.TOPUP, service=None)


def _of_client(event: Event, known: Known) -> Place | Sentence:
    if event.target:
        return say("target_unknown", target=event.target)
    clients = known.clients.get(event.client or "", ())
    if len(clients) > 1:
        return say("target_missing", choices=", ".join(c.account for c in clients))
    return clients[0] if clients else say("no_account_yet")


def _holder(event: Event, known: Known) -> Place | Sentence:
    """What was paid back is where it was booked; else where its payment would go."""
    holder = known.holders.get(event.line or "")
    if holder and holder.backend:
        return holder
    home = say("reversal_unknown", line=event.line) if holder else None
    return home or home_of(replace(event, type=Type.TOPUP), known)


def attached_in(catalog: Catalog) -> frozenset[str]:
    """What is sold as a service of its own and opens no account."""
    addons = (package.name for package in catalog.packages.values() if package.addon)
    return frozenset((*catalog.topups, *catalog.terms.coupons, *addons))


def is_attached(event: Event, attached: Collection[str]) -> bool:
    return event.type == Type.ACTIVATE and event.product in attached
