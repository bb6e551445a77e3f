"""The demo's shop: every business model for every service, ordered and seen live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from bridge.cli import output
from bridge.cli.act import Sender
from bridge.store import accounts, whereabouts
from provisioning.core.money import Money, text
from provisioning.simulator import Plan, Settings, Simulator
from provisioning.simulator.settings import PLANS

SERVICES = {"voice": "11", "fax": "12", "sms": "13", "email": "14"}
"""By name: the id of the rate plan whose rates are for it."""

MODELS = ("payg", "monthly", "quota", "prepaid")
NAMES = [f"{service}-{model}" for service, model in product(SERVICES, MODELS)]
TOPPED_UP = ("payg", "prepaid")
"""Where the balance is what was bought: a top-up goes with the order."""

TARIFFS = ", ".join(f'{name} = "{id_}"' for name, id_ in SERVICES.items())
_CATALOG = """
[packages.{0}-payg]
price = "0.00 USD"
cycle = "once"
tariff = "{0}"
channels = 2

[packages.{0}-monthly]
price = "{1} USD"
cycle = "monthly"
tariff = "{0}"
channels = {2}
free_credit = "5.00 USD"

[packages.{0}-quota]
price = "49.00 USD"
cycle = "monthly"
tariff = "{0}"
channels = {3}
free_credit = "40.00 USD"
free_after = "reset"

[packages.{0}-prepaid]
price = "9.00 USD"
cycle = "once"
tariff = "{0}"
channels = {2}
free_credit = "1.00 USD"

[topups.{0}20]
price = "20.00 USD"
credit = "20.00 USD"
bonus = "2.00 USD"
"""
_SOLD = {"voice": ("29.00", 5), "fax": ("19.00", 2), "sms": ("25.00", 4),
         "email": ("15.00", 3)}  # fmt: skip


def catalog() -> str:
    """As it stands in config.example.toml; a test compares the two."""
    return "".join(
        _CATALOG.format(name, price, channels, channels - 1)
        for name, (price, channels) in _SOLD.items()
    )


def backend() -> Settings:
    """A simulated backend with a rate plan for each service."""
    own = [replace(PLANS[0], id=id_, name=name) for name, id_ in SERVICES.items()]
    plans: tuple[Plan, ...] = (*PLANS, *own)
    return Settings(plans=plans)


def order_all(sender: Sender, start: str) -> None:
    """Together, as in a busy shop; back when each has come to its end."""
    orders = [
        sender.send(
            "service.activate", service=name, client=f"client-{name}", product=name,
            line_ref=f"order-{name}", start=start,
        )
        for name in NAMES
    ]  # fmt: skip
    _wait(sender, orders)
    topups = [
        sender.send(
            "topup.paid", client=f"client-{service}-{model}", product=f"{service}20",
            line_ref=f"topup-{service}-{model}",
        )
        for service, model in product(SERVICES, TOPPED_UP)
    ]  # fmt: skip
    _wait(sender, topups)


def _wait(sender: Sender, answers: list[Any]) -> None:
    for answer in answers:
        sender.wait(answer)


def live(simulator: Simulator, path: Path) -> dict[str, str]:
    """By name: what the backend shows of each that is exactly what was sold."""
    return {name: said for name, said, right in _seen(simulator, path) if right}


def _seen(simulator: Simulator, path: Path) -> Iterator[tuple[str, str, bool]]:
    parts, users = output.kept(path), simulator.users
    sold, ids = parts.config.catalog, parts.config.backends["main"]["tariffs"]
    for service, model in product(SERVICES, MODELS):
        name = f"{service}-{model}"
        with parts.database.read() as tx:
            owner = whereabouts.of_service(tx, f"shop:{name}")
            account = accounts.load(tx, owner) if owner else None
        user = users.get(int(account.remote)) if account and account.remote else None
        if user is None:
            continue
        package, tariff = sold.packages[name], ids[service]
        topup = sold.topups[f"{service}20"] if model in TOPPED_UP else None
        credit = _sum(package.free_credit) + (
            _sum(topup.credit) + _sum(topup.bonus) if topup else 0
        )
        should = (True, tariff, package.entitlements["channels"], credit)
        there = (user.active, user.tariff, user.channels, user.credit)
        said = f"tariff {user.tariff}, {user.channels} channels, {text(user.credit)}"
        yield name, said, there == should


def _sum(money: Money | None) -> Decimal:
    return money.amount if money else Decimal(0)
