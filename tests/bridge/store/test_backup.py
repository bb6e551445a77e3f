"""A backup is all of one moment, and comes back whole on either database, or not."""

import gzip
import json
import stat
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.keys import new_secret
from bridge.store import (
    accounts,
    attempts,
    backup,
    books,
    chain,
    check,
    coupons,
    facts,
    lanes,
    outbox,
)
from bridge.store.attempts import Attempt
from bridge.store.backup import Unusable
from bridge.store.chain import Head
from bridge.store.database import Database
from bridge.store.tables import account, ledger, metadata
from provisioning.core.coupons import Coupon
from provisioning.core.credit import Claim, Kind
from provisioning.core.money import Money

LATER = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
MARKED = {"account", "fact", "lane"}
"""The tables in which a restore says that it was one."""


@pytest.fixture
def others(request, tmp_path_factory):
    """`others(name)`: an empty database, on SQLite or PostgreSQL."""
    made = []

    def new(name):
        if name == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('other') / 'other.db'}"
        else:
            server = request.getfixturevalue("postgres")
            url = server.url(server.create(f"other_{new_secret()[:8].encode().hex()}"))
        made.append(Database(url))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def full(database, keep, at):
    """Something of every kind: names no code page has, amounts to the millionth."""
    keep("acct_1", email="zoë@example.org")
    keep("acct_2", service="shop:2", client=None)
    sums = [Claim("shop:9/topup", Kind.TOPUP, Money(Decimal("0.000001"), "USD"), "e")]
    with database.change() as tx:
        books.book(tx, "acct_1", sums, at, Head())
        books.settle(tx, "acct_1", sums[0], "attempt 1", at, chain.head(tx, "acct_1"))
        lanes.wake(tx, "acct_1", at, "main")
        lanes.claim(tx, at, timedelta(seconds=30))
        coupons.add(tx, Coupon("c1", "boost", "acct_1", at, "ann", "sorry"))
        outbox.enqueue(tx, "k", "mail", {"to": "ops@example.org", "n": [1, None]}, at)
    return database


@pytest.fixture
def file(full, tmp_path, at):
    backup.backup(full, tmp_path / "kept.backup", lambda: at)
    return tmp_path / "kept.backup"


def rows(database, but=()):
    with database.read() as tx:
        return {
            t.name: sorted(map(repr, tx.execute(sa.select(t)).all()))
            for t in metadata.sorted_tables
            if t.name not in but
        }


def is_empty(database):
    with database.read() as tx:
        there = sa.inspect(tx).get_table_names()
        return not any(
            tx.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
            for name in there
            if name != "alembic_version"
        )


def rewritten(file, change):
    """The same backup with its lines changed, packed as one that is whole."""
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(change(lines))))


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_what_is_restored_is_what_was_backed_up(full, file, others, to):
    """F-E5: to the last digit, on the same database and on the other."""
    other = others(to)
    backup.restore(other, file, LATER)

    assert rows(full, MARKED) == rows(other, MARKED)
    with other.snapshot() as tx:
        assert [] == check.faults(tx)


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_restored_database_says_so(file, others, to, at):
    """F-E5: of itself and of every account; nobody's lease is valid any more."""
    other = others(to)
    backup.restore(other, file, LATER)

    with other.read() as tx:
        assert facts.Restored(backup=at, at=LATER) == facts.restored(tx)
        assert [at, at] == tx.execute(sa.select(account.c.restored_at)).scalars().all()
        [lane] = tx.execute(sa.select(lanes.lane)).all()
    assert (None, LATER, 2) == (lane.lease_until, lane.due, lane.token)


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_after_a_restore_life_goes_on(file, others, to):
    """New rows are numbered behind the old ones, and the ledger refuses changes.

    Guard off (`_count_on` left out): red on PostgreSQL.
    """
    other = others(to)
    backup.restore(other, file, LATER)
    with other.change() as tx:
        outbox.enqueue(tx, "k2", "mail", {"to": "ops@example.org"}, LATER)
        sums = [Claim("x/topup", Kind.TOPUP, Money(Decimal(1), "USD"), "e2")]
        books.book(tx, "acct_1", sums, LATER, chain.head(tx, "acct_1"))

    for change in (sa.update(ledger).values(because="x"), sa.delete(ledger)):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            other.change() as tx,
        ):
            tx.execute(change)
    with other.snapshot() as tx:
        assert [] == check.faults(tx)
        assert [1, 2] == tx.execute(
            sa.select(outbox.delivery.c.id).order_by(outbox.delivery.c.id)
        ).scalars().all()  # fmt: skip


def test_a_backup_restored_and_backed_up_keeps_the_older_mark(file, others, at):
    """What an account lost twice is what was sent since the first time."""
    first, second = others("sqlite"), others("sqlite")
    backup.restore(first, file, LATER)
    backup.backup(first, file, lambda: LATER)
    backup.restore(second, file, LATER + timedelta(days=1))

    with second.read() as tx:
        assert {at} == set(tx.execute(sa.select(account.c.restored_at)).scalars())
        assert LATER == facts.restored(tx).backup


