"""A program's key: what of it is kept opens nothing."""

import pytest

from bridge.access import tokens


def test_it_is_read_as_it_was_written():
    made = tokens.new()
    found = tokens.read(made.text)

    assert (found.id, found.hash) == (made.id, made.hash)


def test_its_secret_is_not_in_what_is_kept_nor_in_the_log():
    made = tokens.new()
    secret = made.text.rpartition("_")[2]

    assert secret not in made.hash
    assert secret not in repr(made)


@pytest.mark.parametrize(
    "text", ["", "swk_", "swk_abcdefgh_", "Bearer x", "swk_ABCDEFGH_" + "x" * 43,
             "swk_abcdefgh_" + "x" * 44, "\x00"],
)  # fmt: skip
def test_what_is_none_of_ours_is_none(text):
    assert tokens.read(text) is None
