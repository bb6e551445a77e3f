"""A look at all a platform has: what of it nobody told is let in, or only named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from bridge.channels.whmcs_api import PAGE
from bridge.channels.whmcs_options import SLACK
from bridge.pulls.invoices import BACK, Invoices
from bridge.pulls.services import Services
from bridge.pulls.there import INVOICE, QUIET, SERVICE, Look, There
from bridge.store import facts, pulled
from bridge.store.facts import Pulled
from provisioning.core.events import Event, Type

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
OPENED = 200
"""Invoices opened in one look."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pull:
    there: There
    tick: str = ""
    """How it is called that looks by itself; a person may ask for it."""

    @property
    def name(self) -> str:
        return self.there.name

    def look(self, at: datetime) -> None:
        """What is fresh is left to its module, unless a person asked for all."""
        with self.there.database.read() as tx:
            asked, last = facts.asked(tx, self.tick), facts.pulled(tx, self.name)
        wanted = asked and (last is None or asked >= last.until)
        self.run(at, QUIET if not wanted else timedelta())

    def run(self, at: datetime, quiet: timedelta = timedelta()) -> None:
        """Later and the others say what stood in the way; nothing is skipped by that:
        the next time begins where this one did. *quiet*: for how long it must have been
        seen there that its module never told."""
        since = self.there.live or at
        with self.there.database.read() as tx:
            last = facts.pulled(tx, self.name) or Pulled(since, since)
        look = Look(at, at - quiet, OPENED)
        now = replace(last, until=at, entered=0)
        now = Invoices(self.there).look(now, last, look)
        now = Services(self.there).look(now, last, look)
        with self.there.database.change() as tx:
            facts.pull(tx, self.name, now)
        if now.entered:
            log.warning(
                "%s had told nothing of %d events; they are in", self.name, now.entered
            )

    # only looked at

    def unheard(self, back: timedelta, at: datetime) -> Iterator[Event]:
        """What was paid in that time and nobody told, whatever was looked at before."""
        since = max(self.there.since(at), at - back)
        invoices = Invoices(self.there)
        for invoice in _every(self.there.api.paid):
            if invoice.made and invoice.made < (at - BACK).date():
                return
            paid = self.there.moment(invoice.paid)
            if paid and paid >= since - SLACK:
                yield from self.there.news(invoices.lines(invoice))

    def said_of_all(
        self, at: datetime
    ) -> Iterator[tuple[Collection[int], Iterator[Event]]]:
        """Page by page: the services there are, and what of them nobody told."""
        services = Services(self.there)
        queued, since = services.queued(), self.there.since(at)
        products = _every(self.there.api.products)
        while page := list(islice(products, PAGE)):
            words = services.words(page, queued, since, at)
            yield [one.id for one in page], self.there.news(words)

    def is_fresh(self, event: Event, at: datetime) -> bool:
        """Whether its module may tell it yet."""
        what, id_ = INVOICE, event.invoice or ""
        if not event.invoice:
            what, id_ = SERVICE, (event.service or "").removeprefix(f"{self.name}:")
        orders = event.invoice or event.type == Type.ACTIVATE
        if not (orders and id_.isascii() and id_.isdecimal()):
            return False
        with self.there.database.read() as tx:
            there = pulled.seen_since(tx, self.name, what, [int(id_)], at - QUIET)
            if what == INVOICE:
                there |= pulled.opened(tx, self.name, [int(id_)])
        return not there

    def has(self, native: str) -> bool:
        return self.there.api.product(native) is not None


def _every(pages: Callable[[int], tuple[list[T], int]]) -> Iterator[T]:
    start, total = 0, 1
    while start < total:
        page, total = pages(start)
        yield from page
        start += PAGE
