"""What is written down is read back exactly; what is none of its kind is said so."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.catalog import Edition, FreeRule, Package, TopUp
from provisioning.core.digest import written
from provisioning.core.money import Money
from provisioning.core.quotas import Allowance
from provisioning.core.reading import read
from provisioning.core.terms import (
    CouponKind,
    Family,
    Ladder,
    Mode,
    Offer,
    Terms,
    Umbrella,
    Variant,
)
from tests.provisioning.core.world import CATALOG, often

names = st.text(max_size=3)
some = st.integers(1, 99)
money = st.builds(
    Money, st.decimals(0, 9999, places=6), st.sampled_from(["USD", "VND"])
)
times = st.integers(1, 10**12).map(lambda micro: timedelta(microseconds=micro))
rules = st.builds(FreeRule, st.booleans(), st.none() | money, st.none() | some)
lists = st.lists(names, max_size=2).map(tuple)
allowances = st.builds(Allowance, some, st.booleans(), st.none() | some)
packages = st.builds(
    Package,
    name=names,
    backend=names,
    price=money,
    cycle=names,
    entitlements=st.dictionaries(names, some | names | lists | allowances, max_size=3),
    free_credit=st.none() | money,
    free=rules,
    setup_fee=st.none() | money,
    addon=st.booleans(),
)
offers = st.builds(Offer, money, st.none() | names, st.none() | names, some)
percents = st.decimals(0, 100, places=6)
variants = st.builds(Variant, times, st.none() | some, st.none() | some)
terms = st.builds(
    Terms,
    st.dictionaries(names, st.builds(Family, names, st.none() | names, trial=times)),
    st.dictionaries(
        names,
        st.builds(
            Ladder,
            names,
            some,
            st.dictionaries(names, percents, max_size=2),
            st.lists(offers, max_size=2).map(tuple),
            some,
        ),
        max_size=3,
    ),
    st.dictionaries(
        names,
        st.builds(
            CouponKind,
            names,
            st.lists(names, max_size=2).map(tuple),
            st.lists(variants, max_size=2).map(tuple),
            st.sampled_from(Mode),
            price=st.none() | money,
        ),
        max_size=2,
    ),
    st.dictionaries(names, st.builds(Umbrella, names, some), max_size=2),
    st.just("Asia/Ho_Chi_Minh"),
)
editions = st.builds(
    Edition,
    st.dictionaries(names, packages, max_size=3),
    st.dictionaries(names, st.builds(TopUp, names, money, money), max_size=2),
    terms,
)


@often
@given(editions)
def test_an_edition_is_read_back_exactly(edition):
    """I3: what was sold is known to the cent for as long as anybody has it."""
    text = written(edition)

    assert edition == read(Edition, text)
    assert text == written(read(Edition, text))


@dataclass(frozen=True)
class Slip:
    """As a version to come may write it."""

    name: str
    weight: int | None = None


@dataclass(frozen=True)
class Bill:
    slips: tuple[Slip, ...] = ()
    words: tuple[str, int] = ("", 0)
    either: int | str | tuple[str, ...] | Slip = 0
    rest: list[str] = field(default_factory=list)


@pytest.mark.parametrize("told", [5, "5", ("a", "b"), Slip("a"), Slip("a", 2), ()])
def test_one_of_several_kinds_is_read_as_what_it_was(told):
    """A number stays one, a name stays one, and a part is told by its kind."""
    bill = Bill(either=told, words=("a", 1))

    assert bill == read(Bill, written(bill))


def test_what_is_as_usual_is_not_written():
    """A field of a later version leaves what was written before the same."""
    assert '["Slip",{"name":"a"}]' == written(Slip("a"))
    assert '["Slip",{"name":"a","weight":0}]' == written(Slip("a", 0))
    assert '["Bill",{}]' == written(Bill())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "5", '["Slip"]', '["Bill",{}]', '["Slip",{}]',
     '["Slip",{"name":1}]',
     '["Slip",{"name":null}]', '["Slip",{"name":"a","colour":"red"}]',
     '["Slip",{"name":"a","weight":"b"}]', '["Slip",{"name":"a","weight":true}]',
     '["Slip",[]]', '["Slip",{"name":"a"},3]'],
)  # fmt: skip
def test_what_is_no_such_thing_is_refused(text):
    """Terms that cannot be read whole are read not at all."""
    with pytest.raises(ValueError, match=r"Slip|Expecting"):
        read(Slip, text)


def test_a_kind_nobody_thought_of_is_refused():
    """A list could be changed by whoever reads it."""
    with pytest.raises(ValueError, match="no Bill as this version knows it"):
        read(Bill, '["Bill",{"rest":["a"]}]')


@pytest.mark.parametrize(
    "part",
    ['{"slips":3}', '{"words":["a"]}', '{"words":["a",1,2]}', '{"either":[1]}',
     '{"either":null}'],
)  # fmt: skip
def test_a_part_of_another_kind_spoils_the_whole(part):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="no Bill"):
        read(Bill, f'["Bill",{part}]')


def test_money_that_cannot_be_is_refused():
    """What was tampered with is found before anything is granted by it."""
    good = written(CATALOG.edition)
    for wrong in ("NaN", "29.0000001", "many"):
        bad = good.replace('"29.00"', f'"{wrong}"', 1)
        with pytest.raises(ValueError, match="no Edition"):
            read(Edition, bad)


def test_which_backends_a_group_has_is_no_term_of_sale():
    """U7: a server more is no new version."""
    [(name, package), *_] = CATALOG.packages.items()
    grouped = replace(package, group=("main", "second"))
    more = replace(CATALOG, packages={**CATALOG.packages, name: grouped})

    assert CATALOG.version == more.version
    assert Decimal("29.00") == more.edition.packages[name].price.amount
