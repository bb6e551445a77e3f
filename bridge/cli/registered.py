"""`switchhook catalog plans`: all that can be bought, and how many bought it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.cli.output import as_json, kept, line, speaks, table
from bridge.store import catalogs
from provisioning.core.catalog import Catalog
from provisioning.core.prices import PriceList

NOBODY = catalogs.Registered(0, 0)
TITLES = ("plan", "family", "rank", "price", "cycles", "services", "seats")


@click.command()
@as_json
@click.pass_obj
@speaks
def plans(path: Path, plain: bool) -> None:
    """Every plan there is, step by step, and how many accounts of it are registered.

    With those that are not sold any more and still run.
    """
    parts = kept(path)
    with parts.database.read() as tx:
        known = parts.editions.now(tx)
        running = catalogs.registered(tx)
    shown = [_sold(known, name, running.get(name, NOBODY)) for name in known.packages]
    shown.sort(key=lambda plan: (plan["family"] or "", plan["rank"] or 0))
    shown += [
        {"plan": name, "sold": False, "services": n.services, "seats": n.seats}
        for name, n in running.items()
        if name not in known.packages
    ]
    if plain:
        for plan in shown:
            line(plan)
    else:
        table(TITLES, [[_cell(plan.get(name)) for name in TITLES] for plan in shown])


def _sold(known: Catalog, name: str, n: catalogs.Registered) -> dict[str, Any]:
    ladder = known.terms.ladders.get(name)
    return {
        "plan": name,
        "sold": True,
        "family": ladder.family if ladder else None,
        "rank": ladder.rank if ladder else None,
        "price": str(known.packages[name].price),
        "cycles": list(PriceList(known.packages, known.terms).cycles(name)),
        "services": n.services,
        "seats": n.seats,
    }


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value
