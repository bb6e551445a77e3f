"""How each service of an account is, and what its customer is shown of it (P2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.words import render
from provisioning.core import acting, status
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.panel import panel
from provisioning.core.pledging import kept_on
from provisioning.core.sentences import minute
from provisioning.core.subscribed import lists, subscribed

Status = tuple[status.Status, status.Reason | None]


def shown(
    account: Account, sold: Service, catalog: Catalog, at: datetime, *, live: bool
) -> dict[str, Any]:
    """*live*: whether its backend was seen to have it as it should be."""
    found = seen(account, sold, catalog, at, live=live)
    return {name: _written(value) for name, value in found.items()}


def seen(
    account: Account, sold: Service, catalog: Catalog, at: datetime, *, live: bool
) -> dict[str, Any]:
    """The same, with moments and lists as they are."""
    facts = status.facts(account, sold, catalog, at, live=live)
    trial = status.trial_of(account, sold, catalog)
    word, why = status.status(facts, trial, at)
    tried = trial.ends if trial and at < trial.ends else None
    until = acting.along(account, sold, catalog).paid_until
    return {
        "service": sold.ref,
        "package": sold.package,
        "status": word.value,
        "said": render(status.told(word, why)),
        **_panel(account, sold, catalog, (word, why), at),
        "tried until": tried,
        "paid until": until,
        "promised": render(kept_on(account, sold, at)),
        "to come": [due for due in acting.dues(account, sold, catalog) if at < due.at],
    }


def _panel(
    account: Account, sold: Service, catalog: Catalog, status: Status, at: datetime
) -> dict[str, Any]:
    """What its customer is shown of the plan; nothing of one that nobody knows."""
    _, prices = lists(sold, sold.package, catalog, account.group)
    if sold.package not in prices.packages:
        return {}
    has = subscribed(sold, prices, at, account.trial(sold.ref))
    until = acting.along(account, sold, catalog).paid_until
    its = panel(sold, has, prices, status, until)
    return {
        "accounts": its.choice.quantity,
        "price": str(its.price),
        "cycle": its.choice.cycle,
        "next payment": its.next_payment,
        "registered": its.registered,
        "next package": its.coming and its.coming.choice.package,
        "actions": its.actions,
    }


def _written(value: Any) -> Any:
    match value:
        case datetime():
            return minute(value)
        case list():
            return "; ".join(f"{due.what} {minute(due.at)}" for due in value)
        case tuple():
            return ", ".join(value)
    return value
