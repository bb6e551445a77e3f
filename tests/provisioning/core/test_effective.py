"""What a service may use at a moment, and what each of its limits is made of."""

from dataclasses import replace

import pytest

from provisioning.core.desired import desired
from provisioning.core.effective import From, Limit, Source, entitlement, explain
from provisioning.core.quotas import Allowance
from provisioning.core.splice import Sold
from provisioning.core.timeline import Switch
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.ladder import (
    CATALOG,
    DAY,
    RANKS,
    TERMS,
    activation,
    package,
    service,
    stands,
)
from tests.provisioning.core.world import ACCOUNT, on

AT = on(3, 10)
TWELVE = Acting("twelve", on(1, 1))
CARD = activation(AT, 3 * DAY, 12)


def may(of, at=AT, *steps, catalog=CATALOG, terms=TERMS, **more):
    return entitlement(stands(of, at, *steps, **more), catalog, terms)


def sources(of, at=AT, *steps, name="channels", catalog=CATALOG, **more):
    """Of one limit: what each source is, whose, and how much."""
    limits = explain(stands(of, at, *steps, **more), catalog, TERMS)
    [limit] = [limit for limit in limits if limit.name == name]
    return [(s.what, s.name, s.value) for s in limit.sources]


# --- How much


@pytest.mark.parametrize(
    ("day", "channels", "tariff"), [(9, 6, "t14"), (10, 8, "t12"), (13, 6, "t14")]
)
def test_while_a_coupon_runs_it_is_as_the_plan_of_its_rank(day, channels, tariff):
    """B3: the same limits from its begin to its end, and around it the plan's."""
    assert {"channels": channels, "tariff": tariff} == may(
        service(14), on(3, day), CARD
    )


@pytest.mark.parametrize(("upgrade", "channels"), [(13, 8), (12, 8), (9, 11)])
def test_after_an_upgrade_the_better_of_base_and_coupon_holds(upgrade, channels):
    """D6: the rank stays as resolved; a plan that is better by now is not lowered."""
    # Guard off (a coupon always wins): red, 8 after the upgrade to 9.
    better = Switch(on(3, 11), Sold(f"rank {upgrade}", "monthly"))
    tariff = f"t{min(upgrade, 12)}"

    assert {"channels": channels, "tariff": tariff} == may(
        service(14), on(3, 12), CARD, better
    )


def test_better_is_reckoned_limit_by_limit():
    """D6: more channels of the one, the tariff of the better rank from the other."""
    small = package("rank 12", 2, "t12")
    catalog = replace(CATALOG, packages={**CATALOG.packages, "rank 12": small})

    assert {"channels": 6, "tariff": "t12"} == may(
        service(14), AT, CARD, catalog=catalog
    )


def test_a_coupon_is_for_each_of_the_seats():
    """B3: three of rank 14 are three of rank 12 meanwhile."""
    assert {"channels": 24, "tariff": "t12"} == may(service(14, quantity=3), AT, CARD)


@pytest.mark.parametrize(
    ("rank", "channels", "tariff"), [(14, 8, "t12"), (12, 8, "t12"), (9, 11, "t9")]
)
def test_an_umbrella_is_a_floor(rank, channels, tariff):
    """S4: a worse plan is lifted to it, a better one stays."""
    assert {"channels": channels, "tariff": tariff} == may(
        service(rank), acting=(TWELVE,)
    )


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("own", RANKS)
@pytest.mark.parametrize("then", RANKS)
def test_it_is_the_best_of_plan_umbrella_and_coupon(rank, own, then):
    """I5: the ceiling is exactly the best of the three, whichever that is."""
    terms = replace(
        TERMS, umbrellas={"floor": replace(TERMS.umbrellas["twelve"], rank=then)}
    )
    card, acting = activation(AT, DAY, rank), (Acting("floor", on(1, 1)),)
    under = stands(service(own), AT, card, acting=acting, terms=terms)
    found = entitlement(under, CATALOG, terms)
    best = min(rank, own, then)

    assert {"channels": 20 - best, "tariff": f"t{best}"} == found


def test_add_ons_come_on_top_of_whichever_is_better():
    """D6: two packs of lines are two packs, coupon or not."""
    with_lines = service(14, extras=(("lines", 2),))

    assert [10, 12] == [may(with_lines, AT, *c)["channels"] for c in ((), (CARD,))]


def test_without_coupons_and_umbrellas_it_is_what_the_account_had_before():
    """I5: the same levels as by the packages alone, seats and add-ons counted."""
    of = service(14, quantity=3, extras=(("lines", 2), ("cheap calls", 1)))
    account = replace(ACCOUNT, services=(of,))

    assert desired(account, CATALOG).entitlements == may(of)


@pytest.mark.parametrize(
    "of",
    [service("gone"), service(14, extras=(("gone", 1),))],
    ids=["package", "add-on"],
)
def test_where_a_package_is_gone_nobody_knows_what_it_may(of):
    """I5: its levels stay as they are until somebody says."""
    # Guard off: red, a KeyError.
    assert None is may(of)


def test_where_the_coupons_package_is_gone_the_plan_is_as_it_was():
    """B6: what was pushed aside is never worse off."""
    packages = {n: p for n, p in CATALOG.packages.items() if n != "rank 12"}

    assert {"channels": 6, "tariff": "t14"} == may(
        service(14), AT, CARD, catalog=replace(CATALOG, packages=packages)
    )


