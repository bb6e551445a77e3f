"""A trial on an account: it begins with an order, and what it is when it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core import acting, owing
from provisioning.core.account import Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Hold, Type
from provisioning.core.heard import Fate
from provisioning.core.promised import Promise
from provisioning.core.splice import Activation, Why
from provisioning.core.subscribed import subscribed
from provisioning.core.terms import CouponKind, Dunning, Family, Variant
from provisioning.core.trial import Trial, Tried
from tests.provisioning.core.ladder import DAY, activation
from tests.provisioning.core.shop import PACKAGES, PRICES, TERMS
from tests.provisioning.core.world import (
    ACCOUNT,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    terminate,
    told,
    usd,
)

FREE_CREDIT = {"gold": usd("15.00")}
CATALOG = Catalog(
    {p.name: replace(p, free_credit=FREE_CREDIT.get(p.name)) for p in PACKAGES},
    {}, {"main": "USD"}, terms=TERMS,
)  # fmt: skip
BEGUN = on(3, 1, 10)
OVER = BEGUN + timedelta(days=30)
PAID = {"product": None, "line": "shop:line-2", "starts": None}


def tried(product="gold", at=BEGUN, **more):
    said = {"line": None, "starts": None, "trial": True} | more
    return activate(at, product=product, **said)


def trying(product="gold", *, catalog=CATALOG, **more):
    service = Service(SERVICE, product)
    world = World(replace(ACCOUNT, services=(service,)), catalog)
    return later(world, BEGUN, tried(product, **more))


def later(world, at, *events):
    world.at = at
    world.hear(*events)
    world.bring()
    return world


def sold(world):
    """What it is, and whether the backend has it on, with so many channels."""
    channels = world.seen.entitlements["channels"]
    return world.service.package, world.seen.on, channels


def fate(world, event):
    ruling = world.rulings[event.id]
    return ruling.fate, ruling.why and ruling.why.code


GOLD, FREE = ("gold", True, 10), ("free", True, 1)


@pytest.mark.parametrize(
    ("at", "is_"), [(BEGUN, GOLD), (OVER - timedelta(seconds=1), GOLD), (OVER, FREE)]
)
def test_a_trial_runs_its_time_and_ends_in_free(at, is_):
    """D13, C12: unpaid it is the family's Free, on the wire, and at its very end."""
    # Guard off (it stays what it was; it is free a moment early): red.
    assert is_ == sold(later(trying(), at))


def test_somebody_looks_when_a_trial_is_over():
    """D13: nobody has to say anything."""
    # Guard off (no wake-up): red.
    wakes, soon = trying().plan().wakes, OVER - timedelta(days=3)

    assert {
        f"{SERVICE}/trial/trial-ends/{soon.isoformat()}": soon,
        f"{SERVICE}/trial/trial-over/{OVER.isoformat()}": OVER,
    } == wakes


def test_a_trial_grants_nothing():
    """D24: no period is paid for, so nothing is due for one, whatever line told it."""
    # Guard off (a trial is a period like any; its line pays for one): red.
    world = trying(line="shop:line-0", starts=BEGUN, ends=OVER)
    again = renewed(on(3, 2), product=None, line="shop:line-0", starts=BEGUN)
    later(world, on(3, 2), again)

    assert ((), [], []) == (world.service.periods, world.sent, list(world.open))
    assert FREE == sold(later(world, OVER))


def test_its_invoice_may_be_told_before_its_order():
    """D24: both wait for the account together; nothing is paid by that line."""
    # Guard off (the lines at hand are not looked at): red, it is gold for a month.
    invoice = renewed(BEGUN - timedelta(seconds=5), **PAID | {"line": "shop:line-0"})
    world = World(replace(ACCOUNT, services=(Service(SERVICE, "gold"),)), CATALOG)
    later(world, BEGUN, invoice, tried(line="shop:line-0"))

    assert ((), FREE) == (world.service.periods, sold(later(world, OVER)))


