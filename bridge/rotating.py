"""Secrets of sources change while events come in: for a while the old and the new hold.

A new one is made here and sealed in the database, where every process reads it within a
second; those of the configuration die with the overlap. One that is put into the
configuration afterwards holds as it always did.
"""

from __future__ import annotations

import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bridge.keys import Keys, Unreadable, new_secret, random_name
from bridge.platforms.base import Platform
from bridge.store import secrets
from bridge.store.database import Database
from bridge.store.secrets import Kept
from provisioning.core.rotation import ends, holds
from provisioning.signing import PREFIX, key

log = logging.getLogger(__name__)

KNOWN = 1.0
"""Seconds until it is read anew."""

DOUBTED = 0.01
"""And where nothing fits: it may have been made just now. No shorter, so that who sends
rubbish makes us read a hundred times a second at most."""

MOST = 4
"""That hold at the same time."""


def mark_of(secret: bytes) -> str:
    """What one of the configuration is known by, whatever the install key is."""
    return sha256(b"source secret:" + secret).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Holding:
    """A secret that opens the door, or did."""

    mark: str
    of_file: bool
    made_at: datetime | None
    made_by: str | None
    until: datetime | None
    """None: until something takes its place."""


def standing(own: Sequence[bytes], made: Sequence[Kept]) -> list[Holding]:
    """All there are of one source: those of the configuration, then by age."""
    rotations = [one.rotation for one in made]
    files = [mark_of(secret) for secret in own]
    return [Holding(m, True, None, None, ends(rotations, m)) for m in files] + [
        Holding(one.id, False, one.made_at, one.made_by, ends(rotations, one.id))
        for one in made
    ]


@dataclass(slots=True)
class Ring:
    """Of one source, in one process."""

    source: str
    own: Sequence[bytes] = field(repr=False)
    keys: Keys = field(repr=False)
    database: Database = field(repr=False)
    ticking: Callable[[], float] = time.monotonic
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _read_at: float = float("-inf")
    _made: tuple[tuple[Kept, bytes], ...] = field(default=(), repr=False)

    def __call__(self, at: datetime, doubted: bool) -> Sequence[bytes]:
        """Those that hold then. *doubted*: with what was made a moment ago."""
        made = self._known(DOUBTED if doubted else KNOWN)
        rotations = [kept.rotation for kept, _ in made]
        files = ((mark_of(secret), secret) for secret in self.own)
        opened = ((kept.id, secret) for kept, secret in made)
        return [
            secret
            for mark, secret in (*files, *opened)
            if secret and holds(rotations, mark, at)
        ]

    def _known(self, young: float) -> tuple[tuple[Kept, bytes], ...]:
        with self._turn:
            if self.ticking() - self._read_at > young:
                with self.database.read() as tx:
                    made = secrets.made(tx, self.source)
                self._made = tuple((kept, self._opened(kept)) for kept in made)
                self._read_at = self.ticking()
            return self._made

    def _opened(self, kept: Kept) -> bytes:
        """Nothing, where it was forgotten, or another install key sealed it."""
        if not kept.sealed:
            return b""
        try:
            return key(kept.about, self.keys.unseal(kept.sealed, kept.about))
        except Unreadable:
            log.exception("deliveries signed by %s are refused", kept.about)
            return b""


def serve(
    sources: Mapping[str, Platform], keys: Keys, database: Database
) -> Mapping[str, Ring]:
    """From now on they go by what holds. Those of a kind that can be rotated here."""
    rings = {
        name: Ring(name, platform.own, keys, database)
        for name, platform in sources.items()
        if getattr(platform, "own", ())
    }
    for name, ring in rings.items():
        sources[name].ring = ring
    return rings


@dataclass(frozen=True, slots=True)
class New:
    """One made just now; its text is shown once."""

    id: str
    text: str = field(repr=False)
    sealed: bytes = field(repr=False)


def new(keys: Keys, id_: str | None = None) -> New:
    id_ = id_ or random_name(10)
    text = f"{PREFIX}{new_secret()}"
    return New(id_, text, keys.seal(text, secrets.about(id_)))


def raw(new: New) -> bytes:
    """What it signs with."""
    return key(secrets.about(new.id), new.text)


def rotate(
    tx: sa.Connection,
    source: str,
    new: New,
    own: Sequence[str],
    *,
    until: datetime,
    by: str,
    because: str,
    at: datetime,
) -> None:
    """*own*: the marks of those the configuration has. LookupError: it cannot be."""
    made = secrets.made(tx, source)
    rotations = [one.rotation for one in made]
    marks = [*own, *(one.id for one in made)]
    holding = [mark for mark in marks if holds(rotations, mark, at)]
    if len(holding) >= MOST:
        raise LookupError(
            f"{len(holding)} secrets of {source} hold at the same time already; end the"
            f" overlap first: `switchhook source end-overlap {source}`"
        )
    over = [one.id for one in made if one.id not in holding]
    secrets.forget(tx, over)
    no = max((one.no for one in made), default=0) + 1
    before = frozenset(marks)
    secrets.add(
        tx, Kept(new.id, source, no, new.sealed, before, until, by, at, because)
    )


def ordered(
    ring: Ring, new: New, seconds: float, by: str, now: datetime
) -> dict[str, Any]:
    """What the order `source.rotate` says."""
    return {
        "source": ring.source,
        "secret": new.id,
        "sealed": b64encode(new.sealed).decode(),
        "own": [mark_of(secret) for secret in ring.own],
        "seconds": seconds,
        "by": by,
        "now": now.isoformat(),
    }


def newest(rings: Mapping[str, Ring], source: str, at: datetime) -> bytes | None:
    """What to sign with as that source: what was made last."""
    ring = rings.get(source)
    holding = ring(at, True) if ring else ()
    return holding[-1] if holding else None


def all_of(ring: Ring) -> list[Holding]:
    """What of one source holds, and what does not any more."""
    with ring.database.read() as tx:
        made = secrets.made(tx, ring.source)
    return standing(ring.own, made)
