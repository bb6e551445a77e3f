"""One customer's account: the services it holds, and what was last said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from provisioning.core.events import Hold, Order
from provisioning.core.kept import Extra, Locked
from provisioning.core.period import Period
from provisioning.core.pots import Purse
from provisioning.core.promised import Promise
from provisioning.core.quotas import Tally
from provisioning.core.shown import NOTHING, Shown
from provisioning.core.splice import Activation
from provisioning.core.trial import Trial
from provisioning.core.umbrellas import Acting

LIFE = "life"
ENDED = "ended"
"""When it last ended: what was unpaid before then is no reason to be off after."""

REVOKED = "revoked"
"""When it ended because nobody paid, by our own dunning."""

OWED = "owed"
"""Since when it costs something, where it was Free or bought once before."""

ENDING = "ending"
"""Whether it ends when what is paid for is used up."""

SOLD = "sold"
"""Which package it is: the newest activation or change."""

CHANGED = "changed"
"""The newest change of package, apart from what was sold anew."""

PACKAGE = "package"
"""Since when it is this package, where it was another before."""


EMAIL = "email"
PASSWORD = "password"  # noqa: S105 - the topic's name
"""What a backend is told of the customer, without being able to show it."""

GROUP = "group"
PHONE = "phone"
LANGUAGE = "language"

QUANTITY = "quantity"
MANY = "many"
"""Since when it is so many, where it was another number before."""

EXTRAS = "extras"
"""How many of it, and which add-ons: each the newest word that said anything of it."""


BOUGHT = "bought"
"""The newest paid line of what is credited, where that is a service of its own."""

ASKED = "asked"
"""Whether a change waits for an admin, and which."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest word on one topic of a service. An older word never overrides it."""

    yes: bool
    order: Order


@dataclass(frozen=True, slots=True)
class Next:
    """What it becomes when the period under way is over."""

    package: str
    quantity: int | None
    """None: as many as it has then; likewise its add-ons."""

    extras: tuple[tuple[str, int], ...] | None
    order: Order
    event: str
    """The id of the event that said so."""

    turned: datetime | None = None
    """When it became that."""

    version: str | None = None
    """Of the catalog it was said by: by those terms it is sold then."""


