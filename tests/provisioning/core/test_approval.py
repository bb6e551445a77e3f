"""Where the provider wants it a change waits for an admin, and nothing moves before."""

from dataclasses import replace

import pytest

from provisioning.core import approval
from provisioning.core.account import Service
from provisioning.core.choices import Choice
from provisioning.core.heard import Fate
from provisioning.core.history import as_of
from provisioning.core.terms import Dunning, Family, Ladder, Terms
from tests.provisioning.core.world import (
    CATALOG,
    NOW,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    suspend,
    terminate,
    topup,
)

MEDIUM = replace(CATALOG.packages["basic"], name="medium")
ALONE = replace(CATALOG.packages["basic"], name="alone")
LADDERS = {"basic": Ladder("calls", 50), "medium": Ladder("calls", 30),
           "gold": Ladder("calls", 10)}  # fmt: skip
UP, LATER, LATEST = on(1, 10), on(1, 12), on(1, 14)


def selling(**family):
    packages = {**CATALOG.packages, "medium": MEDIUM, "alone": ALONE}
    terms = Terms({"calls": Family("calls", **family)}, LADDERS)
    return replace(CATALOG, packages=packages, terms=terms)


CAREFUL = selling(approval=True)


@pytest.fixture
def world():
    """On basic; every change waits for an admin."""
    world = World(catalog=CAREFUL)
    world.hear(activate())
    world.bring()
    return world


def waits(world):
    """Since when a change waits on the service."""
    order = approval.asked(world.service)
    return order and order.occurred_at


def agree(world, event):
    return world.hear(replace(event, approved=True))


def fates(world):
    return [(r.fate, r.why and r.why.code) for r in world.rulings.values()][1:]


WAITS = (Fate.PARKED, "approval_first")
OVER = (Fate.SUPERSEDED, "newer_word")
DONE = (Fate.WORKING, None)


def over(plan):
    """What was superseded by these events, by the number it came in with."""
    ended = [r for r in plan.rulings if r.fate is Fate.SUPERSEDED]
    return [(r.event.arrival, r.event.order.occurred_at) for r in ended]


def test_a_change_waits_and_nothing_is_done(world):
    """I11: not a limit, not a sum; the account is as it was."""
    # Guard off (`waiting` never asks): red.
    todo = world.hear(change(UP))

    assert [WAITS] == fates(world)
    assert ((), (), ()) == (todo.levels, todo.flows, todo.bookings)
    assert ("basic", UP) == (world.service.package, waits(world))


def test_what_was_agreed_to_is_done_as_if_nobody_had_waited(world):
    """I11, D15: with what it gives more, and once."""
    free = World(catalog=selling())
    free.hear(activate())
    free.bring()
    free.hear(change(UP))
    world.hear(change(UP))
    agree(world, change(UP))
    agree(world, change(UP))
    for each in (world, free):
        each.bring()

    assert (free.seen, free.balance, free.service.package) == (
        world.seen, world.balance, world.service.package,
    )  # fmt: skip
    assert [(c.key, c.money) for c in free.sent] == [
        (c.key, c.money) for c in world.sent
    ]
    assert waits(world) is None


def test_what_was_done_before_its_family_became_careful_is_not_asked_about():
    """I11: heard anew, the word that stands for the period's end does not wait."""
    # Guard off (`_agreed` not asked in `waiting`): red, parked for approval.
    world = World(catalog=selling(), at=LATER)
    later = change(UP, at_period_end=True)
    world.hear(activate())
    world.hear(later)
    world.catalog = CAREFUL
    world.hear(later)

    assert [DONE] == fates(world)
    assert (None, "gold") == (waits(world), world.service.next.package)


def test_at_the_end_of_the_period_it_waits_as_well(world):
    """I11, C11: agreed to, it is the next renewal package."""
    later = change(UP, at_period_end=True)
    world.hear(later)
    before = world.service.next
    agree(world, later)

    assert [DONE] == fates(world)
    assert (None, "gold") == (before, world.service.next.package)


def test_what_was_agreed_to_is_not_asked_again(world):
    """I11: planned anew, as after a mistake at the backend."""
    later = change(UP, at_period_end=True)
    agree(world, later)
    world.hear(later)
    agree(world, change(LATER))
    world.hear(change(LATER))

    assert [DONE, DONE] == fates(world)


@pytest.mark.parametrize("newer", [
    change(LATER, "medium"), terminate(LATER), activate(LATER, line="shop:line-3"),
])  # fmt: skip
def test_a_newer_word_takes_its_place(world, newer):
    """I11: of the platform there is one last word; what was asked before is over."""
    # Guards off (`settled`; `_over` in `waiting`): red.
    world.hear(change(UP))
    todo = world.hear(newer)

    assert [(2, UP)] == over(todo)
    assert waits(world) == (LATER if newer.product == "medium" else None)


def test_a_word_on_something_else_leaves_it_waiting(world):
    """I11: a renewal, a hold, a top-up: the change is asked for all the same."""
    world.hear(change(UP))
    todo = world.hear(renewed(), suspend(), topup())

    assert ([], UP) == (over(todo), waits(world))


def test_an_older_word_that_comes_late_is_not_asked_for(world):
    """I11: the newer one waits, and stays the one that does."""
    # Guard off (`newer > event.order`): red.
    world.hear(change(LATER, "medium"))
    world.hear(change(UP))

    assert [WAITS, OVER] == fates(world)
    assert LATER == waits(world)


