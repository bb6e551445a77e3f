"""The cases of the stories: what is struck, by what, and where the plug is pulled."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from provisioning.simulator.faults import FAULTS
from tests import engines
from tests.matrix.cases import BOUNDARIES, NEVER, NO_FAULT, Pair, fewest, pair
from tests.matrix.stories import LEAVES, LIST, STOP, STORIES, Story

ACTS = [f"{name}: {struck}" for name, story in STORIES.items()
        for struck in story.struck]  # fmt: skip
ONLY = {
    "campaign_stop_ignored": {STOP},
    "campaign_list_lies": {LIST},
    LEAVES: set(),  # part of its story
}
"""Faults of a few methods, else of all."""

HELD = {"slow_then_applied", "slow_not_applied"}
"""The answer comes when nobody waits for it any more."""

STRONG = (
    "reset_after_apply",
    "slow_then_applied",
    "html_200_applied",
    "refuse",
    "write_wipes_credit",
)
SORE = {NEVER, "claimed", "before send", "after send"}
CALM = {NEVER, "received", "planned", "final state"}
"""Where little is half done: the pairwise part pulls the plug there in some acts."""

FEW = {*FAULTS} - {*STRONG}
"""Read as others are: the pairwise part meets them at some boundaries only."""


@dataclass(frozen=True, slots=True)
class Told:
    boundary: str
    fault: str
    act: str
    listed: bool
    engine: str

    @property
    def name(self) -> str:
        wire = "listed" if self.listed else "unlisted"
        where = f"killed at: {self.boundary}"
        return f"{self.act}, {self.fault}, {wire}, {self.engine}, {where}"

    @property
    def story(self) -> Story:
        return STORIES[self.act.partition(": ")[0]]

    @property
    def struck(self) -> str:
        return self.act.partition(": ")[2]


def every() -> list[Told]:
    rows = itertools.product(
        BOUNDARIES, (NO_FAULT, *FAULTS), ACTS, (False, True), engines.NAMES
    )
    return [case for case in itertools.starmap(Told, rows) if _fits(case)]


def whole() -> list[Told]:
    """Every act × boundary × strong fault, the others at the boundaries that hurt.

    Wire and engine by turns.
    """
    return [
        case
        for no, case in enumerate(every())
        if no % 4 == (no // 4) % 4 and (case.fault not in FEW or case.boundary in SORE)
    ]


def pairwise() -> list[Told]:
    return fewest(every(), _known)


def _fits(case: Told) -> bool:
    return case.struck in ONLY.get(case.fault, {case.struck})


def _known(case: Told) -> set[Pair]:
    known = set()
    if case.fault in FEW:
        known |= {pair(case, "boundary", "fault"), pair(case, "fault", "act")}
    if case.boundary in CALM:
        known.add(pair(case, "boundary", "act"))
    return known
