"""A service of who asks: with its account, and the terms it was and is sold by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import sqlalchemy as sa

from bridge import panels
from bridge.panels import Status
from bridge.store import accounts, shop_orders, whereabouts
from bridge.store.shop_orders import ShopOrder
from bridge.web.shop.visit import Visit
from bridge.words import retold
from provisioning.core import acting, status
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.panel import Panel
from provisioning.core.prices import PriceList
from provisioning.core.sentences import Sentence
from provisioning.core.subscribed import lists


@dataclass(frozen=True, slots=True)
class His:
    account: Account
    service: Service
    catalog: Catalog
    at: datetime
    waits: ShopOrder | None
    """A change or renewal of it that waits for its money."""

    @property
    def ref(self) -> str:
        return self.service.ref

    @property
    def path(self) -> str:
        return path(self.ref)

    @property
    def prices(self) -> PriceList:
        """By which it goes on."""
        _, sold = lists(
            self.service, self.service.package, self.catalog, self.account.group
        )
        return sold

    @property
    def status(self) -> Status:
        live = self.account.remote is not None
        facts = status.facts(
            self.account, self.service, self.catalog, self.at, live=live
        )
        trial = status.trial_of(self.account, self.service, self.catalog)
        return status.status(facts, trial, self.at)

    @property
    def panel(self) -> Panel | None:
        return self.shown(self.status)

    def shown(self, status: Status) -> Panel | None:
        """The same, where its status was reckoned already."""
        return panels.shown(self.account, self.service, self.catalog, status, self.at)

    @property
    def until(self) -> datetime | None:
        """The end of all that is paid for, or tried, with what coupons moved."""
        lies = acting.along(self.account, self.service, self.catalog)
        tried = acting.tried_until(self.account, self.service, self.catalog)
        return lies.paid_until or tried

    @property
    def ends(self) -> datetime | None:
        """When it ends by itself."""
        return acting.ending(self.account, self.service, self.catalog)


def his(visit: Visit, ref: str) -> His:
    """LookupError, where it is another's: a name may come in a form, too."""
    with visit.parts.database.read() as tx:
        found = _of(tx, ref)
        if found is None or found[0].client != visit.buyer.scope.client:
            raise LookupError(visit.say("There is no such thing, or it is not yours."))
        account, service = found
        catalog = visit.parts.editions.now(tx, account.services)
        waits = shop_orders.under_way(tx, ref)
    return His(account, service, catalog, visit.at, waits)


def _of(tx: sa.Connection, ref: str) -> tuple[Account, Service] | None:
    account = accounts.load(tx, whereabouts.of_service(tx, ref) or "")
    service = account.service(ref) if account else None
    return (account, service) if account and service else None


def words(visit: Visit, said: Sentence | None) -> str:
    """In his language; what is meant for staff is not for him."""
    return retold.told(said, visit.speech, visit.zone) or visit.say(
        "That cannot be done; write to us."
    )


def plainly(visit: Visit, said: Sentence | None) -> str | None:
    return retold.plainly(said, visit.speech, visit.zone)


def path(ref: str) -> str:
    return f"/services/{quote(ref, safe=':')}"
