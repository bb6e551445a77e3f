"""A reseller's own prices, names and texts, and what is his of what he sold."""

from decimal import Decimal
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.config import ConfigError
from bridge.store import accounts, shop_orders, whereabouts
from tests.bridge.seen import credit
from tests.shopper import BRANDS, QUOTE, Shopper
from tests.visit import Program, Visit

OWN = """pay = "Transfer the sum to IBAN DE00, with the order's number."
prices = { team = "35.00 USD" }
titles = { team = "Contact Center 2" }
texts = { team = "For teams that call a lot." }
"""
PLAIN = 'pay = "Transfer the sum to IBAN DE00, with the order\'s number."\n'


BESIDE = """
[families.lines]
of = "seats"
[packages.lines-one]
backend = "main"
addon = true
price = "5.00 USD"
cycle = "monthly"
channels = 1
family = "lines"
rank = 1
[topups.fifty]
price = "50.00 USD"
credit = "45.00 USD"
floor = "48.00 USD"
"""


@pytest.fixture
def reseller(make):
    """`reseller(own)`: somebody at acme, whose table says that much more."""

    def build(own=OWN, **set_):
        tables = BRANDS.replace(PLAIN, own) + BESIDE
        assert own in tables
        rig, simulator = make(mailed=True, rate=None, more=tables, **set_)
        one = Shopper(rig)
        one.simulator = simulator
        return one

    return build


def order_of(one, path):
    with one.parts.database.read() as tx:
        return shop_orders.one(tx, path.rpartition("/")[2])


def test_his_customers_pay_his_price_and_the_service_keeps_it(reseller):
    """U11: 7 at 35.00 are 245.00, in catalogue, quote and order; what changes later is
    reckoned by it, too."""
    one = reseller().sign_up()
    plans, page = one.get("/").text, one.get("/plans/team?quantity=7").text
    assert "US$35.00" in plans
    assert "29.95" not in plans + page
    assert "US$245.00" in page
    path = one.order(one.quote("team", quantity=7))
    assert Decimal("245.00") == order_of(one, path).amount
    one.paid(path)
    one.rig.run()

    with one.parts.database.read() as tx:
        found = accounts.load(
            tx, whereabouts.of_service(tx, order_of(one, path).service)
        )
    assert "acme" == found.group


def test_what_is_left_to_him_is_his_price_less_the_base_price(reseller):
    """U11: 7 at 35.00 less 7 at 29.95 are 35.35."""
    # Guard off (`base` left out of the order): red, nothing is left.
    one = reseller().sign_up()
    found = order_of(one, one.order(one.quote("team", quantity=7)))
    plain = order_of(one, one.order(one.quote("starter")))

    assert Decimal("209.65") == found.base
    assert Decimal("35.35") == found.margin
    assert 0 == plain.margin


def test_other_brands_and_their_customers_pay_what_they_did(reseller):
    """One reseller's price list is nobody else's."""
    one = reseller()
    mekong = Shopper(one.rig, "mekong")

    assert "290.000" in mekong.get("/").text
    assert "Contact Center 2" not in mekong.get("/").text


def test_a_plan_is_called_as_the_reseller_calls_it(reseller):
    """U11: wherever a customer reads of it, and as plain text."""
    one = reseller(OWN.replace("Contact Center 2", "<b>Center</b> 2")).sign_up()
    path = one.order(one.quote("team"))
    one.paid(path)
    one.rig.run()
    price = one.quote("team", quantity=2)
    for where in ("/", "/plans/team", f"/order?quote={price}", path, "/orders",
                  "/services"):  # fmt: skip
        page = one.get(where).text
        assert "&lt;b&gt;Center&lt;/b&gt; 2" in page, where
        assert "<b>" not in page, where
        assert ">team<" not in page, where
    assert "For teams that call a lot." in one.get("/").text


