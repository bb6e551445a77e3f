"""What is done beside the lanes: wake what is due, watch, send, look at platforms."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bridge.alerts import Addressee, Watch
from bridge.billing import asking, carts, hooked, renewing
from bridge.billing.hooked import HookLetter
from bridge.billing.renewing import Renewing
from bridge.channels import whmcs_options
from bridge.channels.folder import Folder
from bridge.channels.letter import SENDER
from bridge.channels.mail import Mail, Security, Server
from bridge.channels.resting import Resting
from bridge.channels.webhook import Webhook
from bridge.channels.whmcs import Whmcs
from bridge.channels.whmcs_api import Api
from bridge.clock import Clock
from bridge.config import Config
from bridge.dates import DUE, SPARE, Dates, Shows
from bridge.deliveries import Channel, Deliveries, Writer
from bridge.editions import Editions
from bridge.following import Following
from bridge.gates import Gates
from bridge.inbox import Inbox
from bridge.keys import Keys
from bridge.letters.answer import AnswerLetter
from bridge.letters.customer import CustomerLetter
from bridge.letters.link import LinkLetter
from bridge.letters.login import LoginLetter, Owner
from bridge.letters.threshold import ThresholdLetter
from bridge.mails import KIND, Mails
from bridge.members import LINK
from bridge.platforms import whmcs
from bridge.platforms.base import Platform
from bridge.pulls import given_up
from bridge.pulls.pull import EVERY, Pull
from bridge.pulls.there import There
from bridge.reconcile.reconciler import Reconciler
from bridge.store import missed, wakeups
from bridge.store.causes.found import Limits
from bridge.store.database import Database
from bridge.store.drift_alerts import NIGHTLY
from bridge.ticks import Daily, Tick, Ticks
from bridge.usage import Usage
from provisioning.backends.base import Backend

log = logging.getLogger(__name__)

NIGHT = timedelta(days=1)
USAGE = "usage"
WAKE = timedelta(seconds=5)
"""How late a due date may be noticed."""


@dataclass(frozen=True, slots=True)
class Duties:
    ticks: Ticks
    deliveries: Deliveries
    ending: threading.Event
    """Set first of all: what takes long breaks off."""

    def start(self) -> None:
        self.deliveries.start()
        self.ticks.start()

    def stop(self, within: float) -> bool:
        """Whether all that ran has ended, in so many seconds."""
        until = time.monotonic() + within
        self.ending.set()
        ended = self.ticks.stop(within)
        return self.deliveries.stop(max(0.0, until - time.monotonic())) and ended


def duties(
    config: Config,
    database: Database,
    clock: Clock,
    ways: Mapping[str, Channel],
    keys: Mapping[str, datetime] | None = None,
    unproven: Mapping[str, Mapping[str, str]] | None = None,
    pulls: Mapping[str, Pull] | None = None,
    gates: Gates | None = None,
    reconciler: Reconciler | None = None,
    more: Sequence[Tick] = (),
) -> Duties:
    """Put together, not started.

    *ways*: the channels messages go by; *keys*: when those of the backends end;
    *unproven*: what has to be verified of them; *pulls*: of the sources we look at;
    *gates*: by which accounts are looked at; *reconciler*: of all of it, every night.
    *more*: what else is done again and again.
    """
    bounds = limits(config, clock.now())
    bounds = replace(bounds, keys=keys or {}, unproven=unproven or {})
    watch = Watch(database, bounds, addressees(config))
    looks = usage(config, database, gates, ways) if gates else None
    ticks = (
        Tick("wake", WAKE, lambda at: wake(database, at)),
        Tick("watch", config.alerts.every, watch.run),
        *([Tick(USAGE, config.usage.every, looks.run)] if looks else []),
        *(
            Tick(tick_of(name), EVERY, pull.look)
            for name, pull in (pulls or {}).items()
        ),
        *([nightly(config, reconciler)] if reconciler else []),
        *carting(config, database),
        *renewals(config, database, clock),
        *more,
    )
    return Duties(
        Ticks(database, clock, ticks),
        deliveries(config, database, clock, ways),
        reconciler.ending if reconciler else threading.Event(),
    )


def nightly(config: Config, reconciler: Reconciler) -> Tick:
    def run(_: datetime) -> None:
        reconciler.run("every night", applies=True)

    daily = Daily(config.reconcile.at, config.catalog.terms.zone)
    return Tick(NIGHTLY, NIGHT, run, daily)


def carting(config: Config, database: Database) -> list[Tick]:
    """Nothing, where no shop hands its orders over."""
    there = {
        whmcs.channel(name): (Api(name, access), cart)
        for name, (access, cart) in _carts(config).items()
    }
    letter = carts.CartLetter(database, config.sources, config.shops)
    lost = given_up.GivenUp(database, letter, there)
    ticks = [
        Tick(given_up.TICK, given_up.EVERY, lost.run),
        Tick(carts.TICK, carts.EVERY, lambda at: carts.look(database, at)),
    ]
    return ticks if there else []


def renewals(config: Config, database: Database, clock: Clock) -> list[Tick]:
    """Nothing, where no shop takes its money itself."""
    shops, editions = renewing.shops(config), Editions(config.catalog, config.groups)
    made = Renewing(database, clock, editions, shops, mails(config))
    return [made.tick] if shops else []


def usage(
    config: Config, database: Database, gates: Gates, ways: Mapping[str, Channel]
) -> Usage:
    way = config.login_channel
    told = {source: way for source in config.brands if way in ways}
    editions = Editions(config.catalog, config.groups)

    def zone(tx: sa.Connection) -> ZoneInfo:
        return ZoneInfo(editions.now(tx).terms.zone)

    return Usage(database, gates, zone, told)


def deliveries(
    config: Config, database: Database, clock: Clock, ways: Mapping[str, Channel]
) -> Deliveries:
    mailing = frozenset(name for name, a in _whmcs(config).items() if a.welcome)
    keys = Keys.written(config.key, config.old_keys)
    following = Following(database, keys, mailing)
    editions = Editions(config.catalog, config.groups)
    shows = Shows(database, editions, dates(config))
    cart = carts.CartLetter(database, config.sources, config.shops)
    writers: dict[str, Writer] = {
        "login": _logins(config, database),
        "follow": following.followed,
        "stuck": following.stuck,
        "threshold": ThresholdLetter(database, config.brands),
        KIND: CustomerLetter(
            database, editions, config.brands, mails(config).topics, config.shops
        ),
        hooked.HOOK: HookLetter(database, editions, config.hooks),
        LINK: LinkLetter(database, keys, config.brands, config.shops),
        asking.KIND: AnswerLetter(database, config.brands, config.shops),
        DUE: shows.due,
        SPARE: shows.spare,
        carts.CART: cart.place,
        carts.OFF: cart.off,
    }
    noters = {DUE: shows.noted, SPARE: shows.noted, carts.CART: carts.kept}
    return Deliveries(database, clock, ways, writers=writers, noters=noters)


def mails(config: Config) -> Mails:
    """What customers of each source are mailed by us, and which sources hear of it."""
    wanted = {name: config.topics(name) for name in config.brands}
    return Mails(wanted, config.login_channel, frozenset(config.hooks))


def dates(config: Config) -> Dates:
    return Dates({name: whmcs.channel(name) for name in _whmcs(config)})


def pulls(
    config: Config,
    sources: Mapping[str, Platform],
    database: Database,
    inbox: Inbox,
) -> dict[str, Pull]:
    """Of each source that can be asked what it never told."""
    zone, live = config.catalog.terms.zone, config.catalog.live_from
    return {
        name: Pull(
            There(
                name, sources[name], Api(name, access), database, inbox, zone,
                live.get(name), config.sources[name].get("products", {}),
                config.catalog.topups, whmcs_options.names(config.sources[name]),
            ),
            tick_of(name),
        )
        for name, access in _whmcs(config).items()
        if name in sources
    }  # fmt: skip


def tick_of(source: str) -> str:
    """How the tick is called that looks at it."""
    return f"pull:{source}"


def _whmcs(config: Config) -> dict[str, whmcs.Access]:
    told = config.sources.items()
    return {
        name: whmcs.access(name, table)
        for name, table in told
        if table.get("kind") == whmcs.KIND
    }


def _carts(config: Config) -> dict[str, tuple[whmcs.Access, whmcs.Cart]]:
    """Those that take a shop's orders."""
    each = _whmcs(config).items()
    return {name: (access, access.cart) for name, access in each if access.cart}


