"""Changes that wait for an admin, by a program: listed, shown, agreed to as shown."""

import pytest

from tests.bridge.seen import writes
from tests.bridge.test_approving import AFTER, BEFORE, LADDER, ask, levels
from tests.visit import Program

PATH = "/api/v1/changes"
WHY = {"because": "the customer called"}


@pytest.fixture
def asking(make):
    """A service on basic, whose change to gold waits; what it is called here."""
    rig, simulator = make(more=LADDER)
    rig.order("1", package="basic")
    rig.run()
    return rig, simulator, Program(rig), ask(rig)


def test_a_change_is_agreed_to_as_it_was_shown(asking):
    """I11: listed, shown with what it does, and done by its hash, once."""
    # Guard off (the comparison of hashes): red, 200 for the hash nobody saw.
    rig, simulator, program, name = asking
    [listed] = program.get(PATH).json["items"]
    path, before = f"{PATH}/{name}", len(simulator.journal)
    shown = program.get(path).json
    wrong = program.post(f"{path}/approve", WHY | {"hash": "0" * 64})
    rig.run()
    untouched = writes(simulator, before), levels(simulator)
    said = WHY | {"hash": shown["hash"]}
    yes = program.post(f"{path}/approve", said, Idempotency_Key="one")
    again = program.post(f"{path}/approve", said, Idempotency_Key="one")
    rig.run()
    ended = program.get(f"/api/v1/confirmations/{yes.json['confirmation']}").json

    assert ("1 x basic, monthly", "1 x gold, monthly") == (shown["from"], shown["to"])
    assert (name, "shop:1") == (listed["event"], listed["service"])
    assert (409, "changed") == (wrong.status_code, wrong.json["code"])
    assert ([], BEFORE) == untouched
    assert yes.json == again.json
    assert ("applied", AFTER) == (ended["state"], levels(simulator))
    assert [] == program.get(PATH).json["items"]


def test_a_change_is_declined_like_any_event(asking):
    """I11: it ends with its reason; there is nothing to agree to any more."""
    _, simulator, program, name = asking
    program.post(f"/api/v1/events/{name}/decline", WHY)
    gone = program.get(f"{PATH}/{name}")
    late = program.post(f"{PATH}/{name}/approve", WHY | {"hash": "0" * 64})

    assert (404, 409) == (gone.status_code, late.status_code)
    assert BEFORE == levels(simulator)


def test_what_could_not_be_done_anyway_says_why(asking):
    """P12: its package is sold no more; 409, with the reason."""
    rig, _, program, name = asking
    text = rig.path.read_text().replace("[packages.gold]", "[packages.x]")
    rig.path.write_text(text)
    rig.sells()
    refused = program.get(f"{PATH}/{name}")

    assert (409, "refused") == (refused.status_code, refused.json["code"])
    assert 'There is no package "gold"' in refused.json["detail"]


def test_another_source_s_changes_are_not_there(asking):
    """U11: neither in the list nor by its name."""
    # Guard off (`covers` left out of the list): red, one item.
    rig, _, _, name = asking
    other = Program(rig, "auditor", ["other"])

    assert [] == other.get(PATH).json["items"]
    assert 404 == other.get(f"{PATH}/{name}").status_code


def test_the_list_is_read_to_its_end(asking):
    """A page at a time, by the number of the last."""
    rig, _, program, name = asking
    rig.order("2", id_="second", line="2", client="8", package="basic")
    rig.run()
    other = ask(rig, id_="up2", of={"ref": "2"})
    first = program.get(f"{PATH}?limit=1").json
    rest = program.get(f"{PATH}?limit=1&cursor={first['next']}").json

    assert [name, other] == [one["event"] for one in first["items"] + rest["items"]]
    assert rest["next"] is None
