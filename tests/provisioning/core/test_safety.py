"""What a balance proves, and that it never proves what is not so."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.money import from_micro
from provisioning.core.safety import (
    UNBOUNDED,
    Burn,
    Sent,
    Verdict,
    conclude,
    highest,
    look,
    moved,
)
from tests.provisioning.core.world import often, on

ARRIVED, ABSENT, CANNOT_TELL = Verdict.ARRIVED, Verdict.ABSENT, Verdict.CANNOT_TELL

SENT_AT = on(1, 1)
CENT = Decimal("0.01")
SLOW = Burn(CENT, timedelta(seconds=40))
"""A cent a second and channel, calls of 40 seconds: after a minute 1.00 may be gone."""

MINUTE = timedelta(minutes=1)


TAKEN = [
    ("20.01", CANNOT_TELL, CANNOT_TELL, "a rise"),
    ("20.00", ABSENT, ABSENT, "as it was"),
    ("19.00", ABSENT, ABSENT, "as it was, and all used that can be"),
    ("18.99", CANNOT_TELL, CANNOT_TELL, "between the two: neither explains it"),
    ("11.51", CANNOT_TELL, CANNOT_TELL, "a fall too small"),
    ("11.50", ARRIVED, ARRIVED, "taken, and nothing used"),
    ("10.50", ARRIVED, ARRIVED, "taken, and all used that can be"),
    ("10.49", CANNOT_TELL, CANNOT_TELL, "taken, and more used than can be"),
]
"""Of 20.00, 8.50 are taken back: without an answer, and after a yes."""


def sent(amount="8.50", before="20.00", channels=1):
    return Sent(Decimal(amount), Decimal(before), SENT_AT, channels)


# --- The table: 20.00 were there, 8.50 are sent, at most 1.00 was used


BALANCES = [
    ("28.51", CANNOT_TELL, "more than both"),
    ("28.50", ARRIVED, "both, and nothing used"),
    ("28.00", ARRIVED, "both, and something used"),
    ("27.50", ARRIVED, "both, and all used that can be"),
    ("27.49", CANNOT_TELL, "both, and more used than can be"),
    ("20.01", CANNOT_TELL, "a rise too small"),
    ("20.00", ABSENT, "as it was"),
    ("19.50", ABSENT, "as it was, and something used"),
    ("19.00", ABSENT, "as it was, and all used that can be"),
    ("18.99", CANNOT_TELL, "below the floor: it may have come and been wiped"),
    ("0.00", CANNOT_TELL, "wiped"),
    ("-5.00", CANNOT_TELL, "wiped and worse"),
]


# Turned red with the floor taken out ("absent" for 18.99, 0.00 and -5.00).
@pytest.mark.parametrize(("now", "verdict", "_why"), BALANCES)
def test_what_a_balance_says_of_a_sum(now, verdict, _why):
    """U9: arrived within the usage, absent within the usage, else a person."""
    assert verdict is look(sent(), Decimal(now), SENT_AT + MINUTE, SLOW)


UNCLEAR = [
    ("28.50", ARRIVED),
    ("28.00", ARRIVED),
    ("20.01", ARRIVED),
    ("20.00", CANNOT_TELL),
    ("19.00", CANNOT_TELL),
    ("-99.00", CANNOT_TELL),
]


@pytest.mark.parametrize(("now", "verdict"), UNCLEAR)
@pytest.mark.parametrize(
    ("burn", "channels"),
    [
        pytest.param(SLOW, 0, id="channels without a limit"),
        pytest.param(Burn(None, MINUTE), 1, id="rate unknown"),
        pytest.param(SLOW, 100, id="all of it can be gone"),
    ],
)
def test_where_all_may_have_been_used_nothing_is_ever_absent(
    burn, channels, now, verdict
):
    """U9: an unlimited account can burn a top-up before we look; a rise is proof."""
    at = SENT_AT + MINUTE

    assert verdict is look(sent(channels=channels), Decimal(now), at, burn)


def test_a_sum_as_large_as_the_usage_cannot_be_told():
    """U9: 20.00 again: 1.00 came and was used, or it never came."""
    one = sent("1.00")

    assert CANNOT_TELL is look(one, Decimal("20.00"), SENT_AT + MINUTE, SLOW)


# Turned red with the wipe behind a yes taken out.
@pytest.mark.parametrize("now", ["0.00", "-0.50"])
def test_a_yes_and_a_balance_of_nothing_may_be_a_wipe(now):
    """U9: real backends suspended and wiped the balance; then absent is not sure."""
    one, at = sent(before="0.30"), SENT_AT + MINUTE

    assert ABSENT is look(one, Decimal(now), at, SLOW)
    assert CANNOT_TELL is look(one, Decimal(now), at, SLOW, answered=True)


def test_a_yes_and_the_balance_as_it_was_is_a_lie():
    """U9: real backends answered 200 and did nothing."""
    now, at = Decimal("20.00"), SENT_AT + MINUTE

    assert ABSENT is look(sent(), now, at, SLOW, answered=True)


@pytest.mark.parametrize("answered", [True, False])
def test_a_yes_makes_no_arrival(answered):
    """Proven by balance: a rise is a rise, whatever was answered."""
    now, at = Decimal("28.50"), SENT_AT + MINUTE

    assert ARRIVED is look(sent(), now, at, SLOW, answered=answered)


# --- The property: against an account that is used as hard as it can be


amounts = st.integers(1, 10**9).map(from_micro)
balances = st.integers(-(10**8), 10**10).map(from_micro)
rates = st.integers(0, 10**6).map(from_micro)
shares = st.integers(0, 1000).map(lambda per_mille: Decimal(per_mille) / 1000)
spans = st.timedeltas(timedelta(0), timedelta(hours=2))
sums = st.builds(Sent, amounts, balances, st.just(SENT_AT), st.integers(1, 500))
burns = st.builds(Burn, rates, spans)


def most(one, burn, elapsed):
    return burn.most(one.channels, elapsed)


# Turned red with the rise no longer asked for, or with no upper bound under absent.
@often
@given(sums, burns, spans, shares, st.booleans(), st.booleans())
def test_the_verdict_is_never_wrong(one, burn, elapsed, share, arrived, answered):
    """U9: within the usage that is possible, what was not sent is never taken as sent,
    and what was sent is never sent again."""
    used = most(one, burn, elapsed) * share
    now = one.before + (one.amount if arrived else 0) - used
    verdict = look(one, now, SENT_AT + elapsed, burn, answered=answered)

    assert (ABSENT if arrived else ARRIVED) is not verdict


# Turned red with ABSENT no longer ever said.
@often
@given(sums, burns, spans, shares, st.booleans())
def test_where_less_can_be_used_than_was_sent_the_balance_always_tells(
    one, burn, elapsed, share, arrived
):
    """U9: no person is called where arithmetic is enough."""
    bound = most(one, burn, elapsed)
    one = replace(one, amount=bound + one.amount)
    now = one.before + (one.amount if arrived else 0) - bound * share

    assert (ARRIVED if arrived else ABSENT) is look(one, now, SENT_AT + elapsed, burn)


# Turned red with the floor taken out.
@often
@given(sums, burns, spans, st.integers(1, 10**10).map(from_micro))
def test_a_wiped_balance_is_never_absent(one, burn, elapsed, below):
    """U9: it came, and was wiped; sent again it would be a gift."""
    wiped = one.before - most(one, burn, elapsed) - below

    assert CANNOT_TELL is look(one, wiped, SENT_AT + elapsed, burn)


@often
@given(sums, spans, spans, balances, st.booleans())
def test_without_a_bound_nothing_is_absent(one, longest, elapsed, now, answered):
    """U9: rate unknown: a person looks, or the rise itself says it."""
    burn = Burn(None, longest)

    assert ABSENT is not look(one, now, SENT_AT + elapsed, burn, answered=answered)


# --- The bound


def test_a_call_that_began_before_may_still_be_billed():
    """Measured: a call is billed when it ends, at the longest one's length at most."""
    assert Decimal("1.00") == SLOW.most(1, MINUTE)
    assert Decimal("0.40") == SLOW.most(1, timedelta(0))


