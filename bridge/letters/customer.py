"""A mail to a customer: put into words when it is sent, by what is true then.

What it tells has been noted with what brought it about. It leaves once the backend is
as it should be, and not at all where things have moved on meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bridge.clock import calendar
from bridge.config import Brand, Shop
from bridge.editions import Editions
from bridge.letters import tongue, topics
from bridge.letters.facts import FACTS, WORD, Case
from bridge.letters.topics import Facts
from bridge.mails import key_of
from bridge.store import accounts, attempts, outbox, shop_orders, standing
from bridge.store.database import Database
from bridge.store.outbox import Delivery, Needless, NotYet, State
from bridge.words import Speech
from provisioning.core import acting, news
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim
from provisioning.core.money import Money
from provisioning.core.news import Topic

PART = 4
"""It is looked at again after so great a part of the time it already waits."""

SOONEST, LATEST = timedelta(seconds=5), timedelta(minutes=30)
SUMS = {Topic.TOPUP_APPLIED, Topic.TOPUP_DELAYED}
AT_ONCE = {Topic.REMINDER, Topic.REVOKE_WARNING, Topic.SCHEDULED, Topic.TRIAL_ENDING}
"""What nothing has to be done for at the backend."""


@dataclass(frozen=True, slots=True)
class CustomerLetter:
    database: Database
    editions: Editions
    brands: Mapping[str, Brand]
    wanted: Mapping[str, Collection[str]]
    shops: Mapping[str, Shop] = field(default_factory=dict)

    def __call__(self, held: Delivery, at: datetime) -> Mapping[str, Any]:
        """Its words; Needless, where nobody wants or needs to hear it any more."""
        source, topic = str(held.content["source"]), Topic(held.content["topic"])
        brand = self.brands.get(source)
        if brand is None or topic not in self.wanted.get(source, ()):
            raise Needless(f'these mails of "{source}" are not sent by us any more')
        account, catalog, said = self._known(held, brand)
        zone = calendar(catalog.terms.zone)
        if topic in SUMS:
            facts = self._of_sum(held, account, topic, at)
        elif topic is Topic.RENEWAL_READY:
            facts = self._of_order(self._case(held, account, catalog, at, said, zone))
        else:
            facts = _facts(self._case(held, account, catalog, at, said, zone), topic)
            self._wait(held, account, topic, at)
        mail = topics.letter(topic, facts, brand, said, zone)
        return {**mail, "to": account.email}

    def _known(self, held: Delivery, brand: Brand) -> tuple[Account, Catalog, Speech]:
        with self.database.read() as tx:
            account = accounts.load(tx, str(held.content["account"]))
            catalog = self.editions.now(tx, account.services if account else ())
            said = tongue.of(tx, account, brand)
        if account is None or not account.email:
            raise Needless("there is nobody to tell, or no address")
        return account, catalog, said

    def _wait(
        self, held: Delivery, account: Account, topic: Topic, at: datetime
    ) -> None:
        """Until it is done, as far as it has to be."""
        if topic in AT_ONCE:
            return
        of, word = str(held.content["of"]), WORD.search(str(held.content["of"]))
        with self.database.read() as tx:
            done = not word or standing.is_done(tx, int(word[1]))
            ready = done and standing.is_in_line(tx, account.id, at)
            off = key_of(account.id, Topic.SUSPENDED, of)
            before = outbox.keyed(tx, off) if topic is Topic.RESUMED else None
        if before and before.state is State.WITHDRAWN:
            raise Needless("nobody was told that it was off")
        if before and before.state is State.WAITING:
            ready = False
        if not ready:
            raise _later(held, at)

    def _case(
        self, held: Delivery, account: Account, catalog: Catalog, at: datetime,
        said: Speech, zone: tzinfo,
    ) -> Case:  # fmt: skip
        service = account.service(str(held.content["service"]))
        if service is None:
            raise Needless("there is no such service any more")
        was, of = held.content["was"], str(held.content["of"])
        before = (str(was[0]), int(was[1])) if was else None
        shop = self.shops.get(account.source)
        called = shop.titled if shop else str
        return Case(account, service, catalog, at, of, before, said, zone, called)

    def _of_order(self, case: Case) -> Facts:
        """Its sum as it was ordered; Needless, where it waits for no money any more."""
        with self.database.read() as tx:
            order = shop_orders.one(tx, case.of)
        shop = self.shops.get(case.account.source)
        due = acting.since(case.account, case.service, case.catalog)
        if order is None or order.state is not shop_orders.State.OPEN or not shop:
            raise Needless("it is paid, or called off")
        if due is None:
            raise Needless("it ends, or has ended")
        rows = (
            (
                topics.PLAN,
                case.many(str(order.said["product"]), order.said["quantity"]),
            ),
            (topics.AMOUNT, Money(order.amount, order.currency)),
            (topics.DUE, due),
            (topics.ORDER, order.id),
        )
        parts = {"account": case.account.username, "plan": case.plan, "day": due}
        said = (shop.pay,) if shop.pay else ()
        return Facts(parts, said=said, rows=rows, link=f"{shop.url}/orders/{order.id}")

    def _of_sum(
        self, held: Delivery, account: Account, topic: Topic, at: datetime
    ) -> Facts:
        with self.database.read() as tx:
            found = standing.sum_of(tx, account.id, str(held.content["of"]))
            last = attempts.last_balance(tx, account.id)
        if found is None:
            raise Needless("this sum is another account's now")
        amount, balance = _sum(*found, topic, held, at), last[0] if last else None
        rows = (
            (topics.BALANCE, Money(balance, account.currency)),
        ) if balance is not None and topic is Topic.TOPUP_APPLIED else ()  # fmt: skip
        return Facts({"account": account.username, "amount": amount}, rows=rows)


def _sum(claim: Claim, state: str, topic: Topic, held: Delivery, at: datetime) -> Money:
    settled, waits = state == "settled", state in {"open", "parked"}
    if not settled and not waits:
        raise Needless("it was paid back, or is to be")
    if settled and topic is Topic.TOPUP_DELAYED:
        raise Needless("it is there by now")
    if waits and topic is Topic.TOPUP_APPLIED:
        raise _later(held, at)
    return claim.money


def _later(held: Delivery, at: datetime) -> Exception:
    waits = at - held.made_at
    if waits > news.LATE:
        return Needless("it took too long to be done; it is no news any more")
    return NotYet(max(SOONEST, min(LATEST, waits / PART)))


def _facts(case: Case, topic: Topic) -> Facts:
    found = FACTS[topic](case)
    if found is None:
        raise Needless("things have moved on")
    parts = {"account": case.account.username, "plan": case.plan, **found.parts}
    return Facts(parts, found.lines, found.said, found.rows)
