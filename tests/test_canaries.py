"""V11: secrets are planted, the whole story goes wrong in many ways, nothing tells.

Logs, exceptions, the database, a backup, mails, pages, metrics, and all that the
command line says are searched for each, as it is and as it is written elsewhere.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import re
import traceback
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from bridge import duties, log, resealing
from bridge.cli import main
from bridge.keys import Keys
from bridge.store import backup, sealed
from provisioning.simulator import Settings
from provisioning.simulator.admin import Admin
from tests.bridge.seen import LOOK, OPEN, PAY, SET, WINDOW, later
from tests.rig import KEY, SECRET, Moving, Rig, random_names, write_config

NUMBERS = count(1)
BACKEND = "canary-Backend+Password/1"
HOOK = "whsec_Y2FuYXJ5IG9mIHRoZSBhbGVydHMnIHdlYmhvb2stLS0tLS0="
METRICS = "canary-token-of-the-metrics-0123456789"
OLD_KEY = "canary-of-the-install-key-before-this-one-000"
CUSTOMER, TOLD_AGAIN = "canary-Customer_Password.1", "canary-Customer_Password.2"
MORE = f"""
[alerts.webhook]
url = "http://127.0.0.1:9/canary-of-an-address"
secret = "{HOOK}"
[metrics]
token = "{METRICS}"
"""
VERBS = (
    ("event", "list"), ("ledger",), ("show", "shop:1"), ("plan", "shop:1"),
    ("alert", "list", "--over"), ("delivery", "list"), ("tick", "list"),
    ("login", "list"), ("held", "list"), ("unsure", "list"), ("coupon", "list"),
    ("backend", "list"), ("keys", "list"), ("usage", "shop:1"), ("threshold", "list"),
    ("liability",), ("catalog", "show"), ("catalog", "plans"), ("check",),
    ("adopt", "list"), ("audit", "list"), ("audit", "verify"), ("user", "list"),
    ("apikey", "list"), ("umbrella", "list", "shop:1"), ("doctor",),
    ("db", "check"), ("event", "list", "--fate", "parked"),
)  # fmt: skip


@dataclass
class Found:
    """All that was said, by where."""

    said: dict[str, list[str]] = field(default_factory=dict)

    def add(self, where: str, text: str) -> None:
        self.said.setdefault(where, []).append(text)

    def telling(self, secret: str) -> list[str]:
        """Where it is told, in whichever way it may be written."""
        raw = secret.encode()
        ways = {
            secret, quote(secret, safe=""), repr(secret)[1:-1],
            json.dumps(secret)[1:-1], base64.b64encode(raw).decode().rstrip("="),
            raw.hex(),
        }  # fmt: skip
        return [
            where
            for where, texts in self.said.items()
            if any(way in text for text in texts for way in ways)
        ]


class Ear(logging.Handler):
    """Every line as each form writes it, and every error as Python would."""

    forms = (log.Json(), log.Text())

    def __init__(self, found: Found) -> None:
        super().__init__(level=logging.DEBUG)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        for form in self.forms:
            self._found.add("log", form.format(record))
        if record.name.startswith(("bridge", "provisioning")):
            self._found.add("log as it was said", record.getMessage())
        if record.exc_info and record.exc_info[1]:
            told = traceback.format_exception(record.exc_info[1])
            self._found.add("exception", "".join(told))


@pytest.fixture
def found():
    """With all of the log in it."""
    found = Found()
    ear, root = Ear(found), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(ear)
    root.setLevel(level)


@pytest.fixture
def planted(host, engine, tmp_path):
    """A bridge whose every secret is a canary."""
    names, instance = random_names(), f"canaries-{next(NUMBERS)}"
    admin = Admin("admin", BACKEND)
    simulator = host.new(instance, Settings(names=names, admin=admin))
    path = write_config(
        tmp_path, f"{host.url}/{instance}", names, database=engine.new(tmp_path),
        settle=60, mailed=True, rate="0.01", public=f'old_keys = ["{OLD_KEY}"]\n',
    )  # fmt: skip
    text = path.read_text().replace('password = "simulator"', f'password = "{BACKEND}"')
    path.write_text(text + MORE)
    return Rig(path, Moving()), simulator


def test_no_canary_is_told_anywhere(planted, found):
    """V11: each secret, in each place: 0 found."""
    # Guard off (the inbox keeps a password as it came; or a request's body as it is;
    # or the log says what an error says): red.
    rig, simulator = planted
    opened, token, api_key = story(rig, simulator, found)
    secrets = {
        "the backend's password": BACKEND,
        "the source's secret": SECRET.removeprefix("whsec_"),
        "the webhook's secret": HOOK.removeprefix("whsec_"),
        "the install key": KEY,
        "the key before it": OLD_KEY,
        "the metrics' token": METRICS,
        "the password we made": opened,
        "the password a platform told": CUSTOMER,
        "the one it told then": TOLD_AGAIN,
        "the API key": api_key,
    }
    told = {name: found.telling(secret) for name, secret in secrets.items()}

    assert {name: [] for name in secrets} == told
    assert ["mail"] == found.telling(token)
    assert {"log", "database", "mail", "page", "metrics", "cli"} <= set(found.said)
    assert len(found.said["cli"]) == len(VERBS) + 1


def story(rig, simulator, found):
    """Ordered, paid, told and told again, with many a fault; all is looked at."""
    for fault, method in (
        ("html_200", OPEN), ("error_object_500", OPEN), ("bad_status_line", LOOK),
        ("truncated_body", SET), ("reset_after_apply", PAY), ("html_200_applied", PAY),
        ("error_object_200", SET), ("json_string", LOOK),
    ):  # fmt: skip
        simulator.plant(fault, method)
    said(rig, rig.order(email="ann@example.com"), found)
    _until_done(rig, simulator)
    assert simulator.users, rig.fates()
    opened = simulator.users[1].password
    said(rig, rig.topup("2"), found)
    _until_done(rig, simulator)
    for number, secret in enumerate((CUSTOMER, TOLD_AGAIN)):
        simulator.plant(("bad_status_line", "html_200")[number], SET)
        said(rig, rig.post(
            f"password-{number}", "credentials.changed", rig.clock.now(),
            service={"ref": "1"}, data={"new_password": secret},
        ), found)  # fmt: skip
        _until_done(rig, simulator)
        assert secret == simulator.users[1].password
    simulator.plant("unauthorised_401", LOOK)
    said(rig, rig.say("suspend", id_="off", at=rig.clock.now()), found)
    rig.run()
    _until_done(rig, simulator)
    _broken(rig, found)
    token = _mailed(rig, found)
    _pages(rig, token, found)
    api_key = _cli(rig, found)
    _rotated(rig)
    _database(rig, found)
    return opened, token, api_key


def said(rig, answer, found):
    found.add("page", answer.text)


def _until_done(rig, simulator):
    for _ in range(6):
        rig.run()
        later(rig, simulator, WINDOW + 1)
        rig.wake_all()


def _broken(rig, found):
    """What cannot be proven, read or stored; each says why."""
    found.add("page", rig.client.post("/hooks/shop", data=b"{}").text)
    found.add("page", rig.deliver("bad-1", b"not json").text)
    body = {"spec": "1", "type": "credentials.changed", "occurred_at": "never",
            "data": {"new_password": CUSTOMER}}  # fmt: skip
    found.add("page", rig.deliver("bad-2", json.dumps(body).encode()).text)
    other = body | {"type": "unknown.word", "occurred_at": "2026-11-01T00:00:00Z"}
    found.add("page", rig.deliver("bad-3", json.dumps(other).encode()).text)
    rig.run()


def _mailed(rig, found):
    parts = rig.parts
    sender = duties.deliveries(
        parts.config, rig.database, rig.clock, parts.channels
    )  # fmt: skip
    while sender.run():
        pass
    looks = duties.usage(
        parts.config, rig.database, parts.runner.desk.gates, parts.channels
    )
    looks.run(rig.clock.now())
    mails = [f for f in (rig.path.parent / "outbox").rglob("*") if f.is_file()]
    for mail in mails:
        found.add("mail", mail.read_text())
    [token] = {m for mail in mails for m in re.findall(
        r"/reveal/shop/([\w-]{43})", mail.read_text().replace("=\n", ""))}  # fmt: skip
    return token


def _pages(rig, token, found):
    """The one page that is there to show a password is looked at, and not pressed."""
    shown = rig.client.get(f"/reveal/shop/{token}")
    assert shown.status_code == 200
    found.add("page", unescape(shown.text).replace(token, "(the link itself)"))
    for path in ("/livez", "/readyz", "/metrics", "/nowhere", "/operations/op_x"):
        found.add("page", rig.client.get(path).text)
    asked = {"Authorization": f"Bearer {METRICS}"}
    found.add("metrics", rig.client.get("/metrics", headers=asked).text)
    found.add("page", repr(rig.parts.config) + repr(rig.parts))


def _cli(rig, found):
    def run(*verb):
        return CliRunner().invoke(main, ["--config", str(rig.path), *verb])

    made = run("apikey", "create", "a program", "--role", "auditor", "--json")
    key = next(v for v in json.loads(made.stdout).values() if len(str(v)) > 30)
    for verb in VERBS:
        result = run(*verb, "--json")
        assert result.exit_code in {0, 1, 3}, (verb, result.output)
        found.add("cli", result.output + result.stderr)
    with rig.database.read() as tx:
        shown = tx.exec_driver_sql("SELECT name FROM operation").scalars().all()
    found.add("cli", "".join(run("event", "show", n, "--json").output for n in shown))
    return key


def _rotated(rig):
    """What was sealed before, and what is sealed anew."""

    def write(place, swaps):
        with rig.database.change() as tx:
            return sealed.swap(tx, place, swaps)

    keys = Keys.written("canary-of-the-next-key-0123456789abcdef", [KEY, OLD_KEY])
    done = resealing.reseal(rig.database, keys, write)
    assert done.anew
    assert not done.unreadable


def _database(rig, found):
    file = rig.path.parent / "all.backup"
    backup.backup(rig.database, file, rig.clock.now)
    found.add("database", gzip.decompress(file.read_bytes()).decode())
    if rig.database.embedded:
        for part in rig.path.parent.glob("bridge.db*"):
            found.add("database", part.read_bytes().decode("latin-1"))


def test_a_canary_that_is_told_is_found(found):
    """V11: else the test above would prove nothing."""
    logging.getLogger("bridge.gates").warning("backend %s is paused: %s", "x", BACKEND)
    found.add("database", base64.b64encode(CUSTOMER.encode()).decode())
    found.add("page", quote(KEY, safe=""))
    try:
        raise ValueError(SECRET)  # noqa: TRY301 - so that it has a place
    except ValueError:
        logging.getLogger("bridge.worker").exception("the queue could not be read")

    assert {"log", "log as it was said"} == set(found.telling(BACKEND))
    assert ["exception"] == found.telling(SECRET)
    assert ["database"] == found.telling(CUSTOMER)
    assert ["page"] == found.telling(KEY)
