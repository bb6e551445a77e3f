"""Events as they are kept: whole, with the version of their shape."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.store import payload
from bridge.store.payload import Newer
from provisioning.core.coupons import Coupon, Gone, Withdrawn
from provisioning.core.events import Event, Hold
from provisioning.core.splice import Activation

AT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_what_is_kept_is_what_was_told():
    """Moments, holds and lists are again what they were; the arrival is the row's."""
    told = Event(
        "evt", "shop", "service.suspend", AT, 3, 0, "shop:7", "shop:1",
        starts=AT, ends=AT, hold=Hold.ABUSE, besides=("seats",),
    )  # fmt: skip

    assert told == payload.to_event(payload.from_event(told), 0)
    assert 7 == payload.to_event(payload.from_event(told), 7).arrival


def test_what_a_newer_version_kept_is_left_to_it():
    """By its number, before any word of it is read."""
    with pytest.raises(Newer, match="event 7 has shape 3, known is 2"):
        payload.to_event({"v": payload.VERSION + 1, "something": "else"}, 7)


@pytest.mark.parametrize(
    ("told", "shape"),
    [
        ({"type": "service.terminate"}, 1),
        ({"type": "service.terminate", "at_period_end": True}, 2),
        ({"type": "service.activate", "server": "eu1"}, 2),
        ({"type": "service.change", "product": "gold"}, 2),
        ({"type": "service.activate", "group": "resellers"}, 2),
        ({"type": "service.activate", "group": ""}, 2),
    ],
)
def test_an_older_version_leaves_what_it_would_misread(told, shape):
    """While both run: an end that is to come would be an end at once there."""
    event = Event(**{"id": "evt", "source": "shop", "occurred_at": AT} | told)
    kept = payload.from_event(event)

    assert shape == kept["v"]
    assert ("at_period_end" in kept) == event.at_period_end
    assert event == payload.to_event(kept, 0)


@pytest.mark.parametrize(
    "fate",
    [
        None,
        Activation("c1", "shop:1", AT, timedelta(hours=3), "gold", 10),
        Withdrawn(Gone.REVOKED, AT, "ann", "a mistake"),
        Withdrawn(Gone.REFUNDED, AT, "shop", "asked"),
    ],
)
def test_a_coupon_is_told_with_what_became_of_it(fate):
    """D30: used, taken back, paid back or still there: exactly one of them."""
    card = Coupon("c1", "boost", "acct_1", AT, "ann", "sorry", "shop:5", fate)

    assert card == payload.to_coupon(payload.from_coupon(card))