def test_a_dependent_is_never_free():
    """C13, D13: it is held, and what it brought with it is gone."""
    # Guard off (it is on for nothing; it is Free): red.
    world = later(trying("chat"), OVER)

    assert ("chat", False, 1) == sold(world)
    assert (Hold.BILLING,) == acting.holds(world.account, world.service, CATALOG, OVER)


def family(**changed):
    families = {**TERMS.families, "calls": replace(TERMS.families["calls"], **changed)}
    return replace(CATALOG, terms=replace(TERMS, families=families))


def without(name):
    packages = {n: p for n, p in CATALOG.packages.items() if n != name}
    return replace(CATALOG, packages=packages)


ELSEWHERE = replace(
    CATALOG,
    packages={
        **CATALOG.packages, "free": replace(CATALOG.packages["free"], backend="other")
    },
)  # fmt: skip


@pytest.mark.parametrize("catalog", [family(free=None), without("free"), ELSEWHERE])
def test_where_there_is_no_free_it_is_held(catalog):
    """D13: where its family has none, or none its account can be."""
    # Guard off (it is on for nothing): red.
    assert ("gold", False, 10) == sold(later(trying(catalog=catalog), OVER))


def test_a_family_that_is_no_more_holds_what_was_tried_of_it():
    """D13: nobody knows a Free it could be."""
    world, gone = trying(), replace(TERMS, families={}, ladders={})
    world.catalog = replace(CATALOG, terms=gone)

    assert not later(world, OVER).seen.on


def test_what_costs_nothing_is_not_held():
    """I8: nothing is owed for it."""
    # Guard off (any trial that is over is held): red.
    assert later(trying("chat-free"), OVER).seen.on
    assert FREE == sold(later(trying("free"), OVER))


PAYS = [renewed(on(3, 20), **PAID), activate(on(3, 20), **PAID | {"product": "gold"})]


@pytest.mark.parametrize("pays", PAYS)
def test_paid_within_its_trial_it_stays(pays):
    """D13: what is paid begins where the trial ends, and is granted as any period."""
    # Guard off (it is Free all the same; it begins at once): red.
    world = later(trying(), on(3, 20), pays)

    assert GOLD == sold(later(world, OVER))
    assert [(1, OVER)] == [(p.no, p.starts) for p in world.service.periods]
    assert [f"{SERVICE}/free/1/0/0"] == [claim.key for claim in world.sent]


@pytest.mark.parametrize("pays", [*PAYS, renewed(on(4, 5), **PAID)])
def test_paid_after_all_it_is_again_what_was_tried(pays):
    """D13: told late, or paid late: nobody pays for Free."""
    # Guard off (it is Free for good; another is granted): red.
    world = later(trying(quantity=2, extras=(("line", 1),)), on(4, 2))
    was = sold(world), world.account.trial(SERVICE).was
    later(world, on(4, 5), pays)

    assert (FREE, Tried("gold", 2, (("line", 1),))) == was
    assert "gold" == world.service.package
    assert None is world.account.trial(SERVICE).was
    assert 1 == len(world.service.periods)


def test_a_payment_that_fits_nothing_leaves_it_free():
    """D13: what is parked changes nothing."""
    wrong = renewed(on(4, 5), **PAID | {"product": "platinum"})
    world = later(trying(), on(4, 5), wrong)

    assert (Fate.PARKED, "package_differs") == fate(world, wrong)
    assert FREE == sold(world)


def test_what_was_sold_after_the_trial_is_what_is_paid_for():
    """D13, I11: a change since is the last word, whatever was tried before it."""
    # Guard off (`sold` forgets nothing): red, silver is paid for and gold is on.
    world = later(later(trying(), on(4, 2)), on(4, 5), change(on(4, 5), "silver"))
    pays = renewed(on(4, 6), **PAID)
    wrong = renewed(on(4, 5, 1), **PAID | {"product": "gold"}, id="wrong")
    later(world, on(4, 6), wrong, pays)

    assert ("silver", True, 5) == sold(world)
    assert (Fate.PARKED, Fate.WORKING) == (fate(world, wrong)[0], fate(world, pays)[0])
    assert 1 == len(world.service.periods)


