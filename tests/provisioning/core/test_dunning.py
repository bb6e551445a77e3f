"""What an account does while nobody pays: by our own dunning, and by a promise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core import acting, owing, retention
from provisioning.core.account import LIFE, REVOKED
from provisioning.core.events import Hold, Type
from provisioning.core.history import as_of
from provisioning.core.promised import Promise, paid
from provisioning.core.terms import Dunning, Terms
from tests.provisioning.core.ladder import DAY, activation
from tests.provisioning.core.ladder import TERMS as LADDER
from tests.provisioning.core.test_acting import SOLD
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    told,
    usd,
)

HOUSE = replace(CATALOG, terms=Terms(dunning={"shop": Dunning()}))
"""Paid until 1 February: off from the 4th on, revoked on the 15th."""

GIVEN = Promise(SERVICE, on(2, 5), on(2, 12), usd("29.00"), "staff:ann")


def living(at, *events, catalog=HOUSE, promises=(), product="basic", **more):
    service = replace(ACCOUNT.services[0], package=product)
    account = replace(ACCOUNT, services=(service,), promises=promises, **more)
    world = World(account=account, catalog=catalog, at=at)
    world.hear(activate(product=product, ends=on(2, 1)))
    world.bring()
    for event in events:
        later(world, event.occurred_at, event)
    return world


def later(world, at, *events):
    world.at = at
    world.hear(*events)
    world.bring()
    return world


def stands(world):
    """On or off at the backend, and whether it lives."""
    return world.seen.on, world.service.alive


@pytest.mark.parametrize(
    ("at", "stands_"),
    [
        (on(2, 3, 23, 59), (True, True)),
        (on(2, 4), (False, True)),
        (on(2, 14, 23, 59), (False, True)),
        (on(2, 15), (False, False)),
    ],
)
def test_who_does_not_pay_is_suspended_and_then_revoked(at, stands_):
    """I9, D27: three days after it was due it is off, after fourteen it has ended."""
    # Guard off (nothing holds what is unpaid; nothing is revoked): red.
    assert stands_ == stands(later(living(on(1, 2)), at))


def test_somebody_looks_when_it_is_to_be_off_and_when_to_end():
    """I9, I8: nobody has to say anything, and whoever owes it hears of it before; what
    is behind wakes nobody."""
    # Guard off (no wake-up of a due date): red.
    world = living(on(1, 2))
    wakes = {k: at for k, at in world.plan().wakes.items() if "/period-" in k}
    after = later(world, on(2, 4)).plan().wakes

    assert {
        f"{SERVICE}/period-2/remind/{on(1, 25).isoformat()}": on(1, 25),
        f"{SERVICE}/period-2/remind/{on(1, 29).isoformat()}": on(1, 29),
        f"{SERVICE}/period-2/remind/{on(1, 31).isoformat()}": on(1, 31),
        f"{SERVICE}/period-2/warn-of-revoke/{on(2, 12).isoformat()}": on(2, 12),
        f"{SERVICE}/period-2/suspend/{on(2, 4).isoformat()}": on(2, 4),
        f"{SERVICE}/period-2/revoke/{on(2, 15).isoformat()}": on(2, 15),
    } == wakes
    left = {at for k, at in after.items() if "/period-" in k}
    assert {on(2, 12), on(2, 15)} == left


def test_paid_late_it_is_on_again():
    """I9: with the payment, and until its own period is over."""
    # Guard off (a payment moves no due date): red.
    world = later(living(on(1, 2)), on(2, 10))
    off = stands(world)
    later(world, on(2, 11), renewed(on(2, 11)))

    assert ((False, True), (True, True)) == (off, stands(world))
    assert (False, True) == stands(later(world, on(3, 4)))


ONCE = {"product": "plain"}
FREE = {
    "catalog": replace(
        HOUSE,
        packages={"basic": replace(CATALOG.packages["basic"], price=usd("0.00"))},
    )
}


@pytest.mark.parametrize("sold", [ONCE, FREE, {"catalog": CATALOG}])
def test_bought_once_or_for_nothing_is_never_due(sold):
    """I8: nor is what its platform duns (D27)."""
    # Guard off (each of the three is dunned): red.
    world = later(living(on(1, 2), **sold), on(6, 1))

    assert (True, True) == stands(world)
    assert not [key for key in world.plan().wakes if "/period-" in key]


def test_another_source_is_dunned_by_its_own_platform():
    """D27: it is said of each source by itself."""
    dunned = replace(HOUSE, terms=Terms(dunning={"other": Dunning()}))

    assert (True, True) == stands(later(living(on(1, 2), catalog=dunned), on(6, 1)))


def test_where_nothing_suspends_it_is_revoked_all_the_same():
    """I9: suspending may be left out, revoking is after N days."""
    terms = Terms(dunning={"shop": Dunning(suspend=None, revoke=timedelta(days=5))})
    world = living(on(1, 2), catalog=replace(HOUSE, terms=terms))
    seen = [stands(later(world, at)) for at in (on(2, 5, 23, 59), on(2, 6))]

    assert [(True, True), (False, False)] == seen


def test_what_is_to_end_anyhow_is_not_dunned():
    """I9: nobody pays for what was cancelled."""
    world = living(on(1, 2), terminate(on(1, 20), at_period_end=True))

    assert not [key for key in world.plan().wakes if "/period-" in key]


def test_a_resume_does_not_lift_what_is_unpaid_here():
    """D29: it lifts only what its platform had said."""
    # Guard off (what is unpaid is a hold like the platform's): red.
    world = later(living(on(1, 2)), on(2, 5), suspend(on(2, 4)), resume(on(2, 5)))

    assert (False, True) == stands(world)
    assert (Hold.BILLING,) == acting.holds(
        world.account, world.service, HOUSE, on(2, 5)
    )


def test_what_was_revoked_is_kept_and_purged_like_any_other():
    """D26: its time is counted from then."""
    world = later(living(on(1, 2)), on(2, 16))

    assert on(2, 16) == world.account.ended_at
    assert on(2, 16) + DAY == retention.due(world.account, DAY)


def test_a_payment_told_late_is_as_good_as_told_in_time():
    """U2: paid on the 10th, told on the 20th, after it was revoked."""
    # Guard off (what is revoked stays so): red.
    late = renewed(on(2, 10))
    in_time = later(living(on(1, 2)), on(2, 11), late)
    world = later(living(on(1, 2)), on(2, 20))
    ended = world.service.alive
    later(world, on(2, 20), late)

    assert (False, (True, True)) == (ended, stands(world))
    assert in_time.service == world.service
    assert {c.key for c in in_time.sent} == {c.key for c in world.sent}


@pytest.mark.parametrize("first", [0, 1])
def test_a_payment_of_two_roads_was_made_when_the_first_says(first):
    """U2, I9, S6: paid the day before it was revoked, the other word says: after."""
    # Guard off (only the word that is heard first counts): red, it stays ended.
    words = [renewed(on(2, 15, 1), line=None, id="other road"), renewed(on(2, 14))]
    world = later(living(on(1, 2), promises=(GIVEN,)), on(2, 16))
    ended = world.service.alive
    for word in (words[first], words[not first]):
        later(world, on(2, 16), word)

    assert (False, (True, True)) == (ended, stands(world))
    assert [on(2, 14)] == [p.paid_at for p in world.account.promises]


@pytest.mark.parametrize(("product", "lives"), [("free", True), ("gold", False)])
def test_a_change_told_late_is_as_good_as_told_in_time(product, lives):
    """C12, I9: Free since the 10th, told on the 20th; another that costs is unpaid."""
    # Guard off (only a payment undoes what was revoked): red.
    free = replace(CATALOG.packages["basic"], name="free", price=usd("0.00"))
    shop = replace(HOUSE, packages={**HOUSE.packages, "free": free})
    late = change(on(2, 10), product)
    in_time = later(living(on(1, 2), late, catalog=shop), on(2, 20))
    world = later(living(on(1, 2), catalog=shop), on(2, 20))
    later(world, on(2, 20), late)

    assert lives == world.service.alive == in_time.service.alive


def test_a_payment_after_it_was_revoked_brings_nothing_back():
    """D29: a payment lifts none; its money waits for a person."""
    # Guard off (any payment brings it back): red.
    world = later(later(living(on(1, 2)), on(2, 16)), on(2, 20), renewed(on(2, 19)))

    assert (False, False) == stands(world)
    assert "held_no_service" == world.plan().held.code


def test_what_is_brought_back_unpaid_is_overdue_from_then():
    """I9: it is not off at once for the time it was gone, nor on for ever."""
    # Guard off (it is due when its paid time ended): red.
    world = later(living(on(1, 2)), on(2, 20), told(Type.REINSTATE, on(2, 20)))
    back = stands(world)
    seen = [stands(later(world, at)) for at in (on(2, 23), on(3, 6))]

    assert (True, True) == back
    assert [(False, True), (False, False)] == seen


def test_being_unpaid_ended_with_the_life_that_was_revoked():
    """D29: a suspension from before is no reason to be off after."""
    # Guard off (it is): red.
    world = later(living(on(1, 2), suspend(on(2, 3))), on(2, 16))
    later(world, on(2, 20), told(Type.REINSTATE, on(2, 20)))

    assert () == world.service.holds
    assert {LIFE, REVOKED} <= world.service.marks.keys()


def test_what_is_only_looked_at_is_not_revoked():
    """D27: adopted and not released: its platform may have said what we never heard."""
    # Guard off (it is): red.
    world = living(on(1, 2), observed_at=on(1, 1))
    world.at = on(6, 1)

    assert world.plan().account.services[0].alive


def test_a_coupon_moves_what_is_due():
    """B6: what it pushed aside is paid for; three days more of it."""
    # Guard off (the platform's date counts): red.
    terms = replace(LADDER, dunning={"shop": Dunning()})
    card = activation(on(1, 10), 3 * DAY, 12)
    world = living(
        on(1, 2), catalog=replace(SOLD, terms=terms), product="rank 14",
        activations=(card,),
    )  # fmt: skip
    seen = [stands(later(world, at)) for at in (on(2, 6, 23, 59), on(2, 7))]

    assert [(True, True), (False, True)] == seen


def test_no_coupon_is_switched_on_where_nobody_pays():
    """D7: what our own dunning holds is suspended like any other."""
    # Guard off (only what was said holds): red.
    world = later(living(on(1, 2)), on(2, 5))

    assert (Hold.BILLING,) == acting.stands(
        world.account, world.service, HOUSE, on(2, 5)
    ).holds


# --- A promise


@pytest.mark.parametrize("catalog", [HOUSE, CATALOG])
def test_a_promise_keeps_it_on(catalog):
    """S6: whether the platform suspended it, or we did; then it acts again."""
    # Guard off (a promise holds off neither the one nor the other): red.
    world = living(on(1, 2), suspend(on(2, 4)), catalog=catalog)
    seen = [world.seen.on]
    world.account = replace(world.account, promises=(GIVEN,))
    seen += [later(world, at).seen.on for at in (on(2, 5), on(2, 12))]

    assert [False, True, False] == seen
    assert {"promise-over"} == {
        key.split("/")[1 + 1] for key in living(
            on(2, 6), suspend(on(2, 4)), catalog=CATALOG, promises=(GIVEN,)
        ).plan().wakes if "/promise/" in key
    }  # fmt: skip


@pytest.mark.parametrize("hold", [Hold.ABUSE, Hold.MANUAL])
def test_a_promise_lifts_nothing_but_a_debt(hold):
    """S6, D29: abuse and what an admin stopped are no question of money."""
    # Guard off (it puts off any hold): red.
    world = living(on(1, 2), suspend(on(2, 4), hold=hold), promises=(GIVEN,))

    assert not later(world, on(2, 6)).seen.on


def test_a_promise_of_one_service_is_not_anothers():
    """S6: what it is for is what it keeps on."""
    # Guard off (one for all): red.
    other = replace(GIVEN, service="shop:8")
    world = living(on(1, 2), suspend(on(2, 4)), catalog=CATALOG, promises=(other,))

    assert not later(world, on(2, 6)).seen.on


def test_a_promise_puts_off_the_end():
    """S6: nothing is revoked before it is over, and then it is."""
    # Guard off (revoked in spite of it): red.
    given_ = replace(GIVEN, given_at=on(2, 14), until=on(2, 18))
    world = living(on(1, 2), promises=(given_,))
    seen = [stands(later(world, at)) for at in (on(2, 15), on(2, 18))]

    assert [(True, True), (False, False)] == seen


def test_a_promise_counts_once_it_is_known():
    """S6: nobody looks again at the moment another clock, a little ahead, gave it."""
    # Guard off (not before it was given): red.
    world = living(on(1, 2), suspend(on(2, 4)), catalog=CATALOG, promises=(GIVEN,))

    assert later(world, GIVEN.given_at - timedelta(seconds=1)).seen.on


def test_what_was_promised_is_paid():
    """S6: once until paid, and the moment it was is kept."""
    # Guard off (it stays open): red.
    world = later(living(on(1, 2), promises=(GIVEN,)), on(2, 9), renewed(on(2, 9)))

    assert [on(2, 9)] == [p.paid_at for p in world.account.promises]


def test_paid_it_does_not_go_off_until_its_platform_says_resume():
    """S6: the suspension was for what is paid now; another one acts at once."""
    # Guard off (what is paid spares nothing; what is paid spares all): red.
    said = suspend(on(2, 4)), renewed(on(2, 9))
    world = living(on(1, 2), *said, catalog=CATALOG, promises=(GIVEN,))
    on_ = [later(world, at).seen.on for at in (on(2, 10), on(2, 12))]
    again = later(living(on(1, 2), *said, catalog=CATALOG, promises=(GIVEN,)),
                  on(2, 11), suspend(on(2, 10)))  # fmt: skip

    assert ([True, False], False) == (on_, again.seen.on)


PAYS = [
    # service, the paid period's end, paid
    (SERVICE, on(3, 1), True),
    (SERVICE, None, True),
    (SERVICE, on(2, 1), False),
    ("shop:8", on(3, 1), False),
]


@pytest.mark.parametrize(("service", "ends", "kept"), PAYS)
def test_a_payment_keeps_the_promise_it_is_for(service, ends, kept):
    """S6: of that service, for a time not over when it was given."""
    # Guard off (any payment keeps it): red.
    [after] = paid((GIVEN,), service, ends, on(2, 9))

    assert kept == (after.paid_at is not None)
    assert (after,) == paid((after,), service, ends, on(2, 20)) or not kept


def test_an_account_of_then_has_the_promises_of_then():
    """S3: one that came later is not in it, and one that is kept now was not yet."""
    kept = replace(GIVEN, paid_at=on(2, 9))
    world = living(on(1, 2), promises=(kept,))
    events = activate(ends=on(2, 1)), renewed(on(2, 9))
    was = [as_of(world.account, events, HOUSE, at).promises
           for at in (on(2, 4), on(2, 6), on(2, 10))]  # fmt: skip

    assert [(), (GIVEN,), (kept,)] == was


def test_what_is_promised_is_what_its_next_period_costs():
    """S6: by the terms it was sold by, with what it is to become."""
    world = living(on(1, 2), change(on(1, 20), at_period_end=True))
    cost = [owing.debt(world.service, None, HOUSE, HOUSE.terms, at)
            for at in (on(1, 10), on(2, 5))]  # fmt: skip

    assert [usd("99.00")] * 2 == cost


def test_nobody_is_revoked_by_the_first_day_of_our_dunning():
    """I9, D27: due on 1 February and dunned since 1 June, it is as if due in June."""
    # Guard off (what was due before counts from then): red, gone on the second.
    began = Terms(dunning={"shop": Dunning(since=on(6, 1))})
    world = living(on(1, 2), catalog=replace(CATALOG, terms=began))
    seen = [stands(later(world, at)) for at in (on(6, 2), on(6, 4), on(6, 15))]

    assert [(True, True), (False, True), (False, False)] == seen
