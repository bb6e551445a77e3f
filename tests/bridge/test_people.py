"""Those who log in and programs with keys: what can be ordered about them."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bridge import orders
from bridge.access.who import Who
from bridge.store import api_keys, audit, sessions, users
from tests.visit import Visit

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def say(rig, name, at=NOW, **said):
    written = orders.as_said_by(Who("a test", "cli"), {**said, "now": at.isoformat()})
    return orders.carry_out(rig.database, rig.clock, name, written)


@pytest.fixture
def order(rig):
    return partial(say, rig)


@pytest.fixture
def ann(rig, order):
    """An owner who is set up, and logged in once."""
    order("user.add", user="ann", role="owner", sources=None, hashed="link")
    order("user.set_up", hashed="link", password="p", totp="00", recovery=["spare"])
    order("user.log_in", user="ann", session="one", address="a", agent="b", step=7)
    return rig


def known(rig, name="ann"):
    with rig.database.read() as tx:
        return users.named(tx, name)


def logged_in(rig, at=NOW, name="ann"):
    with rig.database.read() as tx:
        return [one.hash for one in sessions.of_user(tx, name, at)]


def test_nobody_is_added_twice(order):
    """The other one's link would be void, and nobody would know why."""
    order("user.add", user="ann", role="owner", sources=None, hashed="link")

    with pytest.raises(LookupError, match="there is a user ann already"):
        order("user.add", user="ann", role="support", sources=None, hashed="more")


def test_a_link_opens_once(ann, order):
    """Whoever finds it in a mail later finds it dead."""
    with pytest.raises(LookupError, match="was used already"):
        order("user.set_up", hashed="link", password="q", totp="00", recovery=[])


def test_a_link_opens_for_a_day(rig, order):
    """And not a second longer."""
    # Guard off (invited_until not looked at): red.
    order("user.add", user="ann", role="owner", sources=None, hashed="link")
    said = {"hashed": "link", "password": "q", "totp": "00", "recovery": []}
    day = timedelta(hours=24)

    with pytest.raises(LookupError, match="too old"):
        order("user.set_up", at=NOW + day, **said)
    order("user.set_up", at=NOW + day - timedelta(seconds=1), **said)
    assert known(rig).is_set_up


def test_who_sets_up_anew_is_logged_out_everywhere(ann, order):
    """A lost phone may be in somebody's hands."""
    order("user.invite", user="ann", hashed="again")
    assert logged_in(ann) == ["one"]
    order("user.set_up", hashed="again", password="q", totp="00", recovery=[])

    assert logged_in(ann) == []


def test_a_code_is_taken_once(ann, order):
    """Two who type the same one at the same moment: one of them comes in."""
    # Guard off (use_step without its condition): red.
    said = {"user": "ann", "session": "two", "address": "a", "agent": "b"}

    with pytest.raises(LookupError, match="used already"):
        order("user.log_in", **said, step=7)
    with pytest.raises(LookupError, match="used already"):
        order("user.log_in", **said, step=6)
    order("user.log_in", **said, step=8)
    assert sorted(logged_in(ann)) == ["one", "two"]


def test_a_recovery_code_is_taken_once(ann, order):
    said = {"user": "ann", "address": "a", "agent": "b", "recovery": "spare"}
    order("user.log_in", **said, session="two")

    with pytest.raises(LookupError, match="used already"):
        order("user.log_in", **said, session="three")


def test_nobody_comes_in_without_a_code(ann, order):
    """Whatever the page looked at before."""
    with pytest.raises(LookupError, match="used already"):
        order("user.log_in", user="ann", session="two", address="a", agent="b")


@pytest.mark.parametrize(
    ("name", "said"),
    [("user.end", {}), ("user.role", {"role": "support", "sources": None})],
)
def test_the_last_owner_stays(ann, order, name, said):
    """Else nobody could let anybody in."""
    # Guard off (_not_the_last left out): red.
    said = dict(said)
    if name == "user.role":
        written = orders.as_said_by(Who("a test", "cli"), {"user": "ann", **said})
        with pytest.raises(LookupError, match="the last owner"):
            orders.carry_out(ann.database, ann.clock, name, written)
        return
    with pytest.raises(LookupError, match="the last owner"):
        order(name, user="ann")


def test_one_who_has_ended_is_out_at_once(ann, order):
    order("user.add", user="bob", role="owner", sources=None, hashed="bob")
    order("user.end", user="ann")

    assert logged_in(ann) == []
    assert known(ann).ended_at == NOW


def test_a_key_that_was_revoked_stays_revoked(rig, order):
    said = {"api_key": "k", "hashed": "h", "label": "l", "role": "auditor",
            "sources": None, "by": "ann", "until": None}  # fmt: skip
    order("key.add", **said)
    order("key.end", api_key="k")

    with pytest.raises(LookupError, match="no key k that holds"):
        order("key.end", api_key="k")
    with rig.database.read() as tx:
        assert not api_keys.found(tx, "k").holds(NOW)


def test_a_pace_lets_a_burst_in_and_then_one_by_one(order):
    """Five at once, then one a minute, whichever process asks."""

    def take(at):
        return order("pace.take", at=at, keys=["x"], every=60, burst=5)["wait"]

    assert [take(NOW) for _ in range(5)] == [0] * 5
    assert take(NOW) == 60
    assert take(NOW + timedelta(seconds=59)) == 1
    assert take(NOW + timedelta(seconds=60)) == 0
    assert take(NOW + timedelta(seconds=60)) == 60
    assert [take(NOW + timedelta(hours=1)) for _ in range(5)] == [0] * 5


def test_no_secret_stands_in_the_audit(ann):
    """Hashes and sealed secrets neither."""
    # Guard off (HIDDEN empty): red.
    with ann.database.read() as tx:
        noted = [one for one in audit.notes(tx, most=10) if one.what == "user.set_up"]

    [one] = noted
    assert {one.said[name] for name in ("hashed", "password", "totp", "recovery")} == {
        "***"
    }


def test_a_session_ends_when_nobody_clicks(rig):
    """Half an hour without a click, or twelve hours with them."""
    visit = Visit(rig)
    session = visit.session

    assert session.holds(session.began_at + timedelta(minutes=29))
    assert not session.holds(session.began_at + timedelta(minutes=30))
    kept = session.began_at + sessions.LONGEST
    with rig.database.change() as tx:
        sessions.seen(tx, session.hash, kept - timedelta(minutes=1))
    assert visit.session.holds(kept - timedelta(seconds=1))
    assert not visit.session.holds(kept)
