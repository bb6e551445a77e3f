"""When a customer is mailed, or his reseller's system told: noted in the commit of what
it tells, once by its key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from bridge.billing import hooked
from bridge.billing.hooked import What
from bridge.store import outbox
from bridge.store.drafts import Writes
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim, Kind
from provisioning.core.news import News, Topic, news

KIND = "customer"
"""How the content of such a delivery is told from others."""

PATIENCE = timedelta(hours=1)
"""How long a top-up may take before its buyer hears that it takes longer."""


@dataclass(frozen=True, slots=True)
class Mails:
    """Of which sources we mail what. Of all else their platform does."""

    topics: Mapping[str, Collection[str]] = field(default_factory=dict)
    channel: str = "mail"
    hooks: Collection[str] = ()
    """The sources whose own system is told what their services become."""

    def note(
        self, tx: Writes, was: Account, now: Account, catalog: Catalog, at: datetime
    ) -> None:
        """What there is to tell by now; of one that is only looked at, nothing."""
        wanted = self._wanted(now)
        heard = hooked.EFFECTS if self._is_heard(now) else set()
        for each in news(was, now, catalog, at) if wanted or heard else ():
            if each.topic in wanted:
                self._add(tx, now, each, at)
            if each.topic in heard:
                key = key_of(now.id, f"{What.CHANGED}:{each.topic}", each.of)
                hooked.tell_effect(tx, key, now, each, at)

    def booked(
        self, tx: Writes, account: Account, sums: Sequence[Claim], at: datetime
    ) -> None:
        """Of a top-up its buyer hears when it is there, or that it takes long."""
        wanted = self._wanted(account)
        for one in sums if wanted else ():
            if one.kind is not Kind.TOPUP:
                continue
            if Topic.TOPUP_APPLIED in wanted:
                told = News(Topic.TOPUP_APPLIED, "", one.key)
                self._add(tx, account, told, at)
            if Topic.TOPUP_DELAYED in wanted:
                told = News(Topic.TOPUP_DELAYED, "", one.key)
                self._add(tx, account, told, at, due=at + PATIENCE)

    def renewal(
        self, tx: Writes, account: Account, service: str, order: str, at: datetime
    ) -> None:
        """Of an order that was made by itself: its name says which period it is of."""
        if Topic.RENEWAL_READY in self._wanted(account):
            self._add(tx, account, News(Topic.RENEWAL_READY, service, order), at)

    def _wanted(self, account: Account) -> Collection[str]:
        return () if account.observed_at else self.topics.get(account.source, ())

    def _is_heard(self, account: Account) -> bool:
        return not account.observed_at and account.source in self.hooks

    def _add(
        self,
        tx: Writes,
        account: Account,
        told: News,
        at: datetime,
        due: datetime | None = None,
    ) -> None:
        key = key_of(account.id, told.topic, told.of)
        outbox.add(tx, key, self.channel, content(account, told), at, due)


def key_of(account: str, topic: str, of: str) -> str:
    """What it tells names it; a long name, or one with blanks, by its hash."""
    key = f"{topic}/{account}/{of}"
    if outbox.KEY.fullmatch(key):
        return key
    return f"{topic}/{account}/{sha256(of.encode()).hexdigest()}"


def content(account: Account, told: News) -> dict[str, object]:
    """Only of what: the words, and what is true then, are looked up when it is sent."""
    return {
        "type": KIND,
        "topic": told.topic.value,
        "source": account.source,
        "account": account.id,
        "service": told.service,
        "of": told.of,
        "was": list(told.was) if told.was else None,
    }
