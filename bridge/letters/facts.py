"""What is true of each mail when it is written; nothing, where things have moved on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bridge.letters import topics
from bridge.letters.topics import Facts
from bridge.words import Speech
from bridge.words.retold import told
from provisioning.core import acting, news, owing, retention, telling
from provisioning.core.account import LIFE, SOLD, Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice
from provisioning.core.dues import Due, What
from provisioning.core.events import Hold
from provisioning.core.money import Money
from provisioning.core.news import Topic
from provisioning.core.terms import Mode

WORD = re.compile(r"/word-(\d+)")
WHY_OFF = {
    Hold.BILLING: topics.UNPAID,
    Hold.ABUSE: topics.ABUSE,
    Hold.MANUAL: topics.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Case:
    """All that a mail is made of."""

    account: Account
    service: Service
    catalog: Catalog
    at: datetime
    of: str
    was: tuple[str, int] | None
    """The plan it had, and how many of it."""

    said: Speech
    zone: tzinfo
    called: Callable[[str], str]
    """What a plan is called where he buys it."""

    @property
    def plan(self) -> str:
        return self.called(self.service.package)

    @property
    def owed(self) -> dict[What, Due]:
        steps = acting.owed(self.account, self.service, self.catalog)
        return {step.what: step for step in steps}

    @property
    def paid_until(self) -> datetime | None:
        if not self.service.periods:
            return None
        return acting.along(self.account, self.service, self.catalog).paid_until

    @property
    def now(self) -> str:
        return self.many(self.service.package, self.service.quantity)

    @property
    def before(self) -> str | None:
        return self.many(*self.was) if self.was else None

    def many(self, package: str, count: int) -> str:
        return f"{self.said.number(count)} × {self.called(package)}"

    def moment(self, what: What) -> datetime | None:
        return self.owed[what].at if what in self.owed else None


def _reminder(case: Case) -> Facts | None:
    due = case.owed.get(What.RENEW)
    if due is None or due.at <= case.at or not _is_of(case, due):
        return None
    rows = ((topics.AMOUNT, _amount(case)), (topics.DUE, due.at))
    return Facts({"day": due.at}, rows=rows)


def _amount(case: Case) -> Money | None:
    """What is to be paid; nothing, where its price is not known any more."""
    service, catalog = case.service, case.catalog
    names = (service.package, *(name for name, _ in service.extras))
    if not all(catalog.package_of(service, name) for name in names):
        return None
    return owing.debt(
        service, case.account.trial(service.ref), catalog,
        acting.terms(service, catalog), case.at, case.account.group,
    )  # fmt: skip


def _renewed(case: Case) -> Facts | None:
    if not case.service.alive:
        return None
    return Facts({}, rows=((topics.PAID_UNTIL, case.paid_until),))


def _suspended(case: Case) -> Facts | None:
    off = news.off(case.account, case.service, case.catalog, case.at)
    if off is None or off.of != case.of:
        return None
    held = acting.holds(case.account, case.service, case.catalog, case.at)
    # Abuse and an admin's word are not lifted by a payment.
    why = next(hold for hold in (Hold.ABUSE, Hold.MANUAL, Hold.BILLING) if hold in held)
    ends = case.moment(What.REVOKE)
    rows = ((topics.SINCE, off.since), (topics.ENDS, ends))
    return Facts({}, (WHY_OFF[why],), rows=rows)


def _resumed(case: Case) -> Facts | None:
    off = news.off(case.account, case.service, case.catalog, case.at)
    if off or not case.service.alive:
        return None
    return Facts({}, rows=((topics.PAID_UNTIL, case.paid_until),))


def _revoke_warning(case: Case) -> Facts | None:
    revoke = case.owed.get(What.REVOKE)
    if revoke is None or not _is_of(case, revoke):
        return None
    if not revoke.at - news.AHEAD <= case.at < revoke.at:
        return None
    rows = ((topics.AMOUNT, _amount(case)), (topics.ENDS, revoke.at))
    return Facts({"day": revoke.at}, rows=rows)


def _ended(case: Case) -> Facts | None:
    life = case.service.marks.get(LIFE)
    if case.service.alive or life is None or not _is_word(case, life.order.arrival):
        return None
    keep = case.catalog.retentions.get(case.account.backend)
    until = retention.due(case.account, keep)
    lines = (topics.KEPT_UNTIL if until else topics.KEPT, topics.CREDIT_STAYS)
    return Facts({"day": until} if until else {}, lines)


def _changed(case: Case) -> Facts | None:
    sold = case.service.marks.get(SOLD)
    if not case.service.alive or not sold or not _is_word(case, sold.order.arrival):
        return None
    return _before_and_now(case)


def _turned(case: Case) -> Facts | None:
    return _before_and_now(case) if case.service.alive else None


def _before_and_now(case: Case) -> Facts:
    said = telling.said(case.account, case.service, case.catalog, case.at)
    rows = (
        (topics.BEFORE, case.before),
        (topics.NOW, case.now),
        (topics.PAID_UNTIL, case.paid_until),
    )
    return Facts({}, said=_told(case, said), rows=rows)


def _scheduled(case: Case) -> Facts | None:
    coming = case.service.next
    day = acting.becoming(case.account, case.service, case.catalog)
    if not coming or coming.turned or not day or not _is_word(
        case, coming.order.arrival):  # fmt: skip
        return None
    count = coming.quantity or case.service.quantity
    extras = case.service.extras if coming.extras is None else coming.extras
    to = Choice(coming.package, "", count, extras)
    lost = telling.foreseen(case.account, case.service, to, case.catalog, day)
    rows = (
        (topics.NOW, case.now),
        (topics.FROM_THEN_ON, case.many(coming.package, count)),
    )
    return Facts({"day": day}, said=_told(case, lost), rows=rows)


def _trial_ending(case: Case) -> Facts | None:
    ends = acting.tried_until(case.account, case.service, case.catalog)
    over = ends is None or ends <= case.at
    if over or case.service.periods or not case.service.alive:
        return None
    free = acting.free_of(case.account, case.service, case.catalog)
    line = topics.TO_FREE if free else topics.GOES_OFF
    return Facts({"day": ends, "free": case.called(free) if free else ""}, (line,))


def _coupon_started(case: Case) -> Facts | None:
    for each in case.account.activations:
        if each.coupon == case.of and case.service.alive:
            lies = acting.along(case.account, case.service, case.catalog)
            ends = lies.ends_of(each)
            if ends and case.at < ends:
                pushes = each.mode is Mode.EXTEND
                line = topics.RESUMES if pushes else topics.LIES_OVER
                return Facts(
                    {"package": case.called(each.package), "until": ends}, (line,)
                )
    return None


def _coupon_ended(case: Case) -> Facts | None:
    if not case.service.alive:
        return None
    return Facts({}, rows=((topics.PAID_UNTIL, case.paid_until),))


def _is_of(case: Case, step: Due) -> bool:
    """Whether it is of the same unpaid period."""
    return f"{case.of}/".startswith(f"{step.of}/")


def _is_word(case: Case, arrival: int) -> bool:
    """Whether it is that word still, or no word's at all."""
    word = WORD.search(case.of)
    return word is None or int(word[1]) == arrival


def _told(case: Case, said: Collection[Any]) -> tuple[str, ...]:
    def each() -> Iterator[str]:
        for sentence in said:
            if words := told(sentence, case.said, case.zone):
                yield words

    return tuple(each())


FACTS: Mapping[Topic, Callable[[Case], Facts | None]] = {
    Topic.REMINDER: _reminder,
    Topic.RENEWED: _renewed,
    Topic.SUSPENDED: _suspended,
    Topic.RESUMED: _resumed,
    Topic.REVOKE_WARNING: _revoke_warning,
    Topic.REVOKED: _ended,
    Topic.ENDED: _ended,
    Topic.CHANGED: _changed,
    Topic.SCHEDULED: _scheduled,
    Topic.TURNED: _turned,
    Topic.TRIAL_ENDING: _trial_ending,
    Topic.COUPON_STARTED: _coupon_started,
    Topic.COUPON_ENDED: _coupon_ended,
}
"""What is true of it now; None: it is not so any more, and nobody is told."""
