"""How each service of an account is, and what its customer is shown of it (P2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.words import render
from provisioning.core import acting, status, telling
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.dues import Due
from provisioning.core.panel import Panel, panel
from provisioning.core.pledging import kept_on
from provisioning.core.sentences import minute
from provisioning.core.subscribed import lists, subscribed

Status = tuple[status.Status, status.Reason | None]


def row(
    account: Account, sold: Service, catalog: Catalog, at: datetime, *, live: bool
) -> dict[str, Any]:
    """In words. *live*: whether its backend was seen to have it as it should be."""
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
        **_panel(shown(account, sold, catalog, (word, why), at)),
        "tried until": tried,
        "paid until": until,
        "data": [str(render(s)) for s in telling.said(account, sold, catalog, at)],
        "promised": render(kept_on(account, sold, at)),
        "to come": tuple(
            due for due in acting.dues(account, sold, catalog) if at < due.at
        ),
    }


def shown(
    account: Account, sold: Service, catalog: Catalog, status: Status, at: datetime
) -> Panel | None:
    """None of a package that nobody knows any more."""
    _, prices = lists(sold, sold.package, catalog, account.group)
    if sold.package not in prices.packages:
        return None
    has = subscribed(sold, prices, at, account.trial(sold.ref))
    turns = acting.becoming(account, sold, catalog)
    if has.next and turns:
        has = replace(has, next=replace(has.next, at=turns))
    until = acting.along(account, sold, catalog).paid_until
    return panel(sold, has, prices, status, until)


def _panel(its: Panel | None) -> dict[str, Any]:
    """What its customer is shown of the plan."""
    if its is None:
        return {}
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
        case tuple() if all(isinstance(one, Due) for one in value):
            return "; ".join(f"{due.what} {minute(due.at)}" for due in value)
        case tuple():
            return ", ".join(value)
    return value
