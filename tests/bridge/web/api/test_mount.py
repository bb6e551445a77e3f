"""How a call is let in and answered, whatever it asks for."""

import json
from datetime import timedelta

import pytest

from bridge import admin, ordering
from bridge.access.who import Who
from bridge.store import api_keys, audit
from bridge.web.access import keys
from bridge.web.access.paces import Paces
from bridge.web.api import registry
from bridge.web.registry import USUAL, Registry
from tests.engines import on_sqlite
from tests.visit import Program

PAUSE = "/api/v1/backends/main/pause"
RESUME = "/api/v1/backends/main/resume"
ME = "/api/v1/me"


def told(answer, status):
    """A refusal: its code."""
    assert (status, "application/problem+json") == (
        answer.status_code, answer.content_type,
    ), answer.text  # fmt: skip
    return answer.json["code"]


def test_a_key_tells_who_asks(rig):
    """The first call: who this is, what it may, and whose customers it sees."""
    program = Program(rig, "support", ["shop"])
    got = program.get(ME).json

    assert f"key {program.id}" == got["name"]
    assert ("support", ["shop"], ["help", "see"]) == (
        got["role"], got["sources"], got["may"],
    )  # fmt: skip


def test_without_a_key_that_holds_nothing_is_told(rig):
    """None, a wrong one, one that ended or is too old; a cookie is no key."""
    # Guard off (`found.holds(at)` left out of key_of): red, revoked and old are let in.
    good, ended, old = (Program(rig) for _ in range(3))
    who, now = Who("a test", "cli"), rig.clock.wall()
    ordering.order(rig.parts, who, "key.end", api_key=ended.id, now=now.isoformat())
    with rig.database.change() as tx:
        until = now - timedelta(seconds=1)
        tx.execute(
            api_keys.api_key.update()
            .where(api_keys.api_key.c.id == old.id)
            .values(until=until)
        )
    tried = {
        "none": {"Authorization": ""},
        "another kind": {"Authorization": f"Basic {good.text}"},
        "no key": {"Authorization": "Bearer swk_aaaaaaaa_" + "x" * 43},
        "another's secret": {"Authorization": f"Bearer {good.text[:-1]}"},
        "in a cookie": {"Authorization": "", "Cookie": f"switchhook={good.text}"},
    }
    codes = {name: told(good.get(ME, **how), 401) for name, how in tried.items()}
    codes |= {"ended": told(ended.get(ME), 401), "old": told(old.get(ME), 401)}

    assert {"no_key"} == set(codes.values())
    assert "Bearer" in ended.get(ME).headers["WWW-Authenticate"]
    assert 200 == good.get(ME).status_code


def test_two_keys_hold_at_once_while_one_is_changed_for_the_other(rig):
    """The new one is in use before the old one ends, and that ends at once."""
    old, new = Program(rig), Program(rig)
    both = [each.get(ME).status_code for each in (old, new)]
    now = rig.clock.wall().isoformat()
    ordering.order(rig.parts, Who("a test", "cli"), "key.end", api_key=old.id, now=now)

    assert [200, 200] == both
    assert [401, 200] == [each.get(ME).status_code for each in (old, new)]


def test_when_a_key_was_used_last_is_noted_now_and_then(rig):
    """Not with every call: that would be a write for each."""
    program = Program(rig)

    def used():
        with rig.database.read() as tx:
            return api_keys.found(tx, program.id).used_at

    assert used() is None
    program.get(ME)
    first = used()
    program.get(ME)
    assert first == used()
    rig.wait(keys.SEEN.total_seconds() + 1)
    program.get(ME)

    assert first < used()


def test_what_is_sent_again_under_its_key_is_done_once(rig):
    """The same answer, and nothing is done; even when it could not be by now."""
    # Guard off (`_before` gives None): red, the second resume is 409.
    program = Program(rig)
    program.post(PAUSE, {"because": "a test"})
    first = program.post(RESUME, Idempotency_Key="one")
    again = program.post(RESUME, Idempotency_Key="one")
    other = program.post(RESUME, Idempotency_Key="two")

    assert (200, {"resumed": "main"}) == (first.status_code, first.json)
    assert (200, first.json) == (again.status_code, again.json)
    assert "true" == again.headers["Idempotent-Replayed"]
    assert "Idempotent-Replayed" not in first.headers
    assert "cannot" == told(other, 409)


def test_a_key_is_for_one_request(rig):
    """Another body, another path or another order under it is a mistake, and said."""
    program, another = Program(rig), Program(rig)
    program.post(PAUSE, {"because": "a test"}, Idempotency_Key="one")
    codes = [
        told(program.post(PAUSE, {"because": "other"}, Idempotency_Key="one"), 422),
        told(program.post(RESUME, Idempotency_Key="one"), 422),
    ]

    assert ["key_reused"] * 2 == codes
    assert 200 == another.post(RESUME, Idempotency_Key="one").status_code


@pytest.mark.parametrize("key", ["", "x" * 65, "with blank", "tab\there", "é"])
@on_sqlite
def test_a_key_that_cannot_be_kept_is_refused(rig, key):
    """Nothing is done under a name nobody can say again."""
    got = Program(rig).post(PAUSE, {"because": "a test"}, Idempotency_Key=key)

    assert "bad_key" == told(got, 422)


