"""Signed webhooks whole: proof, then meaning; samples and README are what they say."""

import json
import os
import re
import subprocess
import sys
import tomllib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.platforms import envelope, load
from bridge.platforms.base import Forged, Malformed
from bridge.platforms.envelope import NEEDS
from bridge.platforms.signature import signed
from provisioning.core.events import Hold, Type

AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SECRET, OTHER = (f"whsec_{b64encode(key).decode()}" for key in (KEY, OTHER_KEY))
SHOP = load("signed", "shop", {"secrets": [SECRET], "products": {"12": "gold"}})
JSON = {"Content-Type": "application/json"}

HOOK = Path(__file__).parents[3] / "hooks" / "signed"
SAMPLES = sorted((HOOK / "samples").glob("*.json"))
README = (HOOK / "README.md").read_text()

PING = {"spec": "1", "type": "ping", "occurred_at": "2026-01-31T10:00:00Z"}


def sent(body, delivery="evt_1", key=KEY):
    return JSON | signed(key, delivery, body, AT)


def read(told, delivery="evt_1"):
    body = json.dumps(told).encode()
    return SHOP.read(sent(body, delivery), body, AT)


# --- proof


def test_what_is_proven_is_read():
    """U12: any system that can sign tells us what was paid."""
    delivery = read(PING)

    assert delivery.id == "evt_1"
    assert [event.type for event in delivery.events] == [Type.PING]
    assert json.loads(delivery.kept) == PING


def test_another_sources_signature_is_refused():
    """U12: each source has its own secret, and speaks for itself alone."""
    body = json.dumps(PING).encode()
    other = load("signed", "other", {"secrets": [OTHER]})

    assert other.read(sent(body, key=OTHER_KEY), body, AT)
    with pytest.raises(Forged):
        SHOP.read(sent(body, key=OTHER_KEY), body, AT)


def test_a_replay_is_refused_after_five_minutes():
    """Within them the delivery's id makes it harmless."""
    body = json.dumps(PING).encode()

    assert SHOP.read(sent(body), body, AT + timedelta(seconds=300))
    with pytest.raises(Forged):
        SHOP.read(sent(body), body, AT + timedelta(seconds=301))


def test_one_bit_changed_is_forged_before_it_is_read():
    """Nobody unproven learns what we would make of it."""
    body = json.dumps(PING).encode()
    headers = sent(body)

    for place in range(len(body) * 8):
        forged = bytearray(body)
        forged[place // 8] ^= 1 << place % 8
        with pytest.raises(Forged):
            SHOP.read(headers, bytes(forged), AT)


def test_a_question_is_proven_without_a_body():
    """`GET /operations/<id>` is signed like everything else."""
    assert SHOP.proves(signed(KEY, "op_1", b"", AT), b"", AT) == "op_1"
    with pytest.raises(Forged):
        SHOP.proves(signed(OTHER_KEY, "op_1", b"", AT), b"", AT)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 400),
        (b" " * (256 * 1024 + 1), {}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_proven_but_no_envelope_says_how_to_answer(body, headers, status):
    """400, 413 or 415, never a crash."""
    with pytest.raises(Malformed) as refused:
        SHOP.read(sent(body) | headers, body, AT)

    assert status == refused.value.status


bits = st.sampled_from(
    [b'"', b"{", b"}", b"[", b"]", b":", b",", b"1", b"e", b"\\u0000"]
)


@settings(max_examples=500, deadline=None)
@given(st.binary() | st.lists(bits).map(b"".join))
def test_any_signed_bytes_are_read_or_malformed_and_nothing_else(body):
    """Holding the secret is no licence to crash us."""
    with pytest.raises(Malformed):
        SHOP.read(sent(body), body, AT)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 2000), st.binary(max_size=3))
def test_a_damaged_sample_is_read_or_malformed_and_nothing_else(sample, place, noise):
    """Close to the truth is where the crashes are."""
    body = sample.read_bytes()
    body = body[:place] + noise + body[place + 1 :]
    try:
        kept = SHOP.read(
            sent(body, json.loads(sample.read_bytes())["id"]), body, AT
        ).kept
    except Malformed:
        return

    assert json.loads(kept)


# --- what must not be told

CANARY = "canary-hunter2"


@pytest.mark.parametrize(
    "data",
    [
        {"password": CANARY},
        {"params": {"password": CANARY}},
        {"password": CANARY, "unknown": CANARY},
        {"password": [CANARY]},
        {"password": CANARY + "\x00"},
        {"target": f"{CANARY} two words"},
        {"params": {"other": CANARY}},
    ],
)
@pytest.mark.parametrize("kind", ["ping", "credentials.changed"])
def test_a_password_is_neither_kept_nor_repeated(kind, data):
    """Nor is the secret of the source."""
    try:
        told = repr(read(PING | {"type": kind, "data": data}))
    except Malformed as refused:
        told = f"{refused} {refused!r} {refused.problems}"

    assert CANARY not in told
    assert SECRET.removeprefix("whsec_") not in told + repr(SHOP)


