"""Renewal by itself: the order of a next period, made some days before it is due.

Nothing is charged: it waits for its money as any other order does. There is one for
each service and period, by its key; beside another that waits for the same service
there is none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.access.who import ITSELF
from bridge.billing import hooked, purchased
from bridge.billing.hooked import What
from bridge.clock import Clock
from bridge.commands import Order, Told
from bridge.config import Config, Shop
from bridge.config.shops import KIND
from bridge.editions import Editions
from bridge.keys import hashed
from bridge.mails import Mails
from bridge.store import accounts, audit, renewals, shop_orders, whereabouts
from bridge.store.database import Database
from bridge.store.shop_orders import Kind, ShopOrder, State
from bridge.ticks import Tick
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Type
from provisioning.core.margins import at_base
from provisioning.core.outcomes import Later
from provisioning.core.prices import PriceList
from provisioning.core.upcoming import Upcoming, upcoming

log = logging.getLogger(__name__)

RENEWALS = "renewals"
EVERY = timedelta(hours=1)
PAGE = 200
ORDER, METHOD = "or_", "manual"


def shops(config: Config) -> dict[str, Shop]:
    """Those that take their money themselves; of all others their platform renews."""
    return {
        name: shop
        for name, shop in config.shops.items()
        if config.sources[name]["kind"] == KIND
    }


def key(of: Upcoming) -> str:
    """In place of a promised price: there is one order by it, and no other."""
    return hashed(f"renewal of {of.of}")


def placed(tx: sa.Connection, source: str, of: Upcoming) -> ShopOrder | None:
    """The one that was made by itself for that period, whatever became of it."""
    return shop_orders.of_quote(tx, source, key(of))


@dataclass(frozen=True, slots=True)
class Renewing:
    database: Database
    clock: Clock
    editions: Editions
    shops: Mapping[str, Shop]
    mails: Mails

    @property
    def tick(self) -> Tick:
        return Tick(RENEWALS, EVERY, self.run)

    def run(self, at: datetime) -> None:
        """Later, where one of them could not be ordered: the others are."""
        failed = [ref for ref in self._due(at) if not self._ordered(ref)]
        if failed:
            raise Later(
                f"{len(failed)} renewals could not be ordered, {failed[0]} the first;"
                " the log says why"
            )

    def _due(self, at: datetime) -> Iterator[str]:
        """The services whose time has come, as far as one look tells."""
        after = ""
        while True:
            with self.database.read() as tx:
                page = renewals.automatic(tx, self.shops, after, PAGE)
                due = self._of_page(tx, page, at)
            yield from due
            if len(page) < PAGE:
                return
            after = page[-1]

    def _of_page(self, tx: sa.Connection, page: list[str], at: datetime) -> list[str]:
        places = whereabouts.bound(tx, page).read()
        ids = {place.account for place in places.values()}
        known = accounts.load_all(tx, sorted(ids)).read()
        sold = [s for one in known.values() for s in one.account.services]
        catalog = self.editions.now(tx, sold)
        found = []
        for ref in page:
            one = known.get(places[ref].account) if ref in places else None
            if one and self._looks_due(one.account, ref, catalog, at):
                found.append(ref)
        return found

    def _looks_due(
        self, account: Account, ref: str, catalog: Catalog, at: datetime
    ) -> bool:
        try:
            return self._is_time(account, ref, catalog, at) is not None
        except (ValueError, LookupError):
            return True  # That it cannot be reckoned is said where it is ordered.

    def _is_time(
        self, account: Account, ref: str, catalog: Catalog, at: datetime
    ) -> Upcoming | None:
        """What is due of it, where that is to be ordered by now."""
        service, shop = account.service(ref), self.shops.get(account.source)
        of = upcoming(account, service, catalog, at) if service and shop else None
        return of if of and shop and of.is_time(shop.renewal_ahead, at) else None

    def _ordered(self, ref: str) -> bool:
        """Whether that went well, ordered or not."""
        try:
            with self.database.change() as tx:
                self._order(tx, ref, self.clock.now())
        except Exception:
            log.exception("the renewal of %s could not be ordered", ref)
            return False
        return True

    def _order(self, tx: sa.Connection, ref: str, at: datetime) -> None:
        """As it is now, with whoever settles an order of it kept waiting: what was paid
        counts by now, or is waited for."""
        shop_orders.lock(tx, ref)
        chosen = renewals.of(tx, [ref]).get(ref)
        if not (chosen and chosen.automatic):
            return
        if shop_orders.waits(tx, ref) or purchased.unheard(tx, ref):
            return
        account = accounts.load(tx, whereabouts.of_service(tx, ref) or "")
        service = account.service(ref) if account else None
        if account is None or service is None:
            return
        catalog = self.editions.now(tx, account.services)
        of = self._is_time(account, ref, catalog, at)
        if of:
            self._place(tx, account, service, catalog, of, at)

    def _place(
        self, tx: sa.Connection, account: Account, service: Service, catalog: Catalog,
        of: Upcoming, at: datetime,
    ) -> None:  # fmt: skip
        before = shop_orders.last(tx, account.client or "", service.ref)
        if before is None:
            return
        said = order(account, service, catalog, of, before)
        if not shop_orders.add(tx, State.OPEN, **said, made_at=at):
            return
        made = shop_orders.one(tx, said["id"])
        if made is None:
            raise LookupError(f"order {said['id']} was added and is not there")
        hooked.tell(tx, What.PLACED, made, at)
        self.mails.renewal(tx, account, service.ref, made.id, at)
        about = {"order": made.id, "service": service.ref, "amount": str(made.amount)}
        audit.note(tx, ITSELF, "shop.renewal", about, {"of": of.of}, at)


def order(
    account: Account, service: Service, catalog: Catalog, of: Upcoming,
    before: ShopOrder,
) -> Told:  # fmt: skip
    """As who ordered before would order it himself, and pay it by hand."""
    offer, base = of.offer, PriceList(catalog.packages, catalog.terms)
    due = offer.amount_due
    said = purchased.said(account, service, catalog, offer, Type.RENEWED, begins=True)
    return {
        "id": ORDER + key(of)[:16],
        "source": account.source,
        "client": account.client,
        "customer": before.customer,
        "quote": key(of),
        "kind": Kind.RENEWAL,
        "service": service.ref,
        "said": said | {"asks": False},
        "lines": purchased.lines(offer),
        "amount": due.amount,
        "base": at_base(offer, base).amount,
        "currency": due.currency,
        "method": METHOD,
        "payer": dict(before.payer),
    }


def _choose(
    tx: sa.Connection, at: datetime, service: str, automatic: bool, by: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:  # fmt: skip
    """Whether it is renewed by itself from now on."""
    account = accounts.load(tx, whereabouts.of_service(tx, service) or "")
    found = account.service(service) if account else None
    if account is None or found is None or not found.alive:
        raise LookupError(f"there is no service {service} that lives")
    if automatic and shop_orders.last(tx, account.client or "") is None:
        raise LookupError(
            f"nobody ever ordered for the client of {service}, so nobody is known who"
            " pays; let it be renewed by hand once"
        )
    renewals.choose(tx, service, account.source, automatic, by, at)
    return {"service": service, "automatic": automatic}


ORDERS: Mapping[str, Order] = {"renewal.choose": _choose}
