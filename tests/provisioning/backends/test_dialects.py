"""One port, many installations: forms of arguments and bodies, two sets of names."""

import json
from decimal import Decimal
from itertools import product

import pytest

from provisioning.backends import settings
from provisioning.backends.base import Spec
from provisioning.backends.settings import BODIES, CODECS, PROFILES
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.outcomes import Refused
from tests.provisioning.backends.conftest import written

FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
OFF = State(on=False, entitlements={"channels": 9, "tariff": "standard"})
DIALECTS = list(product(PROFILES, CODECS, BODIES))


def spec(**more):
    told = {"username": "swabc1xyzzy", "password": "Correct-Horse-1", "email": None}
    return Spec(**told | {"state": FIVE} | more)


@pytest.mark.parametrize(("profile", "codec", "body"), DIALECTS)
def test_an_account_lives_alike_in_every_dialect(simulated, profile, codec, body):
    """U3, U6, U8: opened, changed, paid and looked up, whatever is spoken there."""
    backend, _ = simulated(
        profile=profile, codec=codec, body=body, payments="User_Payment_List"
    )
    backend.open(spec(email="josé@example.com"))
    account = backend.find("swabc1xyzzy")
    backend.grant(account.ref, Decimal("29.950001"), "shop:1/topup")
    backend.apply(account.ref, Change(on=False, entitlements={"channels": 9}))
    backend.rekey(account.ref, "Another-Horse-2")
    seen = backend.read(account.ref)

    assert (FIVE, OFF) == (account.state, seen.state)
    assert Decimal("29.950001") == seen.balance
    assert backend.arrived(account.ref, "shop:1/topup")


@pytest.mark.parametrize(("ours", "theirs"), [("json", "php"), ("php", "json")])
def test_the_wrong_codec_is_a_clear_no(host, simulated, ours, theirs):
    """Nothing is half understood: no account, and the reason in its words."""
    backend, simulator = simulated(codec=ours)
    host.new(backend.set.url.rsplit("/", 1)[1], _speaking(simulator, theirs))

    with pytest.raises(Refused, match="is not valid"):
        backend.open(spec())


def _speaking(simulator, codec):
    told = simulator._settings
    return type(told)(names=told.names, codec=codec)


@pytest.mark.parametrize("codec", CODECS)
def test_no_journal_of_the_simulator_keeps_a_password(simulated, codec):
    """V11: whatever form it came in."""
    backend, simulator = simulated(codec=codec)
    backend.open(spec())

    assert "Correct-Horse-1" not in str(simulator.journal)


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("json", '{"f1": "29.95", "f2": "é"}'),
        ("php", 'a:2:{s:2:"f1";s:5:"29.95";s:2:"f2";s:2:"é";}'),
    ],
)
def test_an_argument_is_written_as_the_server_reads_it(told, codec, said):
    """Byte for byte, as PHP's own functions take it."""
    argument = told([True], codec=codec).set.said({"f1": "29.95", "f2": "é"})

    assert said == (argument if codec == "php" else _unescaped(argument))


def _unescaped(argument):
    return json.dumps(json.loads(argument), ensure_ascii=False)


def test_what_a_codec_cannot_say_is_refused_and_not_sent(simulated):
    """Half a letter has no form in PHP's bytes; the account can never be that."""
    backend, simulator = simulated(codec="php")

    with pytest.raises(Refused, match='codec = "php" cannot say it'):
        backend.open(spec(email="a\ud800@example.com"))
    assert () == simulator.journal


def test_a_multipart_body_is_what_the_vendors_own_sample_sends(told, answers):
    """Its kind is in the header; what PHP makes of both bodies is the same."""
    told([True], body="multipart").ping()

    assert answers.heard["Content-Type"].startswith("multipart/form-data; boundary=")


def test_a_profile_names_what_its_product_shows(told):
    """ICTContact's guide: a status of two words. Single fields may still differ."""
    backend = told([True], profile="ictcontact", fields={"channels": "max_calls"})
    names = backend.set.fields

    assert ("status", "active", "suspended") == (
        names["active"],
        names["on"],
        names["off"],
    )
    assert "max_calls" == names["channels"]


@pytest.mark.parametrize("setting", ["profile", "codec", "body"])
def test_a_dialect_nobody_speaks_is_a_fault_with_those_there_are(setting):
    """The slip is probably one of spelling."""
    with pytest.raises(ValueError, match=rf"{setting}: .*Must be one of"):
        settings.read("main", written("http://127.0.0.1:1", **{setting: "x"}))
