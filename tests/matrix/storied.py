"""One case of a story, in two processes: the first is killed, the second goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge import boundaries
from bridge.duties import wake
from bridge.store import lanes
from tests.matrix.cases import NO_FAULT
from tests.matrix.child import plug
from tests.matrix.invariants import WRITES
from tests.matrix.scene import Scene
from tests.matrix.told import Told

LANDS = 5.0
"""Seconds until what is slow lands, and while what is read is stale."""

LEASE = 31.0
WROTE = "wrote.txt"
"""How often it was written, before and after the second run."""


def do(step: str, told: dict[str, Any], folder: Path) -> None:
    STEPS[step](Told(**told), Scene(folder))


def strike(case: Told, scene: Scene) -> None:
    """All goes well, then something does not, and the plug is pulled."""
    scene.began()
    case.story.before(scene)
    scene.quiet()
    if case.fault != NO_FAULT:
        scene.control.fault(case.fault, case.struck, seconds=LANDS)
    boundaries.passed = plug(case.boundary)
    case.story.tell(scene)
    scene.quiet()


def restart(case: Told, scene: Scene) -> None:
    """The same program again; the sender, unsure itself, tells the same once more."""
    if case.engine == "sqlite":
        with scene.rig.database.change() as tx:
            lanes.free_all(tx, scene.rig.clock.now())
    else:
        scene.later(LEASE)  # another process cannot know that this one is gone
    case.story.tell(scene)
    scene.quiet()
    scene.stale()
    scene.quiet()
    counts = [_writes(scene)]
    _again(scene)
    counts.append(_writes(scene))
    (scene.folder / WROTE).write_text(" ".join(map(str, counts)))


def _again(scene: Scene) -> None:
    """Everything once more, when nothing is left to do."""
    scene.rig.wake_all()
    wake(scene.rig.database, scene.rig.clock.now())
    scene.quiet()


def _writes(scene: Scene) -> int:
    return sum(entry["method"] in WRITES for entry in scene.control.journal())


STEPS = {"strike": strike, "restart": restart}
