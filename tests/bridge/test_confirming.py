"""A plan that a person saw is applied as it was seen, or not at all."""

import json
from collections import Counter

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bridge import orders
from bridge.cli import main
from bridge.store import lanes
from bridge.store.tables import confirmation, lane
from tests.bridge.seen import PAY, SET, by_hand, fields, hours, levels, until, writes


class Power(BaseException):
    """It is gone."""


def said(rig, *arguments):
    path = ["--config", str(rig.path)]
    result = CliRunner().invoke(main, [*path, *arguments, "--json"])
    assert result.stdout, result.output
    return json.loads(result.stdout), result.exit_code


def seen(rig):
    told, code = said(rig, "plan", "shop:1")
    assert code == 2
    return told["hash"]


def apply(rig, hash_, *more):
    return said(
        rig, "apply", "shop:1", "--plan", hash_, "--because", "x", "--no-wait", *more
    )


def states(rig):
    with rig.database.read() as tx:
        query = sa.select(confirmation.c.state).order_by(confirmation.c.id)
        return list(tx.execute(query).scalars())


def confirmed(rig):
    """The plans lanes are still to apply."""
    with rig.database.read() as tx:
        found = tx.execute(sa.select(lane.c.confirmed)).scalars()
        return [id_ for id_ in found if id_ is not None]


def drift(rig, simulator, channels="9"):
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: channels})


@pytest.fixture
def drifted(opened):
    """Somebody changed the channels past us; writes from now on are ours."""
    rig, simulator = opened
    drift(rig, simulator)
    return rig, simulator, len(simulator.journal)


def test_what_was_seen_is_done(drifted):
    """U10: plan, then apply with its hash, and the account is as it should be."""
    rig, simulator, before = drifted
    told, code = apply(rig, seen(rig)[:12])
    rig.run()

    assert (3, "open") == (code, told["state"])
    assert [SET] == writes(simulator, before)
    assert (True, 5, "1") == levels(simulator)
    assert (["applied"], []) == (states(rig), confirmed(rig))


def test_another_plan_than_the_one_that_was_seen_is_not_even_confirmed(drifted):
    """U10: exit code 5, the plan as it is now, and nothing is sent.

    Guard off (the hash not compared): red, it is applied.
    """
    rig, simulator, _ = drifted
    old = seen(rig)
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "2"})
    before = len(simulator.journal)
    told, code = apply(rig, old)
    rig.run()

    assert (5, "changed") == (code, told["state"])
    assert old != told["hash"]
    assert ([], []) == (states(rig), writes(simulator, before))


@pytest.mark.parametrize("short", ["", "0", "the hash"])
def test_a_hash_must_be_whole_enough(drifted, short):
    """U10: nothing at all is the beginning of every hash."""
    rig, _, _ = drifted
    _, code = apply(rig, short)

    assert (5, []) == (code, states(rig))


def test_what_changes_after_it_was_confirmed_ends_it(drifted):
    """U10: the run plans anew, sees more to do than was shown, and sends nothing.

    Guard off (`agrees` always yes): red, both are set.
    """
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "2"})
    before = len(simulator.journal)
    rig.run()

    assert (["changed"], []) == (states(rig), confirmed(rig))
    assert [] == writes(simulator, before)
    assert (True, 9, "2") == levels(simulator)


def test_less_to_do_than_was_seen_is_a_part_of_it(drifted):
    """U10: somebody set half of it right meanwhile: the rest is done."""
    rig, simulator, _ = drifted
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "2"})
    apply(rig, seen(rig))
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "1"})
    rig.run()

    assert ["applied"] == states(rig)
    assert (True, 5, "1") == levels(simulator)


def test_a_word_that_comes_meanwhile_is_done_in_its_own_right(drifted):
    """U10, I1: what was confirmed is over; what the platform says is not held up."""
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()

    assert ["changed"] == states(rig)
    assert "done" == rig.fates()["suspend"]
    assert not levels(simulator)[0]


def test_who_is_woken_for_another_reason_too_does_what_is_due(drifted):
    """I1: no wake-up is swallowed by a plan that is over.

    Guard off (WAKE leaves `alone` as it is): red, it stays as it was.
    """
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "2"})
    with rig.database.change() as tx:
        lanes.wake(tx, rig.account().id, rig.clock.now())
    rig.run()

    assert ["changed"] == states(rig)
    assert (True, 5, "1") == levels(simulator)


