"""A reseller's float on pages, to programs and by verbs: alike, and nobody else's."""

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.store import audit
from tests.bridge.billing.test_floats import HIS, PLAIN, confirm, filled, kept, placed
from tests.browser import faults
from tests.engines import on_sqlite
from tests.shopper import BRANDS, Shopper
from tests.visit import Program, Visit

CANARY = "canary4711"


@pytest.fixture
def one(make):
    rig, _ = make(mailed=True, rate=None, more=BRANDS.replace(PLAIN, PLAIN + HIS))
    return Shopper(rig).sign_up()


def verb(one, *words):
    ended = CliRunner().invoke(
        main, ["--config", str(one.rig.path), "reseller", *words]
    )
    return ended.exit_code, ended.output


def test_it_is_filled_and_shown_alike_on_every_road(one):
    """U11: a deposit by page, verb and page again; each with who and why; what a
    reseller reads adds up to the unit; pages ask for a fresh proof, and he may not."""
    # Guard off (`fresh=True`): red. Guard off (May.MONEY): red.
    operator, his = Visit(one.rig, "operator"), Visit(one.rig, "reseller", ["acme"])
    order = placed(one)
    program = Program(one.rig, "reseller", ["acme"])
    assert "held" == confirm(program, order)["state"]
    at = "/resellers/acme/float"
    assert order in his.get(at).text
    assert "It waits for the reseller" in operator.get(f"/purchases/{order}").text
    told = {"sum": "20.00", "reference": "t1", "because": "bank 1"}
    assert 403 == his.post("/resellers/acme/deposit", **told).status_code
    page = operator.told(operator.post("/resellers/acme/deposit", **told))
    assert "20.00 USD are left of the float of acme." in page
    told = verb(one, "limit", "acme", "9.95", "--reason", "trust")
    assert (0, True) == (told[0], f"1 went on: {order}" in told[1])
    assert 0 == verb(one, "deposit", "acme", "5", "--reference", "t2",
                     "--reason", "bank 2")[0]  # fmt: skip
    adjust = {"sum": "-1.50", "reference": "t3", "because": "a fee"}
    operator.told(operator.post("/resellers/acme/adjust", **adjust))
    wrong = operator.post("/resellers/acme/adjust", **(adjust | {"sum": "all"}))
    assert "is not an amount" in operator.told(wrong)
    operator.stale()
    stale = operator.post("/resellers/acme/limit", sum="900", because="a try")
    assert "/resellers/acme" not in stale.headers.get("Location", "")

    has = program.get("/api/v1/float?source=acme").json
    assert ("-6.45", "9.95", "3.50") == tuple(
        has[name] for name in ("balance", "limit", "left")
    )
    rows = program.get("/api/v1/float/entries?source=acme&limit=3").json
    rest = program.get(f"/api/v1/float/entries?source=acme&cursor={rows['next']}").json[
        "items"
    ]
    rows = [*rows["items"], *rest]
    assert [("adjusted", "-1.50"), ("deposit", "5.00"), ("drawn", "-29.95"),
            ("limit", "0.00"), ("deposit", "20.00")] == [
        (row["kind"], row["amount"]) for row in rows
    ]  # fmt: skip
    page = his.get(at).text
    for seen in ("-6.45", "9.95", "bank 1", "drawn", order):
        assert seen in page, seen
    month = program.get("/api/v1/statement?source=acme").json["float"]
    assert ("0.00", "25.00", "-29.95", "-1.50", "-6.45") == tuple(
        month[name] for name in ("opening", "deposit", "drawn", "adjusted", "closing")
    )
    assert "-6.45" in his.get("/resellers/acme").text
    assert "-6.45" in verb(one, "float", "acme")[1]
    assert "-6.45" in verb(one, "statement", "acme")[1]
    assert (1, True) == (verb(one, "float", "shop")[0], "has no shop" in
                         verb(one, "float", "shop")[1])  # fmt: skip
    with one.parts.database.read() as tx:
        noted = [note.what for note in audit.notes(tx, most=50) if note.about == "acme"]
    assert ["float.adjust", "float.deposit", "float.limit", "float.deposit"] == noted


def test_nothing_of_one_reseller_is_shown_to_another(one):
    """U11: neither a sum, nor a reason, nor that there is such a float; who sees both
    sees each apart."""
    # Guard off (`_is_his` of the path, `scope.covers` of the query): red.
    filled(one, amount="77.77", reference=CANARY, because=CANARY)
    filled(one, amount="290000", reference="own", source="mekong", currency="VND")
    page, program = (kind(one.rig, "reseller", ["mekong"]) for kind in (Visit, Program))
    asked = [
        page.get("/resellers/acme/float"), page.get("/resellers/acme"),
        page.get("/resellers"), page.get("/resellers/mekong/float"),
        *(page.post(f"/resellers/acme/{verb}", sum="1", reference="x", because="a try")
          for verb in ("deposit", "adjust", "limit")),
        *(program.get(f"/api/v1/{call}?source={source}")
          for call in ("float", "float/entries", "statement")
          for source in ("acme", "mekong")),
    ]  # fmt: skip
    for answer in asked:
        assert CANARY not in answer.text
        assert "77.77" not in answer.text

    assert [404, 404, 200, 200, 403, 403, 403, 404, 200, 404, 200, 404, 200] == [
        answer.status_code for answer in asked
    ]
    assert [("deposit", "77.77", "77.77")] == kept(one)
    assert "290000" in program.get("/api/v1/float?source=mekong").text


@on_sqlite
def test_its_pages_can_be_read_and_used_by_everybody(served):
    """Nothing axe finds with no rule off, and no wider than a phone."""
    more = BRANDS.replace(PLAIN, PLAIN + HIS)
    visit, _ = served("operator", mailed=True, rate=None, more=more)
    one = Shopper(visit.rig).sign_up()
    order = placed(one)
    confirm(Program(one.rig, "reseller", ["acme"]), order)
    filled(one, amount="12.00", because="bank 4711")
    paths = ("/resellers/acme", "/resellers/acme/float", f"/purchases/{order}")
    page, wrong = visit.open(), {}
    for path in paths:
        page.goto(visit.url + path)
        if found := faults(page):
            wrong[path] = found

    assert {} == wrong
