"""Which service of which source is which account."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge import whose
from bridge.keys import Keys
from bridge.logins import Logins
from bridge.opening import open_account
from bridge.store import accounts, books, chain, fates, lanes, offsetting, operations
from bridge.store.lanes import INTAKE
from bridge.store.whereabouts import Place
from provisioning.core import baseline, offsets, placing, trying
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate, Ruling
from provisioning.core.hearing import hear
from provisioning.core.offsets import Offsets
from provisioning.core.sentences import Sentence, minute, say

Left = list[tuple[Event, Sentence]]
"""What stays in its lane, and what each waits for."""

NOT_OPENED = {*placing.UNPLACED, *trying.REFUSED, "before_live", "cannot_deliver"}
AGAIN = timedelta(minutes=5)
"""Until an order that found no room is tried again."""


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
    attached = whose.attached_in(catalog)
    unopened = _open(tx, events, key, attached, catalog, keys, at, logins)
    on_top = [event for event in events if whose.is_attached(event, attached)]
    gone = _attach(tx, on_top, key, attached, at)
    here = [event for event in events if event not in gone]
    left = _send_home(tx, here, key, attached, unopened, at)
    left = _follow(tx, left, key, at)
    left = [(e, _of_old(e, attached, catalog) or why) for e, why in left]
    if left:
        _keep(tx, key, left, catalog, at)
    if any(why.code == "no_room" for _, why in left):
        lanes.wake(tx, key, at + AGAIN)


def _open(
    tx: sa.Connection,
    events: Sequence[Event],
    key: str,
    attached: Collection[str],
    catalog: Catalog,
    keys: Keys,
    at: datetime,
    logins: Logins,
) -> dict[int, Sentence]:
    """An account for each that was sold one. By arrival: why one was not opened."""
    unopened: dict[int, Sentence] = {}
    for event in events:
        new = _needs_one(event, attached) and not baseline.is_old(event, catalog)
        if new and event.product in catalog.packages:
            why_not = _by_half(event)
            why_not = why_not or open_account(tx, event, key, catalog, keys, at, logins)
            if why_not:
                unopened[event.arrival] = why_not
    return unopened


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


def _send_home(
    tx: sa.Connection,
    events: Sequence[Event],
    key: str,
    attached: Collection[str],
    unopened: Mapping[int, Sentence],
    at: datetime,
) -> Left:
    """Each to its account, where it has one by now."""
    known = whose.know(tx, events, attached).read()
    left, homes = [], dict[Place, list[Event]]()
    for event in events:
        home = whose.place_of(event, known, attached)
        if isinstance(home, Place):
            homes.setdefault(home, []).append(event)
        else:
            left.append((event, unopened.get(event.arrival, home)))
    for home in sorted(homes, key=lambda place: place.account):
        _send_on(tx, homes[home], key, home, at)
    return left


def _follow(tx: sa.Connection, left: Left, key: str, at: datetime) -> Left:
    """What is paid back goes after its money, which may just have gone on."""
    back = [event for event, _ in left if event.type == Type.REVERSED]
    if not back:
        return left
    known = whose.know(tx, back).read()
    gone = {e: home for e in back if isinstance(home := whose.home_of(e, known), Place)}
    for event, place in gone.items():
        _send_on(tx, [event], key, place, at)
    return [(event, why) for event, why in left if event not in gone]


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
    known, left = whose.know(tx, events, attached).read(), []
    for event in events:
        holder, host = known.holders.get(event.line or ""), whose.host_of(event, known)
        waits = INTAKE + whose.waits_for(whose.as_money(event))
        if holder and not holder.backend:
            waits = holder.account
        elif isinstance(host, Place) or event.service in known.services:
            waits = key
        if waits != key:
            fates.move(tx, [event.arrival], waits, at)
            lanes.wake(tx, waits, at)
            left.append(event)
    here = {e.service: e for e in events if e.service and e not in left}
    for ref, event in here.items():
        place = whose.host_of(event, known)
        if isinstance(place, Place) and ref not in known.services:
            accounts.bind(tx, Service(ref, str(event.product)), place.account)
    return left


def _send_on(
    tx: sa.Connection, events: list[Event], key: str, to: Place, at: datetime
) -> None:
    """All rows of these events, and the money of their lines, in one commit."""
    fates.move(tx, [event.arrival for event in events], to.account, at)
    lines = [event.line for event in events if event.line]
    books.hand_over(tx, lines, key, to.account, at)
    lanes.wake(tx, to.account, at, to.backend)


def _keep(
    tx: sa.Connection,
    key: str,
    left: Left,
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
    fates.rule(tx, rulings, at)


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