def _logins(config: Config, database: Database) -> LoginLetter:
    keys = Keys.written(config.key, config.old_keys)
    editions = Editions(config.catalog, config.groups)
    return LoginLetter(database, keys, editions, owner(config), config.shops)


def owner(config: Config) -> Owner | None:
    """Of the login mails that are ours; None where all are a platform's."""
    brands = {name: config.brands[name] for name in config.mailed}
    return Owner(brands, config.public_url) if brands and config.public_url else None


def key_ends(hosts: Mapping[str, Backend]) -> dict[str, datetime]:
    """When each backend's key ends, where it says so."""
    ends = {name: host.describe().key_expires for name, host in hosts.items()}
    return {name: end for name, end in ends.items() if end}


def limits(config: Config, since: datetime | None = None) -> Limits:
    every = {"wake": WAKE, "watch": config.alerts.every, USAGE: config.usage.every}
    if renewing.shops(config):
        every[renewing.RENEWALS] = renewing.EVERY
    every |= {tick_of(name): EVERY for name in _whmcs(config)}
    if _carts(config):
        every |= {carts.TICK: carts.EVERY, given_up.TICK: given_up.EVERY}
    return Limits(config.alerts.backlog, config.alerts.held, every, since)


def wake(database: Database, at: datetime) -> None:
    """What is due, and what should have been woken and was not."""
    _wake_missed(database, at)
    _wake_due(database, at)


