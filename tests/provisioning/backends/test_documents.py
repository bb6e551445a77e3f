"""What a platform's answers mean; only the contract's own documents are believed."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.backends.answers import EXCERPT
from provisioning.backends.documents import Answer, done, shown
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure
from provisioning.transport import Reply

CANARY = "canary-c4f1"
ABOUT = {"username": "swabc1xyzzy"}
CREDIT = ABOUT | {"reference": "shop:1/topup"}
GOOD = ABOUT | {"on": True}
NO = {"refused": "no such tariff"}
GONE = {"not_there": ABOUT}
HTML = b"<html><h1>404 Not Found</h1></html>"
TEXT = "text/plain"


def answer(body, status=200, kind="application/json", about=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {n.replace("_", "-"): v for n, v in headers.items()}
    reply = Reply(status, {"content-type": kind} | named, raw)
    return Answer(reply, "GET /accounts/swabc1xyzzy", about or ABOUT, (CANARY,))


def outcome(judge, *told, **more):
    with pytest.raises(Outcome) as raised:
        judge(answer(*told, **more))
    return raised.value


# --- yes and "not there"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8"]
)
def test_a_read_shows_the_document(kind):
    """200, JSON by name and by shape, and about the one that was asked for."""
    assert GOOD == shown(answer(GOOD, kind=kind))


@pytest.mark.parametrize(
    ("body", "status", "document"),
    [(GOOD, 200, GOOD), (GOOD, 201, GOOD), (b"", 204, {})],
)
def test_a_write_is_done_by_one_of_three(body, status, document):
    """200 and 201 show it; 204 shows nothing."""
    assert document == done(answer(body, status))


def test_not_there_is_said_of_just_this_account():
    """U9: the only 404 that is an answer."""
    assert shown(answer(GONE, 404)) is None
    assert done(answer(GONE, 404)) is None


def test_not_there_is_said_of_just_this_sum():
    """U9: the account is there, the sum is not."""
    assert shown(answer({"not_there": CREDIT}, 404, about=CREDIT)) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HTML, "text/html"),
        (b"", "application/json"),
        ({}, "application/json"),
        ({"error": "not found"}, "application/json"),
        ({"not_there": {}}, "application/json"),
        ({"not_there": True}, "application/json"),
        ({"not_there": {"username": "swother1xyzzy"}}, "application/json"),
        ({"not_there": CREDIT}, "application/json"),
        (GONE | {"username": "swabc1xyzzy"}, "application/json"),
        (GONE, TEXT),
        (GONE, ""),
        ([GONE], "application/json"),
        (b'{"not_there": {"username": "a"}, "not_there": {"username": "swabc1xyzzy"}}',
         "application/json"),
    ],
)  # fmt: skip
def test_no_other_404_is_an_absence(body, kind):
    """U9: a wrong url must never look like an account that is gone.

    Guard off (404 alone is "not there"): red.
    """
    assert Later is type(outcome(shown, body, 404, kind=kind))
    assert Unsure is type(outcome(done, body, 404, kind=kind))


@pytest.mark.parametrize("status", [200, 204, 400, 410, 500])
def test_not_there_with_another_status_is_no_absence(status):
    """U9: both must say it, the status and the document."""
    with pytest.raises(Outcome):
        shown(answer(GONE, status))


def test_a_sum_of_an_account_that_is_gone_is_for_a_person():
    """U9: the account vanished; that the sum is not there says nothing then."""
    assert Broken is type(outcome(shown, GONE, 404, about=CREDIT))


@pytest.mark.parametrize("judge", [shown, done])
@pytest.mark.parametrize("body", [
    GOOD | {"username": "SWABC1XYZZY"}, GOOD | {"username": 7}, {"on": True}, {},
])  # fmt: skip
def test_an_answer_about_another_is_for_a_person(judge, body):
    """U1: a database that compares without case shows somebody else's account."""
    assert Broken is type(outcome(judge, body))


# --- everything else is one of the four


