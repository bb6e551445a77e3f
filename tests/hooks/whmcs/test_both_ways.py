"""The module and the API of one WHMCS: told, asked, called back, in time and late."""

import pytest

from bridge.store import outbox
from tests.bridge.seen import OPEN, credit, is_sound, levels, sums
from tests.hooks.whmcs.conftest import QUICK
from tests.hooks.whmcs.relay import CUT, LOSE, PASS

pytestmark = pytest.mark.timeout(300)
DAY = 86400


def by_database(on, invoice):
    """Marked as paid where no hook hears it: a gateway's own UPDATE, an import."""
    told = {"status": "Paid", "datepaid": on.shop.moment()}
    on.shop.set("tblinvoices", f"id = {invoice}", **told)


def told_of(on):
    """What a person is to be told of, by its key."""
    with on.rig.database.read() as tx:
        kept = outbox.newest(tx, 99, None)
    return [one.key for one in kept if one.key.startswith("stuck:")]


@pytest.mark.parametrize("hook_first", [False, True], ids=["Renew first", "hook first"])
def test_a_renewal_is_one_grant_by_call_hook_pull_and_replay(stage, hook_first):
    """U2, U12, I6: Renew and InvoicePaid in both orders, a pull, all of it again."""
    # Guard off (Renew names a line of its own): red, it is parked.
    on = stage()
    on.sold()
    renewal = on.shop.invoice(("Hosting", 4711), due=on.shop.day(31))
    assert ["success"] == on.shop.pay(renewal, hook_first=hook_first)
    on.done()
    on.pull()
    on.shop.hook("InvoicePaid", invoiceid=renewal)
    on.shop.call("Renew", 4711)
    on.pull()

    on.done()
    assert "10.00" == credit(on.simulator)
    assert 4 == on.relay.types().count("service.renewed")
    assert is_sound(on.rig)


def test_what_is_paid_past_every_hook_is_pulled_and_told_later_it_is_the_same(stage):
    """U2, U9, U12: as some gateways mark an invoice; then the hooks after all."""
    on = stage()
    on.sold()
    renewal = on.shop.invoice(("Hosting", 4711), due=on.shop.day(31))
    topup = on.shop.addon("topup:credit10", 4711, 31)
    for invoice in (renewal, topup):
        by_database(on, invoice)
    on.pull()
    on.done()
    assert "20.00" == credit(on.simulator)

    for invoice in (renewal, topup):
        on.shop.pay(invoice)
    on.pull()
    on.done()
    assert "20.00" == credit(on.simulator)
    assert "10.00" == sums(on.rig)["paid"]


def test_an_order_no_hook_told_is_opened_and_completed_there(stage):
    """U1, I2: paid while the module was away: the API finds it and makes it Active."""
    on = stage()
    invoice = on.shop.order(on.shop.product("starter"), 4711)
    by_database(on, invoice)
    on.pull()
    on.done()
    on.later(40)
    on.until(lambda: "Active" == on.shop.state(4711))
    [mail] = on.shop.log("mail")

    assert (True, 5, "1") == levels(on.simulator)
    assert on.simulator.users[1].username in mail
    assert on.simulator.users[1].password == on.shop.rows("tblhosting")[0]["password"]


def test_a_create_that_took_longer_is_completed_by_itself(stage):
    """I2: nobody clicks Retry: name, password, mail, then Active; and once."""
    on = stage(**QUICK)
    on.simulator.plant("error_object_500", OPEN)
    invoice = on.shop.order(on.shop.product("starter"), 4711)
    [said] = on.shop.pay(invoice)
    assert "will finish by itself" in said, said
    assert ("Pending", []) == (on.shop.state(4711), on.shop.log("mail"))
    on.done()
    on.later(40)
    on.until(lambda: "Active" == on.shop.state(4711))
    row, user = on.shop.rows("tblhosting")[0], on.simulator.users[1]

    assert (user.username, user.password) == (row["username"], row["password"])
    assert 1 == len(on.shop.log("mail")) == len(on.simulator.users)


