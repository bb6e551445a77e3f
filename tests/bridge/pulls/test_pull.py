"""What WHMCS never told is found there, and counts once, told or not."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from bridge import duties
from bridge.pulls import pull, services
from bridge.store import causes, facts
from bridge.store import ticks as rows
from bridge.ticks import Ticks
from provisioning.core.outcomes import Broken, Later
from tests.bridge.seen import paid
from tests.days import NEXT, dated
from tests.rigs.whmcs import LOCKED, ODD, PAID

LONG_AGO = f"{dated(-30)} 10:00:00"


def sold(billing, service="1"):
    """Its account is there, told by the module; its line was not."""
    billing.whmcs.service(service, status="Active")
    billing.create(service)
    billing.rig.run_until_quiet()


def test_a_paid_line_nobody_told_is_found(make_billing):
    """U2: a hook that never fired, as when an invoice is marked paid by hand."""
    billing, simulator = make_billing()
    sold(billing)
    before = paid(simulator)
    billing.whmcs.paid("90", ("501", "Hosting", "1"))
    billing.pull()
    billing.whmcs.paid("91", ("502", "Hosting", "1"), due=NEXT)
    billing.pull()
    billing.rig.run_until_quiet()

    assert 1 == len(before)  # its first period's free credit
    assert 2 == len(paid(simulator))  # the first line pays that period, the second one
    assert {"5.00"} == {amount for _, amount in paid(simulator)}


@pytest.mark.parametrize("first", ["told", "pulled"])
def test_told_and_pulled_in_any_order_it_counts_once(make_billing, first):
    """U9: the line is its identity; then pulled and told once more.

    Guard off (line=f"{line.id}x" in `_lines`): red, two top-ups.
    """
    billing, simulator = make_billing()
    sold(billing)
    billing.whmcs.service("2", pid="13", status="Active")
    billing.whmcs.paid("90", ("501", "Hosting", "1"), ("600", "Hosting", "2"))
    roads = [lambda: (billing.line("501"), billing.credit("600", "2")), billing.pull]
    for road in roads if first == "told" else roads[::-1]:
        road()
        billing.rig.run_until_quiet()
        billing.pass_(minutes=20)
    billing.pull()
    billing.line("501")
    billing.rig.run_until_quiet()

    sums = sorted(Decimal(amount) for _, amount in paid(simulator))
    assert [Decimal(5), Decimal(10)] == sums


def test_an_order_nobody_told_is_opened(make_billing):
    """U1: product and client as it has them there, and the mail goes to the client."""
    billing, simulator = make_billing()
    billing.whmcs.service("4711")
    billing.whmcs.paid("90", ("501", "Hosting", "4711"))
    billing.pull()
    billing.rig.run_until_quiet()
    account = billing.rig.account("billing:4711")

    assert ("billing:7", "ann@example.com") == (account.client, account.email)
    assert 1 == len(paid(simulator))


def test_what_is_active_there_and_costs_nothing_is_opened(billing):
    """I2: a zero order is confirmed by the platform's activation."""
    billing.whmcs.service("4711", status="Active")
    billing.pull()
    billing.rig.run_until_quiet()

    assert "starter" == billing.rig.account("billing:4711").services[0].package


def test_an_unpaid_order_is_not_opened(billing):
    """I2: no confirmed order, no account."""
    billing.whmcs.service("4711", status="Pending")
    billing.whmcs.paid("90", ("501", "Hosting", "4711"), status="Unpaid")

    assert 0 == billing.pull()


def test_a_create_that_failed_there_is_taken_up(billing):
    """Its module queue lists exactly the calls that ended in an error."""
    billing.whmcs.service("4711")
    billing.whmcs.queue = [
        {"id": "3", "serviceType": "service", "serviceId": "4711",
         "moduleName": "switchhook", "moduleAction": "CreateAccount",
         "lastAttemptError": "", "numRetries": "0"}]  # fmt: skip
    billing.pull()
    billing.rig.run_until_quiet()
    billing.pass_(minutes=1)
    billing.send()

    assert "Active" == billing.whmcs.products["4711"]["status"]


def test_a_top_up_sold_as_an_addon_is_credited(make_billing):
    """U9: to the service it hangs on, once."""
    billing, simulator = make_billing()
    sold(billing)
    billing.whmcs.addons = [
        {"id": "44", "clientid": "7", "addonid": "5", "serviceid": "1"}
    ]
    billing.whmcs.paid("90", ("700", "Addon", "44"))
    for _ in range(2):
        billing.pull()
        billing.rig.run_until_quiet()

    sums = sorted(Decimal(amount) for _, amount in paid(simulator))
    assert [Decimal(2), Decimal(5), Decimal(20)] == sums


