"""How anything told to the other side can end, sorted by what to do next."""

from __future__ import annotations

from datetime import timedelta


class Outcome(Exception):
    """Base of the four: the message names the thing, the reason and the way out."""


class Refused(Outcome):
    """The answer is no, and will be no again."""


class Later(Outcome):
    """Certainly nothing happened; try again after a while."""

    def __init__(
        self, reason: str, *, after: timedelta | None = None, closed: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        """What the other side asked for (Retry-After), where it did."""

        self.closed = closed
        """Not only this call: nothing is to be had there until that is mended."""


class Unsure(Outcome):
    """It may have happened: look before trying again."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after
        """Not before then: until it is certain, a look could miss what is under way."""


class Broken(Outcome):
    """The other side does not keep its contract; a person must look."""
