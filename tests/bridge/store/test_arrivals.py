"""Arrivals: many deliveries are one commit, each kept once and told in its place."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from bridge.store import arrivals
from bridge.store.arrivals import Arrival, Home, Named, Reused
from bridge.store.committer import Committer, _Place
from bridge.store.database import Database
from bridge.store.questions import Answer
from bridge.store.tables import lane, operation, request
from provisioning.core.events import Event
from tests.engines import on_postgresql

PATIENCE = 60


def homes(_tx, events):
    """One lane a service, all of one backend."""
    return Answer(lambda: [Home(f"lane of {e.service}", "main") for e in events])


@pytest.fixture
def arrival(at):
    """`arrival("delivery", "evt_1", "evt_2")`: a delivery with these events."""

    def build(delivery, *ids, digest="one", source="shop", later=0):
        told = tuple(
            Named(
                Event(id_, source, "ping", at, service=f"{source}:{id_}"),
                f"op {source} {delivery} {id_}",
            )
            for id_ in ids
        )
        moment = at + timedelta(seconds=later)
        return Arrival(source, delivery, digest, "{}", told, moment)

    return build


@pytest.fixture
def keep_all(database):
    def keep_all(*new):
        with database.change() as tx:
            return arrivals.keep(tx, new, homes)

    return keep_all


def news(taken):
    return [one.new for one in taken]


def events(taken):
    return [[operation.event for operation in one.operations] for one in taken]


def count(database, table):
    with database.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_each_is_answered_in_its_place(arrival, keep_all):
    """Written in the order of their keys, told in the order they came."""
    taken = keep_all(*(arrival(no, f"evt {no}") for no in "cab"))

    assert [["evt c"], ["evt a"], ["evt b"]] == events(taken)
    assert [True, True, True] == news(taken)


def test_a_repeat_in_the_same_commit_is_no_news(arrival, keep_all, database):
    """The first is new; the others learn of the same operation."""
    # Guard off (`first[…] is arrival` left out): red.
    taken = keep_all(*(arrival("a", "evt") for _ in range(3)))

    assert [True, False, False] == news(taken)
    assert 1 == len({one.operations[0].name for one in taken})
    assert 1 == count(database, request) == count(database, operation)


def test_a_repeat_of_what_is_kept_is_no_news(arrival, keep_all, database):
    """Among others that are new, whether before or after them."""
    [kept] = keep_all(arrival("b", "evt b"))
    taken = keep_all(*(arrival(no, f"evt {no}") for no in "abc"))

    assert [True, False, True] == news(taken)
    assert kept.operations == taken[1].operations
    assert 3 == count(database, request)


def test_another_body_under_a_kept_id_is_refused_alone(arrival, keep_all, database):
    """F-C5: against the database; the others of the commit are kept."""
    keep_all(arrival("b", "evt b"))
    taken = keep_all(
        arrival("a", "evt a"),
        arrival("b", "evt x", digest="two"),
        arrival("c", "evt c"),
    )

    assert isinstance(taken[1], Reused)
    assert [True, True] == news([taken[0], taken[2]])
    assert 3 == count(database, operation)


def test_another_body_in_the_same_commit_is_refused(arrival, keep_all, database):
    """F-C5: the first stands, its repeat is known, and the other never was."""
    one, two = arrival("a", "evt a"), arrival("a", "evt x", digest="two")
    first, refused, again = keep_all(one, two, one)

    assert isinstance(refused, Reused)
    assert first.operations == again.operations
    assert ["evt a"] == [operation.event for operation in first.operations]
    assert 1 == count(database, operation)


def test_one_event_in_two_deliveries_is_one_operation(arrival, keep_all, database):
    """Both are kept as they came, in one commit or in two; the event counts once."""
    together = keep_all(arrival("a", "evt"), arrival("b", "evt"))
    [later] = keep_all(arrival("c", "evt"))
    names = {one.operations[0].name for one in (*together, later)}

    assert [True, True, True] == news([*together, later])
    assert (1, 3, 1) == (
        len(names),
        count(database, request),
        count(database, operation),
    )


def test_events_of_one_delivery_are_told_in_its_order(arrival, keep_all):
    """Also where one of them is known already."""
    keep_all(arrival("a", "b"))
    [taken] = keep_all(arrival("z", "c", "a", "b"))

    assert [["c", "a", "b"]] == events([taken])


def test_the_same_ids_of_two_sources_are_two(arrival, keep_all, database):
    """Ids are the sender's own."""
    taken = keep_all(arrival("a", "evt"), arrival("a", "evt", source="other"))

    assert [True, True] == news(taken)
    assert 2 == count(database, operation)


