"""Every page there is, as people look at it: on a phone and a screen, day and night."""

import pytest

from bridge.store import operations
from bridge.web.console.declared import console
from bridge.web.registry import ANYBODY, PARAM
from tests.browser import LOOKS, overflows, violations
from tests.engines import on_sqlite

MORE = {
    "/accounts/<account>": "?look=yes&at=2026-12-24",
    "/events/<operation>": "?look=yes",
    "/unsure/<attempt>": "?look=yes",
    "/held/sum": "?key=shop:9/topup",
    "/stuck/plan": "?fate=parked&code=package_unknown",
    "/search": "?q=shop",
}
"""What is asked of a page, so that it shows all it can."""

NO_PAGES = {"/audit/csv", "/sources/<source>/mail/html"}
"""A file to keep, and a mail in a box in which nothing runs."""


def paths(rig):
    """Each page of the registry that is shown to who is logged in, with something."""
    [waits] = rig.unsure()
    with rig.database.read() as tx:
        odd = operations.of_events(tx, "shop", ["odd"])[0].name
    known = {"account": rig.account().id, "operation": odd, "attempt": str(waits.id),
             "source": "shop"}  # fmt: skip
    for endpoint in console:
        if endpoint.changes or endpoint.path in NO_PAGES:
            continue
        if endpoint.may is not ANYBODY:
            path = endpoint.path
            for name in PARAM.findall(path):
                path = path.replace(f"<{name}>", known.get(name, "main"))
            yield path + MORE.get(endpoint.path, "")


@on_sqlite
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_each_page_can_be_read_and_used_by_everybody(served, busy, look):
    """Nothing axe finds with no rule off, no wider than a phone, and a title."""
    rig, _ = busy()
    visit, _ = served(rig=rig)
    page = visit.open(**look)
    wrong = []
    for path in paths(rig):
        page.goto(visit.url + path)
        named = page.title().endswith(" · Switchhook")
        found = violations(page)
        if found or overflows(page) or not named:
            wrong.append((path, page.title(), overflows(page), found))

    assert [] == wrong
