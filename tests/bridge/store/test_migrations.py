"""The tables as the migrations make them are the tables the code believes in."""

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.store import books, chain
from bridge.store.database import Database
from bridge.store.migrating import MIGRATIONS, alembic
from bridge.store.tables import metadata
from provisioning.core.credit import Claim, Kind
from provisioning.core.money import Money
from tests.engines import on_postgresql

REVISIONS = [
    script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()
][::-1]
"""The first first."""

OWNERS = ("acct_1", "acct_2")
HALF_WAY = Path(__file__).with_name("half_way.py")

OBJECTS = {
    "sqlite": """
        SELECT type || ' ' || name FROM sqlite_master WHERE name <> 'sqlite_sequence'
    """,
    "postgresql": """
        SELECT relkind::text || ' ' || relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'function ' || proname FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
    """,
}
"""All that a schema consists of, by kind and name."""

CHANGES = {
    "update": "UPDATE ledger SET because = 'x'",
    "delete": "DELETE FROM ledger",
    "truncate": "TRUNCATE ledger",
}
REFUSED_FROM = {
    "sqlite": {"update": "0001", "delete": "0001"},
    "postgresql": {"update": "0001", "delete": "0001", "truncate": "0002"},
}
"""Since which revision; SQLite has no TRUNCATE."""

AT_ONCE = """
import sys
from bridge.store.database import Database
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
database.upgrade()
"""

SAMPLES = {
    sa.Text: "x",
    sa.JSON: {"x": 1},
    sa.Boolean: True,
    sa.LargeBinary: b"x",
    sa.Integer: 1,
}


@pytest.fixture
def vacant(engine, tmp_path):
    """`vacant()`: a database without any table."""
    made = []

    def make():
        made.append(Database(engine.empty(tmp_path)))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def empty(vacant):
    return vacant()


def migrate(database, to):
    with database.change() as tx:
        down = to in {"base", "-1"}
        (command.downgrade if down else command.upgrade)(alembic(tx), to)


def kind(database):
    return database.url.get_backend_name()


def checks(database):
    """Check constraints and conditions of indexes, which alembic does not compare."""
    with database.read() as tx:
        seen = sa.inspect(tx)
        return {
            table: (_checks(seen, table), _indexes(seen, table))
            for table in metadata.tables
        }


def _checks(seen, table):
    found = seen.get_check_constraints(table)
    return sorted((check["name"], check["sqltext"]) for check in found)


def _indexes(seen, table):
    where = f"{seen.dialect.name}_where"
    return sorted(
        (i["name"], i["unique"], str(i.get("dialect_options", {}).get(where)))
        for i in seen.get_indexes(table)
    )


def objects(database):
    """Everything but alembic's own table."""
    with database.read() as tx:
        found = tx.execute(sa.text(OBJECTS[kind(database)])).scalars()
        return {name for name in found if "alembic_version" not in name}


def tables(database):
    with database.read() as tx:
        return set(sa.inspect(tx).get_table_names())


def sample(column):
    """Something to stand in this column; the same everywhere, so that keys fit."""
    return next(
        value for type_, value in SAMPLES.items() if isinstance(column.type, type_)
    )


def filled(tx, table, **more):
    """A row in this table, as it is shaped now."""
    if not {column.name for column in table.c} >= set(more):
        raise AssertionError(f"{table} has no {set(more)}")
    row = {column.name: sample(column) for column in table.c}
    tx.execute(sa.insert(table).values(row | more))


def fill(tx, at):
    """Rows in every table; in the ledger a chain for each of two owners."""
    seen = sa.MetaData()
    seen.reflect(tx)
    for table in seen.sorted_tables:
        if table.name not in {"alembic_version", "ledger"}:
            filled(tx, table)
    for no in range(6):
        paid = Money(Decimal(no + 1), "USD")
        claim = Claim(f"shop:{no}/topup", Kind.TOPUP, paid, f"evt_{no}")
        moment, owner = at + timedelta(seconds=no), OWNERS[no % 2]
        last = chain.head(tx, owner)
        books.book(tx, owner, [claim], moment, last)
        books.settle(tx, owner, claim, f"attempt {no}", moment, last)


def rows(database):
    with database.read() as tx:
        seen = sa.MetaData()
        seen.reflect(tx)
        return {
            table.name: tx.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar()
            for table in seen.sorted_tables
            if table.name != "alembic_version"
        }


def ledger(database):
    with database.read() as tx:
        return chain.entries(tx)


def broken(database):
    """What is wrong with the chains, by owner."""
    with database.read() as tx:
        return [chain.first_broken(chain.entries(tx, owner)) for owner in OWNERS]


def allowed(database, revision):
    """Which of the changes the ledger lets through that this revision must refuse."""
    with database.change() as tx:
        seen = sa.Table("ledger", sa.MetaData(), autoload_with=tx)
        if not tx.execute(sa.select(seen)).first():
            filled(tx, seen, to_book="y")
    return [
        change
        for change, since in REFUSED_FROM[kind(database)].items()
        if since <= revision and not _is_refused(database, CHANGES[change])
    ]


