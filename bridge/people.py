"""What can be ordered about those who log in and the programs that ask: by name.

Moments come with the order: how long somebody is logged in is real time, also where a
demo's business time was moved on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.access.roles import Role, fitting
from bridge.commands import Order, Told
from bridge.store import api_keys, paces, sessions, users
from bridge.store.paces import Pace
from bridge.store.users import User

INVITED = timedelta(hours=24)
"""How long the link holds by which somebody chooses password and second factor."""


def _add(
    tx: sa.Connection, _at: datetime, user: str, role: str,
    sources: list[str] | None, hashed: str, now: str,
) -> Told:  # fmt: skip
    known, own = _fitting(role, sources)
    at = datetime.fromisoformat(now)
    if not users.add(tx, user, known, own, at):
        raise LookupError(
            f"there is a user {user} already; `switchhook user invite` gives a new link"
        )
    users.invite(tx, user, hashed, at + INVITED)
    return {"user": user, "role": known, "until": (at + INVITED).isoformat()}


def _invite(
    tx: sa.Connection,
    _at: datetime,
    user: str,
    hashed: str,
    now: str,
) -> Told:
    _known(tx, user)
    until = datetime.fromisoformat(now) + INVITED
    users.invite(tx, user, hashed, until)
    return {"user": user, "until": until.isoformat()}


def _set_up(
    tx: sa.Connection, _at: datetime, hashed: str, password: str,
    totp: str, recovery: list[str], now: str,
) -> Told:  # fmt: skip
    """By the link; who was logged in as him no longer is."""
    found = users.invited(tx, hashed, datetime.fromisoformat(now))
    if found is None:
        raise LookupError(
            "this link was used already, or is too old; ask for a new one"
        )
    users.set_up(tx, found.name, password, bytes.fromhex(totp), recovery)
    sessions.end_all(tx, found.name)
    return {"user": found.name}


def _become(
    tx: sa.Connection, _at: datetime, user: str, role: str, sources: list[str] | None
) -> Told:
    known, own = _fitting(role, sources)
    _not_the_last(tx, _known(tx, user), stays=known is Role.OWNER)
    users.become(tx, user, known, own)
    # What an open page offers must not be what he could do before.
    sessions.end_all(tx, user)
    return {"user": user, "role": known}


def _end(tx: sa.Connection, _at: datetime, user: str, now: str) -> Told:
    _not_the_last(tx, _known(tx, user), stays=False)
    users.end(tx, user, datetime.fromisoformat(now))
    sessions.end_all(tx, user)
    return {"user": user, "ended": now}


def _log_in(
    tx: sa.Connection, _at: datetime, user: str, session: str, address: str, agent: str,
    now: str, step: int | None = None, recovery: str | None = None,
    password: str | None = None,
) -> Told:  # fmt: skip
    """*password*: as it is kept from now on, where the old way was a weaker one."""
    users.use_up(tx, user, step, recovery)
    if password:
        users.rehash(tx, user, password)
    sessions.begin(tx, session, user, address, agent, datetime.fromisoformat(now))
    return {"user": user}


def _prove(
    tx: sa.Connection, _at: datetime, user: str, session: str, now: str,
    step: int | None = None, recovery: str | None = None,
) -> Told:  # fmt: skip
    users.use_up(tx, user, step, recovery)
    sessions.proved(tx, session, datetime.fromisoformat(now))
    return {"user": user}


def _seen(tx: sa.Connection, _at: datetime, session: str, now: str) -> Told:
    sessions.seen(tx, session, datetime.fromisoformat(now))
    return {}


def _log_out(tx: sa.Connection, _at: datetime, session: str, user: str) -> Told:
    sessions.end(tx, session)
    return {"user": user}


def _log_out_all(tx: sa.Connection, _at: datetime, user: str) -> Told:
    sessions.end_all(tx, user)
    return {"user": user}


def _take(
    tx: sa.Connection, _at: datetime, keys: Sequence[str], every: float, burst: int,
    now: str,
) -> Told:  # fmt: skip
    """Of each key one try; the longest that has to be waited, in seconds."""
    allowed, at = Pace(timedelta(seconds=every), burst), datetime.fromisoformat(now)
    waits = [paces.take(tx, key, allowed, at) for key in sorted(keys)]
    return {"wait": max(waits).total_seconds()}


def _add_key(
    tx: sa.Connection, _at: datetime, api_key: str, hashed: str,
    label: str, role: str, sources: list[str] | None, by: str, until: str | None,
    now: str,
) -> Told:  # fmt: skip
    known, own = _fitting(role, sources)
    ends = datetime.fromisoformat(until) if until else None
    made = datetime.fromisoformat(now)
    api_keys.add(tx, api_key, hashed, label, known, own, by, ends, made)
    return {"api_key": api_key}


def _key_used(tx: sa.Connection, _at: datetime, api_key: str, now: str) -> Told:
    api_keys.used(tx, api_key, datetime.fromisoformat(now))
    return {}


def _end_key(tx: sa.Connection, _at: datetime, api_key: str, now: str) -> Told:
    if not api_keys.end(tx, api_key, datetime.fromisoformat(now)):
        raise LookupError(
            f"there is no key {api_key} that holds; see `switchhook apikey list`"
        )
    return {"api_key": api_key, "ended": now}


def _known(tx: sa.Connection, name: str) -> User:
    found = users.named(tx, name)
    if found is None:
        raise LookupError(f"there is no user {name}; see `switchhook user list`")
    return found


def _not_the_last(tx: sa.Connection, user: User, *, stays: bool) -> None:
    """Somebody must be able to let others in."""
    if user.role is Role.OWNER and not stays and users.owners(tx) == [user.name]:
        raise LookupError(f"{user.name} is the last owner; make another one first")


def _fitting(role: str, sources: list[str] | None) -> tuple[Role, list[str] | None]:
    try:
        return fitting(role, sources)
    except ValueError as wrong:
        raise LookupError(str(wrong)) from None


ORDERS: Mapping[str, Order] = {
    "user.add": _add,
    "user.invite": _invite,
    "user.set_up": _set_up,
    "user.role": _become,
    "user.end": _end,
    "user.log_in": _log_in,
    "user.prove": _prove,
    "user.log_out": _log_out,
    "user.log_out_all": _log_out_all,
    "session.seen": _seen,
    "pace.take": _take,
    "key.add": _add_key,
    "key.used": _key_used,
    "key.end": _end_key,
}
QUIET = frozenset({"session.seen", "pace.take", "key.used"})
"""What happens with every click, and says nothing of what anybody wanted."""
