"""The last release as a process beside ours: `python old.py FOLDER worker 0`.

It runs from its wheel, in a database of this version: its door, or its worker. Its own
program would refuse PostgreSQL, and to start on a database newer than itself.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import zipfile
from pathlib import Path

WHEEL = next((Path(__file__).parents[1] / "releases").glob("switchhook-0.1.0-*.whl"))


def unpacked(folder: Path) -> Path:
    """Where its code is; that comes first on the path of such a process."""
    there = folder / "released"
    with zipfile.ZipFile(WHEEL) as wheel:
        wheel.extractall(there)
    return there


def _run(folder: Path, what: str, port: int) -> None:
    from werkzeug.serving import make_server  # noqa: PLC0415

    import bridge  # noqa: PLC0415
    from bridge import app, config  # noqa: PLC0415

    assert folder in Path(str(bridge.__file__)).parents, "that is not the release"
    logging.basicConfig(level="INFO")
    parts = app.assemble(config.load(folder / "config.toml"))
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    if what == "worker":
        parts.worker.start()
        over.wait()
        parts.worker.stop(20.0)
    else:
        door = make_server("127.0.0.1", port, app.create_app(parts), threaded=True)
        threading.Thread(target=door.serve_forever, daemon=True).start()
        over.wait()
        door.shutdown()


if __name__ == "__main__":
    _run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
