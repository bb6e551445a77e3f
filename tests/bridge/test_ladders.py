"""Families, plans, coupons and umbrellas in config.toml: all that does not fit is said
at once, with its place, what was read there and what is allowed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bridge import config
from bridge.config import ConfigError
from provisioning.core.money import Money
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
from tests.bridge.test_config import GOOD

PLAN = """
[packages.{name}]
price = "{price} USD"
cycle = "monthly"
tariff = "standard"
channels = {rank}
family = "{family}"
rank = {rank}
{more}
"""


def plan(name, rank, family="centre", price="29.00", more=""):
    return PLAN.format(name=name, rank=rank, family=family, price=price, more=more)


FAMILIES = """
[families.centre]
free = "zero"
trial = "30d"
seats = true
[families.lines]
of = "centre"
approval = true
downgrades = false
"""
OFFERS = """
minimum = 2
discounts = { annually = 15, quarterly = 7.5 }
[[packages.team.offers]]
least = 10
price = "25.00 USD"
[[packages.team.offers]]
group = "reseller"
price = "20.00 USD"
tariff = "wholesale"
"""
EXTRAS = """
[coupons.Reward]
families = ["centre"]
variants = [{ rank = 12, lasts = "3d" }]
[coupons."Test drive"]
families = ["centre"]
variants = [{ up = 1, lasts = "2h" }, { up = 2, lasts = "30m" }]
mode = "overlay"
spoils = true
nested = true
price = "5.00 USD"
[umbrellas."Special offer"]
rank = 13
[umbrellas.Regulars]
rank = 12
families = ["centre"]
"""
PLANS = (
    plan("zero", 14, price="0.00")
    + plan("team", 13, more=OFFERS)
    + plan("business", 12)
    + plan("more", 2, family="lines")
)
SHOP = 'zone = "Asia/Ho_Chi_Minh"\n' + GOOD + FAMILIES + PLANS + EXTRAS


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return write


def faults(path):
    """Without the file's name, which begins each."""
    with pytest.raises(ConfigError) as told:
        config.load(path)
    return [line.removeprefix("config.toml: ") for line in str(told.value).splitlines()]


def usd(amount):
    return Money(Decimal(amount), "USD")


def test_what_is_written_becomes_the_terms(write):
    """I3, P11, B8, B10, B11, S4: exact amounts and times, the shortest cycle first."""
    terms = config.load(write(SHOP)).catalog.terms

    assert terms == Terms(
        families={
            "centre": Family("centre", None, "zero", timedelta(days=30), seats=True),
            "lines": Family("lines", "centre", downgrades=False, approval=True),
        },
        ladders={
            "zero": Ladder("centre", 14),
            "team": Ladder(
                "centre",
                13,
                {"quarterly": Decimal("7.5"), "annually": Decimal(15)},
                (
                    Offer(usd("25.00"), least=10),
                    Offer(usd("20.00"), "wholesale", "reseller"),
                ),
                minimum=2,
            ),
            "business": Ladder("centre", 12),
            "more": Ladder("lines", 2),
        },
        coupons={
            "Reward": CouponKind(
                "Reward", ("centre",), (Variant(timedelta(days=3), rank=12),)
            ),
            "Test drive": CouponKind(
                "Test drive",
                ("centre",),
                (
                    Variant(timedelta(hours=2), up=1),
                    Variant(timedelta(minutes=30), up=2),
                ),
                Mode.OVERLAY,
                spoils=True,
                nested=True,
                price=usd("5.00"),
            ),
        },
        umbrellas={
            "Special offer": Umbrella("Special offer", 13),
            "Regulars": Umbrella("Regulars", 12, ("centre",)),
        },
        zone="Asia/Ho_Chi_Minh",
    )
    assert ["quarterly", "annually"] == list(terms.ladders["team"].discounts)


def test_what_is_sold_without_a_ladder_is_as_it_was(write):
    """Whoever needs none of this writes none of it."""
    assert Terms() == config.load(write(GOOD)).catalog.terms


