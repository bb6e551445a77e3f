"""A person says that a sum has arrived while a worker is about to send it."""

import pytest

from bridge import boundaries, orders
from tests.bridge.seen import PAY, SET, credit, sums, writes


def arrived(rig, key):
    account = rig.account().id
    said = {"account": account, "because": "paid by hand", "arrived": [key]}
    return orders.carry_out(rig.database, rig.clock, "unsure.release", said)


def test_what_a_person_booked_is_not_sent_by_who_had_loaded_it(opened, monkeypatch):
    """V2: the worker knows the sum as open; its next commit tells it otherwise."""
    rig, simulator = opened
    before, passed = len(simulator.journal), []
    rig.say("suspend")
    rig.topup("2")

    def passing(here):
        passed.append(here)
        if here == "planned" and passed.count(here) == 2:
            arrived(rig, "shop:2/topup")

    monkeypatch.setattr(boundaries, "passed", passing)
    rig.run_until_quiet()

    # Guard off (the lane stays its holder's): red, sent as well, and it never ends.
    assert [SET] == writes(simulator, before)
    assert "5.00" == credit(simulator)
    assert ("10.00", "10.00") == (sums(rig)["paid"], sums(rig)["applied"])


def test_what_is_on_its_way_already_is_not_booked_by_a_person(opened, monkeypatch):
    """V2: the other order: first its intent was noted, then the person came."""
    rig, simulator = opened
    before, noes = len(simulator.journal), []
    rig.topup("2")

    def passing(here):
        if here == "before send" and not noes:
            with pytest.raises(LookupError, match="is looked for as attempt") as no:
                arrived(rig, "shop:2/topup")
            noes.append(no)

    monkeypatch.setattr(boundaries, "passed", passing)
    rig.run_until_quiet()

    assert [PAY] == writes(simulator, before)
    assert "15.00" == credit(simulator)
    assert ("10.00", "10.00") == (sums(rig)["paid"], sums(rig)["applied"])
