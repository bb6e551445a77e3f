"""The database's own verbs: what they say, how they end, what they refuse."""

import re

import pytest
import sqlalchemy as sa

from bridge.lock import Lock
from bridge.store.database import Database
from tests import engines
from tests.bridge.cli.test_cli import said, switchhook
from tests.rig import Rig


@pytest.fixture
def elsewhere(rig, tmp_path):
    """The same configuration with a database that is not there yet."""
    rig.order()
    rig.topup("2")
    rig.run()
    path = tmp_path / "elsewhere.toml"
    url = f'database = "sqlite:///{tmp_path / "elsewhere.db"}"'
    path.write_text(re.sub(r"database = .*", url, rig.path.read_text(), count=1))
    return path


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "kept.backup")


def past_us(rig, *statements):
    """Somebody works at the database, past us."""
    with rig.database.change() as tx:
        for statement in statements:
            tx.execute(sa.text(statement))


def test_a_backup_is_restored_by_two_verbs(rig, elsewhere, file):
    """And the sums held are shown, with the exit code of what is unsure."""
    kept, code = said(rig.path, "db", "backup", file)
    back, _ = said(elsewhere, "db", "restore", file)
    checked = said(elsewhere, "db", "check")

    assert (0, 2, kept["rows"]) == (code, kept["rows"]["claim"], back["rows"])
    assert ({"faults": []}, 0) == checked


def test_in_words_they_say_what_comes_next(rig, elsewhere, file):
    """A person who restores must know that money waits."""
    kept = switchhook(rig.path, "db", "backup", file)
    back = switchhook(elsewhere, "db", "restore", file)
    checked = switchhook(elsewhere, "db", "check")

    assert f"rows are in {file}" in kept.stdout
    assert "switchhook unsure list" in back.stdout
    assert (0, "all is as it should be\n") == (checked.exit_code, checked.stdout)


def test_held_sums_are_shown_and_released_by_key(rig, elsewhere, file):
    """What is there already is booked by its key, and nothing waits any more."""
    switchhook(rig.path, "db", "backup", file)
    switchhook(elsewhere, "db", "restore", file)
    restored = Rig(elsewhere)
    restored.topup("3")
    restored.run()
    [shown], code = said(elsewhere, "unsure", "list")
    account, key = shown["account"], shown["claim"]
    switchhook(
        elsewhere, "unsure", "release", account, "--arrived", key, "--because", "seen"
    )
    restored.run()

    assert (3, "restored", "shop:3/topup") == (code, shown["state"], key)
    assert ([], 0) == said(elsewhere, "unsure", "list")
    assert "done" == restored.fates()["topup-3"]


def test_a_database_that_is_not_empty_is_refused(rig, elsewhere, file):
    """In one line, with the way out."""
    switchhook(rig.path, "db", "backup", file)
    result = switchhook(rig.path, "db", "restore", file)

    assert 1 == result.exit_code
    assert "is not empty" in result.stderr
    assert 1 == len(result.stderr.splitlines())


@pytest.mark.parametrize("verb", [("restore", "x"), ("upgrade",)])
def test_while_the_bridge_runs_neither_begins(rig, elsewhere, verb):
    """On SQLite one process has the database."""
    lock = Lock(str(rig.database.url.database))
    lock.take(patience=0)
    result = switchhook(rig.path, "db", *verb)
    lock.drop()

    assert 1 == result.exit_code
    assert "stop that one first" in result.stderr


@pytest.mark.parametrize(
    ("done", "said_of"),
    [
        ("DROP TRIGGER ledger_no_update", "trigger ledger_no_update is gone"),
        ("UPDATE claim SET amount = amount + 1", "the sums not settled are"),
        ("UPDATE alembic_version SET version_num = '0001'", "revision 0001"),
    ],
)
def test_a_check_says_what_is_wrong(rig, done, said_of):
    """Exit code 1, in words; whoever has the file can do anything to it."""
    rig.topup("2")
    rig.run()
    past_us(rig, done)
    result = switchhook(rig.path, "db", "check")

    assert 1 == result.exit_code
    assert said_of in result.stdout


def test_a_changed_ledger_is_found(rig):
    """Its trigger taken off and put on again: the chain tells."""
    rig.order()
    rig.run()
    with rig.database.read() as tx:
        trigger = tx.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE name = 'ledger_no_UPDATE'")
        ).scalar_one()
    change = "UPDATE ledger SET because = 'mine'"
    past_us(rig, "DROP TRIGGER ledger_no_update", change, trigger)
    [fault] = said(rig.path, "db", "check")[0]["faults"]

    assert "is not what was written, from entry 1 on" in fault


def test_tables_are_made_when_asked_for(elsewhere):
    """Before that every verb says that there are none."""
    database = elsewhere.with_name("elsewhere.db")
    database.touch()
    before = switchhook(elsewhere, "event", "list")
    made, code = said(elsewhere, "db", "upgrade")

    assert (1, 0) == (before.exit_code, code)
    assert "has no tables yet" in before.stderr
    assert {"revision"} == set(made)
    assert ([], 0) == said(elsewhere, "event", "list")


def test_a_server_that_is_not_there_is_one_sentence(elsewhere):
    """No traceback; the password is in no message."""
    url = 'database = "postgresql+psycopg://us:s3cret@127.0.0.1:1/none"'
    elsewhere.write_text(re.sub(r"database = .*", url, elsewhere.read_text(), count=1))
    result = switchhook(elsewhere, "event", "list")

    assert 1 == result.exit_code
    assert "the database does not do it" in result.stderr
    assert 1 == len(result.stderr.splitlines())
    assert "s3cret" not in result.stderr


def test_verbs_close_the_database_they_opened(rig, monkeypatch):
    """Behind them nothing stays connected.

    Guard off (not closed with the verb): red.
    """
    closed, usual = [], Database.close
    monkeypatch.setattr(
        Database, "close", lambda self: (closed.append(self.url), usual(self))
    )
    switchhook(rig.path, "event", "list")

    assert [rig.database.url] == closed


@pytest.fixture
def on_a_server(rig, postgres, postgres_template):
    """The same configuration on PostgreSQL."""
    made = engines.PostgreSQL(postgres, postgres_template)
    path = rig.path.with_name("server.toml")
    yield path, made, rig.path.read_text()
    made.close()


def test_the_verbs_work_on_a_server_too(rig, on_a_server, file):
    """From a file to a server, checked there; and without tables it is said."""
    rig.order()
    rig.run()
    path, made, text = on_a_server
    url = f'database = "{made.empty()}"'
    path.write_text(re.sub(r"database = .*", url, text, count=1))
    bare = switchhook(path, "event", "list")
    switchhook(rig.path, "db", "backup", file)
    back, code = said(path, "db", "restore", file)
    checked = said(path, "db", "check")

    assert 0 == code
    assert back["rows"]["claim"] == 1
    assert "has no tables yet" in bare.stderr
    assert ({"faults": []}, 0) == checked
