"""The port every backend keeps: each file that is there is tried, as it is there."""

from decimal import Decimal

import pytest

from provisioning.backends import kinds, load
from provisioning.backends.base import Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.outcomes import Refused

FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})


@pytest.fixture
def make(simulated, owned):
    """A new backend of a kind. A new file needs a row here, and nothing else."""
    kept = {
        "generic": lambda: owned(lists=True)[0],
        "memory": lambda: load("memory", "main", {"currency": "USD"}),
        "ictbroadcast": lambda: simulated(
            payments="User_Payment_List", users="User_List", usage="Campaign_Result"
        )[0],
    }
    return lambda kind: kept[kind]()


@pytest.fixture(params=kinds())
def backend(request, make):
    return make(request.param)


def opened(backend, username="swabc1xyzzy", state=FIVE):
    backend.open(Spec(username, "Correct-Horse-1", None, state))
    return backend.find(username)


def test_the_kinds_are_the_files_that_are_there():
    """Nothing lists them: a new file is a new kind."""
    assert {"generic", "ictbroadcast", "memory"} <= set(kinds())
    assert not {"base", "documents", "envelope", "settings"} & set(kinds())


def test_a_kind_that_is_not_there_names_those_that_are():
    """The slip is probably one of spelling; a module of one's own has a dot."""
    with pytest.raises(
        ValueError, match=r'"main".*"ictbroadcst".*ictbroadcast, memory'
    ):
        load("ictbroadcst", "main", {})


def test_what_it_can_is_told_in_its_own_figures(backend):
    """Entitlements by our names, a currency, and times that can be waited for."""
    able = backend.describe()

    assert {"channels", "tariff"} <= able.entitlements
    assert "USD" == able.currency
    assert "standard" in able.tariffs
    assert able.call_deadline > 0 <= able.settle


def test_it_answers_a_ping(backend):
    """Reachable, and our keys are good: else it would raise."""
    assert backend.ping() is None


def test_what_is_opened_is_found_and_read_as_told(backend):
    """U6, U7: by its username and by its own id, with the levels it was given."""
    found = opened(backend)

    assert ("swabc1xyzzy", FIVE, 0) == (found.username, found.state, found.balance)
    assert found == backend.read(found.ref)


@pytest.mark.parametrize("state", [
    State(on=False, entitlements={"channels": 1, "tariff": "standard"}),
    State(on=True, entitlements={"channels": 100_000, "tariff": "standard"}),
])  # fmt: skip
def test_an_account_can_be_opened_in_any_state(backend, state):
    """U3: suspended before it was made, it is never on for a moment."""
    assert state == opened(backend, state=state).state


@pytest.mark.parametrize(
    "asked", ["swabc1xyzz", "swabc1xyzzyy", "SWABC1XYZZY", "swabc1xyzzz", "swabc1%"]
)
def test_only_exactly_this_username_is_found(backend, asked):
    """U1: adopted is what carries our mark, letter for letter, and nothing like it."""
    opened(backend)

    assert backend.find(asked) is None


def test_an_account_that_is_not_there_is_none(backend):
    """Never an error and never somebody else's: absence is an answer."""
    opened(backend)

    assert backend.read("999999") is None
    assert backend.find("swnobody1xyzzy") is None


def test_a_username_is_given_once(backend):
    """U1: the second of two creates is refused, and the first is as it was."""
    first = opened(backend)

    with pytest.raises(Refused):
        opened(backend)

    assert first == backend.find(first.username)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (Change(on=False, entitlements={}), State(False, FIVE.entitlements)),
        (
            Change(on=None, entitlements={"channels": 9}),
            State(True, {"channels": 9, "tariff": "standard"}),
        ),
        (
            Change(on=False, entitlements={"channels": 1}),
            State(False, {"channels": 1, "tariff": "standard"}),
        ),
    ],
)
def test_only_what_is_named_is_written(backend, change, state):
    """I11: the rest stays: other levels, username and, above all, the balance."""
    account = opened(backend)
    backend.grant(account.ref, Decimal("12.5"), "shop:1/topup")
    backend.apply(account.ref, change)
    after = backend.read(account.ref)

    assert state == after.state
    assert (account.ref, account.username, Decimal("12.5")) == (
        after.ref,
        after.username,
        after.balance,
    )


def test_a_change_applied_twice_is_as_good_as_once(backend):
    """Levels are set, not added."""
    account = opened(backend)
    for _ in range(2):
        backend.apply(account.ref, Change(on=False, entitlements={"channels": 3}))

    assert State(False, {"channels": 3, "tariff": "standard"}) == (
        backend.read(account.ref).state
    )


def test_sums_add_up_exactly(backend):
    """U8, U9: to the millionth, one after the other; the levels stay."""
    account = opened(backend)
    for no, amount in enumerate(("0.000001", "29.95", "1000000")):
        backend.grant(account.ref, Decimal(amount), f"shop:{no}/topup")
    after = backend.read(account.ref)

    assert (Decimal("1000029.950001"), FIVE) == (after.balance, after.state)


def test_a_sum_goes_to_one_account_only(backend):
    """U9: the neighbour's balance is not touched."""
    first, second = opened(backend), opened(backend, "swdef1xyzzy")
    backend.grant(first.ref, Decimal(5), "shop:1/topup")

    assert (5, 0) == tuple(backend.read(a.ref).balance for a in (first, second))


def test_a_listed_payment_is_known_by_its_reference(backend):
    """U9: this one arrived, that one did not, and another account's is not ours."""
    first, second = opened(backend), opened(backend, "swdef1xyzzy")
    backend.grant(first.ref, Decimal(5), "shop:1/topup")

    assert backend.describe().lists_payments
    assert backend.arrived(first.ref, "shop:1/topup")
    assert not backend.arrived(first.ref, "shop:2/topup")
    assert not backend.arrived(second.ref, "shop:1/topup")


def test_a_new_password_changes_nothing_else(backend):
    """Set again after adoption: levels and balance stay."""
    account = opened(backend)
    backend.grant(account.ref, Decimal(5), "shop:1/topup")
    before = backend.read(account.ref)
    backend.rekey(account.ref, "Another-Horse-2")

    assert before == backend.read(account.ref)


def test_the_password_of_a_new_account_is_in_no_repr():
    """V11: whatever is logged or shown in a traceback, a password is not."""
    assert "Correct-Horse-1" not in repr(Spec("swabc1", "Correct-Horse-1", None, FIVE))


def every(backend):
    """All it lists, page by page."""
    names, after = [], None
    while True:
        listed = backend.listing(after)
        names += listed.names
        after = listed.after
        if after is None:
            return names


@pytest.mark.parametrize("many", [0, 1, 100, 101, 205])
def test_all_accounts_are_listed_ours_or_not(backend, many):
    """Each once, with the id it is read by, however many pages they are."""
    assert backend.describe().lists_accounts
    for no in range(many):
        opened(backend, f"sw{no:03}xyzzy")

    listed = every(backend)

    assert {f"sw{no:03}xyzzy" for no in range(many)} == {name for _, name in listed}
    assert many == len(listed)
    assert all(backend.read(ref).username == name for ref, name in listed[:3])
