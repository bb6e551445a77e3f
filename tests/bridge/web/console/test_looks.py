"""The pages on accounts and events, as people look at them: on a phone and a screen."""

from bridge.store import operations
from bridge.web.console.declared import console
from bridge.web.registry import PARAM
from tests.browser import faults
from tests.engines import on_sqlite

TOPICS = {"accounts", "events", "held", "helping", "home", "records", "search", "stuck",
          "unsure"}  # fmt: skip
MORE = {
    "/accounts/<account>": "?look=yes&at=2026-12-24",
    "/events/<operation>": "?look=yes",
    "/unsure/<attempt>": "?look=yes",
    "/held/sum": "?key=shop:9/topup",
    "/stuck/plan": "?fate=parked&code=package_unknown",
    "/search": "?q=shop",
}
"""What is asked of a page, so that it shows all it can."""


def paths(rig):
    """Each page of these topics, with something to show."""
    [waits] = rig.unsure()
    with rig.database.read() as tx:
        odd = operations.of_events(tx, "shop", ["odd"])[0].name
    known = {"account": rig.account().id, "operation": odd, "attempt": str(waits.id)}
    for endpoint in console:
        if not endpoint.changes and endpoint.name.partition(".")[0] in TOPICS:
            path = endpoint.path
            for name in PARAM.findall(path):
                path = path.replace(f"<{name}>", known.get(name, "main"))
            yield path + MORE.get(endpoint.path, "")


@on_sqlite
def test_each_page_can_be_read_and_used_by_everybody(served, busy):
    """Nothing axe finds with no rule off, no wider than a phone, and a title."""
    rig, _ = busy()
    visit, _ = served(rig=rig)
    page, wrong = visit.open(), {}
    for path in paths(rig):
        page.goto(visit.url + path)
        assert page.title().endswith(" · Switchhook"), path
        if found := faults(page):
            wrong[path] = found

    assert {} == wrong
