"""What a billing platform has and never told is found, and let in by the same door."""

from dataclasses import replace

import pytest

from bridge import duties
from bridge.reconcile import billing as looking
from bridge.reconcile.ids import Ids
from bridge.store import facts, pulled, ticks
from bridge.store.drifts import Scope
from provisioning.core.drift import Drift, Repair
from tests.bridge.pulls.test_pull import sold
from tests.bridge.seen import paid
from tests.bridge.test_reconcile import reconcile
from tests.days import NEXT
from tests.rigs.whmcs import LOCKED

TICK = duties.tick_of("billing")


@pytest.fixture
def known(make_billing):
    """`billing, simulator = known()`: one service, told and pulled, its line paid."""

    def build():
        billing, simulator = make_billing()
        sold(billing)
        billing.whmcs.paid("90", ("501", "Hosting", "1"))
        billing.pull()
        billing.rig.run_until_quiet()
        with billing.rig.database.change() as tx:
            ticks.keep(tx, [TICK], billing.rig.clock.now())
        return billing, simulator

    return build


def test_where_both_sides_agree_it_is_clean(known):
    """U2: each paid line of a month is compared, whatever was looked at before."""
    billing, _ = known()

    assert 0 == reconcile(billing.rig).result.differences


def test_a_paid_line_nobody_heard_of_comes_in_once(known):
    """U2, U9: found, its pull woken; told late as well it counts once; then clean.

    Guard off (`open_again` does nothing): red, the pull has opened that invoice.
    """
    billing, simulator = known()
    rig = billing.rig
    billing.whmcs.paid("91", ("502", "Hosting", "1"), due=NEXT)
    # Opened before its line was there, as when an invoice is changed by hand.
    with rig.database.change() as tx:
        last = facts.pulled(tx, "billing")
        facts.pull(tx, "billing", replace(last, paid=2))
        pulled.note(tx, "billing", {91: rig.clock.now()})
    before = len(paid(simulator))
    seen = reconcile(rig, applies=True)
    assert 0 == len(paid(simulator)) - before
    with rig.database.read() as tx:
        [tick] = [one for one in ticks.all_kept(tx) if one.name == TICK]
    assert tick.due <= rig.clock.now()
    assert 1 == billing.pull()
    billing.line("502", due=NEXT)
    rig.run_until_quiet()

    assert {(Drift.LINE_UNHEARD, "billing:502", Repair.PULL)} == seen.repairs
    assert 1 == len(paid(simulator)) - before
    assert 0 == reconcile(rig).result.differences


def test_a_line_that_was_told_and_waits_is_no_difference(known):
    """It is parked or on its way: that has its own alert.

    Guard off (by line in `pulled.told`): red.
    """
    billing, _ = known()
    billing.whmcs.service("2", pid="13", status="Active")
    billing.whmcs.paid("92", ("600", "Hosting", "2"))
    billing.credit("600", "2")

    assert [] == [
        found.line.what for found, _ in reconcile(billing.rig).lines
        if found.line.kind is Drift.LINE_UNHEARD
    ]  # fmt: skip


def test_a_state_nobody_told_is_found(known):
    """U3: suspended there by hand, and no hook ran."""
    billing, _ = known()
    billing.pass_(minutes=30)
    billing.whmcs.products["1"]["status"] = "Suspended"
    seen = reconcile(billing.rig, applies=True)
    billing.pull()
    billing.rig.run_until_quiet()

    assert {(Drift.WORD_UNHEARD, "suspend", Repair.PULL)} == seen.repairs
    assert billing.rig.account("billing:1").services[0].holds
    assert 0 == reconcile(billing.rig).result.differences


def test_a_service_its_platform_does_not_know_is_for_a_person(known):
    """U4: deleted there, nothing is ended here by itself."""
    billing, _ = known()
    del billing.whmcs.products["1"]
    seen = reconcile(billing.rig, applies=True)

    assert {(Drift.SERVICE_UNKNOWN, "service", Repair.PERSON)} == seen.repairs
    assert billing.rig.account("billing:1").services[0].alive


def test_a_platform_that_does_not_answer_is_said_and_backends_are_looked_at(known):
    """One part that cannot be seen keeps no other from it."""
    billing, _ = known()
    billing.whmcs.wrong = [LOCKED]
    result = reconcile(billing.rig).result

    assert ["source billing"] == [blind.what for blind in result.unseen]
    assert 1 == result.accounts


def test_only_a_backend_is_looked_at_without_its_platforms(known):
    """--backend asks nobody else."""
    billing, _ = known()
    del billing.whmcs.products["1"]

    assert [] == reconcile(billing.rig, Scope(backend="main")).lines


def test_many_ids_take_little_room():
    """A hundred thousand services of a platform, and those far apart."""
    there = Ids()
    for number in [*range(0, 200_000, 2), 2**40]:
        there.add(number)

    assert 100_000 in there
    assert 100_001 not in there
    assert 2**40 in there
    assert 2**40 + 1 not in there
    assert sum(map(len, there._pieces.values())) < 30_000


def test_services_are_looked_for_page_by_page(known, monkeypatch):
    """However many there are, a page is in memory."""
    monkeypatch.setattr(looking, "PAGE", 1)
    billing, _ = known()
    sold(billing, "2")
    del billing.whmcs.products["2"]

    assert ["billing:2"] == [
        f.subject for f, _ in reconcile(billing.rig).lines
        if f.line.kind is Drift.SERVICE_UNKNOWN
    ]  # fmt: skip