def test_a_backup_of_another_installation_is_refused(full, tmp_path, others, at):
    """Its passwords could never be read: nothing is written, and it says which key."""
    file, other = tmp_path / "b", others("sqlite")
    backup.backup(full, file, lambda: at)

    with pytest.raises(Unusable, match="do not open with the `key`"):
        backup.restore(other, file, LATER, lambda *_: False)
    assert is_empty(other)


def test_a_backup_amid_a_rotation_needs_both_keys(full, keep, tmp_path, others, at):
    """F-G2: of each key that named itself a value is tried, not only of the first."""
    # Guard off (only what is most common is tried): red, it is restored.
    for number in range(20):
        keep(f"acct_9{number}", services=())
    name = sa.case((account.c.id.like("acct_9%"), b"key:new!"), else_=b"key:old!")
    with full.change() as tx:
        tx.execute(sa.update(account).values(secret=name))
    file = tmp_path / "b"
    backup.backup(full, file, lambda: at)
    tried = []

    def knows(sealed, id_):
        tried.append(id_)
        return sealed == b"key:new!"

    with pytest.raises(Unusable, match="or into `old_keys` the one it had then"):
        backup.restore(others("sqlite"), file, LATER, knows)
    backup.restore(others("sqlite"), file, LATER, lambda *_: True)
    assert len(tried) <= 2


def test_what_is_in_a_backup_was_before_it(full, tmp_path, others, at):
    """F-E5: the view is taken a little after its moment; what began between counts.

    Guard off (marked with the moment only): red, it is judged as if begun after.
    """
    between = at + timedelta(seconds=1)
    with full.change() as tx:
        attempts.begin(tx, Attempt("acct_1", 1, "open", {}, between, between, between))
    file, other = tmp_path / "b", others("sqlite")
    backup.backup(full, file, lambda: at)
    backup.restore(other, file, LATER)

    with other.read() as tx:
        assert between == facts.restored(tx).backup


def test_a_backup_is_of_one_moment(full, tmp_path, at, monkeypatch, others):
    """What is written while it is taken is in none of its tables.

    Guard off (READ COMMITTED, and no BEGIN): red on both.
    """
    usual = backup._rows

    def meanwhile(tx, table):
        if table.name == "claim":
            sums = [Claim("x/topup", Kind.TOPUP, Money(Decimal(1), "USD"), "e2")]
            with full.change() as other:
                books.book(other, "acct_2", sums, at, Head())
        return usual(tx, table)

    monkeypatch.setattr(backup, "_rows", meanwhile)
    counted = backup.backup(full, tmp_path / "b", lambda: at)

    assert (1, 2) == (counted["claim"], counted["ledger"])


def test_a_backup_is_its_owners_alone(file):
    """It holds what customers are called, and nothing is left beside it."""
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert not file.with_name(f"{file.name}.part").exists()


