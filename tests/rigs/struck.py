"""The product's own program, that is struck at the point of the walk we say.

    python -m tests.rigs.struck FOLDER worker

A file `strike` in the folder is the order: the boundary, or "effect", and the signal.
One thread of one process takes it, says so in `struck`, and sends the signal to all of
its process. At an effect it leaves the reference of the sum that the backend has just
answered yes to.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from bridge import boundaries, protocol
from bridge.cli import main
from tests.matrix.child import blindly

STRIKE, STRUCK, BLIND = "strike", "struck", "blind"
EFFECT = "effect"


def _arm(folder: Path) -> None:
    if (folder / BLIND).exists():
        blindly()
    conclude = protocol.conclude

    def at_effect(work, attempt, answer):
        if attempt.verb == "grant" and answer is None:
            _struck(folder, EFFECT, attempt.claim)
        conclude(work, attempt, answer)

    protocol.conclude = at_effect
    boundaries.passed = lambda name: _struck(folder, name)


def _struck(folder: Path, at: str, reference: str | None = None) -> None:
    try:
        told = json.loads((folder / STRIKE).read_text())
        if told["at"] != at:
            return
        # It succeeds for one of all who read it.
        (folder / STRIKE).rename(folder / "taken")
    except FileNotFoundError:
        return
    note = {"process": os.getpgid(0), "reference": reference}
    (folder / "striking").write_text(json.dumps(note))
    (folder / "striking").rename(folder / STRUCK)
    os.killpg(0, signal.Signals[told["how"]])
    # A stop may take a moment to reach us: not one step further until it has.
    time.sleep(0.2)


# Also in the web server's child, where that is spawned and not forked.
if __name__ in {"__main__", "__mp_main__"}:
    _arm(Path(sys.argv[1]))
if __name__ == "__main__":
    main(["--config", f"{sys.argv[1]}/config.toml", *sys.argv[2:]])
