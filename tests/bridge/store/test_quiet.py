"""What a database's error quotes is somebody's, and stays out of the log."""

import logging

import pytest
import sqlalchemy as sa

from bridge.store.drafts import the
from bridge.store.ready import Ready
from bridge.store.tables import account
from tests.engines import on_postgresql

CANARY = "canary-77d0@example.com"
log = logging.getLogger("bridge.tests")


def ready(sql, tx):
    return Ready(sql.values({c.name: the(c.name) for c in account.c}), tx.dialect)


WAYS = {
    "by SQLAlchemy": lambda tx, sql, row: tx.execute(sql, row),
    "ready, run": lambda tx, sql, row: ready(sql, tx).send(tx, [row]),
    "ready, many": lambda tx, sql, row: ready(sql, tx).send(tx, [row, row]),
    "ready, fetched": lambda tx, sql, row: ready(sql.returning(account.c.id), tx).send(
        tx, [row, row], returns=True
    ),
}


@pytest.fixture
def broken(database, caplog):
    """`broken(do)`: what the log says of it, traceback and causes too."""

    def told(do):
        try:
            with database.change() as tx:
                do(tx)
        except sa.exc.SQLAlchemyError:
            log.exception("it broke off")
        return caplog.text

    return told


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_key_that_is_there_already_is_not_quoted(database, keep, broken, way):
    """The table says enough: the value could be an address or a name."""
    # Guard off (neither event nor ready quiets): red on PostgreSQL, which quotes keys.
    keep("acct_1", username=CANARY)
    with database.read() as tx:
        row = dict(tx.execute(sa.select(account)).mappings().one())
    row |= {"id": "acct_2", "remote": None}
    new = sa.insert(account)
    said = broken(lambda tx: way(tx, new, row))

    assert "IntegrityError" in said
    assert "username" in said
    assert CANARY not in said


@on_postgresql
def test_a_value_that_is_no_number_is_not_quoted(broken):
    """The kind of the error and its code are left to search for."""
    said = broken(
        lambda tx: tx.execute(sa.text("SELECT CAST(:it AS bigint)"), {"it": CANARY})
    )

    assert "sqlstate 22P02" in said
    assert CANARY not in said


@on_postgresql
def test_what_is_wrong_with_a_statement_is_still_said(broken):
    """Its names are ours: without them nobody could mend it."""
    said = broken(lambda tx: tx.execute(sa.text("SELECT no_such FROM backend")))

    assert 'column "no_such" does not exist' in said
