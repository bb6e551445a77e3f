"""A service of who asks: with its account, and the terms it was and is sold by."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

import sqlalchemy as sa

from bridge import panels
from bridge.panels import Status
from bridge.store import accounts, shop_orders, whereabouts
from bridge.store.shop_orders import ShopOrder
from bridge.web.shop import called
from bridge.web.shop.visit import Visit
from bridge.words import render, told
from provisioning.core import acting, status
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.panel import Panel
from provisioning.core.prices import PriceList
from provisioning.core.sentences import Sentence
from provisioning.core.subscribed import lists

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
SUM = re.compile(r"-?\d+(\.\d+)? [A-Z]{3}")
"""As `minute` and `Money` write what stands in a sentence of the rules."""

DATA = {"data_locked", "data_rests", "data_gone"}
"""What is said of a limit by its name."""


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
    plain = _in_his_way(visit, said)
    return told(plain, visit.speech.language) or visit.say(
        "That cannot be done; write to us."
    )


def plainly(visit: Visit, said: Sentence | None) -> str | None:
    return render(_in_his_way(visit, said), visit.speech.language)


def _in_his_way(visit: Visit, said: Sentence | None) -> Sentence | None:
    """Days, sums and limits as his language says them; the rules know none."""
    if said is None:
        return None
    limits = {"capacity", "name"} if said.code in DATA else {"capacity"}
    each = (
        (part, called.limit(visit.speech, value) if part in limits
         else _called(visit, value))
        for part, value in said.parts
    )  # fmt: skip
    return replace(said, parts=tuple(each))


def _called(visit: Visit, value: str) -> str:
    if MOMENT.fullmatch(value):
        at = datetime.strptime(value, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
        return visit.speech.moment(at, visit.zone)
    sums = value.split(" / ")
    if all(map(SUM.fullmatch, sums)):
        each = (one.split() for one in sums)
        return " / ".join(visit.speech.money(Decimal(a), c) for a, c in each)
    return value


def path(ref: str) -> str:
    return f"/services/{quote(ref, safe=':')}"
