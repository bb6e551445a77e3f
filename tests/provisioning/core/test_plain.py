"""Entitlements written as JSON and read again are the same, or refused by name."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import plain
from provisioning.core.kept import Deletion
from provisioning.core.quotas import Quota
from tests.provisioning.core.world import often, on

LEVELS = {
    "channels": 5,
    "tariff": "standard",
    "features": ("api", "recording"),
    "minutes": (
        Quota("shop:7", 300, (3, 0), reset=True, cap=None),
        Quota("shop:8", 40, (1, 2), reset=False, cap=60),
    ),
    "pages": (),
    "locked": (
        Deletion("documents", on(5, 1)),
        Deletion("features/api", on(3, 1), done=True),
    ),
}

services = st.text("abcdefg:0123456789", min_size=1, max_size=8)
quotas = st.builds(
    Quota,
    services,
    st.integers(0, 2**31 - 1),
    st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 1000)),
    st.booleans(),
    st.none() | st.integers(0, 1000),
)


def test_what_is_written_is_read_again():
    """D22: through a file, a database or a wire, it is what it was."""
    through = json.loads(json.dumps(plain.write(LEVELS)))

    assert LEVELS == plain.read(through)


@often
@given(st.lists(quotas, unique_by=lambda quota: quota.service))
def test_any_quota_comes_through(some):
    """D22: however many, and in their order."""
    levels = {"minutes": tuple(sorted(some))}

    assert levels == plain.read(json.loads(json.dumps(plain.write(levels))))


DELETION = {"deletes": "2026-05-01T00:00:00+00:00", "deleted": False}
QUOTA = {"given": 1, "since": [1, 0], "after": "reset", "cap": None}


@pytest.mark.parametrize(
    ("name", "value", "should"),
    [
        ("channels", "5", "a whole number"),
        ("channels", True, "a whole number"),
        ("channels", -1, "a whole number"),
        ("channels", 2**31, "a whole number"),
        ("tariff", 1, "a string"),
        ("features", "api", "a list of names"),
        ("features", [1], "a list of names"),
        ("minutes", 5, "an object"),
        ("minutes", [QUOTA], "an object"),
        ("minutes", {"shop:7": 5}, "an object"),
        ("minutes", {"shop:7": {}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"left": 1}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"given": "1"}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"since": [1]}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"since": 1}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"after": "rest"}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"after": []}}, "an object"),
        ("minutes", {"shop:7": QUOTA | {"cap": -1}}, "an object"),
        ("locked", [], "an object: by name"),
        ("locked", {"documents": []}, "an object: by name"),
        ("locked", {"documents": DELETION | {"left": 1}}, "an object: by name"),
        ("locked", {"documents": DELETION | {"deletes": 1}}, "an object: by name"),
        ("locked", {"documents": DELETION | {"deletes": "?"}}, "an object: by name"),
        ("locked", {"documents": DELETION | {"deletes": "2026-05-01"}}, "an object"),
        ("locked", {"documents": DELETION | {"deleted": 1}}, "an object: by name"),
    ],
)
def test_what_is_not_as_agreed_is_refused_by_name(name, value, should):
    """What it is, and how it should be."""
    with pytest.raises(ValueError, match=should) as wrong:
        plain.read({name: value})

    assert name == wrong.value.args[0]


def test_a_deletion_is_written_as_a_platform_reads_it():
    """D10: by name, when it is, and whether that is by now."""
    levels = {"locked": (Deletion("documents", on(5, 1)),)}

    assert {"locked": {"documents": DELETION}} == plain.write(levels)


def test_a_deletion_reads_as_people_say_it():
    """D10: in the steps of a plan."""
    due = Deletion("documents", on(5, 1))

    assert "documents to be deleted 2026-05-01" == str(due)
    assert "documents deleted 2026-05-01" == str(replace(due, done=True))
