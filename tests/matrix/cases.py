"""The cases of the crash matrix: where the plug is pulled, and what else goes wrong."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass

from bridge.boundaries import NAMES

NEVER, NO_FAULT = "never", "none"
BOUNDARIES = (NEVER, *NAMES)
FAULTS = {
    # name: where its effect lands
    NO_FAULT: "before the reply",
    "refuse": "none",
    "html_200": "none",
    "html_200_applied": "before the reply",
    "reset_before": "none",
    "reset_after_apply": "before the reply",
    "slow_then_applied": "late",
    "echo_lies": "none",
    "write_wipes_credit": "before the reply",
}
VERBS = {"create": "User_Create", "grant": "User_Payment_Create"}


@dataclass(frozen=True, slots=True)
class Case:
    boundary: str
    fault: str
    verb: str
    listed: bool
    """Whether the backend lists payments."""

    @property
    def name(self) -> str:
        wire = "listed" if self.listed else "unlisted"
        return f"{self.verb} {self.fault} {wire} killed at: {self.boundary}"

    @property
    def lands(self) -> bool:
        return FAULTS[self.fault] != "none"

    @property
    def doubles_when_sent_blindly(self) -> bool:
        """A grant whose effect lands and whose outcome was not noted.

        Killed earlier than that, the fault strikes after the restart and is not noted
        either. A clear and proven answer is noted unless the plug is pulled right then.
        """
        clear = self.fault == NO_FAULT or (
            self.fault == "write_wipes_credit" and self.listed
        )
        lost = self.boundary == "after send"
        return self.verb == "grant" and self.lands and (lost or not clear)

    @property
    def doubles_without_a_window(self) -> bool:
        return self.verb == "grant" and self.fault == "slow_then_applied"


def whole() -> list[Case]:
    return [
        Case(*values)
        for values in itertools.product(BOUNDARIES, FAULTS, VERBS, (False, True))
    ]


def pairwise() -> list[Case]:
    """Few cases in which every two values of different kinds meet at least once."""
    cases, chosen = whole(), []
    # The same few every time: a red case must be there again tomorrow.
    random.Random(20261122).shuffle(cases)
    open_pairs = {pair for case in cases for pair in _pairs(case)}
    while open_pairs:
        best = max(cases, key=lambda case: len(open_pairs & _pairs(case)))
        chosen.append(best)
        open_pairs -= _pairs(best)
    return chosen


def _pairs(case: Case) -> set[tuple[tuple[str, object], ...]]:
    values = [(name, getattr(case, name)) for name in Case.__slots__]
    return set(itertools.combinations(values, 2))


def named(cases: Iterable[Case]) -> list[str]:
    return sorted(case.name for case in cases)
