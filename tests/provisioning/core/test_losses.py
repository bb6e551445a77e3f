"""What a downgrade takes away, as the customer has to confirm it."""

import pytest

from provisioning.core.losses import Loss, losses

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
    ({"recording": True}, {"recording": False}, (Loss("recording", True, False),)),
    (
        {"channels": 9, "tariff": "a", "storage": 5},
        {"channels": 3, "tariff": "b", "storage": 50},
        (Loss("channels", 9, 3), Loss("tariff", "a", "b")),
    ),
]


@pytest.mark.parametrize(("before", "after", "lost"), LESS)
def test_all_that_gets_less_is_named(before, after, lost):
    """C10: the features and the capacity that will change, and nothing else."""
    # Guard off (only what is gone is named): red.
    assert lost == losses(before, after)


@pytest.mark.parametrize(("after", "locks"), [(None, True), (0, True), (4, False)])
def test_only_what_is_wholly_gone_is_locked(after, locks):
    """C15: of what is only less, no data are deleted."""
    assert locks == Loss("channels", 10, after).locks
