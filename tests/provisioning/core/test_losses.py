"""What a downgrade takes away, as the customer has to confirm it."""

from dataclasses import replace

import pytest

from provisioning.core.losses import Loss, losses
from provisioning.core.quotas import Allowance

LESS = [
    ({"channels": 10}, {"channels": 10}, ()),
    ({"channels": 10}, {"channels": 12}, ()),
    ({"channels": 10}, {"channels": 4}, (Loss("channels", 10, 4),)),
    ({"channels": 10}, {"channels": 0}, (Loss("channels", 10, 0),)),
    ({"channels": 10}, {}, (Loss("channels", 10, None),)),
    ({"channels": 0}, {}, ()),
    ({}, {"channels": 4}, ()),
    ({"tariff": "a"}, {"tariff": "a"}, ()),
    ({"tariff": "a"}, {"tariff": "b"}, (Loss("tariff", "a", "b"),)),
    ({"tariff": "a"}, {}, (Loss("tariff", "a", None),)),
    ({"features": ("api", "queue")}, {"features": ("api", "queue", "sms")}, ()),
    (
        {"features": ("api", "queue", "sms")},
        {"features": ("queue",)},
        (Loss("features/api", 1, None), Loss("features/sms", 1, None)),
    ),
    ({"features": ("api",)}, {}, (Loss("features/api", 1, None),)),
    (
        {"channels": 9, "tariff": "a", "storage_gb": 5},
        {"channels": 3, "tariff": "b", "storage_gb": 50},
        (Loss("channels", 9, 3), Loss("tariff", "a", "b")),
    ),
]


@pytest.mark.parametrize(("before", "after", "lost"), LESS)
def test_all_that_gets_less_is_named(before, after, lost):
    """C10: the features and the capacity that will change, and nothing else."""
    # Guard off (only what is gone is named): red. Guard off (features are one): red.
    assert lost == losses(before, after)


HAD = Allowance(100, cap=300, every=1)
MINUTES = [
    (HAD, False),
    (replace(HAD, quota=200, cap=600), False),
    (replace(HAD, cap=None), False),
    (replace(HAD, quota=99), True),
    (replace(HAD, quota=200, reset=True), True),
    (replace(HAD, quota=200, every=None), True),
    (replace(HAD, quota=200, cap=299), True),
    (None, True),
]


@pytest.mark.parametrize(("has", "less"), MINUTES)
def test_free_minutes_are_less_where_fewer_come_or_are_kept(has, less):
    """C10: fewer, or by a rule that keeps less of them."""
    # Guard off (only the quota is compared): red.
    after = {"minutes": has} if has else {}

    assert less == bool(losses({"minutes": HAD}, after))


def test_minutes_without_a_bound_are_more_than_bounded_ones():
    """C10: a cap that was not there is one thing less."""
    free = replace(HAD, cap=None)

    assert (Loss("minutes", free, HAD),) == losses({"minutes": free}, {"minutes": HAD})


LEFT = [(None, True), (0, True), (4, False), (Allowance(0), True), (HAD, False)]


@pytest.mark.parametrize(("after", "locks"), [*LEFT, ("tariff", False)])
def test_only_what_is_wholly_gone_is_locked(after, locks):
    """C15: of what is only less, no data are deleted."""
    # Guard off (all that is less is locked): red.
    assert locks == Loss("storage_gb", 10, after).locks


@pytest.mark.parametrize(("name", "locks"), [
    ("features/api", True), ("documents", True), ("minutes", False),
    ("tariff", False), ("channels", False), ("seats", False),
])  # fmt: skip
def test_only_what_keeps_data_has_any_to_delete(name, locks):
    """C15: minutes are used up, and a tariff holds nothing."""
    # Guard off (whatever is gone locks): red.
    assert locks == Loss(name, 1, None).locks
