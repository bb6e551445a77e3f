"""The tables as the migrations make them are the tables the code believes in."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bridge.store.database import Database, alembic
from bridge.store.tables import metadata


@pytest.fixture
def empty(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    yield database
    database.close()


def migrate(database, to):
    with database.change() as tx:
        step = command.downgrade if to == "base" else command.upgrade
        step(alembic(tx), to)


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
    return sorted(
        (i["name"], i["unique"], str(i["dialect_options"].get("sqlite_where")))
        for i in seen.get_indexes(table)
    )


def names(database, kind):
    with database.read() as tx:
        query = f"SELECT name FROM sqlite_master WHERE type = '{kind}'"
        return set(tx.exec_driver_sql(query).scalars())


def test_upgraded_is_what_the_code_believes(empty):
    """Nothing is missing, nothing is left over."""
    empty.upgrade()
    with empty.change() as tx:
        differs = compare_metadata(MigrationContext.configure(tx), metadata)

    assert [] == differs


def test_checks_and_partial_indexes_are_the_same_too(empty, tmp_path):
    """What only the database enforces is enforced in the migrated one as well."""
    empty.upgrade()
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    with made.change() as tx:
        metadata.create_all(tx)
    believed = checks(made)
    made.close()

    assert believed == checks(empty)
    assert believed["attempt"][1]
    assert believed["ledger"][0]


def test_down_and_up_again_is_as_new(empty):
    """E6: nothing of the old shape is in the way, and the triggers are back."""
    empty.upgrade()
    first = names(empty, "table"), names(empty, "index"), names(empty, "trigger")
    migrate(empty, "base")
    between = names(empty, "table") - {"alembic_version", "sqlite_sequence"}
    migrate(empty, "head")

    assert set() == between
    assert first == (
        names(empty, "table"), names(empty, "index"), names(empty, "trigger")
    )  # fmt: skip
    assert {"ledger_no_UPDATE", "ledger_no_DELETE"} == names(empty, "trigger")


def test_upgrading_twice_changes_nothing(empty):
    """Every start runs it."""
    empty.upgrade()
    empty.upgrade()

    assert set(metadata.tables) <= names(empty, "table")


def test_an_upgrade_that_fails_leaves_the_old_shape(empty, monkeypatch):
    """E6: one transaction: half a migration is never seen."""

    def broken(*_, **__):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            empty.upgrade()
    half = names(empty, "table")
    empty.upgrade()

    assert set() == half
    assert set(metadata.tables) <= names(empty, "table")
