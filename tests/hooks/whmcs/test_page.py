"""The page of a service in WHMCS: what its customer sees there, and presses."""

import re
from html.parser import HTMLParser

import pytest

from tests.bridge.cli.test_cli import said
from tests.bridge.seen import levels
from tests.hooks.whmcs.conftest import BRAND, LADDER
from tests.hooks.whmcs.relay import CUT
from tests.hooks.whmcs.shop import SMARTY

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(not SMARTY.exists(), reason="Smarty is not to be had here"),
]


class Reading(HTMLParser):
    """The text of a page, its links, and its forms with a set of fields a button."""

    def __init__(self, page):
        super().__init__()
        self.text, self.links, self.forms, self.tags = "", [], [], []
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(has["href"])
        if tag == "form":
            self._fields = {}
        if tag == "input":
            self._fields[has["name"]] = has["value"]
        if tag == "button":
            self.forms.append(self._fields | {has["name"]: has["value"]})

    def handle_data(self, data):
        self.text += f" {data}"


def read(on, service=4711, **press):
    return Reading(on.shop.page(service, **press))


def given(on, name="billing:4711"):
    told, code = said(on.rig.path, "coupon", "give", "Accelerator", name,
                      "--because", "the outage")  # fmt: skip
    assert (0, 1) == (code, told["given"])


@pytest.fixture
def silver(stage):
    """A step of a ladder, sold and paid."""
    on = stage(also=LADDER, more=BRAND, public='goodwill = ["18.00 USD"]')
    on.sold("silver")
    on.done()
    return on


def test_a_customer_sees_his_plan_and_what_he_may_do(silver):
    """P2, P5, P8, S1: package, price, cycle, status, payment, registered, action."""
    page, shop = read(silver), silver.shop

    assert page.text.startswith("Active Package silver Price 20.00 USD")
    assert "Billing cycle Monthly" in page.text
    assert re.search(r"Next payment \d{4}-\d\d-\d\d", page.text)
    assert f"Registered from {shop.day()}" in page.text
    assert "Channels 4" in page.text
    assert f"User name {silver.simulator.users[1].username}" in page.text
    assert [
        "clientarea.php?action=productdetails&id=4711&dosinglesignon=1",
        "cart.php?gid=addons",
        "upgrade.php?type=package&id=4711",
        "clientarea.php?action=cancel&id=4711",
    ] == page.links


def test_a_customer_sees_why_it_is_off_and_may_not_upgrade_what_has_ended(silver):
    """P5, P8: in words; of what has ended there is nothing to do."""
    silver.shop.call("SuspendAccount", 4711)
    silver.done()
    off = read(silver)
    silver.shop.call("TerminateAccount", 4711)
    silver.done()
    ended = read(silver)

    assert off.text.startswith("Inactive: not paid")
    assert ended.text.startswith("Inactive: ")
    assert not any("upgrade.php" in link for link in ended.links)


def test_a_coupon_is_switched_on_by_its_button(silver):
    """B1, B12: the way is chosen, the limits rise, and what came of it is said."""
    given(silver)
    page = read(silver)
    assert "Accelerator: as gold for 3 hours as gold for 1 day" in page.text
    assert (True, 4, "1") == levels(silver.simulator)

    short, _ = page.forms
    after = read(silver, **short)
    assert after.text.startswith("It is as gold until ")
    assert [] == after.forms
    silver.until(lambda: (True, 9, "1") == levels(silver.simulator))


def test_a_coupon_is_spent_once_however_often_its_button_is_pressed(silver):
    """B2, B5: the page may be old, and loaded twice; nobody else's coupon is used."""
    given(silver)
    silver.sold("silver", 4712)
    silver.done()
    short, _ = read(silver).forms
    stolen = silver.shop.ask("activate", 4712, post=short)
    first = silver.shop.ask("activate", 4711, post=short)
    again = silver.shop.ask("activate", 4711, post=short)
    nothing = silver.shop.ask("activate", 4711, post={"coupon": ["x"]})

    assert "is another account's" in stolen
    assert "success" == first
    assert "it is spent" in again
    assert '"coupon"' in nothing


def test_a_coupon_of_no_use_there_has_no_button(stage):
    """B1: on a plan of no ladder, and on the best one."""
    on = stage(also=LADDER)
    for chosen, service in (("starter", 4711), ("gold", 4712)):
        on.sold(chosen, service)
        given(on, f"billing:{service}")

    assert [] == read(on).forms == read(on, 4712).forms


