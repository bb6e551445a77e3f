"""The pages on which an admin agrees to a change, as people look at them."""

import os

import pytest

from tests.bridge.test_approving import LADDER, ask
from tests.browser import LOOKS, free_port, overflows, violations
from tests.engines import on_sqlite


@on_sqlite
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_change_that_waits_can_be_read_and_agreed_to_by_everybody(served, make, look):
    """I11: nothing axe finds with no rule off, and no wider than a phone."""
    rig, _ = make(more=f"[console]\nport = {free_port()}\n{LADDER}")
    rig.post(
        "order", "service.activate", rig.clock.now(), account={"ref": "7"},
        service={"ref": "1", "plan_ref": "basic"}, billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()
    name = ask(rig, after=1)
    visit, _ = served(rig=rig)
    page, wrong = visit.open(**look), []
    for path in (f"/events/{name}", f"/events/{name}/change"):
        page.goto(visit.url + path)
        if folder := os.environ.get("SCREENSHOTS"):
            size = look["viewport"]["width"], look["color_scheme"]
            page.screenshot(path=f"{folder}/{path[-6:]}-{size}.png", full_page=True)
        found = violations(page)
        if found or overflows(page) or "wrong" in page.title():
            wrong.append((path, page.title(), overflows(page), found))

    assert [] == wrong
    assert page.get_by_role("button", name="Do exactly this").count()
