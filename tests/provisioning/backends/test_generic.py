"""A platform of the provider's own: what is asked, what is believed, what is not."""

import socket
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from provisioning.backends import load
from provisioning.backends.base import Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure
from tests.provisioning.backends.conftest import SECRET, platform_at

SLOW = 1.5
"""Seconds: longer than a `hurried` one waits."""

NAME = "swabc1xyzzy"
FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
PASSWORD = "Correct-Horse-1"
SPEC = Spec(NAME, PASSWORD, "lan@example.com", FIVE)
SHOWN = {
    "username": NAME, "version": 1, "on": True, "balance": "12.50", "currency": "USD",
    "entitlements": {"channels": 5, "tariff": "standard"},
}  # fmt: skip
SUM = {"username": NAME, "reference": "shop:1/topup", "amount": "5.00",
       "currency": "USD"}  # fmt: skip
PONG = {"contract": "1", "currency": "USD"}


@pytest.fixture
def opened(owned):
    backend, platform = owned()
    backend.open(SPEC)
    return backend, platform


# --- what is asked


def test_the_whole_document_is_put(opened):
    """Every level with every change; e-mail and password only when they are new."""
    backend, platform = opened
    backend.apply(NAME, Change(on=False, entitlements={"channels": 9}))
    backend.rekey(NAME, "Another-Horse-2")
    puts = [told for method, _, told in platform.asked if method == "PUT"]
    nine = {"channels": 9, "tariff": "standard"}

    assert [
        {"username": NAME, "version": 0, "on": True,
         "entitlements": dict(FIVE.entitlements), "email": "lan@example.com",
         "password": PASSWORD},
        {"username": NAME, "version": 1, "on": False, "entitlements": nine},
        {"username": NAME, "version": 2, "on": False, "entitlements": nine,
         "password": "Another-Horse-2"},
    ] == puts  # fmt: skip
    assert "Another-Horse-2" == platform.accounts[NAME].password


def test_each_request_is_what_its_address_and_method_say(opened):
    """As docs/generic-backend.md lists them."""
    backend, platform = opened
    backend.ping()
    backend.read(NAME)
    backend.grant(NAME, Decimal(5), "shop:1/topup")
    backend.arrived(NAME, "shop:1/topup")
    backend.purge(NAME)

    assert [
        ("PUT", f"/accounts/{NAME}"),
        ("GET", "/ping"),
        ("GET", f"/accounts/{NAME}"),
        ("POST", f"/accounts/{NAME}/credits"),
        ("GET", f"/accounts/{NAME}/credits?reference=shop%3A1%2Ftopup"),
        ("DELETE", f"/accounts/{NAME}"),
        ("GET", f"/accounts/{NAME}"),
    ] == [(method, target) for method, target, _ in platform.asked]


@pytest.mark.parametrize("amount", ["0.000001", "1000000", "29.95", "5"])
def test_an_amount_is_plain_digits_in_a_string(opened, amount):
    """V14: never 1E+6, never a float."""
    backend, platform = opened
    backend.grant(NAME, Decimal(amount).normalize(), "shop:1/topup")
    told = platform.asked[-1][2]

    assert isinstance(told["amount"], str)
    assert "E" not in told["amount"]
    assert Decimal(amount) == platform.accounts[NAME].balance


def hurried(platform):
    """One that waits a second for each answer."""
    return load("generic", "own", platform_at(platform.url, call_deadline=2.0))