def test_what_was_put_on_free_and_is_sold_as_that_stays_so():
    """D13: its platform says so too, and its invoices are Free's from then on."""
    # Guard off (`sold` looks at another package only): red, it is gold for nothing.
    world = later(later(trying(), on(4, 2)), on(4, 5), change(on(4, 5), "free"))
    later(world, on(4, 6), renewed(on(4, 6), **PAID))

    assert FREE == sold(world)
    assert 1 == len(world.service.periods)


def test_free_that_was_put_on_is_renewed_as_free():
    """D13: who pays for Free, by its name, has it; a late word changes nothing."""
    # Guard off (any payment is for what was tried): red, it is parked.
    # Guard off (`_kept` keeps what was tried): red, it is gold for nothing.
    renews = renewed(on(4, 6), **PAID | {"product": "free"})
    world = later(later(trying(), on(4, 2)), on(4, 6), renews)
    later(world, on(4, 7), told(Type.SYNC, on(3, 5)))

    assert (Fate.WORKING, FREE) == (fate(world, renews)[0], sold(world))


def test_an_activation_that_names_no_payment_pays_nothing():
    """D13: said again it is a word, within the trial; after it, a sale of its own."""
    # Guard off (it opens a period): red.
    again = activate(on(3, 5), product="gold", line=None, starts=None)
    world = later(trying(), on(3, 5), again)

    assert () == world.service.periods
    assert FREE == sold(later(world, OVER))


def test_an_upgrade_does_not_restart_a_trial():
    """D14: within it, it is tried to the same end."""
    # Guard off (the plan that is sold anew is not tried): red.
    world = later(trying("silver"), on(3, 20), change(on(3, 20), "gold"))
    within = sold(world)

    assert (GOLD, FREE) == (within, sold(later(world, OVER)))


def test_a_change_told_late_finds_what_was_tried():
    """D13: told after the trial was over, of a time before, it ends the same."""
    # Guard off (a word of then finds the Free of now): red.
    up = change(on(3, 20), "gold")
    in_time = later(later(trying("silver", quantity=2), on(3, 20), up), on(4, 2))
    late = later(later(trying("silver", quantity=2), on(4, 1)), on(4, 2), up)

    assert in_time.account.trials == late.account.trials
    # What he never had when it counted has left no data to delete.
    assert replace(in_time.service, locked=()) == late.service


def test_what_is_sold_after_the_trial_is_not_tried():
    """C13: a change is a sale, and its platform's word."""
    # Guard off (it is Free again with the next look): red.
    world = later(later(trying(), OVER), on(4, 5), change(on(4, 5), "gold"))

    assert GOLD == sold(later(world, on(4, 6)))


def test_a_family_is_tried_once_for_each_account():
    """D14: also by another service, and after the first has ended."""
    # Guard off (any order may be tried): red.
    world = later(trying(), on(3, 5), terminate(on(3, 5)))
    again = tried(at=on(6, 1))
    other = tried("silver", at=on(6, 1), service="shop:8", id="other")
    bound = (*world.account.services, Service("shop:8", "silver"))
    world.account = replace(world.account, services=bound)
    later(world, on(6, 1), again, other)

    assert (Fate.PARKED, "trial_had") == fate(world, again) == fate(world, other)
    assert not any(service.alive for service in world.account.services)


def test_the_same_word_again_begins_no_other():
    """D14: its window stays, whichever way it is told again."""
    # Guard off (the second is another try): red.
    world, again = trying(), tried(at=on(3, 9))
    later(world, on(3, 9), again)

    assert Fate.WORKING is fate(world, again)[0]
    assert [Trial("calls", BEGUN, OVER, SERVICE)] == list(world.account.trials)


