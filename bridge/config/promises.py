"""What the tables say of one another must fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from provisioning.core.entitlements import ALL
from provisioning.core.money import Money

EMBEDDED = ("sqlite:///",)
SHARED = ("postgresql://", "postgres://", "postgresql+psycopg://")
AS_SHARED = "postgresql://user@host/name"


def broken(read: Mapping[str, Any]) -> list[str]:
    """Every fault between two tables."""
    faults, backends = _kept(read), read["backends"]
    for name, package in read["packages"].items():
        at, backend = f"packages.{name}", package["backend"] or only(backends)
        if backend not in backends:
            faults.append(
                f'{at}.backend: there is no "{backend or ""}"; choose one of:'
                f" {', '.join(backends)}"
            )
            continue
        faults += _unheld(at, package, str(backend), backends[backend])
        tariffs = backends[backend].get("tariffs")
        # Without a list the backend itself says which it takes, or misses the list.
        tariff = package["tariff"]
        if tariffs is not None and tariff is not None and tariff not in tariffs:
            faults.append(
                f'{at}.tariff: backend "{backend}" has no tariff "{tariff}";'
                f" choose one of: {', '.join(tariffs)}"
            )
        for key in ("free_credit", "free_cap"):
            faults += _currency(f"{at}.{key}", package[key], backends[backend])
        faults += _memo(f"{at}.setup_fee", package["setup_fee"], package["price"])
    for name, topup in read["topups"].items():
        bonus, credit = topup["bonus"], topup["credit"]
        if bonus and bonus.currency != credit.currency:
            faults.append(f"topups.{name}.bonus: must be in {credit.currency}")
        if credit.amount <= 0:
            faults.append(f"topups.{name}.credit: must be more than nothing")
    if read["alerts"].mail and not read["mail"]:
        faults.append("alerts.mail: needs a [mail] table, to say by which server")
    return faults


def _kept(read: Mapping[str, Any]) -> list[str]:
    """Where everything is kept decides how many processes there may be.

    No fault quotes an address: it may hold a password.
    """
    database, listen, serve = read["database"], read["listen_url"], read["serve"]
    if _is_address(database, SHARED):
        if listen is None or _is_address(listen, SHARED):
            return []
        return [f"listen_url: write PostgreSQL's own address as {AS_SHARED}"]
    if not _is_address(database, EMBEDDED):
        return [f"database: write it as sqlite:///switchhook.db or {AS_SHARED}"]
    unfit = {
        "serve.processes: on SQLite one process writes; PostgreSQL takes more": (
            serve.processes > 1
        ),
        "serve.workers: on SQLite this one process does all; let it be 1 or more": (
            serve.workers == 0
        ),
        "listen_url: goes with PostgreSQL behind a pooler; leave it out": (
            listen is not None
        ),
    }
    return [fault for fault, so in unfit.items() if so]


def _is_address(url: str, kinds: tuple[str, ...]) -> bool:
    try:
        return url.startswith(kinds) and bool(sa.make_url(url))
    except (sa.exc.ArgumentError, ValueError):
        return False


def _unheld(
    at: str, package: Mapping[str, Any], backend: str, table: Mapping[str, Any]
) -> list[str]:
    """Of a backend whose table says what it can hold; else its own file knows."""
    held = table.get("entitlements")
    return [
        f'{at}.{name}: backend "{backend}" cannot hold {name}; add it to its'
        " entitlements, or choose another backend"
        for name in ALL
        if isinstance(held, list) and name in package and name not in held
    ]


def _currency(at: str, money: Money | None, backend: Mapping[str, Any]) -> list[str]:
    ours = backend.get("currency")
    if money is None or money.currency == ours:
        return []
    return [f"{at}: the backend keeps balances in {ours}, not in {money.currency}"]


def _memo(at: str, fee: Money | None, price: Money) -> list[str]:
    if fee is None or fee.currency == price.currency:
        return []
    return [f"{at}: the price is in {price.currency}, and so must this be"]


def only(backends: Mapping[str, Any]) -> str | None:
    return next(iter(backends)) if len(backends) == 1 else None
