"""What cannot be: said to staff in words, and never half done."""

import pytest

from tests.bridge.seen import credit, levels
from tests.hooks.whmcs.shop import PASSWORD
from tests.rig import SECRET

pytestmark = pytest.mark.timeout(180)
OPTIONS = {"configoption2": "Extra channels = line"}


def test_a_renamed_option_fails_loudly(stage):
    """U6, U12: options come by display name; nothing is sold and not delivered."""
    # Guard off (what is not there is left out): red, the account has five channels.
    on = stage()
    product = on.shop.product("starter", **OPTIONS)
    invoice = on.shop.order(product, 4711, options={"Additional channels": 3})
    said, *_ = on.shop.pay(invoice)

    assert '"Extra channels" is gone or renamed' in said
    assert [("4711", "CreateAccount")] == on.shop.waiting()
    assert 0 == len(on.simulator.users)

    on.shop.set("harness_options", "service = 4711", name="Extra channels")
    assert "success" == on.shop.call("CreateAccount", 4711)
    assert (True, 8, "1") == levels(on.simulator)


def test_a_renamed_custom_field_fails_loudly(stage):
    """U9, U12: its credit would go to whichever account the client has."""
    on = stage()
    on.sold()
    topup = on.shop.product("topup:credit20", configoption3="For")
    invoice = on.shop.order(topup, 4712)
    field = on.shop.field(4712, "Service", "4711")
    said, *_ = on.shop.pay(invoice)
    assert '"For" is gone or renamed' in said
    assert any("is paid, and was not told" in text for text in on.shop.log("activity"))
    assert "5.00" == credit(on.simulator)

    on.shop.set("tblcustomfields", f"id = {field}", fieldname="For")
    assert "success" == on.shop.call("CreateAccount", 4712)
    on.done()
    assert "27.00" == credit(on.simulator)


def test_an_option_that_nothing_explains_fails_loudly(stage):
    """U12: a new option is sold; the message says what to write where."""
    on = stage()
    invoice = on.shop.order(on.shop.product("starter"), 4711, options={"Seats": 2})
    said, *_ = on.shop.pay(invoice)

    assert '"Seats = our_name"' in said


def test_an_unknown_package_is_told_with_its_reason(stage):
    """U12, I2: parked there, in staff's queue here, nothing active."""
    on = stage()
    invoice = on.shop.order(on.shop.product("platinum"), 4711)
    said, *_ = on.shop.pay(invoice)

    assert "platinum" in said
    assert "parked" in said
    assert "Pending" == on.shop.state(4711)


def test_two_services_of_one_client_are_two_accounts(stage):
    """U1, U12: no address and no client number is taken twice."""
    on = stage()
    product = on.shop.product("starter")
    for service in (4711, 4712):
        assert ["success"] == on.shop.pay(on.shop.order(product, service))
    assert "success" == on.shop.call("SuspendAccount", 4712)

    assert [True, False] == [user.active for user in on.simulator.users.values()]
    assert ["5.00", "5.00"] == [credit(on.simulator, user) for user in (1, 2)]


def test_only_the_suspension_that_was_lifted_is_lifted(stage):
    """D29, U3: a manual hold stays when an overdue one ends."""
    on = stage()
    on.sold()
    on.shop.call("SuspendAccount", 4711, suspendreason="Spam: abuse report 12")
    assert "abuse" == on.relay.last("service.suspend")["billing"]["hold"]
    on.shop.set("tblhosting", "id = 4711", suspendreason="Overdue on Payment")
    assert "success" == on.shop.call("UnsuspendAccount", 4711)
    on.settled()
    assert not levels(on.simulator)[0]

    on.shop.set("tblhosting", "id = 4711", suspendreason="Spam: abuse report 12")
    assert "success" == on.shop.call("UnsuspendAccount", 4711)
    on.settled()
    assert levels(on.simulator)[0]


def test_no_secret_is_in_any_log_or_in_the_outbox(stage):
    """U12: neither the source's, nor the client's password, whatever happens."""
    # Guard off (the body with the password handed to the log): red.
    on = stage()
    on.sold()
    said = on.shop.call("ChangePassword", 4711, password="N3w-and-secret")
    on.shop.call("SuspendAccount", 4711)
    on.shop.set("tblservers", "id = 1", username="elsewhere")
    on.shop.call("UnsuspendAccount", 4711)
    written = str(
        [on.shop.rows("mod_switchhook_outbox")]
        + [on.shop.log(kind) for kind in ("module", "activity")]
    )

    assert "success" == said
    assert len(on.shop.log("module")) > 2
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "N3w-and-secret", PASSWORD):
        assert secret not in written


def test_a_wrong_source_is_kept_and_said(stage):
    """U12: the name in the server record is mended, and the cron tells the rest."""
    on = stage()
    on.shop.set("tblservers", "id = 1", username="elsewhere")
    said, *_ = on.shop.pay(on.shop.order(on.shop.product("starter"), 4711))
    assert "[sources.<name>]" in said

    on.shop.set("tblservers", "id = 1", username="billing")
    on.shop.hook("AfterCronJob")
    assert {"done"} == set(on.settled().values())
    assert (True, 5, "1") == levels(on.simulator)


def test_a_resellers_own_whmcs_has_services_of_its_own(stage):
    """U11, U12: the same number of another source is another account."""
    on = stage()
    on.sold()
    theirs = on.theirs
    invoice = theirs.order(theirs.product("plain"), 4711)
    assert ["success"] == theirs.pay(invoice)
    assert "success" == theirs.call("SuspendAccount", 4711)

    assert ((True, 5, "1"), (False, 2, "2")) == (
        levels(on.simulator, 1), levels(on.simulator, 2),
    )  # fmt: skip


def test_a_secret_of_another_source_proves_nothing(stage):
    """U11: who writes another source's name into the server record is told so."""
    on = stage()
    on.shop.set("tblservers", "id = 1", username="reseller")
    said, *_ = on.shop.pay(on.shop.order(on.shop.product("starter"), 4711))

    assert "the bridge answered 401" in said
    assert {} == on.rig.fates()
