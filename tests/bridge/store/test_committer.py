"""Group commit: many become one, only a culprit fails, and nobody waits for ever."""

import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bridge import jitter
from bridge.store.committer import MOST, TRIES, Committer
from bridge.store.database import Database, Lost
from bridge.store.tables import fact
from tests import triggers
from tests.engines import on_postgresql

AT = datetime(2026, 11, 1, tzinfo=UTC)
PATIENCE = 20
"""Seconds nobody should have to wait."""


def write(tx, items):
    """Each item is a row of its own; "no ..." is refused alone, without harm."""
    rows = [{"name": i, "content": 1, "at": AT} for i in items if i[:2] != "no"]
    if rows:
        tx.execute(sa.insert(fact), rows)
    return [ValueError(i) if i[:2] == "no" else i.upper() for i in items]


def kept(database):
    with database.read() as tx:
        return sorted(tx.execute(sa.select(fact.c.name)).scalars())


class Gated:
    """Writes as *write* does; the first call waits until the test lets it."""

    def __init__(self):
        self.entered, self.go = threading.Event(), threading.Event()
        self.sizes, self.raises = [], {}

    def __call__(self, tx, items):
        self.sizes.append(len(items))
        if len(self.sizes) == 1:
            self.entered.set()
            assert self.go.wait(PATIENCE)
        if error := self.raises.get(len(self.sizes)):
            raise error
        return write(tx, items)


def waiting(one, many):
    """Until so many stand in the queue."""
    until = time.monotonic() + PATIENCE
    while len(one._waiting) < many:
        assert time.monotonic() < until, "they did not come"
        time.sleep(0.002)


@pytest.fixture
def crowd(database):
    """One leads and is held up; the others come meanwhile. What each was told."""

    def gather(gated, *names, before_go=lambda: None):
        one = Committer(database, gated)
        with ThreadPoolExecutor(len(names) + 1) as threads:
            told = {"first": threads.submit(one.commit, "first")}
            assert gated.entered.wait(PATIENCE)
            for place, name in enumerate(names, 1):
                told[name] = threads.submit(one.commit, name)
                waiting(one, place)
            before_go()
            gated.go.set()
            return {n: t.exception(PATIENCE) or t.result() for n, t in told.items()}

    return gather


@pytest.fixture
def commits(database):
    """COMMITs as the driver sees them."""
    seen = []
    sa.event.listen(database._writer, "commit", seen.append)
    return seen


def test_who_comes_alone_is_kept_at_once(database, commits):
    """One item, one commit; its result is its own."""
    assert "A" == Committer(database, write).commit("a")
    assert ["a"] == kept(database)
    assert 1 == len(commits)


def test_who_comes_while_one_is_written_goes_along_with_the_next(
    database, crowd, commits
):
    """Twenty that came meanwhile are one COMMIT, and each learns what became of it."""
    # Guard off (MOST = 1): red.
    gated, names = Gated(), [f"item {no}" for no in range(20)]
    told = crowd(gated, *names)

    assert [1, 20] == gated.sizes
    assert 2 == len(commits)
    assert {name: name.upper() for name in ["first", *names]} == told
    assert sorted(["first", *names]) == kept(database)


def test_of_too_many_some_wait_for_the_commit_after(crowd, commits):
    """A commit has an end, and those who came first are in the first."""
    gated, names = Gated(), [f"item {no}" for no in range(MOST + 6)]
    told = crowd(gated, *names)

    assert [1, MOST, 6] == gated.sizes
    assert {name: name.upper() for name in ["first", *names]} == told


def test_what_is_refused_alone_fails_alone(database, crowd, commits):
    """An error that is an item's own costs the others nothing, not even a commit."""
    told = crowd(gated := Gated(), "a", "no b", "c")

    assert isinstance(told["no b"], ValueError)
    assert ["a", "c", "first"] == kept(database)
    assert [1, 3] == gated.sizes


def test_only_the_culprit_of_a_failed_commit_fails(database, crowd):
    """Rolled back whole, then each by itself: the second of two equal ones fails."""
    # Guard off (the batch's error given to all): red.
    told = crowd(gated := Gated(), "a", "first", "c")
    refused = told.pop("first")

    assert isinstance(refused, sa.exc.IntegrityError)
    assert {"a": "A", "c": "C"} == told
    assert ["a", "c", "first"] == kept(database)
    assert [1, 3, 1, 1, 1] == gated.sizes


def test_a_commit_that_got_lost_is_lost_to_all_of_it_and_to_nobody_else(
    database, crowd, monkeypatch
):
    """Kept or not, nobody knows: it is not written a second time."""
    # Guard off (Lost treated as any error): red, all is written again one by one.
    gated, real, times = Gated(), Database.change, []

    def change(self):
        times.append(1)
        if len(times) == 2:
            raise Lost("at COMMIT")
        return real(self)

    monkeypatch.setattr(Database, "change", change)
    told = crowd(gated, "a", "b")
    again = Committer(database, write).commit("c")

    assert ["first", Lost, Lost] == [
        told["first"].lower(),
        type(told["a"]),
        type(told["b"]),
    ]
    assert (["c", "first"], "C") == (kept(database), again)


class GaveWay(Exception):
    sqlstate = "40P01"


