"""Settings of an ICTBroadcast: what is needed, what is taken, and what is said."""

from decimal import Decimal

import pytest

from provisioning.backends import load, settings
from provisioning.backends.settings import FIELDS

CANARY = "canary-c4f1"
LEAST = {
    "url": "https://dialer.example",
    "username": "admin",
    "password": CANARY,
    "currency": "USD",
    "tariffs": {"standard": "1"},
}


def fault(**more):
    written = {n: v for n, v in (LEAST | more).items() if v is not None}
    with pytest.raises(ValueError, match=r"^\[backends\.main\] ") as told:
        settings.read("main", written)
    return str(told.value)


def test_the_least_is_enough():
    """What is not written has a default, and the window is on."""
    read = settings.read("main", LEAST)

    assert (15.0, 180.0, None) == (read.call_deadline, read.settle, read.payments)
    assert FIELDS == read.fields


def test_a_field_can_be_named_as_this_installation_names_it():
    """No name of the wire is public, so each is a setting; the others stay."""
    read = settings.read("main", LEAST | {"fields": {"channels": "max_calls"}})

    assert FIELDS | {"channels": "max_calls"} == read.fields


KEY = {"auth": "bearer", "username": None, "password": None, "api_key": CANARY}


def test_an_api_key_stands_in_for_user_name_and_password():
    """Chosen by `auth`; the default is what today's servers take."""
    assert "form" == settings.read("main", LEAST).auth
    assert (
        CANARY
        == settings.read("main", {n: v for n, v in (LEAST | KEY).items() if v}).api_key
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (KEY | {"api_key": None}, """api_key: auth = "bearer" needs it"""),
        (KEY | {"password": "x"}, """password: auth = "bearer" has no use for it"""),
        ({"api_key": "x"}, 'leave it out, or set auth = "bearer"'),
        (KEY | {"api_key": "a b"}, "api_key: holds a blank"),
        (KEY | {"api_key": "a\nb"}, "api_key: holds a blank"),
        ({"auth": "basic"}, "Must be one of: form, form-legacy, bearer"),
        ({"auth": ["form"]}, "auth: "),
        ({"auth": "form-legacy", "username": None}, "username: "),
    ],
)
def test_what_does_not_go_with_auth_is_said_with_the_way_out(more, said):
    """A key beside a password is a slip: nobody could tell which one is meant."""
    assert said in fault(**more)


@pytest.mark.parametrize("missing", LEAST)
def test_what_is_missing_is_named(missing):
    """With the table it belongs in."""
    assert f"{missing}: " in fault(**{missing: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "ftp://dialer.example"),
        ("url", "dialer.example"),
        ("currency", "usd"),
        ("currency", "USD\n"),
        ("tariffs", {"standard": 1}),
        ("tariffs", "1"),
        ("fields", {"chanels": "x"}),
        ("call_deadline", 0),
        ("call_deadline", 3600),
        ("connect", 0),
        ("settle", -1),
        ("dearest_rate", "-0.01"),
        ("dearest_rate", "NaN"),
        ("longest_call", -1),
        ("pasword", "x"),
    ],
)
def test_what_cannot_be_is_named(name, value):
    """The setting, and what is wrong with it."""
    assert name in fault(**{name: value})


def test_all_that_is_wrong_is_told_at_once():
    """One start, one list."""
    told = fault(url="x", currency="x", settle=-1, username=None)

    assert all(
        f"{name}: " in told for name in ("url", "currency", "settle", "username")
    )


@pytest.mark.parametrize(
    "more", [{"pasword": CANARY}, {"password": [CANARY]}, {"url": f"x://a:{CANARY}@b"}]
)
def test_no_fault_tells_a_secret(more):
    """V11: the message names the setting, not its value."""
    assert CANARY not in fault(**more)


def test_no_secret_is_in_the_repr():
    """V11: whatever is logged or shown in a traceback, the password is not."""
    keyed = {n: v for n, v in (LEAST | KEY).items() if v}

    assert CANARY not in repr(settings.read("main", LEAST))
    assert CANARY not in repr(settings.read("main", keyed))
    assert CANARY not in repr(settings.read("main", keyed).proof)


@pytest.mark.parametrize("rate", ["0.02", 0.02])
def test_the_dearest_rate_is_exact(rate):
    """V14: it bounds what usage explains, so no float is left in it."""
    assert (
        Decimal("0.02")
        == settings.read("main", LEAST | {"dearest_rate": rate}).burn.rate
    )


def test_two_tariffs_cannot_be_the_same_id():
    """U7: read back, nobody could tell which of the two it is."""
    assert "tariffs" in fault(tariffs={"standard": "1", "wholesale": "1"})


def test_a_field_must_not_share_a_name_of_its_profile():
    """U6: what the profile calls one thing, no other may be called."""
    clash = {"profile": "ictcontact", "fields": {"channels": "status"}}

    assert "fields: status stands for more than one" in fault(**clash, url="x")


@pytest.mark.parametrize(
    "fields", [{"on": "0"}, {"tariff": "channels"}, {"amount": "description"}]
)
def test_two_fields_cannot_share_a_name(fields):
    """U6: what is written to one would be read as the other."""
    assert "fields" in fault(fields=fields)


def test_what_was_proven_of_a_server_is_declared_not_assumed():
    """A4: without a word of the operator no balance is lowered, no write trusted."""
    proven = {"debit": True, "partial_update_safe": True}
    least, said = (load("ictbroadcast", "main", LEAST | m) for m in ({}, proven))

    assert (False, False) == _proven(least)
    assert (True, True) == _proven(said)
    assert "debit: " in fault(debit="yes")


def _proven(backend):
    can = backend.describe()
    return can.debit, can.partial_update_safe
