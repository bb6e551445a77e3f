"""One case, in processes of its own that may be killed at any boundary."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from bridge import boundaries, protocol
from bridge.clock import Clock
from bridge.store import lanes
from provisioning.core.safety import Verdict
from tests.days import STARTED
from tests.matrix.cases import NEVER, Case
from tests.rig import Rig

ANSWERED = "answered"


def do(step: str, told: dict[str, Any], folder: Path) -> None:
    case = Case(**told)
    again(folder) if step == "again" else STEPS[step](case, folder)


def prepare(case: Case, folder: Path) -> None:
    """Up to the write that will be struck: for a grant, an account with a balance."""
    if case.verb == "grant":
        rig = Rig(folder / "config.toml", Clock())
        rig.order()
        rig.run_until_quiet()


def strike(case: Case, folder: Path) -> None:
    """The event arrives and is worked on, and the plug is pulled at the boundary."""
    rig = Rig(folder / "config.toml", Clock())
    boundaries.passed = plug(case.boundary)
    tell(rig, case)
    (folder / ANSWERED).touch()
    rig.run_until_quiet()


def restart(case: Case, folder: Path) -> None:
    """The same program again; the sender, unsure itself, tells the same once more."""
    rig = Rig(folder / "config.toml", Clock())
    with rig.database.change() as tx:
        lanes.free_all(tx, rig.clock.now())
    tell(rig, case)
    rig.run_until_quiet()
    # An older word than all: it must change nothing.
    rig.say("terminate", id_="stale", at=STARTED - timedelta(days=1))
    rig.run_until_quiet()


def again(folder: Path) -> None:
    """Everything once more, when nothing is left to do."""
    rig = Rig(folder / "config.toml", Clock())
    rig.wake_all()
    rig.run_until_quiet()


def tell(rig: Rig, case: Case) -> None:
    answer = rig.order() if case.verb == "create" else rig.topup("2")
    assert answer.status_code in {200, 202}, answer.text


def blindly() -> None:
    """The guards off: what is unsure counts as absent at once, and is sent again.

    Also the one that trusts no balance below the last proven: a wipe would stop it.
    """
    protocol.safety.conclude = lambda _verdict, _at, _settled_from: Verdict.ABSENT
    protocol.trusts = lambda _work: True


def plug(boundary: str):
    def pull(name: str) -> None:
        if name == boundary != NEVER:
            os.kill(os.getpid(), signal.SIGKILL)

    return pull


STEPS = {"prepare": prepare, "strike": strike, "restart": restart}
