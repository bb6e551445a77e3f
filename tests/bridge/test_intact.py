"""Whatever is changed, and whatever breaks then: the customer's data is as it was.

Every named fault of the simulated backend strikes the write of every kind of change,
and the looks around it.
"""

from collections import Counter
from datetime import timedelta

import pytest

from provisioning.simulator.faults import FAULTS
from tests.bridge.intact import intact, money, password
from tests.bridge.seen import (
    LOOK,
    OPEN,
    PAY,
    SET,
    SETTLE,
    WINDOW,
    after_the_window,
    by_hand,
    fields,
    later,
)
from tests.days import STARTED
from tests.engines import on_postgresql, on_sqlite

LARGE = """
[packages.large]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
"""
DELETE = "User_Delete"


def change(package):
    def do(rig, _, at):
        sold = {"ref": "1", "plan_ref": package}
        rig.post(f"change-{at:%H%M%S}", "service.change", at, service=sold)

    return do


def word(name):
    return lambda rig, _, at: rig.say(name, at=at, id_=f"{name}-{at:%H%M%S}")


def drift(rig, simulator, _):
    wire = fields(rig)
    levels = {wire["channels"]: 50, wire["tariff"]: "2", wire["active"]: wire["off"]}
    by_hand(simulator, SET, user_id=1, user=levels)


def renewal(rig, _, __):
    begins = (STARTED + timedelta(days=30)).isoformat()
    sold = {"ref": "1", "period_start": begins}
    paid = {"line_ref": "2"}
    rig.post("renewal", "service.renewed", service=sold, billing=paid)


CHANGES = {
    # what is done: the write it needs, what it adds to the balance, step by step
    "up, down and up": (SET, 0, [change("large"), change("starter"), change("large")]),
    "suspended and resumed": (SET, 0, [word("suspend"), word("resume")]),
    "terminated and reinstated": (SET, 0, [word("terminate"), word("reinstate")]),
    "put right after drift": (SET, 0, [drift, word("sync")]),
    "renewed": (PAY, 5, [renewal]),
    "topped up": (PAY, 10, [lambda rig, _, __: rig.topup("9")]),
}
FIRST = {"put right after drift": 2}
"""Which write by that method is ours: there, somebody's hand comes before it."""


@pytest.fixture
def customer(open_account):
    """`rig, simulator = customer()`: all that a customer has, credit he bought too."""

    def build():
        rig, simulator = open_account(more=LARGE, settle=SETTLE, call_deadline=1.0)
        rig.topup("8")
        rig.run()
        if not all_done(rig):
            # On a busy machine a second may pass in a call: then it is looked for.
            after_the_window(rig, simulator)
        assert all_done(rig)
        simulator.keep(
            1, contacts=["+4930123", "+4930124"], recordings=["welcome", "reminder"]
        )
        for name in ("spring", "autumn"):
            campaign = {"name": name, "concurrent": 3}
            by_hand(simulator, "Campaign_Create", user_id=1, campaign=campaign)
        return rig, simulator

    return build


def through(rig, simulator, steps):
    """Each step brought to its end, however often it has to be looked at."""
    for step in steps:
        later(rig, simulator, 1)
        step(rig, simulator, rig.clock.now())
        for _ in range(3):
            rig.run()
            later(rig, simulator, WINDOW + 1)
        rig.wake_all()
        rig.run()


def compared(rig, simulator, kind, fault, method):
    """Data equal; the balance differs by exactly the sum, or somebody is told."""
    _, adds, steps = CHANGES[kind]
    before, had, given = intact(simulator), money(simulator), password(rig)
    if fault:
        nth = FIRST.get(kind, 1) if method == SET else 1
        simulator.plant(fault, method, nth=nth, seconds=20)
    through(rig, simulator, steps)
    has = money(simulator)
    keys = Counter(reference for reference, _ in has.payments)
    told = rig.account().money_stopped or rig.unsure()

    assert before == intact(simulator)
    assert given == before.password
    assert [1] == list(simulator.users)
    assert {OPEN: 1, DELETE: 0} == {
        name: sum(e.method == name for e in simulator.journal)
        for name in (OPEN, DELETE)
    }
    if told:
        return
    assert has.is_what_was_paid
    assert {1} == set(keys.values())
    assert had.payments == has.payments[: len(had.payments)]
    assert has.balance - had.balance in ({adds} if all_done(rig) else {0, adds})


def all_done(rig):
    return set(rig.fates().values()) <= {"done"}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_customers_data_is_as_it_was_after_every_change(customer, kind):
    """I11: campaigns, contacts, recordings, login, bought balance: compared equal."""
    # Guard off (a change deletes the account and makes it anew): red, all four of
    # levels.
    rig, simulator = customer()
    compared(rig, simulator, kind, None, None)

    assert all_done(rig)
    assert not rig.account().money_stopped


@on_sqlite
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", CHANGES)
def test_no_fault_of_a_write_touches_it(customer, kind, fault):
    """I11: refused, lost, late, untrue or twice: the data is the customer's."""
    rig, simulator = customer()
    compared(rig, simulator, kind, fault, CHANGES[kind][0])


@on_sqlite
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_a_look_touches_it(customer, fault):
    """I11: what is seen wrongly is never put right by making it anew."""
    rig, simulator = customer()
    compared(rig, simulator, "up, down and up", fault, LOOK)


@on_postgresql
@pytest.mark.parametrize("fault", ["reset_after_apply", "echo_lies", "stale_read"])
@pytest.mark.parametrize("kind", CHANGES)
def test_it_is_so_on_postgresql_too(customer, kind, fault):
    """I11: the part of it that is about what is kept here."""
    rig, simulator = customer()
    compared(rig, simulator, kind, fault, CHANGES[kind][0])


def test_the_backend_that_loses_money_is_noticed(customer):
    """I11: bought balance gone with a change of package: told, and no more is sent."""
    rig, simulator = customer()
    simulator.plant("write_wipes_credit", SET)
    through(rig, simulator, [change("large")])

    assert not money(simulator).is_what_was_paid
    assert "the balance went from 15" in rig.account().money_stopped


def test_an_account_that_was_made_anew_is_seen_to_be_another(customer):
    """I11: the comparison itself: the same name, and nothing behind it."""
    rig, simulator = customer()
    before, user = intact(simulator), simulator.users[1]
    by_hand(simulator, DELETE, user_id=1)
    wire = fields(rig)
    anew = {wire["username"]: user.username, wire["password"]: user.password}
    made = by_hand(simulator, OPEN, user=anew)
    after = intact(simulator, made[wire["id"]])

    assert (before.username, before.password) == (after.username, after.password)
    assert before != after
    assert () == after.contacts == after.recordings == after.campaigns
