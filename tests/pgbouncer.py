"""A pgbouncer before a PostgreSQL of the tests: `Pooler(server).url("a")`.

`make test` brings the program: one on the PATH, else .venv/pgbouncer.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import psycopg

from tests import offspring
from tests.postgres import ADMIN, Postgres

PATIENCE = 20.0
PORTS = 5
UNPACKED = Path(sys.prefix) / "pgbouncer"

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
admin_users = {admin}
pool_mode = {mode}
{more}
"""


class Pooler:
    """Clients share few connections to the server, as *pool_mode* says.

    More of pgbouncer's settings by name: `Pooler(server, default_pool_size=2)`.
    """

    def __init__(
        self,
        server: Postgres,
        folder: Path | None = None,
        *,
        pool_mode: str = "transaction",
        **settings: object,
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or offspring.own_folder("switchhook-pgbouncer")
        self.log = self.folder / "log"
        self.port = 0
        self._server, self._mode, self._settings = server, pool_mode, settings
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._forget()

    def start(self) -> None:
        """On the port it had; the first time on one that is free."""
        for _ in range(1 if self.port else PORTS):
            port = self.port or offspring.free_port()
            if self._listens(port):
                self.port = port
                return
        raise RuntimeError(
            f"pgbouncer did not start:\n{offspring.last_words(self.log)}"
        )

    def stop(self) -> None:
        """At once: clients lose their connections."""
        if self._child:
            offspring.stop(self._child, signal.SIGKILL, PATIENCE)
        self._child = None

    @property
    def pid(self) -> int:
        assert self._child, "it is not running"
        return self._child.pid

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{ADMIN}@127.0.0.1:{self.port}/{name}"

    def _listens(self, port: int) -> bool:
        program, libraries = _program(self.folder)
        self._child = offspring.start(
            [program, self._written(port)], self.log, libraries=libraries
        )
        if offspring.until_it_listens(self._child, port, PATIENCE) and self._is_ours(
            port
        ):
            return True
        self.stop()
        return False

    def _is_ours(self, port: int) -> bool:
        """Somebody else may have taken the port: ours reads our file of users."""
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=ADMIN, dbname="pgbouncer",
                autocommit=True,
            ) as console:  # fmt: skip
                rows = console.execute("SHOW CONFIG").fetchall()
        except psycopg.Error:
            return False
        return str(self.folder / "users.txt") in {row[1] for row in rows}

    def _written(self, port: int) -> Path:
        users, file = self.folder / "users.txt", self.folder / "pgbouncer.ini"
        users.write_text(f'"{ADMIN}" ""\n')
        file.write_text(
            SETTINGS.format(
                server=self._server.port,
                port=port,
                users=users,
                admin=ADMIN,
                mode=self._mode,
                more="\n".join(f"{k} = {v}" for k, v in self._settings.items()),
            )
        )
        return file

    def _forget(self) -> None:
        if self._temporary:
            offspring.forget(self.folder)


def _program(folder: Path) -> tuple[Path, str | None]:
    """pgbouncer, and where its libraries are if they are not the system's."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])
    if found := shutil.which("pgbouncer", path=path):
        return Path(found), None
    if not (UNPACKED / "libraries").is_file():
        raise RuntimeError(
            "no pgbouncer for the tests: make test brings it; if it was on the PATH"
            f" and is no more, remove {UNPACKED.with_name('pooler')} and try again"
        )
    base = UNPACKED
    if not offspring.reachable(UNPACKED):
        base = folder / "program"
        if not base.exists():  # a pooler may be started again
            shutil.copytree(UNPACKED, base, symlinks=True)
    kept = (UNPACKED / "libraries").read_text().strip()
    return base / "usr/sbin/pgbouncer", kept.replace(str(UNPACKED), str(base)) or None
