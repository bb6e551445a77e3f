"""The product's own program, that dies between an effect and the note of it when told.

    python -m tests.rigs.struck FOLDER worker

A file `strike` in the folder is the order. Whoever takes it leaves the reference of the
sum the backend has just answered yes to, and kills itself with all its processes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from bridge import protocol
from bridge.cli import main
from tests.matrix.child import blindly

STRIKE, STRUCK, BLIND = "strike", "struck", "blind"


def _arm(folder: Path) -> None:
    if (folder / BLIND).exists():
        blindly()
    conclude = protocol.conclude

    def struck(work, attempt, answer):
        if attempt.verb == "grant" and answer is None and _ours(folder):
            told = {"process": os.getpgid(0), "reference": attempt.claim}
            (folder / "striking").write_text(json.dumps(told))
            (folder / "striking").rename(folder / STRUCK)
            os.killpg(0, signal.SIGKILL)
        conclude(work, attempt, answer)

    protocol.conclude = struck


def _ours(folder: Path) -> bool:
    """One thread of one process takes the order: a rename succeeds once."""
    try:
        (folder / STRIKE).rename(folder / "taken")
    except FileNotFoundError:
        return False
    return True


# Also in the web server's child, where that is spawned and not forked.
if __name__ in {"__main__", "__mp_main__"}:
    _arm(Path(sys.argv[1]))
if __name__ == "__main__":
    main(["--config", f"{sys.argv[1]}/config.toml", *sys.argv[2:]])