@pytest.mark.parametrize("now", ["desk", "loose"])
def test_a_coupon_of_another_ladder_changes_no_tariff(now):
    """D6: its rank cannot be compared; more channels are more all the same."""
    # Guard off (ranks of two ladders compared): red.
    moved = Switch(on(3, 11), Sold(now, "monthly"))

    assert {"channels": 8, "tariff": f"t-{now}"} == may(
        service(14), on(3, 12), CARD, moved
    )


RICH = {
    "channels": 8,
    "tariff": "t12",
    "features": ("reports",),
    "storage_gb": 20,
    "minutes": Allowance(100),
}
POOR = {
    "channels": 6,
    "tariff": "t14",
    "features": ("api", "imports"),
    "storage_gb": 5,
    "minutes": Allowance(10),
}


def of_both(rich=RICH, poor=POOR):
    """Plan and coupon, each with all kinds of entitlements."""
    both = (("rank 12", rich), ("rank 14", poor))
    packages = {
        name: replace(CATALOG.packages[name], entitlements=limits)
        for name, limits in both
    }
    return replace(CATALOG, packages={**CATALOG.packages, **packages})


def test_of_lists_all_count_and_pooled_capacity_is_had_once():
    """C2: storage is the account's, three seats or one; D6: the better of both."""
    found = may(service(14, quantity=3), AT, CARD, catalog=of_both())

    assert ("api", "imports", "reports") == found["features"]
    assert (24, 20) == (found["channels"], found["storage_gb"])


def test_free_minutes_are_never_a_coupons():
    """D24: what is given anew each period is a grant, and a splice makes none."""
    # Guard off: red, there is no better one of two allowances.
    found = may(service(14, quantity=3), AT, CARD, catalog=of_both())

    assert Allowance(30) == found["minutes"]


def test_free_minutes_that_only_the_coupons_plan_has_are_not_given():
    """D24: not even where the plan says nothing of them."""
    poor = {name: value for name, value in POOR.items() if name != "minutes"}

    assert "minutes" not in may(service(14), AT, CARD, catalog=of_both(poor=poor))


# --- What of


@pytest.mark.parametrize(
    ("day", "cards", "acting", "expected"),
    [
        (9, (), (), (From.PLAN, "rank 14", 6)),
        (10, (CARD,), (), (From.COUPON, "c1", 8)),
        (10, (), (TWELVE,), (From.UMBRELLA, "twelve", 8)),
        (10, (CARD,), (TWELVE,), (From.UMBRELLA, "twelve", 8)),
        (31, (), (), (From.PLAN, "rank 14", 6)),
    ],
)
def test_each_limit_names_its_source(day, cards, acting, expected):
    """I5: so that a person can see why it is so much."""
    assert [expected] == sources(service(14), on(3, day), *cards, acting=acting)


def test_what_is_not_paid_for_is_had_by_grace():
    """Its platform has not ended it, and nobody paid for that time."""
    assert [(From.GRACE, "rank 14", 6)] == sources(service(14), on(4, 2))


def test_seats_and_add_ons_are_sources_of_their_own():
    """The plan once, its further seats, each add-on, coupon or not."""
    of = service(14, quantity=3, extras=(("lines", 2), ("cheap calls", 1)))

    assert [
        (From.COUPON, "c1", 8),
        (From.SEATS, "c1", 16),
        (From.ADDON, "lines", 4),
        (From.ADDON, "cheap calls", 1),
    ] == sources(of, AT, CARD)


def test_what_replaces_has_one_source_and_it_is_the_last_word():
    """I4: charged only by that tariff: an add-on's, else the best rank's."""
    of = service(14, extras=(("cheap calls", 1),))

    assert [(From.ADDON, "cheap calls", "t-cheap")] == sources(of, AT, name="tariff")
    assert [(From.COUPON, "c1", "t12")] == sources(service(14), AT, CARD, name="tariff")


def test_what_only_an_add_on_promises_has_only_that_source():
    """A plan that says nothing of it gives nothing."""
    bare = replace(CATALOG.packages["rank 14"], entitlements={"tariff": "t14"})
    catalog = replace(CATALOG, packages={**CATALOG.packages, "rank 14": bare})
    of = service(14, extras=(("lines", 1),))
    limits = explain(stands(of, AT), catalog, TERMS)

    assert (
        Limit("tariff", "t14", (Source(From.PLAN, "rank 14", "t14"),)),
        Limit("channels", 2, (Source(From.ADDON, "lines", 2),)),
    ) == limits


@pytest.mark.parametrize("quantity", [1, 3])
@pytest.mark.parametrize("lines", [0, 2])
@pytest.mark.parametrize("cards", [(), (CARD,)])
@pytest.mark.parametrize("acting", [(), (TWELVE,)])
def test_what_counts_is_the_sum_of_its_sources(quantity, lines, cards, acting):
    """I5: the explanation adds up to the limit."""
    extras = (("lines", lines),) if lines else ()
    of = service(14, quantity=quantity, extras=extras)
    limits = explain(stands(of, AT, *cards, acting=acting), CATALOG, TERMS)
    channels = next(limit for limit in limits if limit.name == "channels")

    assert channels.value == sum(source.value for source in channels.sources)