WRONG = [
    ('family = "lines"', 'family = "line"',
     "packages.more.family", 'there is no family "line"; did you mean "lines"?'),
    ('family = "lines"', 'family = "xyz"',
     "packages.more.family", 'there is no family "xyz"; choose one of: centre, lines'),
    ("rank = 2\n", "",
     "packages.more.rank", "a package of a family needs one"),
    ("rank = 2\n", "rank = 0\n",
     "packages.more.rank", "Must be greater than or equal to 1. (read: 0)"),
    ("rank = 12\n", "rank = 13\n",
     "packages.business.rank", '13 is that of "team" in family "centre" already'),
    ('family = "lines"\n', "",
     "packages.more.rank", "goes with a family"),
    ("channels = 12\n", "channels = 12\naddon = true\n",
     "packages.business.family", "an add-on needs a family that hangs on another"),
    ("quarterly = 7.5", "quarterly = 15",
     "packages.team.discounts.annually", "15 % is not more than the 15 % of quarterly"),
    ("quarterly = 7.5", "quarterly = 0",
     "packages.team.discounts.quarterly", "0 % is not more than the 0 % of monthly"),
    ("annually = 15", "annually = 100.5",
     "packages.team.discounts.annually", "write percent off, a number from 0 to"),
    ("annually = 15", "annually = true",
     "packages.team.discounts.annually", "write"),
    ("annually = 15", "yearly = 15",
     "packages.team.discounts.yearly", "Must be one of: monthly, quarterly"),
    ("annually = 15", "monthly = 15",
     "packages.team.discounts.monthly", "must be longer than its own cycle, mont"),
    ("annually = 15", "once = 15",
     "packages.team.discounts.once", "must be longer"),
    ('group = "reseller"\n', "least = 10\n",
     "packages.team.offers.1", "is for the same group (all) from the same quanti"),
    ('tariff = "wholesale"', 'tariff = "wholesail"',
     "packages.team.offers.1.tariff", 'there is no tariff "wholesail"; did you m'),
    ("25.00 USD", "25.00 EUR",
     "packages.team.offers.0.price", "25.00 EUR is not in USD, as the package's is"),
    ("25.00 USD", "25 dollars",
     "packages.team.offers.0.price", "write amount and"),
    ("least = 10", "leest = 10",
     "packages.team.offers.0.leest", 'Unknown field; did you mean "least"? (read: 10)'),
    ('of = "centre"', 'of = "lines"',
     "families.lines.of", '"lines" cannot hang on itse'),
    ('of = "centre"', 'of = "center"',
     "families.lines.of", 'there is no family "center"; did you mean "centre"?'),
    ("seats = true", 'of = "lines"',
     "families.lines.of", '"centre" hangs on another itself; choose a main family'),
    ('free = "zero"', 'free = "nil"',
     "families.centre.free", 'there is no package "nil"'),
    ('free = "zero"', 'free = "more"',
     "families.centre.free", 'package "more" is not of this family; choose one o'),
    ('free = "zero"', 'free = "team"',
     "families.centre.free", 'package "team" costs 29.00 USD; let its price be 0'),
    ('trial = "30d"', 'trial = "0d"',
     "families.centre.trial", 'write a time longer than none as "30m", "3h" or "'),
    ('lasts = "3d"', 'lasts = "-3d"',
     "coupons.Reward.variants.0.lasts", "write a time"),
    ("rank = 12, lasts", "rank = 11, lasts",
     "coupons.Reward.variants.0.rank", "no plan has rank 11; there are: centre 1"),
    ("up = 2", "up = 3",
     "coupons.Test drive.variants.1.up", "no plan has another 3 ranks above it"),
    ("up = 1,", "up = 1, rank = 12,",
     "coupons.Test drive.variants.0.rank", "say to which rank (rank = 12), or ho"),
    ("up = 1,", "",
     "coupons.Test drive.variants.0.rank", "say to which rank"),
    ('up = 1, lasts = "2h"', 'up = 2, lasts = "30m"',
     "coupons.Test drive.variants.1", "is there already as variants.0"),
    ('[{ rank = 12, lasts = "3d" }]', "[]",
     "coupons.Reward.variants", "Shorter than"),
    ('"overlay"', '"splice"',
     "coupons.Test drive.mode", "Must be one of: extend, overlay"),
    ('families = ["centre"]\nvariants', 'families = ["center"]\nvariants',
     "coupons.Reward.families", 'there is no family "center"; did you mean "cent'),
    ("[coupons.Reward]", "[coupons.team]",
     "coupons.team", "is the name of one of packages; choose another"),
    ("rank = 13\n[umb", "rank = 9\n[umb",
     "umbrellas.Special offer.rank", "no plan has rank 9; there are: centre 12,"),
    ('rank = 12\nfamilies = ["centre"]', 'rank = 2\nfamilies = ["centre"]',
     "umbrellas.Regulars.rank", "no plan has rank 2; there are: centre 12, 13, 14"),
    ("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min",
     "zone", 'names no time zone; did you mean "Asia/Ho_Chi_Minh"? (read: "Asia/Ho'),
    ("Asia/Ho_Chi_Minh", "../../etc/passwd",
     "zone", "names no time zone; write one as Europe/Berlin"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "says"), WRONG)
