"""How one service is, as staff and its customer are shown it; what would be done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from bridge import ahead
from bridge.answers import coupons
from bridge.answers.asked import Asked, moment, money
from bridge.panels import shown
from bridge.preview import is_live, preview
from bridge.steps import steps
from bridge.store import attempts, books, chain, operations
from bridge.words import render
from bridge.work import Work
from provisioning.core import acting, status, telling
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.entitlements import spelled
from provisioning.core.outcomes import Outcome
from provisioning.core.panel import Panel
from provisioning.core.plan import Plan

ENTRIES = 20


def service(asked: Asked) -> dict[str, Any]:
    found = asked.own()
    if found is None:
        return {"known": False}
    account, sold = found
    seen = _seen(asked)
    if seen:
        job, todo = seen
        account, catalog = todo.account, job.catalog
        sold = account.service(sold.ref) or sold
    else:
        with asked.wide.database.read() as tx:
            catalog = asked.wide.editions.now(tx, account.services)
    brand = asked.wide.config.brands.get(asked.source)
    ready = account.remote is not None
    return {
        "known": True,
        "username": account.username if ready else None,
        **state(account, sold, catalog, asked.at, live=_is_live(seen, account)),
        "observed": _observed(seen),
        "login_url": brand.login_url if brand and ready else None,
        **_kept(asked, account, sold, catalog, seen),
    }


def state(
    account: Account, sold: Service, catalog: Catalog, at: datetime, *, live: bool
) -> dict[str, Any]:
    """What holds of it, by what was sold and said; *live*: it is so at its backend."""
    facts = status.facts(account, sold, catalog, at, live=live)
    word, why = status.status(facts, status.trial_of(account, sold, catalog), at)
    coming, due = sold.next, acting.becoming(account, sold, catalog)
    limits = acting.explained(account, sold, catalog, at) if sold.alive else ()
    return {
        "status": word.value,
        "why": render(status.told(word, why)) if why else None,
        "package": sold.package,
        "next_package": {"name": coming.package, "at": moment(due)}
        if coming and due
        else None,
        "limits": {limit.name: spelled(limit.value) for limit in limits},
        "paid_until": moment(acting.along(account, sold, catalog).paid_until),
        "data": [render(each) for each in telling.said(account, sold, catalog, at)],
        "panel": _panel(shown(account, sold, catalog, (word, why), at)),
    }


def _panel(its: Panel | None) -> dict[str, Any] | None:
    """What a customer is shown of his plan (P2)."""
    if its is None:
        return None
    return {
        "price": money(its.price.amount, its.price.currency),
        "cycle": its.choice.cycle,
        "quantity": its.choice.quantity,
        "next_payment": moment(its.next_payment),
        "registered": moment(its.registered),
        "actions": [action.value for action in its.actions],
    }


def plan(asked: Asked) -> dict[str, Any]:
    """What would be done now; or what a change would do, or why it is refused."""
    job, todo = asked.looked_at()
    change = asked.maybe("change")
    if change is None:
        return {"steps": steps(todo)}
    then = ahead.seen(job, asked.at)
    try:
        said, after = ahead.changed(job, asked.ref(), change, then)
    except LookupError as unreadable:
        return {"steps": [], "refused": str(unreadable)}
    told = {
        "verdict": said["verdict"],
        "because": said["because"],
        "lines": said["lines"],
        "due_now": said["due now"],
        "due_next": said["due next"],
        "amount_due": _sum(said["due now"] or said["due next"]),
        "losses": said["losses"],
    }
    if after is None and _is_ruled(job, asked.ref(), change):
        return told | {"steps": [], "refused": said["because"]}
    if after is None:
        return {"steps": []}
    return told | {"steps": steps(after.todo) if after.todo else []}


def _is_ruled(job: Work, name: str, change: str) -> bool:
    """Whether our rules of change are asked: between packages that are on no ladder the
    platform alone decides, and what it says is done."""
    sold, to = job.account.service(name), change.split(",", maxsplit=1)[0].strip()
    if sold is None or to not in job.catalog.packages:
        return True
    return any(map(job.catalog.terms.family_of, (sold.package, to)))


def _sum(written: str | None) -> dict[str, str] | None:
    amount, _, currency = (written or "").partition(" ")
    return {"amount": amount, "currency": currency} if written else None


Looked = tuple[Work, Plan] | None


def _seen(asked: Asked) -> Looked:
    """None, where its backend cannot be read now: the rest is told all the same."""
    try:
        return preview(asked.ref(), asked.wide.desk, asked.wide.editions)
    except Outcome:
        return None


def _is_live(seen: Looked, account: Account) -> bool:
    """As it should be at the backend. Unseen, it is as it was when it was set up."""
    if seen is None:
        return account.remote is not None
    return is_live(*seen)


def _observed(seen: Looked) -> dict[str, str] | None:
    if seen is None or seen[0].seen is None:
        return None
    there = seen[0].seen.state
    levels = {name: spelled(value) for name, value in there.entitlements.items()}
    return {"on": "yes" if there.on else "no"} | levels


def _kept(
    asked: Asked, account: Account, sold: Service, catalog: Catalog, seen: Looked
) -> dict[str, Any]:
    """What is on record: sums, coupons, the last thing told."""
    with asked.wide.database.read() as tx:
        entries = chain.entries(tx, account.id)[-ENTRIES:]
        cards = coupons.usable(tx, asked, account, sold, catalog)
        came = books.arrived(tx, [account.id]).read().get(account.id, Decimal(0))
        last = attempts.last_balance(tx, account.id)
        paid = [period.event for period in sold.periods if period.event]
        said = [mark.order.arrival for mark in sold.marks.values()]
        told = operations.last_of(tx, account.id, asked.source, paid[-1:], said)
    there = seen[0].seen if seen else None
    balance = there.balance if there else last[0] if last else None
    film = acting.along(account, sold, catalog).film
    return {
        "balance": None if balance is None else money(balance, account.currency),
        "operation": told and _operation(told),
        "ledger": [_entry(entry) for entry in entries],
        "used": money(used(came, balance), account.currency),
        "coupons": cards,
        "timeline": [
            {
                "from": moment(part.starts),
                "to": moment(part.ends),
                "package": part.package,
                "why": part.why.value,
            }
            for part in film
        ],
    }


def _operation(told: operations.Operation) -> dict[str, Any]:
    return {
        "id": told.name,
        "type": told.type,
        "fate": told.fate.value,
        "why": render(told.why),
        "at": moment(told.changed_at),
    }


def _entry(entry: chain.Entry) -> dict[str, Any]:
    return {
        "at": moment(entry.at),
        "what": f"{entry.from_book} to {entry.to_book}",
        "amount": money(entry.amount, entry.currency),
        "because": entry.because,
    }


def used(came: Decimal, balance: Decimal | None) -> Decimal:
    """Of all that came in, what is there no longer."""
    return Decimal(0) if balance is None else max(Decimal(0), came - balance)
