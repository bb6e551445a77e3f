"""What an account is set to while coupons and umbrellas act, and what it never gets."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import acting
from provisioning.core.catalog import Edition, FreeRule
from provisioning.core.desired import desired
from provisioning.core.quotas import Allowance
from provisioning.core.terms import Ladder, Mode, Terms
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.ladder import (
    CATALOG,
    DAY,
    HOUR,
    TERMS,
    activation,
    package,
)
from tests.provisioning.core.world import (
    ACCOUNT,
    SERVICE,
    World,
    activate,
    change,
    often,
    on,
    renewed,
    suspend,
    terminate,
    topup,
    usd,
)

SOLD = replace(CATALOG, terms=TERMS)
CARD = activation(on(1, 10), 3 * DAY, 12)
TWELVE = Acting("twelve", on(1, 10), on(1, 12))


def giving(rule):
    """The same ladder, each step of it with free credit and free minutes, too."""
    packages = {
        name: replace(
            package,
            free_credit=usd(20 - rank),
            free=rule,
            entitlements={**package.entitlements, "minutes": Allowance(20 - rank)},
        )
        for rank in range(8, 15)
        for name in [f"rank {rank}"]
        for package in [CATALOG.packages[name]]
    }
    return replace(SOLD, packages={**CATALOG.packages, **packages})


def living(at, *cards, catalog=SOLD, umbrellas=(), package="rank 14", **more):
    """The service was ordered for January, and is on at the backend."""
    account = replace(
        ACCOUNT,
        services=(replace(ACCOUNT.services[0], package=package),),
        activations=cards,
        umbrellas=umbrellas,
    )
    world = World(account=account, catalog=catalog, at=at, **more)
    world.hear(activate(product=package, ends=on(2, 1)))
    world.bring()
    return world


# --- Levels


@pytest.mark.parametrize(
    ("at", "channels"),
    [
        (on(1, 9, 23, 59), 6),
        (on(1, 10), 8),
        (on(1, 12, 23, 59), 8),
        (on(1, 13), 6),
    ],
)
def test_the_ceiling_rises_and_falls_with_the_coupon(at, channels):
    """I5: set at its begin, set back at its end, by the same comparing as ever."""
    world = living(on(1, 2), CARD)
    world.at = at
    world.bring()

    assert channels == world.seen.entitlements["channels"]


def test_an_umbrella_is_spread_over_the_whole_account():
    """S4: while it acts, and not before or after."""
    world = living(on(1, 2), umbrellas=(TWELVE,))
    seen = []
    for day in (9, 10, 12):
        world.at = on(1, day)
        world.bring()
        seen.append(world.seen.entitlements["channels"])

    assert [6, 8, 6] == seen


def test_somebody_looks_again_when_a_coupon_begins_and_ends():
    """I5: the wake-ups that make limits fall back by themselves; none of the past."""
    world = living(on(1, 11), CARD, umbrellas=(TWELVE,))
    wakes = {key: due for key, due in world.plan().wakes.items() if "/acting/" in key}

    assert {
        f"{SERVICE}/acting/{due.isoformat()}": due
        for due in (on(1, 12), on(1, 13), on(2, 4))
    } == wakes


def test_nobody_looks_again_for_what_has_ended():
    """D7: its coupons are void, and nothing turns any more."""
    world = living(on(1, 11), CARD, umbrellas=(TWELVE,))
    world.hear(terminate(on(1, 11)))

    assert {} == world.plan().wakes


def test_a_coupon_of_one_service_leaves_another_alone():
    """B2: it is for the service it was switched on for."""
    other = replace(CARD, service="shop:8")

    assert 6 == living(on(1, 11), other).seen.entitlements["channels"]


def test_asked_without_a_moment_it_is_what_it_was_sold_as():
    """S4: what a mail says of the package is the package's."""
    account = living(on(1, 11), CARD).account
    channels = [
        desired(account, SOLD, at).entitlements["channels"] for at in (None, on(1, 11))
    ]

    assert [6, 8] == channels


@pytest.mark.parametrize("umbrellas", [(), (TWELVE,)])
def test_what_its_coupon_runs_over_is_gone_from_the_catalog(umbrellas):
    """B6: nobody knows what it may; its levels stay as they are."""
    world = living(on(1, 11), CARD, umbrellas=umbrellas)
    packages = {n: p for n, p in CATALOG.packages.items() if n != "rank 14"}
    world.catalog = replace(SOLD, packages=packages)
    world.at = on(1, 20)

    assert () == world.plan().levels


