"""The journal: every request, what came of it, and no password."""

import pytest

from provisioning.simulator import Names, Settings

SECRET = "Correct-Horse-1"


def test_every_request_is_noted_in_order(call, post, simulator):
    """Also those that nobody served."""
    call("User_Create", user={"username": "ada", "password": SECRET})
    call("User_Get", user_id=9)
    simulator.plant("reset_before", "User_Get")
    with pytest.raises(OSError, match="reset"):
        post("User_Get", user_id=1)
    post("Campaign_Filter")

    assert [
        (1, "User_Create", None, "normal", '[true,{"user_id":1,"username":"ada"}]'),
        (2, "User_Get", None, "none", '[false,"User not found"]'),
        (3, "User_Get", "reset_before", "none", "reset"),
        (
            4,
            "Campaign_Filter",
            None,
            "none",
            '{"ErrorCode":405,"ErrorMessage":"Method Not Allowed"}',
        ),
    ] == [(e.n, e.method, e.fault, e.effect, e.answer) for e in simulator.journal]


def test_moments_follow_the_clock_of_the_instance(call, simulator):
    """Not the one on the wall."""
    call("User_Role_List")
    simulator.advance(3600)
    call("User_Role_List")
    first, second = simulator.journal

    assert 3600 <= second.at - first.at < 3660


@pytest.mark.parametrize(
    "user",
    [
        {"username": "ada", "password": SECRET},
        {"username": "ada", "more": [{"password": SECRET}]},
        f'{{"username": "ada", "pass\\u0077ord": "{SECRET}"}}',
        f'{{"username": "ada", "password": "{SECRET}',
        f'a:1:{{s:8:"password";s:15:"{SECRET}";}}',
    ],
)
def test_passwords_never_get_in(call, simulator, user):
    """Neither the caller's nor the user's, however broken the argument."""
    call("User_Create", user=user)
    (entry,) = simulator.journal

    assert "***" == entry.arguments["password"]
    assert SECRET not in str(entry)


def test_a_password_is_known_by_its_wire_name(server, name, call):
    """Which is a setting, as all field names are."""
    simulator = server.new(name, Settings(names=Names(password="pin")))
    call("User_Create", user={"username": "ada", "pin": SECRET})
    (entry,) = simulator.journal

    assert '{"username": "ada", "pin": "***"}' == entry.arguments["user"]


def test_everything_else_is_noted_to_the_letter(call, make, simulator):
    """Amounts above all."""
    call("User_Payment_Create", user_id=make(), payment='{"paid_amount": 10.10}')

    assert '{"paid_amount": 10.10}' == simulator.journal[-1].arguments["payment"]
