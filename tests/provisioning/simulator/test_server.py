"""One server, many instances; it holds what it is given and stops when it is told."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from provisioning.simulator import Control, Server

ADMIN = {"username": "admin", "password": "simulator"}


def test_instances_know_nothing_of_each_other(server, session):
    """Users, faults, clocks and journals are each one's own."""
    left, right = server.new("left"), server.new("right")
    left.plant("refuse", "User_Role_List")
    ahead = left.advance(1000) - right.advance(0)
    told = [
        session.post(f"{server.url}/{name}/rest/User_Role_List", ADMIN, timeout=9)
        for name in ("left", "right")
    ]

    assert [False, True] == [answer.json()[0] for answer in told]
    assert [1, 1] == [len(left.journal), len(right.journal)]
    assert 990 < ahead <= 1000


def test_the_default_instance_needs_no_name(session):
    """Its base is the server's."""
    with Server() as server:
        told = session.post(f"{server.url}//rest/User_Role_List/", ADMIN, timeout=9)

        assert (200, 1) == (told.status_code, len(server.simulator().journal))


@pytest.mark.parametrize("path", ["", "/rest", "/nobody/rest/User_Get", "/a/b/rest/X"])
def test_what_is_not_there_is_404(server, session, path):
    """Nobody gets an instance by a slip of the pen."""
    told = session.post(server.url + path, ADMIN, timeout=9)

    assert (404, 404) == (told.status_code, told.json()["ErrorCode"])


def test_an_instance_can_begin_again(server, name, make, simulator):
    """From nothing; what was held for the old one is let go."""
    make()

    assert {} == server.new(name).users


def test_sixty_four_callers_are_held_at_once(server, name, simulator, make, url):
    """And all their payments land: nothing is lost, nothing is merged."""
    user_id, many = make(credit="0"), 64
    simulator.plant(
        "slow_then_applied", "User_Payment_Create", times=many, seconds=1000
    )
    form = ADMIN | {"user_id": user_id, "payment": '{"paid_amount": "1"}'}

    def pay(_):
        with requests.Session() as session:
            session.trust_env = False
            method = f"{url}/rest/User_Payment_Create"
            return session.post(method, form, timeout=30).json()[0]

    with ThreadPoolExecutor(many) as callers:
        told = callers.map(pay, range(many))
        while len(simulator.journal) < many + 2:
            time.sleep(0.005)
        before = simulator.users[user_id].credit
        simulator.advance(1000)

        assert [True] * many == list(told)
    assert (0, many) == (before, simulator.users[user_id].credit)


def test_it_stops_at_once_whatever_it_holds():
    """Idle connections and held replies end with it, and the port is free again."""
    server = Server().start()
    server.simulator().plant("slow_not_applied", "User_Role_List", seconds=1000)
    port = int(server.url.rsplit(":", 1)[1])
    ask = b"GET /rest/User_Role_List?username=admin&password=simulator HTTP/1.1\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as idle,
        socket.create_connection(("127.0.0.1", port), timeout=30) as held,
    ):
        held.sendall(ask)
        while not server.simulator().journal:
            time.sleep(0.002)
        began = time.monotonic()
        server.close()

        assert [b"", b""] == [idle.recv(1), held.recv(1)]
        assert time.monotonic() - began < 20
    with Server(port) as again:
        assert [] == Control(again.url).state()["users"]
