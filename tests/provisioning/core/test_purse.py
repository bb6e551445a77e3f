"""Free credit that is reset, capped or granted by interval: the worked examples."""

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.core.account import Service
from provisioning.core.catalog import Catalog, FreeRule, Package, TopUp
from provisioning.core.credit import Kind
from provisioning.core.desired import State
from provisioning.core.events import Type
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    terminate,
    told,
    topup,
    usd,
)

RESET = FreeRule(reset=True)
LIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})


def selling(free, *, cycle="monthly", quota="10.00", **others):
    """The usual trade, with this rule on "basic"; and others by name."""
    basic = replace(
        CATALOG.packages["basic"], cycle=cycle, free_credit=usd(quota), free=free
    )
    packages = CATALOG.packages | {"basic": basic} | others
    even = TopUp("even", price=usd("24.00"), credit=usd("20.00"))
    return Catalog(packages, CATALOG.topups | {"even": even}, CATALOG.currencies)


def living(catalog, at, **said):
    """Ordered, paid for from the first of January, and all that is due has arrived."""
    world = World(catalog=catalog, seen=LIVE, balance=Decimal(0), at=at)
    world.hear(activate(**said))
    world.bring()
    return world


def sums(world):
    return [(claim.key.removeprefix(SERVICE), claim.sent) for claim in world.sent]


EXAMPLES = [
    (RESET, 6, "30.00"),
    (FreeRule(cap=usd("12.00")), 6, "32.00"),
    (FreeRule(), 6, "34.00"),
    (RESET, 15, "25.00"),
]


@pytest.mark.parametrize(("rule", "used", "balance"), EXAMPLES)
def test_what_was_bought_is_never_reset_and_free_credit_burns_first(
    rule, used, balance
):
    """D16: quota 10, paid 20: reset, kept, or kept up to a cap, after so much use."""
    # Guard off (the purse burns nothing): red, 20.00 and 30.00.
    world = living(selling(rule), on(1, 2))
    world.hear(topup(product="even", line="shop:line-8"))
    world.bring()
    world.balance -= used
    world.at = on(2, 2)
    world.hear(renewed())
    world.bring()

    assert Decimal(balance) == world.balance


def test_a_reset_says_how_much_of_the_quota_was_left():
    """U8: 10 a month, 6 used of it: 6 are granted, under the period's own key."""
    world = living(selling(RESET), on(1, 2))
    world.balance -= 6
    world.at = on(2, 2)
    world.hear(renewed())
    world.bring()

    assert [("/free/1/0/0", 10), ("/free/2/0/0", 6)] == sums(world)


def test_what_is_used_after_the_cut_off_is_of_the_new_quota():
    """D16: frozen when it came due: 3 used while it is on its way are not given."""
    world = living(selling(RESET), on(1, 2))
    world.balance -= 6
    world.at = on(2, 2)
    world.hear(renewed())
    world.balance -= 3
    world.bring()

    assert 7 == world.balance


def test_a_reset_paid_for_early_waits_for_its_period():
    """D23: what is reset is reset when its time begins, and wakes by itself then."""
    world = living(selling(RESET), on(1, 20))
    world.balance -= 6
    world.at = on(1, 25)
    todo = world.hear(renewed(at=on(1, 25)))
    early = (world.balance, todo.wakes[f"{SERVICE}/free/2/0/0"])
    world.at = on(2, 1)
    world.bring()

    assert ((4, on(2, 1)), 10) == (early, world.balance)


def test_a_yearly_payer_gets_a_monthly_quota():
    """D23: twelve intervals, each once, however late somebody looks."""
    rule = FreeRule(reset=True, every=1)
    world = living(selling(rule, cycle="annually"), on(1, 2))
    for month in range(2, 13):
        world.balance -= 4
        world.at = on(month, 1, 5)
        world.bring()
        world.bring()

    assert [4] * 11 == [sum_ for _, sum_ in sums(world)][1:]
    assert ("/free/1/11/0", 4) == sums(world)[-1]


