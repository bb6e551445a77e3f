"""config.toml, checked and frozen. All faults at once: table, key, what is allowed."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import Any

from marshmallow import ValidationError

from bridge.config import carts, commerce, dunning, ladders, reselling, shops
from bridge.config.promises import broken, groups, only, ours
from bridge.config.tables import Whole
from bridge.config.values import Brand, Caps, Config, ConfigError, Serve, Shop
from provisioning.core.catalog import Catalog, FreeRule, Package, TopUp
from provisioning.core.entitlements import SOLD
from provisioning.core.period import CYCLES

__all__ = ["Brand", "Caps", "Config", "ConfigError", "Shop", "load"]


def load(path: Path, workers: int | None = None) -> Config:
    """ConfigError lists everything that is wrong, and what is allowed instead.

    *workers*: instead of the file's serve.workers.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is not there; `switchhook init` writes one"
        ) from None
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be read: {wrong.strerror}") from None
    except UnicodeDecodeError as wrong:
        raise ConfigError(f"{path} is not UTF-8: {_odd(wrong)}; save it so") from None
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(f"{path} is no TOML: {wrong}") from None
    faults: list[str] = []
    resolved = _resolved(written, path.parent, faults)
    try:
        read = Whole().load(resolved)
    except ValidationError as wrong:
        faults += _listed(wrong.messages_dict, written)
        told = dict(wrong.valid_data or {})
        faults += ladders.faults(told) + dunning.faults(told)
        read = {}
    if not faults:
        faults += broken(read) + ladders.faults(read) + dunning.faults(read)
        faults += shops.faults(read, path.parent) + reselling.faults(read)
        faults += carts.faults(read)
        if workers is not None:
            read["serve"] = replace(read["serve"], workers=workers)
    if faults:
        raise ConfigError("\n".join(f"{path.name}: {fault}" for fault in faults))
    reselling.spread(read)
    return Config(
        path=path,
        database=_database(read["database"], path.parent),
        listen=read["listen_url"],
        key=read["key"],
        old_keys=tuple(read["old_keys"]),
        serve=read["serve"],
        console=read["console"],
        sources={
            name: _less((*LOGIN, LIVE_FROM), table)
            for name, table in read["sources"].items()
        },
        backends={name: _less(OURS, table) for name, table in read["backends"].items()},
        caps={
            name: _caps(table, read["serve"])
            for name, table in read["backends"].items()
        },
        accepting=frozenset(
            name
            for name, table in read["backends"].items()
            if table.get("unverified") == "accept"
        ),
        reporting=frozenset(
            name
            for name, table in read["backends"].items()
            if table.get("repair") == "report"
        ),
        groups=groups(read),
        catalog=_catalog(read),
        warnings=tuple(ladders.warnings(read)),
        goodwill={most.currency: most.amount for most in read["goodwill"]},
        lease=timedelta(seconds=read["lease"]),
        retry=tuple(timedelta(seconds=s) for s in read["retry"]),
        mail=_found(read["mail"], "ca_file", path.parent),
        alerts=_found(read["alerts"], "folder", path.parent),
        reconcile=read["reconcile"],
        usage=read["usage"],
        metrics=read["metrics"],
        log=read["log"]["format"],
        public_url=read["public_url"] and read["public_url"].rstrip("/"),
        brands={
            name: table["brand"]
            for name, table in read["sources"].items()
            if "brand" in table
        },
        shops={
            name: _found(table["shop"], "logo", path.parent)
            for name, table in read["sources"].items()
            if "shop" in table
        },
        hooks={
            name: table["hook"]
            for name, table in read["sources"].items()
            if "hook" in table
        },
        street=read["shop"],
        mailed=frozenset(
            name for name, table in read["sources"].items() if ours(table)
        ),
    )


def _resolved(value: Any, folder: Path, faults: list[str], at: str = "") -> Any:
    """Follow `env:NAME` and `file:PATH`, so that no secret need stand in the file."""
    if isinstance(value, dict):
        return {
            key: _resolved(part, folder, faults, f"{at}.{key}" if at else key)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_resolved(part, folder, faults, at) for part in value]
    if isinstance(value, str) and value.startswith("env:"):
        return _env(value.removeprefix("env:"), at, faults)
    if isinstance(value, str) and value.startswith("file:"):
        return _file(folder / value.removeprefix("file:"), at, faults)
    return value


def _env(name: str, at: str, faults: list[str]) -> str:
    if name not in os.environ:
        faults.append(f"{at}: the environment has no {name}")
    return os.environ.get(name, "")


