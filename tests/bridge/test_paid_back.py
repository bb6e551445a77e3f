"""Where money that was paid back meets what else happens to it."""

import pytest

from bridge import deciding
from bridge.store.tables import claim
from tests.bridge.seen import PAY, credit, is_sound, paid, sums
from tests.bridge.test_free_credit import DEBIT, back, use
from tests.bridge.test_held import BECAUSE, account, do


def states(rig):
    with rig.database.read() as tx:
        rows = tx.execute(claim.select()).mappings()
        return {row["key"]: row["state"] for row in rows}


@pytest.fixture
def two(make):
    """Two accounts of two clients."""
    rig, simulator = make(ours=DEBIT, settle=1.0, call_deadline=2.0)
    rig.order(package="plain")
    rig.order("2", id_="other", client="8", line="8", package="plain")
    rig.run()
    return rig, simulator


def test_a_reversal_follows_money_that_has_just_found_its_account(make):
    """D28: held, and its order comes: all told before anything is sorted."""
    # Guard off (no look for where its money went): red, 22.00 are credited.
    rig, simulator = make(settle=1.0, call_deadline=2.0)
    rig.topup("2", product="credit20")
    rig.run()
    rig.order(package="plain")
    back(rig, "2")
    rig.run_until_quiet()

    assert [] == paid(simulator)
    assert {"order": "done", "topup-2": "done", "back": "done"} == rig.fates()
    assert is_sound(rig)


def test_a_reversal_goes_with_money_that_a_person_moved(two):
    """V1, D28: it is taken from whom it was given to, and from nobody else."""
    # Guard off (only the money's own event is moved): red, taken from the first.
    rig, simulator = two
    rig.topup("3")
    rig.run()
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.run_until_quiet()
    back(rig, "2")
    do(rig, "money.move", key="shop:2/topup", to=account(rig, "2"), because=BECAUSE)
    rig.run_until_quiet()

    assert ["10.00", "0.00"] == [credit(simulator, no) for no in (1, 2)]
    assert "done" == rig.fates()["back"]
    assert is_sound(rig)


def test_a_reversal_told_while_the_backend_is_paused_finds_its_payment(two):
    """D28: both wait for the account; what is paid back is not sent."""
    # Guard off (an unknown line goes to intake): red, 10.00.
    rig, simulator = two
    do(rig, "backend.pause", backend="main", seconds=None, because="x")
    rig.topup("2")
    rig.run()
    rig.post("back", "topup.reversed", rig.clock.now(), account={"ref": "7"},
             billing={"line_ref": "2"})  # fmt: skip
    rig.run()
    do(rig, "backend.resume", backend="main")
    rig.run_until_quiet()

    assert ("0.00", "done") == (credit(simulator), rig.fates()["back"])


def test_retried_after_its_payment_it_goes_where_that_is(two):
    """D28: told too early it waits, and says so; retried it finds the account."""
    rig, simulator = two
    back(rig, "2")
    rig.run()
    early = rig.why("back")
    rig.topup("2")
    rig.run()
    with rig.database.change() as tx:
        [name] = [o.name for o in deciding.operations.newest(tx, 50, None)
                  if o.event == "back"]  # fmt: skip
        deciding.retry(tx, name, rig.clock.now())
    rig.run_until_quiet()

    assert ("reversal_unknown", "done") == (early, rig.fates()["back"])
    assert "0.00" == credit(simulator)


def test_money_that_was_paid_back_is_neither_moved_nor_refunded_again(make):
    """V1: it goes nowhere."""
    # Guard off (the other side's claim is not looked for): red, it is moved and sent.
    rig, _ = make()
    rig.topup("2", product="euro")
    rig.order(package="plain")
    rig.run()
    back(rig, "2")

    rig.run()
    with pytest.raises(LookupError, match="paid back already"):
        do(rig, "money.refund", key="shop:2/topup", because=BECAUSE)
    assert is_sound(rig)


def test_a_refund_takes_the_bonus_that_has_arrived(make):
    """D28: the credit was refused, its bonus arrived; both go back."""
    rig, simulator = make(ours=DEBIT, settle=1.0, call_deadline=2.0)
    rig.order(package="plain")
    rig.run()
    simulator.plant("refuse", PAY)
    rig.topup("2", product="credit20")
    rig.run_until_quiet()
    assert "2.00" == credit(simulator)
    do(rig, "money.refund", key="shop:2/topup", because=BECAUSE)
    rig.run_until_quiet()

    assert "0.00" == credit(simulator)
    assert {"paid": "20.00", "reversed": "20.00", "due": "2.00", "revoked": "2.00"} == (
        sums(rig)
    )


def test_a_sum_that_paid_a_part_of_a_debt_stays_where_it_is(two):
    """V1: moved, the reversal would take from its taker what the giver had."""
    # Guard off (moved all the same): red, a later reversal would take 10 for 6.
    rig, simulator = two
    rig.topup("4")
    rig.run()
    use(rig, simulator, "4.00")
    back(rig, "4")
    rig.run_until_quiet()
    simulator.plant("refuse", PAY)
    rig.topup("5")
    rig.run_until_quiet()

    assert "parked" == states(rig)["shop:5/topup"]
    with pytest.raises(LookupError, match="paid a debt"):
        do(rig, "money.move", key="shop:5/topup", to=account(rig, "2"), because=BECAUSE)


def test_money_may_be_moved_to_and_fro(two):
    """V1: each way is an entry of its own."""
    # Guard off (entries named by the sum alone): red, the third cannot be kept.
    rig, simulator = two
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.run_until_quiet()
    here, there = account(rig), account(rig, "2")
    for to in (there, here, there, here, there):
        do(rig, "money.move", key="shop:2/topup", to=to, because=BECAUSE)
    rig.run_until_quiet()

    assert ["0.00", "10.00"] == [credit(simulator, no) for no in (1, 2)]
    assert is_sound(rig)


def test_a_refused_goodwill_is_sent_again_by_its_key(two):
    """U9: it has no event that could be retried; the alert names the verb."""
    rig, simulator = two
    simulator.plant("refuse", PAY)
    do(rig, "money.give", to="shop:1", sum="5.00 USD", because=BECAUSE, reference="T1",
       most="9.00")  # fmt: skip
    rig.run_until_quiet()
    [key] = [key for key, state in states(rig).items() if state == "parked"]
    do(rig, "money.retry", key=key)
    rig.run_until_quiet()

    assert "5.00" == credit(simulator)


def test_a_topup_service_keeps_how_many_it_is(two):
    """U9: three of it, and three again when it is renewed."""
    rig, simulator = two
    rig.post("order-t", "service.activate", account={"ref": "7"},
             service={"ref": "t", "plan_ref": "credit10", "quantity": 3},
             billing={"line_ref": "t1"})  # fmt: skip
    rig.run()
    rig.say("renewed", "t", id_="again", billing={"line_ref": "t2"})
    rig.run()

    assert "60.00" == credit(simulator)
