"""The inbox: who comes at once is kept at once, and nobody is harmed by another."""

import copy
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from bridge.store.tables import operation, request
from tests import triggers

PATIENCE = 20


def kept(rig, table=operation, column="event"):
    with rig.database.read() as tx:
        return sorted(tx.execute(sa.select(table.c[column])).scalars())


def topup(rig, id_, line=None):
    """Through a client of its own: it is called from many threads."""
    mine = copy.copy(rig)
    mine.client = rig.client.application.test_client()
    return mine.topup(line or id_, id_=id_)


@pytest.fixture
def commits(rig):
    """COMMITs as the driver sees them."""
    seen = []
    sa.event.listen(rig.database._writer, "commit", seen.append)
    return seen


@pytest.fixture
def together(rig, monkeypatch):
    """These come while "first" is being written; what each was answered."""

    def together(*ids):
        queue = rig.parts.inbox._kept
        entered, go, write = threading.Event(), threading.Event(), queue._write

        def slowly(tx, new):
            entered.set()
            assert go.wait(PATIENCE)
            return write(tx, new)

        monkeypatch.setattr(queue, "_write", slowly)
        with ThreadPoolExecutor(len(ids) + 1) as threads:
            told = {"first": threads.submit(topup, rig, "first")}
            assert entered.wait(PATIENCE)
            told |= {id_: threads.submit(topup, rig, id_) for id_ in ids}
            until = time.monotonic() + PATIENCE
            while len(queue._waiting) < len(ids):
                assert time.monotonic() < until, "they did not come"
                time.sleep(0.002)
            go.set()
            return {id_: one.result(PATIENCE) for id_, one in told.items()}

    return together


def test_many_at_once_are_one_commit(rig, together, commits):
    """Each on disk before it is answered, and each with an operation of its own."""
    # Guard off (a commit for each, MOST = 1): red.
    ids = [f"evt_{no}" for no in range(20)]
    told = together(*ids)

    assert 2 == len(commits)
    assert {202} == {answer.status_code for answer in told.values()}
    assert 21 == len({answer.json["operation_id"] for answer in told.values()})
    assert sorted(["first", *ids]) == kept(rig)


def test_a_delivery_that_cannot_be_kept_fails_alone(rig, together):
    """Nothing of it is there; sent again when it can be kept, it counts."""
    # Guard off (the batch's error told to all): red.
    with rig.database.change() as tx:
        triggers.refuse(tx, "not_this_one", "operation", "NEW.event = 'poison'")
    rig.client.application.testing = False
    rig.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    told = together("a", "poison", "b")
    codes = {id_: answer.status_code for id_, answer in told.items()}

    assert codes.pop("poison") >= 500
    assert {"first": 202, "a": 202, "b": 202} == codes
    assert ["a", "b", "first"] == kept(rig)
    assert ["a", "b", "first"] == kept(rig, request, "delivery")

    with rig.database.change() as tx:
        triggers.drop(tx, "not_this_one", "operation")

    assert 202 == topup(rig, "poison").status_code


def cut(rig, *, after):
    """The next COMMIT loses its connection, before or after it took effect."""
    left = [rig.database._writer]

    def at_commit(connection):
        if not left:
            return
        left.pop()
        driver = connection.connection.dbapi_connection
        if rig.database.embedded:
            if after:
                driver.execute("COMMIT")
            driver.close()
            return
        if after:
            driver.commit()
            driver.execute("SELECT 1")
        with rig.database.read() as other:
            other.execute(
                sa.text("SELECT pg_terminate_backend(:pid, 5000)"),
                {"pid": driver.info.backend_pid},
            )

    sa.event.listen(rig.database._writer, "commit", at_commit)


@pytest.mark.parametrize("after", [False, True], ids=["not kept", "kept"])
def test_a_connection_lost_at_commit_is_503_and_sent_again_counts_once(rig, after):
    """U1: nobody knows if it was kept; the sender repeats, and it is there once."""
    # Guard off (Lost taken for kept): red. Guard off (written again by itself): red.
    cut(rig, after=after)
    lost = rig.topup("2", id_="evt")
    seen = kept(rig)
    again = rig.topup("2", id_="evt")

    assert (503, "cannot_keep") == (lost.status_code, lost.json["code"])
    assert (["evt"] if after else []) == seen
    assert (200 if after else 202) == again.status_code
    assert ["evt"] == kept(rig)


def test_the_money_of_a_lost_commit_is_sent_once(rig, simulator):
    """U1: kept, told 503, and repeated: one operation, one payment at the backend."""
    rig.order()
    rig.run()
    cut(rig, after=True)
    rig.topup("2", id_="evt")
    rig.topup("2", id_="evt")
    rig.run()

    assert ["2/topup"] == [
        p.reference.removeprefix("shop:")
        for p in simulator.payments
        if "topup" in p.reference
    ]
