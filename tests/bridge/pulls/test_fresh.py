"""What WHMCS has only just got is left to its module; a person may ask for it."""

import pytest

from bridge import duties
from bridge.pulls.there import QUIET
from bridge.store import pulled, ticks
from bridge.store.drifts import Scope
from provisioning.core.drift import Drift
from tests.bridge.pulls.test_pull import invoices, sold
from tests.bridge.test_reconcile import reconcile
from tests.days import dated
from tests.rigs.whmcs import PAID

TICK = duties.tick_of("billing")


def look(billing):
    """As its tick does it; how many events were news."""
    before = len(billing.rig.fates())
    billing.rig.parts.pulls["billing"].look(billing.rig.clock.now())
    billing.rig.run_until_quiet()
    return len(billing.rig.fates()) - before


def noted(billing):
    with billing.rig.database.read() as tx:
        now = billing.rig.clock.now()
        return pulled.seen_since(tx, "billing", "invoice", [90], now)


def renewal(billing):
    sold(billing)
    billing.whmcs.paid("90", ("501", "Hosting", "1"))


def zero_order(billing):
    billing.whmcs.service("4711", status="Active")


def paid_order(billing):
    billing.whmcs.service("4711")
    billing.whmcs.paid("90", ("501", "Hosting", "4711"))


def queued_order(billing):
    billing.whmcs.service("4711")
    billing.whmcs.queue = [
        {"id": "3", "serviceType": "service", "serviceId": "4711",
         "moduleName": "switchhook", "moduleAction": "CreateAccount",
         "lastAttemptError": "", "numRetries": "0"}]  # fmt: skip


THINGS = [renewal, zero_order, paid_order, queued_order]


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_fresh_is_left_to_the_module_and_found_after_that(billing, thing):
    """U2: WHMCS marks an invoice as paid first, and calls its module then.

    Guard off (`_ripe` gives all): red, it is in at once.
    """
    thing(billing)
    before = look(billing)
    billing.pass_(seconds=QUIET.total_seconds() - 60)
    meanwhile = look(billing)
    billing.pass_(minutes=2)

    assert (0, 0, 1) == (before, meanwhile, look(billing))
    assert 0 == look(billing)


def test_what_the_module_tells_meanwhile_is_no_news(billing):
    """U1: the usual order: a look falls between its payment and its own word."""
    paid_order(billing)
    look(billing)
    billing.create("4711")
    billing.line("501", "4711")
    billing.rig.run_until_quiet()
    billing.pass_(minutes=20)

    assert 0 == look(billing)
    assert {"done"} == set(billing.rig.fates().values())


@pytest.mark.parametrize("on", [1, 31])
def test_by_whose_clock_it_was_paid_does_not_matter(make_billing, on):
    """U2: WHMCS's clock has no zone, and an admin writes any date: what counts is
    since when it was seen there. A day ahead of ours it waits no longer either."""
    billing, _ = make_billing(live=f"{dated(-30)}T00:00:00Z")
    sold(billing)
    billing.whmcs.paid("90", ("501", "Hosting", "1"), at=f"{dated(on)} 00:00:00")
    before = look(billing)
    billing.pass_(minutes=16)

    assert (0, 1) == (before, look(billing))


def test_a_bridge_that_was_away_waits_once_and_not_for_ever(billing):
    """U2: the outbox of the module has that time, too, to tell it by itself."""
    renewal(billing)
    look(billing)
    billing.pass_(days=3)
    billing.whmcs.service("2", status="Active")

    assert 1 == look(billing)  # seen before it was away
    billing.pass_(minutes=16)
    assert 1 == look(billing)


def test_an_old_invoice_that_is_fresh_is_found_by_the_look_after(billing):
    """U2: it counts as paid only once it was opened, however far down it stands.

    Guard off (`look.waiting` in `paid`): red, found hours later.
    """
    sold(billing)
    late = invoices(billing, 450)[430]
    late |= {"status": "Unpaid"}
    for _ in range(4):
        look(billing)
        billing.pass_(minutes=20)
    late |= {"status": "Paid", "datepaid": PAID, "items": {"item": [
        {"id": "501", "type": "Hosting", "relid": "1"}]}}  # fmt: skip
    first = look(billing)
    billing.pass_(minutes=16)

    assert (0, 1) == (first, look(billing))


def test_while_one_waits_no_more_is_read_than_that(billing):
    """It stands on the first page: the other pages are not read for it each time.

    Guard off (`look.waiting` where it stops): red, all pages.
    """
    sold(billing)
    invoices(billing, 650)
    look(billing)
    billing.whmcs.paid("90", ("501", "Hosting", "1"), made=dated(31))
    billing.whmcs.journal.clear()
    look(billing)

    assert 3 == len(billing.whmcs.did("GetInvoices"))
    assert [] == billing.whmcs.did("GetInvoice")


@pytest.mark.parametrize("thing", THINGS)
def test_a_person_who_asks_gets_all_at_once(billing, thing):
    """`switchhook pull`, and the button: once; the next look waits again.

    Guard off (facts.ask in `_tick_now`): red, nothing is in.
    """
    rig = billing.rig
    look(billing)
    billing.pass_(minutes=1)
    thing(billing)
    with rig.database.change() as tx:
        ticks.keep(tx, [TICK], rig.clock.now())
    rig.order_by_hand("tick.now", tick=TICK)
    asked = look(billing)
    billing.whmcs.service("9", status="Active")

    assert (1, 0) == (asked, look(billing))


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_fresh_is_in_flight_for_a_reconciliation(billing, thing):
    """U2: no difference yet, and nothing is asked for again; after a while it is one.

    Guard off (in_flight in `_found`): red, its pull is woken.
    """
    thing(billing)
    unheard = {Drift.LINE_UNHEARD, Drift.WORD_UNHEARD}

    def seen():
        found = [f for f, _ in reconcile(billing.rig, Scope(source="billing")).lines]
        return {f.line.in_flight for f in found if f.line.kind in unheard}

    fresh = seen()
    look(billing)
    billing.pass_(minutes=16)

    assert {True} == fresh
    assert {False} == seen()


def test_a_note_that_is_too_old_is_forgotten(billing):
    """Nothing grows for ever."""
    renewal(billing)
    look(billing)
    billing.pass_(days=400)
    billing.whmcs.invoices.clear()
    before = noted(billing)
    for _ in range(2):
        look(billing)

    assert ({90}, set()) == (before, noted(billing))
