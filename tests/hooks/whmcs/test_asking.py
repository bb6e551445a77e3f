"""What the module asks the bridge, and what staff see of the answers."""

import pytest
import sqlalchemy as sa

from bridge.store.tables import account
from tests.bridge.seen import SET, by_hand, fields, pay_by_hand
from tests.hooks.whmcs.relay import CUT

pytestmark = pytest.mark.timeout(180)
GOODWILL = 'goodwill = ["18.00 USD"]'


@pytest.fixture
def known(stage):
    """A service that is sold and there."""
    on = stage(public=GOODWILL)
    on.sold()
    on.settled()
    return on


def drift(on):
    """Somebody changed the channels past us."""
    name = fields(on.rig)["channels"]
    by_hand(on.simulator, SET, user_id=1, user={name: 50})


def asked(on, word):
    return [told for _, told in on.relay.asked if told["ask"] == word]


def test_packages_and_topups_are_chosen_from_a_list(known):
    """U12: the value is our name, the label says price and credit."""
    found = known.shop.ask("Packages")

    assert "starter (29.00 USD, monthly)" == found["starter"]
    assert "Top-up: credit10 (10.00 USD)" == found["topup:credit10"]


def test_settings_keep_their_places(known):
    """U12: they are stored as configoption1 to 5, so their order is an interface."""
    settings = known.shop.ask("ConfigOptions")

    assert [
        "Package", "Configurable options", "Target field", "Send client group",
        "Login page",
    ] == list(settings)  # fmt: skip
    assert "switchhook_Packages" == settings["Package"]["Loader"]


def test_a_connection_is_tried_with_its_backend(known):
    """U12: signed and answered; a backend that is not there is named."""
    shop = known.shop
    assert {"success": True, "error": ""} == shop.ask("TestConnection")

    shop.set("tblservers", "id = 1", accesshash="mian")
    assert "it has: main" in shop.ask("TestConnection")["error"]

    known.relay.mode = CUT
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
def test_a_wrong_server_record_says_what_to_mend(alone, column, value, said):
    """U12: no password goes over a line that others can read."""
    alone.set("tblservers", "id = 1", **{column: value})

    assert said in alone.ask("TestConnection")["error"]
    assert said in alone.ask("AdminSingleSignOn")["errorMsg"]


def test_staff_see_why_it_is_off_and_what_was_booked(known):
    """U12, S1, S3: state, operation, ledger, timeline."""
    shop = known.shop
    known.until(lambda: "done" == known.rig.fates()["whmcs-InvoicePaid-1-1"])
    shop.call("SuspendAccount", 4711)
    known.settled()
    seen = shop.ask("AdminServicesTabFields", 4711)

    assert "Inactive: not paid" == seen["State"]
    assert known.simulator.users[1].username == seen["User name"]
    assert "starter" == seen["Package"]
    assert "service.suspend, done, " in seen["Last operation"]
    assert "<td>5.00 USD</td>" in seen["Ledger"]
    assert f"<td>{shop.day()}" in seen["Timeline"]


def test_what_others_wrote_is_shown_as_text(known):
    """U12: staff's own reason comes back in the ledger, and is no HTML there."""
    form = {"modulefields": ["5.00", "call <b>dropped</b>", "abc123"]}
    known.shop.ask("AdminServicesTabFieldsSave", 4711, post=form)
    known.settled()
    seen = known.shop.ask("AdminServicesTabFields", 4711)

    assert "call &lt;b&gt;dropped&lt;/b&gt;" in seen["Ledger"]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("reprovision", "1 steps are being done."),
        ("sync", "It is looked at now, and brought in line."),
    ],
)
def test_a_button_acts_and_its_answer_is_shown_next(known, verb, said):
    """U10: who asked is told; what the bridge says stands on the page then."""
    drift(known)
    seen = known.shop.ask(verb, 4711, then="AdminServicesTabFields")
    [told] = asked(known, "act")

    assert (verb, "4711", "whmcs admin 3") == (
        told["verb"], told["service"], told["by"],
    )  # fmt: skip
    assert said == seen["Answer"]
    known.until(lambda: 5 == known.simulator.users[1].channels)


def test_a_login_is_sent_again_where_the_mails_are_the_bridges(stage):
    """I2: WHMCS's own are sent there; the button says so."""
    on = stage()
    on.sold()
    said = on.shop.ask("login", 4711)

    assert "login mails of this source are sent by its platform" in said


def test_a_preview_shows_the_steps(known):
    """U10: what would be done now; nothing is."""
    drift(known)
    seen = known.shop.ask("preview", 4711, then="AdminServicesTabFields")

    assert "set channels = 5" == seen["Answer"]
    assert [] == asked(known, "act")
    assert 50 == known.simulator.users[1].channels


def test_credit_by_hand_needs_a_reason_and_is_given_once_a_form(known):
    """U9: the form brings its own token, which is the id of the question."""
    shop, save = known.shop, "AdminServicesTabFieldsSave"
    shop.ask(save, 4711, post={"modulefields": ["5.00", ""]})
    assert [] == asked(known, "act")

    form = {"modulefields": ["5.00", "call dropped", "abc123"]}
    shop.ask(save, 4711, post=form)
    shop.ask(save, 4711, post=form)
    known.settled()

    ids = [id_ for id_, told in known.relay.asked if told["ask"] == "act"]
    assert ["ask-abc123"] * 2 == ids
    known.until(lambda: "10.00" == f"{known.simulator.users[1].credit:.2f}")


