"""How verbs speak: tables for people, one JSON line for programs."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click
import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bridge import csvs
from bridge.access.who import Who
from bridge.clock import Clock, clock_of
from bridge.config import Config, ConfigError, load
from bridge.lock import Taken
from bridge.store import facts
from bridge.store.database import Database, Lost
from bridge.store.tables import fact
from provisioning.core.account import Account
from provisioning.core.outcomes import Outcome

if TYPE_CHECKING:
    from bridge.parts import Parts

PIPED = 240
NO_TABLE = "42P01"
"""PostgreSQL's word for it."""

ERROR, CHANGES, UNSURE, REFUSED, CHANGED = 1, 2, 3, 4, 5

Verb = TypeVar("Verb", bound=Callable[..., None])
Loaded = TypeVar("Loaded", "Written", "Parts")

as_json = click.option("--json", "plain", is_flag=True, help="One JSON line.")


@dataclass(frozen=True, slots=True)
class Written:
    """What is written down: all that a verb needs that only reads it."""

    config: Config
    database: Database
    clock: Clock


def written(path: Path) -> Written:
    """It must be there already."""
    config = load(path)
    database = Database(config.database, pooled=config.listen is not None)
    _close_at_end(database)
    return _there(Written(config, database, clock_of(database)))


def parts(path: Path) -> Parts:
    """The bridge of this configuration, assembled and not started."""
    # Here: it is all there is of a bridge, and verbs that only read need none of it.
    from bridge.parts import assemble  # noqa: PLC0415

    loaded = assemble(load(path))
    _close_at_end(loaded.database)
    return loaded


def kept(path: Path) -> Parts:
    """The same, and its database must be there already."""
    return _there(parts(path))


def _close_at_end(database: Database) -> None:
    if verb := click.get_current_context(silent=True):
        verb.call_on_close(database.close)


def _there(loaded: Loaded) -> Loaded:
    """At the time that it is there."""
    file = loaded.database.url.database
    if loaded.database.embedded and not Path(str(file)).exists():
        fail(f"{file} is not there yet; `switchhook serve` makes it")
    if loaded.database.embedded:
        with loaded.database.read() as tx:
            if sa.inspect(tx).has_table(fact.name):
                loaded.clock.follow(tx)
    return loaded


def ahead(config: Config) -> timedelta:
    """How far the business time of that bridge is ahead, where it is a demo's here."""
    database = Database(config.database)
    try:
        if not database.embedded or not Path(str(database.url.database)).exists():
            return timedelta()
        with database.read() as tx:
            known = sa.inspect(tx).has_table(fact.name)
            return facts.ahead(tx) if known else timedelta()
    finally:
        database.close()


def found(loaded: Parts, name: str) -> Account:
    """By its own name or a service's."""
    # Here, as above: accounts are made of nearly all the rules.
    from bridge.store import accounts, whereabouts  # noqa: PLC0415

    with loaded.database.read() as tx:
        account = accounts.load(tx, whereabouts.of_service(tx, name) or name)
    if account is None:
        fail(
            f"there is no account or service {name}; a service is named with its"
            " source, as shop:1001; see `switchhook event list`"
        )
    return account


def order(loaded: Parts, name: str, /, **said: Any) -> dict[str, Any]:
    """Have it done, in the name of who is logged in on this machine."""
    # Here, as above: who carries it out may need any part of a bridge.
    from bridge import ordering  # noqa: PLC0415

    return ordering.order(loaded, Who(getpass.getuser(), "cli"), name, **said)


def speaks(verb: Verb) -> Verb:
    """Errors with a way out end as one line, not as a traceback."""

    @wraps(verb)
    def spoken(*args: Any, **kwargs: Any) -> None:
        try:
            verb(*args, **kwargs)
        except (ConfigError, Taken, Outcome, LookupError) as known:
            fail(str(known))
        except Lost as lost:
            fail(f"{lost}: it may have been done or not; look before you say it again")
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as wrong:
            fail(_of_the_database(wrong))

    return cast("Verb", spoken)


def moment(at: datetime | None) -> str | None:
    """To the second; None where there is none."""
    return at.isoformat(timespec="seconds") if at else None


def listed(shown: Sequence[dict[str, Any]], plain: bool, nothing: str = "none") -> None:
    """A row each, under the names of what they say; *nothing*, where there are none."""
    if plain:
        line(shown)
    elif not shown:
        click.echo(nothing)
    else:
        table(list(shown[0]), [list(row.values()) for row in shown])


def in_commas(titles: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """The same as CSV, for programs that reckon."""
    cells = ([row[title] for title in titles] for row in rows)
    click.echo(csvs.written(titles, cells), nl=False)


def _of_the_database(wrong: sa.exc.DBAPIError) -> str:
    """Not there, or without our tables: the two a new installation meets."""
    said = " ".join(str(wrong.orig).split())
    if "no such table" in said or getattr(wrong.orig, "sqlstate", "") == NO_TABLE:
        return (
            "the database has no tables yet; `switchhook serve` or `switchhook db"
            " upgrade` makes them"
        )
    return f"the database does not do it: {said}"


def fail(message: str, code: int = ERROR) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(code)


def line(value: object) -> None:
    click.echo(json.dumps(value, default=str))


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """As wide as the terminal; never cut where a program reads it."""
    console = Console(width=None if sys.stdout.isatty() else PIPED)
    bare = not any(titles)
    shown = Table(
        *titles, box=None, pad_edge=False, header_style="bold", show_header=not bare
    )
    for row in rows:
        shown.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    console.print(shown)
