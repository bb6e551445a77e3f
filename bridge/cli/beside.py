"""The processes of a demo: our own verbs, each waited for until it answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bridge.cli.output import fail

PATIENCE = 60.0


@contextmanager
def running(path: Path, ports: Mapping[str, int]) -> Iterator[None]:
    """`switchhook VERB` for each of them, as a process of its own; begun together,
    stopped by its pid."""
    begun = {}
    try:
        for verb in ports:
            begun[verb] = _begun(path, verb)
        for verb, port in ports.items():
            _wait_for(begun[verb], verb, port, _log(path, verb))
        yield
    finally:
        for process in reversed(begun.values()):
            _end(process)


def _log(path: Path, verb: str) -> Path:
    return path.with_name(f"{verb}.log")


def _begun(path: Path, verb: str) -> subprocess.Popen[bytes]:
    with _log(path, verb).open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - our own program, our own file
            [sys.executable, "-m", "bridge.cli", "--config", str(path), verb],
            stdout=out,
            stderr=out,
            # Ctrl-C is for the demo: it stops the others when it is done with them.
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(
    process: subprocess.Popen[bytes], verb: str, port: int, log: Path
) -> None:
    """Until it takes a connection."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            fail(f"`switchhook {verb}` did not start:\n{log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    fail(f"`switchhook {verb}` did not answer in {PATIENCE:.0f} s:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