@pytest.mark.parametrize(
    ("body", "status", "read", "write"),
    [
        (NO, 400, Later, Refused),
        (NO, 409, Later, Refused),
        (NO, 422, Later, Refused),
        (NO, 412, Later, Later),
        (HTML, 412, Later, Unsure),
        (HTML, 400, Later, Unsure),
        (HTML, 409, Later, Unsure),
        ({"refused": ["x"]}, 422, Later, Unsure),
        ({"error": "x"}, 422, Later, Unsure),
        (NO, 401, Later, Later),
        (HTML, 401, Later, Later),
        (NO, 403, Later, Later),
        (HTML, 429, Later, Later),
        (b"", 301, Broken, Broken),
        (GOOD, 302, Broken, Broken),
        (GOOD, 303, Broken, Broken),
        (GOOD, 307, Broken, Broken),
        (b"", 308, Broken, Broken),
        (NO, 500, Later, Unsure),
        (GOOD, 500, Later, Unsure),
        (HTML, 502, Later, Unsure),
        (HTML, 503, Later, Unsure),
        (HTML, 504, Later, Unsure),
        (GOOD, 202, Later, Unsure),
        (GOOD, 206, Later, Unsure),
        (NO, 200, Broken, Broken),
        (NO, 418, Later, Unsure),
        (NO, 402, Later, Unsure),
        (NO, 405, Later, Unsure),
        (HTML, 200, Later, Unsure),
        (b"", 200, Later, Unsure),
        ([GOOD], 200, Later, Unsure),
        (b"null", 200, Later, Unsure),
        (b'{"username": "swabc1xyzzy", "a": NaN}', 200, Later, Unsure),
        (b'{"username": "swabc1xyzzy"', 200, Later, Unsure),
        (b'{"username": "x", "username": "swabc1xyzzy"}', 200, Later, Unsure),
        (b"\xff\xfe{\x00", 200, Later, Unsure),
        (b"[" * 60_000, 200, Later, Unsure),
    ],
)
def test_what_each_status_means(body, status, read, write):
    """A read that is unclear is asked again; a write that is unclear is looked for."""
    assert read is type(outcome(shown, body, status))
    assert write is type(outcome(done, body, status))


@pytest.mark.parametrize("kind", ["text/html", TEXT, "", "application/problem+json"])
def test_what_is_not_called_json_is_no_document(kind):
    """A login page with 200 is no yes."""
    assert Later is type(outcome(shown, GOOD, kind=kind))
    assert Unsure is type(outcome(done, GOOD, kind=kind))


@pytest.mark.parametrize("status", [201, 204])
def test_a_read_is_answered_by_200_alone(status):
    """Made, or nothing: neither is a reading."""
    assert Later is type(outcome(shown, GOOD, status))


def test_204_with_a_body_is_no_yes():
    """Something on the way is not what it seems."""
    assert Unsure is type(outcome(done, GOOD, 204))


@given(st.binary(max_size=60), st.integers(200, 599))
def test_no_answer_of_any_kind_is_a_crash(body, status):
    """The other side's bytes are hostile: a document or one of the four, no other."""
    for judge in (shown, done):
        with suppress(Outcome):
            judge(answer(body, status))


# --- what is said of it


@pytest.mark.parametrize(("judge", "status"), [(shown, 429), (shown, 503), (done, 429)])
def test_how_long_to_wait_is_the_platforms_to_say(judge, status):
    """Retry-After, where nothing was done for certain."""
    assert timedelta(seconds=7) == outcome(judge, HTML, status, retry_after="7").after


def test_a_signature_that_is_refused_closes_the_backend():
    """F-B15: a secret that changed must not use up the tries of paid top-ups."""
    closed = outcome(done, NO, 401)

    assert closed.closed
    assert "compare the secret" in str(closed)


def test_a_refusal_says_why_in_the_platforms_words():
    """Cut, and on one line."""
    said = str(outcome(done, {"refused": "no\n" * 500}, 422))

    assert "GET /accounts/swabc1xyzzy: no no no" in said
    assert len(said) <= EXCERPT + len("GET /accounts/swabc1xyzzy: ")


@pytest.mark.parametrize(("body", "status"), [
    ({"refused": f"{CANARY} is too short"}, 422), ({"on": CANARY}, 500),
    ({"refused": "x", "password": "canary-of-another"}, 500),
    (GOOD | {"username": CANARY}, 200), (CANARY.encode(), 404),
])  # fmt: skip
def test_no_secret_that_came_back_is_told(body, status):
    """V11: an echo of what was sent must not bring a password into the log."""
    assert "canary" not in str(outcome(done, body, status))


def test_a_wrong_address_is_named_as_the_likely_slip():
    """The operator reads what was expected, and what to look at."""
    said = str(outcome(shown, HTML, 404, kind="text/html"))

    assert '{"not_there": {"username": "swabc1xyzzy"}}; is the url right?' in said
