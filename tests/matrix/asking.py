"""Asks the process that forks for a step of a case, and hears how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path

PATIENCE = 240.0
"""Seconds a step may take on a busy machine."""


class Nursery:
    """The process that forks: asked by line, answers by line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.matrix.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._waiting: dict[str, Future[int]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def do(
        self,
        step: str,
        case: object,
        folder: Path,
        *,
        play: str = "matrix",
        blindly: bool = False,
    ) -> int:
        """The exit code of a process of its own; -9 where it killed itself."""
        id_ = f"{folder.name} {step}"
        told = {"id": id_, "step": step, "case": asdict(case), "folder": str(folder),
                "play": play, "blindly": blindly}  # fmt: skip
        with self._lock:
            ended = self._waiting[id_] = Future()
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
        return ended.result(timeout=PATIENCE)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _listen(self) -> None:
        for line in self._process.stdout:
            ended = json.loads(line)
            self._waiting.pop(ended["id"]).set_result(ended["code"])
