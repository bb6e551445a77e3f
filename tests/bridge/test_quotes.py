"""A token gives back what was promised to the cent, or says why it is none of ours."""

import base64
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import quotes
from bridge.keys import LEAST, Keys
from bridge.words import render
from provisioning.core import quote
from provisioning.core.choices import Choice
from provisioning.core.money import Money
from provisioning.core.quoted import offered
from provisioning.core.sentences import Sentence
from tests.provisioning.core.shop import AT, ENDS, PRICES, STARTS, has
from tests.provisioning.core.world import often

OURS, THEIRS = Keys(b"o" * LEAST), Keys(b"t" * LEAST)
GOLD = Choice("gold", "monthly", 3, (("line", 2),))
HAS = has("silver", quantity=3)
OFFER = offered(quote.change(PRICES, HAS, GOLD, AT), "a" * 64, HAS)
TOKEN = quotes.signed(OURS, OFFER)
SCALES = {"USD": 2, "VND": 0, "KWD": 3}


def code(token, keys=OURS):
    found = quotes.opened(keys, token)
    assert isinstance(found, Sentence)
    assert render(found)
    return found.code


def in_currency(currency, unit):
    """The shop, with all its prices drawn anew in that currency."""
    packages = {
        name: replace(p, price=Money(unit * (no + 1), currency), setup_fee=None)
        for no, (name, p) in enumerate(PRICES.packages.items())
    }
    return replace(PRICES, packages=packages)


@often
@given(
    currency=st.sampled_from(sorted(SCALES)),
    units=st.integers(1, 10**6),
    quantity=st.integers(1, 500),
    minutes=st.integers(0, 43199),
    way=st.sampled_from(["new", "change", "renewal"]),
    ref=st.text(max_size=30),
)
def test_it_comes_back_as_it_was(currency, units, quantity, minutes, way, ref):
    """P16, D19: every line and what is due, to the last digit of every currency."""
    prices = in_currency(currency, Decimal(units).scaleb(-SCALES[currency]))
    at = STARTS + (ENDS - STARTS) / 43200 * minutes
    of, to = has("silver", ref=ref), replace(GOLD, quantity=quantity)
    promised = {
        "new": lambda: quote.sign_up(prices, to, at),
        "change": lambda: quote.change(prices, of, to, at),
        "renewal": lambda: quote.renewal(prices, of, at),
    }[way]()
    offer = offered(promised, "a" * 64, of)
    back = quotes.opened(OURS, quotes.signed(OURS, offer))

    assert offer == back
    assert promised.canonical == back.quote.canonical
    assert str(promised.amount_due) == str(back.quote.amount_due)
    assert [str(ln.amount) for ln in promised.lines] == [
        str(ln.amount) for ln in back.quote.lines
    ]


def test_it_is_short_and_needs_no_escaping():
    """P16: it goes into a link, a mail, a chat."""
    safe = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    assert len(TOKEN) < 400
    assert set(TOKEN) <= safe
    assert OFFER == quotes.opened(OURS, f"  {TOKEN}\n")


def test_no_letter_of_it_can_be_another():
    """P16: nobody makes his own price; nor another text that means the same."""
    # Guards off: any signature will do, or the text need not be the only one: red.
    for place, letter in enumerate(TOKEN):
        other = "A" if letter != "A" else "B"
        assert code(f"{TOKEN[:place]}{other}{TOKEN[place + 1 :]}") in {
            "quote_tampered", "quote_of_elsewhere", "quote_unreadable",
        }  # fmt: skip
    assert "quote_tampered" == code(TOKEN + "AAAA")


def test_another_price_with_the_old_signature_is_seen():
    """P16: packed just as ours are."""
    cheap = replace(OFFER.quote, lines=OFFER.quote.lines[:1])
    theirs = quotes.signed(THEIRS, replace(OFFER, quote=cheap))
    raw, ours = quotes._raw(theirs), quotes._raw(TOKEN)
    forged = quotes._text(ours[: quotes.HEAD] + raw[quotes.HEAD :])

    assert "quote_tampered" == code(forged)


def test_one_of_another_installation_is_told_apart():
    """P16: which is no forgery, and as worthless here."""
    assert "quote_of_elsewhere" == code(TOKEN, THEIRS)


def test_one_that_was_signed_before_a_rotation_still_holds():
    """F-G3: and what is new is signed with the new key."""
    # Guard off (only the newest key is asked whose it is): red, it is of elsewhere.
    rotated = Keys(b"n" * 32, (OURS.install,))
    anew = quotes.signed(rotated, OFFER)

    assert OFFER == quotes.opened(rotated, TOKEN) == quotes.opened(rotated, anew)
    assert OFFER == quotes.opened(Keys(rotated.install), anew)
    assert "quote_of_elsewhere" == code(TOKEN, Keys(rotated.install))


@pytest.mark.parametrize("content", [b"", b"[]", b'["Offered",{"gone":1}]', b"\xff"])
def test_what_another_version_wrote_is_asked_anew(content):
    """P16: signed by us, and not to be read any more: said, and no crash."""
    press = zlib.compressobj(9, wbits=-15, zdict=quotes.USUAL)
    packed = press.compress(content) + press.flush()
    head = quotes.WAY + quotes._whose(OURS) + quotes._signature(OURS, packed)

    assert "quote_other_version" == code(quotes._text(head + packed))
    loose = quotes.WAY + quotes._whose(OURS) + quotes._signature(OURS, content)
    assert code(quotes._text(loose + content)) in {
        "quote_other_version", "quote_unreadable",
    }  # fmt: skip


@often
@given(st.text(max_size=200) | st.binary(max_size=200).map(quotes._text))
def test_whatever_is_pasted_there_is_an_answer(pasted):
    """P16: any text, and any bytes in the right letters."""
    assert code(pasted).startswith("quote_")


@often
@given(st.binary(max_size=80))
def test_bytes_with_our_head_are_answered_too(rest):
    """P16: likewise where all but the signature looks like ours."""
    raw = quotes.WAY + quotes._whose(OURS) + rest

    assert code(quotes._text(raw)) in {"quote_tampered", "quote_unreadable"}


def test_what_is_too_long_is_not_even_looked_at():
    """P16: a whole file pasted by mistake."""
    packed = b"\x00" * quotes.LONGEST
    head = quotes.WAY + quotes._whose(OURS) + quotes._signature(OURS, packed)
    long = base64.urlsafe_b64encode(head + packed).decode().rstrip("=")

    assert "quote_unreadable" == code(long)
