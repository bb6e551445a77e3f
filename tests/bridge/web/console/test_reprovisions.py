"""Many accounts on pages: looked at, confirmed, done, and stopped."""

import io

import pytest

from bridge import lifecycle
from bridge.bulk import turns
from bridge.store import batches
from tests.bridge.bulk import bulk
from tests.bridge.seen import LOOK, SET, by_hand, fields, levels, orders, writes
from tests.visit import Visit


@pytest.fixture
def fleet(make):
    """Five accounts, two of them not as they should be."""
    rig, simulator = make()
    orders(rig, 5)
    rig.run()
    for user in (2, 4):
        by_hand(simulator, SET, user_id=user, user={fields(rig)["channels"]: "9"})
    return rig, simulator, Visit(rig)


def begun(visit, **form):
    """Where its page is."""
    return visit.post("/reprovision", **form).headers["Location"]


def confirmed(visit, path):
    return visit.post(f"{path}/confirm", because="set by hand", referer=path)


def test_what_would_be_done_for_all_is_counted_before_anything_is(fleet):
    """U10: all of a backend: looked at, grouped by what changes, nothing done."""
    rig, simulator, visit = fleet
    before = len(simulator.journal)
    path = begun(visit, backend="main")
    bulk(rig)
    page = visit.get(path).text

    assert "5 of 5 accounts looked at" in page
    assert "set channels" in page
    assert "Do this for 2 accounts" in page
    assert [] == writes(simulator, before)


def test_what_was_shown_is_done_for_all_of_them(fleet):
    """U10: confirmed with a reason; each is done as it was shown."""
    rig, simulator, visit = fleet
    path = begun(visit, backend="main")
    bulk(rig)
    confirmed(visit, path)
    bulk(rig)
    rig.run()
    page = visit.get(path).text

    assert {2} == {levels(simulator, user)[1] for user in simulator.users}
    assert "2 of 2 accounts ended" in page


def test_one_that_changed_since_is_left_alone(fleet):
    """U10: a new event for one of them: its plan is another, so it is not confirmed."""
    # Guard off (hashes are not compared): red, it is given out.
    rig, _, visit = fleet
    path = begun(visit)
    bulk(rig)
    rig.say("suspend", "2", id_="off")
    confirmed(visit, path)
    bulk(rig)
    with rig.database.read() as tx:
        lines = batches.counted(tx, path.rpartition("/")[2])

    assert {"given": 1, "changed": 1} == lines


def test_a_list_is_stopped(fleet):
    """U10: stopped before its turn, nothing more is given out."""
    # Guard off (stop turns nothing): red, both are given out.
    rig, simulator, visit = fleet
    path = begun(visit)
    bulk(rig)
    confirmed(visit, path)
    visit.post(f"{path}/stop", referer=path)
    bulk(rig)
    rig.run()

    assert 9 == levels(simulator, 2)[1]
    assert "stopped" in visit.get(path).text


def test_stopped_in_the_middle_of_a_page_nothing_more_is_begun(fleet, monkeypatch):
    """U10: once the stop was acknowledged, not even the next account of that page."""
    # Guard off (`_goes_on` left out of the page): red, hold_on refuses it as left.
    # Guard off (and `hold_on` left out of the order): red, both are given out.
    rig, _, visit = fleet
    path = begun(visit)
    bulk(rig)
    confirmed(visit, path)
    really = turns.previews

    def previews(*asked):
        for no, seen in enumerate(really(*asked)):
            if no == 1:
                visit.post(f"{path}/stop", referer=path)
            yield seen

    monkeypatch.setattr(turns, "previews", previews)
    lifecycle.bulk(rig.parts).run()
    with rig.database.read() as tx:
        counted = batches.counted(tx, path.rpartition("/")[2])

    assert {"shown": 1, "given": 1} == counted


