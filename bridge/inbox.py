"""Take a proven event in exactly once: keep, wake, answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256

from bridge import boundaries, whose
from bridge.clock import Clock
from bridge.keys import OPERATION, Keys, about_event, random_name
from bridge.platforms.base import Delivery, Platform, channel_of
from bridge.store import arrivals
from bridge.store.arrivals import Arrival, Named, Taken
from bridge.store.committer import Committer
from bridge.store.database import Database
from provisioning.core.events import Event


class Inbox:
    """Requests that come at the same time are kept with one commit."""

    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        keep = partial(arrivals.keep, homes=whose.homes)
        self._kept: Committer[Arrival, Taken] = Committer(database, keep)
        self._clock = clock
        self._keys = keys

    def take(
        self,
        platform: Platform,
        source: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Taken:
        """One commit: the request as it came, its events, their lanes awake.

        Raises Forged, Malformed, and Reused where the same delivery said otherwise
        before; Lost, where nobody knows if it was kept: sent again, it counts once.
        """
        told = platform.read(headers, body, self._clock.wall())
        boundaries.passed("received")
        digest = sha256(body).hexdigest()
        taken = self._kept.commit(self._arrival(platform, source, told, digest))
        boundaries.passed("committed")
        return taken

    def fetched(self, platform: Platform, source: str, told: Delivery) -> Taken:
        """The same of what we read at the platform ourselves: that is its proof."""
        digest = sha256(told.kept.encode()).hexdigest()
        return self._kept.commit(self._arrival(platform, source, told, digest))

    def _arrival(
        self, platform: Platform, source: str, told: Delivery, digest: str
    ) -> Arrival:
        events = (self._sealed(event) for event in told.events)
        named = tuple(Named(e, OPERATION + random_name(16)) for e in events)
        way = getattr(platform, "follows", None)
        follow = channel_of(way, source) if way else None
        at = self._clock.now()
        return Arrival(source, told.id, digest, told.kept, named, at, follow)

    def _sealed(self, event: Event) -> Event:
        """No password is kept that everybody who sees the database could read."""
        if event.secret is None:
            return event
        closed = self._keys.closed(event.secret, about_event(event))
        return replace(event, secret=closed)
