"""Before a sum is sent: whether its balance is trusted, or it arrived long ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bridge.seeing import look
from bridge.store import accounts, attempts, books, facts
from bridge.taking_in import take_in
from bridge.work import Waiting, Work
from provisioning.core import offsets
from provisioning.core.credit import Claim
from provisioning.core.offsets import Offsets
from provisioning.core.outcomes import Later
from provisioning.core.plan import Plan

FOUND = "listed at the backend, found after the restore"
"""Why a sum is booked that this database never sent."""


def trusts(work: Work) -> bool:
    """Before a sum: whether the balance is no older than the last one proven.

    Read from a replica that lags, it would take the last sum for the next. A lag does
    not outlast the window; what is missing after that stops money until a person looks.
    """
    seen, limits, last = work.seen, work.limits, work.last_balance()
    if last is None or seen is None:
        return True
    balance, when = last
    most = limits.burn.most(work.cap_in_force(seen), work.seen_by - when)
    if seen.balance >= balance - most:
        return True
    fell = f"the balance was {balance} and is {seen.balance}, less than usage explains"
    if work.seen_at < when + timedelta(seconds=limits.settle):
        raise Later(f"{fell}: it is read again before more is sent.")
    _stop_money(work, fell)
    return False


def found(work: Work, todo: Plan, sum_: Claim) -> bool:
    """Before a sum of a restored account: whether it was sent after the backup.

    Then it is among the payments, and booked. Waiting, while what was sent right before
    the restore may still land and be listed. Where the list cannot be trusted, money
    stops until a person has looked. True: something changed, plan again.
    """
    if work.account.restored_at is None:
        return False
    look(work, sum_.key)
    if not work.listed:
        _wait_till_it_landed(work)
        return _list_is_cut(work) or _is_paid_back(work, todo, sum_)
    with work.change() as (draft, at):
        take_in(work, draft, todo, at)
        books.settle(draft, work.account.id, sum_, FOUND, at, work.head)
    work.done_with(sum_.key, sum_.sent)
    return True


def _is_paid_back(work: Work, todo: Plan, sum_: Claim) -> bool:
    """Not sent before the restore, for certain now: what is paid back is not sent."""
    known = work.ledger.open + todo.bookings
    unsent = Offsets(
        tuple(
            each
            for each in offsets.voids(known, work.live.claims)
            if each.sum.key == sum_.key
        )
    )
    if not unsent:
        return False
    with work.change() as (draft, at):
        take_in(work, draft, replace(todo, offsets=unsent), at)
    return True


def _wait_till_it_landed(work: Work) -> None:
    """What left right before the restore may be listed only then."""
    with work.desk.database.read() as tx:
        restored = facts.restored(tx)
    limits = work.limits
    lands = timedelta(seconds=2 * limits.call_deadline + limits.settle)
    if restored and work.seen_at < restored.at + lands:
        raise Waiting(restored.at + lands)


def _list_is_cut(work: Work) -> bool:
    """Whether the list lacks what certainly arrived: then it proves nothing absent.

    Its references may be shortened, or only some pages of it be shown.
    """
    with work.desk.database.read() as tx:
        last = attempts.last_sum(tx, work.account.id)
    if last is None:
        return False
    look(work, last)
    if work.listed:
        return False
    why = f"the backend does not list {last}, which arrived: what else it lacks may too"
    _stop_money(work, why)
    return True


def _stop_money(work: Work, why: str) -> None:
    """Until a person has looked."""
    with work.change() as (draft, _):
        stopped = replace(work.account, money_stopped=why)
        work.account = accounts.save(draft, work.account, stopped)