def test_an_order_of_a_list_that_was_stopped_is_refused(fleet):
    """U10: also where it was on its way while somebody stopped it."""
    # Guard off (`hold_on` left out): red, it is confirmed.
    rig, _, visit = fleet
    path = begun(visit)
    bulk(rig)
    visit.post(f"{path}/stop", referer=path)
    account = rig.account("shop:1")
    said = {"account": account.id, "digest": "0" * 64, "revision": account.revision,
            "catalog": "", "steps": [], "because": "a test"}  # fmt: skip

    with pytest.raises(LookupError, match="was stopped"):
        rig.order_by_hand("plan.apply", **said, batch=path.rpartition("/")[2])


def test_it_is_confirmed_once_and_only_when_all_was_looked_at(fleet):
    """Neither while the look goes on, nor twice."""
    rig, _, visit = fleet
    path = begun(visit)
    early = visit.told(confirmed(visit, path))
    bulk(rig)
    confirmed(visit, path)
    again = visit.told(confirmed(visit, path))

    assert "this list is looking by now" in early
    assert "this list is applying by now" in again


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ({"names": "shop:2\nshop:3"}, 2),
        ({"file": (io.BytesIO(b"\xef\xbb\xbfshop:2\r\nshop:4\r\n"), "these.txt")}, 2),
        ({"source": "other"}, 0),
        ({"state": "suspended"}, 5),
        ({"limit": "3"}, 3),
    ],
)
def test_some_are_chosen_by_name_by_file_or_by_what_they_are(fleet, form, found):
    """U10: one, a filter, or a file."""
    rig, _, visit = fleet
    form = {
        name: (io.BytesIO(told[0].getvalue()), told[1]) if name == "file" else told
        for name, told in form.items()
    }
    path = begun(visit, **form)
    bulk(rig)
    with rig.database.read() as tx:
        batch = batches.named(tx, path.rpartition("/")[2])

    assert ("shown", found) == (batch.state, batch.looked)


def test_a_name_that_is_nothing_is_said(fleet):
    """It is neither account nor service: the line says so, the others go on."""
    rig, _, visit = fleet
    path = begun(visit, names="shop:2\nnonsense")
    bulk(rig)
    page = visit.get(path).text

    assert "nonsense" in page
    assert "Do this for 1 accounts" in page


def test_another_worker_goes_on_where_one_died(fleet, monkeypatch):
    """U10: cut off in the middle, nothing is done twice and nothing left out."""
    rig, simulator, visit = fleet
    monkeypatch.setattr(turns, "PAGE", 1)
    path = begun(visit)
    one = lifecycle.bulk(rig.parts)
    with rig.database.read() as tx:
        [batch] = batches.under_way(tx)
    one.look_at_accounts(batch)
    for _ in range(9):
        with rig.database.read() as tx:
            for batch in batches.under_way(tx):
                lifecycle.bulk(rig.parts).look_at_accounts(batch)
    confirmed(visit, path)
    with rig.database.read() as tx:
        [batch] = batches.under_way(tx)
    one.bring_in_line(batch)
    bulk(rig)
    rig.run()

    assert {2} == {levels(simulator, user)[1] for user in simulator.users}
    assert "2 of 2 accounts ended" in visit.get(path).text


def test_how_many_may_be_switched_off_stands_beside_it(fleet):
    """The guard, per backend, before anything is confirmed."""
    rig, _, visit = fleet
    rig.say("suspend", "3", id_="off")
    path = begun(visit)
    bulk(rig)
    page = visit.get(path).text

    assert "1 would be switched off on main; 10 may still be" in page


def test_one_that_cannot_be_seen_once_more_is_counted(fleet):
    """U10: shown, and then nobody answers for it: left out, and the page says so."""
    rig, simulator, visit = fleet
    path = begun(visit)
    bulk(rig)
    simulator.plant("error_object_500", LOOK, times=99)
    confirmed(visit, path)
    bulk(rig)
    page = visit.get(path).text

    assert "2 of 2 accounts ended" in page
    assert "left" in page
