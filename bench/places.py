"""Where benchmarks run: folders, databases, servers; all on loopback, all stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bridge.cli.beside import free_port
from bridge.keys import new_secret
from bridge.store.database import Database
from tests.postgres import Postgres

TOP = Path(__file__).parent.parent
NUMBERS = count(1)
CONFIG = """\
database = "{database}"
key = "{key}"

[serve]
port = 1
workers = {workers}

[sources.shop]
kind = "signed"
secrets = ["whsec_{secret}"]

[backends.main]
kind = "{kind}"
{backend}
currency = "USD"
tariffs = {{ standard = "1", wholesale = "2" }}

[packages.starter]
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"

[packages.plain]
price = "9.00 USD"
cycle = "once"
tariff = "standard"
channels = 5

[topups.credit10]
price = "10.00 USD"
credit = "10.00 USD"
"""
WIRE = """\
url = "{url}"
username = "admin"
password = "simulator"
settle = 20.0
dearest_rate = "0.0001"
longest_call = 1.0
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration with a database of its own, at this version."""

    path: Path
    secret: str
    database: str


@contextmanager
def databases(name: str) -> Iterator[Databases]:
    """Of one kind: `sqlite` or `postgresql`, the latter as durable as in earnest."""
    with tempfile.TemporaryDirectory(prefix="switchhook-bench-") as folder:
        if name == "sqlite":
            yield Databases(Path(folder), None)
            return
        with Postgres(durable=True) as server:
            yield Databases(Path(folder), server)


@dataclass(frozen=True, slots=True)
class Databases:
    folder: Path
    server: Postgres | None

    def place(
        self, *, kind: str = "memory", backend: str = "", workers: int = 8
    ) -> Place:
        name, secret = f"bench_{next(NUMBERS)}", new_secret()
        if self.server:
            url = self.server.url(self.server.create(name))
        else:
            url = f"sqlite:///{self.folder / name}.db"
        made = Database(url)
        made.upgrade()
        made.close()
        path = self.folder / f"{name}.toml"
        path.write_text(
            CONFIG.format(
                database=url,
                key=new_secret(),
                secret=secret,
                kind=kind,
                backend=backend,
                workers=workers,
            )
        )
        return Place(path, secret, url)


@contextmanager
def process(*command: str, **env: str) -> Iterator[psutil.Process]:
    """A program of ours in Python, stopped by its pid."""
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=TOP,
        env=os.environ | env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as started:
        try:
            yield psutil.Process(started.pid)
        finally:
            started.terminate()
            started.communicate(timeout=30)


@contextmanager
def served(target: str, place: Place, processes: int) -> Iterator[Server]:
    port = free_port()
    command = ("granian", target, "--factory", "--interface", "wsgi", "--port",
               str(port), "--workers", str(processes), "--blocking-threads", "64",
               "--no-ws", "--log-level", "error")  # fmt: skip
    with process(*command, SWITCHHOOK_CONFIG=str(place.path)) as running:
        wait(f"http://127.0.0.1:{port}/livez")
        yield Server(port, running)


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds, of all its processes."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in every)


@contextmanager
def simulator() -> Iterator[str]:
    """The product's own, in a process of its own; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process("bridge.cli", "simulator", "--port", str(port)):
        wait(f"{url}/_sim/state")
        yield url


def wait(url: str) -> None:
    for _ in range(400):
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers at {url}")
