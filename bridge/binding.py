"""Which service of which source is which account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.keys import ACCOUNT, Keys, random_name, random_password
from bridge.logins import Logins
from bridge.platforms import signature
from bridge.store import (
    accounts,
    backends,
    books,
    chain,
    coupons,
    facts,
    lanes,
    offsetting,
    operations,
    trials,
    whereabouts,
)
from bridge.store.arrivals import Home
from bridge.store.lanes import INTAKE
from bridge.store.questions import Answer
from bridge.store.ready import together
from bridge.store.whereabouts import Place
from provisioning.core import baseline, offsets, placing, trying
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Ruling
from provisioning.core.hearing import hear
from provisioning.core.offsets import Offsets
from provisioning.core.outcomes import Later
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.trial import Trial

MONEY = {Type.TOPUP, Type.REVERSED, Type.UPDATED}
"""What is told of a customer or of money, and of no service."""

AHEAD = timedelta(seconds=signature.WINDOW)
NOT_OPENED = {*placing.UNPLACED, *trying.REFUSED, "before_live", "cannot_deliver"}
AGAIN = timedelta(minutes=5)
"""Until an order that found no room is tried again."""


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
    """For many events at the cost of one. *attached*: see `_is_attached`."""
    told = tuple(events)
    topups = [event for event in told if event.type in MONEY]
    looking = topups + [event for event in told if _is_attached(event, attached)]
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
    home = _home(event, known)
    if isinstance(home, Place):
        return Home(home.account, home.backend)
    return Home(INTAKE + waits_for(event))


def waits_for(event: Event) -> str:
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
    attached = _attached(catalog)
    unopened: dict[int, Sentence] = {}
    for event in events:
        new = _needs_one(event, attached) and not baseline.is_old(event, catalog)
        if new and event.product in catalog.packages:
            why_not = _by_half(event)
            why_not = why_not or _open(tx, event, key, catalog, keys, at, logins)
            if why_not:
                unopened[event.arrival] = why_not
    on_top = [event for event in events if _is_attached(event, attached)]
    gone = _attach(tx, on_top, key, attached, at)
    events = tuple(event for event in events if event not in gone)
    known = know(tx, events, attached).read()
    bound = known.services
    found = [
        (
            e,
            _host(e, known)
            if e in on_top and e.service not in bound
            else _home(e, known),
        )
        for e in events
    ]
    found = [(e, _because(home, unopened.get(e.arrival))) for e, home in found]
    for place in sorted({h for _, h in found if isinstance(h, Place)}, key=_by_name):
        _send_on(tx, [e for e, home in found if home == place], key, place, at)
    found = _follow(tx, found, key, at)
    left = [(e, why) for e, why in found if not isinstance(why, Place)]
    left = [(e, _of_old(e, attached, catalog) or why) for e, why in left]
    if left:
        _keep(tx, key, left, catalog, at)
    if any(why.code == "no_room" for _, why in left):
        lanes.wake(tx, key, at + AGAIN)


def _because(home: Place | Sentence, unopened: Sentence | None) -> Place | Sentence:
    return home if isinstance(home, Place) else unopened or home


def _needs_one(event: Event, attached: Collection[str]) -> bool:
    """Whether an account of its own belongs to what was sold."""
    return event.type == Type.ACTIVATE and event.product not in attached


def _by_half(event: Event) -> Sentence | None:
    """It waits here, where the same told better takes it along."""
    if not event.besides:
        return None
    return say("cannot_deliver", what=", ".join(event.besides))


def _of_old(
    event: Event, attached: Collection[str], catalog: Catalog
) -> Sentence | None:
    """What was sold before we were there has an account, and not of ours."""
    since = baseline.since(event, catalog)
    old = baseline.is_old(event, catalog)
    if since is None or not (old and _needs_one(event, attached)):
        return None
    return say("before_live", since=minute(since))


def _follow(
    tx: sa.Connection,
    found: Sequence[tuple[Event, Place | Sentence]],
    key: str,
    at: datetime,
) -> list[tuple[Event, Place | Sentence]]:
    """What is paid back goes after its money, which may just have gone on."""
    back = [e for e, why in found
            if e.type == Type.REVERSED and not isinstance(why, Place)]  # fmt: skip
    if not back:
        return list(found)
    known = know(tx, back).read()
    gone = {e: home for e in back if isinstance(home := _home(e, known), Place)}
    for event, place in gone.items():
        _send_on(tx, [event], key, place, at)
    return [(e, why) for e, why in found if e not in gone]


def _by_name(place: Place) -> str:
    return place.account


def _home(event: Event, known: Known) -> Place | Sentence:
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


def _attached(catalog: Catalog) -> frozenset[str]:
    """What is sold as a service of its own and opens no account."""
    addons = (package.name for package in catalog.packages.values() if package.addon)
    return frozenset((*catalog.topups, *catalog.terms.coupons, *addons))


def _is_attached(event: Event, attached: Collection[str]) -> bool:
    return event.type == Type.ACTIVATE and event.product in attached


def _attach(
    tx: sa.Connection,
    events: Sequence[Event],
    key: str,
    attached: Collection[str],
    at: datetime,
) -> list[Event]:
    """Bind them to the account they name, or to the client's only one.

    Gives those that went to wait elsewhere: where their money waits already, or where
    the account they need will wake them.
    """
    known, left = know(tx, events, attached).read(), []
    for event in events:
        holder, host = known.holders.get(event.line or ""), _host(event, known)
        waits = INTAKE + waits_for(_as_money(event))
        if holder and not holder.backend:
            waits = holder.account
        elif isinstance(host, Place) or event.service in known.services:
            waits = key
        if waits != key:
            operations.move(tx, [event.arrival], waits, at)
            lanes.wake(tx, waits, at)
            left.append(event)
    here = {e.service: e for e in events if e.service and e not in left}
    for ref, event in here.items():
        place = _host(event, known)
        if isinstance(place, Place) and ref not in known.services:
            accounts.bind(tx, Service(ref, str(event.product)), place.account)
    return left


def _host(event: Event, known: Known) -> Place | Sentence:
    """The account it is sold on top of."""
    return _home(_as_money(event), known)


def _as_money(event: Event) -> Event:
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
    return home or _home(replace(event, type=Type.TOPUP), known)


def _open(
    tx: sa.Connection,
    event: Event,
    key: str,
    catalog: Catalog,
    keys: Keys,
    at: datetime,
    logins: Logins,
) -> Sentence | None:
    """An account of ours for this service: the backend's follows when it is planned.

    Or why there is none.
    """
    if event.service is None or whereabouts.of_service(tx, event.service):
        return None
    package = catalog.packages[event.product or ""]
    untried = _untried(tx, event, catalog)
    if isinstance(untried, Sentence):
        return untried
    backend = _place(tx, package, event.server, catalog, at)
    if isinstance(backend, Sentence):
        return backend
    if backend not in catalog.currencies:
        raise Later(
            f'package "{package.name}" is sold on backend "{backend}", which this'
            " process does not know yet: start it anew."
        )
    if untried:
        trials.keep(tx, event.client or event.service, untried)
    id_ = ACCOUNT + random_name(10)
    account = Account(
        id=id_,
        source=event.source,
        backend=backend,
        currency=catalog.currencies[backend],
        username=keys.username(id_),
        client=event.client,
        email=event.email,
        phone=event.phone,
        services=(Service(event.service, package.name),),
        restored_at=_lost_from(tx, event),
        login=logins.of(event.source),
    )
    accounts.make(tx, account, keys.seal(random_password(), id_), at)
    # Woken whether it is there or not: what waits there may just be on its way in.
    waiting = {INTAKE + ref for ref in (event.client, event.service) if ref}
    for lane in sorted(waiting - {key}):
        lanes.wake(tx, lane, at)
    return None


def _untried(
    tx: sa.Connection, event: Event, catalog: Catalog
) -> Trial | Sentence | None:
    """The trial an order begins: of another account of this client's there may have
    been one (D14). None: it is none."""
    if not event.trial:
        return None
    had = trials.had(tx, event.client or event.service or "", event.service or "")
    return trying.begun(event, event.product or "", had, catalog)


def _place(
    tx: sa.Connection,
    package: Package,
    server: str | None,
    catalog: Catalog,
    at: datetime,
) -> str | Sentence:
    """Counted and not locked: openings of the same moment on PostgreSQL may each take
    the last room, so a backend can hold one account more for each worker that sorts."""
    among = placing.choices(package, server)
    if isinstance(among, Sentence):
        return among
    if len(among) == 1 and among[0] not in catalog.full:
        return among[0]
    held, pauses = whereabouts.on_each(tx, among), backends.paused(tx)
    closed = {n for n, p in pauses.items() if not p.by_hand or p.until > at}
    return placing.placed(among, catalog, held, closed)


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
    ledger, last = books.known(tx, key, lines), chain.head(tx, key)
    heard = hear(nobody, events, ledger, catalog, at)
    books.book(tx, key, heard.bookings, at, last)
    # From here nothing was ever sent: what is paid back simply is not sent.
    unsent = Offsets(offsets.voids(ledger.open + heard.bookings, ()))
    offsetting.settle(tx, key, unsent, at, last)
    here = {claim.event for claim in books.due_of(tx, key).open}
    # A coupon is an account's: until there is one, nobody has it, and its line waits.
    nobodys = {each.line for each in heard.coupons}
    rulings = [
        replace(r, fate=Fate.PARKED, why=waits[r.event.arrival])
        if r.event.line in nobodys
        else _waiting(r, waits[r.event.arrival], here)
        for r in heard.rulings
    ]
    operations.rule(tx, rulings, at)


def _waiting(ruling: Ruling, why: Sentence, here: set[str]) -> Ruling:
    event = ruling.event
    if why.code in NOT_OPENED:
        return replace(ruling, fate=Fate.PARKED, why=why)
    if ruling.fate is not Fate.WORKING:
        return ruling
    if event.type == Type.TOPUP and event.id not in here:
        sent_on = say("already_booked", line=event.line)
        return replace(ruling, fate=Fate.DONE, why=sent_on)
    return replace(ruling, fate=Fate.PARKED, why=why)
