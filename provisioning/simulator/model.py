"""What an ICTBroadcast remembers, and the rules its tables enforce."""

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from provisioning.simulator.money import money
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import (
    Call,
    Campaign,
    Contact,
    Payment,
    Plan,
    Recording,
    User,
)

UNIQUE = {"username": "Username already exists", "email": "Email already exists"}
REQUIRED = ("username", "password")
ONE = Decimal(1)


@dataclass(slots=True)
class Model:
    """Rows are frozen, so a copy of the tables is a copy of everything."""

    plans: dict[str, Plan]
    users: dict[int, User] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    up: dict[int, Call] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    endings: list[tuple[float, int]] = field(default_factory=list)
    taken: dict[tuple[str, str], int] = field(default_factory=dict)
    last_user_id: int = 0
    last_contact_id: int = 0
    last_recording_id: int = 0

    def copy(self) -> "Model":
        return replace(
            self, **{f.name: copy(getattr(self, f.name)) for f in fields(self)}
        )

    def user(self, user_id: str) -> User:
        try:
            return self.users[int(user_id)]
        except (KeyError, ValueError):
            raise Refusal("User not found") from None

    def campaign(self, campaign_id: str) -> Campaign:
        try:
            return self.campaigns[int(campaign_id)]
        except (KeyError, ValueError):
            raise Refusal("Campaign not found") from None

    def add(self, user: User) -> User:
        added = replace(user, id=self.last_user_id + 1)
        self.keep(added)
        self.last_user_id = added.id
        return added

    def keep(self, user: User) -> None:
        """Store the whole row, or refuse it and change nothing."""
        for column in REQUIRED:
            if not getattr(user, column):
                raise Refusal(f"{column.capitalize()} is required")
        for key, message in zip(_keys(user), UNIQUE.values(), strict=True):
            if self.taken.get(key, user.id) != user.id:
                raise Refusal(message)
        if user.tariff not in self.plans:
            raise Refusal("Plan not found")
        self._release(user.id)
        self.taken |= {key: user.id for key in _keys(user) if key[1]}
        self.users[user.id] = user

    def remove(self, user_id: int) -> None:
        """With what is his alone; what others were told of stays on record."""
        self._release(user_id)
        del self.users[user_id]
        self.contacts = [c for c in self.contacts if c.user_id != user_id]
        self.recordings = [r for r in self.recordings if r.user_id != user_id]

    def add_contact(self, user: User, phone: str) -> Contact:
        self.last_contact_id += 1
        contact = Contact(self.last_contact_id, user.id, phone)
        self.contacts.append(contact)
        return contact

    def add_recording(self, user: User, title: str) -> Recording:
        self.last_recording_id += 1
        recording = Recording(self.last_recording_id, user.id, title)
        self.recordings.append(recording)
        return recording

    def _release(self, user_id: int) -> None:
        if user_id in self.users:
            for key in _keys(self.users[user_id]):
                self.taken.pop(key, None)

    def pay(self, user: User, amount: Decimal, reference: str, at: float) -> Payment:
        """Credit at once, whatever the sign, however often: the vendor's trigger."""
        credit = money(user.credit + amount)
        payment = Payment(len(self.payments) + 1, user.id, amount, reference, at)
        self.payments.append(payment)
        self.users[user.id] = replace(user, credit=credit)
        return payment

    def wipe(self, user_id: str) -> None:
        """Lose the balance, as writers do that rewrite the whole row."""
        self._bend(user_id, lambda _: money(0))

    def round(self, user_id: str) -> None:
        """Keep the balance in a column of whole numbers, as one of the dumps has it."""
        self._bend(user_id, lambda credit: money(credit.quantize(ONE, ROUND_HALF_UP)))

    def _bend(self, user_id: str, bent: Callable[[Decimal], Decimal]) -> None:
        with suppress(Refusal):  # the write may have removed the user
            user = self.user(user_id)
            self.users[user.id] = replace(user, credit=bent(user.credit))

    def add_campaign(self, user: User, **columns: Any) -> Campaign:
        campaign = Campaign(id=len(self.campaigns) + 1, user_id=user.id, **columns)
        self.campaigns[campaign.id] = campaign
        return campaign


def _keys(user: User) -> list[tuple[str, str]]:
    return [(column, getattr(user, column).casefold()) for column in UNIQUE]
