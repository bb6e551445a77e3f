"""What is the customer's at the backend, as one value to compare before and after."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bridge.store import accounts
from provisioning.simulator import Simulator
from tests.rig import Rig


@dataclass(frozen=True)
class Intact:
    """All of it but the levels. A campaign's status is no part: off stops it."""

    id: int
    username: str
    password: str
    email: str
    role: str
    campaigns: tuple[tuple[object, ...], ...]
    contacts: tuple[tuple[object, ...], ...]
    recordings: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Money:
    balance: Decimal
    payments: tuple[tuple[str, Decimal], ...]

    @property
    def is_what_was_paid(self) -> bool:
        """Nothing is used while these are compared, so the one explains the other."""
        return self.balance == sum(amount for _, amount in self.payments)


def intact(simulator: Simulator, user_id: int = 1) -> Intact:
    """KeyError, where the user is not there."""
    model = simulator.snapshot()
    user = model.users[user_id]
    return Intact(
        user.id,
        user.username,
        user.password,
        user.email,
        user.role,
        campaigns=tuple(
            (c.id, c.name, c.concurrent, c.call_seconds)
            for c in model.campaigns.values()
            if c.user_id == user_id
        ),
        contacts=tuple((c.id, c.phone) for c in model.contacts if c.user_id == user_id),
        recordings=tuple(
            (r.id, r.title) for r in model.recordings if r.user_id == user_id
        ),
    )


def money(simulator: Simulator, user_id: int = 1) -> Money:
    model = simulator.snapshot()
    paid = [(p.reference, p.amount) for p in model.payments if p.user_id == user_id]
    return Money(model.users[user_id].credit, tuple(paid))


def password(rig: Rig) -> str:
    """The one the customer was given."""
    account = rig.account()
    with rig.database.read() as tx:
        kept = accounts.load_all(tx, [account.id]).read()[account.id]
    return rig.parts.keys.unseal(kept.sealed, account.id)