def test_a_missed_reset_is_not_made_up_for_and_a_missed_quota_is():
    """D23: three months away: reset once, to the quota; kept, three times the quota."""
    # Guard off (every place is filled, reset or not): red, the reset is February's.
    balances, last = [], []
    for rule in (FreeRule(reset=True, every=1), FreeRule(every=1)):
        world = living(selling(rule, cycle="annually"), on(1, 2))
        world.balance -= 10
        world.at = on(4, 2)
        world.bring()
        balances.append(world.balance)
        last.append(sums(world)[1:])

    assert [10, 30] == balances
    months = [(f"/free/1/{no}/0", 10) for no in (1, 2, 3)]
    assert [months[2:], months] == last


def test_the_intervals_end_with_what_is_paid_for():
    """D23: no quota is due in a month nobody paid for."""
    world = living(selling(FreeRule(every=1), cycle="quarterly"), on(1, 2))
    world.at = on(6, 2)
    world.bring()

    assert 30 == world.balance


def test_nothing_is_due_to_a_service_that_ended():
    """U4: its next interval comes, and nobody is there for it."""
    world = living(selling(FreeRule(every=1), cycle="annually"), on(1, 2))
    world.at = on(3, 2)
    world.hear(terminate(at=on(1, 20)))
    world.bring()

    assert 10 == world.balance


def test_a_better_package_gives_what_exceeds_the_quota_of_this_interval():
    """D15: 10, then 25 a month: 15 at once; after a reset to 25 nothing at all."""
    better = Package(
        **{
            name: getattr(CATALOG.packages["gold"], name)
            for name in ("backend", "price", "cycle", "entitlements")
        },
        name="better",
        free_credit=usd("25.00"),
        free=RESET,
    )
    world = living(selling(RESET, better=better), on(1, 2))
    world.balance -= 8
    world.at = on(1, 15)
    for no, product in enumerate(("better", "basic", "better")):
        world.hear(change(on(1, 10 + no), product))
        world.bring()

    assert [("/free/1/0/0", 10), ("/free/1/0/1", 15)] == sums(world)
    assert 17 == world.balance


def test_less_than_is_left_is_netted_where_nothing_can_be_taken_back():
    """D16: 25 left of a better package, a quota of 10: nothing, until less is left."""
    world = living(selling(RESET, quota="25.00"), on(1, 2))
    world.catalog = selling(RESET)
    for month, used in ((2, 5), (3, 12), (4, 1)):
        world.balance -= used
        world.at = on(month, 2)
        world.hear(renewed(at=on(month, 1), line=f"shop:line-{month}",
                           starts=on(month, 1)))  # fmt: skip
        world.bring()

    assert [25, 2, 1] == [sum_ for _, sum_ in sums(world)]
    assert 10 == world.balance


def test_less_than_is_left_is_taken_back_where_it_can_be():
    """D16: the same, and the backend takes money back: reset is reset."""
    world = living(selling(RESET, quota="25.00"), on(1, 2))
    world.catalog, world.debit = selling(RESET), True
    world.balance -= 5
    world.at = on(2, 2)
    world.hear(renewed())
    world.bring()

    assert [25, -10] == [sum_ for _, sum_ in sums(world)]
    assert (10, Kind.RECALL) == (world.balance, world.sent[-1].kind)


def test_free_credit_waits_for_a_balance_that_is_certain():
    """V1: nothing is reckoned from a balance nobody can believe."""
    world = World(catalog=selling(RESET), seen=LIVE, at=on(1, 2))
    todo = world.hear(activate())

    assert (True, ()) == (todo.reckons, todo.flows)
    assert {activate().id} == todo.waits


def test_a_set_up_fee_is_noted_with_a_new_sign_up_and_never_again():
    """I7: not with a renewal, not with a change, not with what is ordered anew."""
    basic = replace(CATALOG.packages["basic"], setup_fee=usd("10.00"))
    gold = replace(CATALOG.packages["gold"], setup_fee=usd("50.00"))
    world = living(selling(FreeRule(), basic=basic, gold=gold), on(1, 2))
    world.at = on(4, 1)
    world.hear(renewed(), change(on(2, 3)), terminate(), activate(at=on(3, 1),
               product="gold", line="shop:line-3", starts=on(3, 1)))  # fmt: skip

    assert ["10.00 USD", None, None] == [p.fee for p in world.service.periods]


def package(name, quota, rule=RESET):
    gold = CATALOG.packages["gold"]
    return replace(gold, name=name, free_credit=usd(quota), free=rule)