def heard_once(ask):
    """Request line, headers and body, by a server that knows nothing of the contract.

    It never answers, so all that was sent has come in when the call gives up.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        with pytest.raises(Outcome):
            ask(load("generic", "own", platform_at(url, call_deadline=4.0)))
        heard, _ = listener.accept()
        with heard:
            head, _, body = heard.recv(65536).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    return line, dict(header.lower().split(": ", 1) for header in headers), body


ASKED = {
    "GET /ping": lambda b: b.ping(),
    f"GET /accounts/{NAME}": lambda b: b.read(NAME),
    f"PUT /accounts/{NAME}": lambda b: b.open(SPEC),
    f"DELETE /accounts/{NAME}": lambda b: b.purge(NAME),
    f"POST /accounts/{NAME}/credits": lambda b: b.grant(NAME, Decimal(5), "shop:1/t"),
    f"GET /accounts/{NAME}/credits?reference=shop%3A1%2Ft": lambda b: b.arrived(
        NAME, "shop:1/t"
    ),
}


@pytest.mark.parametrize("asked", ASKED)
def test_method_path_query_and_body_are_signed(asked):
    """By Standard Webhooks; its own library, the oracle, signs these the same."""
    request, headers, body = heard_once(ASKED[asked])
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = Webhook(SECRET).sign(
        headers["webhook-id"], at, f"{asked}\n{body.decode()}"
    )

    assert asked.replace(" ", " /api", 1) + " HTTP/1.1" == request
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=60)
    assert signed.lower() == headers["webhook-signature"]
    assert "application/json" == headers["accept"]


def test_no_two_requests_have_the_same_id(owned):
    """A platform may refuse one that came before; the simulated one does."""
    backend, platform = owned()
    for _ in range(3):
        backend.ping()

    assert 3 == len(platform.asked)


def test_a_wrong_secret_is_later_and_says_so(owned):
    """F-B15: a secret that changed must not refuse every paid top-up."""
    backend, _ = owned(secret="whsec_" + "b3RoZXI" * 8)

    with pytest.raises(Later, match="compare the secret") as closed:
        backend.ping()
    assert closed.value.closed


# --- what is believed


def test_an_account_is_read_as_it_is_shown(heard):
    """Its username is its id; the money in it is exact."""
    seen = heard(SHOWN).read(NAME)

    assert (NAME, NAME, FIVE) == (seen.ref, seen.username, seen.state)
    assert (Decimal("12.5"), 5) == (seen.balance, seen.channels)


def test_levels_nobody_told_us_of_are_the_platforms_own(heard):
    """Not read, and so never written back."""
    more = {"entitlements": {"channels": 5, "tariff": "standard", "colour": "red"}}

    assert FIVE == heard(SHOWN | more).read(NAME).state


def test_a_level_it_does_not_show_is_one_it_does_not_have(heard):
    """It differs from what should be, and so is written."""
    seen = heard(SHOWN | {"entitlements": {"channels": 5}}).read(NAME)

    assert {"channels": 5} == seen.state.entitlements


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("on", 1),
        ("on", "true"),
        ("on", None),
        ("balance", 12.5),
        ("balance", 12),
        ("balance", "12,50"),
        ("balance", "1e3"),
        ("balance", "NaN"),
        ("balance", ""),
        ("balance", None),
        ("balance", "1.0000001"),
        ("version", 0),
        ("version", "1"),
        ("version", True),
        ("version", 2**53),
        ("currency", "EUR"),
        ("currency", None),
        ("entitlements", None),
        ("entitlements", []),
        ("entitlements", {"channels": "5"}),
        ("entitlements", {"channels": 5.0}),
        ("entitlements", {"channels": True}),
        ("entitlements", {"channels": -1}),
        ("entitlements", {"channels": 2**31}),
        ("entitlements", {"tariff": 1}),
        ("entitlements", {"tariff": None}),
    ],
)
def test_what_is_not_as_agreed_is_never_guessed(heard, name, value):
    """A person must look: what is no balance or no switch proves nothing."""
    with pytest.raises(Broken):
        heard(SHOWN | {name: value}).read(NAME)
    with pytest.raises(Broken):
        heard({n: v for n, v in SHOWN.items() if n != name}).read(NAME)


def test_a_negative_balance_is_one(heard):
    """Where credit can be overdrawn."""
    assert Decimal("-3.5") == heard(SHOWN | {"balance": "-3.50"}).read(NAME).balance


@pytest.mark.parametrize("pong", [
    PONG | {"currency": "EUR"}, PONG | {"contract": "2"}, {"contract": "1"}, {},
])  # fmt: skip
def test_a_ping_finds_out_another_currency_or_contract(heard, pong):
    """Before the first sum is sent, not after."""
    with pytest.raises(Broken):
        heard(pong).ping()


def test_an_answer_larger_than_any_account_is_not_read(heard):
    """Whatever that is, it is not what was asked for."""
    with pytest.raises(Later, match="more than 65536 bytes"):
        heard(SHOWN | {"more": "x" * 2**17}).read(NAME)


# --- sums


def test_a_reference_counts_once(opened):
    """U9: told twice is as good as once, and says yes both times."""
    backend, platform = opened
    for _ in range(2):
        backend.grant(NAME, Decimal(5), "shop:1/topup")

    assert {"shop:1/topup": Decimal(5)} == platform.accounts[NAME].credits


def test_a_reference_for_another_amount_is_refused(opened):
    """U9: a slip of ours or theirs, and no second sum."""
    backend, platform = opened
    backend.grant(NAME, Decimal(5), "shop:1/topup")

    with pytest.raises(Refused, match="stands for another amount"):
        backend.grant(NAME, Decimal(6), "shop:1/topup")
    assert Decimal(5) == platform.accounts[NAME].balance


def test_any_reference_is_found_again(opened):
    """U9: a platform's line can have any name; what is signed is what is sent."""
    backend, platform = opened

    @settings(max_examples=60, deadline=None)
    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
    def tried(reference):
        there = reference in platform.accounts[NAME].credits

        assert there is backend.arrived(NAME, reference)

        backend.grant(NAME, Decimal(1), reference)

        assert backend.arrived(NAME, reference)

    tried()