def test_a_backup_that_fails_leaves_the_one_before(full, file, at, monkeypatch):
    """The file is there whole, or as it was."""
    before = file.read_bytes()
    monkeypatch.setattr(backup, "_rows", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        backup.backup(full, file, lambda: at)
    assert before == file.read_bytes()
    assert not file.with_name(f"{file.name}.part").exists()


def test_one_that_is_not_empty_is_not_restored_into(full, file):
    """Nothing of it is touched."""
    before = rows(full)

    with pytest.raises(Unusable, match=r"is not empty .*move it away"):
        backup.restore(full, file, LATER)
    assert before == rows(full)


def test_a_cut_backup_is_refused(file, others):
    """Wherever it was cut, and nothing of it stays."""
    # Guard off (not read to its very end): red at the last eight bytes.
    whole, other = file.read_bytes(), others("sqlite")
    end = len(whole)
    for length in (*range(0, end, end // 20), *range(end - 9, end)):
        file.write_bytes(whole[:length])

        with pytest.raises(Unusable, match="damaged, cut or no backup"):
            backup.restore(other, file, LATER)
    assert is_empty(other)


DAMAGES = {
    "a digit": lambda lines: [line.replace(b'"mail"', b'"male"') for line in lines],
    "a row less": lambda lines: [x for x in lines if b'"shop:2"' not in x],
    "a row twice": lambda lines: [x for x in lines for _ in range(1 + (b"zo" in x))],
    "no sums": lambda lines: lines[:-1],
    "no tables": lambda lines: lines[:1],
    "nothing": lambda _: [],
    "another": lambda _: [b'{"a": 1}\n'],
    "a column more": lambda lines: [x.replace(b'["ref"', b'["ref","x"') for x in lines],
    "a table more": lambda lines: [x.replace(b':"fact"', b':"gact"') for x in lines],
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_damaged_backup_is_refused(file, others, to, damage):
    """Also where it is packed as if it were whole; nothing of it stays.

    Guard off (sums not compared): red for a digit, no sums.
    """
    other = others(to)
    rewritten(file, DAMAGES[damage])

    with pytest.raises(Unusable, match="nothing was written"):
        backup.restore(other, file, LATER)
    assert is_empty(other)


@pytest.mark.parametrize("said", [{"switchhook": 2}, {"revision": "9999"}])
def test_a_backup_of_a_newer_version_is_refused(file, others, said):
    """It is told which versions are known."""
    other = others("sqlite")

    def newer(lines):
        return [json.dumps(json.loads(lines[0]) | said).encode() + b"\n", *lines[1:]]

    rewritten(file, newer)

    with pytest.raises(Unusable, match="made by another version"):
        backup.restore(other, file, LATER)
    assert is_empty(other)


NEW = {"alert", "backend", "catalog", "confirmation", "coupon", "delivery", "dialling",
       "fact", "glimpse", "login", "movement", "opened_invoice", "switch_off",
       "switch_off_guard", "tick", "tried", "wakeup"}  # fmt: skip
"""The tables the first revision did not have, and its columns."""
NEWER = {
    "account": {
        "phone",
        "language",
        "said",
        "login",
        "restored_at",
        "ended_at",
        "purge_waits",
        "data_waits",
        "over",
        "written_off",
        "purged_at",
        "purse",
        "tallies",
        "acting",
        "unpaid",
        "batch",
        "observed_at",
    },
    "lane": {"backend", "stopped", "confirmed", "alone"},
    "period": {"event", "fee", "baseline", "group"},
    "claim": {"offset"},
    "service": {"sold", "kept", "version", "moves_to", "shown"},
}


def of_the_first_revision(lines):
    """The same backup as the first revision would have written it."""
    made, tallies, gone = [], {}, set()
    for line in lines[:-1]:
        value = json.loads(line)
        if "revision" in value:
            made.append(backup._line(value | {"revision": "0001"}))
            continue
        if isinstance(value, dict):
            name, columns = value["table"], value["columns"]
            newer = NEWER.get(name, set())
            gone = {columns.index(column) for column in newer}
            tallies[name] = backup.Tally()
            value["columns"] = [c for c in columns if c not in newer]
        else:
            value = [v for place, v in enumerate(value) if place not in gone]
            tallies[name].take(backup._line(value))
        if name not in NEW:
            made.append(backup._line(value))
    said = {name: t.said for name, t in tallies.items() if name not in NEW}
    return [*made, backup._line({"tables": said})]


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_backup_of_an_older_version_is_brought_up(full, file, others, to):
    """Its own tables first, then what migrations make of them."""
    other = others(to)
    rewritten(file, of_the_first_revision)
    backup.restore(other, file, LATER)

    assert rows(full, MARKED | NEW) == rows(other, MARKED | NEW)
    with other.snapshot() as tx:
        assert [] == check.faults(tx)
        assert ["main"] == tx.execute(sa.select(lanes.lane.c.backend)).scalars().all()


def test_an_older_backup_needs_a_database_without_tables(file, others):
    """Empty tables of this version are of another shape."""
    other = others("sqlite")
    other.upgrade()
    rewritten(file, of_the_first_revision)

    with pytest.raises(Unusable, match="restore into a new, empty database"):
        backup.restore(other, file, LATER)


def test_a_place_that_cannot_be_written_is_said(full, tmp_path, at):
    """In words, and not as a traceback."""
    with pytest.raises(Unusable, match="cannot be written"):
        backup.backup(full, tmp_path / "none" / "file", lambda: at)


def test_a_ledger_that_was_changed_is_not_restored(file, others, monkeypatch):
    """Its sums may be right again: the chain is not.

    Guard off (chains not looked at): red.
    """
    other = others("sqlite")
    sums = {}

    def forged(lines):
        made, name = [], ""
        for line in lines[:-1]:
            value = json.loads(line)
            if isinstance(value, dict) and "table" in value:
                name = value["table"]
                sums[name] = backup.Tally()
            elif isinstance(value, list):
                line = line.replace(b"attempt 1", b"attempt 9")  # noqa: PLW2901 - it goes on
                sums[name].take(line)
            made.append(line)
        said = {"tables": {name: t.said for name, t in sums.items()}}
        return [*made, backup._line(said)]

    rewritten(file, forged)

    with pytest.raises(Unusable, match="is not what was written"):
        backup.restore(other, file, LATER)
    assert is_empty(other)


def test_a_file_that_is_not_there_is_said(others, tmp_path):
    """By its name."""
    with pytest.raises(Unusable, match="there is no file"):
        backup.restore(others("sqlite"), tmp_path / "none", LATER)


def test_accounts_come_back_as_they_can_be_loaded(file, others):
    """Passwords, marks and all."""
    other = others("sqlite")
    backup.restore(other, file, LATER)

    with other.read() as tx:
        loaded = accounts.load_all(tx, ["acct_1"]).read()["acct_1"]
    assert ("zoë@example.org", b"sealed") == (loaded.account.email, loaded.sealed)
