"""Three ways to prove who we are, each against a server that knows the others too."""

import base64
import json
from datetime import UTC, datetime

import pytest

from provisioning.backends.base import Spec
from provisioning.backends.proof import WAYS, expiry, missing
from provisioning.core.desired import State
from provisioning.core.outcomes import Later

FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
GIVEN = {
    "form": {"auth": "form"},
    "form-legacy": {"auth": "form-legacy"},
    "bearer": {"auth": "bearer", "api_key": "simulator-key"},
}
FIELDS = {
    "form": {"username", "password"},
    "form-legacy": {"api_username", "api_password"},
    "bearer": set(),
}
END = datetime(2028, 11, 13, 12, tzinfo=UTC)


def jwt(claims):
    """As the vendor's keys are made; nobody here can check the signature."""
    parts = ({"typ": "JWT", "alg": "RS256"}, claims)
    told = [base64.urlsafe_b64encode(json.dumps(p).encode()) for p in parts]
    return b".".join([*told, b"c2lnbmVk"]).replace(b"=", b"").decode()


def test_every_way_has_an_expectation():
    """A new row of the table needs one here."""
    assert set(WAYS) == set(GIVEN) == set(FIELDS)


@pytest.mark.parametrize("auth", GIVEN)
def test_each_way_opens_reads_and_pays(simulated, auth):
    """And nothing of another way goes along: in the form only what this one needs."""
    backend, simulator = simulated(**GIVEN[auth])
    backend.ping()
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", None, FIVE))
    keys = {"username", "password", "api_username", "api_password"}

    assert "swabc1xyzzy" == backend.find("swabc1xyzzy").username
    assert [FIELDS[auth]] * 3 == [keys & set(e.arguments) for e in simulator.journal]


@pytest.mark.parametrize(
    ("auth", "wrong", "said"),
    [
        ("form", {"password": "wrong"}, "user name and password"),
        ("form-legacy", {"password": "wrong"}, "user name and password"),
        ("bearer", {"api_key": "canary-c4f1"}, "make a new one"),
    ],
)
def test_a_refused_proof_is_later_and_names_what_is_refused(
    simulated, auth, wrong, said
):
    """F-B15: an expired key must not refuse every paid top-up; nor may it be told."""
    backend, _ = simulated(**GIVEN[auth] | wrong)
    with pytest.raises(Later, match=said) as raised:
        backend.ping()

    assert raised.value.closed
    assert "canary" not in str(raised.value)


def test_a_key_that_comes_back_is_not_told(told):
    """V11: whatever page shows it, our key is no message."""
    keyed = {"auth": "bearer", "api_key": "canary-c4f1"}
    backend = told(b"debug: canary-c4f1 is unknown", 500, **keyed)
    with pytest.raises(Later) as raised:
        backend.ping()

    assert "canary" not in str(raised.value)


def test_a_key_says_until_when_it_is_good(told):
    """The vendor's are JWTs, good for 720 days; nobody here can check them."""
    claims = {"iss": None, "aud": "ICTBroadcast API Clients", "user_id": "1"}
    key = jwt(claims | {"exp": int(END.timestamp())})

    assert END == told([True], auth="bearer", api_key=key).describe().key_expires
    assert told([True]).describe().key_expires is None


@pytest.mark.parametrize(
    "key",
    ["simulator-key", "a.b.c", "..", "a.W10.c", jwt({}), jwt({"exp": None}),
     jwt({"exp": "soon"}), jwt({"exp": 1e300}), jwt([1]), jwt(7), "a.é.c",
     "a." + base64.urlsafe_b64encode(b"[" * 9999).decode() + ".c"],
)  # fmt: skip
def test_a_key_of_another_make_says_nothing(key):
    """Never a crash: the key is the other side's, and it works or it does not."""
    assert expiry(key) is None


def test_what_is_lacking_and_what_is_too_much_is_told_by_name():
    """With the way out for both."""
    told = missing("bearer", {"username": "admin"})

    assert ['auth = "bearer" needs it'] == told["api_key"]
    assert told["username"][0].endswith(
        'leave it out, or set auth = "form" or "form-legacy"'
    )