@pytest.mark.parametrize(
    "kind", ["AddFunds", "Invoice", "Upgrade", "Domain", "Item", ""]
)
def test_lines_that_pay_for_no_period_never_credit(billing, kind):
    """Funds added and an invoice that pays for others would be credited twice."""
    sold(billing)
    billing.whmcs.paid("90", ("501", kind, "1"))

    assert 0 == billing.pull()


def test_products_of_others_are_left_alone(billing):
    """A host sells more than calls: what is not in `products` is not looked at."""
    billing.whmcs.service("8", pid="99", status="Active")
    billing.whmcs.paid("90", ("501", "Hosting", "8"), ("502", "Addon", "9"))

    assert 0 == billing.pull()


def test_nothing_from_before_the_source_was_ours_is_looked_at(make_billing):
    """Existing fleets are adopted; nothing of them is granted or opened by a pull."""
    billing, simulator = make_billing(live=f"{dated(22)}T00:00:00Z")
    billing.whmcs.service("1", status="Active")
    billing.whmcs.paid("90", ("501", "Hosting", "1"))

    assert 0 == billing.pull()
    assert [] == paid(simulator)


def test_without_live_from_it_begins_with_the_first_pull(make_billing):
    """A year of invoices is not granted because somebody typed in an API secret."""
    billing, _ = make_billing(live="")
    billing.whmcs.service("1", status="Active")
    billing.whmcs.paid("90", ("501", "Hosting", "1"))

    assert 0 == billing.pull()


def test_a_suspend_and_a_resume_nobody_told_are_found(make_billing):
    """U3: what it is there, once nothing was said of it for a while."""
    billing, _ = make_billing()
    sold(billing)
    service = billing.whmcs.products["1"]
    service |= {"status": "Suspended", "suspensionreason": "Overdue on Payment"}
    told = billing.pull(), billing.pull()
    billing.rig.run_until_quiet()
    held = billing.rig.account("billing:1").services[0].holds
    service["status"] = "Active"
    billing.pass_(minutes=20)
    billing.pull()
    billing.rig.run_until_quiet()

    assert (1, 0) == told
    assert ["billing"] == [hold.value for hold in held]
    assert () == billing.rig.account("billing:1").services[0].holds


def test_what_is_just_being_done_is_no_difference(billing):
    """WHMCS writes a state down after its module has answered: between the two it is
    Active there and off here. Taken for a word, it would switch on what was suspended.

    Guard off (QUIET = 0): red, resumed.
    """
    sold(billing)
    billing.pass_(minutes=20)
    now = billing.rig.clock.now()
    billing.tell("whmcs-1-2", "service.suspend", now, service={"ref": "1"})
    billing.rig.run_until_quiet()

    assert 0 == billing.pull()


def test_a_hold_for_abuse_is_never_lifted_by_a_pull(billing):
    """D29: resume lifts its own hold."""
    sold(billing)
    hold = {"hold": "abuse"}
    now = billing.rig.clock.now()
    billing.tell("a", "service.suspend", now, service={"ref": "1"}, billing=hold)
    billing.rig.run_until_quiet()
    billing.pass_(minutes=20)

    assert 0 == billing.pull()


def test_what_ended_there_ends_here(billing):
    """U4: terminated or cancelled, whoever did it."""
    sold(billing)
    billing.whmcs.products["1"]["status"] = "Cancelled"
    billing.pass_(minutes=20)
    billing.pull()
    billing.rig.run_until_quiet()

    assert not billing.rig.account("billing:1").services[0].alive


@pytest.mark.parametrize(("wrong", "kind"), [(LOCKED, Later), (ODD, Broken)])
def test_where_it_cannot_be_read_nothing_is_skipped(billing, wrong, kind):
    """The next time begins where the last whole look had ended."""
    sold(billing)
    billing.pull()
    with billing.rig.database.read() as tx:
        before = facts.pulled(tx, "billing")
    billing.whmcs.paid("90", ("501", "Hosting", "1"))
    billing.whmcs.only, billing.whmcs.wrong = "GetClientsProducts", [wrong]
    with pytest.raises(kind):
        billing.pull()
    with billing.rig.database.read() as tx:
        after = facts.pulled(tx, "billing")
    billing.pull()
    billing.rig.run_until_quiet()

    assert before == after
    assert "billing:501" == billing.rig.account("billing:1").services[0].periods[0].line


