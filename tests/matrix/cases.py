"""The cases of the crash matrix: where the plug is pulled, and what else goes wrong."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

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
    "stale_read": "before the reply",
    "duplicate_submit": "before the reply",
    "disabled_429": "none",
    "refuse_no_reason": "none",
    "not_allowed_405": "none",
    "error_object_200": "none",
    "error_object_500": "none",
    "empty_200": "none",
    "redirect": "none",
    "json_string": "before the reply",
    "one_element": "before the reply",
    "id_as_string": "before the reply",
    "bare_true": "before the reply",
    "truncated_body": "before the reply",
    "bad_status_line": "before the reply",
}
ALIKE = tuple(FAULTS)[-12:]
"""Read as others of the table are: the pairwise part meets them at some boundaries."""

REFUSING = {"refuse", "refuse_no_reason", "not_allowed_405"}
CLEAR = {NO_FAULT, "json_string", "one_element", "id_as_string"}
RESENT = "duplicate_submit"
"""Sent twice, but not by us."""

Pair = tuple[tuple[str, Any], ...]
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
        wiped = self.fault == "write_wipes_credit"
        clear = self.fault in CLEAR or (wiped and self.listed)
        lost = self.boundary == "after send"
        return self.verb == "grant" and self.lands and (lost or not clear)

    @property
    def doubles_without_a_window(self) -> bool:
        return self.verb == "grant" and self.lingers

    @property
    def lingers(self) -> bool:
        """What landed is seen only after a while."""
        return self.fault in {"slow_then_applied", "stale_read"}


def whole() -> list[Case]:
    return [
        Case(*values)
        for values in itertools.product(BOUNDARIES, FAULTS, VERBS, (False, True))
    ]


def pairwise() -> list[Case]:
    return fewest(whole(), _known)


SEED = 20261122
"""The same few every time: a red case must be there again tomorrow."""


def fewest(cases: list[Any], known: Callable[[Any], set[Pair]]) -> list[Any]:
    """Few in which every two values of different kinds meet at least once.

    *known*: the pairs of a case that need not meet.
    """
    cases, chosen = list(cases), []
    random.Random(SEED).shuffle(cases)
    pairs = {case: _pairs(case) - known(case) for case in cases}
    having: dict[Pair, list[Any]] = {}
    for case in cases:
        for each in sorted(pairs[case], key=str):
            having.setdefault(each, []).append(case)
    left = dict.fromkeys(having)
    while left:
        one = next(iter(left))
        best = max(having[one], key=lambda case: len(pairs[case] & left.keys()))
        chosen.append(best)
        for each in pairs[best]:
            left.pop(each, None)
    return chosen


def pair(case: object, *names: str) -> Pair:
    return tuple((name, getattr(case, name)) for name in names)


def _pairs(case: object) -> set[Pair]:
    values = [(each.name, getattr(case, each.name)) for each in fields(case)]
    return set(itertools.combinations(values, 2))


def _known(case: Case) -> set[Pair]:
    return {pair(case, "boundary", "fault")} if case.fault in ALIKE else set()


def named(cases: Iterable[Case]) -> list[str]:
    return sorted(case.name for case in cases)
