"""The audit: one chain of all that was done, and no way to change it unseen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge import orders
from bridge.access.who import Who
from bridge.store import audit, tables
from bridge.store.audit import Note

NOW = datetime(2026, 12, 1, tzinfo=UTC)
ANN = Who("ann@example.com", "console")


def note(rig, n=0, who=ANN, **said):
    with rig.database.change() as tx:
        audit.note(tx, who, "backend.pause", {"backend": f"b{n}", **said}, {"n": n},
                   NOW + timedelta(seconds=n))  # fmt: skip


def every(rig):
    with rig.database.snapshot() as tx:
        return list(audit.every(tx))


@pytest.fixture
def noted(rig):
    for n in range(4):
        note(rig, n)
    return rig


def test_a_chain_that_nobody_touched_is_whole(noted):
    notes = every(noted)

    assert [one.about for one in notes] == ["b0", "b1", "b2", "b3"]
    assert audit.broken(notes) is None


@pytest.mark.parametrize(
    "name", ["at", "who", "via", "what", "about", "said", "told", "once", "before"]
)
def test_a_change_of_any_part_is_seen(noted, name):
    """Each, in each of them."""
    # Guard off (one part left out of _hash): red for that part.
    notes = every(noted)
    other = {"at": NOW - timedelta(days=1), "said": {"x": 1}, "told": {"x": 1}}
    for place, one in enumerate(notes):
        row = {each: getattr(one, each) for each in Note.__slots__}
        changed = Note(**row | {name: other.get(name, "another")})
        found = audit.broken([*notes[:place], changed, *notes[place + 1 :]])
        assert found is not None, (name, place)


def test_one_left_out_or_moved_is_seen(noted):
    notes = every(noted)

    assert audit.broken([notes[0], notes[2], notes[3]]) == notes[2]
    assert audit.broken([notes[1], notes[0], *notes[2:]]) == notes[1]


def test_a_cut_end_is_seen_by_who_kept_the_head(noted):
    """That is why `audit verify` prints it."""
    with noted.database.read() as tx:
        head = audit.head(tx)

    assert head == every(noted)[-1].hash
    assert head != every(noted)[-2].hash


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'",
                                       "DELETE FROM audit"])  # fmt: skip
def test_the_database_refuses_to_change_it(noted, statement):
    """Not even we can."""
    # Guard off (the triggers of 0003 left out): red.
    with (
        pytest.raises(sa.exc.DBAPIError, match="the audit is append-only"),
        noted.database.change() as tx,
    ):
        tx.execute(sa.text(statement))


def test_what_is_long_is_kept_as_that_it_was(rig):
    note(rig, content="x" * 501, these=list(range(60)))
    [one] = every(rig)

    assert one.said["content"].startswith("501 letters, sha256 ")
    assert one.said["these"][-1] == "and 10 more"


def test_what_was_asked_twice_is_done_once(rig):
    """A double click, a browser's back, a program that heard no answer."""
    # Guard off (audit.done not asked): red, paused twice in the audit.
    said = {"backend": "main", "seconds": 60, "because": "to see"}
    once = orders.as_said_by(Who("ann", "api", "key-1"), said)
    first = orders.carry_out(rig.database, rig.clock, "backend.pause", once)
    again = orders.carry_out(rig.database, rig.clock, "backend.pause", once)

    assert first == again
    assert len(every(rig)) == 1


def test_a_key_is_for_one_thing(rig):
    """Else a slip of a program's would be answered with another thing's end."""
    said = {"backend": "main", "seconds": 60, "because": "to see"}
    who = Who("ann", "api", "key-1")
    orders.carry_out(rig.database, rig.clock, "backend.pause",
                     orders.as_said_by(who, said))  # fmt: skip

    with pytest.raises(LookupError, match='"key-1" was used for something else'):
        orders.carry_out(rig.database, rig.clock, "backend.pause",
                         orders.as_said_by(who, said | {"seconds": 61}))  # fmt: skip


def test_a_key_is_its_own_askers(rig):
    """Two programs may count from one."""
    said = {"backend": "main", "seconds": 60, "because": "to see"}
    for name in ("ann", "bob"):
        who = Who(name, "api", "1")
        orders.carry_out(rig.database, rig.clock, "backend.pause",
                         orders.as_said_by(who, said))  # fmt: skip

    assert [one.who for one in every(rig)] == ["ann", "bob"]


def test_what_was_refused_may_be_said_again(rig):
    """Its key is not used up by a no."""
    who = Who("ann", "api", "1")
    resume = orders.as_said_by(who, {"backend": "main"})
    with pytest.raises(LookupError, match="not paused"):
        orders.carry_out(rig.database, rig.clock, "backend.resume", resume)
    orders.carry_out(rig.database, rig.clock, "backend.pause",
                     {"backend": "main", "seconds": 60, "because": "x"})  # fmt: skip

    told = orders.carry_out(rig.database, rig.clock, "backend.resume", resume)
    assert told == {"resumed": "main"}


def test_a_click_is_not_noted(rig):
    """What says nothing of what anybody wanted."""
    now = NOW.isoformat()
    orders.carry_out(rig.database, rig.clock, "session.seen",
                     {"session": "x", "now": now})  # fmt: skip

    assert every(rig) == []


def test_it_is_read_page_by_page(noted):
    """The newest first, older ones after a number."""
    with noted.database.read() as tx:
        first = audit.notes(tx, most=2)
        rest = audit.notes(tx, most=9, before=first[-1].id)
        one = audit.notes(tx, most=9, about="b2")
        nobodys = audit.notes(tx, most=9, who="bob")

    assert [n.about for n in first + rest] == ["b3", "b2", "b1", "b0"]
    assert [n.about for n in one] == ["b2"]
    assert nobodys == []


def test_two_at_once_stand_in_one_chain(rig):
    """On PostgreSQL many write: none follows one that another follows already."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: note(rig, n), range(20)))

    notes = every(rig)
    assert len(notes) == 20
    assert audit.broken(notes) is None
    assert len({one.before for one in notes}) == 20
    with rig.database.read() as tx:
        assert (
            tx.execute(sa.select(sa.func.count()).select_from(tables.audit)).scalar()
            == 20
        )
