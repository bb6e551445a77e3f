"""Another package, an end to come, a second life: whatever order they are heard in."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import lifecycle
from provisioning.core.catalog import Package
from provisioning.core.credit import Kind
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from tests.provisioning.core import world
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    often,
    on,
    renewed,
    suspend,
    terminate,
    told,
    usd,
)

BASIC, GOLD = (CATALOG.packages[name].entitlements for name in ("basic", "gold"))
UP, DOWN = on(1, 20), on(1, 25)


def brought(*events, each=True):
    """One after the other, or all at once."""
    told_ = World()
    for some in [(event,) for event in events] if each else [events]:
        told_.hear(*some)
        told_.bring()
    return told_


def free(known):
    """What each paid period was given, in all."""
    sums = {}
    for claim in known.booked.values():
        if claim.kind is Kind.FREE:
            no = int(claim.key.split("/")[2])
            sums[no] = sums.get(no, Decimal(0)) + claim.money.amount
    return sums


def at(moment, monkeypatch):
    """The plans to come are made then."""
    monkeypatch.setattr(world, "NOW", moment)


def test_a_change_takes_effect_at_once():
    """C6, I4, I5: channels and tariff are the new package's."""
    known = brought(activate(), change(UP))

    assert GOLD == known.seen.entitlements
    assert known.seen.on


def test_a_better_package_gives_what_it_gives_more():
    """D15: 5.00 were granted in this period, 15.00 are its quota now."""
    known = brought(activate(), change(UP))

    assert {1: 15} == free(known)
    assert f"{SERVICE}/free/1/0/1" in known.booked


def test_up_and_down_and_up_again_gives_it_once():
    """D15: credit cannot be farmed by loops."""
    # Guard off (measured against the package before): red, 25.00.
    loop = [change(UP + timedelta(hours=n), ("gold", "basic")[n % 2]) for n in range(9)]
    known = brought(activate(), *loop)

    assert {1: 15} == free(known)
    assert GOLD == known.seen.entitlements


def test_a_lesser_package_takes_nothing_back():
    """D15: what was granted stays; the next period is granted as it is sold then."""
    known = brought(activate(), change(UP), change(DOWN, "basic"), renewed())

    assert {1: 15, 2: 5} == free(known)
    assert BASIC == known.seen.entitlements


def test_a_change_told_again_changes_nothing():
    """Under another id as well: what it gives is given once."""
    again = replace(change(UP), id="by the other road")
    known = brought(activate(), change(UP), again)

    assert {1: 15} == free(known)
    assert Fate.WORKING is known.rulings["by the other road"].fate


def test_the_newest_change_stands():
    """An older one that is heard later gives what it gave, and changes nothing."""
    late = change(UP)
    known = brought(activate(), change(DOWN, "basic"), late)

    assert BASIC == known.seen.entitlements
    assert {1: 15} == free(known)
    assert Fate.WORKING is known.rulings[late.id].fate


def test_an_activation_told_again_does_not_undo_a_change():
    """It says what was sold then, and something newer was sold since."""
    again = activate(line=None, starts=None)
    known = brought(activate(), change(UP), replace(again, id="again"))

    assert GOLD == known.seen.entitlements


PARKED = {
    "another backend": (change(UP, "elsewhere"), "other_backend"),
    "no such package": (change(UP, "platinum"), "package_unknown"),
    "sold along": (change(UP, besides=("addons",)), "cannot_deliver"),
    "another currency": (change(UP, currency="EUR"), "currency_differs"),
    "no such add-on": (change(UP, extras=(("wings", 1),)), "addon_unknown"),
    "no add-on": (change(UP, extras=(("gold", 1),)), "addon_unknown"),
}


@pytest.mark.parametrize(("word", "why"), PARKED.values(), ids=PARKED)
def test_what_cannot_be_changed_waits_and_says_why(word, why):
    """Nothing is half done: the old package stays as it is."""
    known = brought(activate(), word)

    assert (Fate.PARKED, why) == (
        known.rulings[word.id].fate,
        known.rulings[word.id].why.code,
    )
    assert BASIC == known.seen.entitlements
    assert {1: 5} == free(known)


def test_an_addon_of_another_backend_waits():
    """Its channels could not be set where the account is."""
    far = Package("far", "other", usd("3.00"), "monthly", {"channels": 1}, addon=True)
    known = World(catalog=replace(CATALOG, packages=CATALOG.packages | {"far": far}))
    known.hear(activate())
    [ruling] = known.hear(change(UP, extras=(("far", 1),))).rulings

    assert (Fate.PARKED, "other_backend") == (ruling.fate, ruling.why.code)
    assert BASIC == known.levels.entitlements


def test_what_nobody_ordered_cannot_be_changed():
    """It waits for the order."""
    nobody = change(UP, service="shop:8")

    assert "service_unknown" == brought(nobody).rulings[nobody.id].why.code


MEETS = {
    "renewed after the change": (change(UP), renewed(product=None)),
    "changed in the renewed period": (renewed(), change(on(2, 10))),
}


