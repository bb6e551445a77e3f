"""A bridge whose first order is done, and ways to make trouble at the right moment."""

import pytest

from bridge import boundaries
from bridge.clock import Clock
from provisioning.simulator import Settings
from tests.bridge.seen import Watched, after_the_window
from tests.bridge.whmcs import Billing, settings
from tests.days import LIVE
from tests.rig import Rig, random_names, second
from tests.rigs.whmcs import Whmcs, running


@pytest.fixture
def open_account(make):
    """`rig, simulator = open_account(settle=60)`: an order is paid and done."""

    def build(**set_):
        rig, simulator = make(**set_)
        rig.order()
        rig.run()
        if rig.fates() != {"order": "done"}:
            # On a busy machine a short deadline may pass: then it is looked for.
            after_the_window(rig, simulator)
        assert rig.fates() == {"order": "done"}
        return rig, simulator

    return build


@pytest.fixture
def opened(open_account):
    return open_account()


@pytest.fixture
def at_boundary(monkeypatch):
    """`at_boundary("before send", act)`: acts when the walk passes there, once."""

    def plant(name, act):
        left = [act]

        def passed(here):
            if here == name and left:
                left.pop()()

        monkeypatch.setattr(boundaries, "passed", passed)

    return plant


@pytest.fixture
def impatient(monkeypatch):
    """Waits 0.2 s for the answer to a write; reads keep their time."""

    def hurry(rig):
        transport = rig.parts.backends["main"]._transport
        usual = transport._deadline

        def passed(here):
            transport._deadline = 0.2 if here == "before send" else usual

        monkeypatch.setattr(boundaries, "passed", passed)

    return hurry


@pytest.fixture
def database(rig):
    """A bridge's own, where what runs beside the lanes is tried."""
    return rig.database


@pytest.fixture
def clock(rig):
    return rig.clock


@pytest.fixture
def live(make):
    """`rig, simulator = live(ours="calls = 3")`: its own workers run, in real time."""
    running = []

    def build(clock=None, **set_):
        rig, simulator = make(**set_)
        rig.database.close()
        alive = Rig(rig.path, clock or Clock())
        running.append((alive, simulator))
        alive.parts.worker.start()
        return alive, simulator

    yield build
    for alive, simulator in running:
        simulator.close()
        alive.parts.worker.stop(within=5)
        alive.database.close()


@pytest.fixture
def other_backend(host, tmp_path):
    """`more, watched = other_backend()`: the table of one more, and itself."""

    def build(calls=4):
        names, name = random_names(), f"second-{tmp_path.name}"
        watched = Watched(host.new(name, Settings(names=names)))
        return second(f"{host.url}/{name}", names, calls), watched

    return build


@pytest.fixture
def whmcs():
    """A stand-in for its API, and nobody in it yet."""
    with running(Whmcs()) as server:
        yield server


@pytest.fixture
def make_billing(make, whmcs):
    """`billing, simulator = make_billing(more="department = 2")`; *also*: tables."""

    def build(more="", live=LIVE, also="", **set_):
        table = settings(whmcs, more=more, live=live) + also
        rig, simulator = make(more=table, **set_)
        return Billing(rig, whmcs), simulator

    return build


@pytest.fixture
def billing(make_billing):
    return make_billing()[0]
