"""A package on several servers: where its accounts are opened, and when none is."""

from datetime import timedelta

import pytest

from bridge import deciding
from bridge.store import backends, operations
from provisioning.simulator import Settings
from tests.bridge.seen import levels, paid, sums
from tests.rig import Rig, random_names
from tests.rig import second as table_of

GROUP = """
[groups.voice]
backends = ["main", "second"]
[packages.either]
backend = "voice"
price = "9.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 2
free_credit = "1.00 USD"
[packages.larger]
backend = "voice"
price = "19.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 4
"""


@pytest.fixture
def grouped(make, host, tmp_path):
    """`rig, main, second = grouped(main="accounts = 1")`."""

    def build(main="", second=""):
        names, name = random_names(), f"group-{tmp_path.name}"
        other = host.new(name, Settings(names=names))
        more = table_of(f"{host.url}/{name}", names)
        more = more.replace("calls = 4", f"calls = 4\n{second}")
        rig, simulator = make(ours=main, more=more + GROUP)
        return rig, simulator, other

    return build


def order(rig, service, package="either", **more):
    rig.order(service, id_=f"order-{service}", line=service, client=service,
              package=package, **more)  # fmt: skip
    rig.run()


def many(*simulators):
    return tuple(len(simulator.users) for simulator in simulators)


def test_accounts_are_spread_over_the_group(grouped):
    """U1: each on the one with the most room, with its credit."""
    rig, main, second = grouped()
    for service in "1234":
        order(rig, service)

    assert (2, 2) == many(main, second)
    assert {"done"} == set(rig.fates().values())
    assert ["1.00", "1.00"] == [amount for _, amount in paid(second)]


def test_a_full_backend_takes_no_more(grouped):
    """U1: its share counts, and what is full is left alone."""
    rig, main, second = grouped(main="accounts = 1")
    for service in "123":
        order(rig, service)

    assert (1, 2) == many(main, second)


def test_an_order_may_name_its_server(grouped):
    """U1: `data.server`, whatever room the others have."""
    rig, main, second = grouped()
    for service in "12":
        order(rig, service, data={"server": "second"})

    assert (0, 2) == many(main, second)


def test_a_server_outside_the_group_waits_with_the_choices(grouped):
    """U1: nothing is opened elsewhere by guess."""
    rig, main, second = grouped()
    order(rig, "1", data={"server": "third"})

    assert ("parked", "server_unknown") == (rig.fates()["order-1"], rig.why("order-1"))
    assert (0, 0) == many(main, second)


def test_where_all_are_full_the_order_waits_and_its_money_is_held(grouped):
    """U1, U9: nothing is lost: it goes on by itself once there is room."""
    rig, main, second = grouped(main="accounts = 1", second="accounts = 1")
    order(rig, "1")
    order(rig, "2")
    order(rig, "3")
    rig.topup("9", client="3")
    rig.run()

    assert (1, 1) == many(main, second)
    assert ("parked", "no_room") == (rig.fates()["order-3"], rig.why("order-3"))
    assert "10.00" == sums(rig)["held"]

    roomier = rig.path.read_text().replace("accounts = 1", "accounts = 2")
    rig.path.write_text(roomier)
    mended = Rig(rig.path, rig.clock)
    mended.wait(301)
    mended.run()

    assert 3 == sum(many(main, second))
    assert {"done"} == set(mended.fates().values())
    assert "held" not in sums(mended)


def test_retried_by_hand_it_goes_on_at_once(grouped):
    """U1: as with anything that is parked."""
    rig, main, second = grouped(main="accounts = 1")
    order(rig, "1", data={"server": "main"})
    order(rig, "2", data={"server": "main"})
    rig.path.write_text(rig.path.read_text().replace("accounts = 1", "accounts = 2"))
    mended = Rig(rig.path, rig.clock)
    with mended.database.change() as tx:
        name = operations.of_events(tx, "shop", ["order-2"])[0].name
        deciding.retry(tx, name, mended.clock.now())
    mended.run()

    assert (2, 0) == many(main, second)


def test_a_paused_backend_opens_none_while_another_has_room(grouped):
    """U1: a customer does not wait for a server that is being mended."""
    rig, main, second = grouped()
    with rig.database.change() as tx:
        until = rig.clock.now() + timedelta(days=9999)
        backends.pause(tx, "main", until, "night work", by_hand=True)
    rig.parts.runner.desk.gates.learn()
    for service in "12":
        order(rig, service)

    assert (0, 2) == many(main, second)


def test_a_change_within_the_group_stays_where_the_account_is(grouped):
    """U5: nobody is moved by a change of package."""
    rig, main, second = grouped()
    order(rig, "1", data={"server": "second"})
    rig.post("larger", "service.change",
             service={"ref": "1", "plan_ref": "larger"})  # fmt: skip
    rig.run()

    assert "done" == rig.fates()["larger"]
    assert (True, 4, "1") == levels(second)
    assert (0, 1) == many(main, second)


def test_told_twice_with_another_server_it_is_one_account(grouped):
    """U1: once there is an account, `data.server` says nothing."""
    rig, main, second = grouped()
    order(rig, "1", data={"server": "second"})
    rig.order("1", id_="again", line="1", client="1", package="either",
              data={"server": "main"})  # fmt: skip
    rig.run()

    assert (0, 1) == many(main, second)
    assert {"done"} == set(rig.fates().values())
