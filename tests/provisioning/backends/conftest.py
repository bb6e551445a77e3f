"""The real backend over real sockets, and a server that answers what a test says."""

import json
import sys
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

import pytest

from provisioning.backends import load
from provisioning.backends.settings import PROFILES
from provisioning.simulator import Names, Settings
from provisioning.simulator.platform import Platform
from tests.rig import SECRET, random_names

NUMBERS = count(1)
ADMIN = {"username": "admin", "password": "simulator"}


def written(url, names=None, **more):
    """Settings as an operator would write them."""
    fields = {n: getattr(names, n) for n in names.__dataclass_fields__} if names else {}
    tariffs = {"standard": "1", "wholesale": "2"}
    keys = {} if "api_key" in more else ADMIN
    return {"url": url, "currency": "USD", "tariffs": tariffs, "fields": fields,
            "call_deadline": 5.0} | keys | more  # fmt: skip


def platform_at(url, **more):
    """Settings of a `generic`, as an operator would write them."""
    return {"url": url, "secret": SECRET, "currency": "USD", "call_deadline": 5.0,
            "tariffs": ["standard", "wholesale"]} | more  # fmt: skip


@pytest.fixture
def simulated(host):
    """`backend, simulator = simulated(payments="User_Payment_List")`."""

    def build(**more):
        names, instance = random_names(), f"contract-{next(NUMBERS)}"
        if "profile" in more:
            names = Names(**PROFILES[more["profile"]])
        told = Settings(
            names=names, payments_listed="payments" in more,
            users_listed="users" in more, codec=more.get("codec", "json"),
        )  # fmt: skip
        simulator = host.new(instance, told)
        told = written(f"{host.url}/{instance}", names, **more)
        if "profile" in more:
            del told["fields"]
        return load("ictbroadcast", "main", told), simulator

    return build


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard = self.headers
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - http.server finds them so

    def log_message(self, *_):
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *told):
        if not isinstance(sys.exception(), ConnectionError):  # else the client left
            super().handle_error(*told)


@pytest.fixture(scope="session")
def answers():
    """A server that gives one answer to everything."""
    server = _Server(("127.0.0.1", 0), _Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def owned():
    """`backend, platform = owned(settle=1)`: a platform of the provider's own."""
    with ExitStack() as running:

        def build(**more):
            platform = running.enter_context(Platform(SECRET))
            return load("generic", "own", platform_at(platform.url, **more)), platform

        yield build


@pytest.fixture
def heard(answers):
    """A `generic` that is told this, whatever it asks."""

    def build(answer, status=200, **more):
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        answers.answer = status, body
        url = f"http://127.0.0.1:{answers.server_port}"
        return load("generic", "own", platform_at(url, **more))

    return build


@pytest.fixture
def told(answers):
    """A backend that is told this, whatever it asks."""

    def build(answer, status=200, **more):
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        answers.answer = status, body
        url = f"http://127.0.0.1:{answers.server_port}"
        return load("ictbroadcast", "main", written(url, **more))

    return build