@pytest.mark.parametrize(
    ("package", "code"), [("payg", "trial_none"), ("alone", "trial_no_family")]
)
def test_what_is_not_tried_is_refused(package, code):
    """D14: only a family with a trial, and nothing is opened."""
    # Guard off (it is sold): red.
    world = trying(package)

    assert [(Fate.PARKED, code)] == [(r.fate, r.why.code)
                                     for r in world.rulings.values()]  # fmt: skip
    assert None is world.seen


def house(catalog):
    terms = replace(catalog.terms, dunning={"shop": Dunning()})
    return replace(catalog, terms=terms)


def test_our_own_dunning_ends_what_was_tried_and_not_paid():
    """I9: it is due when the trial is over; Free is never due."""
    # Guard off (without a period nothing is due): red.
    world = trying("chat", catalog=house(CATALOG))
    alive = [later(world, OVER + d * DAY).service.alive for d in (0, 13, 14)]
    free = later(trying(catalog=house(CATALOG)), OVER + 30 * DAY)

    assert ([True, True, False], FREE) == (alive, sold(free))


def test_what_was_free_for_months_is_due_from_its_change_on():
    """I9: it is not revoked with the word, and its payment, a moment later, counts."""
    # Guard off (it is due since its trial was over): red, it ends with the change.
    world = later(trying(catalog=house(CATALOG)), OVER)
    later(world, on(8, 1), change(on(8, 1), "gold"))
    seen = [sold(later(world, on(8, day)))[1] for day in (3, 4)]
    later(world, on(8, 5), renewed(on(8, 5), **PAID))

    assert ([True, False], GOLD) == (seen, sold(world))
    assert sold(later(world, on(9, 5))) == GOLD


def test_who_goes_back_from_free_is_due_from_then():
    """I9, C12: likewise after a period that was paid for."""
    world = later(trying(catalog=house(CATALOG)), on(3, 20), PAYS[0])
    later(world, on(4, 5), change(on(4, 5), "free", at_period_end=True))
    later(world, on(8, 1))
    was = sold(world)
    later(world, on(8, 1), change(on(8, 1), "gold"))
    seen = [later(world, on(8, day)).service.alive for day in (14, 15)]

    assert (FREE, [True, False]) == (was, seen)


def test_a_promise_keeps_on_what_was_tried():
    """S6: while it holds."""
    # Guard off (it does not): red.
    world = later(trying("chat"), OVER)
    given = Promise(SERVICE, OVER, OVER + 3 * DAY, usd("9.00"), "staff:ann")
    world.account = replace(world.account, promises=(given,))
    on_ = [later(world, OVER + d * DAY).seen.on for d in (1, 3)]

    assert [True, False] == on_


def test_a_coupon_moves_the_end_of_a_trial():
    """B6: what it pushed aside is tried to its end."""
    # Guard off (it is over when it was to be): red.
    boost = CouponKind("boost", ("calls",), (Variant(DAY, rank=10),))
    terms = replace(TERMS, coupons={"boost": boost})
    world = trying("silver", catalog=replace(CATALOG, terms=terms))
    card = replace(activation(on(3, 10), 3 * DAY), package="gold", rank=30)
    world.account = replace(world.account, activations=(card,))
    seen = [later(world, OVER + d * DAY).service.package for d in (2, 3)]

    assert ["silver", "free"] == seen


def test_its_time_shows_that_it_is_tried():
    """S3: what is tried is neither paid for nor unpaid."""
    world = trying()
    film = acting.along(world.account, world.service, CATALOG).film

    assert [(BEGUN, OVER, Why.TRIAL)] == [(s.starts, s.ends, s.base.why) for s in film]


def test_a_change_of_what_is_tried_knows_until_when():
    """D14: as the rules of change see it; once a period is paid it is no trial."""
    # Guard off (nothing is known of the trial): red.
    world = trying()
    trial = world.account.trial(SERVICE)
    has = subscribed(world.service, PRICES, on(3, 5), trial)
    later(world, on(3, 20), PAYS[0])
    paid = subscribed(world.service, PRICES, on(3, 20), trial)

    assert (BEGUN, OVER, OVER) == (has.starts, has.ends, has.tried_until)
    assert (None, None) == (paid.tried_until, subscribed(
        replace(world.service, periods=()), PRICES, on(3, 5)).ends)  # fmt: skip


