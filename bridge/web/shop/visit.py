"""A request to a shop: which brand's, in which language, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bridge.access.customers import Buyer
from bridge.parts import Parts
from bridge.store import accounts, customers, whereabouts
from bridge.store.customers import Customer
from bridge.web.asked import Asked
from bridge.web.shop.fronts import Front
from bridge.words.speech import Speech
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog, Package
from provisioning.core.prices import PriceList


@dataclass(frozen=True)
class Visit:
    asked: Asked
    front: Front
    speech: Speech

    def say(self, words: str, **parts: object) -> str:
        """In the visitor's language."""
        return self.speech.say(words, **parts)

    @property
    def parts(self) -> Parts:
        return self.asked.parts

    @property
    def told(self) -> Mapping[str, Any]:
        return self.asked.told

    @property
    def order(self) -> Callable[..., dict[str, Any]]:
        return self.asked.order

    @property
    def now(self) -> datetime:
        """Real time."""
        return self.asked.now

    @property
    def at(self) -> datetime:
        """Business time."""
        return self.asked.at

    @property
    def buyer(self) -> Buyer:
        return self.asked.buyer

    @property
    def is_known(self) -> bool:
        return self.asked.principal is not None

    @cached_property
    def zone(self) -> ZoneInfo:
        """Of the terms that were applied last, whatever is written."""
        return ZoneInfo(self.parts.catalog.terms.zone)

    @property
    def channel(self) -> str:
        """The way its mails go."""
        return self.parts.config.login_channel

    def customer(self, tx: sa.Connection) -> Customer:
        found = customers.one(tx, self.buyer.name)
        if found is None:
            raise LookupError(self.say("You are not known here any more."))
        return found

    def accounts(self, tx: sa.Connection) -> list[Account]:
        """All that are his client's, the first first."""
        client = self.buyer.scope.client
        places = whereabouts.of_clients(tx, [client]).read().get(client, ())
        loaded = accounts.load_all(tx, [place.account for place in places]).read()
        return [loaded[id_].account for id_ in sorted(loaded)]

    def sold(self, catalog: Catalog) -> dict[str, Package]:
        """The packages this brand sells, by name."""
        shop = self.front.shop
        return {
            name: package
            for name, package in catalog.packages.items()
            if package.price.currency == shop.currency
            and (not shop.sells or name in shop.sells)
        }

    def prices(self, catalog: Catalog) -> PriceList:
        """By which a new customer here buys."""
        return PriceList(self.sold(catalog), catalog.terms, self.group(catalog))

    def group(self, catalog: Catalog) -> str | None:
        """The customer group of this brand, where its prices are its own.

        None, as long as the catalog they stand in is not applied.
        """
        own = self.front.source
        return own if own in catalog.terms.groups else None

    def base(self, catalog: Catalog) -> PriceList:
        """What the same costs the reseller."""
        return PriceList(catalog.packages, catalog.terms)
