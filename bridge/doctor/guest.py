"""The throw-away user of a probe: opened by us, watched, and removed again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from bridge.keys import random_name
from bridge.store.verdicts import Verdict, Word
from provisioning.backends.base import Backend, Shown, Unproven
from provisioning.core.outcomes import Broken, Outcome, Unsure

PREFIX = "swprobe"
"""So begins the name of a user that only a probe made; no account is called so."""

MAY_COME = "nobody answered whether it was opened, and it is not to be seen yet"
LEVELS = ("active", "channels", "tariff", "email")
"""What must not move when something else is written."""


class Probable(Backend, Unproven, Protocol):
    """A backend that can be probed."""


@dataclass(slots=True)
class Guest:
    """The throw-away user, and what is known of it so far."""

    backend: Probable
    username: str
    password: str = field(repr=False)
    role: str | None = None
    ref: str | None = None
    opened: bool = False
    balance: Decimal | None = None
    writes: int = 0
    """That did what they should, while there was a balance they could have moved."""

    moved: list[str] = field(default_factory=list)
    lost: str | None = None
    """Why nobody knows whether the last write was done: it may land any time."""

    blurred: bool = False
    """Whether that ever was so: then what moves may be a write from before."""

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    def send(self, write: Callable[[], None]) -> None:
        """Whether it was done without a clear answer, the look after it may tell."""
        self.lost = "it was broken off"
        try:
            write()
        except Unsure as lost:
            self.lost, self.blurred = str(lost), True
        except Outcome:
            self.lost = None
            raise
        else:
            self.lost = None

    def look(self) -> Shown:
        """As it is now. Broken, where it is not there."""
        found = (
            self.backend.seek(self.username)
            if self.ref is None
            else self.backend.show(self.ref)
        )
        if found is None:
            raise Broken(f"the server does not show {self.username}, which is there")
        return found

    def levels(self, shown: Shown) -> dict[str, object]:
        """Those that can be read."""
        known: dict[str, object] = {}
        for name in LEVELS:
            with suppress(Broken):
                known[name] = self.backend.understood(shown, name)
        return known

    def credit(self, shown: Shown) -> Decimal | None:
        try:
            return Decimal(str(self.backend.understood(shown, "balance")))
        except Broken:
            return None


def username() -> str:
    return PREFIX + random_name(12)


def leave(guest: Guest) -> Verdict | None:
    """Gone, and seen to be gone; else who is left, and how to remove it."""
    if not guest.opened:
        return None
    try:
        there = guest.backend.seek(guest.username)
        if there is None and guest.ref is None:
            return _left(guest, MAY_COME) if guest.lost else None
        ref = guest.ref or str(guest.backend.understood(there or {}, "id"))
        guest.backend.purge(ref)
        if guest.backend.seek(guest.username) is None:
            return Verdict("removed", Word.VERIFIED, said="the user is gone again")
        return _left(guest, "the server said yes to its removal, and shows it")
    except Outcome as why:
        return _left(guest, str(why))


def _left(guest: Guest, why: str) -> Verdict:
    called = f" ({guest.ref} by its id)" if guest.ref else ""
    said = (
        f'the user "{guest.username}"{called} may be there: {why}.'
        " Delete it in the server's panel"
    )
    return Verdict("removed", Word.REFUTED, said=said)
