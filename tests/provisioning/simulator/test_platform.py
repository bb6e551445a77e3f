"""The simulated platform keeps docs/generic-backend.md, and the page is true."""

import json
import re
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from provisioning.backends import load
from provisioning.backends.documents import _WRITE
from provisioning.core import plain
from provisioning.simulator.platform import Platform

PAGE = (Path(__file__).parents[3] / "docs" / "generic-backend.md").read_text()
SECRET = "whsec_" + "QSBzZWNyZXQgdGhhdCBvbmx5IHRoZSB0ZXN0cyBrbm93IDEyMw=="
SENT = {"username": "swabc1", "version": 0, "on": True, "password": "x",
        "entitlements": {"channels": 5}}  # fmt: skip


@pytest.fixture
def platform():
    with Platform(SECRET) as running:
        yield running


@pytest.fixture
def ask(platform, session):
    """`ask("GET", "/ping")`: signed by the standard's library, as the page says."""
    numbers = iter(range(1000))

    def build(method, target, document=None, signed=None, at=None, id_=None):
        body = "" if document is None else json.dumps(document)
        id_ = id_ or f"msg_{next(numbers)}"
        at = datetime.fromtimestamp(at or time.time(), UTC)
        content = f"{signed or f'{method} {target}'}\n{body}"
        headers = {
            "webhook-id": id_,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(id_, at, content),
        }
        url = platform.url + target
        return session.request(method, url, data=body, headers=headers, timeout=9)

    return build


# --- free minutes


def told(given, since, after="persist", cap=None):
    quota = {"given": given, "since": since, "after": after, "cap": cap}
    return SENT | {"entitlements": {"minutes": {"shop:7": quota}}}


TOLD = [
    ("again", told(100, [1, 0]), 40),
    ("late, from before", told(50, [0, 5]), 40),
    ("the next month", told(200, [2, 0]), 140),
    ("a better plan", told(150, [1, 0], "reset"), 90),
    ("the next month, reset", told(200, [2, 0], "reset"), 100),
    ("the next month, capped", told(200, [2, 0], cap=120), 120),
    ("two months, capped", told(300, [3, 0], cap=120), 120),
    ("a cap below what is left", told(200, [2, 0], cap=30), 40),
    ("the tenth month", told(200, [10, 0], "reset"), 100),
]


@pytest.mark.parametrize(("_case", "sent", "left"), TOLD, ids=[t[0] for t in TOLD])
def test_minutes_are_counted_as_the_page_says(platform, ask, _case, sent, left):
    """D22: 100 given, 60 used; then it is told this."""
    ask("PUT", "/accounts/swabc1", told(100, [1, 0]))
    platform._accounts["swabc1"].counters["minutes", "shop:7"].left = 40
    answer = ask("PUT", "/accounts/swabc1", sent | {"version": 1})

    assert left == platform.accounts["swabc1"].counters["minutes", "shop:7"].left
    assert sent["entitlements"] == answer.json()["entitlements"]


# --- who asks


def test_a_signed_request_is_answered(ask):
    """By anybody's library of the standard."""
    answer = ask("GET", "/ping")

    assert (200, {"contract": "1", "currency": "USD"}) == (
        answer.status_code,
        answer.json(),
    )


@pytest.mark.parametrize(
    "how",
    [
        {"signed": "GET /accounts/swabc2"},
        {"signed": "DELETE /accounts/swabc1"},
        {"signed": "GET /accounts/swabc1?x=1"},
        {"at": 1},
        {"at": time.time() + 3600},
    ],
)
def test_what_was_signed_for_something_else_is_401(ask, platform, how):
    """Another account, another method, another query, another time."""
    ask("PUT", "/accounts/swabc1", SENT)

    assert 401 == ask("GET", "/accounts/swabc1", **how).status_code
    assert 1 == len(platform.asked)


def test_an_id_that_came_before_is_401(ask):
    """Nobody says again what was heard on the way."""
    ask("GET", "/ping", id_="msg_same")

    assert 401 == ask("GET", "/ping", id_="msg_same").status_code


@pytest.mark.parametrize("headers", [{}, {"webhook-timestamp": "soon"}])
def test_an_unsigned_request_is_401(session, platform, headers):
    """And no crash."""
    url = f"{platform.url}/ping"

    assert 401 == session.get(url, headers=headers, timeout=9).status_code


# --- what it keeps


def test_another_address_is_a_404_of_no_account(ask):
    """As a web server says it."""
    answer = ask("GET", "/users/swabc1")

    assert (404, False) == (answer.status_code, "not_there" in answer.text)


