"""A source of kind whmcs: it tells as a signed one does, and its settings are whole."""

import json
from datetime import UTC, datetime

import pytest

from bridge.platforms import load
from bridge.platforms.signature import signed
from bridge.platforms.whmcs import access
from provisioning.core.events import Type
from tests.bridge.platforms.test_signed import AT, JSON, KEY, SECRET

SETTINGS = {
    "secrets": [SECRET],
    "api_url": "https://billing.example.com/includes/api.php",
    "identifier": "identifier-canary",
    "secret": "secret-canary",
    "products": {"12": "gold"},
}


def test_it_tells_as_a_signed_source_does():
    """U12: the module's envelope is the signed one; nothing else has to be learned."""
    told = {
        "spec": "1", "type": "service.activate", "occurred_at": "2026-01-31T10:00:00Z",
        "account": {"ref": "7"}, "service": {"ref": "4711", "plan_ref": "12"},
    }  # fmt: skip
    body = json.dumps(told).encode()
    headers = JSON | signed(KEY, "whmcs-4711-1", body, AT)
    [event] = load("whmcs", "billing", SETTINGS).read(headers, body, AT).events

    assert (Type.ACTIVATE, "gold") == (event.type, event.product)
    assert ("billing:7", "billing:4711") == (event.client, event.service)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://b.example/includes/api.php", "https://b.example"),
        ("https://b.example/", "https://b.example"),
        ("https://b.example/whmcs", "https://b.example/whmcs"),
        ("https://b.example/whmcs/includes/api.php", "https://b.example/whmcs"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost/w", "http://localhost/w"),
    ],
)
def test_the_address_may_be_of_the_api_or_of_whmcs(url, root):
    """People paste either."""
    assert root == access("billing", SETTINGS | {"api_url": url}).url


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"api_url": None}, "needs api_url = "),
        ({"identifier": None}, "needs identifier = "),
        ({"secret": None}, "needs secret = "),
        ({"secret": ""}, "secret is text"),
        ({"api_url": "http://billing.example.com"}, "begins with https://"),
        ({"api_url": "https://u:p4ss@billing.example.com"}, "holds no password"),
        ({"api_url": "https://b.example/?x=1"}, "no \\?"),
        ({"api_url": "https://[b"}, "api_url is where"),
        ({"api_url": "http://[b"}, "api_url is where"),
        ({"create": "maybe"}, "create says what"),
        ({"department": "2"}, "department is the number"),
        ({"department": 0}, "department is the number"),
        ({"welcome": 7}, "welcome is text"),
        ({"acces_key": "x"}, "has no acces_key; use: secrets"),
        ({"secrets": []}, "needs secrets"),
        ({"cart": "yes"}, "cart is a table with payment"),
        ({"cart": {"payment": "x", "gateway": "y"}}, "cart is a table with payment"),
        ({"cart": {}}, 'needs payment = "banktransfer"'),
        ({"cart": {"payment": "x", "country": "Vietnam"}}, "country is two letters"),
        ({"cart": {"payment": "x", "url": "http://b.example"}}, "url is where WHMCS"),
    ],
)
def test_what_will_not_do_is_said_with_the_way_out(wrong, said):
    """At the start, with the source's name, and no secret of it."""
    told = {k: v for k, v in (SETTINGS | wrong).items() if v is not None}
    with pytest.raises(ValueError, match=said) as refused:
        load("whmcs", "billing", told)

    assert '"billing' in str(refused.value)
    assert "canary" not in str(refused.value)
    assert "p4ss" not in str(refused.value)


def test_its_secrets_are_in_no_text_of_it():
    """Whatever prints it, in a log or in a traceback."""
    shown = repr(access("billing", SETTINGS | {"access_key": "key-canary"}))

    assert "canary" not in shown


def test_a_new_order_that_still_works_is_an_error_there_unless_it_is_said():
    """I2: WHMCS must not mail a login to an account that is not there yet."""
    usual = load("whmcs", "billing", SETTINGS)
    chosen = load("whmcs", "billing", SETTINGS | {"create": "success"})

    assert ("error", "success") == (usual.meanwhile, chosen.meanwhile)
    assert datetime(2026, 1, 31, 10, tzinfo=UTC) == AT


def test_customers_may_reach_it_elsewhere_than_we_do():
    """C4: a shop leads there by what is configured, and by nothing that is answered."""
    cart = {"payment": "banktransfer", "url": "https://pay.example.com/whmcs/"}
    usual = access("billing", SETTINGS | {"cart": {"payment": "banktransfer"}}).cart
    other = access("billing", SETTINGS | {"cart": cart}).cart

    assert "https://billing.example.com" == usual.url
    assert "https://pay.example.com/whmcs" == other.url
