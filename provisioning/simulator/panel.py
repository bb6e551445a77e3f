"""The control panel: for tests in other processes, JSON in and JSON out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from provisioning.simulator.admin import Admin
from provisioning.simulator.money import money
from provisioning.simulator.names import Names
from provisioning.simulator.rows import Plan, User
from provisioning.simulator.settings import Settings
from provisioning.simulator.simulator import Simulator

Told = Mapping[str, Any]


def settings(told: Told) -> Settings:
    """For `new`; what it is not told stays as shipped."""
    return Settings(**{word: _SETTINGS[word](value) for word, value in told.items()})


def _plan(told: Told) -> Plan:
    prices = {
        word: money(told[word]) for word in ("connection", "first_block", "block")
    }
    return Plan(**{**told, **prices})


_SETTINGS: Mapping[str, Callable[[Any], Any]] = {
    "names": lambda names: Names(**{word: str(names[word]) for word in names}),
    "payments_listed": bool,
    "users_listed": bool,
    "codec": str,
    "admin": lambda admin: Admin(**admin),
    "plans": lambda plans: tuple(_plan(plan) for plan in plans),
}


def _fault(simulator: Simulator, told: Told) -> object:
    simulator.plant(**told)
    return {}


def _traffic(simulator: Simulator, told: Told) -> object:
    return {"campaigns": simulator.start_traffic(**told)}


def _keep(simulator: Simulator, told: Told) -> object:
    simulator.keep(**told)
    return {}


def _clock(simulator: Simulator, told: Told) -> object:
    return {"at": simulator.advance(told["advance"])}


def _state(simulator: Simulator, _: Told) -> object:
    model = simulator.snapshot()
    return {
        "users": [_user(user) for user in model.users.values()],
        "payments": [asdict(payment) for payment in model.payments],
        "campaigns": [asdict(campaign) for campaign in model.campaigns.values()],
        "contacts": [asdict(contact) for contact in model.contacts],
        "recordings": [asdict(recording) for recording in model.recordings],
    }


def _user(user: User) -> dict[str, object]:
    return {word: told for word, told in asdict(user).items() if word != "password"}


def _journal(simulator: Simulator, _: Told) -> object:
    return [asdict(entry) for entry in simulator.journal]


ROUTES: Mapping[tuple[str, str], Callable[[Simulator, Told], object]] = {
    ("POST", "fault"): _fault,
    ("POST", "traffic"): _traffic,
    ("POST", "keep"): _keep,
    ("POST", "clock"): _clock,
    ("GET", "state"): _state,
    ("GET", "journal"): _journal,
}
