"""What was said and paid is taken in: account, books and due dates, put on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bridge.keys import about_event
from bridge.store import (
    accounts,
    apart,
    books,
    coupons,
    fates,
    lanes,
    offsetting,
    wakeups,
)
from bridge.store.drafts import Draft
from bridge.store.lanes import INTAKE
from bridge.store.operations import Started
from bridge.work import Work
from provisioning.core.account import BOUGHT, Account
from provisioning.core.coupons import Coupon
from provisioning.core.credit import Kind
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Ruling
from provisioning.core.plan import Plan


def take_in(work: Work, draft: Draft, todo: Plan, at: datetime) -> None:
    """What the events did to account and books. They have been heard then."""
    bought = _bought(work.account, todo.account)
    mails = work.desk.mails
    mails.note(draft, work.account, todo.account, work.catalog, at)
    mails.booked(draft, todo.account, todo.bookings, at)
    work.account = accounts.save(draft, work.account, todo.account)
    fates.rule(draft, todo.rulings, at)
    for ref in bought:
        apart.take_up(draft, work.lane.key, ref, at)
    work.more = work.more or bool(bought)
    books.book(draft, work.account.id, todo.bookings, at, work.head)
    offsetting.settle(draft, work.account.id, todo.offsets, at, work.head)
    _hand_out(work, draft, todo.coupons, at)
    for key, due in todo.wakes.items():
        wakeups.plan(draft, key, "period", work.lane.key, due)
    _plan_purge(work, draft, todo)
    for ruling in todo.rulings:
        _follow(work, draft, ruling)
    work.events = ()
    _book(work, todo)


def only_take_in(work: Work) -> None:
    """The backend cannot be seen; what was said and paid counts all the same."""
    todo = work.plan()
    with work.change() as (draft, at):
        take_in(work, draft, todo, at)


def _bought(was: Account, now: Account) -> list[str]:
    """The services whose paid line has just been told."""
    before = {service.ref: service.marks.get(BOUGHT) for service in was.services}
    lines = ((s.ref, s.marks.get(BOUGHT)) for s in now.services)
    return [ref for ref, line in lines if line and line != before.get(ref)]


def _hand_out(work: Work, draft: Draft, these: Sequence[Coupon], at: datetime) -> None:
    """What was paid back may have been told where nobody knew whose it was."""
    coupons.take_in(draft, these, work.ledger.coupons)
    if any(each.fate is None for each in these):
        lanes.wake(draft, INTAKE + work.account.source, at)


def _plan_purge(work: Work, draft: Draft, todo: Plan) -> None:
    """A due date that moves is another; one that is no more is struck off."""
    lane = work.lane.key
    if todo.purge_was and todo.purge_was != todo.purge_due:
        wakeups.cancel(draft, _purge_key(lane, todo.purge_was))
    if todo.purge_due:
        key = _purge_key(lane, todo.purge_due)
        wakeups.plan(draft, key, "purge", lane, todo.purge_due)


def _purge_key(account: str, due: datetime) -> str:
    return f"{account}/purge/{due.isoformat()}"


def _follow(work: Work, draft: Draft, ruling: Ruling) -> None:
    """What works goes on until it is done; all else has been said of it."""
    event = ruling.event
    if ruling.fate is not Fate.WORKING:
        work.started.pop(event.arrival, None)
        return
    if event.secret:
        _reseal(work, draft, event)
    started = Started(event.arrival, event.id, event.type, ruling.fate)
    work.started[event.arrival] = started


def _reseal(work: Work, draft: Draft, event: Event) -> None:
    """It came sealed for its event; from here on it is the account's password."""
    keys, id_ = work.desk.keys, work.account.id
    password = keys.opened(event.secret or "", about_event(event))
    work.sealed = keys.seal(password, id_)
    accounts.seal(draft, id_, work.sealed)


def _book(work: Work, todo: Plan) -> None:
    """The books as they are with what was just booked."""
    known = work.ledger
    free = {c.key: c for c in todo.bookings if c.kind is Kind.FREE}
    work.ledger = replace(
        known,
        open=todo.offsets.left_of(known.open + todo.bookings),
        aside=todo.offsets.left_of(known.aside),
        debts=todo.offsets.debts_after(known.debts),
        given={**known.given, **free},
    )
