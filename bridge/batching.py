"""What can be ordered about many accounts at once, and about sources' secrets: by name.

A worker does it, a turn at a time; here is said what is wanted, and whether it may.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge import rotating
from bridge.commands import Order, Told
from bridge.rotating import New
from bridge.store import batches, register, secrets, ticks
from bridge.store.batches import Batch, Kind, Line, State
from bridge.store.register import Which

BULK = "bulk"
"""The tick by which it is done."""

LOOKED_AT = frozenset({"backend", "source", "package"})


def _begin(
    tx: sa.Connection,
    at: datetime,
    batch: str,
    which: Mapping[str, Any],
    by: str,
    names: Sequence[str] = (),
) -> Told:
    """*names*: these alone, whatever they are."""
    of = Which(**{name: which[name] for name in LOOKED_AT})
    total = len(names) if names else register.count_of(tx, of)
    limit = which["limit"]
    said = {**which, "named": bool(names)}
    batches.begin(
        tx, batch, Kind.REPROVISION, said, by, at, total=min(total, limit or total)
    )
    batches.add(tx, batch, [batches.New(name, Line.NAMED, {}) for name in names])
    ticks.hurry(tx, BULK, at)
    return {"batch": batch, "total": total}


def _begin_adoption(
    tx: sa.Connection, at: datetime, batch: str, source: str, file: str, by: str
) -> Told:
    total = max(len(file.splitlines()) - 1, 0)
    batches.begin(
        tx, batch, Kind.ADOPT, {"source": source}, by, at, file=file, total=total
    )
    ticks.hurry(tx, BULK, at)
    return {"batch": batch, "total": total}


def _confirm(
    tx: sa.Connection,
    at: datetime,
    batch: str,
    by: str,
    because: str,
    digest: str | None = None,
) -> Told:
    """*digest*: of the list that was seen."""
    found = _there(tx, batch)
    if digest is not None and digest != batches.digest_of(tx, batch):
        raise LookupError("this is another list than the one that hash is of")
    more = {"confirmed_by": by, "confirmed_at": at, "because": because, "said": None}
    if not batches.turn(tx, batch, [State.SHOWN], State.APPLYING, **more):
        raise LookupError(
            f"this list is {found.state} by now; only one that was shown to its end is"
            " confirmed, and once"
        )
    ticks.hurry(tx, BULK, at)
    return {"batch": batch}


def _stop(tx: sa.Connection, at: datetime, batch: str) -> Told:
    """What was given out goes on; nothing more is."""
    found = _there(tx, batch)
    was = [State.LOOKING, State.APPLYING, State.SHOWN]
    if not batches.turn(tx, batch, was, State.STOPPED, stopped_at=at):
        raise LookupError(f"this list is {found.state} already")
    return {"batch": batch}


def _there(tx: sa.Connection, name: str) -> Batch:
    found = batches.named(tx, name)
    if found is None:
        raise LookupError(f'there is no list "{name}"; lists are kept for 30 days')
    return found


def _rotate(
    tx: sa.Connection, _at: datetime, source: str, secret: str, sealed: str,
    own: Sequence[str], seconds: float, by: str, because: str, now: str,
) -> Told:  # fmt: skip
    """*own*: the marks of those in the configuration of who asks."""
    at = datetime.fromisoformat(now)
    until = at + timedelta(seconds=seconds)
    made = New(secret, "", base64.b64decode(sealed))
    rotating.rotate(tx, source, made, own, until=until, by=by, because=because, at=at)
    return {"source": source, "secret": secret, "until": until.isoformat()}


def _end_overlap(
    tx: sa.Connection, _at: datetime, source: str, because: str, now: str
) -> Told:
    ended = secrets.end_overlap(tx, source, datetime.fromisoformat(now))
    if not ended:
        raise LookupError(f"no old secret of {source} holds beside the new one")
    return {"source": source, "ended": now, "because": because}


ORDERS: Mapping[str, Order] = {
    "batch.begin": _begin,
    "batch.adopt": _begin_adoption,
    "batch.confirm": _confirm,
    "batch.stop": _stop,
    "source.rotate": _rotate,
    "source.end_overlap": _end_overlap,
}
