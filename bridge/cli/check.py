"""`switchhook check`: what the configuration means, and whether it may be sold so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from bridge import proofs
from bridge.cli.output import ERROR, as_json, line, parts
from bridge.config import ConfigError
from bridge.editions import DIFFERS
from bridge.parts import Parts
from bridge.proofs import Lack
from bridge.store import verdicts
from bridge.store.verdicts import Probed, standing
from provisioning.core.catalog import Catalog, Package, TopUp
from provisioning.core.entitlements import ALL, Value
from provisioning.core.outcomes import Later

Told = dict[str, Any]


@click.command()
@as_json
@click.pass_obj
def check(path: Path, plain: bool) -> None:
    """Load the configuration and say what it means; start nothing, call no backend.

    Exit code 1 where something is wrong, or a package needs of its backend what
    `switchhook doctor --probe` has not verified.
    """
    try:
        loaded = parts(path)
        told = _told(loaded, *proofs.on_record(loaded.database))
        told["catalog"] = _standing(loaded, told["note"])
    except ConfigError as wrong:
        told = {"faults": str(wrong).splitlines()}
    if plain:
        line(told)
    else:
        for sentence in _sentences(told):
            click.echo(sentence)
    raise SystemExit(ERROR if told["faults"] else 0)


def _told(loaded: Parts, probed: Mapping[str, Probed], note: str | None) -> Told:
    config, catalog = loaded.config, loaded.config.catalog
    own = proofs.on_their_own(loaded.backends, config.accepting)
    lacking = proofs.lacks(catalog, own, probed)
    return {
        "sources": {
            name: {
                "kind": table.get("kind"),
                "path": f"/hooks/{name}",
                "secrets": len(table.get("secrets", ())),
                "products": dict(table.get("products", {})),
            }
            for name, table in config.sources.items()
        },
        "backends": {
            name: _backend(loaded, name, probed.get(name)) for name in loaded.backends
        },
        "groups": {name: list(members) for name, members in config.groups.items()},
        "packages": {
            name: _package(package) for name, package in catalog.packages.items()
        },
        "topups": {name: _topup(topup) for name, topup in catalog.topups.items()},
        "families": {name: _family(catalog, name) for name in catalog.terms.families},
        "warnings": list(config.warnings),
        "note": note,
        "faults": [_refuses(lack) for lack in lacking]
        + list(_overclaimed(loaded, probed)),
    }


def _standing(loaded: Parts, note: str | None) -> Told:
    """Whether what is written is current; None, where nobody can tell yet."""
    differs = None
    if note is None:
        with suppress(sa.exc.DBAPIError, Later):
            differs = loaded.editions.differs(loaded.database)
    return {"version": loaded.config.catalog.version, "differs": differs}


def _backend(loaded: Parts, name: str, probed: Probed | None) -> Told:
    host, config = loaded.backends[name], loaded.config
    can, now = host.describe(), proofs.digests(host)
    table = config.backends[name]
    return {
        "kind": table.get("kind"),
        "url": table.get("url"),
        "currency": can.currency,
        "holds": sorted(can.entitlements),
        "tariffs": _tariffs(table.get("tariffs"), sorted(can.tariffs)),
        "lists_payments": can.lists_payments,
        "deletes": can.deletes if KEPT & can.entitlements else None,
        "accounts": config.catalog.full.get(name),
        "by_contract": not now,
        "unverified": "accept" if name in config.accepting else "refuse",
        "probed": probed.at.isoformat(timespec="seconds") if probed else None,
        "verdicts": {w: standing(probed, w, now[w]).word.value for w in now},
    }


def _tariffs(written: object, known: list[str]) -> dict[str, str | None]:
    """Our name, and what it is called there, where that is written down."""
    if isinstance(written, Mapping):
        return {str(ours): str(wire) for ours, wire in written.items()}
    return dict.fromkeys(known)


def _package(package: Package) -> Told:
    return {
        "backend": package.backend,
        "backends": list(package.backends),
        **{name: told(value) for name, value in package.entitlements.items()},
        "price": str(package.price),
        "cycle": package.cycle,
        "addon": package.addon,
        "free_credit": str(package.free_credit) if package.free_credit else None,
    }


def told(value: Value) -> object:
    return value if isinstance(value, int | str | tuple) else str(value)


def _topup(topup: TopUp) -> Told:
    sums = {"price": topup.price, "credit": topup.credit, "bonus": topup.bonus}
    return {name: None if one is None else str(one) for name, one in sums.items()}


def _family(catalog: Catalog, name: str) -> Told:
    """Its plans from the lowest step to the highest."""
    family, ladders = catalog.terms.families[name], catalog.terms.ladders
    steps = {n: each.rank for n, each in ladders.items() if each.family == name}
    ranks = dict(sorted(steps.items(), key=lambda step: -step[1]))
    return {"of": family.of, "free": family.free, "ranks": ranks}


# --- what is wrong


def _refuses(lack: Lack) -> str:
    return (
        f'packages.{lack.package}: not to be sold on backend "{lack.backend}", where'
        f" {', '.join(lack.what)} was never verified; run `switchhook doctor --probe"
        f' {lack.backend}`, or set unverified = "accept" in [backends.{lack.backend}]'
    )


def _overclaimed(loaded: Parts, probed: Mapping[str, Probed]) -> Iterator[str]:
    """What is declared of a server, and its probe refuted."""
    for name, host in loaded.backends.items():
        can, now = host.describe(), proofs.digests(host)
        for what in ("debit", "partial_update_safe"):
            found = standing(probed.get(name), what, now.get(what, ""))
            if getattr(can, what) and found.word is verdicts.Word.REFUTED:
                yield (
                    f"backends.{name}.{what}: the last probe refuted it"
                    f" ({found.said or found.seen}); set it to false"
                )


# --- in words


def _sentences(told: Told) -> Iterator[str]:
    for title, worded in WORDS.items():
        if told.get(title):
            yield title.capitalize().replace("Topups", "Top-ups")
            yield from (f"  {name}: {worded(one)}" for name, one in told[title].items())
    if told.get("warnings"):
        yield "Warnings"
        yield from (f"  {warning}" for warning in told["warnings"])
    if told.get("catalog", {}).get("differs"):
        yield f"Not current: {DIFFERS}"
    if told.get("note"):
        yield told["note"]
    if told["faults"]:
        yield "Faults"
        yield from (f"  {fault}" for fault in told["faults"])
    else:
        yield "All of it fits together, and all that is sold may be."


def _of_source(one: Told) -> str:
    secrets = "1 secret" if one["secrets"] == 1 else f"{one['secrets']} secrets"
    products = ", ".join(f'"{ref}" is {ours}' for ref, ours in one["products"].items())
    said = f"{one['kind']}, takes events at {one['path']}, {secrets}"
    return said + (f"; {products}" if products else "")


def _of_backend(one: Told) -> str:
    tariffs = ", ".join(f"{k} ({v})" if v else k for k, v in one["tariffs"].items())
    said = [
        f"{one['kind']} at {one['url']}" if one["url"] else str(one["kind"]),
        f"balances in {one['currency']}",
        f"holds {' and '.join(one['holds'])}",
        f"tariffs {tariffs or 'as it says itself'}",
        "payments are listed" if one["lists_payments"] else "lists no payments",
    ]
    if one["deletes"] is not None:
        said.append(DELETES[one["deletes"]])
    if one["accounts"]:
        said.append(f"full with {one['accounts']} accounts")
    return "; ".join([*said, _verified(one)])


KEPT = frozenset(name for name, row in ALL.items() if row.keeps)
DELETES = {
    True: "deletes the data of what is lost when it is told",
    False: "a person deletes the data of what is lost",
}


def _verified(one: Told) -> str:
    if one["by_contract"]:
        return "its fields are fixed by contract"
    word = "; sold all the same (unverified = accept)"
    own = "" if one["unverified"] == "refuse" else word
    if not one["probed"]:
        return f"never probed{own}"
    by: dict[str, list[str]] = {}
    for what, verdict in one["verdicts"].items():
        by.setdefault(verdict, []).append(what)
    found = "; ".join(f"{word}: {', '.join(what)}" for word, what in by.items())
    return f"probed {one['probed']}: {found}{own}"


def _of_package(one: Told) -> str:
    free = one["free_credit"]
    credit = f"{free} free for each paid period" if free else "no free credit"
    held = [
        f"tariff {one['tariff']}" if one.get("tariff") else None,
        f"{one['channels']} channels" if one.get("channels") else None,
        credit,
    ]
    on_top = "on top of another package, " if one["addon"] else ""
    where = " or ".join(one["backends"])
    holds = ", ".join(filter(None, held))
    return f"{on_top}on {where}; {holds}; {one['price']} {one['cycle']}"


def _of_topup(one: Told) -> str:
    bonus = f" and {one['bonus']} on top" if one["bonus"] else ""
    return f"credits {one['credit']}{bonus}; costs {one['price']}"


def _of_family(one: Told) -> str:
    steps = ", ".join(f"{name} ({rank})" for name, rank in one["ranks"].items())
    hangs = f"hangs on {one['of']}; " if one["of"] else ""
    return f"{hangs}plans by rank, the best last: {steps or 'none'}"


WORDS = {
    "sources": _of_source,
    "backends": _of_backend,
    "groups": lambda members: f"one of {', '.join(members)}",
    "packages": _of_package,
    "topups": _of_topup,
    "families": _of_family,
}
