"""What an instance is started with."""

from dataclasses import dataclass, field

from provisioning.simulator.admin import Admin
from provisioning.simulator.methods import CODECS
from provisioning.simulator.money import money
from provisioning.simulator.names import Names
from provisioning.simulator.rows import Plan

PLANS = (
    Plan("1", "standard", money(0), money("0.02"), 60, money("0.02")),
    Plan("2", "premium", money(0), money("0.01"), 60, money("0.01")),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """A user without a tariff gets the first plan."""

    names: Names = field(default_factory=Names)
    payments_listed: bool = False
    users_listed: bool = False
    codec: str = "json"
    """How it wants arguments of several values."""

    admin: Admin = field(default_factory=Admin)
    plans: tuple[Plan, ...] = PLANS

    def __post_init__(self) -> None:
        if self.codec not in CODECS:
            raise ValueError(f"no codec {self.codec!r}; there are {', '.join(CODECS)}")
        if not self.plans:
            raise ValueError("a simulator needs at least one plan")
