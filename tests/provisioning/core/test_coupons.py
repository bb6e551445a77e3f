"""One coupon: given or bought, passed on, taken back, spoiled or spent."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from provisioning.core.coupons import (
    Coupon,
    Giving,
    Gone,
    Withdrawn,
    give,
    passed_on,
    refunded,
    revoked,
    sold,
    spoils_at,
    why_not_yours,
    why_unusable,
)
from provisioning.core.sentences import say
from tests.provisioning.core.ladder import TERMS, activation, coupon
from tests.provisioning.core.world import on

GIVING = Giving("g1", on(3, 2), "ann", "the outage of 1 March", limit=2)
NOON = on(3, 20, 12)

USED = replace(coupon(), fate=activation(on(3, 10)))
TAKEN = replace(coupon(), fate=Withdrawn(Gone.REVOKED, on(3, 10), "ann", "a mistake"))
BACK = replace(coupon(), fate=Withdrawn(Gone.REFUNDED, on(3, 10), "shop", "asked"))
BOUGHT = coupon("sold", line="shop:line-5")

SPENT = say(
    "coupon_used", coupon="c-reward", service="shop:7", at="2026-03-10 00:00 UTC"
)
REVOKED = say(
    "coupon_revoked", coupon="c-reward", at="2026-03-10 00:00 UTC", why="a mistake"
)
REFUNDED = say("coupon_refunded", coupon="c-reward", at="2026-03-10 00:00 UTC")
UNKNOWN = say(
    "coupon_kind_unknown", kind="gone", known=", ".join(sorted(TERMS.coupons))
)


# --- Given and sold


def test_a_gift_goes_to_each_once_with_who_and_why():
    """B13: as compensation, with its reason; named twice in a file it is one."""
    given = give("reward", ["acct_1", "acct_2", "acct_1"], GIVING, TERMS)

    assert [
        Coupon("g1/acct_1", "reward", "acct_1", on(3, 2), "ann", GIVING.why),
        Coupon("g1/acct_2", "reward", "acct_2", on(3, 2), "ann", GIVING.why),
    ] == list(given)


def test_given_twice_it_is_the_same_gift():
    """B13: its names are those of the act, so a second telling adds none."""
    once, twice = (give("reward", ["acct_1"], GIVING, TERMS) for _ in range(2))

    assert once == twice


NOT_GIVEN = [
    ("gone", ["a"], GIVING, UNKNOWN),
    ("reward", ["a"], replace(GIVING, why=" "), say("coupon_no_reason")),
    ("reward", ["a", "b", "c"], GIVING, say("coupon_too_many", count=3, limit=2)),
]


@pytest.mark.parametrize(("kind", "owners", "giving", "why"), NOT_GIVEN)
def test_a_gift_needs_a_kind_a_reason_and_a_limit(kind, owners, giving, why):
    """B13: beyond the limit nobody gets one: the filter was not what was meant."""
    # Guard off (the limit, the reason): red each.
    assert why == give(kind, owners, giving, TERMS)


def test_a_gift_to_as_many_as_were_meant_is_given():
    """B13: the limit itself is still allowed."""
    assert 2 == len(give("reward", ["a", "b"], GIVING, TERMS))


def test_without_any_kinds_there_is_none_to_give():
    """B13: it says so rather than showing an empty list."""
    none = say("coupon_kind_unknown", kind="reward", known="none")

    assert none == give("reward", ["a"], GIVING, replace(TERMS, coupons={}))


def test_e_goods_are_named_by_the_line_that_paid_for_them():
    """B13: three bought, three there, and told twice the same three."""
    bought = sold("sold", "acct_1", "shop:line-5", 3, on(3, 2), TERMS)

    assert [f"shop:line-5/coupon/{no}" for no in (1, 2, 3)] == [c.id for c in bought]
    assert {("shop:line-5", "acct_1", on(3, 2))} == {
        (c.line, c.owner, c.given_at) for c in bought
    }


@pytest.mark.parametrize(
    ("kind", "why"),
    [("gone", UNKNOWN), ("reward", say("coupon_not_sold", kind="reward"))],
)
def test_only_what_has_a_price_is_sold(kind, why):
    """B13: the others are only given."""
    assert why == sold(kind, "acct_1", "shop:line-5", 1, on(3, 2), TERMS)


# --- Its life


SPOILS = [
    ("UTC", on(3, 2), on(4, 1)),
    ("UTC", on(3, 1), on(4, 1)),
    ("UTC", on(12, 31, 23, 59), datetime(2027, 1, 1, tzinfo=UTC)),
    ("Asia/Ho_Chi_Minh", on(3, 2), on(3, 31, 17)),
    ("Asia/Ho_Chi_Minh", on(3, 31, 16, 59), on(3, 31, 17)),
    ("Asia/Ho_Chi_Minh", on(3, 31, 17), on(4, 30, 17)),
    ("America/New_York", on(3, 2), on(4, 1, 4)),
    ("America/New_York", on(3, 1, 4, 59), on(3, 1, 5)),
    ("Europe/Berlin", on(10, 2), on(10, 31, 23)),
]


@pytest.mark.parametrize(("zone", "given", "spoils"), SPOILS)
def test_a_test_drive_vanishes_with_the_month_of_the_tenant(zone, given, spoils):
    """B10: at 00:00 of the 1st in the tenant's zone, whatever its summer time (D4)."""
    terms = replace(TERMS, zone=zone)

    assert spoils == spoils_at(coupon("test drive", at=given), terms)


