"""What the tables say of one another must fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bridge.config.written import CURRENCY
from provisioning.core.entitlements import SOLD
from provisioning.core.money import Money

EMBEDDED = ("sqlite:///",)
SHARED = ("postgresql://", "postgres://", "postgresql+psycopg://")
AS_SHARED = "postgresql://user@host/name"


def broken(read: Mapping[str, Any]) -> list[str]:
    """Every fault between two tables; or, before that, what no sum could be in."""
    return _moneyless(read) or _between(read)


def _moneyless(read: Mapping[str, Any]) -> list[str]:
    out = "is no currency; write three capitals, as USD"
    told = {name: table.get("currency") for name, table in read["backends"].items()}
    return [
        f'backends.{name}.currency: "{said}" {out}'
        for name, said in told.items()
        if isinstance(said, str) and not re.match(CURRENCY, said)
    ]


def _between(read: Mapping[str, Any]) -> list[str]:
    faults, backends = _kept(read) + _grouped(read), read["backends"]
    behind = groups(read)
    for name, package in read["packages"].items():
        at, place = f"packages.{name}", package["backend"] or only(backends) or ""
        if place not in backends and place not in behind:
            faults.append(
                f'{at}.backend: there is no "{place}"; choose one of:'
                f" {', '.join((*backends, *behind))}"
            )
            continue
        for backend in behind.get(place, (place,)):
            if backend in backends:
                faults += _unsold(at, package, backend, backends[backend])
        faults += _memo(f"{at}.setup_fee", package["setup_fee"], package["price"])
    for name, topup in read["topups"].items():
        bonus, credit = topup["bonus"], topup["credit"]
        if bonus and bonus.currency != credit.currency:
            faults.append(f"topups.{name}.bonus: must be in {credit.currency}")
        if credit.amount <= 0:
            faults.append(f"topups.{name}.credit: must be more than nothing")
    if read["alerts"].mail and not read["mail"]:
        faults.append("alerts.mail: needs a [mail] table, to say by which server")
    return faults + _mailed(read)


def ours(source: Mapping[str, Any]) -> bool:
    """Whether its login mails are sent by us. Unless it says so, its platform does."""
    return source.get("login_mail") == "ours"


def _mailed(read: Mapping[str, Any]) -> list[str]:
    """What login mails of ours need; of platforms that send their own, nothing."""
    faults, sources = [], read["sources"]
    for name, source in sources.items():
        at = f"sources.{name}"
        if "brand" in source and "login_mail" not in source:
            faults.append(
                f'{at}.login_mail: say who mails the login: "ours" (as this brand) or'
                ' "platform"; never both'
            )
        if ours(source) and "welcome" in source:
            faults.append(
                f"{at}.welcome: is the platform's own login mail, and login_mail is"
                ' "ours"; leave one out: never both'
            )
        if ours(source) and "brand" not in source:
            faults.append(
                f"{at}.brand: a login mail of ours needs this table, with name,"
                " login_url, support and from"
            )
    brands = {name: s["brand"] for name, s in sources.items() if "brand" in s}
    way = read["mail"] or read["alerts"].folder
    for name, brand in brands.items():
        if brand.mails and not way:
            faults.append(
                f"sources.{name}.brand.mails: needs a [mail] table, to say by which"
                " server, or alerts.folder, which keeps mails as files"
            )
    if not any(map(ours, sources.values())):
        return faults
    if read["public_url"] is None:
        faults.append(
            "public_url: the link in a login mail begins with it: write where customers"
            ' reach this bridge, as "https://provision.example.com"'
        )
    if not read["mail"] and not read["alerts"].folder:
        faults.append(
            "mail: a login mail of ours needs this table, to say by which server, or"
            " alerts.folder, which keeps mails as files"
        )
    return faults


def groups(read: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The backends behind each group's name."""
    tables = read["groups"].items()
    return {name: tuple(dict.fromkeys(table["backends"])) for name, table in tables}


def _grouped(read: Mapping[str, Any]) -> list[str]:
    """Whoever is sold there may be on any of them, and must find the same."""
    faults, backends = [], read["backends"]
    for name, members in groups(read).items():
        at = f"groups.{name}"
        if name in backends:
            faults.append(f"{at}: a backend is called so; give the group another name")
        faults += [
            f'{at}.backends: there is no "{one}"; choose among: {", ".join(backends)}'
            for one in members
            if one not in backends
        ]
        currencies = {
            str(backends[o].get("currency")) for o in members if o in backends
        }
        if len(currencies) > 1:
            told = " and ".join(sorted(currencies))
            faults.append(f"{at}.backends: their balances are in {told}; take one")
    return faults


def _unsold(
    at: str, package: Mapping[str, Any], backend: str, table: Mapping[str, Any]
) -> list[str]:
    """What stands in the way of this package on this backend."""
    faults = _unheld(at, package, backend, table)
    tariffs = table.get("tariffs")
    # Without a list the backend itself says which it takes, or misses the list.
    tariff = package["tariff"]
    if tariffs is not None and tariff is not None and tariff not in tariffs:
        faults.append(
            f'{at}.tariff: backend "{backend}" has no tariff "{tariff}";'
            f" choose one of: {', '.join(tariffs)}"
        )
    for key in ("free_credit", "free_cap"):
        faults += _currency(f"{at}.{key}", package[key], table)
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
        for name in SOLD
        if isinstance(held, list) and package[name] is not None and name not in held
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
