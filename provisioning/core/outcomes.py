"""How anything told to the other side can end, sorted by what to do next."""

from __future__ import annotations

from datetime import timedelta


class Outcome(Exception):
    """Base of the four: the message names the thing, the reason and the way out."""


class Refused(Outcome):
    """The answer is no, and will be no again."""


class Later(Outcome):
    """Certainly nothing happened; try again after a while."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after
        """What the other side asked for (Retry-After), where it did."""


class Unsure(Outcome):
    """It may have happened: look before trying again."""


class Broken(Outcome):
    """The other side does not keep its contract; a person must look."""
