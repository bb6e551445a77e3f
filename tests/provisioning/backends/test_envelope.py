"""F-B7: what came back, and which of the four it is; never success by mistake."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.backends.answers import EXCERPT
from provisioning.backends.envelope import payload
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure
from provisioning.transport import Reply

HTML = b"<br />\n<b>Warning</b>:  Undefined array key in <b>Rest.php</b> on line 112"
FAULT = {"ErrorCode": 500, "ErrorMessage": "Internal Server Error"}
UNAUTHORISED = {"ErrorCode": 401, "ErrorMessage": "Unauthorized"}
CANARY = "canary-c4f1"


def reply(body, status=200, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {n.replace("_", "-"): v for n, v in headers.items()}, raw)


def outcome(answer):
    """What it is, and what it says."""
    with pytest.raises(Outcome) as raised:
        payload(answer, "User_Get")
    return raised.value


@pytest.mark.parametrize(
    ("body", "carried"),
    [
        ([True], None),
        ([True, None], None),
        ([True, 7], 7),
        ([True, "7"], "7"),
        ([True, False], False),
        ([True, {"user_id": "7"}], {"user_id": "7"}),
        ([True, []], []),
        ([True, [False, "no"]], [False, "no"]),
        (json.dumps([True, 7]), 7),
        (b"\xef\xbb\xbf[true, 7]", 7),
        (b"\n [true,\t7] \n", 7),
    ],
    ids=["bare", "null", "int", "string", "false", "object", "list", "no within",
         "JSON in a string", "BOM", "blanks"],
)  # fmt: skip
def test_a_yes_gives_what_it_carries(body, carried):
    """[true] and [true, payload], also as JSON in a string and behind a BOM."""
    assert carried == payload(reply(body), "User_Get")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Refused, reply([False, "User not found"])),
        (Refused, reply([False])),
        (Refused, reply([False, None])),
        (Refused, reply([False, "a", "b"])),
        (Refused, reply(json.dumps([False, "in a string"]))),
        (Refused, reply(b"", 403)),
        (Refused, reply(FAULT, 405)),
        (Later, reply(UNAUTHORISED)),
        (Later, reply(UNAUTHORISED, 401)),
        (Later, reply(HTML, 401)),
        (Later, reply(b"", 429)),
        (Broken, reply(b"", 301)),
        (Broken, reply(b"", 302)),
        (Broken, reply([True, 7], 307)),
        (Unsure, reply(FAULT)),
        (Unsure, reply(FAULT, 500)),
        (Unsure, reply(UNAUTHORISED, 500)),
        (Unsure, reply(HTML)),
        (Unsure, reply(HTML, 500)),
        (Unsure, reply(b"", 503)),
        (Unsure, reply([True, 7], 500)),
        (Unsure, reply([True, 7], 201)),
        (Unsure, reply([True, 7], 204)),
        (Unsure, reply([True, 7], 404)),
        (Unsure, reply(b"")),
        (Unsure, reply(None)),
        (Unsure, reply(True)),
        (Unsure, reply(1)),
        (Unsure, reply([])),
        (Unsure, reply({})),
        (Unsure, reply([1, 7])),
        (Unsure, reply(["true", 7])),
        (Unsure, reply([True, 7, 8])),
        (Unsure, reply({"result": True})),
        (Unsure, reply(b"[true, 7")),
        (Unsure, reply(b"[true, 7]<br />")),
        (Unsure, reply(HTML + b"[true, 7]")),
        (Unsure, reply(b"[true, NaN]")),
        (Unsure, reply(b'[true, {"a": 1, "a": 2}]')),
        (Unsure, reply(b"\xff\xfe[\x00t\x00")),
        (Unsure, reply(json.dumps(json.dumps([True, 7])))),
        (Unsure, reply(b"[" * 60_000)),
    ],
)
def test_everything_else_is_one_of_the_four(kind, answer):
    """Anything that left and got no clear answer may have happened: Unsure."""
    assert kind is type(outcome(answer))


SEEN = [
    ("the vendor's PHP sample", reply([True, "17"]), "17"),
    ("n8n, before 0.1.2", reply([False, "Invalid user"]), Refused),
    ("n8n: refused as one element", reply([False]), Refused),
    ("n8n: a bare error object", reply(UNAUTHORISED), Later),
    ("n8n: and its code in a string", reply({"ErrorCode": "401"}), Later),
    ("n8n: the database, with 500", reply(FAULT, 500), Unsure),
    ("n8n: and with 200", reply(FAULT), Unsure),
    ("n8n: Campaign_Filter", reply(FAULT | {"ErrorCode": 405}, 405), Refused),
    ("n8n: HTTP Basic", reply(UNAUTHORISED, 401), Later),
    ("n8n: JSON in a string", reply('[true,{"user_id":"7"}]'), {"user_id": "7"}),
    ("mcp: no second element", reply([True]), None),
    ("mcp: Contact_List", reply(HTML, 500), Unsure),
    ("latin1 tables", reply('[true, "José"]'.encode("latin-1")), "José"),
    ("latin1, refused", reply('[false, "Señor"]'.encode("latin-1")), Refused),
    ("ICTCore: HTTP 1064", reply(b"You have an error in your SQL", 1064), Unsure),
    ("ICTCore: nothing was done", reply(b""), Unsure),
    ("ICTCore: its own error shape", reply({"error": {"code": 404}}, 404), Unsure),
    ("ICTCore: switched off", reply({"error": {"code": 429}}, 429), Later),
    # Other servers' yes, as recorded: a url that leads elsewhere proves nothing.
    ("VICIdial", reply(b"SUCCESS: add_user USER HAS BEEN ADDED - apiuser|x\n"), Unsure),
    ("MagnusBilling", reply({"success": True, "data": {"id": "5"}}), Unsure),
    ("jambonz", reply({"sid": "0b9a5e67-03a3-48b7-9a64-b01d5f706763"}, 201), Unsure),
    ("a list of another's", reply([{"service_provider_sid": "2708b1b3"}]), Unsure),
]


@pytest.mark.parametrize(
    ("answer", "meant"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN]
)
def test_what_was_seen_in_the_field_is_read_as_what_it_meant(answer, meant):
    """Each was taken for a success, or thrown away, by somebody's client."""
    if isinstance(meant, type) and issubclass(meant, Outcome):
        assert meant is type(outcome(answer))
    else:
        assert meant == payload(answer, "User_Get")


