"""Reconciliations: what was compared, what differs, and where all money stands."""

import re
from datetime import timedelta

import pytest

from bridge.store import drifts, ticks
from bridge.store.drift_alerts import NIGHTLY
from tests.bridge.seen import SET, by_hand, fields
from tests.browser import faults, free_port
from tests.engines import on_sqlite
from tests.visit import Visit


@pytest.fixture
def compared(open_account):
    """`rig, visit, run = compared()`: somebody set its channels to 9 by hand."""

    def build(**set_):
        rig, simulator = open_account(**set_)
        rig.topup("2", product="credit20")
        rig.run()
        by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
        result = rig.parts.reconciler.run("by hand", drifts.Scope(), applies=False)
        return rig, Visit(rig), result.run

    return build


def test_a_run_is_shown_with_its_lines_and_its_sums(compared):
    """U6: what it should be and is, since when, and what follows; Σ paid = applied."""
    rig, visit, run = compared()
    listed = visit.get("/reconciliations").text
    page = visit.get(f"/reconciliations/{run}").text

    assert f'href="/reconciliations/{run}"' in listed
    assert f'href="/accounts/{rig.account().id}"' in page
    for said in ("level: channels", ">5<", ">9<", "20.00 USD", ">ok<"):
        assert said in page


def test_only_one_kind_is_shown_where_that_is_asked(compared):
    """And a form that was sent without a choice shows all."""
    rig, visit, run = compared()
    whose = rig.account().id

    assert whose in visit.get(f"/reconciliations/{run}?kind=level").text
    assert whose in visit.get(f"/reconciliations/{run}?kind=").text
    assert whose not in visit.get(f"/reconciliations/{run}?kind=foreign").text


def test_the_first_page_says_whether_all_adds_up(compared):
    """S1: with the moment, and the way to the report."""
    _, visit, run = compared()
    page = visit.get("/").text

    assert "Σ paid 20.00 USD = applied 20.00" in page
    assert f'href="/reconciliations/{run}"' in page


def test_one_that_is_not_there_is_told_so(compared):
    _, visit, _ = compared()

    assert 404 == visit.get("/reconciliations/999").status_code
    assert 404 == visit.get("/reconciliations/x").status_code


def test_it_can_be_begun_now(rig):
    """By the worker that does it every night; the page only says so."""
    later = rig.clock.now() + timedelta(hours=5)
    with rig.database.change() as tx:
        ticks.keep(tx, [NIGHTLY], later)
    visit = Visit(rig)
    told = visit.told(visit.post("/reconciliations"))
    with rig.database.read() as tx:
        [tick] = ticks.all_kept(tx)

    assert "It is due now" in told
    assert tick.due <= rig.clock.now()


@on_sqlite
@pytest.mark.parametrize(
    ("role", "sources"),
    [("owner", None), ("operator", None), ("auditor", None), ("auditor", ["shop"]),
     ("support", None), ("support", ["shop"]), ("reseller", ["shop"])],
)  # fmt: skip
def test_every_link_leads_somewhere(rig, role, sources):
    """U11: who sees some sources is not led to pages of all."""
    # Guard off (`whole` not looked at): red, 403 for those kept to a source.
    visit = Visit(rig, role, sources)
    menu = visit.get("/").text.partition("<main")[0]
    led = set(re.findall(r'<li><a href="([^"]+)"', menu))

    assert {"/", "/accounts"} <= led
    assert [] == [path for path in led if visit.get(path).status_code != 200]


@on_sqlite
def test_it_can_be_read_by_everybody(served, compared):
    """Nothing axe finds, and no wider than a phone."""
    rig, _, run = compared(more=f"[console]\nport = {free_port()}\n")
    visit, _ = served(rig=rig)
    page = visit.open()
    for path in ("/", "/reconciliations", f"/reconciliations/{run}"):
        page.goto(visit.url + path)
        assert {} == faults(page), path