def _is_refused(database, statement):
    try:
        with database.change() as tx:
            tx.execute(sa.text(statement))
    except sa.exc.DBAPIError as said:
        return "the ledger is append-only" in str(said)
    return False


# --- the shape


def test_upgraded_is_what_the_code_believes(empty):
    """Nothing is missing, nothing is left over."""
    empty.upgrade()
    with empty.change() as tx:
        differs = compare_metadata(MigrationContext.configure(tx), metadata)

    assert [] == differs


def test_checks_and_partial_indexes_are_the_same_too(empty, vacant):
    """What only the database enforces is enforced in the migrated one as well."""
    empty.upgrade()
    made = vacant()
    with made.change() as tx:
        metadata.create_all(tx)
    believed = checks(made)

    assert believed == checks(empty)
    assert believed["attempt"][1]
    assert believed["ledger"][0]


def test_down_and_up_again_is_as_new(empty):
    """E6: nothing of the old shape is in the way, and the triggers are back."""
    empty.upgrade()
    first = objects(empty)
    migrate(empty, "base")
    between = objects(empty)
    migrate(empty, "head")

    assert set() == between
    assert first == objects(empty)
    assert {"trigger ledger_no_update", "trigger ledger_no_delete"} <= {
        name.lower() for name in first
    }


def test_upgrading_twice_changes_nothing(empty):
    """Every start runs it."""
    empty.upgrade()
    first = objects(empty)
    empty.upgrade()

    assert first == objects(empty)
    assert set(metadata.tables) <= tables(empty)


# --- the ledger stays what it is


def test_the_ledger_is_append_only_after_every_revision(empty):
    """E6: rebuilding a table would drop its triggers without a word."""
    # Guard off (no trigger on UPDATE; none on TRUNCATE): red.
    let_through = {}
    for revision in REVISIONS:
        migrate(empty, revision)
        let_through[revision] = allowed(empty, revision)

    assert {revision: [] for revision in REVISIONS} == let_through


@pytest.mark.parametrize(("below", "revision"), list(pairwise(REVISIONS)))
def test_the_ledger_is_append_only_one_step_back(empty, below, revision):
    """E6: whoever takes a version back keeps its promise."""
    migrate(empty, revision)
    migrate(empty, "-1")

    assert [] == allowed(empty, below)


def test_one_step_back_on_full_data_keeps_the_ledger_and_its_chain(empty, at):
    """E6: whatever a revision adds, without it the money is where it was."""
    empty.upgrade()
    with empty.change() as tx:
        fill(tx, at)
    full, before = rows(empty), ledger(empty)
    migrate(empty, "-1")
    back = ledger(empty), broken(empty), rows(empty)
    migrate(empty, "head")

    assert 0 not in full.values()
    assert set(metadata.tables) == set(full)
    assert (before, [None, None]) == back[:2]
    assert {table: full[table] for table in back[2]} == back[2]
    assert (before, [None, None]) == (ledger(empty), broken(empty))
    assert [] == allowed(empty, REVISIONS[-1])


# --- it breaks in the middle


def test_an_upgrade_that_fails_leaves_the_old_shape(empty, monkeypatch):
    """E6: one transaction: half a migration is never seen."""

    def broken(*_, **__):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            empty.upgrade()
    half = objects(empty)
    empty.upgrade()

    assert set() == half
    assert set(metadata.tables) <= tables(empty)


def killed_at(database, number):
    """What the process said last before it was killed: "here", or "through"."""
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, HALF_WAY, url, str(number)], stdout=subprocess.PIPE, text=True
    ) as child:
        said = child.stdout.readline().strip()
        child.kill()
    return said


@pytest.mark.parametrize("start", ["base", *REVISIONS[:-1]])
@pytest.mark.parametrize("number", [2, 9, 99])
def test_an_upgrade_that_is_killed_leaves_the_old_shape_or_the_new(
    vacant, at, start, number
):
    """E6: SIGKILL in the middle; the next start ends it, and no money is lost."""
    # Guard off (a commit after every statement): red.
    struck, whole = vacant(), vacant()
    whole.upgrade()
    if start != "base":
        migrate(struck, start)
        with struck.change() as tx:
            fill(tx, at)
    had = start != "base" and ledger(struck)
    old = objects(struck)
    struck.close()
    said = killed_at(struck, number)
    left = objects(struck)
    struck.upgrade()

    assert {"here": old, "through": objects(whole)}[said] == left
    assert objects(whole) == objects(struck)
    assert (had or []) == ledger(struck)
    assert [None, None] == broken(struck)


@on_postgresql
def test_processes_that_start_at_once_upgrade_once(engine):
    """One makes the tables; the others wait for it, and find nothing left to do."""
    # Guard off (no advisory lock in Database.upgrade): red, two make the same tables.
    url = engine.empty()
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for each in starting:
        each.stdout.readline()
    for each in starting:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60)[1] for each in starting]

    assert ([""] * 4, [0] * 4) == (said, [each.returncode for each in starting])
