"""A provider's own platform behind the whole bridge: ordered, topped up, held."""

from decimal import Decimal

import pytest

from provisioning.simulator.platform import Platform
from tests.bridge.seen import SETTLE, WINDOW
from tests.rig import DEADLINE, SECRET

OWN = """
[backends.own]
kind = "generic"
url = "{url}"
secret = "{secret}"
currency = "USD"
call_deadline = {deadline}
settle = {settle}
[packages.documents]
backend = "own"
price = "9.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 3
free_credit = "5.00 USD"
"""


@pytest.fixture
def owned(make):
    """`rig, platform`: one package is sold on a platform of the provider's own."""
    with Platform(SECRET) as platform:
        more = OWN.format(
            url=platform.url, secret=SECRET, settle=SETTLE, deadline=DEADLINE
        )
        rig, _ = make(more=more)
        yield rig, platform


@pytest.fixture
def open_account(owned):
    rig, platform = owned
    rig.order(package="documents")
    rig.run()
    [username] = platform.accounts
    return rig, platform, username


def posts(platform):
    return [told for method, _, told in platform.asked if method == "POST"]


def test_an_order_is_an_account_there(open_account):
    """U6, U7: with its levels, and the free credit of its first period."""
    rig, platform, username = open_account
    account = platform.accounts[username]

    assert {"order": "done"} == rig.fates()
    assert (True, {"channels": 3, "tariff": "archive"}) == (
        account.on,
        account.entitlements,
    )
    assert Decimal(5) == account.balance


@pytest.mark.parametrize("fault", ["reset_after_apply", "error_500_applied"])
def test_a_topup_whose_answer_was_lost_is_credited_once(open_account, fault):
    """U9: it is looked for by its reference, found, and not sent again."""
    rig, platform, username = open_account
    platform.plant(fault, "POST")
    rig.topup("2")
    rig.run()
    rig.wait(WINDOW)
    rig.run()

    assert "done" == rig.fates()["topup-2"]
    assert Decimal(15) == platform.accounts[username].balance
    assert 1 == sum(told["reference"] == "shop:2/topup" for told in posts(platform))


@pytest.mark.parametrize("fault", ["reset_before", "error_503", "lies", "wrong_404"])
def test_a_topup_that_did_not_arrive_is_sent_again(open_account, fault):
    """U9: only after the window, and then once."""
    rig, platform, username = open_account
    platform.plant(fault, "POST")
    rig.topup("2")
    rig.run()
    before = platform.accounts[username].balance
    rig.wait(WINDOW)
    rig.run()

    assert Decimal(5) == before
    assert "done" == rig.fates()["topup-2"]
    assert Decimal(15) == platform.accounts[username].balance


def test_a_refused_topup_waits_for_a_person_in_the_platforms_words(open_account):
    """Nothing is lost: it is held, and the reason can be read."""
    rig, platform, username = open_account
    platform.plant("refuse", "POST")
    rig.topup("2")
    rig.run()
    rig.wait(WINDOW)
    rig.run()

    assert "refused" == rig.fates()["topup-2"]
    assert Decimal(5) == platform.accounts[username].balance


def test_a_wrong_url_sends_no_money_and_gives_up_no_account(open_account):
    """U9: every read answers 404, and none of them says that the account is gone.

    Guard off (404 alone is "not there"): red, the event is parked as if it were.
    """
    rig, platform, username = open_account
    sent = len(posts(platform))
    for _ in range(3):
        platform.plant("wrong_404", "GET")
    rig.topup("2")
    rig.run()

    assert sent == len(posts(platform))
    assert "working" == rig.fates()["topup-2"]
    rig.wait(3600)
    rig.run_until_quiet()
    assert "done" == rig.fates()["topup-2"]
    assert Decimal(15) == platform.accounts[username].balance


def test_suspended_it_is_off_and_keeps_the_rest(open_account):
    """U3: the whole document is put, and only `on` in it is another."""
    rig, platform, username = open_account
    rig.say("suspend")
    rig.run()
    account = platform.accounts[username]

    assert (False, {"channels": 3, "tariff": "archive"}, Decimal(5)) == (
        account.on,
        account.entitlements,
        account.balance,
    )
