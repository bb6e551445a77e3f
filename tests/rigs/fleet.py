"""Processes of the product on one database, beside one simulator, and who tells them.

They may be killed, stopped and started again; the sender goes on until it hears a yes.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from bridge.platforms import signature
from bridge.store.database import Database
from bridge.store.tables import attempt, operation
from provisioning.simulator import Names
from tests.days import STARTED
from tests.matrix.invariants import FINAL
from tests.offspring import free_port
from tests.rig import KEY, SECRET
from tests.rigs.struck import STRIKE, STRUCK

CONFIG = """
database = "{database}"
key = "{key}"
lease = {lease}
retry = [0.2, 0.5, 1.0]
[serve]
port = {port}
threads = 16
[sources.shop]
kind = "signed"
secrets = ["{secret}"]
[backends.main]
kind = "ictbroadcast"
url = "{url}"
username = "admin"
password = "simulator"
currency = "USD"
tariffs = {{ wholesale = "2" }}
call_deadline = 1.0
settle = 2.0
dearest_rate = "0.0001"
longest_call = 1
[backends.main.fields]
{fields}
[packages.plain]
price = "9.00 USD"
cycle = "once"
tariff = "wholesale"
channels = 2
[topups.credit10]
price = "12.00 USD"
credit = "10.00 USD"
"""
LEASE = 7.0
CREDIT = {"ref": "credit", "product_ref": "credit10"}
PATIENCE = 30.0
_GOING_ON = operation.c.fate.not_in(FINAL)
_WITH_A_PERSON = attempt.c.state == "person"


class Process:
    """One of them, in a group of its own: the web server has a child."""

    def __init__(
        self, folder: Path, *verb: str, env: Mapping[str, str] | None = None
    ) -> None:
        self._folder, self._verb = folder, verb
        self._env = os.environ | (env or {})
        self.log = folder / "processes.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(
                self.command(),
                env=self._env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def command(self) -> list[str]:
        struck = [sys.executable, "-m", "tests.rigs.struck"]
        return [*struck, str(self._folder), *self._verb]

    @property
    def pid(self) -> int:
        assert self._child, "it was not started"
        return self._child.pid

    @property
    def gone(self) -> bool:
        return self._child is None or self._child.poll() is not None

    @property
    def ended(self) -> int | None:
        """With which code; None while it runs."""
        return self._child.poll() if self._child else None

    def signal(self, how: signal.Signals) -> None:
        os.killpg(self.pid, how)

    def kill(self) -> None:
        """SIGKILL to all of it, and it is gone when this returns."""
        if not self.gone:
            self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        if self._child:
            self._child.wait(PATIENCE)

    def stop(self) -> None:
        if not self.gone:
            os.kill(self.pid, signal.SIGTERM)
        self.wait()


@dataclass
class Fleet:
    """On SQLite one process does all; on PostgreSQL two work and one is the door."""

    folder: Path
    url: str
    processes: list[Process]
    port: int
    doors: tuple[int, ...] = ()
    """More ports than that one."""

    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.url)

    def start(self) -> None:
        for process in self.processes:
            process.start()
        until = time.monotonic() + PATIENCE
        while not all(map(answers, (self.port, *self.doors))):
            assert time.monotonic() < until, self.log()[-4000:]
            time.sleep(0.05)

    def log(self) -> str:
        """All that they said."""
        return self.processes[0].log.read_text(errors="replace")

    def until_it_says(self, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while words not in self.log():
            assert time.monotonic() < until, (
                f"nobody said {words}: {self.log()[-4000:]}"
            )
            time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        self.database.close()

    def strike(self, at: str, how: signal.Signals) -> None:
        """Whoever passes there next, gets it. See `struck`."""
        whole = self.folder / "ordered"
        whole.write_text(json.dumps({"at": at, "how": how.name}))
        whole.rename(self.folder / STRIKE)

    def struck(self) -> tuple[Process, str | None]:
        """Who it was, and the sum it had in hand."""
        note, until = self.folder / STRUCK, time.monotonic() + PATIENCE
        while not note.exists():
            assert time.monotonic() < until, f"nobody was struck: {self.log()[-4000:]}"
            time.sleep(0.01)
        told = json.loads(note.read_text())
        note.unlink()
        victim = next(p for p in self.processes if p.pid == told["process"])
        return victim, told["reference"]

    def unfinished(self) -> int:
        """Events that have not come to their end."""
        return len(self.asked(sa.select(operation.c.id).where(_GOING_ON)))

    def asked(self, query: sa.Select) -> list:
        """What the database has; asked by a connection of this moment."""
        self.database.close()
        with self.database.read() as tx:
            return list(tx.execute(query).scalars())

    def until_done(self, events: int, within: float) -> None:
        until = time.monotonic() + within
        while True:
            there = len(self.asked(sa.select(operation.c.id)))
            if there >= events and not self.unfinished():
                return
            assert time.monotonic() < until, (
                f"{there} of {events} kept, {self.unfinished()} unfinished:"
                f" {self.log()[-4000:]}"
            )
            time.sleep(0.1)

    def until_nothing_waits(self, within: float) -> None:
        """Nor is anything parked any more."""
        until = time.monotonic() + within
        while waits := self.why_not_done():
            assert time.monotonic() < until, f"{waits}: {self.log()[-4000:]}"
            time.sleep(0.1)

    def why_not_done(self) -> dict[str, str]:
        """By event: its fate and its reason, for all that are anything but done."""
        query = sa.select(operation).where(operation.c.fate != "done")
        with self.database.read() as tx:
            rows = tx.execute(query).all()
        return {row.event: f"{row.lane} {row.fate}: {row.why}" for row in rows}

    def with_a_person(self) -> int:
        return len(self.asked(sa.select(attempt.c.id).where(_WITH_A_PERSON)))


LATER = {
    "owner", "running", "start", "limit", "started", "seconds", "cost", "kind",
}  # fmt: skip
"""The last release does not know them, and nothing here asks for campaigns."""


def configured(folder: Path, database: str, url: str, names: Names, port: int) -> Path:
    """The file that all of a fleet share. *url*: of the simulator's instance."""
    shown = "\n".join(
        f'{n} = "{getattr(names, n)}"'
        for n in names.__dataclass_fields__
        if n not in LATER
    )
    path = folder / "config.toml"
    path.write_text(
        CONFIG.format(database=database, key=KEY, lease=LEASE, port=port,
                      secret=SECRET, url=url, fields=shown)
    )  # fmt: skip
    return path