def test_buttons_lead_to_what_they_say(alone):
    """U10: each of them is a function; the one for credit says where it is given."""
    alone.order(alone.product("starter"), 4711)
    buttons = alone.ask("AdminCustomButtonArray")
    unable = [alone.ask(each, 4711) for each in buttons.values()]

    assert ["preview", "reprovision", "sync", "topup", "login"] == [*buttons.values()]
    assert 'in "Top up by"' in unable.pop(3)
    assert all("cannot be reached" in each for each in unable)


def test_it_says_what_it_is(alone):
    """U12: the label of the list of modules, and by what accounts are compared."""
    told = alone.ask("MetaData")

    assert ("Switchhook", "username", "configoption1") == (
        told["DisplayName"],
        told["ListAccountsUniqueIdentifierField"],
        told["ListAccountsProductField"],
    )
    assert {"Use a coupon": "activate"} == alone.ask("ClientAreaAllowedFunctions")


def test_credit_that_is_refused_is_said_on_the_page(known):
    """U9: saving a page shows no error of a module; ours stands in a field of it."""
    form = {"modulefields": ["500", "call dropped", "abc123"]}
    save = "AdminServicesTabFieldsSave"
    seen = known.shop.ask(save, 4711, post=form, then="AdminServicesTabFields")

    assert "more than the 18.00 that [goodwill] allows" in seen["Answer"]


def test_accounts_are_listed_page_by_page(known, monkeypatch):
    """U12: for WHMCS's own comparison with what is sold there."""
    monkeypatch.setattr("bridge.answers.lists.PAGE", 1)
    known.sold("plain", 4712)
    known.shop.call("SuspendAccount", 4711)
    known.settled()
    found = known.shop.ask("ListAccounts")["accounts"]
    users = known.simulator.users

    assert {
        (users[1].username, "Suspended", "starter"),
        (users[2].username, "Active", "plain"),
    } == {(one["uniqueIdentifier"], one["status"], one["product"]) for one in found}
    assert {"lan@example.com"} == {one["email"] for one in found}
    assert 3 == len(asked(known, "accounts"))


def test_usage_is_imported_by_service(stage):
    """S12: daily, by server; metrics are by user name."""
    on = stage(rate="10")
    on.sold()
    shop, user = on.shop, on.simulator.users[1]
    on.settled()
    pay_by_hand(on.rig, on.simulator, 1, "-3.00")
    shop.pay(shop.addon("topup:credit20", 4711, 31))
    on.settled()
    shop.ask("UsageUpdate")
    metrics, usage, tenant = shop.do("usage", tenant=user.username)

    assert 3 == shop.rows("tblhosting")[0]["bwusage"]
    assert [{"balance": None}, {"used": None}, {"channels": None}] == metrics
    assert {
        user.username: [{"balance": "24.00"}, {"used": "3.00"}, {"channels": 5}]
    } == usage
    assert usage[user.username] == tenant


def test_another_address_of_a_client_is_told_for_each_service(known):
    """U12: once a change; the same address again is none."""
    known.sold("starter", 4712)
    told = len(known.relay.told)
    old = {"email": "lan@example.com"}
    known.shop.hook("ClientEdit", userid=7, email="lan@example.com", olddata=old)
    assert told == len(known.relay.told)

    known.shop.hook("ClientEdit", userid=7, email="new@example.com", olddata=old)
    known.settled()
    news = [each["data"]["target"] for _, each in known.relay.told[told:]]
    assert ["4711", "4712"] == news
    assert {"done"} == set(known.rig.fates().values()), known.whys()


def phones(on):
    """By which its customers are found."""
    with on.rig.database.read() as tx:
        return set(tx.execute(sa.select(account.c.phone)).scalars())


def test_another_number_of_a_client_is_told_and_what_is_none_is_not(known):
    """U12: he is found by the one he has; "n/a" stops neither an order nor a word."""
    first = phones(known)
    told = len(known.relay.told)
    old = {"email": "lan@example.com", "phonenumber": "+84.901234567"}
    edit = {"userid": 7, "email": "lan@example.com", "olddata": old}
    known.shop.hook("ClientEdit", **edit, phonenumber="n/a")
    assert told == len(known.relay.told)

    known.shop.hook("ClientEdit", **edit, phonenumber="+84.907654321")
    known.settled()
    [(_, news)] = known.relay.told[told:]
    assert {"ref": "7", "phone": "+84.907654321"} == news["account"]
    assert ({"01234567"}, {"07654321"}) == (first, phones(known))


def test_the_language_of_a_client_is_told_where_it_is_one_we_write_in(known):
    """He is mailed in it; WHMCS names it as its file in lang/ is called."""
    edit = {"userid": 7, "email": "lan@example.com"}
    old = {"email": "lan@example.com", "language": ""}
    for named in ("Vietnamese", "klingon", ""):
        known.shop.hook("ClientEdit", **edit, language=named, olddata=old)
    known.settled()

    with known.rig.database.read() as tx:
        assert {"vi"} == set(tx.execute(sa.select(account.c.language)).scalars())


def test_a_reseller_sees_only_its_own(known):
    """U11, U12: another source with a key of its own, whatever number it asks for."""
    theirs = known.theirs
    theirs.order(theirs.product("starter"), 4711)

    assert [] == theirs.ask("ListAccounts")["accounts"]
    assert {"Account": "The bridge does not know this service yet."} == (
        theirs.ask("AdminServicesTabFields", 4711)
    )
    assert "there is no service 4711 here" in theirs.ask("reprovision", 4711)
    assert not theirs.ask("ClientArea", 4711)["vars"]["switchhook"]["known"]
