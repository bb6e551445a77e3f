"""What a platform tells: which of two words is the newer one."""

from datetime import timedelta
from itertools import permutations

import pytest

from provisioning.core.events import Hold, Type
from tests.provisioning.core.world import on, suspend

EARLIER = [
    pytest.param((1, 9, 9), (2, 0, 0), id="the moment, whatever was counted"),
    pytest.param((1, 1, 9), (1, 2, 0), id="at one moment, the platform's count"),
    pytest.param((1, 1, 1), (1, 1, 2), id="else, what reached us first"),
]


@pytest.mark.parametrize(("older", "newer"), EARLIER)
def test_newer_is_what_happened_later_then_counted_later_then_came_later(older, newer):
    """V9: when it happened comes first; when it reached us, last."""
    first, second = (
        suspend(on(1, day), sequence=sequence, arrival=arrival).order
        for day, sequence, arrival in (older, newer)
    )

    assert first < second


def test_any_mix_of_words_has_one_order():
    """V7: however they are shuffled, sorting them gives the same row."""
    words = [
        suspend(on(1, 1) + timedelta(hours=hour), sequence=sequence, arrival=arrival)
        for hour, sequence, arrival in [(0, 0, 1), (0, 0, 2), (0, 1, 0), (1, 0, 0)]
    ]
    rows = {tuple(sorted(w.order for w in mix)) for mix in permutations(words)}

    assert {tuple(w.order for w in words)} == rows


def test_a_suspension_without_a_reason_is_for_billing():
    """D29: platforms suspend for non-payment unless they say otherwise."""
    assert Hold.BILLING is suspend().hold


def test_the_words_on_the_wire_are_written_in_full():
    """What a sender has to write, and a file of theirs already does."""
    types = [
        "service.activate",
        "service.renewed",
        "service.suspend",
        "service.resume",
        "service.terminate",
        "service.reinstate",
        "service.change",
        "service.sync",
        "topup.paid",
        "topup.reversed",
        "ping",
    ]

    assert types == [type_.value for type_ in Type]
