"""The door: what is let in, what is kept of it, and who may ask what became of it."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.platforms import signature
from bridge.platforms.strict import LARGEST
from bridge.store import tables
from tests import triggers
from tests.engines import on_sqlite

JSON = {"content-type": "application/json"}
CANARY = "canary-c4f1"


def signed(rig, id_, body=b"", source="shop", at=None):
    """The headers a source would send."""
    secrets = rig.parts.config.sources[source]["secrets"]
    key = signature.keys(source, secrets)[0]
    return JSON | signature.signed(key, id_, body, at or rig.clock.now())


def ping(**more):
    said = {"spec": "1", "type": "ping", "occurred_at": "2026-11-01T00:00:00Z"}
    return json.dumps(said | more).encode()


def kept(rig):
    """How many rows each table of the door holds."""
    names = ("request", "operation", "lane")
    with rig.database.read() as tx:
        return {
            name: tx.execute(
                sa.select(sa.func.count()).select_from(tables.metadata.tables[name])
            ).scalar_one()
            for name in names
        }


def dumped(rig):
    """Every row of every table, as somebody with a copy would read it."""
    with rig.database.read() as tx:
        everything = sa.MetaData()
        everything.reflect(tx)
        rows = (tx.execute(sa.select(t)).all() for t in everything.sorted_tables)
        return "\n".join(str(row) for table in rows for row in table)


def pragma(rig, text):
    """Asked on the one connection that writes."""
    connection = rig.database._writer.raw_connection()
    row = connection.execute(f"PRAGMA {text}").fetchone()
    connection.close()
    return row[0] if row else None


NOTHING = {"request": 0, "operation": 0, "lane": 0}


# --- taken in once


def test_what_is_proven_is_kept_before_it_is_answered(rig):
    """U1: 202 with the operation's id means it is on disk, and its lane is awake."""
    answer = rig.order()

    assert 202 == answer.status_code
    assert "accepted" == answer.json["status"]
    assert {"request": 1, "operation": 1, "lane": 1} == kept(rig)


def test_a_repeat_is_answered_with_the_operation_as_it_stands(rig):
    """U1: the sender may repeat as often as it likes; it learns how far things are."""
    first = rig.order()
    rig.run()
    again = rig.order()

    assert 200 == again.status_code
    assert first.json["operation_id"] == again.json["operation_id"]
    assert ("done", True) == (again.json["status"], again.json["duplicate"])
    assert 1 == kept(rig)["operation"]


def test_eight_at_once_are_one_operation(rig):
    """F-C1: the same event eight times at once is kept once, one id for all."""
    body = ping()
    headers = signed(rig, "evt_1", body)

    def deliver(_):
        client = rig.client.application.test_client()
        return client.post("/hooks/shop", data=body, headers=headers)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(deliver, range(8)))

    assert [200] * 7 + [202] == sorted(a.status_code for a in answers)
    assert 1 == len({answer.json["operation_id"] for answer in answers})
    assert {"request": 1, "operation": 1, "lane": 1} == kept(rig)


def test_an_id_reused_for_another_body_is_refused_and_the_first_stands(rig):
    """F-C5: 409; nobody can tell which of the two was meant, so nothing is replaced."""
    rig.topup("2", id_="evt_1")
    other = rig.topup("3", id_="evt_1")

    assert 409 == other.status_code
    assert "id_reused" == other.json["code"]
    assert 1 == kept(rig)["operation"]


def test_the_same_id_from_another_source_is_another_event(rig):
    """Ids are the sender's own: two sources may well use the same ones."""
    body = ping()
    for source in ("shop", "other"):
        headers = signed(rig, "evt_1", body, source)
        rig.client.post(f"/hooks/{source}", data=body, headers=headers)

    assert 2 == kept(rig)["operation"]


# --- not taken in


def test_an_unknown_source_is_not_found(rig):
    """404 says where the name of a source comes from."""
    answer = rig.deliver("evt_1", ping(), source="shopp")

    assert 404 == answer.status_code
    assert "no_such_source" == answer.json["code"]
    assert NOTHING == kept(rig)


