"""What a platform never told: read by its API, and let in by the same door.

Under the same keys, too: a paid line is known by its id, a word by what the account was
when it was missed. Whatever is pulled and told as well, in any order, counts once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bridge import ordered
from bridge.channels import whmcs_answers as answers
from bridge.channels.whmcs_answers import Invoice, Line, Product
from bridge.channels.whmcs_api import PAGE, Api
from bridge.inbox import Inbox
from bridge.ordered import SLACK, Names
from bridge.platforms.base import Delivery, Platform
from bridge.store import accounts, facts, pulled
from bridge.store.arrivals import Reused
from bridge.store.database import Database
from bridge.store.facts import Pulled
from provisioning.core.account import Account, Service
from provisioning.core.events import Event, Hold, Type

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
BACK = timedelta(days=90)
"""How old an invoice may be that is only paid now."""

PAGES, OLDER, DEEPEST = 10, 2, 30
"""Pages read in one look: of services, of older invoices, and of the newest while more
are paid than before. The next look goes on from there."""

OPENED = 200
"""Invoices opened in one look."""

QUIET = timedelta(minutes=15)
"""How long its module is left to tell it. WHMCS marks an invoice as paid first and then
calls the module, and writes a state down only after that has answered: read between the
two, an order would be taken in before its own word, a state for a word."""

INVOICE, SERVICE = "invoice", "service"
OURS = "switchhook"
"""The name of the module."""

PAYS = {"Hosting": "", "Addon": "a"}
"""The types of invoice lines that pay for a service, and how its ref begins. Funds
added, an invoice paid by another, an upgrade: none of them is a period or a top-up."""

ENDED = {"Terminated", "Cancelled", "Fraud"}
OVERDUE = "overdue"
QUEUED = {"create": Type.ACTIVATE, "suspend": Type.SUSPEND, "unsuspend": Type.RESUME,
          "terminate": Type.TERMINATE}  # fmt: skip


T = TypeVar("T")


@dataclass(slots=True)
class Pull:
    name: str
    platform: Platform
    api: Api
    database: Database
    inbox: Inbox
    zone: str
    live: datetime | None
    """From when on its customers are ours."""

    products: Mapping[str, str] = field(default_factory=dict)
    """What each of its products is to us; no other is looked at."""

    topups: Collection[str] = ()
    names: Names = field(default_factory=Names)
    tick: str = ""
    """How it is called that looks by itself; a person may ask for it."""

    def look(self, at: datetime) -> None:
        """What is fresh is left to its module, unless a person asked for all."""
        with self.database.read() as tx:
            asked, last = facts.asked(tx, self.tick), facts.pulled(tx, self.name)
        wanted = asked and (last is None or asked >= last.until)
        self.run(at, QUIET if not wanted else timedelta())

    def run(self, at: datetime, quiet: timedelta = timedelta()) -> None:
        """Later and the others say what stood in the way; nothing is skipped by that:
        the next time begins where this one did. *quiet*: for how long it must have been
        seen there that its module never told."""
        since = self.live or at
        with self.database.read() as tx:
            last = facts.pulled(tx, self.name) or Pulled(since, since)
        look = _Look(at, at - quiet, OPENED)
        now = replace(last, until=at, entered=0)
        now = self._services(self._invoices(now, last, look), last, look)
        with self.database.change() as tx:
            facts.pull(tx, self.name, now)
        if now.entered:
            log.warning(
                "%s had told nothing of %d events; they are in", self.name, now.entered
            )

    # only looked at

    def unheard(self, back: timedelta, at: datetime) -> Iterator[Event]:
        """What was paid in that time and nobody told, whatever was looked at before."""
        since = max(self._since(at), at - back)
        for invoice in self._every(self.api.paid):
            if invoice.made and invoice.made < (at - BACK).date():
                return
            paid = self._moment(invoice.paid)
            if paid and paid >= since - SLACK:
                yield from self._news(self._lines(invoice))

    def said_of_all(
        self, at: datetime
    ) -> Iterator[tuple[Collection[int], Iterator[Event]]]:
        """Page by page: the services there are, and what of them nobody told."""
        queued, since = self._queued(), self._since(at)
        products = self._every(self.api.products)
        while page := list(islice(products, PAGE)):
            words = self._words(page, queued, since, at)
            yield [one.id for one in page], self._news(words)

    def is_fresh(self, event: Event, at: datetime) -> bool:
        """Whether its module may tell it yet."""
        what, id_ = INVOICE, event.invoice or ""
        if not event.invoice:
            what, id_ = SERVICE, (event.service or "").removeprefix(f"{self.name}:")
        orders = event.invoice or event.type == Type.ACTIVATE
        if not (orders and id_.isascii() and id_.isdecimal()):
            return False
        with self.database.read() as tx:
            there = pulled.seen_since(tx, self.name, what, [int(id_)], at - QUIET)
            if what == INVOICE:
                there |= pulled.opened(tx, self.name, [int(id_)])
        return not there

    def _every(self, pages: Callable[[int], tuple[list[T], int]]) -> Iterator[T]:
        start, total = 0, 1
        while start < total:
            page, total = pages(start)
            yield from page
            start += PAGE

    def _since(self, at: datetime) -> datetime:
        """From when on what it has is ours."""
        with self.database.read() as tx:
            before = facts.pulled(tx, self.name)
        return before.since if before else self.live or at

    def has(self, native: str) -> bool:
        return self.api.product(native) is not None

    def _news(self, events: Iterable[Event]) -> Iterator[Event]:
        """Without what came in before: by a pull, or as a line that waits still."""
        found = list(events)
        with self.database.read() as tx:
            known = pulled.told(tx, self.name, found)
        return (event for event in found if event.id not in known)

    # what was paid

    def _invoices(self, now: Pulled, last: Pulled, look: _Look) -> Pulled:
        """The newest, as far down as more of them are paid than before, and some of the
        older ones: bit by bit all are gone through again.

        By what was opened, not by the hour: a payment may be entered as of last week.
        """
        start = 0
        for _ in range(DEEPEST):
            self._page(start, last, look)
            start += PAGE
            if look.over or not look.left or last.paid is None:
                break
            if look.fresh + look.waiting >= look.total - last.paid:
                break
        older = max(last.older, start)
        for _ in range(OLDER):
            if look.over or not look.left:
                break
            self._page(older, last, look)
            older += PAGE
        if look.over:
            with self.database.change() as tx:
                pulled.forget(tx, self.name, last.until - BACK - BACK)
        counted = last.paid is not None and look.total - last.paid > look.fresh
        all_ = look.total - look.waiting
        paid = (last.paid or 0) + look.fresh if counted else all_
        return replace(
            now,
            entered=look.entered,
            paid=all_ if look.over else paid,
            older=last.older if not look.left else 0 if look.over else older,
        )

    def _page(self, start: int, last: Pulled, look: _Look) -> None:
        found, look.total = self.api.paid(start)
        ends = (last.until - BACK).date()
        these = [one for one in found if not one.made or one.made >= ends]
        with self.database.read() as tx:
            known = pulled.opened(tx, self.name, [one.id for one in these])
        new = [one for one in these if one.id not in known]
        ours = [one.id for one in new if self._is_ours(one, last)]
        ripe, done = self._ripe(INVOICE, ours, look), dict[int, datetime]()
        try:
            for one in new:
                if not look.left:
                    return
                if one.id in ours:
                    look.left -= one.id in ripe
                    if one.id not in ripe or not self._opened(one, look):
                        look.waiting += 1
                        continue
                look.fresh += 1
                done[one.id] = _day(one.made) or last.until
        finally:
            with self.database.change() as tx:
                pulled.note(tx, self.name, done)
        look.over = len(these) < len(found) or start + PAGE >= look.total

    def _is_ours(self, invoice: Invoice, last: Pulled) -> bool:
        paid = self._moment(invoice.paid)
        return paid is not None and paid >= last.since - SLACK

    def _opened(self, invoice: Invoice, look: _Look) -> bool:
        """Whether all of it could be read; what could not may be another time."""
        found = list(self._lines(invoice))
        look.entered += self._enter_all(found)
        return not any(event.id.endswith(ordered.UNREAD) for event in found)

    def _ripe(self, what: str, ids: Collection[int], look: _Look) -> set[int]:
        """Those of these that its module was given the time to tell."""
        if not ids:
            return set()
        with self.database.change() as tx:
            pulled.glimpsed(tx, self.name, what, ids, look.at)
            return pulled.seen_since(tx, self.name, what, ids, look.seen_by)

    def _lines(self, invoice: Invoice) -> Iterator[Event]:
        told = self.api.read(answers.Lines, "GetInvoice", invoiceid=invoice.id)
        paid = self._moment(told["datepaid"] or invoice.paid)
        lines = [line for line in told["items"] if line.type in PAYS and line.of]
        if told["status"] != "Paid" or paid is None:
            return
        with self.database.read() as tx:
            known = pulled.known_lines(tx, [self._ref(line.id) for line in lines])
            services = accounts.bound(tx, [self._service(line) for line in lines])
            bound = services.read()
        for line in lines:
            event = Event(
                id=f"pull-line-{line.id}", source=self.name, type=Type.RENEWED,
                occurred_at=paid, client=self._ref(told["userid"]),
                service=self._service(line), line=self._ref(line.id),
                invoice=str(invoice.id), starts=_day(told["duedate"]),
            )  # fmt: skip
            if event.line in known:
                continue
            if event.service in bound:
                yield event
            elif first := self._first(event, line, told["userid"]):
                yield first

    def _first(self, event: Event, line: Line, client: int) -> Event | None:
        """The order nobody told, where it is one of ours."""
        addon, product = None, None
        if line.type == "Addon":
            addon = self.api.addon(client, line.of)
            ref = f"a{addon.addon}" if addon else ""
        else:
            product = self.api.product(str(line.of))
            ref = str(product.product) if product else ""
        name = self.products.get(ref)
        if name is None:
            return None
        target = self._ref(addon.service) if addon else None
        told = replace(event, product=name, target=target)
        if name in self.topups:
            told = replace(told, type=Type.TOPUP, starts=None)
            return ordered.for_whom(told, product, self.names) if product else told
        told = replace(told, type=Type.ACTIVATE, email=self.api.email(client))
        if product:
            told = ordered.sold_along(told, product, self.names)
        sold = product or addon
        return ordered.ranked(told, sold.registered if sold else None)

    # what was said

    def _services(self, now: Pulled, last: Pulled, look: _Look) -> Pulled:
        """Some of them, those that are new, and those whose calls failed."""
        queued = self._queued()
        pages, sweep, known = self._pages(last)
        seen = {one.id for page in pages for one in page}
        failed = islice((id_ for id_ in queued if id_ not in seen), PAGE)
        pages.append([p for id_ in failed if (p := self.api.product(str(id_)))])
        words = (self._words(p, queued, last.since, look.at, look) for p in pages)
        entered = now.entered + sum(self._enter_all(said) for said in words)
        return replace(now, entered=entered, sweep=sweep, services=known)

    def _pages(self, last: Pulled) -> tuple[list[list[Product]], int, int]:
        """From where the last look ended, and behind all it knew; where the next one
        begins, and how many are known by now."""
        pages, start, total = list[list[Product]](), last.sweep, 0
        for _ in range(PAGES):
            page, total = self.api.products(start)
            pages.append(page)
            start += PAGE
            if start >= total:
                return pages, 0, total
        known = last.services or total
        for _ in range(PAGES):
            if known >= total:
                break
            new = max(known, start)
            pages.append(self.api.products(new)[0])
            known = new + PAGE
        return pages, start, min(known, total)

    def _queued(self) -> dict[int, Type]:
        """The calls of our module that failed, and are to be made again."""
        told = self.api.read(answers.Queue, "GetModuleQueue")
        ours = [
            one for one in told["queue"]
            if one["moduleName"] == OURS and one["serviceType"] in {"", "service"}
        ]  # fmt: skip
        named = ((one["serviceId"], _action(one["moduleAction"])) for one in ours)
        return {id_: QUEUED[action] for id_, action in named if action in QUEUED}

    def _words(
        self,
        page: Iterable[Product],
        queued: Mapping[int, Type],
        since: datetime,
        at: datetime,
        look: _Look | None = None,
    ) -> Iterator[Event]:
        """*look*: without it nothing is fresh."""
        these = {self._ref(one.id): one for one in page}
        with self.database.read() as tx:
            bound = accounts.bound(tx, these).read()
            owners = {place.account for place in bound.values()}
            loaded = accounts.load_all(tx, owners).read()
        new = {
            one.id for ref, one in these.items()
            if ref not in bound and self._is_order(one, queued.get(one.id), since)
        }  # fmt: skip
        ripe = self._ripe(SERVICE, new, look) if look else new
        for ref, one in these.items():
            if one.id in ripe:
                yield self._order(ref, one, at)
            account = loaded[bound[ref].account].account if ref in bound else None
            if account and (service := account.service(ref)):
                yield from self._said(one, account, service, queued.get(one.id), at)

    def _is_order(self, one: Product, queued: Type | None, since: datetime) -> bool:
        is_new = one.registered and one.registered >= since.date()
        wanted = queued is Type.ACTIVATE or (one.status == "Active" and is_new)
        name = self.products.get(str(one.product))
        return bool(wanted and name and name not in self.topups)

    def _order(self, ref: str, one: Product, at: datetime) -> Event:
        event = Event(
            id=f"pull-active-{one.id}", source=self.name, type=Type.ACTIVATE,
            occurred_at=at, client=self._ref(one.client), service=ref,
            product=self.products[str(one.product)], email=self.api.email(one.client),
        )  # fmt: skip
        event = ordered.ranked(event, one.registered)
        return ordered.sold_along(event, one, self.names)

    def _said(
        self,
        one: Product,
        account: Account,
        service: Service,
        queued: Type | None,
        at: datetime,
    ) -> Iterator[Event]:
        """What its state there says that nobody told; what waits in its queue is what
        it wants, whatever the state."""
        last = [mark.order.occurred_at for mark in service.marks.values()]
        if not service.alive or (last and at - max(last) < QUIET):
            return
        for type_, hold in _missed(one, service, queued):
            word = type_.rpartition(".")[2]
            yield Event(
                id=f"pull-{word}-{hold}-{one.id}-{account.revision}",
                source=self.name, type=type_, occurred_at=at.replace(microsecond=0),
                client=self._ref(one.client), service=service.ref, hold=hold,
            )  # fmt: skip

    # let in

    def _enter_all(self, events: Iterable[Event]) -> int:
        return sum(self._enter(event) for event in events)

    def _enter(self, event: Event) -> bool:
        """Whether it is news."""
        told = Delivery(event.id, (event,), json.dumps(_kept(event)))
        try:
            return self.inbox.fetched(self.platform, self.name, told).new
        except Reused:
            return False  # The first stands, as it does at the door.

    def _ref(self, native: object) -> str:
        return f"{self.name}:{native}"

    def _service(self, line: Line) -> str:
        return self._ref(f"{PAYS[line.type]}{line.of}")

    def _moment(self, clock: datetime | None) -> datetime | None:
        return clock.replace(tzinfo=ZoneInfo(self.zone)) if clock else None


@dataclass(slots=True)
class _Look:
    """What one look came to so far."""

    at: datetime
    seen_by: datetime
    """What was not there by then is left to its module."""

    left: int
    """So many invoices may still be opened."""

    entered: int = 0
    fresh: int = 0
    """How many are done with that were not before."""

    waiting: int = 0
    """How many are to be opened another time."""

    total: int = 0
    over: bool = False
    """Whether it came to those too old to be looked at."""


def _day(told: date | None) -> datetime | None:
    """A period begins where its invoice is due: by the calendar, as the module says."""
    return datetime.combine(told, time(), UTC) if told else None


def _action(said: str) -> str:
    """It is written as the function's name, or short."""
    return said.casefold().removeprefix("module").removesuffix("account")


def _missed(
    one: Product, service: Service, queued: Type | None
) -> Iterator[tuple[Type, Hold]]:
    suspended = one.status == "Suspended"
    resumed = one.status == "Active" or queued is Type.RESUME
    if one.status in ENDED or queued is Type.TERMINATE:
        yield Type.TERMINATE, Hold.BILLING
    elif queued is Type.SUSPEND or (suspended and queued is not Type.RESUME):
        if not service.holds:
            yield Type.SUSPEND, _hold(one.reason)
    elif resumed:
        for hold in (Hold.BILLING, Hold.MANUAL):
            if hold in service.holds:
                yield Type.RESUME, hold


def _hold(reason: str) -> Hold:
    billing = not reason or OVERDUE in reason.casefold()
    return Hold.BILLING if billing else Hold.MANUAL


def _kept(event: Event) -> dict[str, Any]:
    """As people may read it; the same whenever it is pulled, but for the hour."""
    return {
        "pulled": event.type,
        "service": event.service,
        "line": event.line,
        "product": event.product,
    }
