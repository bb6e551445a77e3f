"""Money: exact to the millionth, in one currency; what is not money is refused."""

import ast
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import money
from provisioning.core.money import LARGEST, Money, amount, from_micro, micro, text
from tests.provisioning.core.world import often, usd

amounts = st.integers(-(10**18) + 1, 10**18 - 1).map(from_micro)


@often
@given(amounts)
def test_what_is_stored_is_what_was_meant(sum_):
    """V14: an amount comes back from whole millionths as it went in."""
    assert sum_ == from_micro(micro(sum_))


@often
@given(amounts)
def test_what_is_written_reads_back_the_same(sum_):
    """V14: no amount is rounded for being shown."""
    assert sum_ == amount(text(sum_))


@often
@given(st.integers(0, 10**12), st.integers(1, 10_000))
def test_a_quantity_multiplies_exactly(millionths, quantity):
    """V14: so many of one sum are exactly so much, and stay in its currency."""
    many = Money(from_micro(millionths), "KWD").times(quantity)

    assert Money(from_micro(millionths * quantity), "KWD") == many


def test_seven_seats_at_29_95_are_209_65():
    """V14: the example of the requirements, where binary fractions go wrong."""
    assert usd("209.65") == usd("29.95").times(7)


def test_no_float_is_written_in_the_rules():
    """V14: not one binary fraction, and nobody asks for one."""
    rules = Path(money.__file__).parent.glob("*.py")
    nodes = [n for rule in rules for n in ast.walk(ast.parse(rule.read_text()))]
    fractions = [
        node
        for node in nodes
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert [] == fractions


@pytest.mark.parametrize("wrong", [29.95, 5, True, "29.95", None])
def test_only_a_decimal_is_an_amount(wrong):
    """V14: a float that got this far stops here, and does not reach the books."""
    with pytest.raises((AttributeError, TypeError, ValueError)):
        Money(wrong, "USD")


WRITTEN = [
    ("0", "0.00"),
    ("5", "5.00"),
    ("0.1", "0.10"),
    ("29.95", "29.95"),
    ("1.500", "1.50"),
    ("0.123456", "0.123456"),
    ("-0.5", "-0.50"),
    ("1E+3", "1000.00"),
    ("999999999999.999999", "999999999999.999999"),
]


@pytest.mark.parametrize(("meant", "written"), WRITTEN)
def test_people_read_at_least_two_digits_after_the_point(meant, written):
    """No more than are needed, and never an exponent."""
    assert written == text(Decimal(meant))
    assert f"{written} USD" == str(usd(meant))


TAKEN = [
    ("29.95", "29.95"),
    ("0", "0"),
    ("007", "7"),
    ("-3.5", "-3.5"),
    ("0.000001", "0.000001"),
    ("999999999999.999999", "999999999999.999999"),
]


@pytest.mark.parametrize(("written", "meant"), TAKEN)
def test_plain_digits_are_an_amount(written, meant):
    """Up to twelve before the point and six after it."""
    assert Decimal(meant) == amount(written)


REFUSED = {
    "nothing": "",
    "blank": " ",
    "word": "free",
    "space before": " 5",
    "space after": "5 ",
    "line break after": "5\n",
    "plus": "+5",
    "two minuses": "--5",
    "no digit before the point": ".5",
    "no digit after the point": "5.",
    "two points": "1.2.3",
    "comma for the point": "29,95",
    "comma for thousands": "1,000.00",
    "underscore": "1_000",
    "exponent": "1e3",
    "hexadecimal": "0x10",
    "currency within": "5 USD",
    "not a number": "NaN",
    "infinity": "Infinity",
    "short infinity": "-inf",
    "seven places": "0.0000001",
    "seven places, the last a nought": "0.1000000",
    "thirteen digits": "1000000000000",
    "full-width digits": "\uff11\uff12",
    "Arabic digits": "\u0661\u0662\u0663",
    "full-width point": "1\uff0e50",
    "superscript": "5\u00b2",
}


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED)
def test_anything_else_is_not_an_amount(written):
    """What Decimal itself would take or round is refused, with the way to write it."""
    with pytest.raises(ValueError, match="is not an amount; write plain digits") as no:
        amount(written)

    assert f'"{written}" is not' in str(no.value)


IMPOSSIBLE = {
    "no number": "NaN",
    "signalling no number": "sNaN",
    "infinite": "Infinity",
    "infinitely owed": "-Infinity",
    "seven places": "0.0000001",
    "seven places behind much": "999999999999.9999999",
    "a billion thousands": "1000000000000",
    "as much owed": "-1E+12",
}


@pytest.mark.parametrize("no_amount", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_kept_is_not_money(no_amount):
    """V14: refused where it is made, not rounded where it is stored."""
    with pytest.raises(ValueError, match=r"is not an amount|has more than six digits"):
        micro(Decimal(no_amount))
    with pytest.raises(ValueError, match=r"is not an amount|has more than six digits"):
        usd(no_amount)


@pytest.mark.parametrize("places", [29, 40])
def test_a_fraction_is_too_fine_however_fine_it_is(places):
    """V14: the thirtieth digit after the point is refused like the seventh."""
    with pytest.raises(ValueError, match="more than six digits"):
        usd(f"1.{'1'.rjust(places, '0')}")


def test_the_largest_sum_fits_a_column_of_64_bits():
    """A database keeps what the rules let through."""
    assert micro(LARGEST - from_micro(1)) < 2**63


def test_noughts_behind_are_no_finer_parts():
    """Backends write `5.0000000`, and mean five."""
    assert 5_000_000 == micro(Decimal("5.0000000"))


def test_a_sum_is_never_the_same_in_another_currency():
    """Five dollars are not five euros."""
    assert usd(5) != Money(Decimal(5), "EUR")


def test_a_sum_never_changes():
    """What was booked cannot be edited in passing."""
    with pytest.raises(FrozenInstanceError):
        usd(5).amount = Decimal(6)
