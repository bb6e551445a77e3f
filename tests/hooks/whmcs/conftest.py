"""A WHMCS, the real module in it, the real bridge behind a line, a simulator."""

import time

import pytest

from tests.hooks.whmcs.relay import Relay
from tests.hooks.whmcs.shop import Shop
from tests.offspring import free_port
from tests.rig import DEADLINE
from tests.rigs.fleet import Process, answers

PATIENCE = 60.0
MORE = """
[packages.business]
backend = "main"
price = "59.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 10
free_credit = "8.00 USD"
[packages.line]
backend = "main"
price = "5.00 USD"
cycle = "monthly"
addon = true
channels = 1
"""


class Bridge(Process):
    """`switchhook serve`, as a process that can be killed and started again."""

    def __init__(self, rig, port):
        super().__init__(rig.path.parent, "serve", "--port", str(port))
        self.rig, self.port = rig, port

    def serve(self):
        self.start()
        until(lambda: answers(self.port), lambda: self.log.read_text()[-4000:])


def until(so, otherwise=str):
    last = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < last, otherwise()
        time.sleep(0.02)


class Stage:
    """All that is there, in short."""

    def __init__(self, shop, relay, bridge, simulator):
        self.shop, self.relay, self.bridge = shop, relay, bridge
        self.rig, self.simulator = bridge.rig, simulator

    def settled(self):
        """Until nothing is under way: the fates by event."""
        until(
            lambda: not {"accepted", "working"} & set(self.rig.fates().values()),
            lambda: str(self.rig.fates()),
        )
        return self.rig.fates()

    def done(self):
        """Until all that was told has come to its good end."""
        until(
            lambda: {"done"} == set(self.rig.fates().values()),
            lambda: str({k: v for k, v in self.rig.fates().items() if v != "done"}),
        )

    def sold(self, chosen="starter", service=4711, **more):
        """A paid order whose account is there."""
        invoice = self.shop.order(self.shop.product(chosen, **more), service)
        assert self.shop.pay(invoice) == ["success"]
        return invoice


@pytest.fixture
def stage(make, tmp_path):
    """`stage()`: the bridge serves."""
    running = []

    def build(**set_):
        rig, simulator = make(more=MORE, **set_)
        # Who is killed holds his accounts that long, where others could be at work.
        lease = set_.get("call_deadline", DEADLINE) + 6.0
        rig.path.write_text(f"lease = {lease}\n{rig.path.read_text()}")
        rig.database.close()
        relay = Relay()
        bridge = Bridge(rig, free_port())
        relay.port_behind = bridge.port
        relay.__enter__()
        running.append((relay, bridge))
        bridge.serve()
        return Stage(Shop(tmp_path, relay.port), relay, bridge, simulator)

    yield build
    for relay, bridge in running:
        relay.__exit__()
        bridge.kill()
        bridge.rig.database.close()


@pytest.fixture
def desk(tmp_path):
    """`shop, relay`: nothing behind the line, which answers questions by itself."""
    with Relay() as relay:
        yield Shop(tmp_path, relay.port), relay
