"""Codes of a phone: of use for a minute and a half, and once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from bridge.access import codes

AT = datetime(2026, 12, 1, 12, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2


def code(at):
    return pyotp.TOTP(SECRET).at(at)


def test_it_is_what_phones_show():
    """RFC 6238, appendix B: SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(59, UTC)

    assert codes.step_of(secret, "287082", at, after=0) == 1


@pytest.mark.parametrize(
    ("seconds", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_one_before_and_one_after_are_taken(seconds, fits):
    """Clocks differ by half a minute; not by more."""
    shown = code(AT + timedelta(seconds=seconds))

    assert (codes.step_of(SECRET, shown, AT, after=0) is not None) is fits


def test_one_that_was_used_is_of_no_more_use():
    """Nor is an older one that nobody used."""
    # Guard off (steps from before `after`, too): red.
    step = codes.step_of(SECRET, code(AT), AT, after=0)

    assert codes.step_of(SECRET, code(AT), AT, after=step) is None
    earlier = code(AT - timedelta(seconds=30))
    assert codes.step_of(SECRET, earlier, AT, after=step) is None


def test_it_may_be_typed_with_a_gap():
    """As phones show it."""
    shown = code(AT)

    assert codes.step_of(SECRET, f"{shown[:3]} {shown[3:]}", AT, after=0) is not None


@pytest.mark.parametrize("typed", ["", "x", "１２３４５６", "0" * 20])
def test_what_is_no_code_is_none(typed):
    assert codes.step_of(SECRET, typed, AT, after=0) is None


def test_the_picture_is_drawn_here():
    """No address of anybody stands in it, and nothing a page may not hold."""
    picture = codes.picture(SECRET, "ann@example.com")

    assert picture.startswith("<svg")
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert "style" not in picture
    assert "<script" not in picture


def test_ten_recovery_codes_each_another():
    made = codes.recovery_codes()

    assert len(set(made)) == 10
    assert len({codes.recovery_hash(each) for each in made}) == 10


def test_a_recovery_code_may_be_typed_as_people_do():
    """Large, with blanks, without the dash."""
    [made, *_] = codes.recovery_codes()
    typed = f" {made.upper().replace('-', ' ')} "

    assert codes.recovery_hash(typed) == codes.recovery_hash(made)
