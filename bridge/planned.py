"""What is said of a plan of one account: the same on a terminal and on a page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from bridge.bulk.many import goes_off
from bridge.steps import steps
from bridge.store import accounts, switchoffs
from bridge.store.switchoffs import Room
from bridge.words import render
from bridge.work import Work
from provisioning.core import acting, scheduled
from provisioning.core.account import Account, Service
from provisioning.core.entitlements import spelled
from provisioning.core.money import text
from provisioning.core.plan import Plan
from provisioning.core.sentences import minute
from provisioning.core.trial import Trial

SHORT = 12
"""Digits of a hash that people copy."""


def told(job: Work, todo: Plan) -> dict[str, Any]:
    """All there is to say of it."""
    shown = {
        "account": todo.account.id,
        "username": todo.account.username,
        "backend": todo.account.backend,
        "balance": text(job.seen.balance) if job.seen else None,
        "services": _services(todo),
        "debt": _debt(job),
        "steps": steps(todo),
        "held": render(todo.held),
        "purge": _purge(todo),
        "hash": todo.hash,
    }
    if todo.account.group:
        shown["group"] = todo.account.group
    if observed := _observed(job, todo):
        shown["observed"] = observed
    if acts := _acting(job, todo.account):
        shown["acting"] = acts
    return shown


def sums(todo: Plan) -> dict[str, Decimal]:
    """What would be sent, by currency; below nothing it is taken back."""
    found: dict[str, Decimal] = {}
    for claim in todo.flows:
        currency = claim.money.currency
        found[currency] = found.get(currency, Decimal(0)) + claim.sent
    return found


def guard(job: Work, todo: Plan) -> Room | None:
    """How many more may be switched off there; None, where this switches none off."""
    if not goes_off(todo):
        return None
    caps, at = job.gate.caps, job.desk.clock.now()
    with job.desk.database.read() as tx:
        return switchoffs.room(
            tx, todo.account.backend, at, caps.off_share, caps.off_least
        )


def ordered(
    todo: Plan,
    because: str,
    by: str,
    batch: str | None = None,
    operation: int | None = None,
    hash_: str | None = None,
) -> dict[str, Any]:
    """What the order `plan.apply` says, for it to be done as it is here.

    *operation*: the change that is agreed to by it; then *hash_* is of both.
    """
    return {
        "account": todo.account.id,
        "digest": hash_ or todo.hash,
        "revision": todo.account.revision,
        "catalog": todo.catalog,
        "steps": todo.steps,
        "because": because,
        "batch": batch,
        "by": by,
        "operation": operation,
    }


def _debt(job: Work) -> str | None:
    """What the next top-up pays first."""
    debts = job.ledger.debts
    total = sum((debt.rest for debt in debts), Decimal(0))
    return f"{text(total)} {debts[0].money.currency}" if debts else None


def _services(todo: Plan) -> list[str]:
    """What is sold on it, how many, with what, until when it is paid, and by which
    terms, where those are not current any more."""
    services = todo.account.services
    each = ((s, todo.account.trial(s.ref)) for s in services)
    return [_service(s, tried) + _terms(s, todo.catalog) for s, tried in each]


def _terms(service: Service, current: str) -> str:
    if service.version in {None, current}:
        return ""
    moves = f", {service.moves_to[:SHORT]} from its renewal" if service.moves_to else ""
    return f", by the terms {(service.version or '')[:SHORT]}{moves}"


def _acting(job: Work, account: Account) -> list[str]:
    """Where a coupon or an umbrella acts: until when the services are really paid for,
    and what each limit is made of."""
    if not account.activations and not account.umbrellas:
        return []
    at, catalog = job.desk.clock.now(), job.catalog
    said = []
    for service in account.services:
        until = acting.along(account, service, catalog).paid_until
        if until and until != service.paid_until:
            said.append(f"{service.ref}: paid until {minute(until)} by its coupons")
        waits = set(service.holds) - set(acting.holds(account, service, catalog, at))
        said += [f"{service.ref}: {hold} hold counts from then" for hold in waits]
        for limit in acting.explained(account, service, catalog, at):
            parts = ", ".join(f"{s.value} by {s.what} {s.name}" for s in limit.sources)
            said.append(f"{service.ref}: {limit.name} {spelled(limit.value)}: {parts}")
    return said


def _service(service: Service, tried: Trial | None) -> str:
    many = f"{service.quantity} x " if service.quantity > 1 else ""
    extras = "".join(f" + {count} x {name}" for name, count in service.extras)
    until = service.paid_until
    paid = f", paid until {minute(until)}" if until else ""
    fees = [period.fee for period in service.periods if period.fee]
    fee = f", set-up fee {fees[0]}" if fees else ""
    holds = "".join(f", {hold} hold" for hold in service.holds)
    holds += _next(service, tried.ends if tried else None)
    ended = "" if service.alive else ", not active"
    return f"{service.ref}: {many}{service.package}{extras}{paid}{fee}{holds}{ended}"


def _next(service: Service, tried: datetime | None) -> str:
    """Its next renewal package."""
    coming, due = service.next, scheduled.due(service, tried)
    if coming is None or due is None:
        return ""
    many = f"{coming.quantity} x " if coming.quantity else ""
    return f", becomes {many}{coming.package} on {minute(due)}"


def _observed(job: Work, todo: Plan) -> str | None:
    """Of an account that was adopted: that all this waits."""
    with job.desk.database.read() as tx:
        account = accounts.load(tx, todo.account.id)
    if account is None or account.observed_at is None:
        return None
    since = minute(account.observed_at)
    return f"only looked at since {since}; all this waits for its release"


def _purge(todo: Plan) -> str | None:
    """Where everything has ended: until when it is kept, and why longer."""
    account, due = todo.account, todo.purge_due
    if account.purged_at:
        return f"was purged on {minute(account.purged_at)}"
    if due is None:
        return None
    kept = f"; kept: {account.purge_waits}" if account.purge_waits else ""
    return f"not before {minute(due)}{kept}"
