"""The life of a service in WHMCS, by the real module, in fair and in foul weather."""

import pytest

from tests.bridge.seen import OPEN, PAY, SET, credit, is_sound, levels, sums, writes
from tests.engines import on_sqlite
from tests.hooks.whmcs.conftest import QUICK, until
from tests.hooks.whmcs.relay import CUT, LOSE, PASS
from tests.hooks.whmcs.shop import PASSWORD

pytestmark = pytest.mark.timeout(300)

OPTIONS = {"configoption2": "Extra channels = line"}


def order(shop):
    starter = shop.product("starter", **OPTIONS)
    return pay(shop, shop.order(starter, 4711, options={"Extra channels": 0}))


def renew(shop):
    return pay(shop, shop.invoice(("Hosting", 4711), due=shop.day(31)))


def upgrade(shop):
    return pay(shop, shop.upgrade(4711, shop.product("business", **OPTIONS)))


def option(shop):
    return pay(shop, shop.more(4711, "Extra channels", 3))


def overdue(shop):
    return shop.begin("call", function="SuspendAccount", ref="4711",
                      more={"suspendreason": "Overdue on Payment"})  # fmt: skip


def pay_late(shop):
    return pay(shop, shop.invoice(("Hosting", 4711), due=shop.day(62)))


def topup_as_product(shop):
    invoice = shop.order(shop.product("topup:credit20", configoption3="For"), 4712)
    shop.field(4712, "For", "4711")
    return pay(shop, invoice)


def topup_as_addon(shop):
    return pay(shop, shop.addon("topup:credit10", 4711, 31))


def cancel(shop):
    asked = {"userid": 7, "relid": 4711, "type": "End of Billing Period"}
    return shop.begin("hook", hook="CancellationRequest", vars=asked)


def terminate(shop):
    return shop.begin("call", function="TerminateAccount", ref="4711")


def pay(shop, invoice):
    return shop.begin("pay", invoice=invoice)


LIFE = (
    (order, (True, 5, "1"), "5.00"),
    (renew, (True, 5, "1"), "10.00"),
    (upgrade, (True, 10, "2"), "16.00"),
    (option, (True, 13, "2"), "16.00"),
    (overdue, (False, 13, "2"), "16.00"),
    (pay_late, (True, 13, "2"), "24.00"),
    (topup_as_product, (True, 13, "2"), "46.00"),
    (topup_as_addon, (True, 13, "2"), "56.00"),
    (cancel, (True, 13, "2"), "56.00"),
    (terminate, (False, 13, "2"), "56.00"),
)
"""What happens in WHMCS, and what the backend is then: on, channels, tariff; credit.

Two periods are paid when it is upgraded: each gets the 3.00 that are missing (D15).
"""


def fair(on, step):
    on.shop.end(step(on.shop))
    assert [] == on.shop.waiting()


def down(on, step):
    on.relay.mode = CUT
    on.shop.end(step(on.shop))
    on.relay.mode = PASS


def lost(on, step):
    on.relay.mode = LOSE
    on.shop.end(step(on.shop))
    on.relay.mode = PASS


def slow(on, step):
    on.relay.delay = 0.3
    on.shop.end(step(on.shop))


def killed(on, step):
    """While the backend is at work for it."""
    before = len(writes(on.simulator))
    for method in (OPEN, SET, PAY):
        on.simulator.plant("slow_then_applied", method, seconds=0.5)
    process = step(on.shop)
    until(lambda: len(writes(on.simulator)) > before or process.poll() is not None)
    on.bridge.kill()
    on.shop.end(process)
    on.bridge.serve()


@pytest.mark.parametrize("weather", [fair, killed])
def test_the_whole_life_of_a_service(stage, weather):
    """U1, U2, U3, U4, U5, U6, U7, U8, U9, I9, I10, U12: each step, each time once."""
    lived(stage, weather)


@on_sqlite
@pytest.mark.parametrize("weather", [down, slow, lost])
def test_the_whole_life_over_a_bad_line(stage, weather):
    """U1, U2, U3, U4, U5, U9, U12: the cron tells the rest, staff's Retry ends it."""
    lived(stage, weather)


def lived(stage, weather):
    on = stage(outside=weather is killed, **QUICK)
    for step, level, sum_ in LIFE:
        weather(on, step)
        on.shop.hook("AfterCronJob")
        on.done()
        for ref, action in on.shop.waiting():
            assert "success" == on.shop.call(action, ref), step
        on.done()

        assert (level, sum_) == (levels(on.simulator), credit(on.simulator)), step
        assert [] == on.shop.waiting()
    assert 1 == len(on.simulator.users)
    assert "30.00" == sums(on.rig)["paid"]
    assert is_sound(on.rig)
    assert "Terminated" == on.shop.state(4711)


def username(on):
    """As the account is called at the backend."""
    return on.simulator.users[1].username


def test_a_paid_order_is_an_account_and_only_then_it_is_active(stage):
    """U1, I2, U12: paid, created, read back, active; the mail goes out after that."""
    on = stage()
    invoice = on.shop.order(on.shop.product("starter"), 4711)

    assert ["success"] == on.shop.pay(invoice)
    assert (True, 5, "1") == levels(on.simulator)
    assert "Active" == on.shop.state(4711)
    assert username(on) == on.shop.rows("tblhosting")[0]["username"]
    assert 1 == len(on.shop.log("mail"))


def test_the_login_that_whmcs_mails_is_the_accounts(stage):
    """I2: the name is the bridge's, the password WHMCS's; later his own counts."""
    # Guard off (told at each create): red, his password is WHMCS's again.
    on = stage()
    on.sold()
    assert PASSWORD == on.simulator.users[1].password
    assert "success" == on.shop.call("ChangePassword", 4711, password="his-0wn-Secret")
    assert "success" == on.shop.call("CreateAccount", 4711)

    assert "his-0wn-Secret" == on.simulator.users[1].password
