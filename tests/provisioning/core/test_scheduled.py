"""A change at the end of the period: what it is until then, and from then on."""

from dataclasses import replace
from itertools import permutations

import pytest

from provisioning.core.catalog import Catalog, FreeRule
from provisioning.core.credit import Kind
from provisioning.core.heard import Fate
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    terminate,
    usd,
)

BASIC, GOLD = (CATALOG.packages[name].entitlements for name in ("basic", "gold"))
SAID = on(1, 20)


def down(at=SAID, **said):
    return change(at, **{"product": "basic", "at_period_end": True} | said)


def living(package="gold", catalog=CATALOG, **said):
    """Ordered as this, and paid for from the first of January."""
    world = World(catalog=catalog, at=on(1, 2))
    world.hear(activate(product=package, **said))
    world.bring()
    return world


def later(world, at, *events):
    """What is so by then, having heard these."""
    world.at = at
    world.hear(*events)
    world.bring()
    return world


def free(world):
    """By paid period: all it was given."""
    sums = {}
    for claim in world.booked.values():
        if claim.kind is Kind.FREE:
            no = int(claim.key.split("/")[2])
            sums[no] = sums.get(no, 0) + claim.money.amount
    return sums


def test_it_stays_what_it_is_until_the_period_is_over():
    """C11: until then it is the next renewal package; a tick wakes it then."""
    # Guard off (no wake-up, or turned at once): red.
    world = living()
    world.at = SAID
    todo = world.hear(down())
    world.bring()
    before = (world.seen.entitlements, world.service.next.package)
    later(world, on(2, 1))

    assert {f"{SERVICE}/becomes/{on(2, 1).isoformat()}": on(2, 1)} == todo.wakes
    assert ((GOLD, "basic"), BASIC) == (before, world.seen.entitlements)
    assert Fate.WORKING is todo.rulings[0].fate
    assert {} == world.plan().wakes


@pytest.mark.parametrize("product", [None, "basic"])
@pytest.mark.parametrize("paid", [on(1, 25), on(2, 1, 10), on(2, 9)])
def test_a_renewal_gives_what_the_next_package_gives(product, paid):
    """U2, C11: paid before, at, or after the turn; whether it names it or not."""
    # Guard off (granted by the package it still is): red, 15 of the cheaper plan.
    world = later(living(), SAID, down())
    later(world, paid, renewed(paid, product=product))
    later(world, on(2, 10))

    assert {1: 15, 2: 5} == free(world)
    assert BASIC == world.seen.entitlements


@pytest.mark.parametrize("heard", ["in order", "late"])
def test_what_was_paid_before_the_word_is_delivered_as_it_was_sold(heard):
    """C11: February is paid for as gold on the 10th; the word of the 20th waits it out.

    Guard off (the end of the running period, whatever is paid): red, basic in February.
    """
    paid, word = renewed(on(1, 10), product="gold", starts=on(2, 1)), down()
    events = {"in order": (paid, word), "late": (word, paid)}[heard]
    world = living()
    for event in events:
        later(world, SAID, event)
    later(world, on(2, 10))
    during = world.seen.entitlements
    later(world, on(3, 2))

    assert (GOLD, BASIC) == (during, world.seen.entitlements)
    assert {1: 15, 2: 15} == free(world)


def test_a_renewal_that_says_the_old_package_is_asked_about():
    """What was paid for is not what is to be delivered: a person must say."""
    world = later(living(), SAID, down())
    paid = renewed(on(1, 25), product="gold")
    later(world, on(1, 25), paid)

    assert "package_differs" == world.rulings[paid.id].why.code


def test_the_same_period_paid_by_two_roads_is_one():
    """U2: told again with its line, after it has become the next one."""
    world = later(living(), SAID, down())
    later(world, on(1, 25), renewed(on(1, 25), product=None, line=None))
    later(world, on(2, 5), renewed(on(2, 5), product=None, starts=None))
    later(world, on(2, 5), renewed(on(2, 6), id="again", product=None, starts=None))

    assert {1: 15, 2: 5} == free(world)


def test_more_at_the_end_is_more_from_then_on():
    """D15: the period that ends gives nothing more; the next one gives it all."""
    world = later(living("basic"), SAID, down(product="gold"))
    later(world, on(2, 2), renewed(on(2, 2), product=None))

    assert {1: 5, 2: 15} == free(world)
    assert GOLD == world.seen.entitlements


def test_a_word_heard_after_the_period_gives_the_rest():
    """D15: the renewal had come first and was granted as it was known then."""
    world = living("basic")
    later(world, on(2, 2), renewed(on(2, 2), product=None))
    later(world, on(2, 3), down(product="gold"))

    assert {1: 5, 2: 15} == free(world)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_newest_word_stands_whatever_order_they_come_in(order):
    """V2: put off on the 20th, changed at once on the 25th, heard before the end."""
    words = (down(), change(on(1, 25), "plain"), down(on(1, 22), product="gold"))
    world = later(living(), on(1, 26), *(words[no] for no in order))
    later(world, on(2, 2))

    assert "plain" == world.service.package
    assert world.service.next is None


def test_an_upgrade_before_the_end_calls_it_off_however_late_it_is_heard():
    """C6: said on the 31st and heard after the turn, it wins all the same."""
    # Guard off (turned under the instant of the turn): red, it stays basic.
    world = later(living(), SAID, down())
    later(world, on(2, 1, 1))
    turned = world.seen.entitlements
    later(world, on(2, 1, 2), change(on(1, 31), "gold", id="late"))

    assert (BASIC, GOLD) == (turned, world.seen.entitlements)


