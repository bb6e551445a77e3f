"""What an account was let have unpaid, trials and promises, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from provisioning.core.account import Account
from provisioning.core.money import Money, text
from provisioning.core.promised import Promise
from provisioning.core.trial import Trial, Tried


def from_unpaid(account: Account) -> dict[str, Any] | None:
    if not account.trials and not account.promises:
        return None
    return {
        "trials": [_from_trial(each) for each in account.trials],
        "promises": [from_promise(each) for each in account.promises],
    }


def to_unpaid(
    kept: Mapping[str, Any] | None,
) -> tuple[tuple[Trial, ...], tuple[Promise, ...]]:
    if kept is None:
        return (), ()
    return (
        tuple(_to_trial(each) for each in kept["trials"]),
        tuple(to_promise(each) for each in kept["promises"]),
    )


def _from_trial(each: Trial) -> dict[str, Any]:
    was = each.was
    return {
        "family": each.family,
        "starts": each.starts.isoformat(),
        "ends": each.ends.isoformat(),
        "service": each.service,
        "line": each.line,
        "was": [was.package, was.quantity, list(map(list, was.extras))]
        if was
        else None,
    }


def _to_trial(kept: Mapping[str, Any]) -> Trial:
    was = kept["was"]
    told = {
        **kept,
        "starts": datetime.fromisoformat(kept["starts"]),
        "ends": datetime.fromisoformat(kept["ends"]),
        "was": was and Tried(was[0], was[1], tuple((n, many) for n, many in was[2])),
    }
    return Trial(**told)


def from_promise(each: Promise) -> dict[str, Any]:
    return {
        "service": each.service,
        "given_at": each.given_at.isoformat(),
        "until": each.until.isoformat(),
        "debt": [text(each.debt.amount), each.debt.currency],
        "by": each.by,
        "paid_at": each.paid_at and each.paid_at.isoformat(),
        "why": each.why,
    }


def to_promise(kept: Mapping[str, Any]) -> Promise:
    (amount, currency), paid = kept["debt"], kept["paid_at"]
    told = {
        **kept,
        "given_at": datetime.fromisoformat(kept["given_at"]),
        "until": datetime.fromisoformat(kept["until"]),
        "debt": Money(Decimal(amount), currency),
        "paid_at": datetime.fromisoformat(paid) if paid else None,
    }
    return Promise(**told)