def test_money_of_another_currency_is_refused(ask):
    """Five euros are not five dollars."""
    ask("PUT", "/accounts/swabc1", SENT)
    euros = {"reference": "a", "amount": "5.00", "currency": "EUR"}
    answer = ask("POST", "/accounts/swabc1/credits", euros)

    assert (409, "accounts are in USD") == (
        answer.status_code,
        answer.json()["refused"],
    )


def test_a_fault_that_is_none_is_named(platform):
    """With those there are."""
    with pytest.raises(ValueError, match="no fault 'x'; there are refuse, "):
        platform.plant("x", "GET")


# --- what the page says


def python_of_the_page():
    [block] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(block, names)
    return names["is_signed"]


def headers_of(method, target, body, at):
    content = f"{method} {target}\n{body}"
    signature = Webhook(SECRET).sign("msg_1", at, content)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature}  # fmt: skip


def test_the_code_of_the_page_knows_who_asks():
    """It is copied as it stands: it takes what is signed, and nothing else."""
    is_signed = python_of_the_page()
    told = "PUT", "/accounts/swabc1", '{"on": true}'
    headers = headers_of(*told, datetime.now(UTC))
    method, target, body = told
    old = headers_of(*told, datetime.fromtimestamp(time.time() - 600, UTC))

    assert is_signed(SECRET, method, target, headers, body.encode())
    assert not is_signed(SECRET, "DELETE", target, headers, body.encode())
    assert not is_signed(SECRET, method, "/accounts/swabc2", headers, body.encode())
    assert not is_signed(SECRET, method, target, headers, b'{"on": false}')
    assert not is_signed(SECRET, method, target, old, body.encode())
    assert not is_signed(SECRET, method, target, {}, body.encode())


def test_the_signatures_of_the_page_are_right():
    """Whoever tries theirs on them must find the same."""
    rows = re.findall(
        r"^\| `(\S+ \S+)` \| `?(.*?)`? ?\| `(v1,\S+)` \|", PAGE, re.MULTILINE
    )
    oracle = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)

    assert 2 == len(rows)
    assert [signature for _, _, signature in rows] == [
        oracle.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, f"{line}\n{body}")
        for line, body, _ in rows
    ]


def test_the_documents_of_the_page_are_those_of_the_platform(ask):
    """Field by field, what is shown there is what is answered here."""
    blocks = [json.loads(b) for b in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    sent, account, minutes, locked, credit, gone, never = blocks
    target = f"/accounts/{sent['username']}"
    lacking = ask("GET", target)
    ask("PUT", target, sent)
    asked = f"{target}/credits?reference=shop%3A9001%2Ftopup"
    absent = ask("GET", asked)
    given = {name: value for name, value in credit.items() if name != "username"}

    assert (404, gone) == (lacking.status_code, lacking.json())
    assert (404, never) == (absent.status_code, absent.json())
    assert credit == ask("POST", f"{target}/credits", given).json()
    assert credit == ask("GET", asked).json()
    assert account | {"balance": "20.00"} == ask("GET", target).json()
    counting = sent | {"version": 1, "entitlements": minutes}
    assert minutes == ask("PUT", target, counting).json()["entitlements"]
    assert locked == plain.write(plain.read(locked))  # as the adapter says it
    locking = sent | {"version": 2, "entitlements": locked}
    assert locked == ask("PUT", target, locking).json()["entitlements"]


def test_it_deletes_what_it_is_told_and_nothing_before(ask, platform):
    """C15: dated it is kept; told, it goes; the rest stays."""
    ask("PUT", "/accounts/swabc1", SENT)
    platform._accounts["swabc1"].data = {"documents", "features/api"}
    kept = []
    for version, deleted in ((1, False), (2, True)):
        lock = {"deletes": "2027-01-30T10:00:00+00:00", "deleted": deleted}
        levels = {"entitlements": {"locked": {"documents": lock}}, "version": version}
        ask("PUT", "/accounts/swabc1", SENT | levels)
        kept.append(platform.accounts["swabc1"].data)

    assert [{"documents", "features/api"}, {"features/api"}] == kept


def test_the_settings_of_the_page_are_settings():
    """The table loads as it stands, once its secret is there."""
    [block] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    table = tomllib.loads(block)["backends"]["own"]
    backend = load(table.pop("kind"), "own", table | {"secret": SECRET})

    assert {"standard", "wholesale"} == backend.describe().tariffs


def test_the_answers_in_the_table_are_all_the_adapter_knows():
    """A status that means something is in the page; the rest is its last row."""
    table = PAGE.partition("## What your answers mean")[2]
    rows = "".join(row.split("|")[1] for row in table.splitlines() if "|" in row)
    named = {int(code) for code in re.findall(r"\b\d{3}\b", rows)}

    assert {code for code in _WRITE if code // 100 != 3} <= named
    assert "any redirect" in rows
