"""Which service of which source is which account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.keys import ACCOUNT, Keys, random_name, random_password
from bridge.store import accounts, books, lanes, operations
from bridge.store.lanes import INTAKE
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.plan import Fate, Ruling, hear
from provisioning.core.sentences import Sentence, say


def lane_for(tx: sa.Connection, event: Event) -> str:
    """The account's own lane, or the one that is woken when there is an account."""
    if event.type == Type.TOPUP and event.line:
        holder = books.owner_of(tx, event.line)
        if holder and holder.startswith(INTAKE):
            # The money of this line waits there: the same told better sends it on.
            return holder
    home = _home(tx, event)
    return home if isinstance(home, str) else INTAKE + _waits_for(event)


def _waits_for(event: Event) -> str:
    """What has to be there first: a service, or for money its target or client."""
    if event.type == Type.TOPUP:
        return event.target or event.client or event.service or event.source
    return event.service or event.client or event.source


def sort(
    tx: sa.Connection, key: str, catalog: Catalog, keys: Keys, at: datetime
) -> None:
    """Open accounts for what was sold, and send on all that has an account now.

    The rest stays and says what it waits for; money in it is booked as held.
    """
    events = operations.waiting(tx, key, Fate.ACCEPTED, Fate.PARKED)
    for event in events:
        if event.type == Type.ACTIVATE and event.product in catalog.packages:
            _open(tx, event, key, catalog, keys, at)
    homes = [(event, _home(tx, event)) for event in events]
    for account in sorted({home for _, home in homes if isinstance(home, str)}):
        _send_on(tx, [e for e, home in homes if home == account], key, account, at)
    left = [(e, why) for e, why in homes if not isinstance(why, str)]
    if left:
        _keep(tx, key, left, catalog, at)


def _home(tx: sa.Connection, event: Event) -> str | Sentence:
    """The account an event is for, or why there is none yet.

    A top-up goes where it says, or to the client's only account.
    """
    named = event.target or event.service or ""
    bound = accounts.of_services(tx, [named]).get(named)
    if bound:
        return bound
    if named.startswith(ACCOUNT) and accounts.source_of(tx, named) == event.source:
        return named
    if event.type != Type.TOPUP:
        return say("service_unknown")
    if event.target:
        return say("target_unknown", target=event.target)
    clients = accounts.of_client(tx, event.client) if event.client else []
    if len(clients) > 1:
        return say("target_missing", choices=", ".join(clients))
    return clients[0] if clients else say("no_account_yet")


def _open(
    tx: sa.Connection,
    event: Event,
    key: str,
    catalog: Catalog,
    keys: Keys,
    at: datetime,
) -> None:
    """An account of ours for this service: the backend's follows when it is planned."""
    if event.service is None or accounts.of_services(tx, [event.service]):
        return
    package = catalog.packages[event.product or ""]
    id_ = ACCOUNT + random_name(10)
    account = Account(
        id=id_,
        source=event.source,
        backend=package.backend,
        currency=catalog.currencies[package.backend],
        username=keys.username(id_),
        client=event.client,
        email=event.email,
        services=(Service(event.service, package.name),),
    )
    accounts.make(tx, account, keys.seal(random_password(), id_), at)
    waiting = {INTAKE + ref for ref in (event.client, event.service) if ref}
    lanes.rouse(tx, waiting - {key}, at)


def _send_on(
    tx: sa.Connection, events: list[Event], key: str, account: str, at: datetime
) -> None:
    """All rows of these events, and the money of their lines, in one commit."""
    operations.move(tx, [event.arrival for event in events], account, at)
    lines = [event.line for event in events if event.line]
    books.hand_over(tx, lines, key, account, at)
    lanes.wake(tx, account, at)


def _keep(
    tx: sa.Connection,
    key: str,
    left: list[tuple[Event, Sentence]],
    catalog: Catalog,
    at: datetime,
) -> None:
    waits = {event.arrival: why for event, why in left}
    events = tuple(event for event, _ in left)
    lines = [event.line for event in events if event.line]
    nobody = Account(id=key, source="", backend="", currency="", username="")
    heard = hear(nobody, events, books.known(tx, key, lines), catalog, at)
    books.book(tx, key, heard.bookings, at)
    here = {claim.event for claim in books.open_claims(tx, key)}
    rulings = [_waiting(r, waits[r.event.arrival], here) for r in heard.rulings]
    operations.rule(tx, rulings, at)


def _waiting(ruling: Ruling, why: Sentence, here: set[str]) -> Ruling:
    event = ruling.event
    if ruling.fate is not Fate.WORKING:
        return ruling
    if event.type == Type.TOPUP and event.id not in here:
        sent_on = say("already_booked", line=event.line)
        return replace(ruling, fate=Fate.DONE, why=sent_on)
    return replace(ruling, fate=Fate.PARKED, why=why)