def _file(path: Path, at: str, faults: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as wrong:
        faults.append(f"{at}: cannot read {path}: {wrong.strerror}")
        return ""
    except UnicodeDecodeError as wrong:
        faults.append(f"{at}: {path} is not UTF-8: {_odd(wrong)}")
        return ""


def _odd(wrong: UnicodeDecodeError) -> str:
    line = wrong.object[: wrong.start].count(b"\n") + 1
    return f"line {line} has a letter of another encoding"


def _listed(messages: Any, read: Any, at: str = "") -> list[str]:
    """One line a fault, with the table and key it stands in, and what was read there.

    But what is read elsewhere than in what is sold may be a secret.
    """
    if isinstance(messages, dict):
        return [
            line
            for key, part in messages.items()
            for line in _listed(part, *_place(key, read, at))
        ]
    quoted = at.partition(".")[0] in PUBLIC
    public = quoted and not isinstance(read, dict | list | NoneType)
    told = f" (read: {json.dumps(read, default=str)})" if public else ""
    return [f"{at}: {message}{told}" for message in messages]


def _place(key: Any, read: Any, at: str) -> tuple[Any, str]:
    """What was read where this fault is, and how that place is called.

    marshmallow files the faults of a table of tables under "value", of its names "key".
    """
    if key == "value":
        return read, at
    if key == "key" and at:
        return at.rpartition(".")[2], at
    return _within(read, key), _under(at, str(key))


def _within(read: Any, key: Any) -> Any:
    """What stands there; None, where nothing does."""
    try:
        return read[key]
    except (TypeError, LookupError):
        return None


PUBLIC = {
    "packages", "topups", "families", "coupons", "umbrellas", "zone", "dunning",
    "grace",
}  # fmt: skip


def _under(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _catalog(read: Mapping[str, Any]) -> Catalog:
    backends, behind = read["backends"], groups(read)
    packages = {
        name: Package(
            name=name,
            backend=(sold_on := table["backend"] or only(backends) or ""),
            group=behind.get(sold_on, ()),
            price=table["price"],
            cycle=table["cycle"],
            entitlements={
                entitlement: table[entitlement]
                for entitlement in SOLD
                if table.get(entitlement) is not None
            },
            addon=table["addon"],
            free_credit=table["free_credit"],
            free=FreeRule(
                reset=table["free_after"] == "reset",
                cap=table["free_cap"],
                every=CYCLES[table["free_every"]] if table["free_every"] else None,
            ),
            setup_fee=table["setup_fee"],
            most_extra=table["most_extra"],
        )
        for name, table in read["packages"].items()
    }
    topups = {
        name: TopUp(name, table["price"], table["credit"], table["bonus"])
        for name, table in read["topups"].items()
    }
    currencies = {name: str(table.get("currency")) for name, table in backends.items()}
    retentions = {
        name: timedelta(days=table.get("retention", RETENTION))
        for name, table in backends.items()
    }
    full = {name: t["accounts"] for name, t in backends.items() if "accounts" in t}
    sources = read["sources"]
    live = {name: t[LIVE_FROM] for name, t in sources.items() if LIVE_FROM in t}
    return Catalog(
        packages, topups, currencies, retentions, full, live, commerce.terms(read)
    )


LIVE_FROM = "live_from"
CAPS = ("calls", "rate")
OURS = (*CAPS, "accounts", "retention", "switch_off", "unverified", "repair")
RETENTION = 90
"""Days."""

LOGIN = ("login_mail", "brand", "shop", "hook")
"""What of a source's table is ours."""


def _less(ours: Collection[str], table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in ours}


def _caps(table: Mapping[str, Any], serve: Serve) -> Caps:
    ours = {key: table[key] for key in CAPS if key in table}
    off = {f"off_{key}": part for key, part in table.get("switch_off", {}).items()}
    # 0 leaves the accounts to `switchhook worker`, which has the usual number.
    usual = {"calls": serve.workers} if serve.workers else {}
    return Caps(**usual | ours | off)


def _database(url: str, folder: Path) -> str:
    """As people write it: `postgresql://` is meant for the driver we bring."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return f"postgresql+psycopg://{url.removeprefix(prefix)}"
    return _beside(url, folder)


def _found(table: Any, name: str, folder: Path) -> Any:
    """A relative path in a table, too, is meant from where the configuration stands."""
    path = getattr(table, name, None)
    return replace(table, **{name: type(path)(folder / path)}) if path else table


def _beside(url: str, folder: Path) -> str:
    """A relative SQLite path is meant from where the configuration stands."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(f"{prefix}/"):
        return url
    return f"{prefix}{(folder / url.removeprefix(prefix)).resolve()}"
