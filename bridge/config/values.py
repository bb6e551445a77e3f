"""What a configuration says, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provisioning.core.catalog import Catalog
from provisioning.core.money import Money
from provisioning.core.news import Topic


class ConfigError(Exception):
    """What is wrong in the configuration, one line each."""


@dataclass(frozen=True, slots=True)
class Serve:
    host: str
    port: int
    processes: int
    threads: int
    workers: int
    disk_free: int = 64
    """MiB; with less beside the database it takes nothing more in."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How hard a backend may be asked."""

    calls: int = 8
    """Calls at once, of each process."""

    rate: float | None = None
    """Calls a second, of all processes together; None is no limit."""

    off_share: float = 0.2
    off_least: int = 10
    """How many accounts may be switched off within 24 hours before somebody is asked:
    so great a part of those that are on, but always so many."""


@dataclass(frozen=True, slots=True)
class Mail:
    host: str
    port: int
    security: str
    sender: str
    username: str | None
    password: str | None = field(repr=False)
    timeout: float
    ca_file: str | None


@dataclass(frozen=True, slots=True)
class Brand:
    """Under which name a source's customers know us."""

    name: str
    login_url: str
    support: str
    sender: str
    languages: tuple[str, ...] = ("en",)
    """The first is for whoever says nothing of his own."""

    mails: frozenset[str] | None = None
    """What we mail its customers, by topic; None: all, where the login mail is ours,
    and else nothing."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A source's own pages, under its brand: who comes by its host is its customer."""

    url: str
    """Where browsers reach it; the host is how a brand is known."""

    currency: str
    """What is priced in another is not sold here."""

    sells: tuple[str, ...]
    """Packages and top-ups; none named: all in its currency."""

    pay: str | None
    """What is told to whoever pays by hand; None: its platform takes the money."""

    reseller_confirms: bool = False
    """Whether the reseller may say himself, by the API, that an order was paid."""

    prices: Mapping[str, Money] = field(default_factory=dict)
    """By package: what it costs here, where that is not what it costs everywhere."""

    renewal: str = "manual"
    """What is chosen on the page where is paid, until somebody chooses otherwise."""

    renewal_ahead: timedelta = timedelta(days=10)
    """How long before it is due the order of an automatic renewal is made."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """By package or top-up: how it is called here."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """By package: a few words on it."""

    accent: str | None = None
    accent_dark: str | None = None
    logo: Path | None = None
    tickets: str | None = None
    """Where its customers write to its support, and read what was answered."""

    def titled(self, name: str) -> str:
        """How a plan or a top-up is called here."""
        return self.titles.get(name, name)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Street:
    """Where all shops are answered: by one process, told apart by their hosts."""

    host: str
    port: int
    proxies: int


@dataclass(frozen=True, slots=True)
class Hook:
    # The address, too: a path or query may be somebody's secret.
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alerts:
    """From when on somebody is told, and by which ways; by none, it is still kept."""

    mail: tuple[str, ...]
    webhook: Hook | None
    folder: Path | None
    backlog: timedelta
    held: timedelta
    every: timedelta


@dataclass(frozen=True, slots=True)
class Reconciling:
    """When all is compared by itself, by the clock of `zone`, and how long that is
    kept."""

    at: time = time(3)
    keep: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Whoever shows this token may count what is done."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """How often all accounts are looked at: what they have, and what they used."""

    every: timedelta


@dataclass(frozen=True, slots=True)
class Console:
    host: str
    port: int
    url: str
    """Where browsers reach it; requests that name another host are refused."""

    proxies: int
    """How many of our own stand between us and the browser."""

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Config:
    path: Path
    # Its address may hold a password.
    database: str = field(repr=False)
    listen: str | None = field(repr=False)
    """PostgreSQL itself, where *database* is a pooler in front of it."""

    key: str = field(repr=False)
    old_keys: tuple[str, ...] = field(repr=False)
    """Those before it: they open what is not sealed anew yet."""

    serve: Serve
    console: Console
    sources: Mapping[str, Mapping[str, Any]] = field(repr=False)
    backends: Mapping[str, Mapping[str, Any]] = field(repr=False)
    caps: Mapping[str, Caps]
    accepting: frozenset[str]
    """Backends that are sold though nobody proved what they do with each field."""

    reporting: frozenset[str]
    """Backends whose levels are reported by a reconciliation, and not repaired."""

    groups: Mapping[str, tuple[str, ...]]
    catalog: Catalog
    goodwill: Mapping[str, Decimal]
    """What staff may give an account within 30 days, by currency."""

    lease: timedelta
    retry: tuple[timedelta, ...]
    mail: Mail | None
    alerts: Alerts
    reconcile: Reconciling
    usage: Usage
    log: str | None = None
    """How lines are written; left to where they go, where it is None."""

    metrics: Metrics | None = None
    public_url: str | None = None
    """Where customers reach us; never taken from what a request says of its host."""

    brands: Mapping[str, Brand] = field(default_factory=dict)
    """By source, of those that have one."""

    shops: Mapping[str, Shop] = field(default_factory=dict)
    hooks: Mapping[str, Hook] = field(default_factory=dict, repr=False)
    """By source: where its reseller's own system is told."""

    """The same of those that have pages of their own."""

    street: Street = field(default_factory=lambda: Street("127.0.0.1", 8484, 0))
    warnings: tuple[str, ...] = ()
    """What may be meant, and may be a slip."""

    mailed: frozenset[str] = frozenset()
    """The sources whose login mails are ours; of all others, their platform's."""

    def topics(self, source: str) -> frozenset[str]:
        """What we mail the customers of a source, beside their login."""
        brand = self.brands.get(source)
        if brand is None:
            return frozenset()
        if brand.mails is None:
            return frozenset(Topic) if source in self.mailed else frozenset()
        return brand.mails

    @property
    def login_channel(self) -> str:
        """The way login mails go; where none are ours, it is not asked for."""
        return "mail" if self.mail else "folder"

    @property
    def folder(self) -> Path:
        return self.path.parent
