"""A console beside a bridge, and a browser in which somebody is logged in."""

import pytest

from bridge.store.attempts import State
from tests.bridge.seen import PAY, SETTLE, after_the_window
from tests.bridge.test_coupons import LADDER
from tests.browser import PATIENCE, free_port, serving
from tests.visit import Visit


@pytest.fixture
def served(make, chromium):
    """`visit, page = served("owner")`; more pages: `visit.open(width=360)`."""
    stops = []

    def build(role="owner", sources=None, rig=None, **set_):
        port = free_port()
        if rig is None:
            more = f"[console]\nport = {port}\n" + set_.pop("more", "")
            rig, _ = make(more=more, **set_)
        visit = Visit(rig, role, sources)
        server = serving(visit.app, rig.parts.config.console.port)
        server.__enter__()
        stops.append(lambda: server.__exit__(None, None, None))

        def opened(**look):
            context = chromium.new_context(**look)
            context.set_default_timeout(PATIENCE)
            stops.append(context.close)
            context.add_cookies(
                [{"name": "switchhook", "value": visit.token, "url": visit.url}]
            )
            return context.new_page()

        visit.open = opened
        return visit, opened()

    yield build
    for stop in reversed(stops):
        stop()


@pytest.fixture
def busy(make):
    """`rig, simulator = busy()`: something of all that pages show. A coupon, a change
    nobody knows, a top-up of nobody, and one only a person can tell the end of."""

    def build():
        rig, simulator = make(
            rate=None, settle=SETTLE, mailed=True, public='goodwill = ["50.00 USD"]\n',
            more=f"[console]\nport = {free_port()}\n{LADDER}",
        )  # fmt: skip
        visit = Visit(rig)
        rig.post(
            "order", "service.activate",
            account={"ref": "7", "email": "ann@example.com"},
            service={"ref": "1", "plan_ref": "basic",
                     "period_start": rig.clock.now().isoformat()},
            billing={"line_ref": "1"},
        )  # fmt: skip
        rig.topup("2")
        rig.run()
        path = f"/accounts/{rig.account().id}/coupon"
        visit.post(path, kind="boost", reference="T1", because="an outage")
        rig.topup("9", client="99")
        rig.post("odd", "service.change", service={"ref": "1", "plan_ref": "nosuch"})
        simulator.plant("reset_before", PAY)
        rig.topup("3")
        rig.run()
        after_the_window(rig, simulator)
        assert [State.PERSON] == [each.state for each in rig.unsure()]
        return rig, simulator

    return build
