"""Which service of which source is which account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.keys import ACCOUNT, Keys, random_name, random_password
from bridge.logins import Logins
from bridge.platforms import signature
from bridge.store import accounts, books, facts, lanes, offsetting, operations
from bridge.store.accounts import Place
from bridge.store.arrivals import Home
from bridge.store.lanes import INTAKE
from bridge.store.questions import Answer
from bridge.store.ready import together
from provisioning.core import offsets
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Ruling
from provisioning.core.hearing import hear
from provisioning.core.offsets import Offsets
from provisioning.core.sentences import Sentence, say

MONEY = {Type.TOPUP, Type.REVERSED}
"""What is told of money, and of no service."""

AHEAD = timedelta(seconds=signature.WINDOW)


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be known to tell which account events are for."""

    services: Mapping[str, Place]
    clients: Mapping[str, Sequence[Place]]
    accounts: Mapping[str, Place]
    holders: Mapping[str, Place]
    """By top-up line: who has its money. An intake lane is on no backend."""


def know(tx: sa.Connection, events: Iterable[Event]) -> Answer[Known]:
    """For many events at the cost of one."""
    told = tuple(events)
    topups = [event for event in told if event.type in MONEY]
    named = {name for event in told if (name := event.target or event.service)}
    clients = {e.client for e in topups if e.client and not e.target}
    with together(tx):
        services = accounts.bound(tx, named)
        of_clients = accounts.of_clients(tx, clients)
        own = accounts.own(tx, {name for name in named if name.startswith(ACCOUNT)})
        holders = books.holders(tx, {e.line for e in topups if e.line})
    return Answer(
        lambda: Known(services.read(), of_clients.read(), own.read(), holders.read())
    )


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
    home = _home(event, known)
    if isinstance(home, Place):
        return Home(home.account, home.backend)
    return Home(INTAKE + _waits_for(event))


def _waits_for(event: Event) -> str:
    """What has to be there first: a service, or for money its target or client."""
    if event.type in MONEY:
        return event.target or event.client or event.service or event.source
    return event.service or event.client or event.source


def sort(
    tx: sa.Connection,
    key: str,
    catalog: Catalog,
    keys: Keys,
    at: datetime,
    logins: Logins,
) -> None:
    """Open accounts for what was sold, and send on all that has an account now.

    The rest stays and says what it waits for; money in it is booked as held.
    """
    events = operations.unplaced(tx, key)
    for event in events:
        if event.type == Type.ACTIVATE and event.product in catalog.packages:
            _open(tx, event, key, catalog, keys, at, logins)
    known = know(tx, events).read()
    found = [(event, _home(event, known)) for event in events]
    for place in sorted({h for _, h in found if isinstance(h, Place)}, key=_by_name):
        _send_on(tx, [e for e, home in found if home == place], key, place, at)
    left = [(e, why) for e, why in found if not isinstance(why, Place)]
    if left:
        _keep(tx, key, left, catalog, at)


def _by_name(place: Place) -> str:
    return place.account


def _home(event: Event, known: Known) -> Place | Sentence:
    """The account an event is for, or why there is none yet.

    A top-up goes where it says, or to the client's only account.
    """
    if event.type == Type.REVERSED:
        return _holder(event, known)
    named = event.target or event.service or ""
    bound = known.services.get(named)
    if bound:
        return bound
    own = known.accounts.get(named)
    if own and own.source == event.source:
        return replace(own, source=None)
    if event.type != Type.TOPUP:
        return say("service_unknown")
    return _of_client(event, known)


def _of_client(event: Event, known: Known) -> Place | Sentence:
    if event.target:
        return say("target_unknown", target=event.target)
    clients = known.clients.get(event.client or "", ())
    if len(clients) > 1:
        return say("target_missing", choices=", ".join(c.account for c in clients))
    return clients[0] if clients else say("no_account_yet")


def _holder(event: Event, known: Known) -> Place | Sentence:
    """What was paid back is where it was booked, whatever is said of it now."""
    holder = known.holders.get(event.line or "")
    known_here = holder is not None and holder.backend
    return holder if holder and known_here else say("reversal_unknown", line=event.line)


def _open(
    tx: sa.Connection,
    event: Event,
    key: str,
    catalog: Catalog,
    keys: Keys,
    at: datetime,
    logins: Logins,
) -> None:
    """An account of ours for this service: the backend's follows when it is planned."""
    if event.service is None or accounts.of_service(tx, event.service):
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
        restored_at=_lost_from(tx, event),
        login=logins.of(event.source),
    )
    accounts.make(tx, account, keys.seal(random_password(), id_), at)
    # Woken whether it is there or not: what waits there may just be on its way in.
    waiting = {INTAKE + ref for ref in (event.client, event.service) if ref}
    for lane in sorted(waiting - {key}):
        lanes.wake(tx, lane, at)


def _lost_from(tx: sa.Connection, event: Event) -> datetime | None:
    """The backup's moment, where the account may have been opened after it before.

    By the platform's clock, which may be ahead by as much as its signatures may be.
    """
    restored = facts.restored(tx)
    lost = restored and event.occurred_at < restored.at + AHEAD
    return restored.backup if restored and lost else None


def _send_on(
    tx: sa.Connection, events: list[Event], key: str, to: Place, at: datetime
) -> None:
    """All rows of these events, and the money of their lines, in one commit."""
    operations.move(tx, [event.arrival for event in events], to.account, at)
    lines = [event.line for event in events if event.line]
    books.hand_over(tx, lines, key, to.account, at)
    lanes.wake(tx, to.account, at, to.backend)


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
    ledger, last = books.known(tx, key, lines), books.head(tx, key)
    heard = hear(nobody, events, ledger, catalog, at)
    books.book(tx, key, heard.bookings, at, last)
    # From here nothing was ever sent: what is paid back simply is not sent.
    unsent = Offsets(offsets.voids(ledger.open + heard.bookings, ()))
    offsetting.settle(tx, key, unsent, at, last)
    here = {claim.event for claim in books.due_of(tx, key).open}
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