BEFORE = Edition({**CATALOG.packages}, terms=Terms())
LADDER = {"rank 14": 14, "rank 13": 12, "rank 12": 11}
OTHER = Edition(
    {**CATALOG.packages, "rank 12": package("rank 12", 9, "t-old")},
    terms=replace(
        TERMS,
        ladders={name: Ladder("calls", rank) for name, rank in LADDER.items()},
        coupons={},
        umbrellas={},
    ),
)


@pytest.mark.parametrize(
    ("older", "by", "limits"),
    [
        (BEFORE, "coupon", (8, "t12")),
        (BEFORE, "umbrella", (8, "t12")),
        (OTHER, "coupon", (9, "t-old")),
        (OTHER, "umbrella", (7, "t13")),
    ],
)
def test_who_bought_before_has_coupons_and_umbrellas_as_well(older, by, limits):
    """B2, S4: those of today, over the ladder by which he bought, where he did."""
    # Guard off (all by the terms he bought by): red.
    catalog = replace(SOLD, older={"v1": older})
    world = living(on(1, 11), catalog=catalog)
    [of] = world.account.services
    extra = {"activations": (CARD,)} if by == "coupon" else {"umbrellas": (TWELVE,)}
    world.account = replace(
        world.account, services=(replace(of, version="v1"),), **extra
    )
    found = desired(world.account, catalog, on(1, 11)).entitlements

    assert limits == (found["channels"], found["tariff"])


def test_each_limit_is_explained_at_any_moment():
    """I5: by the plan before, by the coupon while it runs; where nobody knows, not."""
    account = living(on(1, 11), CARD).account
    [of] = account.services
    named = [
        [(s.what, s.value) for s in limit.sources]
        for at in (on(1, 9), on(1, 11))
        for limit in acting.explained(account, of, SOLD, at)
        if limit.name == "channels"
    ]
    gone = replace(of, package="gone")

    assert [[("plan", 6)], [("coupon", 8)]] == named
    assert () == acting.explained(account, gone, SOLD, on(1, 11))


# --- Its end


def test_what_ends_with_its_time_ends_later_by_its_coupons():
    """B6: told to end with what is paid for, it has its three days as well."""
    # Guard off (the end is the platform's): red, off on 1 February.
    world = living(on(1, 20), CARD)
    world.hear(terminate(on(1, 20), at_period_end=True))
    on_then = []
    for at in (on(2, 1), on(2, 3, 23, 59), on(2, 4)):
        world.at = at
        world.hear()
        world.bring()
        on_then.append(world.seen.on)

    assert [True, True, False] == on_then


def test_its_wake_up_is_at_the_later_end():
    """B6: at the platform's date nothing is to be done yet."""
    world = living(on(1, 20), CARD)
    todo = world.hear(terminate(on(1, 20), at_period_end=True))
    end = on(2, 4)

    assert end == todo.wakes[f"{SERVICE}/ends/{end.isoformat()}"]


@pytest.mark.parametrize(
    ("at", "now", "is_on"),
    [
        (on(2, 1), on(2, 1), True),
        (on(2, 1), on(2, 3, 23, 59), True),
        (on(2, 1), on(2, 4), False),
        (on(2, 4), on(2, 4), False),
        (on(1, 20), on(1, 20), False),
        (on(1, 20), on(2, 2), False),
    ],
)
def test_a_hold_for_non_payment_waits_for_the_end_of_banked_time(at, now, is_on):
    """D1: what its platform's date does not show of three days is waited for."""
    # Guard off: red, off at once.
    world = living(on(1, 2), CARD)
    world.at = now
    world.hear(suspend(at))
    world.bring()

    assert is_on == world.seen.on