def fleet(folder: Path, database: str, url: str, names: Names) -> Fleet:
    """Put together, not started."""
    port = free_port()
    configured(folder, database, url, names, port)
    if database.startswith("sqlite"):
        verbs = [("serve",)]
    else:
        verbs = [("serve", "--workers", "0"), ("worker",), ("worker",)]
    return Fleet(folder, database, [Process(folder, *v) for v in verbs], port)


def answers(port: int, within: float = 2) -> bool:
    """Whether a door is open there."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=within)
    try:
        door.request("GET", "/livez")
        return door.getresponse().status == 200
    except OSError:
        return False
    finally:
        door.close()


class Sender:
    """Tells one thing after the other, each again until it is taken in."""

    def __init__(self, port: int) -> None:
        self._door = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._key = signature.keys("shop", [SECRET])[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def order(self, client: int) -> None:
        line = f"order-{client}"
        sold = {"ref": f"s{client}", "plan_ref": "plain"}
        self.tell(line, "service.activate", client, sold, line)

    def topup(self, client: int, line: str) -> None:
        self.tell(f"topup-{line}", "topup.paid", client, CREDIT, line)

    def topup_once(self, client: int, line: str) -> int | None:
        return self.deliver(f"topup-{line}", _body("topup.paid", client, CREDIT, line))

    def tell(self, id_: str, type_: str, client: int, service, line: str) -> None:
        body = _body(type_, client, service, line)
        until = time.monotonic() + PATIENCE
        while (status := self.deliver(id_, body)) not in {200, 202}:
            assert status in {None, 503}, f"{id_} was answered {status}"
            assert time.monotonic() < until, f"{id_} was never taken in"
            time.sleep(0.05)

    def deliver(self, id_: str, body: bytes) -> int | None:
        """The status; None where there was no answer."""
        headers = signature.signed(self._key, id_, body, datetime.now(UTC))
        headers |= {"content-type": "application/json"}
        try:
            self._door.request("POST", "/hooks/shop", body, headers)
            answer = self._door.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._door.close()
            return None
        return answer.status


def _body(type_: str, client: int, service, line: str) -> bytes:
    told = {
        "spec": "1",
        "type": type_,
        "occurred_at": STARTED.isoformat(),
        "account": {"ref": str(client)},
        "service": service,
        "billing": {"line_ref": line},
    }
    return json.dumps(told).encode()


def all_at_once(task, many: int) -> list[threading.Thread]:
    """Given its number, each in a thread of its own, started."""
    threads = [
        threading.Thread(target=task, args=(n,), daemon=True) for n in range(many)
    ]
    for thread in threads:
        thread.start()
    return threads