def test_a_delivery_without_events_is_kept(arrival, keep_all, database):
    """Nothing to do is still something that was said."""
    [taken] = keep_all(arrival("a"))

    assert (True, []) == (taken.new, taken.operations)
    assert (1, 0) == (count(database, request), count(database, lane))


def test_only_the_lanes_of_new_events_are_woken(arrival, keep_all, database, at):
    """A repeat wakes nobody; a lane with its backend, due when the event came."""
    keep_all(arrival("a", "x"))
    with database.change() as tx:
        tx.execute(sa.update(lane).values(due=None))
    keep_all(arrival("b", "x", later=5), arrival("c", "y", later=7))
    with database.read() as tx:
        rows = tx.execute(sa.select(lane.c.key, lane.c.due, lane.c.backend)).all()

    assert {
        ("lane of shop:x", None, "main"),
        ("lane of shop:y", at + timedelta(seconds=7), "main"),
    } == set(map(tuple, rows))


def test_many_in_one_commit_each_know_their_own(arrival, keep_all):
    """Sixty-four, two events each: names, order and operations belong together."""
    new = [arrival(f"d{no:02}", f"z{no}", f"a{no}") for no in reversed(range(64))]
    taken = keep_all(*new)

    assert [[n.event.id for n in one.events] for one in new] == events(taken)
    assert [[n.name for n in one.events] for one in new] == [
        [operation.name for operation in one.operations] for one in taken
    ]


SLOW = """
CREATE FUNCTION slow() RETURNS trigger AS
$$ BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$ LANGUAGE plpgsql;
CREATE TRIGGER slow BEFORE INSERT ON request FOR EACH ROW EXECUTE FUNCTION slow();
CREATE TRIGGER slow BEFORE INSERT ON operation FOR EACH ROW EXECUTE FUNCTION slow();
"""
"""So that two that write the same rows are sure to meet on the way."""


@on_postgresql
def test_many_processes_that_take_the_same_events_keep_each_once(database, arrival):
    """F-C1: in every order at once, with no deadlock."""
    # Guard off (requests not in the order of their keys): red, a deadlock.
    with database.change() as tx:
        tx.exec_driver_sql(SLOW)
    opened = [Database(database.url) for _ in range(4)]
    start = threading.Barrier(len(opened))

    def take(no, one):
        told = {}
        for turn in range(3):
            new = [arrival(f"{turn}/{n:02}", f"{turn}/{n:02}") for n in range(16)]
            start.wait(PATIENCE)
            with one.change() as tx:
                taken = arrivals.keep(tx, new[::-1] if no % 2 else new, homes)
            told |= {t.operations[0].event: t for t in taken}
        return told

    with ThreadPoolExecutor(len(opened)) as processes:
        told = list(processes.map(take, range(len(opened)), opened))
    for one in opened:
        one.close()

    assert {1} == {sum(t[id_].new for t in told) for id_ in told[0]}
    assert {1} == {len({t[id_].operations[0].name for t in told}) for id_ in told[0]}
    assert 48 == count(database, operation) == count(database, request)


@on_postgresql
def test_who_locked_each_other_out_is_written_again_and_nobody_is_told(
    database, arrival
):
    """F-C1: two processes tell the same events, each in an order that must stay."""
    # Guards off (TRIES = 1, and an error given to all of the batch): red, a deadlock.
    with database.change() as tx:
        tx.exec_driver_sql(SLOW)
    opened = [Database(database.url) for _ in range(2)]
    start = threading.Barrier(len(opened))

    def take(no, one):
        ids = [f"evt {n}" for n in range(8)]
        order = ids[::-1] if no else ids
        new = [_Place(arrival(f"{no}/{place}", id_)) for place, id_ in enumerate(order)]
        start.wait(PATIENCE)
        Committer(one, partial(arrivals.keep, homes=homes))._keep(new)
        return [place.error or place.result.new for place in new]

    with ThreadPoolExecutor(len(opened)) as processes:
        told = list(processes.map(take, range(len(opened)), opened))
    for one in opened:
        one.close()

    assert [[True] * 8] * 2 == told
    assert (8, 16) == (count(database, operation), count(database, request))


def test_events_of_one_commit_are_in_the_order_they_came(arrival, keep_all, database):
    """The number of an operation says what was told first; no key is above that."""
    # Guard off (events written by their keys, as it was): red.
    keep_all(arrival("b", "z", "y"), arrival("a", "x"))
    with database.read() as tx:
        rows = tx.execute(sa.select(operation.c.event).order_by(operation.c.id))

        assert ["z", "y", "x"] == list(rows.scalars())