def test_a_payment_that_is_entered_as_of_last_week_is_found(make_billing):
    """What an admin writes as its date says nothing of when it could be read."""
    billing, simulator = make_billing()
    sold(billing)
    billing.whmcs.paid("91", ("501", "Hosting", "1"))
    billing.pull()
    billing.pass_(hours=60)
    billing.whmcs.paid("90", ("502", "Hosting", "1"), due=NEXT,
                       at=f"{dated(5)} 00:00:00")  # fmt: skip
    billing.pull()
    billing.rig.run_until_quiet()

    assert 2 == len(paid(simulator))


def test_an_invoice_is_opened_once(billing):
    """Thousands of them are not asked for again every ten minutes."""
    sold(billing)
    billing.whmcs.paid("90", ("501", "Hosting", "1"), at=f"{dated(24)} 09:00:00")
    for _ in range(3):
        billing.pull()

    assert 1 == len(billing.whmcs.did("GetInvoice"))


def test_many_are_read_page_by_page(billing):
    """A hundred a page, and all of them."""
    for no in range(250):
        billing.whmcs.service(str(no + 1), pid="99")
    billing.whmcs.service("900", status="Active")

    assert 1 == billing.pull()
    assert 3 == len(billing.whmcs.did("GetClientsProducts"))


# --- Many of them: bit by bit


def fleet(billing, count, pid="99"):
    """The services of others, and one of ours at their end."""
    for no in range(1000, 1000 + count):
        billing.whmcs.service(str(no), pid=pid)
    return billing.whmcs.service("1", status="Active")


