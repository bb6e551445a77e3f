"""A probe finds what is named wrongly, accuses nothing else, leaves nobody behind."""

import random
from itertools import combinations, count

import pytest

from bridge.doctor import probe as probing
from bridge.doctor import steps
from bridge.doctor.probe import probe
from bridge.store.verdicts import Word
from provisioning.backends import load
from provisioning.backends.settings import PROFILES
from provisioning.simulator import Names, Settings
from tests.rig import random_names

NUMBERS = count(1)
READABLE = ("email", "tariff", "channels", "active", "balance")
"""Names whose loss does not keep the rest from being tried."""

PLANTED = list(combinations(READABLE, 3))
FOLLOWS = {"balance": {"credit", "partial_update_safe", "debit"}}
"""What cannot be told without it, so it is not verified either; nor is it accused."""


@pytest.fixture
def probed(host):
    """`found, simulator = probed(wrong=("tariff",))`: by what; names planted broken."""

    def build(wrong=(), fault=None, **more):
        names, instance = random_names(), f"probe-{next(NUMBERS)}"
        listed = "payments" in more
        simulator = host.new(instance, Settings(names=names, payments_listed=listed))
        backend = load(
            "ictbroadcast", "main", written(host, instance, names, wrong, more)
        )
        if fault:
            simulator.plant(*fault, seconds=30.0)
        found = {}
        for verdict in probe(backend, lambda _: None, more.get("role")):
            assert verdict.what not in found
            found[verdict.what] = verdict
        return found, simulator

    return build


def written(host, instance, names, wrong, more):
    fields = {name: getattr(names, name) for name in Names.__dataclass_fields__}
    fields |= {name: f"no_such_{name}" for name in wrong}
    tariffs = {"standard": "1", "wholesale": "2"}
    usual = {"username": "admin", "password": "simulator", "currency": "USD"}
    url = f"{host.url}/{instance}"
    return {"url": url, "tariffs": tariffs, "fields": fields} | usual | more


def words(found, word):
    return {what for what, verdict in found.items() if verdict.word is word}


def accused(found):
    """With the tariffs as one: they share their field's name."""
    return {what.partition(" ")[0] for what in words(found, Word.REFUTED)}


def test_where_all_is_named_rightly_nothing_is_accused(probed):
    """U6, U7, U8: each name is written, read back and proven, and the user is gone."""
    found, simulator = probed(payments="User_Payment_List")

    assert set() == words(found, Word.REFUTED) | words(found, Word.UNVERIFIED)
    assert {
        "username", "id", "email", "password", "active", "channels", "balance",
        "credit", "reference", "tariff standard", "tariff wholesale",
        "partial_update_safe", "debit", "removed",
    } == set(found)  # fmt: skip
    assert {} == simulator.users


@pytest.mark.parametrize("wrong", PLANTED, ids=", ".join)
def test_three_names_planted_broken_are_found_and_no_other_is_accused(probed, wrong):
    """U6, U7: all three at once, by name; the user of the probe is gone."""
    found, simulator = probed(wrong)
    unknown = {"reference"}.union(*(FOLLOWS.get(name, ()) for name in wrong))
    if {"tariff", "channels", "active"} == set(wrong):
        unknown.add("partial_update_safe")  # nothing was written that it could show by

    assert set(wrong) == accused(found)
    assert unknown == words(found, Word.UNVERIFIED)
    assert {} == simulator.users


@pytest.mark.parametrize("wrong", ["username", "password", "payment", "amount"])
def test_a_name_the_server_refuses_to_do_without_is_found(probed, wrong):
    """U8: it says which, in its own words; nobody is left behind."""
    found, simulator = probed([wrong])
    what = "credit" if wrong in {"payment", "amount"} else wrong

    assert {what} == accused(found)
    assert {} == simulator.users


def test_a_wrong_name_of_the_id_leaves_a_user_behind_and_says_so(probed):
    """No number, no removal: whom a person must delete is named."""
    found, simulator = probed(["id"])
    [left] = simulator.users.values()

    assert {"id", "removed"} == accused(found)
    assert f'user "{left.username}"' in found["removed"].said
    assert "Delete it in the server's panel" in found["removed"].said


def test_a_wrong_reference_is_found_where_payments_are_listed(probed):
    """U9: a sum that cannot be looked up again would end with a person."""
    found, _ = probed(["reference"], payments="User_Payment_List")

    assert {"reference"} == accused(found)


def test_a_tariff_the_server_does_not_have_is_the_only_one_accused(probed):
    """U7: each tariff is tried by itself."""
    found, _ = probed(tariffs={"standard": "1", "gold": "77"})

    assert {"tariff gold"} == words(found, Word.REFUTED)
    assert "Plan not found" in found["tariff gold"].said


def test_a_write_that_wipes_the_balance_refutes_partial_updates(probed):
    """U8: the money of a customer would be gone with the next change of a level."""
    found, _ = probed(fault=("write_wipes_credit", "User_Update"))
    told = found["partial_update_safe"]

    assert {"partial_update_safe"} == accused(found)
    assert "moved balance from 1.25 to 0.00" in told.said


