"""What the tables say of one another must fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.core.money import Money


def broken(read: Mapping[str, Any]) -> list[str]:
    """Every fault between two tables."""
    faults, backends = [], read["backends"]
    for name, package in read["packages"].items():
        at, backend = f"packages.{name}", package["backend"] or only(backends)
        if backend not in backends:
            faults.append(
                f'{at}.backend: there is no "{backend or ""}"; choose one of:'
                f" {', '.join(backends)}"
            )
            continue
        tariffs = backends[backend].get("tariffs", {})
        if package["tariff"] not in tariffs:
            faults.append(
                f'{at}.tariff: backend "{backend}" has no tariff "{package["tariff"]}";'
                f" choose one of: {', '.join(tariffs)}"
            )
        faults += _currency(
            f"{at}.free_credit", package["free_credit"], backends[backend]
        )
    for name, topup in read["topups"].items():
        bonus, credit = topup["bonus"], topup["credit"]
        if bonus and bonus.currency != credit.currency:
            faults.append(f"topups.{name}.bonus: must be in {credit.currency}")
        if credit.amount <= 0:
            faults.append(f"topups.{name}.credit: must be more than nothing")
    if read["alerts"].mail and not read["mail"]:
        faults.append("alerts.mail: needs a [mail] table, to say by which server")
    return faults


def _currency(at: str, money: Money | None, backend: Mapping[str, Any]) -> list[str]:
    ours = backend.get("currency")
    if money is None or money.currency == ours:
        return []
    return [f"{at}: the backend keeps balances in {ours}, not in {money.currency}"]


def only(backends: Mapping[str, Any]) -> str | None:
    return next(iter(backends)) if len(backends) == 1 else None
