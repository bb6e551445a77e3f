"""Which terms are current, and those that anything here was sold by before.

All processes ask the database which version that is, with every load: what is applied
is heeded at once, without a restart. An edition is read and understood once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import catalogs
from bridge.store.database import Database
from provisioning.core.account import Service
from provisioning.core.catalog import Catalog, Edition
from provisioning.core.digest import written
from provisioning.core.outcomes import Later
from provisioning.core.reading import read

log = logging.getLogger(__name__)

Groups = Mapping[str, tuple[str, ...]]


class Editions:
    """*file*: what is written today. Its bindings hold; its terms, once applied."""

    def __init__(self, file: Catalog, groups: Groups | None = None) -> None:
        self.file = file
        self._groups = groups or {}
        self._known: dict[str, Edition] = {}
        self._made: tuple[str, int, Catalog] = ("", 0, file)
        self._turn = threading.Lock()

    def begin(self, database: Database, at: datetime) -> None:
        """What is written is current, where nothing ever was; else it is compared."""
        version = self.file.version
        with database.change() as tx:
            now = catalogs.current(tx).read()
            if now is None and catalogs.begin(tx, version, written_of(self.file), at):
                # A version that knew no dunning may have left accounts here.
                catalogs.look_again(tx, self.file.terms.dunning, at)
                return
            now = catalogs.current(tx).read()
            same = now is None or self._same(tx, now)
        if not same:
            log.warning("%s", DIFFERS)

    def differs(self, database: Database) -> bool:
        """Whether other terms are current than are written."""
        with database.read() as tx:
            now = catalogs.current(tx).read()
            return now is not None and not self._same(tx, now)

    def _same(self, tx: sa.Connection, version: str) -> bool:
        # Not by the version alone: this program may write the same otherwise.
        return version == self.file.version or (
            self.catalog(tx, version).version == self.file.version
        )

    def now(self, tx: sa.Connection, sold: Collection[Service] = ()) -> Catalog:
        return self.catalog(tx, catalogs.current(tx).read(), sold)

    def catalog(
        self, tx: sa.Connection, version: str | None, sold: Collection[Service] = ()
    ) -> Catalog:
        """The terms of that version, and beside them those these were sold by.

        Later, where they cannot be read.
        """
        named = {version for service in sold for version in service.versions}
        self._learn(tx, named | ({version} if version else set()))
        made, count, catalog = self._made
        if (made, count) == (version or "", len(self._known)):
            return catalog
        return self._make(version)

    def edition(self, tx: sa.Connection, version: str) -> Edition | None:
        """As it is kept: which backends a group has stands in no edition."""
        self._learn(tx, {version})
        known = self._known.get(version)
        return known and _bound(known, {})

    def _learn(self, tx: sa.Connection, versions: set[str]) -> None:
        missing = versions - self._known.keys()
        if not missing:
            return
        found = {
            v: self._read(text) for v, text in catalogs.contents(tx, missing).items()
        }
        with self._turn:
            self._known = {**self._known, **found}

    def _read(self, text: str) -> Edition:
        try:
            edition = read(Edition, text)
        except ValueError as newer:
            raise Later(
                f"the terms that are current were written by another version ({newer});"
                " restart this process with that one."
            ) from None
        return _bound(edition, self._groups)

    def _make(self, version: str | None) -> Catalog:
        with self._turn:
            known = self._known
            said: Edition | Catalog = known.get(version or "", self.file)
            catalog = replace(
                self.file, packages=said.packages, topups=said.topups, terms=said.terms,
                older=known,
            )  # fmt: skip
            self._made = (version or "", len(known), catalog)
        return catalog


def _bound(edition: Edition, groups: Groups) -> Edition:
    packages = edition.packages.items()
    bound = {n: replace(p, group=groups.get(p.backend, ())) for n, p in packages}
    return replace(edition, packages=bound)


DIFFERS = (
    "the configuration sells by other terms than those that are current; `switchhook"
    " catalog apply` shows what differs, and makes it current with --yes"
)


def written_of(catalog: Catalog) -> str:
    """What of it has versions, as it is kept."""
    return written(catalog.edition)