def test_every_channel_may_burn_at_once():
    """As many calls as the cap lets run."""
    assert Decimal("30.00") == SLOW.most(30, MINUTE)


@pytest.mark.parametrize("channels", [0, -1])
def test_no_channels_are_no_bound(channels):
    """0 channels is no limit at ICTBroadcast."""
    assert UNBOUNDED == SLOW.most(channels, MINUTE)


CAPS = [((5,), 5), ((5, 20, 10), 20), ((5, 0), 0), ((0, 20), 0), ((-1, 5), 0)]


@pytest.mark.parametrize(("caps", "most_of_all"), CAPS)
def test_the_highest_cap_counts_and_none_at_all_is_the_highest(caps, most_of_all):
    """D17: calls begun under a higher cap still run, and still cost."""
    assert most_of_all == highest(*caps)


def test_an_unknown_rate_is_no_bound():
    """V15: what the tariff costs is not guessed."""
    assert UNBOUNDED == Burn(None, MINUTE).most(1, MINUTE)


@often
@given(
    st.integers(1, 10**6).map(from_micro),
    st.integers(1, 10_000),
    st.timedeltas(timedelta(0), timedelta(days=30)),
    st.timedeltas(timedelta(0), timedelta(days=1)),
)
def test_the_bound_is_exact_to_the_microsecond(rate, channels, elapsed, longest):
    """V14: a rounded bound would be a wrong verdict one day."""
    seconds = Fraction((elapsed + longest) // timedelta(microseconds=1), 1_000_000)

    assert Fraction(rate) * channels * seconds == Fraction(
        Burn(rate, longest).most(channels, elapsed)
    )


# --- The window


# Turned red with the window taken out of conclude().
@pytest.mark.parametrize("verdict", [ABSENT, CANNOT_TELL])
def test_before_the_window_ends_only_an_arrival_is_sure(verdict):
    """U9: a request that timed out may land after we looked: 2,450 of 5,000 did."""
    just_before = SENT_AT - timedelta(microseconds=1)

    assert None is conclude(verdict, just_before, settled_from=SENT_AT)
    assert ARRIVED is conclude(ARRIVED, just_before, settled_from=SENT_AT)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=1)])
