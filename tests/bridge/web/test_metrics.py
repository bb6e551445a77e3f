"""/metrics: counted by the database, so that any process tells the same."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from bridge.platforms import signature
from bridge.store import backends, facts
from bridge.store.tables import attempt
from bridge.web import metrics, refusals
from bridge.web.metrics import NAMES
from tests.bridge.seen import PAY
from tests.rig import SECRET, Rig

TOKEN = "a token for the tests, thirty-two letters".replace(" ", "-")
ASKED = {"Authorization": f"Bearer {TOKEN}"}
DOCS = Path(__file__).parents[3] / "docs"
LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


@pytest.fixture
def counted(make):
    """An account with 10.00 bought and 5.00 free, and 10.00 that nobody's are."""
    rig, simulator = make(more=f'[metrics]\ntoken = "{TOKEN}"')
    rig.order()
    rig.topup("2")
    rig.topup("9", client="99")
    rig.run()
    return rig, simulator


def told(rig, headers=ASKED):
    return rig.client.get("/metrics", headers=headers)


def figures(rig):
    """By name and labels."""
    return {
        (name, *sorted(re.findall(r'(\w+)="([^"]*)"', labels))): float(value)
        for name, labels, value in LINE.findall(told(rig).text)
    }


def test_what_was_told_and_paid_is_counted(counted):
    """Events by fate, money paid, applied and held, by currency."""
    rig, _ = counted
    seen = figures(rig)
    usd = ("currency", "USD")

    assert 20 == seen["switchhook_money_paid_total", usd]
    assert 10 == seen["switchhook_money_applied_total", usd]
    assert 10 == seen["switchhook_money_held", usd]
    assert (
        2 == seen["switchhook_events_total", ("source", "shop"), ("type", "topup.paid")]
    )
    assert 1 == seen["switchhook_ops", ("fate", "done"), ("type", "topup.paid")]
    assert 1 == seen["switchhook_accounts", ("backend", "main"), ("source", "shop")]
    assert 2 == sum(
        value
        for (name, *labels), value in seen.items()
        if name == "switchhook_backend_outcome_total" and ("verb", "grant") in labels
    )


def test_how_long_a_write_takes_is_told_by_backend(counted):
    """From the look before it to its proof: half of them, and 95 of 100."""
    rig, _ = counted
    seen = figures(rig)
    backend = ("backend", "main")
    half, most = (
        seen["switchhook_backend_write_seconds", backend, ("quantile", share)]
        for share in ("0.5", "0.95")
    )

    assert 0 <= half <= most < 60


def test_requests_that_nobody_proved_are_counted_by_what_was_wrong(
    counted, monkeypatch
):
    """V12: and strangers make the database write once in a while, not each time."""
    # Guard off (`time.monotonic() < self._next` never): red, it writes each time.
    rig, _ = counted
    now, written, really = [1000.0], [], facts.refuse
    monkeypatch.setattr(refusals.time, "monotonic", lambda: now[0])

    def refuse(tx, more, at):
        written.append(sum(more.values()))
        really(tx, more, at)

    monkeypatch.setattr(facts, "refuse", refuse)
    key = signature.keys("shop", [SECRET])[0]
    other = signature.keys("shop", [f"whsec_{b64encode(b'x' * 32).decode()}"])[0]
    at = rig.clock.wall()
    long_ago = at - timedelta(hours=1)
    for headers in ({}, signature.signed(other, "d1", b"{}", at),
                    signature.signed(key, "d2", b"{}", long_ago), {}):  # fmt: skip
        said = rig.client.post("/hooks/shop", data=b"{}", headers=headers)
        assert 401 == said.status_code
    rig.client.post("/hooks/nobody", data=b"{}")
    now[0] += refusals.EVERY
    rig.client.post("/hooks/shop", data=b"{}")
    seen = figures(rig)

    assert [1, 4] == written
    assert {"absent": 3.0, "old": 1.0, "wrong": 1.0} == {
        dict(labels)["why"]: value
        for (name, *labels), value in seen.items()
        if name == "switchhook_signatures_refused_total"
    }


def test_another_process_tells_the_same(counted):
    """Nothing is counted in memory: not after a restart, nor by N workers."""
    rig, _ = counted
    again = Rig(rig.path, rig.clock)
    ours, theirs = figures(rig), figures(again)
    moving = {"switchhook_last_tick_seconds", "switchhook_event_age_seconds"}

    assert {k: v for k, v in ours.items() if k[0] not in moving} == {
        k: v for k, v in theirs.items() if k[0] not in moving
    }


def test_what_is_unsure_or_paused_shows(make):
    """What one wants to be woken for."""
    rig, simulator = make(more=f'[metrics]\ntoken = "{TOKEN}"', settle=60)
    rig.order()
    rig.run()
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    with rig.database.change() as tx:
        until = rig.clock.now() + timedelta(hours=1)
        backends.pause(tx, "main", until, "it is away", by_hand=False)
    seen = figures(rig)

    assert 10 == seen["switchhook_money_unsure", ("currency", "USD")]
    assert 1 == seen["switchhook_breaker_state", ("backend", "main")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer \u00e9"},
    ],
)
def test_without_its_token_nothing_is_told(counted, headers):
    """V12: what is sold and how much of it is nobody's business."""
    # Guard off (the token is not looked at): red.
    answer = told(counted[0], headers)

    assert (401, "no_token") == (answer.status_code, answer.json["code"])
    assert "Bearer" == answer.headers["WWW-Authenticate"]
    assert "switchhook_" not in answer.text


def test_without_a_configuration_there_is_no_such_page(rig):
    """V12: it is never open by itself."""
    assert 404 == told(rig).status_code


def test_asked_again_at_once_the_database_is_left_alone(counted):
    """V13: whoever asks a hundred times a second makes it count once in ten."""
    rig, _ = counted
    first = told(rig).text
    with rig.database.change() as tx:
        tx.execute(sa.delete(attempt))

    assert first == told(rig).text


def test_a_database_that_is_away_is_said(counted, monkeypatch):
    """V13: 503, as everywhere."""
    rig, _ = counted
    gone = sa.exc.OperationalError("x", {}, Exception("away"))

    def away(*_):
        raise gone

    monkeypatch.setattr("bridge.store.figures.read", away)
    assert (503, "no_database") == (told(rig).status_code, told(rig).json["code"])


def test_a_key_that_ends_is_counted_down():
    """F-B15: in time to make a new one."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    counted_ = {figure.name: [] for figure in metrics.FIGURES}
    said = metrics.text(counted_, {"main": at + timedelta(days=30)}, at).decode()

    assert 'switchhook_backend_key_expiry_seconds{backend="main"} 2.592e+06' in said


def test_every_name_is_one_that_prometheus_takes(counted):
    """What is told is what NAMES says, so that the rules below can be trusted."""
    rig, _ = counted
    there = re.findall(r"^# TYPE (\w+) ", told(rig).text, re.MULTILINE)

    assert sorted(NAMES) == sorted(set(there))


@pytest.mark.parametrize("file", ["alerts.yml", "grafana.json"])
def test_rules_and_board_name_only_what_there_is(file):
    """A rule for a metric that was renamed would never say anything again."""
    text = (DOCS / file).read_text()
    named = set(re.findall(r"switchhook_\w+", text))

    assert named
    assert named <= NAMES
    assert yaml.safe_load(text)


def test_every_rule_says_what_to_do():
    """A summary, and how bad it is."""
    [group] = yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"]

    assert len(group["rules"]) >= 10
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
