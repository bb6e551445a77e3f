"""Outgoing webhooks: signed, once sent, never redirected, sorted by the answer."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from standardwebhooks import Webhook as Oracle

from bridge.channels.webhook import Webhook
from bridge.keys import new_secret
from provisioning.core.outcomes import Later, Outcome, Refused
from tests.bridge.channels.post import delivery

SECRET = "whsec_" + new_secret()


class Receiver:
    def __init__(self):
        self.heard, self.status, self.headers = [], 204, {}


@contextmanager
def listening(receiver):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.heard.append((self.path, dict(self.headers.items()), body))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def webhook(receiver):
    with listening(receiver) as url:
        yield Webhook("alerts.webhook", f"{url}/in/?t=1", SECRET, within=5.0)


def send(webhook, key="alert:1", **content):
    webhook.send(delivery(key, "webhook", **content), datetime.now(UTC))


def test_it_is_signed_as_the_standard_says(webhook, receiver):
    """Their own library takes it, and its id is the delivery's key."""
    send(webhook, text="schön")
    [(path, headers, body)] = receiver.heard
    read = Oracle(SECRET).verify(body, {k.lower(): v for k, v in headers.items()})

    assert "/in/?t=1" == path
    assert ("alert:1", "application/json") == (
        headers["webhook-id"],
        headers["Content-Type"],
    )
    assert "schön" == read["text"]


def test_sent_again_it_has_the_same_id_and_body(webhook, receiver):
    """So the receiver can tell it is the same."""
    send(webhook)
    send(webhook)
    (_, first, body), (_, second, again) = receiver.heard

    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    assert json.loads(body)["subject"] == "One new"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(s, Refused) for s in (400, 401, 403, 404, 410, 422)]
    + [(s, Later) for s in (302, 307, 408, 425, 429, 500, 502, 503)],
)
def test_answers_are_sorted_by_what_to_do_next(webhook, receiver, status, kind):
    """A no is final, but for those that say: not now."""
    receiver.status = status
    receiver.headers = {"location": "/elsewhere"}
    with pytest.raises(Outcome) as told:
        send(webhook)

    assert kind is type(told.value)
    assert str(status) in str(told.value)
    assert 1 == len(receiver.heard)


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ("7", timedelta(seconds=7)),
        ("9" * 30, timedelta(hours=1)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("-1", None),
    ],
)
def test_retry_after_is_heard_within_reason(webhook, receiver, asked, after):
    """An hour is the most somebody can ask us to wait."""
    receiver.status, receiver.headers = 429, {"retry-after": asked}
    with pytest.raises(Later) as told:
        send(webhook)

    assert after == told.value.after


def test_a_metadata_address_is_never_called():
    """Wherever the name leads: the address is judged before anything is sent."""
    with pytest.raises(Refused, match="never called"):
        send(Webhook("w", "http://169.254.169.254/latest", SECRET))


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://x.example/in", "whsec_short"),
        ("ftp://x.example/in", SECRET),
        ("https://user:s3cr3t@x.example/in", SECRET),
    ],
    ids=["secret", "scheme", "password"],
)
def test_what_will_not_do_is_said_at_once_and_tells_no_secret(url, secret):
    """At the start, not at the first alert."""
    with pytest.raises(ValueError, match=r"alerts|address") as told:
        Webhook("alerts.webhook", url, secret)

    assert "s3cr3t" not in str(told.value)