@pytest.mark.parametrize("verdict", Verdict)
def test_from_its_end_on_a_look_is_a_look(verdict, after):
    """U9: nothing can land any more."""
    assert verdict is conclude(verdict, SENT_AT + after, settled_from=SENT_AT)


# Turned red with the window taken out of conclude().
@often
@given(
    sums,
    burns,
    st.timedeltas(timedelta(0), timedelta(minutes=10)),
    st.timedeltas(timedelta(0), timedelta(minutes=5)),
    st.timedeltas(timedelta(0), timedelta(minutes=5)),
    shares,
)
def test_a_late_effect_is_never_concluded_absent(one, burn, looked, lands, rest, share):
    """U9: whenever we look, a sum that lands within the window is not sent again."""
    window = lands + rest
    there = lands <= looked
    used = most(one, burn, looked) * share
    now = one.before + (one.amount if there else 0) - used
    verdict = look(one, now, SENT_AT + looked, burn)

    assert ABSENT is not conclude(verdict, SENT_AT + looked, SENT_AT + window)


# --- Movements nothing explains


MOVEMENTS = [
    ("20.00", "0", True, "still"),
    ("19.00", "0", True, "used as much as can be"),
    ("18.99", "0", False, "a deeper fall"),
    ("20.01", "0", False, "a rise from nowhere"),
    ("28.50", "8.50", True, "the sum given"),
    ("27.50", "8.50", True, "the sum given, and used"),
    ("28.51", "8.50", False, "more than was given"),
    ("20.00", "8.50", False, "the sum given is not there"),
    ("15.00", "-5.00", True, "a debit"),
]


@pytest.mark.parametrize(("now", "given", "explained", "_why"), MOVEMENTS)
def test_only_usage_and_what_was_given_explain_a_movement(now, given, explained, _why):
    """V1: anything else stops the money of that account, and a person looks."""
    said = moved(Decimal(20), Decimal(now), Decimal(1), Decimal(given))

    assert explained is (said is None)


def test_what_is_not_explained_is_told_with_its_figures():
    """The person who looks finds both balances, the sum and the bound."""
    said = moved(Decimal("20.00"), Decimal("3.00"), Decimal("1.00"), Decimal("8.50"))

    assert (
        "the balance went from 20.00 to 3.00, which 8.50 given and at most 1.00 used do"
        " not explain"
    ) == said


@pytest.mark.parametrize(
    ("now", "explained"), [("-99", True), ("20", True), ("21", False)]
)
def test_without_a_bound_only_a_rise_is_not_explained(now, explained):
    """An unlimited account may use all it has; nothing makes it richer."""
    assert explained is (moved(Decimal(20), Decimal(now), UNBOUNDED) is None)


@often
@given(sums, burns, spans, shares)
def test_a_movement_is_explained_to_the_millionth(one, burn, elapsed, share):
    """V1: all that can be used may be gone, and not the least bit more."""
    bound, given_ = most(one, burn, elapsed), one.amount
    highest = one.before + given_
    lowest, least = highest - bound, from_micro(1)

    assert None is moved(one.before, highest - bound * share, bound, given_)
    assert None is not moved(one.before, highest + least, bound, given_)
    assert None is not moved(one.before, lowest - least, bound, given_)


@pytest.mark.parametrize(("now", "unheard", "answered", "_why"), TAKEN)
def test_what_a_balance_says_of_a_sum_taken_back(now, unheard, answered, _why):
    """D28: a fall that usage does not explain is the proof."""
    # Guard off (the fall need not be deeper than usage): red, 19.00 has arrived.
    back = sent("-8.50")

    assert unheard is look(back, Decimal(now), SENT_AT + MINUTE, SLOW)
    assert answered is look(back, Decimal(now), SENT_AT + MINUTE, SLOW, answered=True)


def test_what_calls_may_have_used_as_well_is_taken_back_only_after_a_yes():
    """D28: 0.50 less may be usage, or the sum; the backend's yes makes it the sum."""
    back, now = sent("-0.50"), Decimal("19.50")

    assert CANNOT_TELL is look(back, now, SENT_AT + MINUTE, SLOW)
    assert ARRIVED is look(back, now, SENT_AT + MINUTE, SLOW, answered=True)
