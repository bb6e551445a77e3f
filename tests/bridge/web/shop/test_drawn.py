"""Time as it is drawn: as long as it lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.web.shop import drawn
from provisioning.core.splice import Base, Segment, Sold, Why

NOW = datetime(2026, 1, 31, tzinfo=UTC)
PAID = Segment(NOW - timedelta(days=9), NOW, Base(Sold("gold", "monthly"), no=1))


@pytest.mark.parametrize(("cycle", "why", "ends"), [
    ("monthly", Why.PAID, datetime(2026, 2, 28, tzinfo=UTC)),
    ("annually", Why.PAID, datetime(2027, 1, 31, tzinfo=UTC)),
    ("once", Why.PAID, None), ("annually", Why.FREE, None),
    ("annually", Why.GRACE, None),
])  # fmt: skip
def test_what_is_to_come_is_drawn_for_one_period_of_its_cycle(cycle, why, ends):
    """C11: a year as a year; what has no end is drawn some way."""
    # Guard off (`months is None`, in until): red, "once" ends in an error.
    comes = Segment(NOW, None, Base(Sold("gold", cycle), why))

    assert (NOW, ends) == (drawn.until(PAID), drawn.until(comes))
    assert (ends or NOW + drawn.OPEN) == drawn.last([(PAID,), (PAID, comes)], NOW)