@pytest.mark.parametrize("fault", ["reset_after_apply", "error_500_applied", "slow"])
def test_a_sum_without_an_answer_is_unsure_and_found_by_its_reference(owned, fault):
    """U9: never sent again before it is looked for; looked for, it is there."""
    backend, platform = owned()
    backend.open(SPEC)
    platform.plant(fault, "POST", seconds=SLOW if fault == "slow" else 0.0)

    with pytest.raises(Unsure):
        hurried(platform).grant(NAME, Decimal(5), "shop:1/topup")
    until = time.monotonic() + 5
    while not (there := backend.arrived(NAME, "shop:1/topup")):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert there


@pytest.mark.parametrize("fault", ["reset_before", "error_503", "wrong_404"])
def test_a_sum_that_never_arrived_is_unsure_and_not_found(opened, fault):
    """U9: who asks cannot tell the two apart by the answer, only by looking."""
    backend, platform = opened
    platform.plant(fault, "POST")

    with pytest.raises(Unsure):
        backend.grant(NAME, Decimal(5), "shop:1/topup")
    assert not backend.arrived(NAME, "shop:1/topup")


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "50.00"), ("amount", 5), ("reference", "shop:2/topup"),
     ("currency", "EUR"), ("amount", None)],
)  # fmt: skip
def test_a_yes_to_another_sum_is_for_a_person(heard, name, value):
    """U9: it says what it did, and that is not what it was asked."""
    with pytest.raises(Broken):
        heard(SUM | {name: value}).grant(NAME, Decimal(5), "shop:1/topup")


def test_a_yes_may_write_the_amount_in_its_own_way(heard):
    """5, 5.00 and 5.000000 are the same sum."""
    for amount in ("5", "5.00", "5.000000"):
        heard(SUM | {"amount": amount}, 201).grant(NAME, Decimal(5), "shop:1/topup")


@pytest.mark.parametrize("more", [{"amount": 5}, {"currency": "EUR"}])
def test_a_listed_sum_that_is_none_proves_nothing(heard, more):
    """U9: a person must look."""
    with pytest.raises(Broken):
        heard(SUM | more).arrived(NAME, "shop:1/topup")


# --- writes


WRITES = {
    "open": ("PUT", lambda b: b.open(SPEC)),
    "apply": ("PUT", lambda b: b.apply(NAME, Change(on=False, entitlements={}))),
    "rekey": ("PUT", lambda b: b.rekey(NAME, PASSWORD)),
    "grant": ("POST", lambda b: b.grant(NAME, Decimal(5), "shop:1/topup")),
    "purge": ("DELETE", lambda b: b.purge(NAME)),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("refuse", Refused), ("reset_before", Unsure), ("reset_after_apply", Unsure),
     ("error_503", Unsure), ("error_500_applied", Unsure), ("wrong_404", Unsure)],
)  # fmt: skip
def test_a_write_keeps_what_the_answer_means(owned, write, fault, kind):
    """Only a read may turn an unclear answer into "ask again"; a write never."""
    backend, platform = owned()
    method, send = WRITES[write]
    if write != "open":
        backend.open(SPEC)
    platform.plant(fault, method)

    with pytest.raises(kind):
        send(backend)


def test_every_write_has_a_connection_of_its_own(opened, monkeypatch):
    """An idle connection that is reset is no write that may have happened.

    Guard off (`fresh=False` in `_written`): red.
    """
    backend, _ = opened
    send, fresh = backend._transport.send, set()

    def watched(method, *told, **how):
        fresh.add((method, how["fresh"]))
        return send(method, *told, **how)

    monkeypatch.setattr(backend._transport, "send", watched)
    for write in ("apply", "rekey", "grant", "purge"):
        WRITES[write][1](backend)

    assert {("GET", False), ("PUT", True), ("POST", True), ("DELETE", True)} == fresh