def test_add_ons_and_top_ups_have_his_price_as_well(reseller):
    """U11, I10: two lines at 7.00 and three top-ups at 55.00; each costs him what
    everybody pays, and the month counts what is between."""
    # Guard off (`own.prices` in `goods.sold`): red. Guard off (`goods` in `ordered`):
    # red, a top-up costs him what he sells it for.
    beside = '"35.00 USD", lines-one = "7.00 USD", fifty = "55.00 USD"'
    one = reseller(OWN.replace('"35.00 USD"', beside)).sign_up()
    path = one.order(one.quote("team", **{"x-lines-one": 2}))
    found = order_of(one, path)
    assert (Decimal("49.00"), Decimal("39.95")) == (found.amount, found.base)
    one.paid(path)
    one.rig.run()
    assert "US$55.00" in one.get("/topup").text
    page = one.get("/goods?name=fifty&quantity=3").text
    answer = one.post("/goods", page=page, quote=QUOTE.search(page).group(1),
                      method="manual", name="Ann", email=one.address)  # fmt: skip
    bought = answer.headers["Location"]
    found = order_of(one, bought)
    assert (Decimal(165), Decimal(150)) == (found.amount, found.base)
    one.paid(bought)
    one.rig.run()

    told = Program(one.rig, "reseller", ["acme"]).get("/api/v1/statement?source=acme")
    assert "24.05" == told.json["sums"][0]["difference"]
    assert "135.00" == credit(one.simulator)


