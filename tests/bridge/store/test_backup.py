"""A backup is all of it, exactly; what is cut, changed or foreign is refused whole."""

import gzip
import json
import stat
from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from bridge.store import backup, books, facts
from bridge.store.backup import Unusable
from bridge.store.database import Database
from bridge.store.tables import metadata
from tests import engines


@pytest.fixture
def lived(opened):
    """A bridge with an order, top-ups and a suspension behind it."""
    rig, _ = opened
    for line in "234":
        rig.topup(line)
    rig.run()
    rig.say("suspend")
    rig.run()
    return rig


@pytest.fixture
def file(lived, tmp_path):
    path = tmp_path / "all.backup"
    backup.backup(lived.database, path, lived.clock.now())
    return path


@pytest.fixture(params=engines.NAMES)
def fresh(request, tmp_path, template):
    """An empty database of either kind, whatever kind the backup is of."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    if request.param == "sqlite":
        made = engines.SQLite(template)
    else:
        names = ("postgres", "postgres_template")
        made = engines.PostgreSQL(*map(request.getfixturevalue, names))
    database = Database(made.new(folder))
    yield database
    database.close()
    made.close()


def content(database):
    """Every row of every table but those a restore adds."""
    with database.read() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(sa.select(*_columns(table))).all()))
            for table in metadata.sorted_tables
            if table.name != "fact"
        }


def _columns(table):
    return [column for column in table.c if column.name != "restored_at"]


def lines(file):
    return gzip.decompress(file.read_bytes()).splitlines(keepends=True)


def rewritten(file, changed):
    file.write_bytes(gzip.compress(b"".join(changed)))
    return file


def rows(database):
    return sum(len(kept) for kept in content(database).values())


def test_what_is_restored_is_what_was_backed_up(lived, file, fresh, at):
    """F-E5: from either kind of database into either kind, value by value."""
    backup.restore(fresh, file, at)

    assert content(lived.database) == content(fresh)


def test_a_restored_database_says_so_and_so_does_each_account(lived, file, fresh, at):
    """The mark is the moment of the backup: what came after is not known here."""
    done = backup.restore(fresh, file, at)
    with fresh.read() as tx:
        fact = facts.known(tx, facts.RESTORED)
        marks = tx.execute(sa.text("SELECT restored_at FROM account")).scalars().all()

    assert {"backup": done.moment.isoformat(), "restored": at.isoformat()} == fact
    assert marks
    assert None not in marks


def test_numbers_go_on_after_those_restored(file, fresh, at):
    """New rows find no number taken: the next entry of the ledger fits the chain."""
    backup.restore(fresh, file, at)
    with fresh.change() as tx:
        entries = books.entries(tx)
        owner = entries[-1].owner
        table = metadata.tables["request"]
        tx.execute(
            sa.insert(table).values(
                source="x", delivery="x", digest="x", body="x", received_at=at
            )
        )

    assert books.broken_chain(e for e in entries if e.owner == owner) is None


def test_the_ledger_still_refuses_to_be_changed(file, fresh, at):
    """The triggers are the database's, and a restore takes none of them off."""
    backup.restore(fresh, file, at)

    with pytest.raises(sa.exc.DBAPIError), fresh.change() as tx:
        tx.execute(sa.text("UPDATE ledger SET amount = 1"))


def test_nobody_else_can_read_it(file):
    """It holds sealed passwords and everything customers bought."""
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def cut(told):
    return told[:-3]


def changed(told):
    some = next(no for no, line in enumerate(told) if b"shop:2/topup" in line)
    return [*told[:some], told[some].replace(b"shop:2", b"shop:9"), *told[some + 1 :]]


def left_out(told):
    some = next(no for no, line in enumerate(told) if b"shop:2/topup" in line)
    return told[:some] + told[some + 1 :]


def newer(told):
    head = json.loads(told[0]) | {"revision": "9999"}
    return [json.dumps(head).encode() + b"\n", *told[1:]]


def foreign(_told):
    return [b'{"kind": "something else", "version": 1}\n']


@pytest.mark.parametrize("damage", [cut, changed, left_out, newer, foreign])
def test_what_is_not_whole_is_refused_and_nothing_is_written(file, fresh, at, damage):
    """Half a restored ledger would be worse than none."""
    # Guard off (the digest not compared): red for "changed".
    rewritten(file, damage(lines(file)))

    with pytest.raises(Unusable):
        backup.restore(fresh, file, at)

    assert 0 == rows(fresh)


def test_a_file_cut_in_its_compression_is_refused(file, fresh, at):
    """As a disk that was full would leave it."""
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(Unusable):
        backup.restore(fresh, file, at)

    assert 0 == rows(fresh)


def test_a_database_with_rows_is_never_written_over(lived, file, at):
    """It says so, and what to do instead."""
    before = content(lived.database)

    with pytest.raises(Unusable, match="into an empty one"):
        backup.restore(lived.database, file, at)

    assert before == content(lived.database)


def test_a_chain_that_does_not_hold_is_refused(lived, tmp_path, fresh, at):
    """A ledger that somebody changed is not brought back as if it were sound."""
    file = tmp_path / "changed.backup"
    backup.backup(lived.database, file, at)
    told = lines(file)
    some = next(no for no, line in enumerate(told) if b'"held", "applied"' in line)
    row = json.loads(told[some])
    amount = row.index(next(v for v in row if v == 10_000_000))
    row[amount] = 99_000_000
    told[some] = json.dumps(row).encode() + b"\n"
    end = next(no for no, line in enumerate(told) if b'{"table": "ledger"' in line)
    start = max(n for n in range(end) if told[n].startswith(b"{")) + 1
    ended = json.loads(told[end])
    ended["digest"] = sha256(b"".join(told[start:end])).hexdigest()
    told[end] = json.dumps(ended).encode() + b"\n"
    rewritten(file, told)

    with pytest.raises(Unusable, match="not whole at entry"):
        backup.restore(fresh, file, at)

    assert 0 == rows(fresh)


def test_a_backup_is_of_one_moment(lived, tmp_path, monkeypatch):
    """What is taken in while it is written is not half in it."""
    # Guard off (no transaction around the reading): red.
    real, more = backup._rows, []

    def rows_of(tx, table):
        if table.name == "ledger" and not more:
            more.append(lived.topup("9"))
            lived.run()
        return real(tx, table)

    monkeypatch.setattr(backup, "_rows", rows_of)
    file = tmp_path / "busy.backup"
    backup.backup(lived.database, file, lived.clock.now() + timedelta(0))

    assert more[0].status_code == 202
    assert not [line for line in lines(file) if b"shop:9" in line]
