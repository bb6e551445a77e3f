"""The one step from how an account is to how it should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.actions import Change, Open
from provisioning.core.desired import State
from provisioning.core.diff import diff
from tests.provisioning.core.world import done, often

entitlements = st.fixed_dictionaries(
    {},
    optional={
        "channels": st.integers(1, 4),
        "tariff": st.sampled_from(["standard", "cheap"]),
    },
)
states = st.none() | st.builds(State, st.booleans(), entitlements)

ON = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
OFF = State(on=False, entitlements=ON.entitlements)


@often
@given(states, states)
def test_doing_a_difference_leaves_nothing_to_do(seen, should):
    """V6: one step is enough, and the second look finds nothing."""
    for level in diff(seen, should):
        seen = done(seen, level)

    assert () == diff(seen, should)


@often
@given(states, states)
def test_a_difference_names_only_what_differs(seen, should):
    """What a level does not name, a backend must not touch."""
    for level in diff(seen, should):
        if isinstance(level, Change):
            known = seen.entitlements.items()

            assert level.on is None or level.on is not seen.on
            assert not level.entitlements.items() & known


@often
@given(states)
def test_nothing_is_done_where_nothing_differs(state):
    """V6: doing it twice is doing it once."""
    assert () == diff(state, state)


STEPS = {
    "not there and not needed": (None, None, ()),
    "not there": (None, ON, (Open(ON),)),
    "not there, sold and suspended": (None, OFF, (Open(OFF),)),
    "suspended": (ON, OFF, (Change(on=False, entitlements={}),)),
    "resumed": (OFF, ON, (Change(on=True, entitlements={}),)),
    "ended": (ON, None, (Change(on=False, entitlements={}),)),
    "ended before": (OFF, None, ()),
    "other ceiling": (
        State(on=True, entitlements={"channels": 9, "tariff": "standard"}),
        ON,
        (Change(on=None, entitlements={"channels": 5}),),
    ),
    "never limited": (
        State(on=True, entitlements={"tariff": "standard"}),
        ON,
        (Change(on=None, entitlements={"channels": 5}),),
    ),
    "all at once": (
        State(on=False, entitlements={"channels": 9, "tariff": "cheap"}),
        ON,
        (Change(on=True, entitlements={"channels": 5, "tariff": "standard"}),),
    ),
    "more at the backend than we sell": (
        State(on=True, entitlements={**ON.entitlements, "seats": 3, "minutes": ()}),
        ON,
        (Change(on=None, entitlements={"seats": 0}),),
    ),
}


@pytest.mark.parametrize(("seen", "should", "steps"), STEPS.values(), ids=STEPS)
def test_the_step_for_each_case(seen, should, steps):
    """V6, D17: on or off, tariff and channels, fewer as well: all in one step."""
    assert steps == diff(seen, should)


def test_an_ended_service_is_switched_off_and_keeps_the_rest():
    """U4: the data stays for the retention time, and so does all it hangs on."""
    (level,) = diff(ON, None)

    assert OFF == done(ON, level)
