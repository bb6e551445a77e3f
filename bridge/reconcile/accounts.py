"""Every account of ours beside its backend: page by page, in the order of their ids."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import itemgetter

from bridge import loading
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.preview import lane_of
from bridge.reconcile.looking import Look, lines, may_lag, see, sighting, tried
from bridge.reconcile.unseen import Blind
from bridge.store import attempts, drifting, register, sightings, witness
from bridge.store.drifts import Found
from bridge.store.register import Which
from bridge.store.sightings import Sighting
from bridge.store.witness import Witness
from bridge.work import Work, believed
from provisioning.core import drift
from provisioning.core.drift import BY_WORD, Difference, Drift
from provisioning.core.outcomes import Later

PAGE = 100
"""Accounts in memory."""

AT_ONCE = 4
"""Read beside each other: customers' own calls go through the same gate."""

OF_MONEY = BY_WORD | {Drift.CREDIT_DUE}
AGAIN = 500
"""Accounts with something under way that are looked at a second time, at the end."""


@dataclass(slots=True)
class Page:
    """What came of some accounts."""

    looked: int
    found: list[Found] = field(default_factory=list)
    wake: list[tuple[str, str]] = field(default_factory=list)
    """Accounts whose lanes are to be woken, and their backends."""

    sightings: list[Sighting] = field(default_factory=list)


@dataclass(slots=True)
class Accounts:
    desk: Desk
    editions: Editions
    reporting: frozenset[str]
    """Backends whose levels are only reported."""

    run: int
    blind: Blind
    ending: threading.Event
    again: list[str] = field(default_factory=list)

    def pages(self, which: Which) -> Iterator[Page]:
        """All of them, then once more those with something under way."""
        with ThreadPoolExecutor(AT_ONCE, "reconcile") as pool:
            for ids in self._ids(which):
                yield self._page(pool, ids, last=False)
            again, self.again = self.again, []
            for start in range(0, len(again), PAGE):
                if not self.ending.is_set():
                    ids = again[start : start + PAGE]
                    yield self._page(pool, ids, last=True)

    def _ids(self, which: Which) -> Iterator[list[str]]:
        last = ""
        while not self.ending.is_set():
            with self.desk.database.read() as tx:
                ids = register.page(tx, which, last, PAGE)
            if not ids:
                return
            yield ids
            last = ids[-1]

    def _page(
        self, pool: ThreadPoolExecutor, ids: Sequence[str], *, last: bool
    ) -> Page:
        self.desk.gates.learn()
        looks = [*pool.map(see, self._loaded(ids))]
        page = Page(0 if last else len(ids))
        found = {look.job.account.id: self._lines(look) for look in looks}
        found = {id_: of_one for id_, of_one in found.items() if of_one}
        quiet = self._quiet(found, looks)
        page.sightings = [one for look in looks if (one := sighting(look))]
        for look in looks:
            account = look.job.account
            of_one = found.get(account.id, ())
            if of_one and account.id not in quiet:
                if not last and len(self.again) < AGAIN:
                    self.again.append(account.id)
                    continue
                of_one = tuple(map(drift.in_flight, of_one))
            page.found += [_found(look.job, line) for line in of_one]
            if drift.wakes(of_one):
                page.wake.append((account.id, account.backend))
        return page

    def _loaded(self, ids: Sequence[str]) -> Iterator[Look]:
        """What is known of them, each read before whatever it is compared with."""
        at = self.desk.clock.now()
        with self.desk.database.read() as tx:
            before = witness.of(tx, ids, at)
        try:
            jobs = loading.load(self.desk, [lane_of(id_) for id_ in ids], self.editions)
        except Later as no:
            self.blind.to("accounts", str(no), len(ids))
            return
        with self.desk.database.read() as tx:
            proven = attempts.last_balances(tx, ids).read()
            seen = sightings.known(tx, ids).read()
            earlier = drifting.by_word(tx, self.run, ids)
        for id_, job in jobs.items():
            if isinstance(job, Work) and id_ in before:
                last = (believed(each.get(id_), job.account) for each in (proven, seen))
                newest = max(filter(None, last), key=itemgetter(1), default=None)
                yield Look(
                    job, before[id_], newest, earlier.get(id_, ()),
                    may_set=job.account.backend not in self.reporting,
                )  # fmt: skip
            elif isinstance(job, Exception):
                self.blind.to("accounts", str(job))

    def _lines(self, look: Look) -> tuple[Difference, ...]:
        found: list[Difference] = []
        account = look.job.account
        fault = look.fault or tried(account.id, lambda: found.extend(lines(look)))
        if fault:
            self.blind.to(f"backend {account.backend}", fault)
        return tuple(found)

    def _quiet(
        self, found: dict[str, tuple[Difference, ...]], looks: Iterable[Look]
    ) -> set[str]:
        """Of those that differ: where nothing was under way from before they were
        loaded until after they were read."""
        if not found:
            return set()
        with self.desk.database.read() as tx:
            after = witness.of(tx, found, self.desk.clock.now())
        return {
            id_
            for look in looks
            if (id_ := look.job.account.id) in found
            and _is_sure(look, found[id_], after.get(id_))
        }


def _is_sure(look: Look, found: Iterable[Difference], after: Witness | None) -> bool:
    if not witness.is_quiet(look.before, after):
        return False
    return not (may_lag(look) and any(line.kind in OF_MONEY for line in found))


def _found(job: Work, line: Difference) -> Found:
    account = job.account
    return Found(account.id, line, account.backend, account.source)
