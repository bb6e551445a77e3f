"""What has ended is kept for a while and then purged; what was bought never with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from provisioning.core.account import LIFE, Account
from provisioning.core.credit import Bought
from provisioning.core.money import text


def noticed(account: Account, at: datetime) -> Account:
    """Since when nothing lives on it, counted from when we first saw it so.

    Anything that lives again ends the count, and whatever was said of it.
    """
    if account.purged_at:
        return account
    if not _has_ended(account):
        if account.ended_at or account.purge_waits or account.written_off:
            return replace(account, ended_at=None, purge_waits=None, written_off=None)
        return account
    return account if account.ended_at else replace(account, ended_at=at)


def due(account: Account, keep: timedelta | None) -> datetime | None:
    """When it is purged. None: never, for all that is known.

    Never counted from before the last word that ended something: a version that does
    not count may have revived and ended it in between.
    """
    if keep is None or account.ended_at is None or account.purged_at:
        return None
    if not _has_ended(account):
        return None
    words = [service.marks[LIFE].order.occurred_at for service in account.services]
    return max(account.ended_at, *words) + keep


def _has_ended(account: Account) -> bool:
    """All of it; what was sold and has not begun yet may still begin."""
    known = account.services
    return bool(known) and all(LIFE in s.marks and not s.alive for s in known)


def is_over(account: Account, keep: timedelta | None, at: datetime) -> bool:
    until = due(account, keep)
    return until is not None and at >= until


def why_not(account: Account, bought: Bought | None) -> str | None:
    """Why an account that is due is kept all the same; only a person can say more."""
    if bought is None:
        return "what was bought on it is not known"
    if account.money_stopped:
        return f"its money is stopped, release it first: {account.money_stopped}"
    if account.restored_at:
        return (
            "it comes from a backup, and what was sent since is not known: release it"
        )
    money = account.currency
    if bought.held:
        return f"{text(bought.held)} {money} paid for it were never applied"
    left = min(max(bought.balance, Decimal(0)), bought.applied)
    if left and not account.written_off:
        return (
            f"{text(left)} {money} bought are left on it (balance"
            f" {text(bought.balance)}, bought {text(bought.applied)} in all)"
        )
    return None
