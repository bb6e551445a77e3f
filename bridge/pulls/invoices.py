"""What was paid there: the newest invoices, and bit by bit the older ones again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.channels import whmcs_answers as answers
from bridge.channels import whmcs_options
from bridge.channels.whmcs_answers import Invoice, Line
from bridge.channels.whmcs_api import PAGE
from bridge.channels.whmcs_options import SLACK
from bridge.pulls.there import INVOICE, Look, There, day
from bridge.store import pulled, whereabouts
from bridge.store.facts import Pulled
from provisioning.core.events import Event, Type

BACK = timedelta(days=90)
"""How old an invoice may be that is only paid now."""

OLDER, DEEPEST = 2, 30
"""Pages read in one look: of older invoices, and of the newest while more are paid than
before. The next look goes on from there."""

PAYS = {"Hosting": "", "Addon": "a"}
"""The types of invoice lines that pay for a service, and how its ref begins. Funds
added, an invoice paid by another, an upgrade: none of them is a period or a top-up."""


@dataclass(frozen=True, slots=True)
class Invoices:
    there: There

    def look(self, now: Pulled, last: Pulled, look: Look) -> Pulled:
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
            with self.there.database.change() as tx:
                pulled.forget(tx, self.there.name, last.until - BACK - BACK)
        counted = last.paid is not None and look.total - last.paid > look.fresh
        all_ = look.total - look.waiting
        paid = (last.paid or 0) + look.fresh if counted else all_
        return replace(
            now,
            entered=look.entered,
            paid=all_ if look.over else paid,
            older=last.older if not look.left else 0 if look.over else older,
        )

    def _page(self, start: int, last: Pulled, look: Look) -> None:
        found, look.total = self.there.api.paid(start)
        ends = (last.until - BACK).date()
        these = [one for one in found if not one.made or one.made >= ends]
        with self.there.database.read() as tx:
            known = pulled.opened(tx, self.there.name, [one.id for one in these])
        new = [one for one in these if one.id not in known]
        ours = [one.id for one in new if self._is_ours(one, last)]
        ripe, done = self.there.ripe(INVOICE, ours, look), dict[int, datetime]()
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
                done[one.id] = day(one.made) or last.until
        finally:
            with self.there.database.change() as tx:
                pulled.note(tx, self.there.name, done)
        look.over = len(these) < len(found) or start + PAGE >= look.total

    def _is_ours(self, invoice: Invoice, last: Pulled) -> bool:
        paid = self.there.moment(invoice.paid)
        return paid is not None and paid >= last.since - SLACK

    def _opened(self, invoice: Invoice, look: Look) -> bool:
        """Whether all of it could be read; what could not may be another time."""
        found = list(self.lines(invoice))
        look.entered += self.there.enter_all(found)
        return not any(event.id.endswith(whmcs_options.UNREAD) for event in found)

    def lines(self, invoice: Invoice) -> Iterator[Event]:
        told = self.there.api.read(answers.Lines, "GetInvoice", invoiceid=invoice.id)
        paid = self.there.moment(told["datepaid"] or invoice.paid)
        lines = [line for line in told["items"] if line.type in PAYS and line.of]
        if told["status"] != "Paid" or paid is None:
            return
        with self.there.database.read() as tx:
            known = pulled.known_lines(tx, [self.there.ref(line.id) for line in lines])
            services = whereabouts.bound(tx, [self._service(line) for line in lines])
            bound = services.read()
        for line in lines:
            event = Event(
                id=f"pull-line-{line.id}", source=self.there.name, type=Type.RENEWED,
                occurred_at=paid, client=self.there.ref(told["userid"]),
                service=self._service(line), line=self.there.ref(line.id),
                invoice=str(invoice.id), starts=day(told["duedate"]),
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
            addon = self.there.api.addon(client, line.of)
            ref = f"a{addon.addon}" if addon else ""
        else:
            product = self.there.api.product(str(line.of))
            ref = str(product.product) if product else ""
        name = self.there.products.get(ref)
        if name is None:
            return None
        target = self.there.ref(addon.service) if addon else None
        told = replace(event, product=name, target=target)
        if name in self.there.topups:
            told, names = replace(told, type=Type.TOPUP, starts=None), self.there.names
            return whmcs_options.for_whom(told, product, names) if product else told
        told = replace(told, type=Type.ACTIVATE, email=self.there.api.email(client))
        if product:
            told = whmcs_options.sold_along(told, product, self.there.names)
        sold = product or addon
        return whmcs_options.ranked(told, sold.registered if sold else None)

    def _service(self, line: Line) -> str:
        return self.there.ref(f"{PAYS[line.type]}{line.of}")