def test_credit_that_came_is_listed_and_not_why(silver):
    """S1: what staff write for each other is not for customers."""
    form = {"modulefields": ["5.00", "he shouted", "abc123"]}
    silver.shop.ask("AdminServicesTabFieldsSave", 4711, post=form)
    silver.until(lambda: "Credit given" in read(silver).text)
    page = read(silver)

    assert f"{silver.shop.day()} 5.00 USD Credit given" in page.text
    assert "shouted" not in page.text


def test_what_others_wrote_is_text_on_the_page(silver):
    """U12: whatever an answer has in it, it is no HTML there."""
    # Guard off (`|escape` left out): red.
    silver.relay.twist = lambda told: told | {"username": "sw<b>7</b>"}
    page = read(silver)

    assert "User name sw<b>7</b>" in page.text
    assert "b" not in page.tags


def test_a_page_stands_also_while_the_bridge_is_away(silver):
    """U12: customers see a page, staff an entry in the activity log."""
    silver.relay.mode = CUT
    page = read(silver)

    assert page.text.startswith("Your service works; its details cannot be shown")
    assert any("cannot be reached" in text for text in silver.shop.log("activity"))
    assert not silver.shop.ask("ServiceSingleSignOn", 4711)["success"]
    assert (
        "cannot be reached"
        in (silver.shop.ask("AdminServicesTabFields", 4711)["Switchhook"])
    )


def test_what_is_not_there_yet_is_being_set_up(silver):
    """I2: no login that leads nowhere, nothing to top up."""
    silver.shop.order(silver.shop.product("gold"), 4712)
    page = read(silver, 4712)

    assert page.text.startswith("Your account is being set up.")
    assert [] == page.links


def test_signing_on_leads_to_the_brands_panel(silver):
    """I2: the brand's at the bridge; the product's own goes before it."""
    shop = silver.shop
    brands = shop.ask("ServiceSingleSignOn", 4711)
    shop.set("tblproducts", "1", configoption5=" https://calls.example.net/login ")
    own = shop.ask("ServiceSingleSignOn", 4711)

    assert "https://panel.example.com/" == brands["redirectTo"]
    assert "https://calls.example.net/login" == own["redirectTo"]
    assert "switchhook_ServiceSingleSignOn" in str(shop.ask("CustomActions", 4711))


def test_without_a_brand_nothing_leads_nowhere_and_staff_read_what_to_do(stage):
    """I2: a bridge without a brand is no fault; a login page is one field away."""
    on = stage()
    on.sold()
    on.done()
    page, staff = read(on), on.shop.ask("ServiceSingleSignOn", 4711)
    customer = on.shop.ask("ServiceSingleSignOn", 4711, customer=True)
    on.shop.set("tblproducts", "1", configoption5="https://calls.example.net/login")
    mended = read(on)

    assert not any("dosinglesignon" in link for link in page.links)
    assert 'fill in "Login page" in the Module Settings' in staff["errorMsg"]
    assert "There is no login page for this service yet." == customer["errorMsg"]
    assert any("dosinglesignon" in link for link in mended.links)
    assert on.shop.ask("ServiceSingleSignOn", 4711)["success"]


def test_no_address_but_one_of_the_web_is_led_to(silver):
    """I2: whatever a bridge says, or somebody wrote into the product."""
    # Guard off (any address will do): red.
    shop = silver.shop
    silver.relay.twist = lambda told: told | {"login_url": "javascript:alert(1)"}
    assert not shop.ask("ServiceSingleSignOn", 4711)["success"]

    shop.set("tblproducts", "1", configoption5="javascript:alert(1)")
    assert not shop.ask("ServiceSingleSignOn", 4711)["success"]


@pytest.mark.parametrize(
    ("url", "here", "leads"),
    [
        ("https://console.example.com", False, True),
        ("http://127.0.0.1:8482", True, True),
        ("http://127.0.0.1:8482", False, False),
        ("http://[::1]:8482", False, False),
        ("javascript:alert(1)", True, False),
        ("", True, False),
    ],
)
def test_no_admin_is_led_to_the_bridges_own_loopback(alone, url, here, leads):
    """U12: unless that is this machine; else it is said what to write where."""
    # Guard off (any address of the web leads on): red.
    told = alone.do("ours", function="Page::console", **{"with": [url, here]})

    assert leads == told["success"]
    assert leads or "[console]" in told["errorMsg"]


def test_an_admin_is_led_to_the_console(silver):
    """U12: the button of the server record; from elsewhere only where it leads on."""
    here = silver.shop.ask("AdminSingleSignOn")
    silver.relay.mode = CUT
    gone = silver.shop.ask("AdminSingleSignOn")

    assert silver.rig.parts.config.console.url == here["redirectTo"]
    assert "cannot be reached" in gone["errorMsg"]
