"""Settings of a platform of the provider's own: what is needed, and what is said."""

from decimal import Decimal

import pytest

from provisioning.backends import provider

CANARY = "Y2FuYXJ5LWM0ZjEtdGhpcnR5LXR3by1ieXRlcy1sb25n"
LEAST = {
    "url": "https://platform.example/provisioning",
    "secret": f"whsec_{CANARY}",
    "currency": "USD",
}


def fault(**more):
    written = {n: v for n, v in (LEAST | more).items() if v is not None}
    with pytest.raises(ValueError, match=r"^\[backends\.own\] ") as told:
        provider.read("own", written)
    return str(told.value)


def test_the_least_is_enough():
    """What each account needs is held, any tariff is passed on, the window is on."""
    read = provider.read("own", LEAST)

    assert {"channels", "tariff"} == set(read.entitlements)
    assert ((), 15.0, 180.0) == (read.tariffs, read.call_deadline, read.settle)


@pytest.mark.parametrize("missing", LEAST)
def test_what_is_missing_is_named(missing):
    """With the table it belongs in."""
    assert f"{missing}: " in fault(**{missing: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "ftp://platform.example"),
        ("url", "platform.example"),
        ("url", "http://platform.example"),
        ("secret", "whsec_c2hvcnQ="),
        ("secret", "whsec_no base64!"),
        ("secret", 7),
        ("currency", "usd"),
        ("entitlements", ["chanels"]),
        ("entitlements", ["channels", "channels"]),
        ("entitlements", "channels"),
        ("tariffs", {"standard": "1"}),
        ("tariffs", ["standard", "standard"]),
        ("call_deadline", 0),
        ("settle", -1),
        ("dearest_rate", "-0.01"),
        ("longest_call", -1),
        ("username", "x"),
    ],
)
def test_what_cannot_be_is_named(name, value):
    """The setting, and what is wrong with it."""
    assert name in fault(**{name: value})


def test_all_that_is_wrong_is_told_at_once():
    """One start, one list."""
    told = fault(url="http://platform.example", secret="x", settle=-1, currency=None)

    assert all(f"{name}: " in told for name in ("url", "secret", "settle", "currency"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost/api"])
def test_without_tls_only_this_machine_is_asked(url):
    """A signature proves who asks; it hides no password."""
    assert url == provider.read("own", LEAST | {"url": url}).url


@pytest.mark.parametrize(
    "more", [{"secret": CANARY[:20]}, {"sekret": CANARY}, {"url": f"x://a:{CANARY}@b"}]
)
def test_no_fault_tells_a_secret(more):
    """V11: the message names the setting, not its value."""
    assert CANARY[:20] not in fault(**more)


def test_no_secret_is_in_the_repr():
    """V11: whatever is logged or shown in a traceback, the secret is not."""
    assert CANARY not in repr(provider.read("own", LEAST))


def test_the_dearest_rate_is_exact():
    """V14: it bounds what usage explains, so no float is left in it."""
    read = provider.read("own", LEAST | {"dearest_rate": 0.02})

    assert Decimal("0.02") == read.burn.rate