def test_one_that_needs_nobody_leaves_a_newer_one_waiting():
    """I11: an older way up is gone at once; the newer way down waits on."""
    world = World(catalog=selling(downgrades=False))
    world.hear(activate(product="medium"))
    world.hear(change(LATER, "basic"))
    world.hear(change(UP, "gold"))

    assert [WAITS, DONE] == fates(world)
    assert ("gold", LATER) == (world.service.package, waits(world))


def test_both_in_one_are_told_apart(world):
    """I11: asked twice at once, the last one waits, and each has one fate."""
    todo = world.hear(change(UP), change(LATER, "medium"), change(LATEST))
    last = {r.event.arrival: r.fate for r in todo.rulings}

    assert {2: Fate.SUPERSEDED, 3: Fate.SUPERSEDED, 4: Fate.PARKED} == last
    assert len(last) == len(todo.rulings)


def test_what_is_old_is_old(world):
    """U5: it was sold anew since; there is nothing to agree to."""
    agree(world, change(LATER))
    world.hear(change(UP, "medium"))

    assert [DONE, OVER] == fates(world)


def test_as_it_is_already_nobody_is_asked(world):
    """P10: the same plan, told again by a careful platform."""
    world.hear(change(UP, "basic"))

    assert [DONE] == fates(world)


@pytest.mark.parametrize(("family", "said", "fate"), [
    ({"downgrades": False}, {"product": "basic"}, WAITS),
    ({"downgrades": False}, {"product": "gold"}, DONE),
    ({"downgrades": False}, {"product": "medium", "quantity": 3}, DONE),
    ({"downgrades": False}, {"product": "alone"}, WAITS),
    ({"approval": True}, {"product": "medium", "quantity": 2}, WAITS),
    ({"approval": True}, {"product": "medium", "extras": ()}, DONE),
    ({}, {"product": "basic"}, DONE),
])  # fmt: skip
def test_only_what_the_family_says_waits(family, said, fate):
    """I11: all of it, or only what goes down; what nobody can tell may be down."""
    world = World(catalog=selling(**family))
    world.hear(activate(product="medium"))
    world.hear(change(UP, **said))

    assert [fate] == fates(world)


def test_the_family_it_goes_to_has_a_say_as_well():
    """I11: whoever comes from no ladder to one that asks."""
    # Guard off (`families` only knows the plan it has): red.
    world = World(catalog=CAREFUL)
    world.hear(activate(product="alone"))
    world.hear(change(UP))

    assert [WAITS] == fates(world)


def test_a_plan_that_is_sold_no_more_may_be_left_for_less():
    """I11: its price is unknown, so nobody can say that it goes up."""
    # Guard off (the row with has_what_is_not_listed): red, a KeyError.
    world = World(catalog=selling(downgrades=False))
    world.hear(activate(product="medium"))
    world.bring()
    packages = {n: p for n, p in CAREFUL.packages.items() if n != "medium"}
    world.catalog = replace(world.catalog, packages=packages)
    world.hear(change(UP))

    assert [WAITS] == fates(world)


def test_declined_it_waits_no_more(world):
    """I11: and what is asked for after it is asked anew."""
    world.hear(change(UP))
    [mark] = [approval.asked(world.service)]
    world.account = approval.withdrawn(world.account, mark)
    same = approval.withdrawn(world.account, mark)
    gone, todo = waits(world), world.hear(change(LATER, "medium"))

    assert (None, world.account.services[0].package) == (gone, "basic")
    assert (gone is None, []) == (approval.asked(same.services[0]) is None, over(todo))


def test_history_knows_what_was_agreed_to(world):
    """S3: an account as it was, by what counted then."""
    events = (activate(), replace(change(UP), approved=True), change(LATER, "medium"))
    world.hear(*events)
    was = as_of(world.account, events, CAREFUL, on(1, 11))

    assert "gold" == was.service(SERVICE).package


def test_what_is_asked_is_read_as_any_wish(world):
    """I11: what is not said stays; the cycle, where it is sold for so long."""
    other = Service("shop:8", "gold")
    account = replace(world.account, services=(world.service, other))
    dead = approval.question(account, world.service, change(UP, quantity=3), CAREFUL)
    once = approval.question(account, world.service, change(UP, "plain"), CAREFUL)

    assert Choice("gold", "monthly", 3) == dead.to
    assert ("once", ()) == (once.to.cycle, dead.others)
    assert UP == dead.at < NOW


@pytest.mark.parametrize("ended", ["revoked", "used up"])
def test_on_what_ended_by_itself_nothing_waits(ended):
    """I11: nobody is asked for what cannot be any more."""
    # Guard off (only words end the waiting): red.
    dunned = replace(CAREFUL.terms, dunning={"shop": Dunning()})
    world = World(catalog=replace(CAREFUL, terms=dunned), at=on(1, 3))
    world.hear(activate(ends=on(2, 1)))
    world.bring()
    if ended == "used up":
        world.hear(replace(terminate(on(1, 5)), at_period_end=True))
    world.at = on(1, 11)
    world.hear(change(UP))
    asked, world.at = waits(world), on(2, 20)
    todo = world.hear()
    again = world.hear()

    assert UP == asked
    assert not world.service.alive
    assert (None, ["asked_of_ended"]) == (
        waits(world),
        [r.why.code for r in todo.rulings],
    )
    assert () == again.rulings


def test_one_that_is_told_as_it_ends_waits_for_nobody():
    """I11: one ruling for one event."""
    dunned = replace(CAREFUL.terms, dunning={"shop": Dunning()})
    world = World(catalog=replace(CAREFUL, terms=dunned), at=on(2, 20))
    todo = world.hear(activate(ends=on(2, 1)), change(UP))

    assert [2] == [r.event.arrival for r in todo.rulings if r.fate is Fate.SUPERSEDED]
    assert 2 == len(todo.rulings)
