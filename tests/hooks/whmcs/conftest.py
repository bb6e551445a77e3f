"""A WHMCS, the real module in it, the real bridge behind a line, a simulator."""

import json
import threading
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from bridge import lifecycle
from bridge.store import lanes
from bridge.store.tables import delivery, operation
from tests.bridge.cli.test_cli import said
from tests.hooks.whmcs.api import answering
from tests.hooks.whmcs.relay import GLANCE, Relay
from tests.hooks.whmcs.shop import ADDONS, PRODUCTS, Shop
from tests.offspring import free_port
from tests.rig import DEADLINE, SECRET
from tests.rigs.fleet import Process, answers
from tests.rigs.whmcs import IDENTIFIER
from tests.rigs.whmcs import SECRET as API_SECRET

PATIENCE = 60.0
QUICK = {"settle": 0.5, "call_deadline": 1.0}
"""What is unsure is known soon."""

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
LADDER = """
[families.calls]
[packages.silver]
backend = "main"
price = "20.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 4
family = "calls"
rank = 2
[packages.gold]
backend = "main"
price = "40.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 9
family = "calls"
rank = 1
[coupons.Accelerator]
families = ["calls"]
variants = [{ up = 1, lasts = "3h" }, { up = 1, lasts = "1d" }]
"""
"""Steps of a plan, and a coupon for one step up: for *also*."""

BRAND = """
login_mail = "platform"
brand = { name = "Example Calls", login_url = "https://panel.example.com/",
support = "help@example.com", from = "hello@example.com" }
""".replace(",\n", ", ")
"""Whose name customers know: for *more*."""

SOURCE = """
[sources.{name}]
kind = "whmcs"
secrets = ["{secret}"]
api_url = "{url}"
identifier = "{identifier}"
secret = "{api_secret}"
welcome = "Welcome"
live_from = 2026-11-01T00:00:00Z
products = {{ {products} }}
{more}
"""
THEIRS = "whsec_" + "QW5vdGhlciBzZWNyZXQsIG9mIGEgcmVzZWxsZXIncyBXSE1DUw=="


class Outside(Process):
    """`switchhook serve`, as a process that can be killed and started again."""

    def __init__(self, rig):
        self.rig, self.port = rig, free_port()
        super().__init__(rig.path.parent, "serve", "--port", str(self.port))
        rig.database.close()

    def serve(self):
        self.start()
        until(lambda: answers(self.port), lambda: self.log.read_text()[-4000:])

    def kill(self):
        """Its leases end, too, as they would by themselves some seconds later (where
        there is only one process, at once): that nobody takes them before that, the
        tests of kills have shown."""
        super().kill()
        with self.rig.database.change() as tx:
            lanes.free_all(tx, self.rig.clock.now())
        self.rig.database.close()

    def leave(self):
        super().kill()
        self.rig.database.close()


class Inside:
    """The same in this process: it is there at once, and its time can be moved."""

    def __init__(self, rig):
        self.rig = rig
        self._door = make_server("127.0.0.1", 0, rig.client.application, threaded=True)
        self.port = self._door.server_port

    def serve(self):
        self._stop = lifecycle.work(self.rig.parts)
        threading.Thread(
            target=self._door.serve_forever, args=(GLANCE,), daemon=True
        ).start()

    def leave(self):
        self._door.shutdown()
        self._door.server_close()
        self._stop()


def until(so, otherwise=str):
    last = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < last, otherwise()
        time.sleep(0.02)


class Stage:
    """All that is there, in short."""

    def __init__(self, shop, relay, bridge, simulator, api, theirs):
        self.shop, self.relay, self.bridge = shop, relay, bridge
        self.rig, self.simulator, self.api = bridge.rig, simulator, api
        self.theirs = theirs
        """A reseller's own WHMCS."""

    until = staticmethod(until)

    def tell(self, id_, type_, **told):
        """As somebody else tells it, past the module."""
        said = {
            "spec": "1",
            "type": type_,
            "occurred_at": self.rig.clock.now().isoformat(),
        }
        body = json.dumps(said | told).encode()
        assert self.rig.deliver(id_, body, "billing").status_code == 202

    def settled(self):
        """Until nothing is under way: the fates by event."""
        until(
            lambda: not {"accepted", "working"} & set(self.rig.fates().values()),
            lambda: str(self.rig.fates()),
        )
        return self.rig.fates()

    def whys(self):
        """By event, why it is as it is."""
        with self.rig.database.read() as tx:
            found = tx.execute(sa.select(operation.c.event, operation.c.why)).all()
        return {row.event: row.why for row in found if row.why}

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

    def pull(self, source="billing"):
        """Its API is asked what it never told; how much that was."""
        told, code = said(self.rig.path, "pull", source)
        assert 0 == code
        self.settled()
        return told["entered"]

    def later(self, seconds):
        """On all sides. Only where the bridge is `Inside`.

        Not while it sends something: its lease would be over, and it be sent again.
        """
        until(lambda: not self._sends())
        self.rig.wait(seconds)
        self.simulator.advance(seconds)
        self.shop.ahead += int(seconds)

    def _sends(self):
        leased = sa.select(delivery.c.id).where(delivery.c.lease_until.is_not(None))
        with self.rig.database.read() as tx:
            return tx.execute(leased).first() is not None


@pytest.fixture
def alone(tmp_path):
    """A WHMCS, and nobody whom it could ask."""
    return Shop(tmp_path, free_port())


@pytest.fixture
def stage(make, tmp_path, monkeypatch):
    """`stage()`: the bridge serves. *outside*: in a process that can be killed;
    *more*: keys of the source; *also*: more tables."""
    # What is asked for is begun at once, and not with the next look in five seconds.
    monkeypatch.setattr("bridge.ticks.LONGEST", timedelta(seconds=0.2))
    with ExitStack() as stack:

        def build(outside=False, more="", also="", **set_):
            relay = stack.enter_context(Relay())
            shop = Shop(tmp_path, relay.port)
            theirs = Shop(tmp_path, relay.port, "reseller", THEIRS)
            api = stack.enter_context(answering(shop.path))
            api.mailing = lambda service: shop.do("welcome", service=int(service))
            other = stack.enter_context(answering(theirs.path))
            tables = MORE + table("billing", SECRET, api.url, more)
            tables += table("reseller", THEIRS, other.url) + also
            rig, simulator = make(more=tables, **set_)
            # Who is killed holds his accounts that long, where others could be at work.
            lease = set_.get("call_deadline", DEADLINE) + 5.1
            rig.path.write_text(f"lease = {lease}\n{rig.path.read_text()}")
            bridge = (Outside if outside else Inside)(rig)
            stack.callback(bridge.leave)
            relay.port_behind = bridge.port
            bridge.serve()
            return Stage(shop, relay, bridge, simulator, api, theirs)

        yield build


def table(name, secret, url, more=""):
    sold = {str(id_): chosen for chosen, id_ in PRODUCTS.items()}
    sold |= {f"a{id_}": chosen for chosen, id_ in ADDONS.items()}
    named = ((ref, chosen.removeprefix("topup:")) for ref, chosen in sold.items())
    return SOURCE.format(
        name=name, secret=secret, url=url, identifier=IDENTIFIER, more=more,
        api_secret=API_SECRET, products=", ".join(f'"{k}" = "{v}"' for k, v in named),
    )  # fmt: skip