@pytest.mark.parametrize("fault", ["reset_before", "error_503", "wrong_404", "slow"])
@pytest.mark.parametrize("write", ["apply", "rekey"])
def test_a_write_whose_read_failed_was_not_sent(owned, write, fault):
    """The whole document cannot be put where the old one is not known."""
    backend, platform = owned()
    backend.open(SPEC)
    platform.plant(fault, "GET", seconds=SLOW if fault == "slow" else 0.0)

    with pytest.raises(Later):
        WRITES[write][1](hurried(platform))
    assert 1 == sum(method == "PUT" for method, *_ in platform.asked)


def test_what_lands_late_does_not_undo_what_came_after_it(owned):
    """U3: an abuse hold goes first; the change it overtook is of an older version.

    Guard off (the platform does not compare the version): red, the account is on.
    """
    backend, platform = owned()
    backend.open(SPEC)
    platform.plant("slow", "PUT", seconds=SLOW)
    with pytest.raises(Unsure):
        hurried(platform).apply(NAME, Change(on=None, entitlements={"channels": 9}))
    backend.apply(NAME, Change(on=False, entitlements={}))
    time.sleep(SLOW)

    assert not platform.accounts[NAME].on


def test_a_change_of_another_version_is_made_later(opened, monkeypatch):
    """Somebody was quicker: certainly not done, so it is read and written anew."""
    backend, platform = opened
    backend.apply(NAME, Change(on=False, entitlements={}))
    monkeypatch.setattr(backend, "_there", lambda _: (1, FIVE))

    with pytest.raises(Later, match="has changed since it was read"):
        backend.apply(NAME, Change(on=None, entitlements={"channels": 9}))
    assert not platform.accounts[NAME].on


@pytest.mark.parametrize("write", ["apply", "rekey", "grant"])
def test_a_write_to_an_account_that_is_not_there_is_refused(owned, write):
    """And makes none."""
    backend, platform = owned()

    with pytest.raises(Refused, match=f"there is no account {NAME}"):
        WRITES[write][1](backend)
    assert not platform.accounts


def test_both_requests_of_a_write_fit_into_one_call(owned):
    """The lease is measured by it: a read and a write take no longer together."""
    backend, platform = owned(call_deadline=2.0)
    backend.open(SPEC)
    platform.plant("slow", "GET", seconds=0.4)
    platform.plant("slow", "PUT", seconds=30.0)
    start = time.monotonic()

    with pytest.raises(Unsure):
        WRITES["apply"][1](backend)
    assert time.monotonic() - start < backend.describe().call_deadline


def test_what_the_platform_cannot_hold_is_refused_with_the_way_out(owned):
    """Promised all the same, it would be written for ever and never be so."""
    backend, platform = owned(entitlements=["tariff"])

    with pytest.raises(Refused, match=r'"own" cannot hold channels; name it'):
        backend.open(SPEC)
    assert not platform.asked


# --- purging


def test_a_purged_account_is_gone(opened):
    """Acknowledged, and seen to be so; what is gone can be purged again."""
    backend, platform = opened
    for _ in range(2):
        backend.purge(NAME)

    assert backend.read(NAME) is None
    assert not platform.accounts


def test_a_purge_is_not_believed_before_it_is_seen(opened):
    """A yes, and the account still there: look again, do not report it deleted."""
    backend, platform = opened
    platform.plant("lies", "DELETE")

    with pytest.raises(Unsure, match="and shows it"):
        backend.purge(NAME)


def test_a_purge_nobody_could_look_at_is_unsure(opened):
    """The yes alone is not enough."""
    backend, platform = opened
    platform.plant("wrong_404", "GET")

    with pytest.raises(Unsure, match="then: GET"):
        backend.purge(NAME)
    assert not platform.accounts


@pytest.mark.parametrize(
    "names", [None, "swa", [1], ["swb", "swa"], ["swa", "swa"], [""]]
)
def test_a_list_out_of_order_is_no_list(heard, names):
    """One shown twice, or before the last, could go on for ever."""
    backend = heard({"usernames": names}, lists=True)

    with pytest.raises(Broken, match="usernames"):
        backend.listing(None)