def test_a_balance_of_whole_numbers_is_found(probed):
    """U8: what is credited must be what was paid."""
    found, _ = probed(fault=("rounds_credit", "User_Payment_Create"))

    assert {"credit"} == accused(found)
    assert ("1.25", "moved by 1.00") == (found["credit"].sent, found["credit"].seen)


def test_a_server_that_lies_about_a_write_is_found(probed):
    """U6: yes was said and nothing was done."""
    found, _ = probed(fault=("echo_lies", "User_Update"))

    assert {"tariff wholesale"} == words(found, Word.REFUTED)
    assert "was written and did not change" in found["tariff wholesale"].said


def test_what_was_found_shows_names_and_never_a_secret(probed, monkeypatch):
    """V11: the operator sees which fields there are; no password is told."""
    drawn = []
    real = probing.random_password

    def noted():
        drawn.append(real())
        return drawn[-1]

    for module in (probing, steps):
        monkeypatch.setattr(module, "random_password", noted)
    found, _ = probed(random.choice(PLANTED))
    told = repr(found)

    assert "It shows: " in told
    assert 2 == len(drawn)
    assert not any(secret in told for secret in [*drawn, "simulator"])


@pytest.mark.parametrize("method", ["User_Update", "User_Payment_Create", "User_Get"])
def test_broken_off_it_removes_its_user_and_goes_on_breaking_off(
    host, monkeypatch, method
):
    """Ctrl-C at any moment: nobody is left behind."""
    # Guard off (the removal after the steps instead of in `finally`): red.
    names, instance = random_names(), f"probe-{next(NUMBERS)}"
    simulator = host.new(instance, Settings(names=names))
    backend = load("ictbroadcast", "main", written(host, instance, names, (), {}))
    real, told = backend._call, []

    def called(name, *said, **more):
        if name == method and not told:
            told.append(name)
            raise KeyboardInterrupt
        return real(name, *said, **more)

    monkeypatch.setattr(backend, "_call", called)
    with pytest.raises(KeyboardInterrupt):
        probe(backend, lambda _: None)

    assert {} == simulator.users


def test_a_user_that_cannot_be_removed_is_named(probed):
    """A server without User_Delete keeps it: which one, by name and number."""
    found, simulator = probed(fault=("not_allowed_405", "User_Delete"))
    [left] = simulator.users.values()

    assert {"removed"} == accused(found)
    assert f'user "{left.username}" ({left.id} by its id)' in found["removed"].said


def test_a_server_that_is_away_proves_and_refutes_nothing(host):
    """Every verdict is open, and nobody is said to be left behind."""
    names = random_names()
    told = written(host, "nobody", names, (), {"url": "http://127.0.0.1:1"})
    backend = load("ictbroadcast", "main", told)
    found = probe(backend, lambda _: None)

    assert {Word.UNVERIFIED} == {verdict.word for verdict in found}


def test_a_server_of_another_password_proves_and_refutes_nothing(probed):
    """It is our key that is wrong, and no name."""
    found, simulator = probed(password="other")

    assert set(found) == words(found, Word.UNVERIFIED)
    assert {} == simulator.users


def test_a_role_that_is_shown_in_another_word_is_not_accused(probed):
    """A server may take a word and show a number: only what it shows alike is sure."""
    alike, _ = probed(role="client")
    wrong, _ = probed(["role"], role="agent")

    assert Word.VERIFIED is alike["role"].word
    assert Word.UNVERIFIED is wrong["role"].word
    assert set() == accused(wrong)


@pytest.mark.parametrize("profile", ["ictbroadcast", "ictcontact"])
@pytest.mark.parametrize("codec", ["json", "php"])
def test_every_dialect_is_probed_alike(host, profile, codec):
    """U6: the shipped names of a product, against a server that uses them."""
    instance = f"probe-{next(NUMBERS)}"
    names = Names(**PROFILES[profile])
    simulator = host.new(instance, Settings(names=names, codec=codec))
    told = written(host, instance, names, (), {"profile": profile, "codec": codec})
    del told["fields"]
    found = probe(load("ictbroadcast", "main", told), lambda _: None)

    assert not [one for one in found if one.word is Word.REFUTED]
    assert {} == simulator.users


@pytest.mark.parametrize(
    "method", ["User_Create", "User_Update", "User_Payment_Create"]
)
@pytest.mark.parametrize(
    "fault", ["reset_after_apply", "bad_status_line", "truncated_body", "reset_before",
              "empty_200", "html_200", "error_object_500"]
)  # fmt: skip
def test_an_answer_that_is_lost_accuses_nobody(probed, fault, method):
    """U6: done without an answer is seen by the look; not done proves nothing."""
    # Guard off (a write without a clear answer counted as one that was made): red.
    found, simulator = probed(fault=(fault, method))
    may_come = {"removed"} if method == "User_Create" else set()

    assert accused(found) <= may_come
    assert {} == simulator.users


def test_a_user_that_may_still_appear_is_named(probed):
    """A server that opens it after we stopped waiting: whom to look for."""
    fault = "slow_then_applied"
    found, simulator = probed(fault=(fault, "User_Create"), call_deadline=0.3)

    assert Word.UNVERIFIED is found["username"].word
    assert "may be there" in found["removed"].said
    simulator.advance(60)
    [left] = simulator.users.values()
    assert f'user "{left.username}"' in found["removed"].said
