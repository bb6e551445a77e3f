"""What the module asks the bridge, and what staff and customers see of the answers."""

import pytest

from tests.hooks.whmcs.relay import CUT

PACKAGES = {
    "packages": [
        {"name": "starter", "label": "", "cycle": "monthly",
         "price": {"amount": "29.00", "currency": "USD"}},
    ],
    "topups": [
        {"name": "credit10", "label": "Ten",
         "credit": {"amount": "10.00", "currency": "USD"}},
    ],
    "groups": [],
    "backends": ["main"],
}  # fmt: skip
SERVICE = {
    "known": True,
    "username": "sh-7-a<b>",
    "status": "inactive",
    "why": "unpaid since 2026-11-03",
    "package": "starter",
    "next_package": {"name": "plain", "at": "2026-12-01"},
    "limits": {"channels": 5, "tariff": "standard"},
    "observed": {"channels": 5},
    "balance": {"amount": "4.20", "currency": "USD"},
    "paid_until": "2026-12-01",
    "operation": {"id": "op_1", "type": "service.suspend", "fate": "done",
                  "why": None, "at": "2026-11-04"},
    "ledger": [{"at": "2026-11-01", "what": "granted", "because": "line 1",
                "amount": {"amount": "5.00", "currency": "USD"}}],
    "coupons": [{"id": "c1", "kind": "reward", "variants": ["rank 12 for 3 days"]}],
    "timeline": [{"from": "2026-11-01", "to": "2026-12-01", "package": "starter",
                  "why": "paid"}],
    "login_url": "https://panel.example.com/",
}  # fmt: skip


@pytest.fixture
def known(desk):
    """A service of a product, and a bridge that knows it."""
    shop, relay = desk
    shop.order(shop.product("starter"), 4711)
    relay.answers |= {"packages": PACKAGES, "service": SERVICE}
    return shop, relay


def test_packages_and_topups_are_chosen_from_a_list(known):
    """U12: the value is our name, the label says price and credit."""
    shop, _ = known

    assert {
        "starter": "starter (29.00 USD, monthly)",
        "topup:credit10": "Top-up: Ten (10.00 USD)",
    } == shop.ask("Packages")


def test_settings_keep_their_places(known):
    """U12: they are stored as configoption1 to 4, so their order is an interface."""
    shop, _ = known
    settings = shop.ask("ConfigOptions")

    assert ["Package", "Configurable options", "Target field", "Send client group"] == (
        list(settings)
    )
    assert "switchhook_Packages" == settings["Package"]["Loader"]


def test_a_connection_is_tried_with_its_backend(known):
    """U12: signed and answered; a backend that is not there is named."""
    shop, relay = known
    assert {"success": True, "error": ""} == shop.ask("TestConnection")

    shop.set("tblservers", "id = 1", accesshash="mian")
    assert "it has: main" in shop.ask("TestConnection")["error"]

    relay.mode = CUT
    assert "cannot be reached" in shop.ask("TestConnection")["error"]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("hostname", "bridge.example.com", 'Tick "Secure"'),
        ("hostname", "", "has no hostname"),
        ("username", "", "name of the source"),
        ("password", "", "name of the source"),
    ],
)
def test_a_wrong_server_record_says_what_to_mend(known, column, value, said):
    """U12: no password goes over a line that others can read."""
    shop, _ = known
    shop.set("tblservers", "id = 1", **{column: value})

    assert said in shop.ask("TestConnection")["error"]


def test_staff_see_why_it_is_off_and_what_was_booked(known):
    """U12, S1, S3: state, operation, ledger, timeline; what others wrote is escaped."""
    shop, _ = known
    fields = shop.ask("AdminServicesTabFields", 4711)

    assert "inactive: unpaid since 2026-11-03" == fields["State"]
    assert "sh-7-a&lt;b&gt;" == fields["User name"]
    assert "starter, next: plain from 2026-12-01" == fields["Package"]
    assert "op_1 service.suspend, done, 2026-11-04." == fields["Last operation"]
    assert "<td>5.00 USD</td>" in fields["Ledger"]
    assert "<td>2026-12-01</td>" in fields["Timeline"]


