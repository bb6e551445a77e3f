"""Every page there is, as its owner sees it: nothing goes wrong on any."""

from bridge.store import attempts, operations, outbox
from bridge.web.console.declared import console
from bridge.web.registry import ANYBODY, PARAM
from tests.engines import on_sqlite
from tests.visit import Visit

ELSEWHERE = {"confirmed", "html"}
"""Need more than a path, or are somebody's mail."""


def filled(rig, path):
    """The path with something in it that is there; None, where nothing is."""
    with rig.database.read() as tx:
        known = {
            "account": rig.account().id,
            "operation": operations.newest(tx, 1, None)[0].name,
            "attempt": str(attempts.of_account(tx, rig.account().id)[0].id),
            "source": "shop",
            "backend": "main",
            "delivery": str(outbox.newest(tx, 1, None)[0].id),
            "package": "starter",
        }
    for name in PARAM.findall(path):
        if name not in known:
            return None
        path = path.replace(f"<{name}>", known[name])
    return path


@on_sqlite
def test_every_page_can_be_shown(make):
    """U11: each GET page of the registry, filled with what is there, answers."""
    rig, _ = make(mailed=True)
    rig.order("1", client="7", email="anna@example.com")
    rig.topup("2", product="credit20")
    rig.run()
    visit, wrong, seen = Visit(rig), [], 0
    for endpoint in console:
        path = filled(rig, endpoint.path)
        if endpoint.changes or endpoint.may is ANYBODY or path is None:
            continue
        if path.rpartition("/")[2] in ELSEWHERE:
            continue
        got = visit.get(path)
        seen += 1
        if got.status_code != 200:
            wrong.append((path, got.status_code, got.text[-300:]))

    assert [] == wrong
    assert seen > 15
