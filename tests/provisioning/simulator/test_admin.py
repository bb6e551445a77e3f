"""Who may call, and in which three ways they can prove it."""

import pytest

from provisioning.simulator import Admin, Settings

UNAUTHORISED = b'{"ErrorCode":401,"ErrorMessage":"Unauthorized"}'
GOOD = {
    "form": {"data": {"username": "admin", "password": "simulator"}},
    "form-legacy": {"data": {"api_username": "admin", "api_password": "simulator"}},
    "bearer": {"headers": {"Authorization": "Bearer simulator-key"}},
}
BAD = {
    "nothing": {},
    "wrong password": {"data": {"username": "admin", "password": "guess"}},
    "no password": {"data": {"username": "admin"}},
    "styles mixed": {"data": {"username": "admin", "api_password": "simulator"}},
    "wrong key": {"headers": {"Authorization": "Bearer guess"}},
    "basic": {"auth": ("admin", "simulator")},
}


@pytest.mark.parametrize("style", GOOD)
def test_three_ways_prove_who_calls(session, url, simulator, style):
    """Form fields of two generations, and the API key."""
    answer = session.post(f"{url}/rest/User_Role_List", timeout=9, **GOOD[style])

    assert (200, True) == (answer.status_code, answer.json()[0])


@pytest.mark.parametrize("attempt", BAD)
def test_anything_else_is_401(session, url, simulator, attempt):
    """HTTP Basic, too: the real one answers 401 to it on every endpoint."""
    answer = session.post(f"{url}/rest/User_Role_List", timeout=9, **BAD[attempt])

    assert (401, UNAUTHORISED) == (answer.status_code, answer.content)


def test_a_key_can_be_changed(server, name, session, url):
    """What was good before the instance began again is good no more."""
    server.new(name, Settings(admin=Admin(key="other")))
    answer = session.post(f"{url}/rest/User_Role_List", timeout=9, **GOOD["bearer"])

    assert 401 == answer.status_code