@pytest.mark.parametrize("verb", ["reprovision", "sync", "login"])
def test_a_button_acts_and_its_answer_is_shown_next(known, verb):
    """U10: who asked is told; what the bridge says stands on the page then."""
    shop, relay = known
    relay.answers["act"] = {"operation": "op_2", "said": "It is <done>."}
    fields = shop.ask(verb, 4711, then="AdminServicesTabFields")
    _, asked = next(each for each in relay.asked if each[1]["ask"] == "act")

    assert (verb, "4711", "whmcs admin 3") == (
        asked["verb"], asked["service"], asked["by"],
    )  # fmt: skip
    assert "It is &lt;done&gt;." == fields["Answer"]


def test_a_preview_shows_the_steps(known):
    """U10: what would be done now; nothing is."""
    shop, relay = known
    relay.answers["plan"] = {"steps": ["set channels to 5", "switch it on"]}
    fields = shop.ask("preview", 4711, then="AdminServicesTabFields")

    assert "set channels to 5<br />\nswitch it on" == fields["Answer"]
    assert {"plan", "service"} == {asked["ask"] for _, asked in relay.asked}


def test_credit_by_hand_needs_a_reason_and_is_given_once_a_form(known):
    """U9: the form brings its own token, which is the id of the question."""
    shop, relay = known
    relay.answers["act"] = {"operation": "op_3", "said": "Given."}
    shop.ask("AdminServicesTabFieldsSave", 4711, post={"modulefields": ["5.00", ""]})
    assert [] == relay.asked

    form = {"modulefields": ["5.00", "call dropped", "abc123"]}
    shop.ask("AdminServicesTabFieldsSave", 4711, post=form)
    shop.ask("AdminServicesTabFieldsSave", 4711, post=form)

    assert ["ask-abc123"] * 2 == [id_ for id_, _ in relay.asked]
    assert {"5.00"} == {asked["amount"] for _, asked in relay.asked}


def test_credit_that_is_refused_is_said_on_the_page(known):
    """U9: saving a page shows no error of a module; ours stands in a field of it."""
    shop, relay = known
    relay.answers["act"] = {"detail": "at most 50.00 USD may be given"}
    form = {"modulefields": ["500", "call dropped", "abc123"]}
    save = "AdminServicesTabFieldsSave"
    fields = shop.ask(save, 4711, post=form, then="AdminServicesTabFields")

    assert "Switchhook: at most 50.00 USD may be given" == fields["Answer"]


def test_a_customer_sees_the_plan_balance_and_coupons(known):
    """P2, S1, B1: on the page of the service."""
    shop, _ = known
    page = shop.ask("ClientArea", 4711)
    shown = page["vars"]["switchhook"]

    assert "templates/overview" == page["templatefile"]
    assert ("4.20 USD", "channels: 5, tariff: standard") == (
        shown["balance"], shown["limits"],
    )  # fmt: skip
    assert "rank 12 for 3 days" == shown["coupons"][0]["variants"]


def test_a_page_stands_also_while_the_bridge_is_away(known):
    """U12: customers see a page, staff an entry in the activity log."""
    shop, relay = known
    relay.mode = CUT

    assert "templates/away" == shop.ask("ClientArea", 4711)["templatefile"]
    assert not shop.ask("ServiceSingleSignOn", 4711)["success"]
    assert "cannot be reached" in shop.ask("AdminServicesTabFields", 4711)["Switchhook"]


def test_signing_on_leads_to_the_panel(known):
    """I2: an address of the web only, whatever the bridge says."""
    shop, relay = known
    assert (
        "https://panel.example.com/"
        == (shop.ask("ServiceSingleSignOn", 4711)["redirectTo"])
    )
    assert "switchhook_ServiceSingleSignOn" in str(shop.ask("CustomActions", 4711))

    relay.answers["service"] = SERVICE | {"login_url": "javascript:alert(1)"}
    assert not shop.ask("ServiceSingleSignOn", 4711)["success"]


def test_accounts_are_listed_page_by_page(desk):
    """U12: for WHMCS's own comparison with what is sold there."""
    shop, relay = desk
    relay.answers["accounts"] = {
        "accounts": [
            {"service": "4711", "username": "sh-7", "email": "lan@example.com",
             "package": "starter", "status": "inactive",
             "created": "2026-11-01T10:00:00+00:00"},
        ],
        "after": None,
    }  # fmt: skip
    (account,) = shop.ask("ListAccounts")["accounts"]

    assert ("sh-7", "Suspended", "starter") == (
        account["uniqueIdentifier"], account["status"], account["product"],
    )  # fmt: skip


