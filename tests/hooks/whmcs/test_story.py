"""The life of a service in WHMCS, by the real module: from the order to the end."""

import pytest

from tests.bridge.seen import credit, levels, paid, sums

pytestmark = pytest.mark.timeout(120)


def test_a_paid_order_is_an_account_and_only_then_it_is_active(stage):
    """U1, I2, U12: paid, created, read back, active; the mail goes out after that."""
    on = stage()
    invoice = on.shop.order(on.shop.product("starter"), 4711)
    on.relay.answers["service"] = {"known": True, "username": "sh-7"}
    said = on.shop.pay(invoice)

    assert ["success"] == said
    assert (True, 5, "1") == levels(on.simulator)
    assert "Active" == on.shop.state(4711)
    assert "sh-7" == on.shop.rows("tblhosting")[0]["username"]
    assert 1 == len(on.shop.log("mail"))
    assert {"done"} == set(on.settled().values())
