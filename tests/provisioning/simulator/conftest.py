"""A server on a real socket, a fresh instance for every test, and a client for it."""

import json
from itertools import count

import pytest
import requests

from provisioning.simulator import Server

ADMIN = {"username": "admin", "password": "simulator"}
NUMBERS = count(1)


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server


@pytest.fixture
def name():
    return f"instance-{next(NUMBERS)}"


@pytest.fixture
def url(server, name):
    return f"{server.url}/{name}"


@pytest.fixture
def simulator(server, name):
    return server.new(name)


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def post(session, url, simulator):
    """Ask with good credentials; the raw answer."""

    def post(method, timeout=20, *, allow_redirects=True, **arguments):
        fields = {
            name: json.dumps(told) if isinstance(told, dict) else told
            for name, told in arguments.items()
        }
        form = ADMIN | fields
        ask = f"{url}/rest/{method}", form
        return session.post(*ask, timeout=timeout, allow_redirects=allow_redirects)

    return post


@pytest.fixture
def call(post):
    """Ask with good credentials; the envelope."""
    return lambda method, **arguments: post(method, **arguments).json()


@pytest.fixture
def make(call):
    """Create a user with some credit; its id."""

    def make(username="ada", credit="10", **fields):
        told = {"username": username, "password": "Correct-Horse-1", **fields}
        _, created = call("User_Create", user=told)
        pay = {"paid_amount": credit, "description": "opening"}
        call("User_Payment_Create", user_id=created["user_id"], payment=pay)
        return created["user_id"]

    return make
