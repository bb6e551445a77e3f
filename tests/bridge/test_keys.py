"""The install key: what it seals only it opens, and its names nobody else can give."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.keys import (
    LEAST,
    LETTERS,
    NONCE,
    SIGN,
    Keys,
    Unreadable,
    new_secret,
    random_name,
    random_password,
)

OURS, THEIRS = Keys(b"o" * LEAST), Keys(b"t" * LEAST)
CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.+=")


# --- seals


@given(st.text(max_size=50), st.text(max_size=50))
def test_what_is_sealed_opens_again(secret, about):
    """Whatever the text, and whatever row it belongs to."""
    assert secret == OURS.unseal(OURS.seal(secret, about), about)


def test_the_same_secret_is_never_sealed_the_same_way():
    """Two rows with one password do not look alike in a copy of the database."""
    assert 50 == len({OURS.seal("secret", "acct_1") for _ in range(50)})


def test_a_seal_shows_nothing_of_the_secret():
    """V11: a copy of the database gives no password away."""
    assert b"correct horse" not in OURS.seal("correct horse", "acct_1")


@pytest.mark.parametrize(
    ("keys", "about", "spoil"),
    [
        (THEIRS, "acct_1", lambda s: s),
        (OURS, "acct_2", lambda s: s),
        (OURS, "acct_1", lambda s: s[:-1]),
        (OURS, "acct_1", lambda s: s[:-1] + bytes([s[-1] ^ 1])),
        (OURS, "acct_1", lambda s: bytes([s[0] ^ 1]) + s[1:]),
        (OURS, "acct_1", lambda s: s[:NONCE]),
    ],
    ids=["another key", "another row", "cut", "last bit", "nonce", "empty"],
)
def test_a_seal_opens_for_its_row_and_key_alone(keys, about, spoil):
    """Moved, damaged, or sealed by another installation: it does not open."""
    sealed = spoil(OURS.seal("secret", "acct_1"))

    with pytest.raises(Unreadable, match=about):
        keys.unseal(sealed, about)


# --- several keys

ROTATED = Keys(b"n" * LEAST, (OURS.install,))


def test_the_only_key_names_itself_in_no_seal():
    """The version before this one must open what this one seals."""
    assert not OURS.seal("secret", "acct_1").startswith(SIGN)


@given(st.text(max_size=50), st.text(max_size=50))
def test_the_new_key_seals_and_the_old_one_opens_what_it_sealed(secret, about):
    """F-G2: and without the old one, only what is new."""
    now, before = ROTATED.seal(secret, about), OURS.seal(secret, about)

    assert now.startswith(ROTATED.mark)
    assert secret == ROTATED.unseal(now, about) == ROTATED.unseal(before, about)
    assert secret == Keys(ROTATED.install).unseal(now, about)
    assert not Keys(ROTATED.install).opens(before, about)


def test_a_seal_that_by_chance_begins_like_a_name_opens(monkeypatch):
    """Its first bytes are random: they may be any."""
    nonce = (ROTATED.mark + b"rest")[:NONCE]
    monkeypatch.setattr("secrets.token_bytes", lambda _: nonce)
    sealed = OURS.seal("secret", "acct_1")

    assert sealed.startswith(ROTATED.mark)
    assert "secret" == ROTATED.unseal(sealed, "acct_1")


def test_what_is_new_is_made_with_the_new_key():
    """F-G3: a rotation after a leak would be none, if the old key went on."""
    alone = Keys(ROTATED.install)

    assert alone.token("x") == ROTATED.token("x")
    assert alone.signed("x", b"y") == ROTATED.signed("x", b"y")
    assert alone.username("acct_1") == ROTATED.username("acct_1")


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ((b"short",), "key 1 of old_keys has 5 bytes"),
        ((b"n" * LEAST,), "old_keys: names one key twice, or the one in `key`"),
        ((b"a" * LEAST, b"a" * LEAST), "old_keys: names one key twice"),
    ],
)
def test_keys_that_cannot_be_meant_are_refused(old, said):
    """Where the configuration is read, and not when the first secret is needed."""
    with pytest.raises(ValueError, match=said):
        Keys(ROTATED.install, old)


# --- names


def test_a_username_says_which_account_and_generation():
    """Read aloud without mistakes, and the same however often it is asked for."""
    name = OURS.username("acct_abc", generation=2)

    assert re.fullmatch(rf"swabc2[{LETTERS}]{{5}}", name)
    assert name == OURS.username("acct_abc", generation=2)


def test_the_mark_belongs_to_key_account_and_generation():
    """Change any of the three and the five characters are others."""
    marks = {
        keys.username(account, generation)[-5:]
        for keys in (OURS, THEIRS)
        for account in ("acct_abc", "acct_abd")
        for generation in (1, 2)
    }

    assert 8 == len(marks)


def test_nobody_without_the_key_guesses_a_mark():
    """Five of thirty characters: the marks of many accounts share none to speak of."""
    names = [f"acct_{no}" for no in range(300)]
    guessed = [n for n in names if OURS.username(n)[-5:] == THEIRS.username(n)[-5:]]

    assert [] == guessed


@given(st.integers(0, 40))
def test_a_random_name_is_as_long_as_asked_and_readable(length):
    """Without the letters that are taken for one another."""
    assert re.fullmatch(rf"[{LETTERS}]{{{length}}}", random_name(length))


def test_a_random_password_passes_the_strictest_policy():
    """Twelve or more, of all four classes, and never the same."""
    drawn = {random_password() for _ in range(100)}

    assert 100 == len(drawn)
    assert all(len(one) >= 12 for one in drawn)
    assert all(set(one) & set(letters) for one in drawn for letters in CLASSES)


# --- the key itself


def test_a_short_key_is_refused_with_the_way_out():
    """A key somebody made up is no key."""
    with pytest.raises(ValueError, match=r"has 31 bytes; it needs 32.*switchhook init"):
        Keys(b"k" * (LEAST - 1))


def test_a_new_secret_is_long_enough_for_a_key_and_for_a_source():
    """`switchhook init` writes what the start accepts."""
    first, second = new_secret(), new_secret()

    assert Keys(first.encode())
    assert first != second


def test_the_key_is_in_no_repr():
    """V11: whatever is logged or shown in a traceback, the install key is not."""
    assert "tttt" not in repr(THEIRS)
    assert "oooo" not in repr(ROTATED)