def test_what_waits_for_a_person_is_one_notification(stage):
    """U12: in WHMCS, where staff are; not only in its queue, that nobody opens.

    One for each thing that waits: here the order, and what was paid for it.
    """
    on = stage()
    on.shop.pay(on.shop.order(on.shop.product("platinum"), 4711))
    on.settled()
    on.later(60)
    on.until(lambda: len(told_of(on)) == 2)
    on.later(400)
    on.until(lambda: len(on.api.notices) == 2)
    on.later(DAY)
    on.pull()
    titles = sorted(each["title"].partition(" (")[0] for each in on.api.notices)

    assert [
        "Switchhook: service.activate waits", "Switchhook: service.renewed waits",
    ] == titles  # fmt: skip
    assert any("platinum" in each["message"] for each in on.api.notices)


def test_a_cancellation_at_the_end_is_one_when_that_is_there(stage):
    """U4: on until then, off after it, though WHMCS's cron is late; then it says so."""
    on = stage()
    on.sold()
    asked = {"userid": 7, "relid": 4711, "type": "End of Billing Period"}
    on.shop.hook("CancellationRequest", **asked)
    on.done()
    on.later(20 * DAY)
    assert (True, 5, "1") == levels(on.simulator)

    on.later(15 * DAY)
    on.until(lambda: not levels(on.simulator)[0])
    assert "success" == on.shop.call("TerminateAccount", 4711)
    on.done()
    assert (False, "Terminated") == (levels(on.simulator)[0], on.shop.state(4711))


def test_an_account_made_by_hand_is_paid_once(stage):
    """U1, U2: staff press Create, then the first invoice is paid, as a renewal."""
    on = stage()
    invoice = on.shop.order(on.shop.product("starter"), 4711)
    assert "success" == on.shop.call("CreateAccount", 4711)
    assert ["success"] == on.shop.pay(invoice)
    on.done()

    assert ("5.00", 1) == (credit(on.simulator), len(on.simulator.users))


@pytest.mark.parametrize("mode", [CUT, LOSE])
@pytest.mark.parametrize(
    ("hook", "channels"),
    [("AddonSuspended", 5), ("AddonTerminated", 5), ("AddonCancelled", 5)],
)
def test_an_addon_whose_state_staff_changed_is_as_they_said(
    stage, hook, channels, mode
):
    """U3, U4, U6: no module call goes with it; the line may be down, too."""
    on = stage()
    on.sold()
    assert ["success"] == on.shop.pay(on.shop.addon("line", 4711, 31))
    on.done()
    assert (True, 6, "1") == levels(on.simulator)

    on.relay.mode = mode
    of = {"id": 31, "userid": 7, "serviceid": 4711, "addonid": 7}
    on.shop.hook(hook, **of)
    on.relay.mode = PASS
    on.shop.hook("AfterCronJob")
    on.done()
    on.until(lambda: (True, channels, "1") == levels(on.simulator))

    if hook == "AddonSuspended":
        on.shop.hook("AddonUnsuspended", **of)
        on.done()
        on.until(lambda: (True, 6, "1") == levels(on.simulator))


def test_an_addon_that_was_upgraded_is_looked_at(stage):
    """U5: ChangePackage tells what it is now; its hook has it brought in line."""
    on = stage()
    on.sold()
    assert ["success"] == on.shop.pay(on.shop.addon("line", 4711, 31))
    upgrade = on.shop.put("tblupgrades", userid=7, type="addon", relid=31, newvalue="7")
    for _ in range(2):
        on.shop.hook("AfterAddonUpgrade", upgradeid=upgrade)
    on.done()
    told = [each for _, each in on.relay.told if each["type"] == "service.sync"]

    assert [{"ref": "a31"}] == [each["service"] for each in told]


def test_a_record_that_is_deleted_ends_nothing_and_staff_are_told(stage):
    """U4: only a termination ends an account; what was never ours is none of it."""
    on = stage()
    on.sold()
    on.done()
    on.shop.hook("ServiceDelete", userid=7, serviceid=4711)
    on.shop.hook("AddonDeleted", id=99)
    told = [text for text in on.shop.log("activity") if "deleted here" in text]

    assert ["service 4711"] == [text[12:24] for text in told]
    assert levels(on.simulator)[0]


def test_how_each_call_ended_is_in_the_activity_log(stage):
    """U12: the module log is off by default; this one never is."""
    on = stage()
    on.sold()
    on.shop.call("SuspendAccount", 4711)
    on.relay.mode = CUT
    on.shop.call("UnsuspendAccount", 4711)
    told = on.shop.log("activity")

    assert "Switchhook: Create of service 4711: done" in told
    assert "Switchhook: Suspend of service 4711: done" in told
    assert any("Unsuspend of service 4711: failed: " in text for text in told)
