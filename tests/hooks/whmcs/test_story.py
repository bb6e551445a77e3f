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


def test_the_whole_life_of_a_service(stage):
    """U2, U3, U4, U5, U6, U9, I9, I10, U12: each step is one at the backend."""
    on = stage()
    shop, seen = on.shop, on.simulator
    options = {"configoption2": "Extra channels = line"}
    starter = shop.product("starter", **options)
    business = shop.product("business", **options)
    order = shop.order(starter, 4711, options={"Extra channels": 0})
    assert ["success"] == shop.pay(order)
    assert ((True, 5, "1"), "5.00") == (levels(seen), credit(seen))

    renewal = shop.invoice(("Hosting", 4711), due="2026-12-01")
    assert ["success"] == shop.pay(renewal)
    on.settled()
    assert "10.00" == credit(seen)

    assert ["success"] == shop.pay(shop.upgrade(4711, business))
    on.settled()
    assert (True, 10, "2") == levels(seen)

    assert ["success"] == shop.pay(shop.more(4711, "Extra channels", 3))
    on.settled()
    assert (True, 13, "2") == levels(seen)

    assert "success" == shop.call("SuspendAccount", 4711,
                                  suspendreason="Overdue on Payment")  # fmt: skip
    assert "Suspended" == shop.state(4711)
    assert not levels(seen)[0]
    late = shop.invoice(("Hosting", 4711), due="2027-01-01")
    assert ["success"] == shop.pay(late)
    on.settled()
    assert ("Active", True) == (shop.state(4711), levels(seen)[0])

    topup = shop.product("topup:credit20", configoption3="For service")
    bought = shop.order(topup, 4712)
    shop.put("harness_fields", service=4712, name="For service", value="4711")
    before = len(paid(seen))
    assert ["success"] == shop.pay(bought)
    on.settled()
    assert ["success"] == shop.pay(shop.addon("topup:credit10", 4711, 31))
    on.settled()
    assert ["20.00", "2.00", "10.00"] == [amount for _, amount in paid(seen)[before:]]
    assert "30.00" == sums(on.rig)["paid"]

    shop.hook("CancellationRequest", userid=7, relid=4711, reason="moving away",
              type="End of Billing Period")  # fmt: skip
    on.settled()
    assert levels(seen)[0]  # it is paid for
    assert "period_end" == on.relay.last("service.terminate")["data"]["at"]

    assert "success" == shop.call("TerminateAccount", 4711)
    assert ("Terminated", False) == (shop.state(4711), levels(seen)[0])
    assert [] == shop.waiting()
    assert {"done"} == set(on.settled().values())
