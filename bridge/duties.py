"""What is done beside the lanes: wake what is due, watch, send."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.alerts import Addressee, Watch
from bridge.channels.folder import Folder
from bridge.channels.letter import SENDER
from bridge.channels.mail import Mail, Security, Server
from bridge.channels.webhook import Webhook
from bridge.clock import Clock
from bridge.config import Config
from bridge.deliveries import Channel, Deliveries
from bridge.keys import Keys
from bridge.letters.login import LoginLetter, Owner
from bridge.store import missed, wakeups
from bridge.store.causes import Limits
from bridge.store.database import Database
from bridge.ticks import Tick, Ticks
from provisioning.backends.base import Backend

log = logging.getLogger(__name__)

WAKE = timedelta(seconds=5)
"""How late a due date may be noticed."""


@dataclass(frozen=True, slots=True)
class Duties:
    ticks: Ticks
    deliveries: Deliveries

    def start(self) -> None:
        self.deliveries.start()
        self.ticks.start()

    def stop(self, within: float) -> bool:
        """Whether all that ran has ended, in so many seconds."""
        until = time.monotonic() + within
        ended = self.ticks.stop(within)
        return self.deliveries.stop(max(0.0, until - time.monotonic())) and ended


def duties(
    config: Config,
    database: Database,
    clock: Clock,
    ways: Mapping[str, Channel],
    keys: Mapping[str, datetime] | None = None,
    unproven: Mapping[str, Mapping[str, str]] | None = None,
) -> Duties:
    """Put together, not started.

    *ways*: the channels messages go by; *keys*: when those of the backends end;
    *unproven*: what has to be verified of them.
    """
    bounds = limits(config, clock.now())
    bounds = replace(bounds, keys=keys or {}, unproven=unproven or {})
    watch = Watch(database, bounds, addressees(config))
    ticks = (
        Tick("wake", WAKE, lambda at: wake(database, at)),
        Tick("watch", config.alerts.every, watch.run),
    )
    return Duties(
        Ticks(database, clock, ticks),
        Deliveries(database, clock, ways, writers={"login": _logins(config, database)}),
    )


def _logins(config: Config, database: Database) -> LoginLetter:
    keys = Keys(config.key.encode())
    return LoginLetter(database, keys, config.catalog, owner(config))


def owner(config: Config) -> Owner | None:
    """Of the login mails that are ours; None where all are a platform's."""
    brands = {name: config.brands[name] for name in config.mailed}
    return Owner(brands, config.public_url) if brands and config.public_url else None


def key_ends(hosts: Mapping[str, Backend]) -> dict[str, datetime]:
    """When each backend's key ends, where it says so."""
    ends = {name: host.describe().key_expires for name, host in hosts.items()}
    return {name: end for name, end in ends.items() if end}


def limits(config: Config, since: datetime | None = None) -> Limits:
    every = {"wake": WAKE, "watch": config.alerts.every}
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
    return made


def addressees(config: Config) -> tuple[Addressee, ...]:
    alerts = config.alerts
    one: Mapping[str, object] = {"folder": alerts.folder, "webhook": alerts.webhook}
    return tuple(Addressee("mail", to) for to in alerts.mail) + tuple(
        Addressee(channel) for channel, set_ in one.items() if set_
    )
