"""A console beside a bridge, and a browser in which somebody is logged in."""

import pytest

from tests.browser import free_port, serving
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
            context.set_default_timeout(10_000)
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
