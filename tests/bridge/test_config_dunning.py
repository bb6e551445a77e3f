"""Dunning of our own and grace in config.toml: read, and every slip told at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bridge import config
from bridge.config import ConfigError
from provisioning.core.digest import written
from provisioning.core.money import Money
from provisioning.core.reading import read
from provisioning.core.terms import Dunning, Grace
from tests.bridge.test_config import GOOD
from tests.provisioning.core.world import usd

DAY = timedelta(days=1)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
HOUSE = (
    GOOD
    + """
[dunning.shop]
since = 2020-01-01T00:00:00Z
remind = ["1d", "5d"]
suspend = "2d"
revoke = "10d"
[grace]
debt = "80.00 USD"
longest = "5d"
"""
)


@pytest.fixture
def write(tmp_path):
    def wrote(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return wrote


def terms(path):
    return config.load(path).catalog.terms


def faults(path):
    with pytest.raises(ConfigError) as wrong:
        config.load(path)
    return str(wrong.value).removeprefix("config.toml: ").split("\nconfig.toml: ")


def test_what_is_written_is_what_is_done(write):
    """D27, S6: by source, and the bounds of a promise."""
    known = terms(write(HOUSE))

    assert {"shop": Dunning((5 * DAY, DAY), 2 * DAY, 10 * DAY, SINCE)} == known.dunning
    assert Grace(usd("80.00"), 5 * DAY) == known.grace


def test_a_promise_has_a_bound_in_each_currency(write):
    """S6: one for whoever pays in dollars, another in dong; a single one is as it was,
    and makes no catalog another."""
    many = terms(write(HOUSE.replace('"80.00 USD"', '["80.00 USD", "900000 VND"]')))
    one = terms(write(HOUSE.replace('"80.00 USD"', '["80.00 USD"]')))
    dong = Money(Decimal(900000), "VND")

    assert Grace(usd("80.00"), 5 * DAY, (dong,)) == many.grace
    assert (dong, None) == (many.grace.most("VND"), many.grace.most("EUR"))
    assert many.grace == read(Grace, written(many.grace))
    assert written(terms(write(HOUSE)).grace) == written(one.grace)
    assert "debts" not in written(one.grace)


def test_without_a_word_the_platform_duns_and_no_promise_is_taken(write):
    """D27: the platform, unless it is ours; S6: bounds have to be said."""
    known = terms(write(GOOD))

    assert ({}, None) == (known.dunning, known.grace)


def test_a_table_alone_duns_as_usual(write):
    """D27: 7, 3 and 1 days before it is reminded of, 3 after off, 14 after ended."""
    begins = "[dunning.shop]\nsince = 2020-01-01T00:00:00Z\n"
    known = terms(write(GOOD + begins + '[grace]\ndebt = "50.00 USD"\n'))

    assert {"shop": Dunning(since=SINCE)} == known.dunning
    assert Grace(usd("50.00"), 7 * DAY) == known.grace
    assert (7 * DAY, 3 * DAY, DAY) == Dunning().remind


def test_it_may_never_be_suspended(write):
    """I9: it may be, and need not."""
    known = terms(write(HOUSE.replace('suspend = "2d"', 'suspend = "never"')))

    assert None is known.dunning["shop"].suspend


WRONG = [
    ("[dunning.shop]", "[dunning.shp]",
     'dunning.shp: there is no source "shp"; did you mean "shop"?'),
    ("[dunning.shop]", "[dunning.elsewhere]",
     'dunning.elsewhere: there is no source "elsewhere"; choose one of: shop'),
    ('revoke = "10d"', 'revoke = "2d"',
     "dunning.shop.revoke: 2 days is not after suspend, 2 days; let it be later"),
    ('suspend = "2d"', 'suspend = "soon"',
     'dunning.shop.suspend: write a time longer than none as "30m", "3h" or "3d" (rea'),
    ('revoke = "10d"', 'revoke = "never"', "dunning.shop.revoke: write a time"),
    ('"5d"]', '"-5d"]', "dunning.shop.remind.1: write a time"),
    ("since = 2020-01-01T00:00:00Z\n", "",
     "dunning.shop.since: write since when, as 2026-12-01T00:00:00Z: what was due"),
    ("since = 2020-01-01T00:00:00Z", "since = 2020-01-01",
     "dunning.shop.since: write a moment with its time zone"),
    ("suspend =", "suspnd =",
     'dunning.shop.suspnd: Unknown field; did you mean "suspend"? (read: "2d")'),
    ('debt = "80.00 USD"', "debt = 80",
     'grace.debt: write amount and currency as "29.00 USD" (read: 80)'),
    ('debt = "80.00 USD"\n', "", "grace.debt: Missing data"),
    ('"80.00 USD"', '["80.00 USD", "9"]',
     'grace.debt.1: write amount and currency as "29.00 USD" (read: "9")'),
    ('"80.00 USD"', '["80.00 USD", "9.00 EUR", "1.00 USD"]',
     "grace.debt: USD is there twice; write one sum of each currency"),
    ('"80.00 USD"', "[]", "grace.debt: Shorter than minimum length 1"),
    ('longest = "5d"', 'longest = "61d"',
     'grace.longest: at most 60 days: 60d (read: "61d")'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), WRONG)
def test_each_slip_is_told_with_its_place(write, old, new, says):
    """D27, S6: table, key, what was read, what is allowed."""
    assert HOUSE != (text := HOUSE.replace(old, new, 1))
    assert [one for one in faults(write(text)) if one.startswith(says)]


def test_all_slips_are_told_at_once(write):
    """Those of single keys, and those between tables."""
    text = HOUSE
    for old, new, _ in (WRONG[0], WRONG[9], WRONG[-1]):
        text = text.replace(old, new, 1)
    told = {line.split(": ")[0] for line in faults(write(text))}

    assert {"dunning.shp", "grace.debt", "grace.longest"} == told