def test_usage_is_imported_by_service(known):
    """S12: daily, by server; metrics are by user name."""
    shop, relay = known
    shop.set("tblhosting", "id = 4711", username="sh-7")
    relay.answers["usage"] = {
        "services": [
            {"service": "4711", "used": "12.6", "channels": 5,
             "balance": {"amount": "4.20", "currency": "USD"}},
        ],
        "after": None,
    }  # fmt: skip
    shop.ask("UsageUpdate")
    metrics, usage, tenant = shop.do("usage", tenant="sh-7")

    assert 13 == shop.rows("tblhosting")[0]["bwusage"]
    assert [{"balance": None}, {"used": None}, {"channels": None}] == metrics
    assert {"sh-7": [{"balance": "4.20"}, {"used": "12.6"}, {"channels": 5}]} == usage
    assert usage["sh-7"] == tenant


def test_no_welcome_mail_before_the_account_exists(known):
    """I2: WHMCS sends it on its own, e.g. where an order is accepted by hand."""
    shop, relay = known
    relay.answers["service"] = {"known": False}
    assert "stopped" == shop.do("welcome", service=4711)

    relay.answers["service"] = SERVICE
    assert "sent" == shop.do("welcome", service=4711)
    assert [[]] == shop.hook("EmailPreSend", messagename="Invoice", relid=4711)


def test_an_upgrade_that_is_refused_is_not_ordered(known):
    """C7, C9, C13: the customer reads the reason before he pays."""
    shop, relay = known
    other = shop.product("business")
    relay.answers["plan"] = {"steps": [], "refused": "A yearly plan stays yearly."}
    ask = {"id": 4711, "pid": other, "billingcycle": "Semi-Annually"}
    said = shop.hook("ShoppingCartValidateUpgrade", **ask)
    assert [["A yearly plan stays yearly."]] == said
    assert "business,semiannually" == relay.asked[-1][1]["change"]

    for cycle, change in (("One Time", "business,once"), ("Free Account", "business")):
        shop.hook("ShoppingCartValidateUpgrade", **ask | {"billingcycle": cycle})
        assert change == relay.asked[-1][1]["change"]

    relay.answers["plan"] = {"steps": ["swap the package"]}
    assert [[]] == shop.hook("ShoppingCartValidateUpgrade", **ask)

    relay.mode = CUT
    assert "cannot be checked" in str(shop.hook("ShoppingCartValidateUpgrade", **ask))


def test_a_scheduled_downgrade_is_whmcss_before_the_renewal_invoice(known):
    """C11: the next invoice is of the next package; one product must have it."""
    shop, relay = known
    relay.answers["accounts"] = {
        "accounts": [{"service": "4711", "next_package": SERVICE["next_package"]}],
        "after": None,
    }
    shop.hook("PreInvoicingGenerateInvoiceItems")
    assert any("0 products have package" in text for text in shop.log("activity"))

    plain = shop.product("plain")
    shop.hook("PreInvoicingGenerateInvoiceItems")
    assert plain == shop.rows("tblhosting")[0]["packageid"]


def test_another_address_of_a_client_is_told_for_each_service(desk):
    """U12: once a change; the same address again is none."""
    shop, relay = desk
    product = shop.product("starter")
    for service in (4711, 4712):
        shop.order(product, service)
        shop.set("tblhosting", f"id = {service}", domainstatus="Active")
    old = {"email": "lan@example.com"}
    shop.hook("ClientEdit", userid=7, email="lan@example.com", olddata=old)
    assert [] == relay.told

    shop.hook("ClientEdit", userid=7, email="new@example.com", olddata=old)
    assert ["4711", "4712"] == [told["data"]["target"] for _, told in relay.told]


def test_every_hook_of_ours_is_one_whmcs_has(desk):
    """U12: by name, from hooks-reference/; there is no AfterModuleRenew."""
    shop, _ = desk
    calls = ("Create", "Suspend", "Unsuspend", "Terminate", "ChangePackage")

    assert {
        "InvoicePaid", "InvoiceRefunded", "AddTransaction", "CancellationRequest",
        "AfterProductUpgrade", "AfterConfigOptionsUpgrade", "AfterAddonUpgrade",
        "AddonActivation", "AddonRenewal", "ClientEdit", "EmailPreSend",
        "ShoppingCartValidateUpgrade", "PreInvoicingGenerateInvoiceItems",
        "AfterCronJob", *(f"AfterModule{call}" for call in calls),
        *(f"AfterModule{call}Failed" for call in calls),
    } == set(shop.do("hooks"))  # fmt: skip
