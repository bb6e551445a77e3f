"""Field names are settings: nothing works by the vendor's guessed words alone."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.simulator import Names, Settings, Simulator
from provisioning.simulator.wire import Request, compact

ADMIN = {"username": "admin", "password": "simulator"}
WORDS = list(asdict(Names()))
RANDOM = st.lists(
    st.from_regex(r"x_[a-z]{1,12}", fullmatch=True),
    min_size=len(WORDS),
    max_size=len(WORDS),
    unique=True,
).map(lambda wire: Names(**dict(zip(WORDS, wire, strict=True))))


@given(RANDOM)
def test_any_names_carry_the_same_meaning(names):
    """Written and read under the names it was told, and under no others."""
    simulator = Simulator(Settings(names=names, payments_listed=True))

    def call(method, **arguments):
        fields = {
            name: compact(told) if isinstance(told, dict) else str(told)
            for name, told in arguments.items()
        }
        return simulator.answer(method, Request(ADMIN | fields)).body

    call(
        "User_Create",
        user={
            names.username: "ada",
            names.password: "Correct-Horse-1",
            names.channels: 5,
            names.active: names.off,
            "channels": 9,
        },
    )
    pay = {names.amount: "2.5", names.reference: "r"}
    call("User_Payment_Create", user_id=1, **{names.payment: pay})
    seen = {
        names.id: "1",
        names.username: "ada",
        names.email: "",
        names.role: "client",
        names.tariff: "1",
        names.channels: "5",
        names.active: names.off,
        names.balance: "2.500000",
    }
    row = {"payment_id": "1", names.amount: "2.500000", names.reference: "r"}

    assert compact([True, seen]) == call("User_Get", search=names.username, value="ada")
    assert compact([True, [row]]) == call("User_Payment_List", user_id=1)


@pytest.mark.parametrize(
    "wrong",
    [{"email": "username"}, {"role": ""}, {"on": "0"}, {"amount": "description"}],
)
def test_two_things_cannot_share_a_name(wrong):
    """Nor can one have none."""

    with pytest.raises(ValueError, match="a name of their own"):
        Names(**wrong)
