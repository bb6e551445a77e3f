"""Drafts: rows of many runs go to the database together, and each gets its own back."""

import importlib
import pkgutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge import store
from bridge.store import accounts, attempts, books, drafts, lanes
from bridge.store.accounts import Moved
from bridge.store.attempts import Attempt, State
from bridge.store.chain import Head
from bridge.store.database import insert
from bridge.store.drafts import Draft, Rank, Statement
from bridge.store.lanes import Fenced, Lane
from bridge.store.tables import attempt, lane
from provisioning.core.credit import Claim, Kind
from provisioning.core.money import Money

LEASE = timedelta(seconds=30)
SUM = Claim("shop:2/topup", Kind.TOPUP, Money(Decimal(5), "USD"), "evt_1")

FAILS = drafts.statement(
    Rank.FREE,
    sa.update(attempt).where(attempt.c.id == drafts.the("id")).values(evidence="x"),
    missing=drafts.Missing(LookupError, "there is no {id}"),
)
"""After all else was written: the ids are given then."""


def statements():
    """All that the product may note in a draft, by module and name."""
    for module in pkgutil.iter_modules(store.__path__, "bridge.store."):
        if not module.ispkg:
            for name, found in vars(importlib.import_module(module.name)).items():
                if isinstance(found, Statement):
                    yield pytest.param(found, id=f"{module.name}.{name}")


def tried(account, verb, at):
    return Attempt(account, 1, verb, {}, at, at, at)


def began(database):
    with database.read() as tx:
        rows = tx.execute(sa.select(attempt.c.id, attempt.c.verb))
        return {row.id: row.verb for row in rows}


@pytest.fixture
def five(keep):
    return [keep(f"acct_{no}", f"shop:{no}").id for no in range(5)]


@pytest.mark.parametrize("what", list(statements()))
@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_every_statement_can_be_run_for_many_rows(what, name):
    """One that cannot would undo each group commit it comes in, and do it singly."""
    # Guard off (`attempts.END` with `state IN (...)`): red.
    dialect = importlib.import_module(f"sqlalchemy.dialects.{name}").dialect()
    binds = what.sql[name].compile(dialect=dialect).binds.values()

    assert [] == [bind.key for bind in binds if bind.expanding]


def test_new_ids_come_back_in_the_order_they_were_noted(database, five, at):
    """Drafts and rows mixed: each draft has its own ids, in its own order."""
    # Guard off (ids handed out in reverse): red.
    first, none, second = Draft(), Draft(), Draft()
    for no, (to, id_) in enumerate(
        zip((second, first, second, first, second), five, strict=True)
    ):
        attempts.begin(to, tried(id_, f"verb {no}", at))
    with database.change() as tx:
        drafts.write(tx, [first, none, second])
    verbs = began(database)

    assert ["verb 1", "verb 3"] == [verbs[id_] for id_ in first.made]
    assert ["verb 0", "verb 2", "verb 4"] == [verbs[id_] for id_ in second.made]
    assert [] == none.made


def test_ids_of_a_try_that_failed_are_forgotten(database, five, at):
    """Written again, a draft has only the ids that are on disk."""
    # Guard off (`made` not emptied): red.
    draft = Draft()
    attempts.begin(draft, tried(five[0], "grant", at))
    draft.rows.append((FAILS, {"id": 0}))
    with pytest.raises(LookupError), database.change() as tx:
        drafts.write(tx, [draft])
    del draft.rows[1:]
    with database.change() as tx:
        drafts.write(tx, [draft])

    assert list(began(database)) == draft.made


def test_what_others_name_is_written_first(database, five, at):
    """Noted the other way round, the claim is there before its attempt."""
    draft = Draft()
    new = replace(tried(five[0], "grant", at), claim=SUM.key)
    attempts.begin(draft, new)
    books.book(draft, five[0], [SUM], at, Head())
    with database.change() as tx:
        drafts.write(tx, [draft])

    assert ["grant"] == list(began(database).values())


def test_an_attempt_ends_before_the_next_begins(database, five, at):
    """One in flight: in one commit the old one makes room for the new one."""
    # Guard off (Rank.END after Rank.BEGIN): red.
    with database.change() as tx:
        old = attempts.begin(tx, tried(five[0], "first", at))
    draft = Draft()
    attempts.begin(draft, tried(five[0], "second", at))
    attempts.end(draft, old, State.DONE, "seen", at)
    with database.change() as tx:
        drafts.write(tx, [draft])
        live = attempts.live_of(tx, five[0])

    assert "second" == live.in_flight.verb


def test_a_lane_is_given_back_last_of_all(database, at):
    """A lease renewed in the same commit does not outlive the holder."""
    # Guard off (RELEASE of Rank.LANE, as it was): red; nobody could take the lane
    # before that lease had run out.
    with database.change() as tx:
        lanes.wake(tx, "a", at)
        [held] = lanes.claim(tx, at, LEASE)
        draft = Draft("a", held.token)
        lanes.release(draft, held, due=at)
        lanes.hold(draft, held, at + LEASE)
        lanes.keep(tx, [draft])

        assert ["a"] == [one.key for one in lanes.claim(tx, at, LEASE)]


def test_an_account_may_be_saved_twice_in_one_commit(database, keep):
    """Each save follows the one before it, as if it were on disk already."""
    old, draft = keep(), Draft()
    first = accounts.save(draft, old, replace(old, email="first@example.com"))
    second = accounts.save(draft, first, replace(first, email="second@example.com"))
    with database.change() as tx:
        drafts.write(tx, [draft])

        assert second == accounts.load(tx, old.id)
    assert 2 == second.revision


def test_what_is_missing_is_named(database, keep, at):
    """Whose row found no place is said in words, with its own names."""
    old, lost = keep(), Lane("a", 7, at, 0, None)
    moved = replace(old, revision=9)
    cases = {
        r"lane a went to another worker": (
            Fenced, lambda draft: lanes.hold(draft, lost, at),
        ),
        r"account acct_1 is no longer at revision 9": (
            Moved,
            lambda draft: accounts.save(draft, moved, replace(moved, email="x")),
        ),
        r"attempt 41 is closed already; attempt 42 is closed already": (
            LookupError,
            lambda draft: [
                attempts.end(draft, no, State.DONE, "", at) for no in (41, 42)
            ],
        ),
    }  # fmt: skip
    for words, (kind, note) in cases.items():
        draft = Draft()
        note(draft)
        with pytest.raises(kind, match=words), database.change() as tx:
            drafts.write(tx, [draft])


def test_a_row_of_many_that_found_no_place_is_seen(database, keep, at):
    """Nine lanes are ours and the tenth is not: the count of all rows says so."""
    # Guard off (rowcount not looked at for many rows): red.
    draft = Draft()
    with database.change() as tx:
        for no in range(10):
            tx.execute(insert(tx, lane).values(key=f"lane {no}", token=no % 9, tries=0))
            lanes.hold(draft, Lane(f"lane {no}", no, at, 0, None), at)

    with pytest.raises(Fenced), database.change() as tx:
        drafts.write(tx, [draft])