def _wake_missed(database: Database, at: datetime) -> None:
    with database.read() as tx:
        if not missed.any_missed(tx):
            return
    with database.change() as tx:
        if many := missed.wake(tx, at):
            log.warning("%d lanes waited for accounts that are there; woken", many)


def _wake_due(database: Database, at: datetime) -> None:
    """Each transaction a few; another process may take the next few."""
    while True:
        with database.read() as tx:
            if not wakeups.any_due(tx, at):
                return
        with database.change() as tx:
            if wakeups.wake(tx, at) < wakeups.TOGETHER:
                return


def channels(config: Config) -> dict[str, Channel]:
    """Those there is a configuration for. ValueError: what of it is wrong."""
    made: dict[str, Channel] = {}
    if mail := config.mail:
        made["mail"] = Mail(
            Server(
                host=mail.host,
                port=mail.port,
                security=Security(mail.security),
                sender=mail.sender,
                username=mail.username,
                password=mail.password,
                within=mail.timeout,
                ca_file=mail.ca_file,
            )
        )
    if folder := config.alerts.folder:
        sender = config.mail.sender if config.mail else SENDER
        made["folder"] = Folder(folder, sender)
    if webhook := config.alerts.webhook:
        made["webhook"] = Webhook("alerts.webhook", webhook.url, webhook.secret)
    for name, access in _whmcs(config).items():
        made[whmcs.channel(name)] = Whmcs(name, access)
    for name, hook in config.hooks.items():
        way = Webhook(f"sources.{name}.hook", hook.url, hook.secret)
        made[hooked.channel(name)] = Resting(way)
    return made


def addressees(config: Config) -> tuple[Addressee, ...]:
    alerts = config.alerts
    one: Mapping[str, object] = {"folder": alerts.folder, "webhook": alerts.webhook}
    return tuple(Addressee("mail", to) for to in alerts.mail) + tuple(
        Addressee(channel) for channel, set_ in one.items() if set_
    )