def forged(rig, body):
    good = signed(rig, "evt_1", body)
    stale = rig.clock.now() - timedelta(seconds=301)
    return {
        "unsigned": JSON,
        "of another source": signed(rig, "evt_1", body, "other"),
        "of another body": signed(rig, "evt_1", ping(sequence=1)),
        "of another id": good | {"webhook-id": "evt_2"},
        "too old": signed(rig, "evt_1", body, at=stale),
        "cut short": good | {"webhook-signature": good["webhook-signature"][:-2]},
    }


@pytest.mark.parametrize(
    "how", ["unsigned", "of another source", "of another body", "of another id",
            "too old", "cut short"],
)  # fmt: skip
def test_a_signature_that_does_not_fit_leaves_nothing(rig, how):
    """F-C6: 401, and not a byte of it is kept."""
    body = ping()
    answer = rig.client.post("/hooks/shop", data=body, headers=forged(rig, body)[how])

    assert 401 == answer.status_code
    assert "application/problem+json" == answer.content_type
    assert NOTHING == kept(rig)


def test_all_that_is_wrong_with_an_envelope_is_told_at_once(rig):
    """The sender mends all in one go: each problem has its path and a way out."""
    wrong = {"spec": "2", "type": "topup.paid", "occurred_at": "now", "extra": 1}
    answer = rig.deliver("evt_1", json.dumps(wrong).encode())

    assert 400 == answer.status_code
    assert "application/problem+json" == answer.content_type
    problems = {told["path"]: told["reason"] for told in answer.json["problems"]}

    assert {
        "$.spec", "$.occurred_at", "$.extra", "$.service.product_ref", "$.account.ref",
    } == set(problems)  # fmt: skip
    assert all(problems.values())
    assert NOTHING == kept(rig)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, b"{", {}),
        (400, b'{"a": NaN}', {}),
        (400, b'{"a": 1, "a": 2}', {}),
        (400, b"[" * 40 + b"]" * 40, {}),
        (400, ping(billing={"amount": {"amount": 4.5, "currency": "USD"}}), {}),
        (415, ping(), {"content-type": "text/plain"}),
        (413, ping(extra="x" * LARGEST), {}),
    ],
    ids=["cut", "NaN", "name twice", "deep", "float money", "type", "oversize"],
)
def test_what_is_no_envelope_leaves_nothing(rig, status, body, headers):
    """The sender is told what to mend; the bridge keeps nothing of it."""
    answer = rig.client.post(
        "/hooks/shop", data=body, headers=signed(rig, "evt_1", body) | headers
    )

    assert status == answer.status_code
    assert status == answer.json["status"]
    assert NOTHING == kept(rig)


# --- kept although nobody can act on it


@pytest.mark.parametrize(
    ("type_", "more", "code"),
    [
        ("invoice.disputed", {"service": {"ref": "1"}}, "type_unknown"),
        (
            "service.activate",
            {"service": {"ref": "1", "plan_ref": "platinum"}, "account": {"ref": "7"}},
            "package_unknown",
        ),
        (
            "service.activate",
            {
                "service": {"ref": "1", "plan_ref": "starter"},
                "account": {"ref": "7"},
                "billing": {"amount": {"amount": "29.00", "currency": "EUR"}},
            },
            "currency_differs",
        ),
        (
            "topup.paid",
            {
                "service": {"product_ref": "credit99"},
                "account": {"ref": "7"},
                "billing": {"line_ref": "2"},
            },
            "topup_unknown",
        ),
    ],
)
def test_what_nobody_can_act_on_is_kept_and_shown(pair, type_, more, code):
    """Never a crash, never guessed: 202, parked with the reason, nothing sent."""
    rig, simulator = pair
    answer = rig.post("evt_1", type_, **more)
    rig.run()
    shown = rig.ask(answer.json["operation_id"])

    assert 202 == answer.status_code
    assert ("parked", code) == (shown.json["status"], rig.why("evt_1"))
    assert shown.json["reason"]
    assert {} == simulator.users


# --- asked what became of it


def test_the_source_it_came_from_may_ask(rig):
    """The answer names where to ask; there stands how far it is."""
    answer = rig.order()
    rig.run()
    shown = rig.client.get(answer.json["status_url"], headers=signed(rig, "ask"))

    assert 200 == shown.status_code
    assert ("order", "service.activate", "done") == tuple(
        shown.json[name] for name in ("event", "type", "status")
    )


