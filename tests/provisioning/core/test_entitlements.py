"""What an account can be entitled to, row by row, and how two services add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.entitlements import ALL, SOLD, Entitlement, combine, times
from provisioning.core.kept import Deletion
from provisioning.core.quotas import Allowance
from tests.provisioning.core.world import CATALOG, NOW, often

VALUES = {
    int: (3, 4),
    str: ("standard", "cheap"),
    tuple: (("recording",), ("api", "recording")),
    Allowance: (Allowance(100, cap=150), Allowance(20, reset=True, cap=20)),
    Deletion: ((Deletion("documents", NOW),), (Deletion("features/api", NOW),)),
}

ADDED = {
    "channels": 7,
    "tariff": "cheap",
    "seats": 7,
    "features": ("api", "recording"),
    "storage_gb": 7,
    "documents": 7,
    "automation_runs": 7,
    "records": 7,
    "minutes": Allowance(120, cap=170),
    "messages": Allowance(120, cap=170),
    "pages": Allowance(120, cap=170),
    "locked": (Deletion("documents", NOW), Deletion("features/api", NOW)),
}
"""Every row has its line here: what two services with VALUES come to."""

layers = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "channels": st.integers(1, 1000),
            "tariff": st.sampled_from(["standard", "cheap", "night"]),
        },
    ),
    max_size=5,
)


@pytest.mark.parametrize("row", ALL.values(), ids=ALL)
def test_two_services_on_one_account_add_up(row):
    """Each entitlement by its own rule, and in its own type."""
    have, more = VALUES[row.type]
    both = combine([{row.name: have}, {row.name: more}])

    assert {row.name: ADDED[row.name]} == both
    assert type(have) is type(both[row.name])


@pytest.mark.parametrize("row", ALL.values(), ids=ALL)
def test_one_service_is_entitled_to_what_it_says(row):
    """Nothing is added where there is nothing to add it to."""
    alone = {row.name: VALUES[row.type][0]}

    assert alone == combine([alone])
    assert alone == combine([alone, {}])


def test_a_row_is_found_by_its_own_name():
    """New entitlement = one row: nothing else has to know it."""
    assert ALL == {row.name: row for row in ALL.values()}


def test_capacity_is_had_once_however_many_seats_there_are():
    """C2: pooled over the account, not per user; bought apart, each piece counts."""
    # Guard off (`pooled` not asked): red, 50 and 50.
    sold = {"storage_gb": 10, "channels": 2, "minutes": Allowance(100)}
    seats = {"storage_gb": 10, "channels": 10, "minutes": Allowance(500)}
    pieces = seats | {"storage_gb": 50}

    assert seats == times(sold, 5, pooled=True)
    assert pieces == times(sold, 5, pooled=False)


def test_what_is_locked_is_told_and_never_sold():
    """C15: a package cannot promise that something is deleted."""
    assert {"locked"} == ALL.keys() - SOLD.keys()


def test_no_package_sells_less_than_a_channel():
    """At ICTBroadcast nought channels is no limit at all."""
    assert 1 == ALL["channels"].least


@often
@given(layers)
def test_channels_are_the_sum_of_what_was_sold(sold):
    """The ceiling is what was paid for, over all services, and no more."""
    total = sum(layer.get("channels", 0) for layer in sold)

    assert total == combine(sold).get("channels", 0)


@often
@given(layers)
def test_the_tariff_is_the_last_services(sold):
    """A subscriber is charged by one tariff only."""
    named = [layer["tariff"] for layer in sold if "tariff" in layer]

    assert (named[-1] if named else None) == combine(sold).get("tariff")


def test_adding_up_changes_no_package():
    """The catalog is the operator's; we only read it."""
    package = CATALOG.packages["basic"]
    before = dict(package.entitlements)

    combine([package.entitlements, package.entitlements])

    assert before == package.entitlements


def test_nothing_sold_entitles_to_nothing():
    """Not to a default of ours."""
    assert {} == combine([])


def test_a_row_must_say_how_it_adds_up():
    """There is no entitlement whose sum would be a guess."""
    with pytest.raises(TypeError, match="combine"):
        Entitlement("seats", int)