BODIES = {
    b'{"because": "one", "because": "two"}': (400, "not_json"),
    b'{"because": NaN}': (400, "not_json"),
    b'{"because": "a test", "seconds": 1e3}': (422, "invalid"),
    b'{"because": "a test", "seconds": 1.5}': (422, "invalid"),
    b'{"because": "a test", "seconds": "60"}': (422, "invalid"),
    b'{"because": "a test", "seconds": true}': (422, "invalid"),
    b'{"because": "a test", "seconds": 0}': (422, "invalid"),
    b'{"because": "a test", "seconds": 99999999999999999999}': (400, "not_json"),
    b'{"because": "a test", "more": 1}': (422, "invalid"),
    b'{"because": 5}': (422, "invalid"),
    b'{"because": "ab"}': (422, "invalid"),
    b'{"because": "a\\u0007b c"}': (422, "invalid"),
    b'{"because": "a\\u0000b c"}': (400, "not_json"),
    b'{"because": "a\\ud800b c"}': (400, "not_json"),
    b"{": (400, "not_json"),
    b"\xff": (400, "not_json"),
    b"[]": (422, "invalid"),
    b"null": (422, "invalid"),
    b"": (422, "invalid"),
    b"[" * 99 + b"]" * 99: (400, "not_json"),
    b'{"because": "' + b"x" * 300_000 + b'"}': (413, "too_large"),
    b'{"because": "' + b"x" * 2_000_000 + b'"}': (413, "too_large"),
}


@on_sqlite
def test_a_body_has_one_meaning_or_none(rig):
    """Twice the same name, not a number, too deep, too large, unknown: refused."""
    program = Program(rig)
    headers = {"Authorization": f"Bearer {program.text}"}
    got = {
        body: program.client.post(
            PAUSE, base_url=program.url, data=body, headers=headers,
            content_type="application/json",
        )
        for body in BODIES
    }  # fmt: skip

    assert BODIES == {
        body: (answer.status_code, answer.json["code"]) for body, answer in got.items()
    }
    with rig.database.read() as tx:
        assert not any(n.what == "backend.pause" for n in audit.notes(tx, most=9))


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
@on_sqlite
def test_a_body_that_a_browser_could_send_is_none(rig, kind):
    """A form of some page cannot say application/json."""
    program = Program(rig)
    got = program.client.post(
        PAUSE, base_url=program.url, data='{"because": "a test"}', content_type=kind,
        headers={"Authorization": f"Bearer {program.text}"},
    )  # fmt: skip

    assert "not_json" == told(got, 415)


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=201", "limit=1_0", "limit=+5", "limit=٣", "limit=5&limit=6",
     "cursor=", "cursor=x", "cursor=-1", "cursor=99999999999999999999", "last=5"],
)  # fmt: skip
@on_sqlite
def test_a_query_has_one_meaning_or_none(rig, asked):
    """What is not asked for there, is said twice or out of bounds is refused."""
    assert "invalid" == told(Program(rig).get(f"/api/v1/audit?{asked}"), 422)


@on_sqlite
def test_a_query_where_none_is_asked_for_is_refused(rig):
    """Nobody thinks he filtered where nothing is."""
    got = Program(rig).get(f"{ME}?source=shop")

    assert "invalid" == told(got, 422)
    assert ["source"] == [one["path"] for one in got.json["problems"]]


@on_sqlite
def test_what_is_no_call_is_told_so(rig):
    """Also to who has no key; by the right method it may be one."""
    program = Program(rig)
    missing = program.get("/api/v2/accounts")
    got = program.client.delete(PAUSE, base_url=program.url)

    assert "no_such_call" == told(missing, 404)
    assert "no_such_call" == told(program.get("/api"), 404)
    assert ("no_such_method", "POST") == (told(got, 405), got.headers["Allow"])


@on_sqlite
def test_who_asks_too_fast_is_told_when_to_come_back(rig, monkeypatch):
    """Each key has a pace of its own."""
    monkeypatch.setattr(admin, "Paces", lambda: Paces(ticking=lambda: 0.0))
    fast, slow = Program(rig), Program(rig)
    slow.client = fast.client
    got = [fast.get(ME) for _ in range(USUAL.burst + 1)]

    assert {200} == {answer.status_code for answer in got[:-1]}
    assert "too_fast" == told(got[-1], 429)
    assert "1" == got[-1].headers["Retry-After"]
    assert 200 == slow.get(ME).status_code


@on_sqlite
def test_under_another_name_nothing_is_answered(rig):
    """A host that is not ours in the configuration."""
    program = Program(rig)
    program.url = "http://evil.example:8482"

    assert "another_host" == told(program.get(ME), 421)


@on_sqlite
def test_a_list_goes_on_until_its_end(rig):
    """Every row once, however small the pages are."""
    program = Program(rig)
    for no in range(5):
        program.post(PAUSE, {"because": f"the {no}th time"})
    whole = program.get("/api/v1/audit?limit=200").json
    cursor, found = "", []
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = program.get(f"/api/v1/audit?limit=2{more}").json
        found, cursor = found + page["items"], page["next"]

    assert whole["next"] is None
    assert json.dumps(whole["items"]) == json.dumps(found)
    assert len(found) >= 6


@on_sqlite
def test_a_fault_of_ours_tells_nothing_of_it(rig, monkeypatch):
    """500 with a code; what broke stands in the log alone."""

    def broken(*_, **__):
        raise RuntimeError("the secret inside")

    program = Program(rig)
    monkeypatch.setattr(audit, "head", broken)
    got = program.get("/api/v1/audit/head")

    assert "our_fault" == told(got, 500)
    assert "secret" not in got.text


def test_a_call_without_a_permission_is_no_call():
    """It fails where it is declared, at the start of the program."""
    with pytest.raises(TypeError, match="may"):
        registry.api.get("/forgotten")
    with pytest.raises(TypeError, match="whose is thing"):
        Registry("/api").get("/<thing>", may=None)
