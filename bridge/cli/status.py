"""The verb that says how each service of an account is: active, tried, or why not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bridge.cli.output import as_json, kept, line, speaks
from bridge.panels import shown
from bridge.preview import is_live, preview
from bridge.words import render
from bridge.work import Work
from provisioning.core import acting, status, telling
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.plan import Plan
from provisioning.core.pledging import kept_on
from provisioning.core.sentences import minute

Status = tuple[status.Status, status.Reason | None]


@click.command()
@click.argument("name", metavar="ACCOUNT|SERVICE")
@as_json
@click.pass_obj
@speaks
def show(path: Path, name: str, plain: bool) -> None:
    """How each service is, and why: the backend is read for it. One is active only
    where the backend has it so."""
    parts = kept(path)
    job, todo = preview(name, parts.runner.desk, parts.editions)
    at = parts.clock.now()
    rows = [_row(job, todo, sold, at) for sold in todo.account.services]
    if plain:
        line(rows)
        return
    for row in rows:
        click.echo(f"{row.pop('service')}: {row.pop('said')}")
        for about, value in row.items():
            for each in value if isinstance(value, list) else [value]:
                if each:
                    click.echo(f"  {about}: {each}")


def _row(job: Work, todo: Plan, sold: Service, at: datetime) -> dict[str, Any]:
    account, catalog = todo.account, job.catalog
    facts = status.facts(account, sold, catalog, at, live=is_live(job, todo))
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
        "tried until": _moment(tried),
        "paid until": _moment(until),
        "data": [str(render(s)) for s in telling.said(account, sold, catalog, at)],
        "promised": render(kept_on(account, sold, at)),
        "to come": "; ".join(
            f"{due.what} {minute(due.at)}"
            for due in acting.dues(account, sold, catalog)
            if at < due.at
        ),
    }


def _panel(
    account: Account, sold: Service, catalog: Catalog, status: Status, at: datetime
) -> dict[str, Any]:
    """What its customer is shown of the plan; nothing of one that nobody knows."""
    its = shown(account, sold, catalog, status, at)
    return (
        {}
        if its is None
        else {
            "accounts": its.choice.quantity,
            "price": str(its.price),
            "cycle": its.choice.cycle,
            "next payment": _moment(its.next_payment),
            "registered": _moment(its.registered),
            "next package": its.coming and its.coming.choice.package,
            "actions": ", ".join(its.actions),
        }
    )


def _moment(at: datetime | None) -> str | None:
    return minute(at) if at else None