def test_each_slip_is_told_with_its_place(write, old, new, place, says):
    """P11, B1, B8, D14: table, key, what was read, what is allowed."""
    # Guard off (a rule taken out of `ladders.RULES`): red, for each of its rows.
    assert SHOP != (text := SHOP.replace(old, new, 1))
    assert any(one.startswith(f"{place}: {says}") for one in faults(write(text)))


def test_all_slips_are_told_at_once(write):
    """Those of single keys and those between two tables: mended in one go."""
    text = SHOP
    for old, new in (
        ('trial = "30d"', 'trial = "0d"'),
        ("quarterly = 7.5", "quarterly = 15"),
        ("up = 2", "up = 3"),
        ("rank = 13\n[umb", "rank = 9\n[umb"),
        ("channels = 5", 'channels = "five"'),
    ):
        text = text.replace(old, new, 1)
    told = {line.split(": ")[0] for line in faults(write(text))}

    assert {
        "families.centre.trial", "packages.team.discounts.annually",
        "coupons.Test drive.variants.1.up", "packages.starter.channels",
        "umbrellas.Special offer.rank",
    } == told  # fmt: skip


def test_an_add_on_is_a_step_of_a_dependent_ladder(write):
    """C7: what hangs on a main plan may be an add-on to it."""
    text = SHOP.replace("channels = 2\n", "channels = 2\naddon = true\n")

    assert config.load(write(text)).catalog.packages["more"].addon


def test_a_broadcast_family_is_only_warned_of_a_discount_that_does_not_rise(write):
    """P11: `switchhook check` says so, and it may be sold."""
    flat = SHOP.replace("seats = true\n", "").replace(
        "quarterly = 7.5", "quarterly = 15"
    )
    [told] = config.load(write(flat)).warnings

    assert "packages.team.discounts.annually: 15 % is not more than the 15 %" in told
    assert () == config.load(write(SHOP)).warnings


def test_a_ladder_over_several_backends_is_warned_of(write):
    """U7: an account stays on the backend where it was opened."""
    second = GOOD[GOOD.index("[backends.main]") : GOOD.index("[packages.starter]")]
    text = SHOP.replace("rank = 12\n", 'rank = 12\nbackend = "second"\n', 1)
    for name in ("starter", "zero", "team", "more"):
        text = text.replace(
            f"[packages.{name}]", f'[packages.{name}]\nbackend = "main"'
        )
    [told] = config.load(write(text + second.replace("main", "second"))).warnings

    assert "families.centre: its plans are sold on main and on second; nobody" in told


@pytest.mark.parametrize(
    "broken",
    ["[families]\nx = 1\n", "[coupons]\nx = [1]\n", "[umbrellas.x]\nrank = {}\n",
     "[packages.x]\nfamily = [1]\noffers = 3\n", "[families.x]\nof = 3\n",
     "[coupons.x]\nfamilies = 3\nvariants = [3]\n"],
)  # fmt: skip
def test_what_is_no_table_at_all_is_a_fault_too(write, broken):
    """However wrong it is, it is said in words."""
    assert faults(write(GOOD + broken))


def test_what_was_read_is_not_told_where_it_came_from_elsewhere(write, monkeypatch):
    """V11: a value of the environment may be a secret, wherever it stands."""
    monkeypatch.setenv("PRICE", "canary")
    [told] = faults(write(GOOD.replace('price = "29.00 USD"', 'price = "env:PRICE"')))

    assert 'packages.starter.price: write amount and currency as "29.00 USD"' in told
    assert "canary" not in told