def test_what_is_said_later_replaces_what_was_to_come():
    """The newest of them is the next renewal package."""
    world = later(living(), on(1, 22), down(), down(on(1, 22), product="plain"))

    assert "plain" == world.service.next.package
    assert (
        Fate.SUPERSEDED
        is later(world, on(1, 23), down(on(1, 21), id="old")).rulings["old"].fate
    )


def test_seats_and_addons_come_along():
    """C11, D12: how many, and with what, as the word says; else as it was."""
    line = replace(CATALOG.packages["plain"], name="line", addon=True)
    catalog = Catalog(CATALOG.packages | {"line": line}, {}, CATALOG.currencies)
    world = living(catalog=catalog, quantity=3, extras=(("line", 2),))
    later(world, SAID, down(quantity=2))
    later(world, on(2, 1))

    assert ("basic", 2, (("line", 2),)) == (
        world.service.package,
        world.service.quantity,
        world.service.extras,
    )


def test_fewer_seats_are_paid_for_as_so_many():
    """D12: the renewal that comes before the turn is for two."""
    world = later(living(quantity=3), SAID, down(product="gold", quantity=2))
    later(world, on(1, 25), renewed(on(1, 25), product=None))

    assert {1: 45, 2: 30} == free(world)


def yearly(name, free_credit):
    """That package, paid for by the year, with so much free credit each month."""
    return replace(
        CATALOG.packages[name], cycle="annually", free=FreeRule(every=1),
        free_credit=usd(free_credit),
    )  # fmt: skip


def selling(**sold):
    return Catalog(CATALOG.packages | sold, {}, CATALOG.currencies)


def test_months_before_the_turn_are_the_old_plans_however_late_somebody_looks():
    """D23: a yearly payer's eleven months of an outage are made up for as sold."""
    # Guard off (nothing is due before the turn): red, 15.
    catalog = selling(gold=yearly("gold", "15.00"))
    world = World(catalog=catalog, at=on(1, 2), balance=usd("0").amount)
    world.hear(activate(product="gold"))
    world.bring()
    world.hear(down())
    later(world, on(1, 5).replace(year=2027), down())

    assert {1: 12 * 15} == free(world)
    assert "basic" == world.service.package


def test_what_it_was_between_two_changes_counts_though_all_is_heard_at_once():
    """D23, V2: three months of the next package, before it was changed again."""
    # Guard off (turned after all events only): red, nothing for period 2.
    catalog = selling(basic=yearly("basic", "5.00"))
    world = World(catalog=catalog, at=on(1, 2), balance=usd("0").amount)
    world.hear(activate(product="gold"))
    world.bring()
    paid = renewed(on(2, 1), ends=on(2, 1).replace(year=2027))
    later(world, on(4, 12), down(), paid, change(on(4, 10), "plain"))

    assert {1: 15, 2: 3 * 5} == free(world)
    assert "plain" == world.service.package


def test_a_period_before_the_turn_told_again_is_what_it_was():
    """U2: the other road names its line and its package, after it was put off."""
    world = later(living(), SAID, down())
    again = renewed(on(1, 22), line="shop:line-1", starts=None, product="gold")
    later(world, on(1, 22), again)

    assert world.rulings[again.id].why is None
    assert {1: 15} == free(world)


def test_what_has_no_end_waits_for_a_person():
    """Bought once: nobody knows when its period is over."""
    word = down()
    world = later(living("plain"), SAID, word)

    assert "change_end_unknown" == world.rulings[word.id].why.code


def test_what_ended_becomes_nothing():
    """U4: terminated before the end, it does not come back as something else."""
    world = later(living(), SAID, down())
    later(world, on(1, 25), terminate(on(1, 25)))
    later(world, on(2, 5))

    assert not world.seen.on
    assert "gold" == world.service.package


def test_one_that_is_unknown_is_refused_now_and_not_at_the_end():
    """C11: an order for what nobody sells is told to a person at once."""
    word = down(product="platinum")
    world = later(living(), SAID, word)

    assert "package_unknown" == world.rulings[word.id].why.code
    assert world.service.next is None


def test_one_that_is_gone_by_then_changes_no_level():
    """Its package left the configuration meanwhile: nothing is guessed."""
    world = later(living(), SAID, down())
    rest = {n: p for n, p in CATALOG.packages.items() if n != "basic"}
    world.catalog = Catalog(rest, {}, CATALOG.currencies)
    later(world, on(2, 1))

    assert ("basic", GOLD) == (world.service.package, world.seen.entitlements)


def test_free_credit_that_resets_is_the_next_ones():
    """D16, C11: at the turn what is left gives way to the smaller quota."""
    sold = {
        name: replace(CATALOG.packages[name], free=FreeRule(reset=True))
        for name in ("basic", "gold")
    }
    world = World(
        catalog=Catalog(CATALOG.packages | sold, {}, CATALOG.currencies),
        at=on(1, 2), balance=usd("0").amount, debit=True,
    )  # fmt: skip
    world.hear(activate(product="gold"))
    world.bring()
    later(world, SAID, down())
    later(world, on(1, 25), renewed(on(1, 25), product=None))
    later(world, on(2, 1))

    assert 5 == world.balance
