"""Calls a backend lists: every one of the account's in that time, and nobody else's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from provisioning.backends import load, results
from provisioning.backends.base import Spec
from provisioning.backends.settings import FIELDS
from provisioning.core.desired import State
from provisioning.core.outcomes import Broken, Later
from provisioning.core.usage import Record

FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
BERLIN = ZoneInfo("Europe/Berlin")
ROW = {"start_time": "2026-11-01 10:00:00", "duration": "61", "cost": "0.25"}
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def calling(simulated):
    """Two accounts; the first one's campaigns made calls, and their cost was taken."""
    backend, simulator = simulated(usage="Campaign_Result")
    for name in ("swabc1xyzzy", "swdef1xyzzy"):
        backend.open(Spec(name, "Correct-Horse-1", None, FIVE))
        backend.grant(backend.find(name).ref, Decimal(100), name)
    simulator.start_traffic(1, campaigns=2, concurrent=2, call_seconds=30)
    simulator.start_traffic(2, call_seconds=20)
    simulator.advance(65)
    return backend, simulator


def test_what_is_listed_is_what_was_called(calling):
    """S12: of the account's own campaigns, those that are over, and what they cost."""
    backend, simulator = calling
    listed = backend.usage("1", *EVER)
    over = [call for call in simulator.calls if call.user_id == 1]

    assert backend.describe().usage
    assert len(over) == len(listed) == 8
    assert {30} == {record.seconds for record in listed}
    assert sum(call.cost for call in over) == sum(record.cost for record in listed)
    assert {"voice"} == {record.kind for record in listed}


def test_only_what_began_in_that_time_is_told(calling):
    """S12: from the one moment on, and before the other."""
    backend, _ = calling
    listed = backend.usage("1", *EVER)
    second = max(record.at for record in listed)
    before = backend.usage("1", EVER[0], second)
    after = backend.usage("1", second, EVER[1])

    assert before
    assert after
    assert sorted(map(repr, listed)) == sorted(map(repr, before + after))
    assert abs(datetime.now(UTC) + timedelta(seconds=35) - second).total_seconds() < 30


def test_a_server_that_lists_everybodys_campaigns_is_not_believed(simulated):
    """S12: another customer's calls are not this one's."""
    # Guard off (nobody is asked for): red, all are listed.
    backend, simulator = simulated(usage="Campaign_Result")
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", None, FIVE))
    simulator.start_traffic(1)
    wrong = dict(backend._names) | {"owner": "somebody"}
    backend._names = wrong

    with pytest.raises(Broken, match=r"does not heed somebody; .* campaigns and usage"):
        backend.usage("1", *EVER)


def test_a_server_that_will_not_list_them_is_later(calling):
    """S12: it is asked again; nothing is taken for nothing."""
    backend, simulator = calling
    simulator.plant("refuse", "Campaign_Result")

    with pytest.raises(Later):
        backend.usage("1", *EVER)


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (ROW, Record(datetime(2026, 11, 1, 9, tzinfo=UTC), 61, Decimal("0.25"))),
        (ROW | {"start_time": "2026-11-01T10:00:00+00:00", "service": "4", "cost": ""},
         Record(datetime(2026, 11, 1, 10, tzinfo=UTC), 61, Decimal(0), "sms")),
        (ROW | {"start_time": "1793534400", "duration": 3.6, "service": "Fax"},
         Record(NOON, 4, Decimal("0.25"), "fax")),
        (ROW | {"start_time": 1793534400.5, "duration": "-1", "service": ""},
         Record(NOON, 0, Decimal("0.25"))),
    ],
)  # fmt: skip
def test_each_way_to_write_a_call_is_understood(row, record):
    """S12: its own time, one with a zone, or seconds; without a cost it is nothing."""
    assert [record] == results.records("M", [row], FIELDS, BERLIN)


@pytest.mark.parametrize(
    "listed",
    [
        None, {}, "x", [1], [{}], [ROW | {"duration": "long"}],
        [ROW | {"start_time": "yesterday"}], [ROW | {"cost": "dear"}],
        [ROW | {"duration": "NaN"}], [ROW | {"duration": "Infinity"}],
        [{k: v for k, v in ROW.items() if k != "start_time"}],
    ],
)  # fmt: skip
def test_what_is_no_list_of_calls_is_said_to_be_none(listed):
    """S12: a person mends the names; nothing is guessed."""
    with pytest.raises(Broken, match=r"M (answered no list|shows a call without)"):
        results.records("M", listed, FIELDS, BERLIN)


def test_a_zone_that_is_none_is_refused():
    """The slip is one of spelling."""
    with pytest.raises(ValueError, match=r"server_zone.*write one as Europe/Berlin"):
        load("ictbroadcast", "main", {
            "url": "http://127.0.0.1:1", "username": "a", "password": "b",
            "currency": "USD", "tariffs": {"a": "1"}, "server_zone": "Berlin",
        })  # fmt: skip


def test_the_memory_lists_what_it_was_given():
    """The double, too, keeps the contract."""
    backend = load("memory", "main", {})
    backend.open(Spec("swabc1xyzzy", "x", None, FIVE))
    calls = [Record(NOON + timedelta(hours=n), 60) for n in range(3)]
    backend.accounts["1"].calls += calls

    assert tuple(calls[1:2]) == backend.usage("1", calls[1].at, calls[2].at)
