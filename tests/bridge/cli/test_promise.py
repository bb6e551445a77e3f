"""The verbs promise and show: what keeps a service on, and how each one is."""

from datetime import timedelta

import pytest

from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import by_hand, fields, levels
from tests.bridge.test_dunning import HOUSE, OURS, PLATFORM
from tests.bridge.test_trials import LADDER, tried

BECAUSE = ("--because", "his bank is slow")
ON, OFF = (True, 5, "1"), (False, 5, "1")


@pytest.fixture
def unpaid(make):
    """A month was paid for, and ended four days ago."""

    def build(more=HOUSE):
        rig, simulator = make(more=more)
        starts = rig.clock.now() - timedelta(days=34)
        ends = starts + timedelta(days=30)
        rig.post(
            "order", "service.activate", starts, account={"ref": "7"},
            service={"ref": "1", "plan_ref": "starter",
                     "period_start": starts.isoformat(),
                     "period_end": ends.isoformat()},
            billing={"line_ref": "1"},
        )  # fmt: skip
        rig.run()
        return rig, simulator

    return build


def shown(rig, name="shop:1"):
    rows, code = said(rig.path, "show", name)
    assert 0 == code
    return rows[0]


def test_staff_believe_a_customer_for_some_days(unpaid):
    """S6: it is on at once, and everybody who looks is told why."""
    rig, simulator = unpaid()
    off, before = levels(simulator), shown(rig)
    told, code = said(rig.path, "promise", "shop:1", "--days", "3", *BECAUSE)
    rig.run()
    after = shown(rig)
    [given] = rig.account().promises

    assert (OFF, ON, 0) == (off, levels(simulator), code)
    assert ("29.00 USD", "shop:1") == (told["debt"], told["service"])
    assert ("inactive", "Inactive: not paid") == (before["status"], before["said"])
    assert ("active", "Active") == (after["status"], after["said"])
    assert "29.00 USD is promised until" in after["promised"]
    assert "promise over" in after["to come"]
    assert "his bank is slow" == given.why
    assert given.by.startswith("staff:")


REFUSED = [
    # days, more, why
    ("8", HOUSE, "A promise is taken for some time up to 7 days"),
    ("3", HOUSE.replace("50.00", "5.00"), "29.00 USD are owed, and a promise is taken"),
    (
        "3",
        OURS,
        "No promise to pay is taken here",
    ),
    ("3", PLATFORM.replace("USD", "EUR"), "in no other currency"),
]


@pytest.mark.parametrize(("days", "more", "why"), REFUSED)
def test_beyond_the_bounds_nothing_is_promised(unpaid, days, more, why):
    """S6: in days and in debt, and only where promises are taken."""
    rig, _ = unpaid(more)
    ended = switchhook(rig.path, "promise", "shop:1", "--days", days, *BECAUSE)

    assert 4 == ended.exit_code
    assert why in ended.stderr
    assert () == rig.account().promises


def test_nobody_promises_twice_what_is_not_paid(unpaid):
    """S6: once until it is paid."""
    rig, _ = unpaid()
    ends = [switchhook(rig.path, "promise", "shop:1", "--days", "3", *BECAUSE)
            for _ in range(2)]  # fmt: skip

    assert [0, 4] == [ended.exit_code for ended in ends]
    assert "is not kept yet" in ends[1].stderr


def test_how_a_service_is_and_why(unpaid):
    """P5, D13: active only while the backend has it so."""
    # Guard off (what its platform says is enough): red.
    rig, simulator = unpaid(PLATFORM)
    seen = [shown(rig)["said"]]
    channels = {fields(rig)["channels"]: 99}
    by_hand(simulator, "User_Update", user_id=1, user=channels)
    seen.append(shown(rig)["said"])
    rig.run()
    for no, word in enumerate(("suspend", "terminate"), 1):
        rig.say(word, id_=word, at=rig.clock.now() + timedelta(seconds=no))
        rig.run()
        seen.append(shown(rig)["said"])

    assert [
        "Active", "Inactive: being set up", "Inactive: not paid",
        "Inactive: cancelled, or ended with what was paid for",
    ] == seen  # fmt: skip


def test_a_trial_is_shown_as_one(make):
    """P5, D13: until when it is tried, too."""
    rig, _ = make(more=LADDER)
    tried(rig)
    rig.run()
    row = shown(rig)

    assert ("trial", "Trial") == (row["status"], row["said"])
    assert row["tried until"]
    assert None is row["paid until"]
    assert "trial over" in row["to come"]
    assert "Trial" in switchhook(rig.path, "show", "shop:1").stdout
