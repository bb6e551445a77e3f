"""What was said there of services: in what state each is, and which calls failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bridge.channels import whmcs_answers as answers
from bridge.channels import whmcs_options
from bridge.channels.whmcs_answers import Product
from bridge.channels.whmcs_api import PAGE
from bridge.pulls.there import QUIET, SERVICE, Look, There
from bridge.store import accounts, whereabouts
from bridge.store.facts import Pulled
from provisioning.core.account import Account, Service
from provisioning.core.events import Event, Hold, Type

PAGES = 10
"""Read in one look; the next one goes on from there."""

OURS = "switchhook"
"""The name of the module."""

ENDED = {"Terminated", "Cancelled", "Fraud"}
OVERDUE = "overdue"
QUEUED = {"create": Type.ACTIVATE, "suspend": Type.SUSPEND, "unsuspend": Type.RESUME,
          "terminate": Type.TERMINATE}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Services:
    there: There

    def look(self, now: Pulled, last: Pulled, look: Look) -> Pulled:
        """Some of them, those that are new, and those whose calls failed."""
        queued = self.queued()
        pages, sweep, known = self._pages(last)
        seen = {one.id for page in pages for one in page}
        failed = islice((id_ for id_ in queued if id_ not in seen), PAGE)
        pages.append([p for id_ in failed if (p := self.there.api.product(str(id_)))])
        words = (self.words(p, queued, last.since, look.at, look) for p in pages)
        entered = now.entered + sum(self.there.enter_all(said) for said in words)
        return replace(now, entered=entered, sweep=sweep, services=known)

    def _pages(self, last: Pulled) -> tuple[list[list[Product]], int, int]:
        """From where the last look ended, and behind all it knew; where the next one
        begins, and how many are known by now."""
        pages, start, total = list[list[Product]](), last.sweep, 0
        for _ in range(PAGES):
            page, total = self.there.api.products(start)
            pages.append(page)
            start += PAGE
            if start >= total:
                return pages, 0, total
        known = last.services or total
        for _ in range(PAGES):
            if known >= total:
                break
            new = max(known, start)
            pages.append(self.there.api.products(new)[0])
            known = new + PAGE
        return pages, start, min(known, total)

    def queued(self) -> dict[int, Type]:
        """The calls of our module that failed, and are to be made again."""
        told = self.there.api.read(answers.Queue, "GetModuleQueue")
        ours = [
            one for one in told["queue"]
            if one["moduleName"] == OURS and one["serviceType"] in {"", "service"}
        ]  # fmt: skip
        named = ((one["serviceId"], _action(one["moduleAction"])) for one in ours)
        return {id_: QUEUED[action] for id_, action in named if action in QUEUED}

    def words(
        self,
        page: Iterable[Product],
        queued: Mapping[int, Type],
        since: datetime,
        at: datetime,
        look: Look | None = None,
    ) -> Iterator[Event]:
        """*look*: without it nothing is fresh."""
        these = {self.there.ref(one.id): one for one in page}
        with self.there.database.read() as tx:
            bound = whereabouts.bound(tx, these).read()
            owners = {place.account for place in bound.values()}
            loaded = accounts.load_all(tx, owners).read()
        new = {
            one.id for ref, one in these.items()
            if ref not in bound and self._is_order(one, queued.get(one.id), since)
        }  # fmt: skip
        ripe = self.there.ripe(SERVICE, new, look) if look else new
        for ref, one in these.items():
            if one.id in ripe:
                yield self._order(ref, one, at)
            account = loaded[bound[ref].account].account if ref in bound else None
            if account and (service := account.service(ref)):
                yield from self._said(one, account, service, queued.get(one.id), at)

    def _is_order(self, one: Product, queued: Type | None, since: datetime) -> bool:
        is_new = one.registered and one.registered >= since.date()
        wanted = queued is Type.ACTIVATE or (one.status == "Active" and is_new)
        name = self.there.products.get(str(one.product))
        return bool(wanted and name and name not in self.there.topups)

    def _order(self, ref: str, one: Product, at: datetime) -> Event:
        there = self.there
        event = Event(
            id=f"pull-active-{one.id}", source=there.name, type=Type.ACTIVATE,
            occurred_at=at, client=there.ref(one.client), service=ref,
            product=there.products[str(one.product)], email=there.api.email(one.client),
        )  # fmt: skip
        event = whmcs_options.ranked(event, one.registered)
        return whmcs_options.sold_along(event, one, there.names)

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
                source=self.there.name, client=self.there.ref(one.client),
                type=type_, occurred_at=at.replace(microsecond=0),
                service=service.ref, hold=hold,
            )  # fmt: skip


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