@given(st.binary(max_size=60), st.integers(200, 599))
def test_no_answer_of_any_kind_is_a_crash(body, status):
    """The other side's bytes are hostile: a payload or one of the four, no other."""
    with suppress(Outcome):
        payload(Reply(status, {}, body), "User_Get")


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ("7", timedelta(seconds=7)),
        ("", None),
        ("Sun, 22 Nov 2026 10:00:00 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("٧", None),
    ],
)
def test_retry_after_is_kept_where_it_is_seconds(asked, after):
    """429: the other side says when; what cannot be read is left to our own pace."""
    assert after == outcome(reply(b"", 429, retry_after=asked)).after


@pytest.mark.parametrize("asked", ["9" * 11, "9" * 13, "9" * 400])
def test_retry_after_in_a_thousand_years_is_later(asked):
    """A hostile header is no crash, and no reason to wait longer than a day."""
    later = outcome(reply(b"", 429, retry_after=asked))

    assert later.after is None or later.after <= timedelta(days=1)


def test_a_refusal_says_why_in_the_backends_words():
    """Cut, so that a page of HTML does not fill the operator's screen."""
    said = str(outcome(reply([False, "no " * 500])))

    assert said.startswith("User_Get: no no")
    assert len(said) <= EXCERPT + len("User_Get: ")


@pytest.mark.parametrize(
    "body",
    [
        reply({"password": CANARY}),
        reply({"api_password": CANARY, "credit": "0"}, 500),
        reply({"user": {"Passwd": CANARY}}),
        reply(b'Fatal error near "token" : "' + CANARY.encode() + b'"', 500),
    ],
    ids=["object", "500", "nested", "in text"],
)
def test_no_secret_that_came_back_is_told(body):
    """V11: an echo of what was sent must not bring a password into the log."""
    assert CANARY not in str(outcome(body))


@pytest.mark.parametrize(
    "body",
    [
        reply([False, {"password": CANARY}]),
        reply([False, f'Invalid user {{"password":"{CANARY}"}}']),
        reply({"ErrorCode": 500, "ErrorMessage": f'near "password": "{CANARY}"'}),
        reply(f'[true, {{"password": "{CANARY}'.encode()),
        reply({"password": f'a"{CANARY}'}, 500),
        reply(f"passwd={CANARY}&user=lan".encode(), 500),
        reply(json.dumps({"apikey": CANARY})),
    ],
    ids=["refusal", "text", "message", "cut", "quote", "form", "in a string"],
)  # fmt: skip
def test_no_secret_that_came_back_is_told_whatever_its_dress(body):
    """V11: nor in a refusal, a message, a body cut short, or as a form."""
    assert CANARY not in str(outcome(body))


@pytest.mark.parametrize("body", [b'[false, "no\\u0000"]', b'[false, "no\\ud800"]'])
def test_what_can_be_neither_kept_nor_printed_is_not_passed_on(body):
    """F-B7: the reason goes to databases, logs and terminals."""
    assert "User_Get: no\ufffd" == str(outcome(reply(body)))
