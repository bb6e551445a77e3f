"""`Prefer: wait=20`: the end in the answer, and nobody held up by those who wait."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge import app, waiting
from bridge.store import fates, lanes, operations
from bridge.waiting import LONGEST, Waiters
from provisioning.core.heard import Fate
from provisioning.core.sentences import say
from provisioning.simulator.wire import RESET
from tests.bridge.seen import LOOK, OPEN, PAY, Watched, until
from tests.bridge.web.test_door import ping, signed

PREFER = "Preference-Applied"


def send(rig, id_, body, prefer=None):
    client = rig.client.application.test_client()
    more = {"Prefer": prefer} if prefer else {}
    headers = signed(rig, id_, body) | more
    answer = client.post("/hooks/shop", data=body, headers=headers)
    time.sleep(2 * waiting.POLL)  # its last look is over before the database is gone
    return answer


def said(type_, **told):
    about = {"spec": "1", "type": type_, "occurred_at": "2026-11-01T00:00:00Z"}
    return json.dumps(about | told).encode()


def order(package="starter"):
    return said(
        "service.activate",
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": package},
        billing={"line_ref": "1"},
    )


TOPUP = said(
    "topup.paid",
    account={"ref": "7"},
    service={"ref": "credit", "product_ref": "credit10"},
    billing={"line_ref": "2"},
)


def ends(rig, id_, fate, why=None):
    """As if it had been brought there."""
    with rig.database.change() as tx:
        [found] = operations.of_events(tx, "shop", [id_])
        told = {"fate": fate.value, "why": why}
        table = operations.operation
        tx.execute(sa.update(table).where(table.c.id == found.id).values(told))


def pollers():
    return [t for t in threading.enumerate() if t.name == "waiters"]


# --- how it ended


def test_done_is_answered_with_200(live):
    """U1: the account is live when the platform's page says so."""
    rig, simulator = live()
    answer = send(rig, "order", order(), "wait=20")

    assert (200, "done") == (answer.status_code, answer.json["status"])
    assert "wait=20" == answer.headers[PREFER]
    assert 1 == len(simulator.users)


def test_parked_is_answered_with_200_and_why(live):
    """U1: it will not change by waiting: the platform shows the reason."""
    rig, _ = live()
    answer = send(rig, "order", order("no-such"), "wait=20")

    assert (200, "parked") == (answer.status_code, answer.json["status"])
    assert 'no package "no-such"' in answer.json["reason"]


def test_a_refused_sum_is_answered_with_200_and_why(live):
    """U1: after its window, here a short one."""
    rig, simulator = live(settle=0.5, call_deadline=1.0)
    send(rig, "order", order(), "wait=20")
    simulator.plant("refuse", PAY)
    first = send(rig, "topup", TOPUP, "wait=20")
    until(lambda: rig.fates()["topup"] == "refused")
    began = time.monotonic()
    answer = send(rig, "topup", TOPUP, "wait=20")

    assert (202, "unsure") == (first.status_code, first.json["status"])
    assert (200, "refused") == (answer.status_code, answer.json["status"])
    assert "refused by fault" in answer.json["reason"]
    assert time.monotonic() - began < 15


def test_put_off_is_answered_at_once_with_the_next_try(live):
    """U1: 202 and next_at: nobody waits for what is tried again in an hour."""
    # Guard off (only the fate counts): red, after all 20 seconds.
    rig, simulator = live()
    rig.parts.runner.desk.gates["main"].shortest = timedelta(hours=1)
    Watched(simulator).instead = RESET
    began = time.monotonic()
    answer = send(rig, "order", order(), "wait=20")

    assert (202, "working") == (answer.status_code, answer.json["status"])
    assert datetime.fromisoformat(answer.json["next_at"])
    assert "broke the connection off" in answer.json["reason"]
    assert "wait=20" == answer.headers[PREFER]
    assert time.monotonic() - began < 15


