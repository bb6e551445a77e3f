"""A quote holds for what it was made for, for as long as it says, and once only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core import quote
from provisioning.core.choices import Choice
from provisioning.core.quote import LASTS
from provisioning.core.quoted import offered, why_not
from provisioning.core.sentences import say
from tests.provisioning.core.shop import AT, PRICES, has

GOLD = Choice("gold", "monthly")
TERMS, LATER_TERMS = "a" * 64, "b" * 64
BEFORE = AT - timedelta(seconds=1)
HAS = has("silver")
UP = offered(quote.change(PRICES, HAS, GOLD, AT), TERMS, HAS)
NEW = offered(quote.sign_up(PRICES, GOLD, AT), TERMS)


def said(offer=UP, at=AT, *, version=TERMS, ref="shop:7", now=HAS):
    return why_not(offer, at, version=version, ref=ref, has=now)


def test_it_holds_for_what_it_was_made_for():
    """P16: a change for its subscription, and a new order for a new one."""
    assert said() is None
    assert said(NEW, ref=None, now=None) is None


@pytest.mark.parametrize(("more", "no"), [
    ({"ref": "shop:8"}, say("quote_of_another", ref="shop:7")),
    ({"at": BEFORE}, say("quote_not_yet", at="2026-04-11 00:00 UTC")),
    ({"at": AT + LASTS}, say("quote_expired", at="2026-04-11 00:30 UTC")),
    ({"version": LATER_TERMS}, say("quote_other_terms")),
    ({"now": replace(HAS, ahead=1)}, say("quote_stale", ref="shop:7")),
    ({"now": None}, say("quote_stale", ref="shop:7")),
    ({"offer": NEW}, say("quote_of_another", ref="a new order")),
    ({"offer": NEW, "ref": None}, say("quote_stale", ref="it")),
])  # fmt: skip
def test_for_anything_else_it_does_not(more, no):
    """P16: another service, day, list of prices, or another state of it."""
    # Guard off (each row of `why_not` taken out in turn): red.
    assert no == said(**more)


def test_what_became_of_it_makes_it_stale():
    """P3: the change it was for, paid once, is not given the same credit again."""
    # Guard off (`has` is not compared): red.
    after = quote.paid(HAS, UP.quote)

    assert say("quote_stale", ref="shop:7") == said(now=after)
