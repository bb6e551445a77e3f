"""What WHMCS shows is brought in line: its due date, and until when it suspends not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge import orders
from bridge.duties import wake
from bridge.store import coupons, outbox, payload, unpaid
from bridge.store.causes import running
from bridge.store.causes.found import Limits
from provisioning.core import acting
from provisioning.core.activation import Ground, activate
from provisioning.core.coupons import Giving, give
from provisioning.core.pledging import pledged
from provisioning.core.shown import Push
from tests.bridge.seen import levels
from tests.rigs.whmcs import BUSY, LOCKED, LOST, NEVER, ODD

LADDER = """
[families.calls]
[packages.basic]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "calls"
rank = 12
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 10
family = "calls"
rank = 10
[coupons.days]
families = ["calls"]
variants = [{ lasts = "3d", up = 2 }]
nested = true
[coupons.hours]
families = ["calls"]
variants = [{ lasts = "3h", up = 2 }]
nested = true
[grace]
debt = "50.00 USD"
"""


@pytest.fixture
def selling(make_billing):
    """One service of WHMCS, paid for a month from today on."""
    billing, simulator = make_billing(also=LADDER)
    now = billing.rig.clock.now()
    billing.tell(
        "whmcs-1-1", "service.activate", now, account={"ref": "7"},
        service={"ref": "1", "plan_ref": "basic"},
    )  # fmt: skip
    billing.line("501", due=now.date().isoformat())
    billing.rig.run_until_quiet()
    ends = billing.rig.account("billing:1").services[0].periods[0].ends.date()
    billing.whmcs.service("1", status="Active", nextduedate=ends.isoformat())
    billing.pass_(minutes=2)
    billing.send()
    billing.whmcs.journal.clear()
    billing.ends = ends
    return billing, simulator


def coupon(billing, kind="days", reference="T1"):
    """Given and switched on, as the verbs do it."""
    rig = billing.rig
    at, account, catalog = rig.clock.now(), rig.account("billing:1"), rig.parts.catalog
    [card] = give(
        kind, [account.id], Giving(reference, at, "ann", "sorry", 1), catalog.terms
    )
    stands = acting.stands(account, account.services[0], catalog, at)
    used = activate(card, account.id, stands, Ground(catalog.terms, catalog, "main"))
    with rig.database.change() as tx:
        coupons.add(tx, card)
    orders.carry_out(
        rig.database, rig.clock, "coupon.activate",
        {
            "was": payload.from_coupon(card),
            "activation": payload.from_activation(used.activation),
            "revision": account.revision,
        },
    )  # fmt: skip
    rig.run_until_quiet()


def promise(billing, days):
    rig = billing.rig
    at, account = rig.clock.now(), rig.account("billing:1")
    given = pledged(
        account, account.services[0], rig.parts.catalog, at, timedelta(days=days),
        "staff:ann", "sorry",
    )  # fmt: skip
    said = {"promise": unpaid.from_promise(given), "revision": account.revision}
    orders.carry_out(rig.database, rig.clock, "promise.give", said)
    rig.run_until_quiet()


def send(billing, seconds=15):
    billing.pass_(seconds=seconds)
    billing.send()


def shown(billing):
    return billing.rig.account("billing:1").services[0].shown


def date_there(billing):
    return billing.whmcs.products["1"]["nextduedate"]


def later(billing, days):
    return (billing.ends + timedelta(days=days)).isoformat()


def outcomes(billing):
    """Of the deliveries: state and what was said, by their keys."""
    with billing.rig.database.read() as tx:
        return {
            one.key: (one.state.value, one.said) for one in outbox.newest(tx, 99, None)
        }


def wakes(billing):
    wake(billing.rig.database, billing.rig.clock.now())
    billing.rig.run_until_quiet()


# --- The due date


def test_a_coupons_days_are_pushed_once(selling):
    """D1: three days later there, once, however often the account is looked at.

    Guard off (`noted` keeps nothing): red, pushed every time its key is new.
    """
    billing, _ = selling
    coupon(billing)
    for _ in range(3):
        send(billing)
        billing.rig.wake_all()
        billing.rig.run_until_quiet()

    assert later(billing, 3) == date_there(billing)
    assert (Push(1, 3),) == shown(billing).pushes
    assert 1 == len(billing.whmcs.did("UpdateClientProduct"))


def test_another_coupon_goes_on_from_there(selling):
    """D1: three days, and three hours that make no day, and three days more."""
    billing, _ = selling
    for no, kind in enumerate(["days", "hours", "days"]):
        coupon(billing, kind, f"T{no}")
        send(billing)

    assert later(billing, 6) == date_there(billing)
    assert (Push(1, 3), Push(1, 3)) == shown(billing).pushes


def test_the_period_after_it_begins_on_the_moved_day_and_is_as_long(selling):
    """D1, D24: nothing is granted or pushed for it again."""
    billing, _ = selling
    coupon(billing)
    send(billing)
    billing.line("502", due=later(billing, 3))
    billing.rig.run_until_quiet()
    send(billing)
    account = billing.rig.account("billing:1")
    second = account.services[0].periods[1]
    film = acting.along(account, account.services[0], billing.rig.parts.catalog)

    assert later(billing, 3) == second.starts.date().isoformat()
    assert second.ends == film.paid_until
    assert (Push(1, 3),) == shown(billing).pushes


def test_what_an_admin_set_there_stays(selling):
    """D1: it does not show our last value, so it is not ours to write; banked.

    Guard off (`product.due != told["was"]`): red, overwritten.
    """
    billing, _ = selling
    billing.whmcs.products["1"]["nextduedate"] = later(billing, 10)
    coupon(billing)
    send(billing)

    assert later(billing, 10) == date_there(billing)
    assert () == shown(billing).pushes
    why = f"it is due on {later(billing, 10)} there, which was not set by us"
    assert ("withdrawn", why) == outcomes(billing)["due:billing:1:1:3"]


@pytest.mark.parametrize(
    "status", ["Unpaid", "Draft", "Payment Pending", "Collections"]
)
def test_with_an_invoice_open_the_bank_keeps_the_days(selling, status):
    """D25, D1: moved only after the payment, by all that is banked by then.

    Guard off (`_is_invoiced`): red, moved at once.
    """
    billing, _ = selling
    old = ("400", ("401", "Hosting", "1"), "Paid"), ("9", ("10", "Domain", "1"), status)
    for id_, line, fate in (*old, ("91", ("502", "Hosting", "1"), status)):
        billing.whmcs.paid(id_, line, status=fate, due=billing.ends.isoformat())
    coupon(billing)
    send(billing)
    before = date_there(billing)
    billing.whmcs.invoices["91"]["status"] = "Paid"
    billing.line("502", due=billing.ends.isoformat())
    billing.rig.run_until_quiet()
    ends = billing.rig.account("billing:1").services[0].periods[1].ends.date()
    billing.whmcs.products["1"]["nextduedate"] = ends.isoformat()
    send(billing)

    assert later(billing, 0) == before
    assert (ends + timedelta(days=3)).isoformat() == date_there(billing)
    assert (Push(2, 3),) == shown(billing).pushes


def test_a_gateways_subscription_keeps_its_own_calendar(selling):
    """D25: it would charge on the old day all the same.

    Guard off (`product.subscription`): red.
    """
    billing, _ = selling
    billing.whmcs.products["1"]["subscriptionid"] = "I-ABC"
    coupon(billing)
    send(billing)

    assert later(billing, 0) == date_there(billing)


@pytest.mark.parametrize(
    "action", ["UpdateClientProduct", "GetClientsProducts", "GetInvoices"]
)
@pytest.mark.parametrize("wrong", [LOST, LOCKED, BUSY, ODD])
def test_whatever_goes_wrong_the_days_are_pushed_once(selling, action, wrong):
    """D1: done and its answer lost, it is found as it should be and kept as pushed."""
    billing, _ = selling
    coupon(billing)
    billing.whmcs.only, billing.whmcs.wrong = action, [wrong]
    for _ in range(3):
        send(billing, seconds=300)
        wakes(billing)

    assert later(billing, 3) == date_there(billing)
    assert (Push(1, 3),) == shown(billing).pushes


def test_a_success_that_changed_nothing_is_tried_again_and_then_an_alert(selling):
    """D1: read back; a credential that may not edit must not go unnoticed.

    Guard off (`_is_now`): red, kept as pushed.
    """
    billing, _ = selling
    billing.whmcs.deaf = {"nextduedate"}
    coupon(billing)
    send(billing)
    before = outcomes(billing)["due:billing:1:1:3"]
    billing.pass_(days=4)
    billing.send()
    with billing.rig.database.read() as tx:
        found = running.delivery_failed(tx, billing.rig.clock.now(), Limits())

    assert "waiting" == before[0]
    assert "may this API credential edit client products?" in before[1]
    assert () == shown(billing).pushes
    assert found


def test_a_sender_that_dies_before_its_note_has_pushed_once(selling, monkeypatch):
    """D1: its lease runs out, and who sends again finds it there already."""
    billing, _ = selling
    coupon(billing)
    usual = outbox.end
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "end", lambda *_: 1 / 0)
        billing.pass_(seconds=15)
        with pytest.raises(ZeroDivisionError):
            billing.sender.run()
    assert usual is outbox.end
    before = shown(billing)
    send(billing, seconds=300)

    assert () == before.pushes
    assert (Push(1, 3),) == shown(billing).pushes
    assert 1 == len(billing.whmcs.did("UpdateClientProduct"))


def test_of_two_that_push_the_same_only_one_is_kept(selling):
    """D1: reckoned at the same moment; the second finds it noted, and looks anew.

    Guard off (`told["before"]` in noted): red, six days kept.
    """
    billing, _ = selling
    coupon(billing)
    rig = billing.rig
    with rig.database.read() as tx:
        [held] = [o for o in outbox.newest(tx, 9, None) if o.key.startswith("due:")]
    told = billing.sender.writers["due"](held, rig.clock.now())
    send(billing)

    with (
        pytest.raises(Exception, match="changed meanwhile"),
        rig.database.change() as tx,
    ):
        billing.sender.noters["due"](tx, told, rig.clock.now())
    assert (Push(1, 3),) == shown(billing).pushes


def test_what_cannot_be_noted_is_looked_at_again(selling):
    """D1: an account that moved meanwhile is no failure, and nothing is lost."""
    billing, _ = selling
    coupon(billing)
    usual, left = billing.sender.noters["due"], [1]

    def once_late(tx, told, at):
        if left:
            told = {**told, "before": replace(told["before"], turns=left.pop())}
        usual(tx, told, at)

    billing.sender.noters = {"due": once_late}
    send(billing)
    send(billing)

    moves = [told for told in billing.whmcs.did("UpdateClientProduct")
             if "nextduedate" in told]  # fmt: skip

    assert (Push(1, 3),) == shown(billing).pushes
    assert 1 == len(moves)


def test_a_service_deleted_there_is_left_alone(selling):
    """D1: there is no date to move, and nobody to tell."""
    billing, _ = selling
    coupon(billing)
    del billing.whmcs.products["1"]
    send(billing)

    assert ("withdrawn", "it was deleted there") == outcomes(billing)[
        "due:billing:1:1:3"
    ]


def test_what_has_ended_meanwhile_is_not_moved(selling):
    """D7: its coupons are void by the time it would be said."""
    billing, _ = selling
    coupon(billing)
    now = billing.rig.clock.now()
    billing.tell("end", "service.terminate", now, service={"ref": "1"})
    billing.rig.run_until_quiet()
    send(billing)

    assert [] == billing.whmcs.did("UpdateClientProduct")


def test_another_kind_of_source_is_told_nothing(make_billing):
    """D1: it has no API we know; all of it is banked, as ever."""
    billing, _ = make_billing(also=LADDER)
    rig = billing.rig
    rig.order(package="basic")
    rig.run_until_quiet()

    assert {} == outcomes(billing)


# --- The suspension that waits


def override(billing):
    there = billing.whmcs.products["1"]
    return there["overideautosuspend"], there["overidesuspenduntil"]


def unpaid_since_yesterday(billing):
    billing.rig.wait((billing.ends - datetime.now(UTC).date()).days * 86400 + 86400)
    now = billing.rig.clock.now()
    billing.tell("off", "service.suspend", now, service={"ref": "1"})
    billing.rig.run_until_quiet()


def test_a_promise_is_shown_there_while_it_holds(selling):
    """S6: on again, and WHMCS does not suspend it until its last day; then it may."""
    billing, simulator = selling
    unpaid_since_yesterday(billing)
    off = levels(simulator)
    promise(billing, 3)
    send(billing)
    until = (billing.rig.clock.now() + timedelta(days=3)).date().isoformat()
    during, on = override(billing), levels(simulator)
    billing.pass_(days=3, minutes=5)
    wakes(billing)
    send(billing)

    assert (False, True) == (off[0], on[0])
    assert ("1", until) == during
    assert ("", NEVER) == override(billing)
    assert (None, 2) == (shown(billing).spared, shown(billing).turns)


def test_a_promise_that_is_paid_is_taken_back_there(selling):
    """S6: from then on it goes by its own rules; another promise is another matter."""
    billing, _ = selling
    unpaid_since_yesterday(billing)
    promise(billing, 3)
    send(billing)
    billing.line("502", due=billing.ends.isoformat())
    billing.rig.run_until_quiet()
    send(billing)
    first = override(billing)
    billing.rig.wait(35 * 86400)
    promise(billing, 2)
    send(billing)
    until = (billing.rig.clock.now() + timedelta(days=2)).date().isoformat()

    assert ("", NEVER) == first
    assert ("1", until) == override(billing)
    assert {"spare:billing:1:1:off"} < outcomes(billing).keys()


@pytest.mark.parametrize(
    "own", [("1", "2031-01-01"), ("1", NEVER)], ids=["to a day", "for good"]
)
def test_what_an_admin_promised_there_stays(selling, own):
    """S6: his own word is longer, or another; here the hold waits all the same.

    Guard off (`product.spared not in`): red, overwritten.
    """
    billing, simulator = selling
    there = billing.whmcs.products["1"]
    there["overideautosuspend"], there["overidesuspenduntil"] = own
    unpaid_since_yesterday(billing)
    promise(billing, 3)
    send(billing)

    assert own == override(billing)
    assert levels(simulator)[0]


def test_banked_hours_are_shown_as_a_day(selling):
    """D1: three hours it runs longer than its date says; told with no coupon left."""
    billing, _ = selling
    coupon(billing, "hours")
    send(billing)

    assert ("1", later(billing, 0)) == override(billing)
    assert later(billing, 0) == date_there(billing)


def test_whole_days_that_were_pushed_leave_nothing_to_spare(selling):
    """D1: the moved date says it all; WHMCS is told one thing.

    Guard off (AFTER = 0 and the bank of spared): red.
    """
    billing, _ = selling
    coupon(billing)
    send(billing)

    assert ("", NEVER) == override(billing)
    assert "withdrawn" == next(
        state for key, (state, _) in outcomes(billing).items() if "spare" in key
    )


@pytest.mark.parametrize("wrong", [LOST, BUSY])
def test_whatever_goes_wrong_it_is_spared_once(selling, wrong):
    """S6: a level; looked at first, then written, then read back."""
    billing, _ = selling
    unpaid_since_yesterday(billing)
    promise(billing, 3)
    billing.whmcs.only, billing.whmcs.wrong = "UpdateClientProduct", [wrong]
    for _ in range(3):
        send(billing, seconds=300)

    assert "1" == override(billing)[0]
    assert 1 == shown(billing).turns
