"""Accounts: the list, and one account with how it is, how it should be, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from marshmallow import fields, validate

from bridge import ahead, panels
from bridge.access.roles import May
from bridge.ahead import Then
from bridge.draining import over_cap
from bridge.preview import is_live, loaded, preview
from bridge.steps import steps
from bridge.store import accounts as kept
from bridge.store import attempts, books, whereabouts
from bridge.store.pages import accounts
from bridge.store.pages.accounts import STATES, Wanted
from bridge.web.asked import Asked
from bridge.web.console import charts
from bridge.web.console.registry import console
from bridge.web.forms import Form
from bridge.web.site import Page
from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.desired import desired
from provisioning.core.entitlements import Entitlements, spelled
from provisioning.core.outcomes import Outcome

MOST = 50
PLAN = "/accounts/<account>/plan"
TABS = (
    ("Overview", "", May.SEE),
    ("Ledger", "/ledger", May.SEE),
    ("Events", "/events", May.SEE),
    ("Messages", "/messages", May.SEE),
    ("Usage", "/usage", May.SEE),
    ("Coupons", "/coupons", May.SEE),
    ("Audit", "/audit", May.AUDIT),
    ("Help", "/help", May.HELP),
)
"""The pages of an account, each behind its own path."""


class Which(Form):
    source = fields.String(load_default="", validate=validate.Length(max=200))
    backend = fields.String(load_default="", validate=validate.Length(max=200))
    state = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))
    after = fields.String(load_default="", validate=validate.Length(max=200))


class When(Form):
    look = fields.String(load_default="")
    at = fields.String(load_default="", validate=validate.Length(max=40))


@console.get("/accounts", may=May.SEE, query=Which)
def listed(asked: Asked) -> Page:
    told, parts = asked.told, asked.parts
    chosen = {name: told[name] for name in ("source", "backend", "state")}
    wanted = Wanted(**{name: value or None for name, value in chosen.items()})
    with parts.database.read() as tx:
        found = accounts.listed(tx, asked.scope, wanted, told["after"], MOST)
        rows = _rows(tx, asked, found.ids)
    said = {name: value for name, value in chosen.items() if value}
    older = found.after and f"/accounts?{urlencode(said | {'after': found.after})}"
    return Page(
        "accounts", "Accounts",
        {
            "rows": rows,
            "older": older,
            "chosen": told,
            "sources": sorted(asked.scope.sources or parts.sources),
            "backends": sorted(parts.backends),
            "states": list(STATES),
        },
    )  # fmt: skip


def _rows(tx: sa.Connection, asked: Asked, ids: Sequence[str]) -> list[dict[str, Any]]:
    """By what stands on record: nobody's backend is asked for a list."""
    found = kept.load_all(tx, ids).read()
    these = [found[id_].account for id_ in ids if id_ in found]
    sold = [service for account in these for service in account.services]
    catalog = asked.parts.editions.now(tx, sold)
    return [
        {"account": account, "services": _shown(account, catalog, asked.at, live=None)}
        for account in these
    ]


def _shown(
    account: Account, catalog: Catalog, at: datetime, *, live: bool | None
) -> list[dict[str, Any]]:
    """*live*: None, where nobody looked: then it is as it was when it was set up."""
    is_there = account.remote is not None if live is None else live
    return [
        panels.row(account, sold, catalog, at, live=is_there)
        for sold in account.services
    ]


@console.get("/accounts/<account>", may=May.SEE, query=When)
def one(asked: Asked, account: str) -> Page:
    """*look*: its backend is asked; *at*: as it was or will be then."""
    parts, at = asked.parts, asked.at
    with parts.database.read() as tx:
        found = of(tx, account)
        catalog = parts.editions.now(tx, found.services)
        last = attempts.last_balance(tx, found.id)
        debts = books.due_of(tx, found.id).debts
        made = accounts.made_at(tx, found.id)
    seen = _looked(asked, found.id) if asked.told["look"] else None
    live = seen["live"] if seen else None
    return Page(
        "account", f"Account {found.id}",
        framed(
            found,
            made=made,
            last=last,
            debts=[debt for debt in debts if debt.rest],
            services=_shown(found, catalog, at, live=live),
            seen=seen,
            times=_times(Then(found, catalog, at)),
            then=_then(asked, found.id) if asked.told["at"] else None,
            day=f"{at:%Y-%m-%d}",
        ),
    )  # fmt: skip


def of(tx: sa.Connection, name: str) -> Account:
    """By its own name or a service's."""
    found = kept.load(tx, whereabouts.of_service(tx, name) or name)
    if found is None:
        raise LookupError(f'There is no account "{name}".')
    return found


def framed(account: Account, **shown: Any) -> dict[str, Any]:
    """What every page of an account has around it."""
    path = path_of(account.id)
    plans = any(each.path == PLAN for each in console)
    return {"account": account, "path_of": path, "tabs": TABS, "plans": plans} | shown


def path_of(id_: str) -> str:
    return f"/accounts/{quote(id_, safe='')}"


def _looked(asked: Asked, id_: str) -> dict[str, Any]:
    """As its backend has it now, beside what it should be; or why nobody can say."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("fault", "live", "balance", "levels", "over_cap", "steps")
    )
    parts = asked.parts
    try:
        job, todo = preview(id_, parts.runner.desk, parts.editions)
    except Outcome as no:
        return nothing | {"fault": str(no)}
    should = desired(todo.account, job.catalog, asked.at)
    there = job.seen.state if job.seen else None
    return nothing | {
        "live": is_live(job, todo),
        "balance": job.seen.balance if job.seen else None,
        "over_cap": over_cap(job),
        "levels": compared(
            _levels(should.on, should.entitlements) if should else {},
            _levels(there.on, there.entitlements) if there else {},
        ),
        "steps": steps(todo),
    }


def _levels(on: bool, entitlements: Entitlements) -> dict[str, str]:
    named = {name: spelled(value) for name, value in sorted(entitlements.items())}
    return {"on": "yes" if on else "no"} | named


def compared(
    should: dict[str, str], there: dict[str, str]
) -> list[tuple[str, str | None, str | None, bool]]:
    """Name, what should be, what is, whether that is in line. What nobody sold is the
    backend's own matter."""
    return [
        (name, should.get(name), there.get(name), should.get(name) == there.get(name))
        for name in (should or there)
    ]


def _then(asked: Asked, id_: str) -> dict[str, Any]:
    parts = asked.parts
    try:
        job = loaded(id_, parts.runner.desk, parts.editions)
        at = ahead.moment(asked.told["at"], job.catalog.terms.zone)
        then = ahead.seen(job, at)
    except (Outcome, LookupError) as no:
        return {"fault": str(no), "times": (), "at": None, "services": ()}
    shown = _shown(then.account, then.catalog, at, live=True)
    return {"fault": None, "at": at, "times": _times(then), "services": shown}


def _times(then: Then) -> list[dict[str, Any]]:
    return [_time(then, service) for service in then.account.services]


def _time(then: Then, service: Service) -> dict[str, Any]:
    """Its limits, of what each is made, and its time as a bar."""
    said = ahead.of_service(then, service)
    film = acting.along(then.account, service, then.catalog).film
    about = f"The time of {service.ref}; the table below says the same"
    bar = charts.film(about, film, then.at) if film else None
    return {"ref": service.ref, "limits": said["limits"], "film": film, "bar": bar}