def test_unsure_is_answered_at_once_with_the_moment_it_will_be_certain(live):
    """U1: it is looked for; the window is longer than anybody's patience."""
    rig, simulator = live()
    simulator.plant("reset_after_apply", OPEN)
    simulator.plant("error_object_500", LOOK, nth=2, times=9)
    began = time.monotonic()
    answer = send(rig, "order", order(), "wait=20")

    assert (202, "unsure") == (answer.status_code, answer.json["status"])
    assert datetime.fromisoformat(answer.json["next_at"])
    assert time.monotonic() - began < 15


def test_what_takes_too_long_is_answered_with_202_in_time(rig):
    """U1: nobody works here; it was kept all the same."""
    began = time.monotonic()
    answer = send(rig, "order", order(), "wait=1")

    assert (202, "accepted") == (answer.status_code, answer.json["status"])
    assert 1 <= time.monotonic() - began < 10


def test_a_duplicate_may_wait_too(live):
    """U1: the platform lost the first answer, and asks again."""
    rig, _ = live()
    send(rig, "order", order())
    answer = send(rig, "order", order(), "wait=20")

    assert (200, "done") == (answer.status_code, answer.json["status"])
    assert answer.json["duplicate"]


# --- how it is asked for


@pytest.mark.parametrize(
    "prefer",
    ["wait=1", "Wait=1", "respond-async, wait=1", "wait=1;x=y", "a=b,wait=1",
     "return=minimal; wait=1"],
)  # fmt: skip
def test_it_is_found_among_other_preferences(rig, prefer):
    """RFC 7240: several in one line; names know no capitals."""
    ends_soon = threading.Timer(0.1, ends, (rig, "evt_1", Fate.DONE))
    ends_soon.start()
    answer = send(rig, "evt_1", ping(), prefer)
    ends_soon.join()

    assert (200, "wait=1") == (answer.status_code, answer.headers.get(PREFER))


@pytest.mark.parametrize(
    "prefer",
    ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=x", "wait=0", "wait=9999",
     "await=9", "wait=9s", "wait=٣", "wait = 9", "respond-async", ",;,=;"],
)  # fmt: skip
def test_what_is_no_wait_is_ignored(rig, prefer, monkeypatch):
    """RFC 7240: a preference nobody understands is none; the event is kept."""
    asked = []
    monkeypatch.setattr(waiting.Waiters, "wait", lambda *told: asked.append(told))
    client = rig.client.application.test_client()
    headers = signed(rig, "evt_1", ping()) | {
        "Prefer": prefer.encode().decode("latin1")
    }
    answer = client.post("/hooks/shop", data=ping(), headers=headers)

    assert (202, None) == (answer.status_code, answer.headers.get(PREFER))
    assert [] == asked


def test_nobody_waits_longer_than_the_longest(rig, monkeypatch):
    """The answer says how long it really was."""
    asked = []
    monkeypatch.setattr(Waiters, "wait", lambda _, name, most: asked.append(most))
    send(rig, "evt_1", ping(), "wait=999")
    ends(rig, "evt_1", Fate.DONE)
    answer = send(rig, "evt_1", ping(), "wait=999")

    assert [LONGEST] == asked
    assert f"wait={LONGEST}" == answer.headers[PREFER]


# --- and nobody is held up


def test_half_of_the_threads_wait_and_the_others_get_their_answer(rig):
    """U1: who finds no place gets 202 at once, without Preference-Applied."""
    # Guard off (everybody may wait): red.
    places = rig.parts.config.serve.threads // 2
    with ThreadPoolExecutor(2 * places) as threads:
        began = time.monotonic()
        answers = list(
            threads.map(
                lambda no: (send(rig, f"evt_{no}", ping(), "wait=4"), time.monotonic()),
                range(2 * places),
            )
        )
    waited = [at for answer, at in answers if PREFER in answer.headers]
    others = [at for answer, at in answers if PREFER not in answer.headers]

    assert {202} == {answer.status_code for answer, _ in answers}
    assert (places, places) == (len(waited), len(others))
    assert max(others) - began < 4
    assert min(waited) - began >= 4


