"""5,000 customers of an existing fleet: planned, adopted, released, as operators do.

Each verb is a process of its own, the simulator answers from here. Seconds of the whole
verb, accounts a second, and the most memory one of them took.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.places import TOP, WIRE, Place, databases
from provisioning.simulator import Server, Settings
from provisioning.simulator.rows import User
from provisioning.simulator.simulator import Simulator

ACCOUNTS = 5_000


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with Server() as server, databases(name) as places:
            simulator = server.new(f"fleet-{name}", Settings())
            _move_in(simulator)
            url = f"{server.url}/fleet-{name}"
            place = places.place(kind="ictbroadcast", backend=WIRE.format(url=url))
            yield {"database": name, "accounts": ACCOUNTS, **_adopted(place)}


def _move_in(simulator: Simulator) -> None:
    with simulator._changed:  # noqa: SLF001 - so many, past the wire
        for no in range(1, ACCOUNTS + 1):
            credit = Decimal("12.5") * (no % 2)
            user = User(0, f"old{no}", "their own", "1", channels=5, credit=credit)
            simulator._model.add(user)  # noqa: SLF001


def _adopted(place: Place) -> dict[str, Any]:
    text = place.path.read_text()
    live = '[sources.shop]\nlive_from = "2026-01-01T00:00:00Z"'
    place.path.write_text(text.replace("[sources.shop]", live))
    fleet = place.path.with_suffix(".csv")
    with fleet.open("w", newline="") as file:
        made = csv.writer(file)
        made.writerow(("service", "package", "backend", "user", "paid_until"))
        made.writerows(
            (no, "starter", "main", f"old{no}", "2026-12-24")
            for no in range(1, ACCOUNTS + 1)
        )
    plan, peaks, told = place.path.with_suffix(".jsonl"), [], {}
    for verb, arguments in {
        "plan": (str(fleet), "--out", str(plan)),
        "apply": ("apply", str(plan), "--because", "bench"),
        "again": ("apply", str(plan), "--because", "bench"),
        "release": ("release", "--all", "--because", "bench"),
    }.items():
        began = time.monotonic()
        peaks.append(_run(place.path, "adopt", *arguments))
        seconds = time.monotonic() - began
        told |= {f"{verb}_s": round(seconds, 1),
                 f"{verb}_per_s": round(ACCOUNTS / seconds)}  # fmt: skip
    return told | {"peak_mb": round(max(peaks) / 1024)}


def _run(path: Path, *arguments: str) -> int:
    """The most memory it took, in KiB."""
    command = [sys.executable, "-m", "bridge.cli", "--config", str(path), *arguments]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in {0, 2}:
        raise RuntimeError(f"{' '.join(arguments)} ended with {running.returncode}")
    return used.ru_maxrss
