"""`switchhook doctor`: whether all around is well, and what a server really does."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import cast

import click

from bridge import proofs
from bridge.cli.output import ERROR, UNSURE, as_json, fail, line, order, parts, speaks
from bridge.config import ConfigError
from bridge.doctor import How, examined
from bridge.doctor.guest import Probable
from bridge.doctor.probe import probe
from bridge.lock import Lock, Taken
from bridge.parts import Parts
from bridge.store import revisions
from bridge.store.database import Database
from bridge.store.verdicts import Verdict, Word
from provisioning.backends.base import Unproven

NEW = {"debit", "partial_update_safe"}
"""What a server may well not do: refuted, it is no fault."""

UNLISTED = {"reference"}
"""What nobody can see where payments are not listed."""


@click.command()
@click.option("--probe", "name", help="Try this backend on a user of our own.")
@click.option("--yes", is_flag=True, help="Do not ask before writing to it.")
@as_json
@click.pass_obj
@speaks
def doctor(path: Path, name: str | None, yes: bool, plain: bool) -> None:
    """Look at all a bridge needs: files, database, clocks, backends, mail.

    Exit code 1 if something fails, 3 if something is to be looked at.
    """
    if name is None:
        _examine(path, plain)
    else:
        _probe(parts(path), name, yes, plain)


def _examine(path: Path, plain: bool) -> None:
    try:
        loaded = parts(path)
    except ConfigError as wrong:
        shown = [
            {"about": "configuration", "how": How.FAIL.value, "said": fault}
            for fault in str(wrong).splitlines()
        ]
        if plain:
            line(shown)
        else:
            for one in shown:
                _say(one["how"], one["about"], one["said"])
        raise SystemExit(ERROR) from None
    found = []
    for finding in examined(loaded):
        found.append(finding)
        if not plain:
            _say(finding.how.value, finding.about, finding.said)
    if plain:
        line([asdict(finding) for finding in found])
    said = {finding.how for finding in found}
    raise SystemExit(ERROR if How.FAIL in said else UNSURE if How.WARN in said else 0)


def _say(how: str, about: str, said: str) -> None:
    click.echo(f"{how:10} {about}: {said}")


# --- the probe


def _probe(loaded: Parts, name: str, yes: bool, plain: bool) -> None:
    backend = loaded.backends.get(name)
    if backend is None:
        fail(f'there is no backend "{name}"; there are: {", ".join(loaded.backends)}')
    if not isinstance(backend, Unproven):
        fail(f'backend "{name}" keeps a contract of its own: there is nothing to probe')
    where = loaded.config.backends[name].get("url")
    if not yes:
        if plain:
            fail("a probe writes to the server; with --json, say --yes as well")
        click.confirm(
            f"This opens a user on {name} ({where}), writes to it, credits it, and"
            " removes it. Go on?",
            abort=True,
        )
    _there(loaded.database)
    # A stop from outside removes the user as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    role = loaded.config.backends[name].get("role")

    def tell(verdict: Verdict) -> None:
        if not plain:
            _say(verdict.word.value, verdict.what, _words(verdict))
        elif verdict.what == "removed" and verdict.word is Word.REFUTED:
            click.echo(verdict.said, err=True)

    found = probe(cast("Probable", backend), tell, role)
    found = proofs.of_now(found, proofs.digests(backend))
    order(loaded, "backend.probed", backend=name, found=[asdict(v) for v in found])
    counts = Counter(verdict.word.value for verdict in found)
    if plain:
        line({"backend": name, "verdicts": [asdict(v) for v in found]})
    else:
        said = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        click.echo(f"{name}: {said}; `switchhook check` says what may be sold")
        for what in _undeclared(loaded, name, found):
            click.echo(f"{what} may be set to true in [backends.{name}]")
    raise SystemExit(_code(found))


def _there(database: Database) -> None:
    """Tables to keep the verdicts in, before anything is written to the server."""
    if database.embedded:
        lock = Lock(str(database.url.database))
        try:
            lock.take(patience=0)
        except Taken:
            return  # who has it made them
        try:
            database.upgrade()
        finally:
            lock.drop()
        return
    with database.read() as tx:
        found = revisions.current(tx)
    if found is None:
        database.upgrade()
    elif found != revisions.newest():
        fail("the tables are of another version; run `switchhook db upgrade` first")


def _words(verdict: Verdict) -> str:
    said = [
        f"sent {verdict.sent}" if verdict.sent is not None else None,
        f"read back {verdict.seen}" if verdict.seen is not None else None,
        verdict.said,
    ]
    return "; ".join(filter(None, said)) or "as it should be"


def _undeclared(loaded: Parts, name: str, found: list[Verdict]) -> list[str]:
    can = loaded.backends[name].describe()
    verified = {one.what for one in found if one.word is Word.VERIFIED}
    return sorted(what for what in NEW & verified if not getattr(can, what))


def _code(found: list[Verdict]) -> int:
    refuted = {one.what for one in found if one.word is Word.REFUTED}
    open_ = {one.what for one in found if one.word is Word.UNVERIFIED}
    if refuted - NEW:
        return ERROR
    return UNSURE if open_ - UNLISTED else 0
