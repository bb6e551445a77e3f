"""Money of WHMCS: its invoice line is the key, by whatever road it comes."""

import pytest

from tests.bridge.seen import credit, paid, sums

pytestmark = pytest.mark.timeout(180)


def test_a_topup_is_credited_once_however_often_it_is_told(stage):
    """U9, I10, U12: the module call, the hook, the hook again, and a clicked Retry."""
    on = stage()
    on.sold()
    topup = on.shop.addon("topup:credit10", 4711, 31)
    assert ["success"] == on.shop.pay(topup)
    on.shop.hook("InvoicePaid", invoiceid=topup)
    assert "success" == on.shop.call("CreateAccount", "a31")
    on.settled()

    assert "15.00" == credit(on.simulator)
    assert "10.00" == sums(on.rig)["paid"]


@pytest.mark.parametrize("hook_first", [False, True], ids=["call first", "hook first"])
def test_a_topup_sold_as_a_product_goes_to_the_service_it_names(stage, hook_first):
    """U9, I10: by the call and by the hook, whoever comes first; once."""
    on = stage()
    for service in (4711, 4712):
        on.sold("starter", service)
    topup = on.shop.product("topup:credit20", configoption3="For")
    invoice = on.shop.order(topup, 4713)
    on.shop.field(4713, "For", "4712")
    assert ["success"] == on.shop.pay(invoice, hook_first=hook_first)
    on.done()

    assert ["5.00", "27.00"] == [credit(on.simulator, user) for user in (1, 2)]


def test_what_is_no_line_of_ours_never_credits(stage):
    """I10: added funds, a mass payment, a late fee, another module's product."""
    # Guard off (every type is one of a service's): red.
    on = stage()
    on.sold()
    other = on.shop.put("tblproducts", name="web", servertype="cpanel",
                        configoption1="topup:credit10")  # fmt: skip
    on.shop.put("tblhosting", id=5000, userid=7, packageid=other, server=1)
    before, told = paid(on.simulator), len(on.relay.told)
    others = ("AddFunds", "Invoice", "LateFee", "PromoHosting", "Upgrade", "")
    mixed = on.shop.invoice(*((kind, 4711) for kind in others))
    on.shop.put("tblinvoiceitems", invoiceid=mixed, type="Hosting", relid=5000,
                duedate=on.shop.day(31))  # fmt: skip
    on.shop.set("tblinvoices", f"id = {mixed}", status="Paid")
    on.shop.hook("InvoicePaid", invoiceid=mixed)

    assert told == len(on.relay.told)
    assert before == paid(on.simulator)


def test_an_unpaid_topup_gives_nothing(stage):
    """I2, I10: an admin who presses Create before the payment hears why it waits."""
    on = stage()
    on.sold()
    on.shop.addon("topup:credit10", 4711, 31)
    said = on.shop.call("CreateAccount", "a31")

    assert "comes with the payment" in said
    assert [("a31", "CreateAccount")] == on.shop.waiting()
    assert "5.00" == credit(on.simulator)


@pytest.mark.parametrize("road", ["InvoiceRefunded", "AddTransaction"])
def test_a_topup_that_is_paid_back_is_taken_back(stage, road):
    """D28: by a refund, or by a chargeback, which is only a transaction."""
    on = stage()
    on.sold()
    topup = on.shop.addon("topup:credit10", 4711, 31)
    on.shop.pay(topup)
    on.settled()
    on.shop.put("tblaccounts", invoiceid=topup, amountin="12.00")
    on.shop.put("tblaccounts", invoiceid=topup, amountout="12.00", refundid=1)
    vars_ = {"InvoiceRefunded": {"invoiceid": topup},
             "AddTransaction": {"invocieid": topup, "amountout": 12.0}}  # fmt: skip
    on.shop.hook(road, **vars_[road])
    on.shop.hook(road, **vars_[road])
    on.settled()

    assert 1 == on.relay.types().count("topup.reversed")
    assert "10.00" == sums(on.rig)["reversed"]


def test_a_part_that_is_paid_back_is_for_a_person(stage):
    """D28: nothing is guessed of it; the activity log tells staff."""
    # Guard off (anything that went out is the whole): red, all of it is reversed.
    on = stage()
    on.sold()
    topup = on.shop.addon("topup:credit10", 4711, 31)
    on.shop.pay(topup)
    on.settled()
    on.shop.put("tblaccounts", invoiceid=topup, amountin="12.00")
    on.shop.put("tblaccounts", invoiceid=topup, amountout="5.00", refundid=1)
    on.shop.hook("AddTransaction", invocieid=topup, amountout=5.0)

    assert "topup.reversed" not in on.relay.types()
    assert any("a person must say" in text for text in on.shop.log("activity"))