def test_given_at_a_moment_told_in_another_zone_it_is_the_same():
    """B10: 1 April in Saigon is still March in UTC."""
    at = datetime(2026, 4, 1, 3, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

    assert on(4, 1) == spoils_at(coupon("test drive", at=at), TERMS)


def test_until_the_last_moment_of_the_month_it_may_be_used():
    """D4: it must be activated before the 1st; at the 1st it is spoiled."""
    # Guard off (nothing spoils): red.
    card = coupon("test drive")
    spoiled = say("coupon_spoiled", coupon=card.id, at="2026-04-01 00:00 UTC")
    last = on(3, 31, 23, 59)

    assert [None, spoiled] == [why_unusable(card, TERMS, at) for at in (last, on(4, 1))]


@pytest.mark.parametrize("kind", ["reward", "gone"])
def test_other_kinds_never_spoil(kind):
    """B10: years later they are as good as ever."""
    assert None is spoils_at(coupon(kind), TERMS)


UNUSABLE = [
    (coupon(), None),
    (USED, SPENT),
    (TAKEN, REVOKED),
    (BACK, REFUNDED),
    (coupon("gone"), UNKNOWN),
]


@pytest.mark.parametrize(("card", "why"), UNUSABLE)
def test_a_coupon_is_used_once_and_not_when_it_is_gone(card, why):
    """B2: it says what became of it."""
    # Guard off (its fate is not looked at): red.
    assert why == why_unusable(card, TERMS, NOON)


def test_a_coupon_is_its_owners():
    """B2: and nobody else's."""
    of_another = say("coupon_of_another", coupon="c-reward")

    assert [None, of_another] == [
        why_not_yours(coupon(), who) for who in ("acct_1", "acct_2")
    ]


# --- Passed on


def test_a_coupon_goes_to_a_friend_as_old_as_it_was():
    """S8: another's now, and it spoils no later for having been passed on."""
    # Guard off (the date of giving is renewed): red.
    card = coupon("test drive")
    theirs = passed_on(card, "acct_1", "acct_2", TERMS, on(3, 20))

    assert ("acct_2", on(3, 2)) == (theirs.owner, theirs.given_at)
    assert spoils_at(card, TERMS) == spoils_at(theirs, TERMS)


NOT_PASSED = [
    (coupon(), "acct_9", "acct_2", say("coupon_of_another", coupon="c-reward")),
    (USED, "acct_1", "acct_2", SPENT),
    (coupon(), "acct_1", "acct_1", say("coupon_to_oneself")),
]


@pytest.mark.parametrize(("card", "owner", "friend", "why"), NOT_PASSED)
def test_only_an_unused_coupon_of_ones_own_is_passed_on(card, owner, friend, why):
    """S8: not another's, not a spent one, not to oneself."""
    # Guard off (each of the three): red.
    assert why == passed_on(card, owner, friend, TERMS, NOON)


# --- Taken back


def test_an_unused_gift_can_be_revoked():
    """B13: with who, when and why; then it is of no use."""
    gone = revoked(coupon(), on(3, 10), "ann", "a mistake")

    assert TAKEN == gone
    assert REVOKED == why_unusable(gone, TERMS, NOON)


NOT_REVOKED = [
    (USED, "a mistake", SPENT),
    (TAKEN, "again", REVOKED),
    (coupon(), " ", say("coupon_no_reason")),
    (BOUGHT, "x", say("coupon_was_bought", coupon="c-sold", line="shop:line-5")),
]


@pytest.mark.parametrize(("card", "why", "says"), NOT_REVOKED)
def test_what_is_used_or_bought_is_not_revoked(card, why, says):
    """B13: only unused ones; money is given back by the platform that took it."""
    # Guard off (its fate, its line): red each.
    assert says == revoked(card, on(3, 11), "ann", why)


def test_a_bought_coupon_is_paid_back_while_it_is_unused():
    """D30: and then it is gone."""
    back = refunded(BOUGHT, on(3, 10), "shop", "asked")

    assert Withdrawn(Gone.REFUNDED, on(3, 10), "shop", "asked") == back.fate


def test_an_activated_coupon_is_spent():
    """D30: cancelling it never yields money (B5)."""
    # Guard off (its fate is not looked at): red.
    used = replace(BOUGHT, id="c-reward", fate=USED.fate)

    assert SPENT == refunded(used, on(3, 11), "shop", "asked")


def test_a_gift_has_no_price_to_pay_back():
    """B5: it was given, and is worth no money."""
    given = say("coupon_was_given", coupon="c-reward")

    assert given == refunded(coupon(), on(3, 10), "shop", "asked")
