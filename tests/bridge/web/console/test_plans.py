"""The plan of one account on its page: shown, confirmed, and never another one done."""

import re

import pytest

from tests.bridge.seen import SET, by_hand, fields, levels, writes
from tests.visit import Visit


@pytest.fixture
def drifted(opened):
    """An account whose channels somebody set at the backend; and who looks at it."""
    rig, simulator = opened
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
    path = f"/accounts/{rig.account().id}/plan"
    return rig, simulator, Visit(rig), path


def hash_on(page):
    return re.search(r'name="hash" value="([0-9a-f]{64})"', page)[1]


def test_what_would_be_done_is_shown_step_by_step(drifted):
    """U10: the steps, what it sends, and nothing is done by looking."""
    _, simulator, visit, path = drifted
    before = len(simulator.journal)
    page = visit.get(path).text

    assert "set channels = 5" in page
    assert [] == writes(simulator, before)


def test_what_was_shown_is_done(drifted):
    """U10: confirmed by its hash, followed until its end, with who and why kept."""
    rig, simulator, visit, path = drifted
    hash_ = hash_on(visit.get(path).text)
    answer = visit.post(path, hash=hash_, because="set by hand there", referer=path)
    rig.run()

    assert "Done, as it was shown" in visit.told(answer)
    assert 5 == levels(simulator)[1]
    assert "set by hand there" in visit.get("/audit").text


def test_what_changed_since_is_not_done(drifted):
    """U10: a new event in between: nothing is sent, and the new plan is shown."""
    # Guard off (the hash is not compared): red, the plan is confirmed.
    rig, simulator, visit, path = drifted
    hash_ = hash_on(visit.get(path).text)
    rig.say("suspend", id_="off")
    before = len(simulator.journal)
    answer = visit.post(path, hash=hash_, because="as I saw it", referer=path)

    assert 409 == answer.status_code
    assert "Changed since shown" in answer.text
    assert "off" in answer.text
    assert [] == writes(simulator, before)


def test_who_may_not_provision_sees_no_button(drifted):
    """Support sees the plan, and cannot confirm it."""
    rig, _, visit, path = drifted
    hash_ = hash_on(visit.get(path).text)
    support = Visit(rig, "support")

    assert "Do exactly this" not in support.get(path).text
    assert 403 == support.post(path, hash=hash_, because="because").status_code


def test_a_plan_that_switches_off_says_how_many_may_go(opened):
    """The guard stands beside the button."""
    rig, _ = opened
    rig.say("suspend", id_="off")
    page = Visit(rig).get(f"/accounts/{rig.account().id}/plan").text

    assert "May still be switched off there" in page