@pytest.mark.parametrize("history", MEETS.values(), ids=MEETS)
@pytest.mark.parametrize("order", [*permutations(range(3))])
@pytest.mark.parametrize("each", [True, False])
def test_the_sums_and_the_state_are_the_same_in_every_order(history, order, each):
    """V1, V2: a payment heard before the change it came after, or the other way."""
    # Guard off (no raise for a period paid for late, or for one still to come): red.
    events = (*history, suspend())
    known = brought(activate(), *(events[no] for no in order), each=each)

    assert 15 == free(known)[2]
    assert (False, GOLD) == (known.seen.on, known.seen.entitlements)


@often
@given(
    st.lists(
        st.tuples(st.integers(2, 30), st.sampled_from(["basic", "gold"])), max_size=6
    ),
    st.randoms(),
)
def test_any_changes_in_any_order_end_as_the_last_says(words, chance):
    """V2: package and levels are those of the newest change, if there is any."""
    changes = [
        change(on(1, day), name, id=f"{no}") for no, (day, name) in enumerate(words)
    ]
    shuffled = chance.sample(changes, len(changes))
    known = brought(activate(), *shuffled)
    told_last = max(
        changes, key=lambda c: (c.occurred_at, shuffled.index(c)), default=None
    )

    package = told_last.product if told_last else "basic"

    assert package == known.account.service(SERVICE).package
    assert free(known)[1] in {5, 15}


# --- an end to come


def test_it_ends_when_what_is_paid_for_is_used_up(monkeypatch):
    """Cancelled at the end of the period: on until then, off from then."""
    ends = terminate(on(1, 20), at_period_end=True)
    at(on(1, 21), monkeypatch)
    known = brought(activate(), ends)
    before = known.seen.on
    at(on(2, 1), monkeypatch)
    known.bring()

    assert (True, False) == (before, known.seen.on)


def test_the_plan_says_when_it_is_due(monkeypatch):
    """So that somebody looks then; the key is the end's."""
    at(on(1, 21), monkeypatch)
    known = brought(activate(), terminate(on(1, 20), at_period_end=True))

    assert {f"{SERVICE}/ends/{on(2, 1).isoformat()}": on(2, 1)} == known.plan().wakes


def test_what_is_paid_for_longer_ends_later(monkeypatch):
    """A renewal that was paid all the same is used up first."""
    early = renewed(on(1, 20, 5))
    at(on(1, 21), monkeypatch)
    known = brought(activate(), terminate(on(1, 20), at_period_end=True), early)
    at(on(2, 2), monkeypatch)
    known.bring()

    assert known.seen.on
    assert [on(3, 1)] == list(known.plan().wakes.values())


@pytest.mark.parametrize("word", [Type.REINSTATE, Type.ACTIVATE])
def test_an_end_to_come_is_called_off(word, monkeypatch):
    """By whatever says that it lives, after that."""
    off = told(word, on(1, 22), product="basic")
    at(on(1, 23), monkeypatch)
    known = brought(activate(), terminate(on(1, 20), at_period_end=True), off)
    at(on(2, 5), monkeypatch)
    known.bring()

    assert known.seen.on
    assert {} == known.plan().wakes


def test_what_has_no_end_cannot_end_then():
    """Bought once: a person must say when."""
    ends = terminate(on(1, 20), at_period_end=True)
    known = brought(activate(product="plain"), ends)

    assert "period_end_unknown" == known.rulings[ends.id].why.code
    assert known.seen.on


def test_an_end_at_once_is_not_put_off(monkeypatch):
    """Said after the other, or before it."""
    at(on(1, 26), monkeypatch)
    now = terminate(on(1, 25))
    later = terminate(on(1, 20), at_period_end=True)

    assert not brought(activate(), later, now).seen.on
    assert not brought(activate(), now, later).seen.on


# --- a second life, and a look


def test_a_reinstated_service_is_as_it_was():
    """Its package and its holds are what they were; it is not sold anew."""
    back = told(Type.REINSTATE, on(3, 1))
    known = brought(activate(), change(UP), terminate(), back)

    assert (True, GOLD) == (known.seen.on, known.seen.entitlements)
    assert {1: 15} == free(known)


def test_what_nobody_ordered_is_not_reinstated():
    """A word on nothing waits."""
    back = told(Type.REINSTATE, on(3, 1), service="shop:8")

    assert Fate.PARKED is brought(back).rulings[back.id].fate


def test_a_look_says_nothing_new():
    """service.sync: as often as you like, and it is made as it should be."""
    look = told(Type.SYNC, on(3, 1))
    known = brought(activate(), look)
    known.seen = replace(known.seen, on=False)
    known.bring()

    assert Fate.WORKING is known.rulings[look.id].fate
    assert known.seen.on
    assert lifecycle.topic(look) is None


def test_from_free_to_paid_the_period_begins_with_the_payment():
    """C6, I2: what ran while it cost nothing is over; the paid one is granted."""
    # Guard off (the free one is left as it is): red, the payment is parked.
    nothing = replace(CATALOG.packages["basic"], name="nothing", price=usd("0.00"))
    shop = replace(CATALOG, packages={**CATALOG.packages, "nothing": nothing})
    known = World(catalog=shop)
    known.hear(activate(product="nothing", line=None))
    known.bring()
    paid = renewed(UP, product="gold", line="shop:2", starts=UP, sequence=1)
    known.hear(change(UP), paid)
    known.bring()

    first, second = sorted(known.service.periods, key=lambda period: period.no)
    assert (UP, UP, "shop:2") == (first.ends, second.starts, second.line)
    assert 2 in free(known)