def test_the_next_renewal_package_begins_where_the_period_really_ends():
    """C11: a downgrade due on 1 February waits for the three days of a coupon."""
    # Guard off (it turns at the platform's date): red, 6 channels on the 1st.
    world = living(on(1, 20), CARD, package="rank 13")
    todo = world.hear(change(on(1, 20), product="rank 14", at_period_end=True))
    real, seen = on(2, 4), []
    for world.at in (on(2, 1), on(2, 3, 23, 59), real):
        world.hear()
        world.bring()
        seen.append(world.seen.entitlements["channels"])

    assert [7, 7, 6] == seen
    assert real == todo.wakes[f"{SERVICE}/becomes/{real.isoformat()}"]


@pytest.mark.parametrize(
    ("paid", "becomes"), [(on(1, 19), on(3, 4)), (on(1, 21), on(2, 4))]
)
def test_of_two_months_it_becomes_that_after_those_paid_before_the_word(paid, becomes):
    """C11: each the coupon's three days later; what was paid for after is of it."""
    world = living(on(1, 21), CARD, package="rank 13")
    world.hear(change(on(1, 20), product="rank 14", at_period_end=True))
    product = "rank 13" if paid < on(1, 20) else "rank 14"
    todo = world.hear(renewed(paid, product=product, ends=on(3, 1)))

    assert [becomes] == [due for k, due in todo.wakes.items() if "/becomes/" in k]


# --- What it never gets


SPELLS = st.lists(
    st.tuples(
        st.integers(0, 70 * 24),
        st.integers(1, 20 * 24),
        st.sampled_from((8, 10, 12)),
        st.sampled_from(Mode),
    ),
    min_size=1,
    max_size=4,
)
RULES = st.sampled_from(
    [
        FreeRule(),
        FreeRule(reset=True),
        FreeRule(cap=usd(9)),
        FreeRule(reset=True, every=1),
    ]
)
USES = st.lists(st.integers(0, 5), min_size=4, max_size=4)


def lived(catalog, uses, *cards):
    """Three months: used, renewed, topped up; what was granted and sent, and when."""
    umbrellas = (Acting("ten", on(1, 1)),) if cards else ()
    world = living(
        on(1, 2), *cards, catalog=catalog, umbrellas=umbrellas, balance=Decimal(0)
    )
    february = renewed(product="rank 14", ends=on(3, 1))
    march = renewed(
        on(3, 1, 10), product="rank 14", line="shop:line-3", starts=on(3, 1)
    )
    told = [
        (on(1, 20), ()),
        (on(2, 2), (february,)),
        (on(3, 2), (march,)),
        (on(3, 20), ()),
    ]
    for (at, events), used in zip(told, uses, strict=True):
        world.at = at
        world.balance -= min(used, world.balance)
        world.hear(*events)
        world.bring()
    granted = {key: claim.money for key, claim in world.booked.items()}
    dues = {
        key: due for key, due in world.plan().wakes.items() if "/acting/" not in key
    }
    return granted, [(c.key, c.sent) for c in world.sent], world.account.tallies, dues


@often
@given(SPELLS, RULES, USES)
def test_a_splice_never_makes_a_grant_or_a_reset(spells, rule, uses):
    """D24: whatever runs, the same sums under the same keys, by paid period."""
    # Guard off (the coupon's package is granted by; intervals from segments): red.
    cards = [
        activation(on(1, 2) + hours * HOUR, lasts * HOUR, rank, f"c{no}", mode)
        for no, (hours, lasts, rank, mode) in enumerate(spells)
    ]

    assert lived(giving(rule), uses) == lived(giving(rule), uses, *cards)


def test_a_renewal_dated_by_the_pushed_date_is_the_next_period_and_granted_once():
    """D24: its grant is of paid period 2, whatever day that begins."""
    world = living(on(1, 2), CARD, catalog=giving(FreeRule()))
    pushed = renewed(product="rank 14", starts=on(2, 4), ends=on(3, 4))
    world.at = on(2, 4)
    world.hear(pushed)
    world.hear(replace(pushed, id="told again", occurred_at=on(2, 4)))
    world.bring()

    assert [f"{SERVICE}/free/1/0/0", f"{SERVICE}/free/2/0/0"] == sorted(world.booked)


def test_a_top_up_is_the_same_sum_with_a_coupon_running():
    """B5: a coupon neither costs nor yields money."""
    sums = []
    for cards in ((), (CARD,)):
        world = living(on(1, 11), *cards)
        world.hear(topup())
        world.bring()
        sums.append([(c.key, c.sent) for c in world.sent])

    assert sums[0] == sums[1]
