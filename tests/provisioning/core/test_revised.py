"""What is told to differ between two editions is all that differs, place by place."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provisioning.core.catalog import Edition, FreeRule
from provisioning.core.digest import digest
from provisioning.core.revised import Difference, differences
from provisioning.core.terms import (
    CouponKind,
    Dunning,
    Family,
    Grace,
    Ladder,
    Offer,
    Terms,
    Umbrella,
    Variant,
)
from tests.provisioning.core.test_reading import editions
from tests.provisioning.core.world import CATALOG, often, usd

BASIC = CATALOG.packages["basic"]
TERMS = Terms(
    families={"calls": Family("calls", trial=timedelta(days=30))},
    ladders={
        "basic": Ladder("calls", 3, {"annually": Decimal("7.5")}, (Offer(usd("9.00")),))
    },
    coupons={"Boost": CouponKind("Boost", ("calls",), (Variant(timedelta(hours=3)),))},
    umbrellas={"Regulars": Umbrella("Regulars", 3, ("calls",))},
)
WAS = Edition({"basic": BASIC}, {}, TERMS)
TABLES = ("packages", "topups")
OF_TERMS = ("families", "ladders", "coupons", "umbrellas")


def basic(**changed):
    return replace(WAS, packages={"basic": replace(BASIC, **changed)})


def terms(**changed):
    return replace(WAS, terms=replace(TERMS, **changed))


@pytest.mark.parametrize(
    ("now", "at", "was", "is_"),
    [
        (basic(price=usd("35.00")), "packages.basic.price", "29.00 USD", "35.00 USD"),
        (basic(entitlements={**BASIC.entitlements, "channels": 9}),
         "packages.basic.channels", "5", "9"),
        (basic(free=FreeRule(reset=True)), "packages.basic.free.reset", None, "yes"),
        (basic(free_credit=None), "packages.basic.free_credit", "5.00 USD", None),
        (terms(families={"calls": Family("calls", trial=timedelta(hours=36))}),
         "families.calls.trial", "30d", "36h"),
        (terms(dunning={"shop": Dunning(suspend=None)}),
         "dunning.shop.suspend", None, "never"),
        (terms(dunning={"shop": Dunning(remind=(timedelta(5), timedelta(1)))}),
         "dunning.shop.remind", None, "5d, 1d"),
        (terms(grace=Grace(usd("50.00"))), "grace.debt", None, "50.00 USD"),
        (terms(ladders={"basic": replace(TERMS.ladders["basic"], rank=2)}),
         "packages.basic.rank", "3", "2"),
        (terms(ladders={"basic": replace(TERMS.ladders["basic"], discounts={})}),
         "packages.basic.discounts.annually", "7.5 %", None),
        (terms(ladders={"basic": replace(TERMS.ladders["basic"],
                                         offers=(Offer(usd("8.00")),))}),
         "packages.basic.offers.0.price", "9.00 USD", "8.00 USD"),
        (terms(coupons={"Boost": replace(TERMS.coupons["Boost"], variants=(
            Variant(timedelta(minutes=90)),))}),
         "coupons.Boost.variants.0.lasts", "3h", "90m"),
        (terms(umbrellas={"Regulars": Umbrella("Regulars", 3, ("calls", "fax"))}),
         "umbrellas.Regulars.families", "calls", "calls, fax"),
        (terms(zone="Asia/Seoul"), "zone", "UTC", "Asia/Seoul"),
    ],
)  # fmt: skip
def test_a_change_is_told_where_the_file_says_it(now, at, was, is_):
    """I3: as it is written there, with what it was and what it is."""
    assert (Difference(at, was, is_),) == differences(WAS, now)


def by_their_keys(edition):
    """As a file says it: what is in a table has the name it stands under there."""
    terms = edition.terms
    called = {
        name: {key: replace(one, name=key) for key, one in getattr(terms, name).items()}
        for name in ("families", "coupons", "umbrellas")
    }
    sold = {
        name: {
            key: replace(one, name=key) for key, one in getattr(edition, name).items()
        }
        for name in TABLES
    }
    return replace(edition, **sold, terms=replace(terms, **called))


@often
@given(editions.map(by_their_keys), editions.map(by_their_keys))
def test_nothing_that_makes_another_version_is_left_out(one, other):
    """I3: whoever is shown no difference may rely on it."""
    assert (digest(one) == digest(other)) == (differences(one, other) == ())


@often
@given(editions, st.data())
def test_nothing_that_is_gone_is_left_out(edition, data):
    """I3: however little was said of it."""
    name = data.draw(st.sampled_from((*TABLES, *OF_TERMS)))
    whole = edition if name in TABLES else edition.terms
    table = getattr(whole, name)
    assume(table)
    gone = data.draw(st.sampled_from(sorted(table)))
    less = replace(whole, **{name: {k: v for k, v in table.items() if k != gone}})
    without = less if name in TABLES else replace(edition, terms=less)

    assert differences(edition, without)


def test_all_is_new_where_nothing_was_current():
    """The first time everything is told."""
    told = differences(None, WAS)

    assert {None} == {each.was for each in told}
    assert {"basic"} == {each.package for each in told if each.package}
    assert "packages.basic.price" in {each.at for each in told}
    assert {None} == {each.package for each in differences(WAS, terms(zone="x"))}
