"""What stands on record of an account: its ledger, events, calls, coupons, acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from bridge import cards
from bridge.access.roles import May
from bridge.store import audit, coupons, logins, usage
from bridge.store.pages import account as kept
from bridge.store.pages import events
from bridge.web.asked import Asked
from bridge.web.console import charts
from bridge.web.console.accounts import framed, of
from bridge.web.console.registry import console
from bridge.web.forms import Form, number
from bridge.web.site import Page
from provisioning.core.account import Account

MOST = 50
BURNT, USED = timedelta(days=90), timedelta(days=31)
CALLS = 300
"""Whose balances make the picture of how credit is used up."""


class Before(Form):
    before = number(1, 2**62, load_default=None)


@console.get("/accounts/<account>/ledger", may=May.SEE, query=Before)
def ledger(asked: Asked, account: str) -> Page:
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        lines, before = kept.ledger_of(tx, found.id, asked.told["before"], MOST)
    return _page("ledger", "Ledger", found, before, lines=lines, books=kept.SHOWN)


@console.get("/accounts/<account>/events", may=May.SEE, query=Before)
def told(asked: Asked, account: str) -> Page:
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        heard = events.of_lane(tx, found.id, asked.told["before"], MOST)
    return _page("events", "Events", found, heard.before, rows=heard.rows)


@console.get("/accounts/<account>/messages", may=May.SEE, query=Before)
def messages(asked: Asked, account: str) -> Page:
    """Mails, and what they gave: logins, with how often each was seen."""
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        issues = logins.newest(tx, MOST, found.id)
        mails, before = kept.mails(tx, found.id, asked.told["before"], MOST)
    shown = [(issue, issue.is_open(asked.at)) for issue in issues]
    return _page("messages", "Messages", found, before, issues=shown, mails=mails)


@console.get("/accounts/<account>/usage", may=May.SEE, query=Before)
def used(asked: Asked, account: str) -> Page:
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        rows, before = kept.attempts_of(tx, found.id, asked.told["before"], MOST)
        seen = kept.balances(tx, found.id, asked.at - BURNT, CALLS)
        by_day = usage.days(tx, found.id, (asked.at - USED).date())
    points = [(one.at, one.amount) for one in seen]
    about = f"Balance in {found.currency} over time; the table below says the same"
    chart = charts.steps(about, points) if len(points) > 1 else None
    shown = {"rows": rows, "seen": seen, "chart": chart, "used": by_day[::-1]}
    return _page("usage", "Usage", found, before, **shown)


@console.get("/accounts/<account>/coupons", may=May.SEE)
def had(asked: Asked, account: str) -> Page:
    catalog, at = asked.parts.catalog, asked.at
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        these = coupons.of(tx, found.id, MOST)
    shown = [
        (each, cards.state(each, catalog, at), cards.uses(each, found, catalog, at))
        for each in these
    ]
    return _page("coupons", "Coupons", found, None, cards=shown)


@console.get("/accounts/<account>/audit", may=May.AUDIT, query=Before)
def acts(asked: Asked, account: str) -> Page:
    with asked.parts.database.read() as tx:
        found = of(tx, account)
        about = [found.id, *(service.ref for service in found.services)]
        before = asked.told["before"]
        notes = audit.notes(tx, most=MOST + 1, before=before, of=about)
    older = notes[MOST - 1].id if len(notes) > MOST else None
    return _page("audit", "Audit", found, older, notes=notes[:MOST])


def _page(
    name: str, title: str, account: Account, before: int | None, **shown: Any
) -> Page:
    older = before and f"{request.path}?before={before}"
    data = framed(account, older=older, **shown)
    return Page(f"account_{name}", f"{title} of {account.id}", data)
