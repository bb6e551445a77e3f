"""A shop of ours in front of a WHMCS: ordered and paid there, live by its module.

One world: what the API is asked for happens in the WHMCS the module runs in.
"""

import pytest

from bridge.billing import carts
from bridge.keys import random_token
from bridge.store import customers, shop_orders
from bridge.store.shop_orders import State
from tests.bridge.seen import credit, is_sound, levels
from tests.shopper import Shopper

pytestmark = pytest.mark.timeout(300)

MORE = """
login_mail = "platform"
cart = { payment = "banktransfer", country = "VN" }
options = { "Extra channels" = "line" }
"""
ALSO = """
[sources.billing.brand]
name = "Billed Calls"
login_url = "https://panel.billed.example/"
support = "help@billed.example"
from = "hello@billed.example"
mails = []
[sources.billing.shop]
url = "https://shop.billed.example"
currency = "USD"
sells = ["starter", "line"]
"""


def somebody(on, email):
    """Who has proved that address at the shop."""
    one, at = Shopper(on.rig, "billing", email), on.rig.clock.wall()
    with on.rig.database.change() as tx:
        customers.add(
            tx, id=f"cu_{random_token()[:8]}", source="billing", role="owner",
            client=f"billing:cl_{random_token()[:8]}", email=email, name="Lan Nguyen",
            language="en", password=None, made_at=at, proved_at=at,
        )  # fmt: skip
    return one.log_in()


def test_an_order_at_the_shop_is_live_by_the_module_once_it_is_paid_there(stage):
    """C4, I2, U1, U12: with its option; credited once, by the platform's own word."""
    on = stage(more=MORE, also=ALSO, mailed=True)
    on.shop.product("starter", configoption2="Extra channels = line")
    on.api.sales.product("12", "29.00", options={"Extra channels": ("4", "5.00")})
    one = somebody(on, "lan@example.com")
    path = one.order(one.quote("starter", **{"x-line": 2}), method="cart")

    def order():
        with on.rig.database.read() as tx:
            return shop_orders.one(tx, path.rpartition("/")[2])

    on.until(lambda: order().handed, lambda: one.get(path).text)
    theirs = order().handed
    assert "7" == theirs["client"]
    assert "Pay the invoice" in one.get(path).text
    assert 0 == len(on.simulator.users)
    on.shop.pay(int(theirs["invoice"]))
    on.until(lambda: "It is ready" in one.get(path).text, lambda: str(on.whys()))
    on.done()

    assert (True, 7, "1") == levels(on.simulator)
    assert "5.00" == credit(on.simulator)
    assert "Active" == on.shop.state(int(theirs["service"]))
    assert "starter" in one.get("/services").text
    carts.look(on.rig.database, on.rig.clock.now())
    assert State.PAID is order().state
    assert 1 == len(on.api.did("AddOrder"))
    on.pull()
    assert "5.00" == credit(on.simulator)
    assert is_sound(on.rig)