# --- settings


@pytest.mark.parametrize("products", [[], "gold", {"12": 7}, {"12": ""}, {12: "gold"}])
def test_products_that_say_nothing_stop_the_start(products):
    """A slip in the table must not wait for the first order."""
    with pytest.raises(ValueError, match='"shop": products'):
        load("signed", "shop", {"secrets": [SECRET], "products": products})


@pytest.mark.parametrize("given", [{}, {"secrets": []}, {"secrets": ["c2hvcnQ="]}])
def test_a_source_without_a_good_secret_does_not_start(given):
    """There is no unsigned mode."""
    with pytest.raises(ValueError, match=r'"shop".*openssl rand -base64 32'):
        load("signed", "shop", given)


# --- samples

READ = {
    "activate": {"client": "shop:7", "service": "shop:4711", "line": "shop:9001"},
    "activate-everything": {
        "sequence": 12,
        "quantity": 3,
        "server": "main",
        "group": "resellers",
    },
    "activate-trial": {"trial": True, "line": None, "service": "shop:4713"},
    "renewed": {"line": "shop:9003", "ends": datetime(2026, 3, 31, tzinfo=UTC)},
    "renewed-without-line": {"line": None, "starts": datetime(2026, 2, 28, tzinfo=UTC)},
    "suspend": {"hold": Hold.BILLING, "service": "shop:4711"},
    "suspend-abuse": {"hold": Hold.ABUSE, "service": "shop:4711"},
    "resume": {"hold": Hold.BILLING, "service": "shop:4711"},
    "terminate": {"service": "shop:4711", "at_period_end": False},
    "terminate-at-period-end": {"service": "shop:4711", "at_period_end": True},
    "reinstate": {"service": "shop:4711", "product": None},
    "change": {"product": "business", "at_period_end": False},
    "change-at-period-end": {"product": "starter", "at_period_end": True},
    "sync": {"service": "shop:4711", "product": None},
    "topup": {"target": "shop:4711", "product": "topup-20", "line": "shop:9004"},
    "topup-of-our-account": {"target": "acct_01hqz", "quantity": 2},
    "topup-without-line": {"client": "shop:7", "target": None, "line": None},
    "topup-reversed": {"client": "shop:7", "line": "shop:9004", "product": None},
    "ping": {"service": None, "client": None},
    "unknown-type": {"type": "invoice.disputed", "service": "shop:4711"},
    "credentials-changed": {"service": "shop:4711", "secret": "not-a-real-one"},
    "account-updated": {"client": "shop:7", "email": "lan.new@example.com"},
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_is_read(sample):
    """U12: what we show a sender is what we take."""
    told = json.loads(sample.read_text())
    (event,) = read(told, told["id"]).events

    assert (told["id"], told["type"], "shop") == (event.id, event.type, event.source)
    assert READ[sample.stem] == {
        name: getattr(event, name) for name in READ[sample.stem]
    }


def test_there_is_a_sample_of_every_type():
    """And of every field."""
    told = [json.loads(sample.read_text()) for sample in SAMPLES]
    whole = json.loads((HOOK / "samples" / "activate-everything.json").read_text())
    parts = {"account": envelope.Account, "service": envelope.Service}

    assert set(Type) <= {one["type"] for one in told}
    assert set(envelope.Envelope().fields) == set(whole)
    for name, schema in parts.items():
        assert set(schema().fields) == set(whole[name])


# --- README


def block(language):
    return re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)[1]


class Door(BaseHTTPRequestHandler):
    """Answers as the door would, and keeps what it read."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        read = SHOP.read(dict(self.headers), body, datetime.now(UTC))
        self.server.read = read
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"accepted")

    def log_message(self, *_):
        pass


def test_the_readmes_program_is_understood(tmp_path):
    """U12: copied, saved and run, it tells us of an order over a real wire."""
    (tmp_path / "send.py").write_text(block("python"))
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        server.timeout = 30
        Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hooks/shop"
        done = subprocess.run(
            [sys.executable, tmp_path / "send.py"],
            env=os.environ
            | {"SWITCHHOOK_URL": url, "SWITCHHOOK_SECRET": SECRET, "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert (done.stdout, done.stderr) == ("202 accepted\n", "")
    assert server.read.id == "order-501-paid"
    assert server.read.events[0].service == "shop:4711"


def test_the_readmes_settings_load():
    """With a real secret where it shows none."""
    table = tomllib.loads(block("toml").replace("whsec_…", SECRET))

    assert load(table["kind"], "shop", table).name == "shop"


def test_the_readme_says_what_each_type_needs():
    """The table there is the table here."""
    rows = dict(re.findall(r"^\| `([a-z.]+)` \| (.*?) ?\|$", README, re.MULTILINE))
    expected = {
        kind: ", ".join(" or ".join(f"`{path}`" for path in row) for row in needs)
        for kind, needs in NEEDS.items()
    }

    assert expected == rows