def test_an_account_that_moved_is_said_at_once(drifted):
    """U10: exit code 5, where it moved between our look and our word."""
    rig, _, _ = drifted
    hash_ = seen(rig)
    order = {
        "account": rig.account().id, "digest": hash_, "catalog": "x", "steps": [],
        "revision": rig.account().revision - 1, "because": "x",
    }  # fmt: skip
    told = orders.carry_out(rig.database, rig.clock, "plan.apply", order)

    assert {"confirmation": None} == told
    assert [] == states(rig)


def test_said_twice_it_is_one(drifted):
    """U10: a command that was repeated changes nothing."""
    rig, simulator, before = drifted
    hash_ = seen(rig)
    first, second = apply(rig, hash_), apply(rig, hash_)
    rig.run()

    assert first == second
    assert ["applied"] == states(rig)
    assert [SET] == writes(simulator, before)


def test_a_newer_plan_takes_the_place_of_an_older_one(drifted):
    """U10: one plan an account; the older one is over."""
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    drift(rig, simulator, "7")
    by_hand(simulator, SET, user_id=1, user={fields(rig)["tariff"]: "2"})
    apply(rig, seen(rig))
    rig.run()

    assert ["changed", "applied"] == states(rig)
    assert (True, 5, "1") == levels(simulator)


def test_it_is_tried_again_where_the_backend_cannot_be_asked(drifted):
    """U10: not now is not no; and it is still that plan, and no other."""
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    simulator.plant("unauthorised_401", "User_Get")
    rig.run()
    open_ = states(rig)
    rig.wait(60)
    rig.run()

    assert (["open"], ["applied"]) == (open_, states(rig))
    assert (True, 5, "1") == levels(simulator)


def test_a_no_of_the_backend_is_told(drifted):
    """U10: refused, with its reason."""
    rig, simulator, _ = drifted
    apply(rig, seen(rig))
    simulator.plant("refuse", SET)
    rig.run()
    with rig.database.read() as tx:
        why = tx.execute(sa.select(confirmation.c.why)).scalar_one()

    assert ["refused"] == states(rig)
    assert "refused by fault" in why["parts"]["reason"]


@pytest.mark.parametrize("boundary", ["intent noted", "after send", "outcome noted"])
def test_power_gone_on_the_way_it_goes_on_as_it_was_seen(opened, at_boundary, boundary):
    """V1, U10: a level and a sum; each is done once, and nothing else.

    Guard off (`follow` left out): red, what is left counts as changed.
    """
    rig, simulator = opened
    rig.topup("2")
    rig.say("suspend", at=hours(1), id_="suspend")
    before = len(simulator.journal)
    apply(rig, seen(rig))

    def gone():
        raise Power

    at_boundary(boundary, gone)
    with pytest.raises(Power):
        rig.run()
    rig.wait(400)
    simulator.advance(400)
    rig.run()

    assert ["applied"] == states(rig)
    assert (False, 5, "1") == levels(simulator)
    assert {SET: 1, PAY: 1} == Counter(writes(simulator, before))


def test_a_sum_that_was_not_seen_is_not_sent_by_it(drifted):
    """U10, I2: money that waits for a person's word is no part of a plan without it."""
    rig, _, _ = drifted
    hash_ = seen(rig)
    apply(rig, hash_)
    rig.topup("9")
    rig.run()

    assert ["changed"] == states(rig)
    assert "done" == rig.fates()["topup-9"]


def test_apply_waits_for_its_end(live):
    """U10: exit code 0 when it is done, by the workers that run."""
    rig, simulator = live()
    rig.order()
    until(lambda: rig.fates() == {"order": "done"})
    drift(rig, simulator)
    told, code = said(rig, "apply", "shop:1", "--plan", seen(rig), "--because", "x")

    assert (0, "applied") == (code, told["state"])
    assert (True, 5, "1") == levels(simulator)


def test_what_was_seen_by_other_terms_is_not_applied(drifted):
    """U10: a catalog was applied between the look and the doing."""
    rig, simulator, _ = drifted
    before = rig.path.read_text()
    apply(rig, seen(rig))
    rig.path.write_text(before.replace("channels = 2", "channels = 3"))
    rig.sells()
    written = len(simulator.journal)
    rig.run()
    with rig.database.read() as tx:
        why = tx.execute(sa.select(confirmation.c.why)).scalar_one()

    assert (["changed"], "other_terms") == (states(rig), why["code"])
    assert [] == writes(simulator, written)