WRONG = [
    ('prices = { credit20 = "23.99 USD" }', "23.99 USD is below 24.00 USD"),
    ('prices = { fifty = "47.00 USD" }', "47.00 USD is below 48.00 USD"),
    ('prices = { nap = "9.00 USD" }', "is not in VND, as its price"),
    ('prices = { creditt20 = "23.99 USD" }', "or top-up creditt20; did you mean"),
    ('prices = { team = "29.00 USD" }', "29.00 USD is below 29.95 USD"),
    ('prices = { team = "900000 VND" }', "is not in USD, in which this shop sells"),
    ('prices = { teem = "35.00 USD" }', 'or top-up teem; did you mean "team"?'),
    ('prices = { starter = "99.00 USD" }', "needs a plan or an add-on of a family"),
    ('titles = { teem = "T" }', "no package or top-up of that name; did you mean"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_what_cannot_be_sold_so_is_refused_as_it_is_read(reseller, table, told):
    """U11: with the floor, the reason and the way out; nothing is guessed."""
    # Guard off (`price.amount < floor.amount`): red with the first.
    with pytest.raises(ConfigError, match=told.replace("?", r"\?")):
        reseller(PLAIN + table + "\n")


def test_a_floor_lets_him_sell_for_less_than_everybody_pays(make):
    """U11: his margin is then below nothing, and shown so."""
    more = BRANDS.replace(PLAIN, PLAIN + 'prices = { team = "26.00 USD" }\n')
    more = more.replace("channels = 3\n", 'channels = 3\nfloor = "25.00 USD"\n')
    rig, _ = make(mailed=True, rate=None, more=more)
    one = Shopper(rig).sign_up()

    assert Decimal("-3.95") == order_of(one, one.order(one.quote("team"))).margin


def test_a_month_is_told_alike_on_pages_to_programs_and_in_a_file(reseller):
    """U11: each paid order and the sums; what is not paid is not in it."""
    one = reseller().sign_up()
    path = one.order(one.quote("team", quantity=7))
    one.paid(path)
    one.order(one.quote("team"))
    id_ = path.rpartition("/")[2]
    month = f"{one.rig.clock.now():%Y-%m}"
    own = ["acme"]
    page = Visit(one.rig, "reseller", own).get("/resellers/acme").text
    listed = Visit(one.rig, "reseller", own).get("/resellers").text
    sheet = Visit(one.rig, "reseller", own).get("/resellers/acme/statement.csv").text
    told = Program(one.rig, "reseller", own).get("/api/v1/statement?source=acme")
    verb = CliRunner().invoke(main, ["--config", str(one.rig.path), "reseller",
                                     "statement", "acme", "--csv"])  # fmt: skip

    assert {"currency": "USD", "orders": 1, "sold": "245.00", "base": "209.65",
            "difference": "35.35"} == told.json["sums"][0]  # fmt: skip
    assert [id_] == [each["id"] for each in told.json["orders"]]
    assert month == told.json["month"]
    assert "35.35" in page
    assert "35.35" in listed
    assert "mekong" not in listed
    assert f"{id_},new,team,7,USD,245.00,209.65,35.35" in sheet
    assert sheet.splitlines() == verb.output.splitlines()


def test_another_reseller_sees_nothing_of_it(reseller):
    """U11: neither that there is such a shop."""
    # Guard off (`_is_his` left out): red.
    one = reseller()
    other = Visit(one.rig, "reseller", ["mekong"])
    program = Program(one.rig, "reseller", ["mekong"])

    assert 404 == other.get("/resellers/acme").status_code
    assert 404 == other.get("/resellers/acme/statement.csv").status_code
    assert 404 == program.get("/api/v1/statement?source=acme").status_code
    assert "Acme" not in other.get("/resellers").text


# --- his API


@pytest.fixture
def placed(reseller):
    """`placed(own)`: an order that waits, and a program of his."""

    def build(own=OWN, sources=("acme",)):
        one = reseller(own).sign_up()
        path = one.order(one.quote("team"))
        program = Program(one.rig, "reseller", list(sources))
        return one, path.rpartition("/")[2], program

    return build


def test_his_program_reads_his_orders_and_customers_and_no_others(placed):
    """U11."""
    one, id_, program = placed()
    ben = Shopper(one.rig, "mekong").sign_up()
    ben.order(ben.quote("sen"))
    orders = program.get("/api/v1/orders").json["items"]
    people = program.get("/api/v1/customers").json["items"]

    assert [id_] == [each["id"] for each in orders]
    assert ("35.00", "29.95") == (orders[0]["amount"], orders[0]["base"])
    assert [one.address] == [each["email"] for each in people]
    assert [] == program.get("/api/v1/orders?state=paid").json["items"]
    assert id_ == program.get(f"/api/v1/orders/{id_}").json["id"]
    other = Program(one.rig, "reseller", ["mekong"])
    assert 404 == other.get(f"/api/v1/orders/{id_}").status_code
    assert 404 == other.post(f"/api/v1/orders/{id_}/cancel",
                             {"because": "a try"}).status_code  # fmt: skip


def test_a_list_goes_on_behind_its_last_row(placed):
    """None is left out, and none is told twice."""
    one, first, program = placed()
    second = one.order(one.quote("team", quantity=2)).rpartition("/")[2]
    page = program.get("/api/v1/orders?limit=1").json
    rest = program.get(f"/api/v1/orders?limit=1&cursor={quote(page['next'])}").json
    wrong = program.get("/api/v1/orders?cursor=nonsense")

    assert [second] == [each["id"] for each in page["items"]]
    assert ([first], None) == ([e["id"] for e in rest["items"]], rest["next"])
    assert 422 == wrong.status_code


def test_he_says_himself_that_it_was_paid_only_where_his_table_lets_him(placed):
    """U11: money is an operator's word, unless the operator gave it to him."""
    # Guard off (`his` is true): red, any reseller has things set up for nothing.
    one, id_, program = placed()
    said = {"because": "transfer 4711"}
    assert 403 == program.post(f"/api/v1/orders/{id_}/paid", said).status_code
    support = Program(one.rig, "support", ["acme"])
    assert 403 == support.post(f"/api/v1/orders/{id_}/paid", said).status_code
    assert "open" == program.get(f"/api/v1/orders/{id_}").json["state"]

    operator = Program(one.rig, "operator")
    told = operator.post(f"/api/v1/orders/{id_}/paid", said)
    assert (200, "paid") == (told.status_code, told.json["state"])


def test_where_he_may_he_confirms_and_it_is_set_up(placed):
    """U11: once, from his float, and never what was called off."""
    one, id_, program = placed(OWN + "reseller_confirms = true\n")
    said = {"because": "transfer 4711"}
    one.rig.order_by_hand("float.limit", source="acme", amount="29.95", currency="USD",
                          by="an operator", because="trust")  # fmt: skip
    assert 200 == program.post(f"/api/v1/orders/{id_}/paid", said).status_code
    assert 409 == program.post(f"/api/v1/orders/{id_}/paid", said).status_code
    one.rig.run()
    assert 1 == len(one.simulator.users)

    other = one.order(one.quote("team")).rpartition("/")[2]
    told = program.post(f"/api/v1/orders/{other}/cancel", {"because": "no answer"})
    assert (200, "cancelled") == (told.status_code, told.json["state"])
    assert 409 == program.post(f"/api/v1/orders/{other}/paid", said).status_code