def test_two_raises_in_an_interval_that_was_granted_nothing_are_two():
    """D15: nothing was used, the reset granted nothing; each raise has its own key."""
    # Guard off (numbered by how many there were): red, the same key twice.
    others = {name: package(name, quota) for name, quota in
              (("better", "25.00"), ("best", "40.00"))}  # fmt: skip
    world = living(selling(RESET, **others), on(1, 2))
    world.at = on(2, 20)
    world.hear(renewed())
    world.bring()
    for no, name in enumerate(others):
        world.hear(change(on(2, 10 + no), name))
        world.bring()

    assert 40 == world.balance


@pytest.mark.parametrize("turned", [False, True])
def test_how_many_are_paid_for_does_not_depend_on_what_is_heard_first(turned):
    """D15: so many then, and so many later; told the other way round the same."""
    # Guard off (today's number for all): red, 45.00.
    world = World(seen=LIVE, balance=Decimal(0), at=on(1, 28))
    world.hear(activate())
    world.bring()
    words = [change(on(1, 10), "gold", quantity=1),
             change(on(1, 12), "basic", quantity=3)]  # fmt: skip
    for word in reversed(words) if turned else words:
        world.hear(word)
        world.bring()
    world.hear(replace(words[0], id="told again"))
    world.bring()

    assert 15 == world.balance


def test_a_renewal_from_before_another_number_says_how_many_it_was():
    """U2: nothing is guessed: it waits, and says what is missing."""
    world = World(seen=LIVE, balance=Decimal(0), at=on(3, 28))
    world.hear(activate(), change(on(3, 12), "basic", quantity=3))
    late = renewed()
    world.hear(late)

    assert "quantity_unclear" == world.rulings[late.id].why.code


def test_a_lump_sum_turned_into_intervals_is_not_granted_again():
    """D15, D23: 100.00 for the year were granted; July to December bring their own."""
    rule = FreeRule(every=1)
    monthly = replace(package("monthly", "10.00", rule), cycle="annually")
    world = living(
        selling(FreeRule(), cycle="annually", quota="100.00", monthly=monthly), on(1, 2)
    )
    world.at = on(7, 15)
    world.hear(change(on(7, 10), "monthly"))
    world.bring()
    at_once = world.balance
    world.at = on(9, 2)
    world.bring()

    assert (100, 120) == (at_once, world.balance)


def test_months_in_which_it_had_ended_are_not_made_up_for():
    """D23: ended in January, brought back in June: the month under way, no other."""
    rule = FreeRule(every=1)
    world = living(selling(rule, cycle="annually"), on(1, 2))
    world.at = on(6, 3)
    world.hear(terminate(at=on(1, 20)), told(Type.REINSTATE, on(6, 2)))
    world.bring()

    assert 20 == world.balance


def test_what_came_due_before_a_change_came_due_of_the_old_package():
    """D23: three months nobody could look, then a better package: 10 each, and 15."""
    rule = FreeRule(every=1)
    better = replace(package("better", "25.00", rule), cycle="annually")
    world = living(selling(rule, cycle="annually", better=better), on(1, 2))
    world.at = on(4, 15)
    world.hear(change(on(4, 10), "better"))
    world.bring()

    assert 10 * 4 + 15 == world.balance


@pytest.mark.parametrize("together", [True, False])
def test_what_was_bought_is_taken_back_beside_a_reset_that_is_due(together):
    """D28: free credit that is still to be sent takes nothing from what was bought."""
    # Guard off (the pot is taken off as it stands): red, 10 taken and a debt of 10.
    world = living(selling(RESET), on(1, 2))
    world.debit = True
    world.hear(topup(product="even", line="shop:t"))
    world.bring()
    world.balance -= 10
    world.at = on(2, 28)
    back = told(Type.REVERSED, on(2, 5), service=None, line="shop:t")
    for words in ((renewed(), back),) if together else ((renewed(),), (back,)):
        world.hear(*words)
        world.bring()

    assert (10, ()) == (world.balance, world.debts)


@pytest.mark.parametrize("late", [False, True])
def test_a_late_word_on_an_older_period_brings_nothing_of_a_reset(late):
    """D15: what that quota was, nobody knows any more: it was reset since."""
    world = living(selling(RESET, better=package("better", "15.00")), on(1, 2))
    world.balance -= 3
    world.at = on(3, 2)
    word = change(on(2, 10), "better")
    march = renewed(at=on(3, 1), line="shop:line-3", starts=on(3, 1), product=None)
    world.hear(renewed(), *(() if late else (word,)), march)
    world.bring()
    if late:
        world.hear(word)
        world.bring()

    assert world.balance <= 15