@dataclass(frozen=True, slots=True)
class Service:
    """One thing sold. Its topics are its life and each kind of hold, apart.

    Kept apart, they end the same whatever order the events came in.
    """

    ref: str
    package: str
    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))
    periods: tuple[Period, ...] = ()
    quantity: int = 1
    extras: tuple[tuple[str, int], ...] = ()
    next: Next | None = None
    version: str | None = None
    """Of the catalog it was sold by; None: by the one that is current."""

    moves_to: str | None = None
    """The version it goes on by from its next renewal."""

    shown: Shown = NOTHING
    """What its platform was made to show of it."""

    bought: tuple[Extra, ...] = ()
    """Its add-ons that hold capacity, by purchase."""

    locked: tuple[Locked, ...] = ()
    """What it had, and no change has brought back."""

    @property
    def versions(self) -> frozenset[str]:
        """Of the catalogs it was sold by, or will have been."""
        coming = self.next.version if self.next else None
        named = (self.version, self.moves_to, coming)
        return frozenset(version for version in named if version)

    @property
    def alive(self) -> bool:
        return self._says(LIFE) and not self.revoked

    @property
    def revoked(self) -> bool:
        """Whether nothing newer brought it back."""
        revoked, life = self.marks.get(REVOKED), self.marks.get(LIFE)
        return revoked is not None and life is not None and life.order < revoked.order

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Being unpaid ends with the life it belonged to; abuse does not."""
        return tuple(hold for hold in Hold if self._says(hold) and not self._over(hold))

    @property
    def paid_until(self) -> datetime | None:
        """The end of the last paid period; None where it has none."""
        ends = [paid.ends for paid in self.periods]
        return max((e for e in ends if e), default=None) if all(ends) else None

    def _over(self, hold: Hold) -> bool:
        ends = [self.marks[topic] for topic in (ENDED, REVOKED) if topic in self.marks]
        since = self.marks[hold].order
        return hold is Hold.BILLING and any(since < ended.order for ended in ends)

    def _says(self, topic: str) -> bool:
        return topic in self.marks and self.marks[topic].yes

    def marked(self, topic: str, mark: Mark) -> Service:
        return replace(self, marks={**self.marks, topic: mark})


@dataclass(frozen=True, slots=True)
class Account:
    """*id* is ours and lives before the backend's account does; *remote* is theirs."""

    id: str
    source: str
    backend: str
    currency: str
    username: str
    """Made by us and by nobody else: it is the mark the account is found by. Of one
    that was adopted, the name it had."""

    client: str | None = None
    email: str | None = None
    phone: str | None = None
    """The last digits of the customer's: by them he is found."""

    language: str | None = None
    """In which he is written to, where his platform says it."""

    remote: str | None = None
    services: tuple[Service, ...] = ()
    revision: int = 0
    money_stopped: str | None = None
    """Why no more money is sent here: the balance moved as nothing we know explains."""

    trusted_from: datetime | None = None
    """When a person last said that the balance is as it should be."""

    trusted_because: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))
    """The newest word on the customer's own details."""

    group: str | None = None
    """The customer group, whose offers are his (I3)."""

    tell: frozenset[str] = frozenset()
    """Of those, what the backend has still to be told."""

    purse: Purse | None = None
    """What of its balance is free credit, where any of that ends."""

    tallies: Mapping[tuple[str, str], Tally] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By service and entitlement: the free minutes and the like it was given."""

    restored_at: datetime | None = None
    """Of which moment the backup was that it came from: what was sent since nobody
    here knows."""

    ended_at: datetime | None = None
    """Since when everything on it has ended, by our clock; None while anything lives.
    A word that came late and is dated back must not make it old at once."""

    purge_waits: str | None = None
    """Why it is due to be purged, and is not."""

    over: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """By capacity: since when more extra is bought than its plans allow (C14)."""

    data_waits: str | None = None
    """What of its data a person has to delete, and by when: its backend cannot."""

    written_off: str | None = None
    """Why what is left on it may go with it, where a person said so."""

    purged_at: datetime | None = None
    """It is gone at the backend. Its id and its name are never anybody's again."""

    batch: str | None = None
    """By which adoption it came, where we did not open it: its name and its password
    are the backend's own."""

    observed_at: datetime | None = None
    """Since when it is only looked at, adopted and not released yet."""

    login: int | None = None
    """How often its login was made known by us. 0: it is to be, once the account is
    ready. None: nobody is told by itself; its platform does that, or it was there
    before us."""

    activations: tuple[Activation, ...] = ()
    """Every coupon ever switched on here: what they moved stays moved."""

    umbrellas: tuple[Acting, ...] = ()
    trials: tuple[Trial, ...] = ()
    """Every one it ever had: a family is tried once."""

    promises: tuple[Promise, ...] = ()
    """Of payments: each ever given."""

    @property
    def keeps_its_password(self) -> bool:
        """Nobody here knows it, until one is told by credentials.changed."""
        return self.batch is not None and PASSWORD not in self.marks

    def trial(self, ref: str) -> Trial | None:
        """The one that began with this service."""
        return next((trial for trial in self.trials if trial.service == ref), None)

    def with_trial(self, trial: Trial) -> Account:
        """With this one, in place of what was known of it."""
        others = (known for known in self.trials if known.service != trial.service)
        return replace(self, trials=(*others, trial))

    def service(self, ref: str | None) -> Service | None:
        return next((s for s in self.services if s.ref == ref), None)

    def with_service(self, service: Service) -> Account:
        if self.service(service.ref) is None:
            return replace(self, services=(*self.services, service))
        changed = tuple(service if s.ref == service.ref else s for s in self.services)
        return replace(self, services=changed)
