"""The outbox: once by key, the longest waiting first, one sender at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bridge.store import lanes, outbox
from bridge.store.committer import Committer
from bridge.store.drafts import Draft
from bridge.store.lanes import Fenced
from bridge.store.outbox import State

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def change(database):
    """`change(outbox.claim, …)`: in a transaction of its own."""

    def change(act, *told):
        with database.change() as tx:
            return act(tx, *told)

    return change


@pytest.fixture
def enqueue(change, at):
    def enqueue(key, at=at, **content):
        return change(outbox.enqueue, key, "mail", content, at)

    return enqueue


def rows(database):
    with database.read() as tx:
        return {one.key: one for one in outbox.newest(tx, 100, None)}


def test_a_key_is_kept_once(enqueue, database):
    """Told twice is sent once, and the first content stands."""
    assert enqueue("k", text="first")
    assert not enqueue("k", text="second")
    assert {"text": "first"} == rows(database)["k"].content


def test_nothing_is_sent_of_what_was_not_kept(database, at):
    """It goes out if, and only if, the transaction that wanted it is kept."""

    def gone():
        with database.change() as tx:
            outbox.enqueue(tx, "k", "mail", {}, at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        gone()

    assert {} == rows(database)


@pytest.mark.parametrize("key", ["", "two words", "zwölf", "x" * 129, "a\nb"])
def test_a_key_can_be_sent_along(enqueue, key):
    """It becomes a header: what could not is refused where it is made."""
    with pytest.raises(ValueError, match="printable ASCII"):
        enqueue(key)


def test_the_longest_waiting_comes_first(enqueue, change, at):
    """Nobody is overtaken for ever."""
    for no, key in enumerate(("c", "a", "b")):
        enqueue(key, at + no * SECOND)

    late = at + LEASE
    assert ["c", "a", "b"] == [
        change(outbox.claim, late, LEASE).key for _ in range(3)
    ]  # fmt: skip
    assert change(outbox.claim, late, LEASE) is None


def test_what_was_claimed_by_the_dead_is_sent_by_another(enqueue, change, at):
    """At least once: when the lease is out it is due again, and the first is fenced."""
    # Guard off (no token in the WHERE): red.
    enqueue("k")
    dead = change(outbox.claim, at, LEASE)

    assert change(outbox.claim, at + LEASE - SECOND, LEASE) is None
    again = change(outbox.claim, at + LEASE, LEASE)
    assert (dead.id, dead.token + 1) == (again.id, again.token)
    with pytest.raises(Fenced):
        change(outbox.end, dead, State.SENT, None, at)
    change(outbox.end, again, State.SENT, None, at)


def test_put_off_it_is_not_due_before(enqueue, change, at):
    """And remembers since when it fails, and how often."""
    enqueue("k")
    held = change(outbox.claim, at, LEASE)
    change(outbox.put_off, held, at + SECOND, "no", at)

    assert change(outbox.claim, at, LEASE) is None
    again = change(outbox.claim, at + SECOND, LEASE)
    assert (1, at, "no") == (again.tries, again.failing_since, again.said)


@pytest.mark.parametrize("state", outbox.FAILED)
def test_what_failed_is_sent_again_only_when_a_person_says_so(
    enqueue, change, at, state
):
    """Parked is parked; a retry begins anew, with all its tries."""
    enqueue("k")
    held = change(outbox.claim, at, LEASE)
    change(outbox.end, held, state, "no", at)
    left = change(outbox.claim, at + 99 * LEASE, LEASE)
    change(outbox.retry, held.id, at)
    again = change(outbox.claim, at, LEASE)

    assert left is None
    assert (0, None, None) == (again.tries, again.failing_since, again.ended_at)


def test_what_was_sent_is_not_sent_again(enqueue, change, at):
    """Not even when somebody says retry."""
    enqueue("k")
    held = change(outbox.claim, at, LEASE)
    change(outbox.end, held, State.SENT, None, at)

    with pytest.raises(LookupError, match="was sent"):
        change(outbox.retry, held.id, at)
    with pytest.raises(LookupError, match="no delivery 99"):
        change(outbox.retry, 99, at)
    assert change(outbox.claim, at + 99 * LEASE, LEASE) is None


def test_four_at_once_never_take_the_same(enqueue, change, at):
    """Forty, four senders, each once."""
    for no in range(40):
        enqueue(f"k{no}")

    def take_all(_):
        taken = []
        while held := change(outbox.claim, at, LEASE):
            taken.append(held.key)
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [key for keys in threads.map(take_all, range(4)) for key in keys]

    assert sorted(f"k{no}" for no in range(40)) == sorted(taken)


def test_what_nobody_needs_is_withdrawn_and_never_sent(enqueue, change, database, at):
    """Also where somebody is sending it just now: he can note nothing more of it."""
    for key in ("waits", "held", "sent"):
        enqueue(key)
    sent = change(outbox.claim, at, LEASE)
    change(outbox.end, sent, State.SENT, None, at)
    held = change(outbox.claim, at, LEASE)
    change(outbox.withdraw, ["waits", "held", "sent"], at)
    states = sorted(one.state for one in rows(database).values())

    assert [State.SENT, State.WITHDRAWN, State.WITHDRAWN] == states
    assert change(outbox.claim, at + LEASE, LEASE) is None
    # Guard off (its token is left as it is): red.
    with pytest.raises(Fenced):
        change(outbox.end, held, State.SENT, None, at)


def test_what_was_withdrawn_cannot_be_sent_again(enqueue, change, database, at):
    """Its link is void; a new one is `switchhook login send`."""
    enqueue("k")
    change(outbox.withdraw, ["k"], at)

    with pytest.raises(LookupError, match="was withdrawn"):
        change(outbox.retry, rows(database)["k"].id, at)


def test_noted_for_a_commit_it_is_there_with_it_and_once(change, database, at):
    """The way the mail goes into the very commit that makes it necessary."""
    drafts = Committer(database, lanes.keep)
    for _ in range(2):
        draft = Draft()
        outbox.add(draft, "k", "mail", {"n": 1}, at)
        before = rows(database)
        drafts.commit(draft)

    assert ["k"] == list(before)
    assert {"n": 1} == rows(database)["k"].content
    with pytest.raises(ValueError, match="printable ASCII"):
        outbox.add(Draft(), "two words", "mail", {}, at)