def test_while_all_waiting_places_are_taken_the_door_is_as_quick(rig):
    """U1: who waits never holds up what comes in, nor its commit."""

    def usual(first):
        took = []
        client = rig.client.application.test_client()
        for no in range(first, first + 10):
            headers = signed(rig, f"quick_{no}", ping())
            began = time.monotonic()
            answer = client.post("/hooks/shop", data=ping(), headers=headers)
            assert 202 == answer.status_code
            took.append(time.monotonic() - began)
        return sorted(took)[5]

    before = usual(0)
    with ThreadPoolExecutor(8) as threads:
        waits = [
            threads.submit(send, rig, f"evt_{no}", ping(), "wait=5") for no in range(8)
        ]
        time.sleep(0.2)
        during = usual(100)
        assert not any(each.done() for each in waits)
    assert during < before + 1


def test_one_thread_looks_for_all_who_wait(rig, monkeypatch):
    """U1: fifty times a second, one query for all: no thread and no query for each."""
    before = pollers()
    queries, real = [], operations.all_named

    def seen(tx, names):
        queries.append(names)
        return real(tx, names)

    with ThreadPoolExecutor(8) as threads:
        waits = [
            threads.submit(send, rig, f"evt_{no}", ping(), "wait=3") for no in range(8)
        ]
        time.sleep(0.3)
        monkeypatch.setattr(operations, "all_named", seen)
        took = until(lambda: len(queries) >= 9)
        monkeypatch.setattr(operations, "all_named", real)
        mine = [each for each in pollers() if each not in before]
        answers = [each.result() for each in waits]

    assert 1 == len(mine)
    assert len(queries) <= took / waiting.POLL + 3
    assert {202} == {answer.status_code for answer in answers}


def test_when_nobody_waits_nobody_looks(rig):
    """U8: the poller sleeps until the next one comes."""
    ends_soon = threading.Timer(0.05, ends, (rig, "evt_1", Fate.DONE))
    ends_soon.start()
    send(rig, "evt_1", ping(), "wait=5")
    ends_soon.join()
    queries = []
    time.sleep(0.5)
    engine = rig.database._writer if not rig.database.embedded else rig.database._reader
    sa.event.listen(engine, "before_cursor_execute", lambda *_: queries.append(1))
    time.sleep(0.2)

    assert [] == queries


def test_with_one_thread_nobody_waits(rig, monkeypatch):
    """U1: it would be the only one that takes anything in."""
    # Guard off (at least one place): red.
    most = []
    monkeypatch.setattr(app, "Waiters", lambda _, places, __: most.append(places))
    for threads in (1, 2, 3, 16):
        serve = replace(rig.parts.config.serve, threads=threads)
        app.create_app(
            replace(rig.parts, config=replace(rig.parts.config, serve=serve))
        )

    assert [0, 1, 1, 8] == most
    assert Waiters(rig.database, 0).wait("op_x", 1) is None


def test_the_poller_outlives_a_database_that_was_gone(rig, monkeypatch):
    """F-E1: those who wait are told when it is back."""
    # Guard off (what it raises ends it): red.
    monkeypatch.setattr(waiting, "AFTER_A_FAILURE", 0.05)
    real, left = operations.all_named, [1, 2]

    def gone(*args):
        if left:
            left.pop()
            raise sa.exc.OperationalError("gone", None, Exception())
        return real(*args)

    monkeypatch.setattr(operations, "all_named", gone)
    ends_soon = threading.Timer(0.05, ends, (rig, "evt_1", Fate.DONE))
    ends_soon.start()
    answer = send(rig, "evt_1", ping(), "wait=5")
    ends_soon.join()

    assert (200, []) == (answer.status_code, left)


def test_an_operation_put_off_before_is_not_waited_for(rig):
    """U1: the first look says so."""
    send(rig, "evt_1", ping())
    with rig.database.change() as tx:
        [found] = operations.of_events(tx, "shop", ["evt_1"])
        why = say("later", reason="away", next="2026-11-01T00:00:00+00:00")
        fates.explain(tx, found.lane, why, rig.clock.now())
        lanes.wake(tx, found.lane, rig.clock.now() + timedelta(hours=1))
    began = time.monotonic()
    answer = send(rig, "evt_1", ping(), "wait=20")

    assert 202 == answer.status_code
    assert "2026-11-01T00:00:00+00:00" == answer.json["next_at"]
    assert time.monotonic() - began < 15