def test_what_has_ended_becomes_nothing():
    """D13: nor is anything due of it."""
    world = later(trying(), on(3, 5), terminate(on(3, 5)))
    later(world, OVER)

    assert ("gold", ()) == (
        world.service.package, acting.dues(world.account, world.service, CATALOG)
    )  # fmt: skip
    assert None is owing.since(Service(SERVICE, "gold"), None, OVER)


def test_a_service_nobody_ordered_yet_is_not_tried():
    """D14: another word than an order begins no trial, and finds none."""
    world = World(ACCOUNT, CATALOG, at=BEGUN)
    world.hear(told(Type.SUSPEND, BEGUN), told(Type.SYNC, BEGUN, service=None))

    assert () == world.account.trials
    assert None is Family("x").trial


def in_the_trial(word, product="silver"):
    world = trying("gold")
    later(world, on(3, 10), word)
    return world


def test_what_is_asked_for_at_the_end_of_a_trial_is_done_then():
    """C11, D13: it is silver when the trial is over; unpaid, that ends in Free."""
    # Guard off (only paid time has an end): red, it is parked.
    world = in_the_trial(replace(change(on(3, 10), "silver"), at_period_end=True))
    ends = world.account.trials[0].ends
    before = world.service.package
    wakes = set(world.plan().wakes.values())
    later(world, ends)
    after = world.account.trial(SERVICE).was

    assert ("gold", True) == (before, ends in wakes)
    assert ("free", "silver") == (world.service.package, after.package)
    later(world, ends, renewed(ends, product="silver", starts=ends))
    assert "silver" == world.service.package


def test_it_is_shown_as_the_next_package_until_then():
    """C11: with the day of the trial's end, in the timeline as well."""
    world = in_the_trial(replace(change(on(3, 10), "silver"), at_period_end=True))
    trial = world.account.trials[0]
    has = subscribed(world.service, PRICES, on(3, 11), trial)
    film = acting.along(world.account, world.service, world.catalog).film

    assert ("silver", trial.ends) == (has.next.choice.package, has.next.at)
    assert ["gold", "silver"] == [segment.package for segment in film]


def test_cancelled_at_the_end_of_a_trial_it_ends_then_and_is_not_free():
    """D13: who says no to it does not get another plan instead."""
    # Guard off (parked; or Free first): red.
    world = in_the_trial(replace(terminate(on(3, 10)), at_period_end=True))
    ends, alive = world.account.trials[0].ends, world.service.alive
    wakes = set(world.plan().wakes.values())
    later(world, ends)

    assert (True, True) == (alive, ends in wakes)
    assert (False, "gold") == (world.service.alive, world.service.package)


@pytest.mark.parametrize("word", [
    replace(change(on(4, 10), "silver"), at_period_end=True),
    replace(terminate(on(4, 10)), at_period_end=True),
])  # fmt: skip
def test_after_a_trial_nobody_knows_an_end(word):
    """C11: what is unpaid and tried no more has none."""
    world = trying("gold")
    later(world, on(4, 10), word)

    assert Fate.PARKED is world.rulings[word.id].fate


def test_a_coupon_in_a_trial_moves_its_end_and_what_waits_for_it():
    """B6: both, by as long as it lasts."""
    for word in (change(on(3, 10), "silver"), terminate(on(3, 10))):
        world = in_the_trial(replace(word, at_period_end=True))
        ends = world.account.trials[0].ends
        coupon = Activation("c", SERVICE, on(3, 12), timedelta(days=3), "gold", 30)
        account = replace(world.account, activations=(coupon,))
        moved = (acting.becoming, acting.ending)
        found = {of(account, world.service, world.catalog) for of in moved}

        assert ends + timedelta(days=3) in found