def asked(rig, name):
    stale = rig.clock.now() - timedelta(seconds=301)
    return {
        "without a signature": {},
        "by another source": signed(rig, "ask", source="other"),
        "with a signature over something": signed(rig, "ask", b"something"),
        "too late": signed(rig, "ask", at=stale),
    }


@pytest.mark.parametrize(
    "how", ["without a signature", "by another source",
            "with a signature over something", "too late"],
)  # fmt: skip
def test_nobody_else_learns_that_there_is_such_an_operation(rig, how):
    """404 for everybody else, word for word as if it did not exist."""
    name = rig.order().json["operation_id"]
    unknown = "op_" + "x" * (len(name) - 3)
    answers = [
        rig.client.get(f"/operations/{one}", headers=asked(rig, one)[how])
        for one in (name, unknown)
    ]

    assert [404, 404] == [answer.status_code for answer in answers]
    assert answers[0].text.replace(name, "") == answers[1].text.replace(unknown, "")


# --- secrets


def test_secrets_are_blanked_before_anything_is_kept(rig):
    """V11: no password, secret or signature is found anywhere in the database."""
    data = {"password": CANARY, "params": {"password": CANARY}}
    body = ping(type="credentials.changed", service={"ref": "1"}, data=data)
    headers = signed(rig, "evt_1", body)
    answer = rig.client.post("/hooks/shop", data=body, headers=headers)
    rig.run()
    dump = dumped(rig)

    assert 202 == answer.status_code
    assert "credentials.changed" in dump
    for secret in (
        CANARY,
        headers["webhook-signature"].removeprefix("v1,"),
        rig.parts.config.sources["shop"]["secrets"][0].removeprefix("whsec_"),
        rig.parts.config.key,
    ):
        assert secret not in dump


def test_a_problem_does_not_repeat_what_was_sent(rig):
    """V11: the sender's log may be read by others, so a refusal quotes no value."""
    answer = rig.deliver("evt_1", ping(data={"password": 1, "token": CANARY}))

    assert 400 == answer.status_code
    assert CANARY not in answer.text


# --- it cannot be kept


@pytest.mark.parametrize("table", ["request", "operation", "lane"])
def test_request_operation_and_wake_up_are_kept_together_or_not_at_all(rig, table):
    """U1: whichever of the three cannot be written, nothing of the other two stays."""
    with rig.database.change() as tx:
        triggers.refuse(tx, "broken", table)
    answer = rig.order()
    left = kept(rig)
    with rig.database.change() as tx:
        triggers.drop(tx, "broken", table)

    assert answer.status_code >= 500
    assert NOTHING == left
    assert 202 == rig.order().status_code


@on_sqlite
def test_a_full_disk_is_answered_503_and_loses_nothing(rig):
    """F-E3: what got 202 is there, what got 503 comes again and is taken then."""
    pragma(rig, f"max_page_count={pragma(rig, 'page_count') + 2}")
    options = {f"option {no}": "x" * 200 for no in range(40)}
    told = [
        ping(service={"ref": "1", "options": options}, sequence=n) for n in range(9)
    ]
    answers = [rig.deliver(f"evt_{n}", body) for n, body in enumerate(told)]
    refused = [answer for answer in answers if answer.status_code == 503]
    taken = kept(rig)["operation"]
    pragma(rig, "max_page_count=1073741823")
    again = [rig.deliver(f"evt_{n}", body) for n, body in enumerate(told)]

    assert refused
    assert {"5"} == {answer.headers["Retry-After"] for answer in refused}
    assert len(answers) - len(refused) == taken
    assert {200, 202} >= {answer.status_code for answer in again}
    assert 9 == kept(rig)["operation"]
    assert "ok" == pragma(rig, "integrity_check")


@on_sqlite
def test_a_database_held_by_somebody_else_is_answered_503(rig):
    """F-E4: 503 with Retry-After, nothing half kept, and the next one is taken."""
    pragma(rig, "busy_timeout=20")
    other = sqlite3.connect(rig.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = rig.order()
    other.execute("ROLLBACK")
    other.close()

    assert (503, "5") == (answer.status_code, answer.headers["Retry-After"])
    assert NOTHING == kept(rig)
    assert 202 == rig.order().status_code
