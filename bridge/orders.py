"""What a person can tell the bridge to do, by name: each is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from inspect import signature
from typing import Any

import sqlalchemy as sa

from bridge import (
    adoptions,
    advancing,
    approving,
    batching,
    crediting,
    customers,
    desk,
    held,
    logins,
    members,
    people,
    promising,
    renewing,
    shopping,
    vouchers,
)
from bridge.access.who import ITSELF, Who
from bridge.clock import Clock
from bridge.reconcile import keeping
from bridge.store import (
    accounts,
    audit,
    backends,
    batches,
    catalogs,
    confirmations,
    facts,
    lanes,
    outbox,
    payload,
    sealed,
    switchoffs,
    thresholds,
    ticks,
    unpaid,
    verdicts,
)
from bridge.store.confirmations import Changed, Wanted
from bridge.store.database import Database, transient
from provisioning.core.catalog import Edition
from provisioning.core.digest import digest
from provisioning.core.money import Money, amount
from provisioning.core.reading import read
from provisioning.core.thresholds import Measure, Per, Threshold
from provisioning.core.umbrellas import Acting

TRIES = 5
ADVANCE = "clock.advance"
RESEAL = "keys.reseal"
WHO = "who"
QUIET = people.QUIET | customers.QUIET | keeping.QUIET
"""What stands in no audit."""

CLASH = (accounts.Moved, sa.exc.IntegrityError)
"""A worker wrote to the account between our reading and our writing: all anew."""

Told = dict[str, Any]
Order = Callable[..., Told]


def carry_out(
    database: Database, clock: Clock, name: str, said: Mapping[str, Any]
) -> Told:
    """What came of it. LookupError says why it cannot be.

    An order may carry *who* has it done, as `as_said_by` writes it.
    """
    if name not in _ORDERS:
        raise LookupError(f"this version knows no order {name}")
    said = dict(said)
    who = Who(**said.pop(WHO)) if WHO in said else ITSELF
    try:
        signature(_ORDERS[name]).bind(None, None, **said)
    except TypeError as other:
        raise LookupError(
            f"this version reads order {name} otherwise ({other}); use the switchhook"
            " that is running"
        ) from None
    for _ in range(TRIES):
        try:
            return _told(database, clock, name, said, who)
        except CLASH:
            continue
        except sa.exc.OperationalError as gave_way:
            if not transient(gave_way):
                raise
    raise LookupError(
        "a worker wrote to the same account each time; nothing was done; say it again"
    )


def as_said_by(who: Who, said: Mapping[str, Any]) -> Told:
    """The order as it is written down where somebody else carries it out."""
    return {**said, WHO: asdict(who)}


def _told(
    database: Database, clock: Clock, name: str, said: Mapping[str, Any], who: Who
) -> Told:
    try:
        with database.change() as tx:
            if who.once and (before := audit.done(tx, who, name, said)) is not None:
                return before
            at = clock.now()
            told = _ORDERS[name](tx, at, **said)
            if name not in QUIET:
                audit.note(tx, who, name, said, told, at)
            if name == ADVANCE:
                # Before it is kept: who waits to write begins by the new time.
                clock.follow(tx)
    except BaseException:
        if name == ADVANCE:
            with database.read() as tx:
                clock.follow(tx)
        raise
    return told


def _resolve(
    tx: sa.Connection, at: datetime, attempt: int, arrived: bool, because: str
) -> Told:
    ended = desk.resolve(tx, attempt, arrived=arrived, because=because, at=at)
    return {"attempt": attempt, "arrived": arrived, "account": ended.account}


def _release(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str,
    arrived: Sequence[str] = (),
) -> Told:
    desk.release(tx, account, because, at, arrived)
    return {"released": account}


def _retry(
    tx: sa.Connection,
    at: datetime,
    operation: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    desk.retry(tx, operation, at)
    return {"retried": operation}


def _retry_all(
    tx: sa.Connection,
    at: datetime,
    operations: Sequence[str],
    because: str,  # noqa: ARG001 - the audit keeps it
) -> Told:
    """Those of them that are still stuck; how many are not."""
    retried = desk.retry_all(tx, operations, at)
    return {"retried": retried, "left": len(operations) - retried}


def _send_again(tx: sa.Connection, at: datetime, delivery: int) -> Told:
    outbox.retry(tx, delivery, at)
    return {"retried": delivery}


def _pause(
    tx: sa.Connection, at: datetime, backend: str, seconds: float | None, because: str
) -> Told:
    until = at + (backends.FOR_EVER if seconds is None else timedelta(seconds=seconds))
    backends.pause(tx, backend, until, because, by_hand=True)
    return {"paused": backend, "until": None if seconds is None else until.isoformat()}


def _resume(tx: sa.Connection, at: datetime, backend: str) -> Told:
    if not backends.resume(tx, backend, by_hand=True):
        raise LookupError(f"backend {backend} is not paused; see `switchhook backend`")
    lanes.count_anew(tx, backend, at)
    lanes.due_now(tx, backend, at)
    return {"resumed": backend}


def _probed(
    tx: sa.Connection,
    at: datetime,
    backend: str,
    found: Sequence[Told],
    because: str | None = None,
) -> Told:
    verdicts.keep(tx, backend, [verdicts.read(each) for each in found], at)
    return {"probed": backend, "because": because}


def _allow_off(
    tx: sa.Connection, at: datetime, backend: str, count: int, seconds: float,
    because: str,
) -> Told:  # fmt: skip
    # The lanes first, as everybody locks them.
    woken = lanes.wake_stopped(tx, backend, at)
    until = at + timedelta(seconds=seconds)
    switchoffs.allow(tx, backend, count, until, because)
    return {"allowed": backend, "count": count, "until": until.isoformat(),
            "waited": woken}  # fmt: skip


def _apply(
    tx: sa.Connection,
    at: datetime,
    account: str,
    digest: str,
    revision: int,
    catalog: str,
    steps: Sequence[str],
    because: str,
    batch: str | None = None,
    by: str | None = None,
    operation: int | None = None,
) -> Told:
    """The number of the confirmation; None, where the account is another by now."""
    batches.hold_on(tx, batch)
    said = tuple(steps), because, batch, by, operation
    wanted = Wanted(account, digest, revision, catalog, *said)
    try:
        return {"confirmation": confirmations.confirm(tx, wanted, at)}
    except Changed:
        return {"confirmation": None}


def _decline(
    tx: sa.Connection, at: datetime, operation: str, by: str, because: str
) -> Told:
    account = approving.decline(tx, operation, by, because, at)
    return {"declined": operation, "account": account}


def _advance(tx: sa.Connection, at: datetime, seconds: float) -> Told:
    """Done, or what is under way."""
    return {"under_way": advancing.advance(tx, timedelta(seconds=seconds), at)}


def _sync(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    """Looked at now, and brought in line."""
    lanes.wake(tx, account, at)
    return {"woken": account}


def _tick_now(tx: sa.Connection, at: datetime, tick: str) -> Told:
    if not ticks.hurry(tx, tick, at):
        raise LookupError(
            f"{tick} never ran yet: start `switchhook serve` or `worker` first"
        )
    facts.ask(tx, tick, at)
    return {"due": tick}


def _purge(tx: sa.Connection, at: datetime, account: str, because: str) -> Told:
    desk.write_off(tx, account, because, at)
    return {"written_off": account}


def _deleted(
    tx: sa.Connection, at: datetime, service: str, name: str, because: str
) -> Told:
    account = desk.deleted(tx, service, name, because, at)
    return {"account": account, "deleted": f"{name} of {service}"}


def _send_login(
    tx: sa.Connection,
    at: datetime,
    account: str,
    because: str,
    channel: str | None = None,
    hash: str | None = None,  # noqa: A002 - of the link that was printed
) -> Told:
    told = logins.again(tx, account, because, at, channel=channel, hash_=hash)
    return {"account": account, "issue": told.login, "source": told.source}


def _move(tx: sa.Connection, at: datetime, key: str, to: str, because: str) -> Told:
    return {"moved": key, "from": held.move(tx, key, to, because, at), "to": to}


def _refund(
    tx: sa.Connection,
    at: datetime,
    key: str,
    because: str,
    credit: str | None = None,
    channel: str = "",
) -> Told:
    """*credit*: to be given to him at his platform by that channel."""
    if credit is None:
        return {"refunded": key, "sum": str(held.refund(tx, key, because, at))}
    sum_ = crediting.refund(tx, key, Decimal(credit), channel, because, at)
    return {"refunded": key, "sum": str(sum_), "credit": credit}


def _adopt(
    tx: sa.Connection, at: datetime, these: Sequence[Told], because: str
) -> Told:
    taking = [adoptions.to_taking(told, at) for told in these]
    for batch in sorted({str(each.account.batch) for each in taking}):
        batches.hold_on(tx, batch)
    return dict(adoptions.take(tx, taking, because, at))


def _let_go(
    tx: sa.Connection,
    at: datetime,
    because: str,
    most: int,
    names: Sequence[str] | None = None,
    batch: str | None = None,
) -> Told:
    gone = adoptions.release(tx, because, at, most=most, names=names, batch=batch)
    return {"released": gone}


def _undo(
    tx: sa.Connection, at: datetime, batch: str, because: str, most: int, after: str
) -> Told:
    undone = adoptions.undo(tx, batch, because, at, most=most, after=after)
    return {"undone": undone.ids, "kept": undone.kept, "last": undone.last}


def _send_again_sum(
    tx: sa.Connection,
    at: datetime,
    key: str,
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:
    return {"retried": key, "account": held.retry(tx, key, at)}


def _give(
    tx: sa.Connection,
    at: datetime,
    to: str,
    sum: str,  # noqa: A002 - as people say it
    because: str,
    reference: str,
    most: str,
) -> Told:
    amount_, currency = sum.split()
    money = Money(amount(amount_), currency)
    key = held.give(tx, to, money, because, reference, amount(most), at)
    return {"given": key, "sum": str(money)}


def _give_coupons(tx: sa.Connection, _at: datetime, these: Sequence[Told]) -> Told:
    cards = [payload.to_coupon(each) for each in these]
    return {"given": vouchers.give(tx, cards), "coupons": [card.id for card in cards]}


def _activate_coupon(
    tx: sa.Connection, at: datetime, was: Told, activation: Told, revision: int
) -> Told:
    card, now = payload.to_coupon(was), payload.to_activation(activation)
    vouchers.activate(tx, card, now, revision, at)
    return {"activated": card.id, "service": now.service}


def _pass_coupon(tx: sa.Connection, _at: datetime, was: Told, to: str) -> Told:
    card = payload.to_coupon(was)
    vouchers.pass_on(tx, card, to)
    return {"passed": card.id, "to": to}


def _revoke_coupon(
    tx: sa.Connection,
    at: datetime,
    id: str,  # noqa: A002 - the coupon's
    by: str,
    because: str,
) -> Told:
    vouchers.revoke(tx, id, by, because, at)
    return {"revoked": id}


def _spread(
    tx: sa.Connection,
    at: datetime,
    account: str,
    umbrella: str,
    until: str | None,
    because: str,
) -> Told:
    ends = datetime.fromisoformat(until) if until else None
    vouchers.spread(tx, account, Acting(umbrella, at, ends, because), at)
    return {"account": account, "umbrella": umbrella, "until": until}


def _fold(tx: sa.Connection, at: datetime, account: str, umbrella: str) -> Told:
    vouchers.fold(tx, account, umbrella, at)
    return {"account": account, "umbrella": umbrella, "until": at.isoformat()}


def _give_promise(
    tx: sa.Connection, at: datetime, promise: Told, revision: int
) -> Told:
    account = promising.give(tx, unpaid.to_promise(promise), revision, at)
    return {"promised": account, "until": promise["until"]}


def _apply_catalog(
    tx: sa.Connection,
    at: datetime,
    version: str,
    content: str,
    was: str | None,
    by: str,
    because: str | None = None,
) -> Told:
    """Its number; None, where another is current than it was compared with."""
    now = _edition(content)
    if now is None or digest(now) != version:
        raise LookupError(
            "this version reads those terms otherwise; use the switchhook that is"
            " running"
        )
    if catalogs.current(tx).read() != was:
        return {"applied": None}
    before = catalogs.contents(tx, [was]).get(was) if was else None
    no = catalogs.apply(tx, version, content, by, because, at)
    known = _edition(before or "")
    spread = _spread_anew(known, now)
    catalogs.look_again(tx, _dunned_anew(known, now), at, spread)
    return {"applied": no}


def _edition(content: str) -> Edition | None:
    """None, where another version wrote it."""
    try:
        return read(Edition, content)
    except ValueError:
        return None


def _dunned_anew(before: Edition | None, now: Edition) -> set[str]:
    """The sources for which something else follows now, where nobody pays."""
    was, will = before.terms.dunning if before else {}, now.terms.dunning
    return {name for name in {**was, **will} if was.get(name) != will.get(name)}


def _spread_anew(before: Edition | None, now: Edition) -> set[str]:
    """The umbrellas that are worth something else now."""
    was, will = before.terms.umbrellas if before else {}, now.terms.umbrellas
    return {name for name in {**was, **will} if was.get(name) != will.get(name)}


def _move_to_current(
    tx: sa.Connection, at: datetime, package: str, to: str, now: bool, after: str,
    most: int, by: str | None = None, because: str | None = None,
) -> Told:  # fmt: skip
    these = catalogs.to_move(tx, package, to, now=now, after=after, most=most)
    catalogs.move(tx, these, to, at, now=now)
    said = catalogs.Movement(package, to, now, len(these), at, by, because)
    catalogs.note_move(tx, said, first=not after)
    return {"moved": len(these), "last": these[-1].ref if these else None}


def _set_threshold(
    tx: sa.Connection,
    at: datetime,
    account: str,
    service: str | None,
    measure: str,
    level: str,
    per: str | None,
    by: str,
) -> Told:
    bound = Threshold(Measure(measure), amount(level), Per(per) if per else None)
    number = thresholds.set_(tx, account, service, bound, by, at)
    return {"threshold": number, "account": account}


def _drop_threshold(tx: sa.Connection, _: datetime, threshold: int) -> Told:
    thresholds.drop(tx, threshold)
    return {"dropped": threshold}


def _reseal(
    tx: sa.Connection,
    _: datetime,
    place: str,
    swaps: Sequence[tuple[str, str, str]],
    by: str,  # noqa: ARG001 - whoever carries it out must know that key
) -> Told:
    return {"resealed": sealed.swap(tx, place, swaps)}


_ORDERS: dict[str, Order] = {
    **people.ORDERS,
    **customers.ORDERS,
    **members.ORDERS,
    **shopping.ORDERS,
    **renewing.ORDERS,
    **batching.ORDERS,
    "umbrella.spread": _spread,
    "umbrella.fold": _fold,
    "coupon.give": _give_coupons,
    "coupon.activate": _activate_coupon,
    "coupon.pass": _pass_coupon,
    "coupon.revoke": _revoke_coupon,
    "promise.give": _give_promise,
    "unsure.resolve": _resolve,
    "unsure.release": _release,
    "account.purge": _purge,
    "account.sync": _sync,
    "data.deleted": _deleted,
    "tick.now": _tick_now,
    "event.retry": _retry,
    "event.retry_all": _retry_all,
    "event.decline": _decline,
    ADVANCE: _advance,
    "delivery.retry": _send_again,
    "money.move": _move,
    "money.refund": _refund,
    "money.give": _give,
    "adopt.take": _adopt,
    "adopt.release": _let_go,
    "adopt.undo": _undo,
    "money.retry": _send_again_sum,
    "backend.pause": _pause,
    "plan.apply": _apply,
    "catalog.apply": _apply_catalog,
    "catalog.move": _move_to_current,
    "backend.resume": _resume,
    "backend.probed": _probed,
    "backend.allow_off": _allow_off,
    "login.send": _send_login,
    "reconcile.begin": keeping.begin,
    "reconcile.note": keeping.note,
    "reconcile.ask_again": keeping.ask_again,
    "reconcile.end": keeping.end,
    RESEAL: _reseal,
    "threshold.set": _set_threshold,
    "threshold.drop": _drop_threshold,
}