def invoices(billing, count, paid=LONG_AGO):
    """Of others, one a minute, made in the days before today."""
    now = billing.rig.clock.now()
    for no in range(count):
        made = (now - timedelta(days=no // 20)).date().isoformat()
        billing.whmcs.paid(str(5000 + no), (str(9000 + no), "Domain", "1"), at=paid,
                           made=made)  # fmt: skip
    return [billing.whmcs.invoices[str(5000 + no)] for no in range(count)]


def asked(billing, *actions):
    """So many calls in one look."""
    billing.whmcs.journal.clear()
    billing.pull()
    return len(billing.whmcs.did(*actions) if actions else billing.whmcs.journal)


def test_a_look_is_bounded_however_many_services_there_are(billing, monkeypatch):
    """Ten pages, and the next look goes on there: all are seen, again and again.

    Guard off (PAGES): red, all of them each time.
    """
    monkeypatch.setattr(services, "PAGES", 2)
    fleet(billing, 450)
    looks = [asked(billing, "GetClientsProducts") for _ in range(6)]
    billing.rig.run_until_quiet()

    assert max(looks) <= 3
    assert "starter" == billing.rig.account("billing:1").services[0].package


def test_what_is_new_is_found_in_the_next_look(billing, monkeypatch):
    """At the end of thousands, and wherever the sweep just is."""
    monkeypatch.setattr(services, "PAGES", 1)
    fleet(billing, 450)
    for _ in range(5):
        billing.pull()
    billing.whmcs.service("4711", status="Active")

    assert 1 == billing.pull()


def test_a_call_that_failed_is_found_in_the_next_look(billing, monkeypatch):
    """Its module queue names it; the sweep need not come by. An add-on's number is
    no service's."""
    monkeypatch.setattr(services, "PAGES", 1)
    fleet(billing, 150)
    billing.whmcs.service("4711")
    for _ in range(3):
        billing.pull()
    failed = {"id": "3", "serviceType": "service", "serviceId": "4711",
              "moduleName": "switchhook", "moduleAction": "CreateAccount",
              "lastAttemptError": "", "numRetries": "0"}  # fmt: skip
    billing.whmcs.queue = [failed | {"serviceType": "addon"}]
    before = billing.pull(), billing.pull()
    billing.whmcs.queue = [failed]

    assert (0, 0) == before
    assert 1 == billing.pull()


def test_a_quiet_look_reads_the_newest_invoices_and_a_few_of_the_others(billing):
    """U2: thousands of 90 days are not read every ten minutes.

    Guard off (the count of paid ones; OLDER): red, all pages.
    """
    sold(billing)
    invoices(billing, 650)
    first = asked(billing, "GetInvoices")
    quiet = [asked(billing, "GetInvoices") for _ in range(4)]

    assert {3} == {first, *quiet}
    assert 0 == len(billing.whmcs.did("GetInvoice"))


def test_an_old_invoice_that_is_only_paid_now_is_found_at_once(make_billing):
    """U2: one more is paid than before, so it is looked for further down.

    Guard off (`look.total - last.paid`): red, found hours later.
    """
    billing, _ = make_billing()
    sold(billing)
    late = invoices(billing, 450)[430]
    late |= {"status": "Unpaid"}
    for _ in range(4):
        billing.pull()
    late |= {"status": "Paid", "datepaid": PAID, "items": {"item": [
        {"id": "501", "type": "Hosting", "relid": "1"}]}}  # fmt: skip

    assert 1 == billing.pull()


def test_what_the_count_does_not_tell_is_found_when_all_are_gone_through(billing):
    """U2: one was paid back in the same minutes: as many are paid as before.

    Guard off (OLDER = 0): red, never found.
    """
    sold(billing)
    all_ = invoices(billing, 450)
    late, back = all_[430], all_[3]
    late |= {"status": "Unpaid"}
    for _ in range(4):
        billing.pull()
    late |= {"status": "Paid", "datepaid": PAID, "items": {"item": [
        {"id": "501", "type": "Hosting", "relid": "1"}]}}  # fmt: skip
    back |= {"status": "Refunded"}
    looks = [billing.pull() for _ in range(4)]

    assert 1 == sum(looks)


def test_a_flood_of_invoices_is_opened_in_several_looks(billing, monkeypatch):
    """A look ends; each invoice is opened once, also where one of them broke off."""
    monkeypatch.setattr(pull, "OPENED", 30)
    sold(billing)
    invoices(billing, 130, paid=PAID)
    billing.whmcs.journal.clear()
    billing.pull()
    first = len(billing.whmcs.did("GetInvoice"))
    billing.whmcs.only, billing.whmcs.wrong = "GetInvoice", ["", "", LOCKED]
    with pytest.raises(Later):
        billing.pull()
    billing.whmcs.wrong = []
    for _ in range(6):
        billing.pull()

    assert 30 == first
    assert 130 == len({told["invoiceid"] for told in billing.whmcs.did("GetInvoice")})
    assert 130 == len(billing.whmcs.did("GetInvoice"))


def test_a_whmcs_that_is_down_is_told_after_a_while(billing):
    """The tick says why; after three intervals that is an alert."""
    rig = billing.rig
    parts = rig.parts
    beside = duties.duties(
        parts.config, rig.database, rig.clock, parts.channels, pulls=parts.pulls
    )
    ticks: Ticks = beside.ticks
    [tick] = [t for t in ticks._ticks if t.name == "pull:billing"]
    limits = duties.limits(parts.config, rig.clock.now())
    with rig.database.change() as tx:
        rows.keep(tx, ["pull:billing"], rig.clock.now())
    billing.whmcs.wrong = [LOCKED] * 9
    found = []
    for _ in range(4):
        assert ticks.look(tick)
        with rig.database.read() as tx:
            found.append(bool(causes.tick_missing(tx, rig.clock.now(), limits)))
        billing.pass_(minutes=11)

    assert timedelta(minutes=10) == tick.every
    assert [False, True] == [found[0], found[-1]]


@pytest.mark.parametrize("roads", [*permutations(["renew", "paid", "pull"])])
def test_one_renewal_by_three_roads_is_one_grant(make_billing, roads):
    """U2: Renew without a line, InvoicePaid with it, and a pull, in any order, and all
    of them once more: the second period's credit is there once."""
    billing, simulator = make_billing()
    sold(billing)
    billing.whmcs.paid("91", ("502", "Hosting", "1"), due=NEXT)
    due = {"ref": "1", "period_start": f"{NEXT}T00:00:00Z"}
    told = {
        "renew": lambda: billing.tell("whmcs-1-2", "service.renewed", service=due),
        "paid": lambda: billing.line("502", due=NEXT),
        "pull": billing.pull,
    }
    for road in roads + roads:
        told[road]()
        billing.rig.run_until_quiet()
    [service] = billing.rig.account("billing:1").services

    assert [(1, None), (2, "billing:502")] == [(p.no, p.line) for p in service.periods]
    assert 2 == len(paid(simulator))
    assert {"done"} == set(billing.rig.fates().values())