def broken_off(state="40P01"):
    orig = GaveWay()
    orig.sqlstate = state
    return sa.exc.OperationalError("a statement", None, orig)


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57P01"])
def test_what_the_database_broke_off_is_written_again(
    database, crowd, monkeypatch, state
):
    """All together, up to five times, and once in the end."""
    monkeypatch.setattr(jitter, "between", lambda *_: 0)
    gated = Gated()
    gated.raises = {no: broken_off(state) for no in range(2, TRIES + 1)}
    told = crowd(gated, "a", "b")

    assert {"first": "FIRST", "a": "A", "b": "B"} == told
    assert [1] + [2] * TRIES == gated.sizes
    assert ["a", "b", "first"] == kept(database)


def test_a_database_that_is_gone_is_not_asked_for_each_item(
    database, crowd, monkeypatch
):
    """Sixty would wait sixty times as long for the same answer."""
    # Guard off (every error one by one, as it was): red.
    monkeypatch.setattr(jitter, "between", lambda *_: 0)
    gated, real, times = Gated(), Database.change, []

    def change(self):
        times.append(1)
        if len(times) > 1:
            raise sa.exc.OperationalError("connect", None, Exception("refused"))
        return real(self)

    monkeypatch.setattr(Database, "change", change)
    told = crowd(gated, *(f"item {no}" for no in range(9)))
    told.pop("first")

    assert {sa.exc.OperationalError} == {type(error) for error in told.values()}
    assert 2 == len(times)


def test_a_leader_that_is_stopped_strands_nobody(database, crowd):
    """Its batch is lost to those in it; who came after is kept by the next."""
    # Guard off (hand-over not in `finally`): red, by the time-out.
    gated = Gated()
    gated.raises = {2: SystemExit("stopped")}
    names = [f"item {no}" for no in range(MOST + 2)]
    told = crowd(gated, *names)
    kinds = Counter(type(what) for what in told.values())

    assert {str: 3, SystemExit: 1, Lost: MOST - 1} == kinds
    assert ["first", *names[MOST:]] == kept(database)


def test_what_was_kept_before_the_leader_was_stopped_is_told_so(database, crowd):
    """One by one, the first was on disk when it happened: it is no error."""
    # Guard off (the stop told to all of the batch, as it was): red.
    gated = Gated()
    gated.raises = {2: RuntimeError("whose is it?"), 5: SystemExit("stopped")}
    told = crowd(gated, "leads", "b", "c")

    assert "B" == told["b"]
    assert [SystemExit, Lost] == [type(told["leads"]), type(told["c"])]
    assert ["b", "first", "leads"] == kept(database)


def test_who_is_stopped_while_it_waits_holds_up_nobody(database):
    """The next to lead may be gone when its turn comes: another one leads."""
    # Guard off (a plain wait, as it was): red, by the time-out.
    gated, went = Gated(), []
    one = Committer(database, gated)
    main = threading.main_thread()

    def interrupt(*_):
        raise InterruptedError

    def meanwhile():
        waiting(one, 1)
        went.append(threads.submit(one.commit, "after"))
        waiting(one, 2)
        signal.pthread_kill(main.ident, signal.SIGUSR1)

    usual = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with ThreadPoolExecutor(3) as threads:
            first = threads.submit(one.commit, "first")
            assert gated.entered.wait(PATIENCE)
            threads.submit(meanwhile)
            with pytest.raises(InterruptedError):
                one.commit("stopped")
            gated.go.set()

            assert "FIRST" == first.result(PATIENCE)
            assert "AFTER" == went[0].result(PATIENCE)
    finally:
        signal.signal(signal.SIGUSR1, usual)

    assert ["after", "first"] == kept(database)


def test_nobody_waits_for_ever_however_many_come(database):
    """Eight threads, all the time, some poison: each is told, and told right."""
    one, stop = Committer(database, write), time.monotonic() + 1
    slowest = []

    def come(who):
        told = Counter()
        for no in range(400):
            if time.monotonic() > stop:
                break
            began, name = time.monotonic(), f"{who}/{no}"
            asked = "poison" if no % 10 == 9 else name
            try:
                told[one.commit(asked) == name.upper()] += 1
            except sa.exc.IntegrityError:
                told["poison"] += asked == "poison"
            slowest.append(time.monotonic() - began)
        return told

    with database.change() as tx:
        write(tx, ["poison"])
    with ThreadPoolExecutor(8) as threads:
        told = sum(threads.map(come, range(8)), Counter())

    assert told[True] + 1 == len(kept(database))
    assert {True, "poison"} >= set(told)
    assert PATIENCE / 2 > max(slowest)
    assert (one._waiting, one._led) == ([], False)


@on_postgresql
def test_a_connection_that_died_before_commit_is_another_try(database, commits):
    """Nothing was kept, so nothing is lost and nothing doubled."""
    killed = []

    def dying(tx, items):
        told = write(tx, items)
        if not killed:
            pid = tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            killed.append(pid)
            with database.change() as other:
                other.execute(
                    sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}
                )
            tx.execute(sa.text("SELECT 1"))
        return told

    assert "A" == Committer(database, dying).commit("a")
    assert ["a"] == kept(database)


def test_a_trigger_that_refuses_one_row_refuses_one_item(database, crowd):
    """The database's own words, in whatever it knows as a culprit."""
    with database.change() as tx:
        triggers.refuse(tx, "not_this_one", "fact", "NEW.name = 'b'")
    told = crowd(Gated(), "a", "b", "c")

    assert isinstance(told.pop("b"), sa.exc.DBAPIError)
    assert {"first": "FIRST", "a": "A", "c": "C"} == told
