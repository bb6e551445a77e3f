"""The pages on which an admin agrees to a change, as people look at them."""

from tests.bridge.test_approving import LADDER, ask
from tests.browser import faults, free_port
from tests.engines import on_sqlite


@on_sqlite
def test_a_change_that_waits_can_be_read_and_agreed_to_by_everybody(served, make):
    """I11: nothing axe finds with no rule off, and no wider than a phone."""
    rig, _ = make(more=f"[console]\nport = {free_port()}\n{LADDER}")
    rig.post(
        "order", "service.activate", rig.clock.now(), account={"ref": "7"},
        service={"ref": "1", "plan_ref": "basic"}, billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()
    name = ask(rig, after=1)
    visit, _ = served(rig=rig)
    page, wrong = visit.open(), {}
    for path in (f"/events/{name}", f"/events/{name}/change"):
        page.goto(visit.url + path)
        assert "wrong" not in page.title()
        if found := faults(page):
            wrong[path] = found

    assert {} == wrong
    assert page.get_by_role("button", name="Do exactly this").count()
