"""Free credit that ends, and top-ups that are paid back: from the door to the wire."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bridge.duties import wake
from tests.bridge.seen import PAY, by_hand, credit, is_sound, later, paid, sums

PACKAGES = """
[packages.monthly]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "10.00 USD"
free_after = "reset"

[packages.yearly]
backend = "main"
price = "990.00 USD"
cycle = "annually"
tariff = "standard"
channels = 5
free_credit = "10.00 USD"
free_every = "monthly"
free_cap = "12.00 USD"
"""
MONTH = 31 * 24 * 3600
PER_MINUTE = {"1": Decimal("0.02"), "2": Decimal("0.01")}
DEBIT = "debit = true"


def order(rig, package):
    begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
    rig.post(
        "order",
        "service.activate",
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": package, "period_start": begins},
        billing={"line_ref": "1"},
    )
    rig.run()


def use(rig, simulator, amount):
    """One call as long as that costs; it has ended, too."""
    seconds = float(Decimal(amount) / PER_MINUTE[simulator.users[1].tariff] * 60)
    [campaign] = simulator.start_traffic(1, call_seconds=seconds)
    by_hand(simulator, "Campaign_Stop", campaign_id=campaign)
    later(rig, simulator, seconds + 1)


def renew(rig, no):
    begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
    rig.post(
        f"renewal-{no}",
        "service.renewed",
        rig.clock.now(),
        service={"ref": "1", "period_start": begins},
        billing={"line_ref": f"renewal-{no}"},
    )


def back(rig, line, id_="back"):
    rig.post(id_, "topup.reversed", rig.clock.now(), billing={"line_ref": line})


@pytest.fixture
def monthly(make):
    rig, simulator = make(more=PACKAGES, settle=1.0, call_deadline=2.0)
    order(rig, "monthly")
    return rig, simulator


def test_a_renewal_resets_free_credit_and_leaves_what_was_bought(monthly):
    """D16, U8: quota 10, paid 10, 6 used: 14 left of 20, and 20 after the reset."""
    rig, simulator = monthly
    rig.topup("2")
    rig.run()
    use(rig, simulator, "6.00")
    later(rig, simulator, MONTH)
    renew(rig, 1)
    rig.run()

    assert "20.00" == credit(simulator)
    assert ("shop:1/free/2/0/0", "6.00") == paid(simulator)[-1]
    assert {"order": "done", "topup-2": "done", "renewal-1": "done"} == rig.fates()
    assert is_sound(rig)


@pytest.mark.parametrize(
    "fault", ["reset_after_apply", "reset_before", "slow_then_applied"]
)
def test_a_reset_is_frozen_and_arrives_once_whatever_befalls_it(monthly, fault):
    """V1, U8: the answer is lost; calls go on meanwhile, of the new quota."""
    rig, simulator = monthly
    use(rig, simulator, "6.00")
    later(rig, simulator, MONTH)
    simulator.plant(fault, PAY)
    renew(rig, 1)
    rig.run_until_quiet()

    assert "10.00" == credit(simulator)
    assert 1 == [key for key, _ in paid(simulator)].count("shop:1/free/2/0/0")
    assert is_sound(rig)


def test_a_yearly_payer_gets_a_monthly_quota_up_to_its_cap(make):
    """D23: nobody says anything: the due date wakes the account by itself."""
    rig, simulator = make(more=PACKAGES)
    order(rig, "yearly")
    use(rig, simulator, "7.00")
    later(rig, simulator, MONTH)
    wake(rig.database, rig.clock.now())
    rig.run()

    assert "12.00" == credit(simulator)
    assert ("shop:1/free/1/1/0", "9.00") == paid(simulator)[-1]


def test_a_reset_with_the_backend_away_counts_when_it_is_back(monthly):
    """V2: taken in at once, reckoned when its balance is seen again."""
    rig, simulator = monthly
    use(rig, simulator, "6.00")
    later(rig, simulator, MONTH)
    simulator.plant("error_object_500", "User_Get")
    renew(rig, 1)
    rig.run()
    before = rig.fates()["renewal-1"]
    rig.run_until_quiet()

    assert ("working", "done") == (before, rig.fates()["renewal-1"])
    assert "10.00" == credit(simulator)


def test_what_is_paid_back_is_taken_back(make):
    """D28: as far as it is there; the rest is a debt, and the next top-up pays it."""
    rig, simulator = make(ours=DEBIT)
    order(rig, "plain")
    rig.topup("2", product="credit10")
    rig.run()
    use(rig, simulator, "4.00")
    back(rig, "2")
    rig.run()
    between = credit(simulator), sums(rig)
    rig.topup("3", product="credit10")
    rig.run()

    assert ("0.00", "4.00") == (between[0], between[1]["debt"])
    assert "6.00" == credit(simulator)
    assert {"paid": "20.00", "applied": "10.00", "reversed": "10.00", "lent": "4.00",
            "repaid": "4.00"} == sums(rig)  # fmt: skip
    assert is_sound(rig)


@pytest.mark.parametrize(
    "fault", ["reset_after_apply", "reset_before", "slow_then_applied"]
)
def test_it_is_taken_back_once_whatever_befalls_it(make, fault):
    """V1, D28: the answer is lost, and looked for before anything is taken again."""
    rig, simulator = make(ours=DEBIT, settle=1.0, call_deadline=2.0)
    order(rig, "plain")
    rig.topup("2", product="credit20")
    rig.run()
    simulator.plant(fault, PAY)
    back(rig, "2")
    rig.run_until_quiet()

    assert "0.00" == credit(simulator)
    assert is_sound(rig)


def test_what_waits_is_not_sent_once_it_is_paid_back(make):
    """D28: held in intake or on an account, it is voided and never sent."""
    rig, simulator = make()
    rig.topup("2", product="credit20")
    rig.run()
    back(rig, "2")
    rig.run()
    order(rig, "plain")

    assert [] == paid(simulator)
    assert {"paid": "20.00", "reversed": "20.00", "due": "2.00", "revoked": "2.00"} == (
        sums(rig)
    )
    assert is_sound(rig)


@pytest.mark.parametrize("first", ["order", "back"])
def test_what_is_paid_back_while_its_account_is_ordered_is_not_sent(make, first):
    """D28, V1: both are on their way in when the money that was held is sent on."""
    # Guard off (what is paid back does not go along): red, 20.00 sent, and for ever
    # to be taken back by nobody.
    rig, simulator = make()
    rig.topup("2", product="credit20")
    rig.run()
    words = {
        "back": lambda: back(rig, "2"),
        "order": lambda: rig.order(package="plain"),
    }
    for word in sorted(words, key=lambda word: word != first):
        words[word]()
    rig.run()

    assert [] == paid(simulator)
    assert {"paid": "20.00", "reversed": "20.00", "due": "2.00", "revoked": "2.00"} == (
        sums(rig)
    )
    assert is_sound(rig)


def test_no_reset_is_reckoned_from_a_balance_that_lags(make):
    """V1, U8: a replica shows the balance before the top-up: that was not used."""
    # Guard off (the balance is believed as it is read): red, 30.00.
    rig, simulator = make(more=PACKAGES)
    order(rig, "monthly")
    later(rig, simulator, MONTH)
    before = simulator._model.copy()
    rig.topup("2")
    rig.run()
    simulator._lag, simulator._lagging = simulator._now() + 2, before
    renew(rig, 1)
    rig.run()
    waits = rig.fates()["renewal-1"]
    later(rig, simulator, 10)
    rig.run()

    assert ("working", "done") == (waits, rig.fates()["renewal-1"])
    assert "20.00" == credit(simulator)


def test_what_is_taken_back_after_a_change_leaves_what_is_free(make):
    """D28: the package resets no more, and what its free credit was is still known."""
    # Guard off (only today's packages ask what arrived): red, nothing is taken.
    rig, simulator = make(more=PACKAGES, ours=DEBIT)
    order(rig, "monthly")
    rig.topup("2")
    rig.run()
    use(rig, simulator, "10.00")
    rig.post("change", "service.change", rig.clock.now(),
             service={"ref": "1", "plan_ref": "starter"})  # fmt: skip
    rig.run()
    back(rig, "2")
    rig.run()

    assert "0.00" == credit(simulator)
    assert "debt" not in sums(rig)
