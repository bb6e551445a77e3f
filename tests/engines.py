"""The two databases a test may run on, and how it gets one of its own on either.

Each has `new(folder)`: the address of a fresh database at this version. `on_sqlite` and
`on_postgresql` mark the tests that are about one of them.
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest

from bridge.store.database import Database
from tests.postgres import Postgres

NAMES = ("sqlite", "postgresql")
TEMPLATE = "template_of_this_version"
NUMBERS = count(1)

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


class SQLite:
    """A file a test, copied: making one is slow."""

    name = "sqlite"

    def __init__(self, template: Path) -> None:
        self._template = template

    def new(self, folder: Path) -> str:
        shutil.copy(self._template, folder / "bridge.db")
        return f"sqlite:///{folder / 'bridge.db'}"

    def empty(self, folder: Path) -> str:
        """Without any table."""
        path = folder / f"empty-{next(NUMBERS)}.db"
        path.touch()  # readers do not make one
        return f"sqlite:///{path}"

    def forget(self, url: str) -> None:
        """The file goes with its folder."""

    def close(self) -> None:
        """The files go with their folders."""


class PostgreSQL:
    """A database a test on one server, made from a template, dropped after the next.

    Those who were in it are gone by then. At once, each drop would wait for them: the
    server looks every 100 ms whether they are.
    """

    name = "postgresql"

    def __init__(self, server: Postgres, template: str) -> None:
        self.server = server
        self._template = template
        self._made: list[str] = []

    def new(self, _folder: Path | None = None) -> str:
        return self._create(self._template)

    def empty(self, _folder: Path | None = None) -> str:
        """Without any table."""
        return self._create(None)

    def forget(self, url: str) -> None:
        """Dropped at once, where a test makes many."""
        name = url.rpartition("/")[2].partition("?")[0]
        self._made.remove(name)
        self.server.drop(name)

    def close(self) -> None:
        while self.server.left:
            self.server.drop(self.server.left.pop())
        self.server.left += self._made

    def _create(self, template: str | None) -> str:
        name = f"test_{next(NUMBERS)}"
        self._made.append(name)
        return self.server.url(self.server.create(name, template))


def upgraded(url: str) -> None:
    """Bring an empty database to this version."""
    database = Database(url)
    database.upgrade()
    database.close()