def test_before_any_balance_was_certain_what_came_due_is_not_lost():
    """D23: nobody could look yet, then a better package: the old quota's are booked."""
    rule = FreeRule(every=1)
    world = World(catalog=selling(rule, cycle="annually"), seen=LIVE, at=on(2, 20))
    world.hear(activate())
    world.hear(change(on(2, 15)))

    months = [f"{SERVICE}/free/1/0/0", f"{SERVICE}/free/1/1/0"]
    assert {key: usd("10.00") for key in months}.items() <= {
        key: claim.money for key, claim in world.booked.items()
    }.items()
    assert world.account.purse is None


@pytest.mark.parametrize(
    ("restored", "open_", "granted"),
    [(on(1, 20), True, []), (on(1, 20), False, [6]), (None, True, [6])],
)
def test_after_a_restore_open_sums_are_looked_for_before_free_credit_is_reckoned(
    restored, open_, granted
):
    """D16: one that arrived after the backup would pass for what was left."""
    # Guard off (a restored account's free credit comes due all the same): red, 6.
    world = living(selling(RESET), on(1, 2))
    if open_:
        world.hear(topup(product="even", line="shop:line-8"))
    world.account = replace(world.account, restored_at=restored)
    world.balance -= 6
    world.at = on(2, 2)
    todo = world.plan(renewed(), listed=True)

    assert granted == [claim.sent for claim in todo.bookings]
    assert (not granted) is (renewed().id in todo.waits)


def test_with_a_balance_that_is_certain_no_other_is_asked_for():
    """V6: what was reckoned is reckoned; the next look has nothing to ask."""
    world = World(catalog=selling(RESET), seen=LIVE, balance=Decimal(0), at=on(1, 2))
    todo = world.plan(activate())

    assert (False, [10]) == (todo.reckons, [claim.sent for claim in todo.flows])


def test_while_money_is_stopped_no_balance_is_asked_for():
    """V1: one that is certain would say nothing more; it waits for the person."""
    world = World(catalog=selling(RESET), seen=LIVE, at=on(1, 2))
    world.account = replace(world.account, money_stopped="it rose by 3.00")
    todo = world.hear(activate())

    assert (False, ()) == (todo.reckons, todo.bookings)
    assert {activate().id} == todo.waits


@pytest.mark.parametrize(("used", "lent"), [(15, 0), (25, 5)])
def test_each_services_free_credit_on_its_way_counts_as_its_pots_and_no_other(
    used, lent
):
    """D28: of 20.00 bought what is left goes back, beside two resets and a new order.

    Guard off (each pot must know every sum, or any free sum is a pot's): red.
    """
    other = replace(selling(RESET).packages["basic"], name="other")
    catalog = selling(RESET, other=other)
    beside = (Service("shop:8", "other"), Service("shop:9", "gold"))
    account = replace(ACCOUNT, services=(*ACCOUNT.services, *beside))
    world = World(account, catalog, LIVE, balance=Decimal(0), at=on(1, 2), debit=True)
    second = {"service": "shop:8", "product": "other"}
    world.hear(activate(), activate(**second, line="shop:line-3", id="other"))
    world.bring()
    world.hear(topup(product="even", line="shop:line-8"))
    world.bring()
    world.balance -= used
    world.at = on(2, 2)
    back = told(Type.REVERSED, on(2, 2), service=None, line="shop:line-8")
    todo = world.hear(
        renewed(),
        renewed(**second, line="shop:line-4", id="other's"),
        activate(on(2, 1), service="shop:9", product="gold", line="shop:line-5"),
        back,
    )

    assert lent == sum(each.amount for each in todo.offsets.lends)
    assert lent - 20 == sum(claim.sent for claim in todo.flows if claim.sent < 0)


def test_an_empty_balance_is_nothing_and_is_remembered_as_that():
    """D16: all of it used: the whole quota anew, and the next burning starts there."""
    world = living(selling(RESET), on(1, 2))
    world.balance = Decimal(0)
    world.at = on(2, 2)
    todo = world.plan(renewed())

    assert [10] == [claim.sent for claim in todo.flows]
    assert (0, 10) == (todo.account.purse.balance, todo.account.purse.arrived)
