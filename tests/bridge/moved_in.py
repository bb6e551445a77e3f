"""Customers who were there before us: users of a backend, and the operator's list."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from decimal import Decimal

from click.testing import CliRunner

from bridge.cli import main
from provisioning.simulator.rows import User
from tests.days import dated, day

UNTIL = dated(20)
"""When every customer's next payment is due."""

DUE = day(20)


def move_in(simulator, count, *, first=1, credit="12.5", **levels):
    """So many users nobody here made: as package starter has it, or as said."""
    with simulator._changed:
        for no in range(first, first + count):
            said = {"tariff": "1", "channels": 5} | levels
            simulator._model.add(
                User(0, f"old{no}", "their own", credit=Decimal(credit), **said)
            )


def row(no, **more):
    said = {"service": f"{no}", "client": f"c{no}", "email": "", "package": "starter",
            "backend": "main", "user": f"old{no}", "paid_until": UNTIL}  # fmt: skip
    return said | more


def listed(rig, rows, name="fleet.csv"):
    path = rig.path.parent / name
    with path.open("w", newline="", encoding="utf-8") as file:
        titles = list(dict.fromkeys(title for one in rows for title in one))
        writer = csv.DictWriter(file, titles, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def switchhook(rig, *arguments):
    return CliRunner().invoke(main, ["--config", str(rig.path), *map(str, arguments)])


def adopt(rig, *arguments):
    """What `adopt … --json` told, line by line, and how it ended."""
    result = switchhook(rig, "adopt", *arguments, "--json")
    assert result.stdout or result.exit_code, result
    return [json.loads(one) for one in result.stdout.splitlines()], result


def planned(rig, rows, name="plan"):
    """The plan's file. One source is enough to need no name; there are two here."""
    out = rig.path.parent / f"{name}.jsonl"
    adopt(rig, listed(rig, rows), "--source", "shop", "--out", out)
    return out


def apply(rig, plan):
    [told], result = adopt(rig, "apply", plan, "--because", "moving in")
    return told, result.exit_code


def moved_in(rig, simulator, count=1, **more):
    """All the way: users, list, plan, adoption. Its batch."""
    move_in(simulator, count)
    plan = planned(rig, [row(no, **more) for no in range(1, count + 1)])
    told, _ = apply(rig, plan)
    assert {"adopted": count} == {k: n for k, n in told.items() if n}
    return json.loads(plan.read_text().splitlines()[0])["batch"]


def release(rig, *which):
    [told], result = adopt(rig, "release", *which, "--because", "looked at")
    return told, result.exit_code


def renew(rig, no=1, starts=DUE, id_=None, line=None):
    return rig.post(
        id_ or f"renewal-{no}",
        "service.renewed",
        starts,
        service={"ref": f"{no}", "period_start": starts.isoformat()},
        billing={"line_ref": line or f"r{no}"},
    )


def by_hand(simulator, no, **changed):
    """Somebody changes a user past us."""
    with simulator._changed:
        user = simulator._model.users[no]
        simulator._model.keep(replace(user, **changed))
