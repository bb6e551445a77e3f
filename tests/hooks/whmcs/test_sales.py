"""What WHMCS asks before it mails, sells or invoices: hooks that may say no."""

import pytest

from tests.hooks.whmcs.conftest import BRAND, LADDER
from tests.hooks.whmcs.relay import CUT

pytestmark = pytest.mark.timeout(180)


def test_no_welcome_mail_before_the_account_exists(stage):
    """I2: WHMCS sends it on its own, e.g. where an order is accepted by hand."""
    on = stage(more=BRAND)
    invoice = on.shop.order(on.shop.product("starter"), 4711)
    assert "stopped" == on.shop.do("welcome", service=4711)
    assert any("waits for its account" in text for text in on.shop.log("activity"))

    on.shop.pay(invoice)
    assert "sent" == on.shop.do("welcome", service=4711)
    assert [[]] == on.shop.hook("EmailPreSend", messagename="Invoice", relid=4711)
    assert "https:\\/\\/panel.example.com\\/" in on.shop.log("mail")[-1]


def test_an_upgrade_that_is_refused_is_not_ordered(stage):
    """C7, C9, C13: the customer reads the reason before he pays."""
    on = stage(also=LADDER)
    on.sold("silver")
    other = on.shop.product("gold")
    ask = {"id": 4711, "pid": other, "billingcycle": "Monthly"}
    check = "ShoppingCartValidateUpgrade"
    assert [[]] == on.shop.hook(check, **ask)

    [[said]] = on.shop.hook(check, **ask | {"billingcycle": "Semi-Annually"})
    assert "not sold semiannually" in said
    for cycle, change in (("One Time", "gold,once"), ("Free Account", "gold")):
        on.shop.hook(check, **ask | {"billingcycle": cycle})
        assert change == on.relay.asked[-1][1]["change"]

    on.relay.mode = CUT
    assert "cannot be checked" in str(on.shop.hook(check, **ask))


def test_a_scheduled_downgrade_is_whmcss_before_the_renewal_invoice(stage):
    """C11: the next invoice is of the next package; one product must have it."""
    on = stage(also=LADDER)
    on.sold("gold")
    silver = on.shop.product("silver")
    on.shop.set("tblproducts", f"id = {silver}", configoption1="gone")
    change = {"ref": "4711", "plan_ref": "silver"}
    on.tell("lower", "service.change", service=change, data={"effective": "period_end"})
    on.settled()
    on.shop.hook("PreInvoicingGenerateInvoiceItems")
    assert any("0 products have package" in text for text in on.shop.log("activity"))

    on.shop.set("tblproducts", f"id = {silver}", configoption1="silver")
    on.shop.hook("PreInvoicingGenerateInvoiceItems")
    assert silver == on.shop.rows("tblhosting")[0]["packageid"]
