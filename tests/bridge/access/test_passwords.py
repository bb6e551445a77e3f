"""Passwords: kept so that nobody can read them, and refused where they are weak."""

import pytest

from bridge.access import passwords


def test_only_the_right_one_fits():
    kept = passwords.hashed("correct horse battery")

    assert passwords.fits("correct horse battery", kept)
    assert not passwords.fits("correct horse batterz", kept)


def test_two_are_never_kept_alike():
    """Each with a salt of its own."""
    first, second = (passwords.hashed("correct horse battery") for _ in range(2))

    assert first != second
    assert first.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


@pytest.mark.parametrize("kept", [None, "", "nonsense"])
def test_nobodys_fits_nothing(kept):
    """Not even the words that stand in for it."""
    assert not passwords.fits("the password of nobody, in no place", kept)


def test_it_is_tried_as_long_where_nobody_has_one(monkeypatch):
    """The time it takes does not tell who has a login: the same work is done."""
    # Guard off (returns at once where none is kept): red, nothing was verified.
    tried = []

    class Counting:
        def verify(self, kept, password):
            tried.append(kept)

        def hash(self, password):
            return "a hash"

    monkeypatch.setattr(passwords, "HASHER", Counting())
    passwords._nobodys.cache_clear()
    passwords.fits("whatever it is", None)
    passwords._nobodys.cache_clear()

    assert ["a hash"] == tried


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 201, "ann@example.com", "ANN@example.com", "aaaaaaaaaaaa"],
)
def test_a_weak_one_is_refused(password):
    assert passwords.fault(password, "ann@example.com")


def test_a_long_one_is_taken():
    assert passwords.fault("correct horse battery", "ann@example.com") is None
