"""What only a person can say: it arrived, it did not, try it again."""

import pytest

from bridge import desk
from bridge.store import operations
from bridge.store.attempts import State
from tests.bridge.seen import PAY, by_hand, credit, fields, later, paid, sums, writes

WINDOW = 62
GRANTED = {"due": "5.00", "granted": "5.00"}


def resolve(rig, id_, *, arrived):
    with rig.database.change() as tx:
        return desk.resolve(
            tx, id_, arrived=arrived, because="seen in the panel", at=rig.clock.now()
        )


def retry(rig, event):
    with rig.database.change() as tx:
        name = operations.of_events(tx, "shop", [event])[0].name
        desk.retry(tx, name, rig.clock.now())


@pytest.fixture
def with_a_person(open_account):
    """A top-up was paid and wiped: only a person can tell."""
    rig, simulator = open_account(settle=60)
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")
    rig.run()
    later(rig, simulator, WINDOW)
    rig.run()
    [waiting] = rig.unsure()
    assert waiting.state is State.PERSON
    return rig, simulator, waiting.id


def test_what_a_person_saw_arrive_is_booked_and_not_sent(with_a_person):
    """U9: applied on a person's word; the why is kept with the attempt."""
    rig, simulator, attempt = with_a_person
    resolve(rig, attempt, arrived=True)
    rig.run()

    assert GRANTED | {"paid": "10.00", "applied": "10.00"} == sums(rig)
    assert "done" == rig.fates()["topup-2"]
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]
    assert "a person says: seen in the panel" in rig.attempts()[-1].evidence
    assert [f"attempt {attempt}, by a person"] == [
        e.because for e in rig.entries() if e.to_book == "applied"
    ]


def test_what_a_person_says_did_not_arrive_is_sent_again(with_a_person):
    """U9: and it is booked once, when the second one is proven."""
    rig, simulator, attempt = with_a_person
    resolve(rig, attempt, arrived=False)
    rig.run()

    assert GRANTED | {"paid": "10.00", "applied": "10.00"} == sums(rig)
    assert [PAY] * 3 == writes(simulator)[1:]
    assert "10.00" == credit(simulator)
    assert [State.ABSENT, State.DONE] == [a.state for a in rig.attempts()][-2:]


def test_the_others_go_on_as_soon_as_a_person_has_spoken(with_a_person):
    """The word wakes the account: nothing else has to happen first."""
    rig, _, attempt = with_a_person
    rig.topup("3")
    rig.run()
    before = rig.fates()["topup-3"]
    resolve(rig, attempt, arrived=True)
    rig.run()

    assert ("parked", "done") == (before, rig.fates()["topup-3"])


def test_what_is_still_looked_for_is_not_for_a_person(open_account):
    """Before the window ends nobody can know; the refusal says until when."""
    rig, simulator = open_account(settle=60)
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    [unsure] = rig.unsure()

    with pytest.raises(
        LookupError, match=r"is unsure.* UTC it is looked for by itself"
    ):
        resolve(rig, unsure.id, arrived=True)

    assert GRANTED | {"paid": "10.00", "held": "10.00"} == sums(rig)


def test_a_person_is_heard_once(with_a_person):
    """V2: a second word on the same attempt, even the same one, books nothing."""
    rig, _, attempt = with_a_person
    resolve(rig, attempt, arrived=True)

    with pytest.raises(LookupError, match="is done"):
        resolve(rig, attempt, arrived=True)

    assert GRANTED | {"paid": "10.00", "applied": "10.00"} == sums(rig)


def test_there_is_no_such_attempt(rig):
    """The way out is named: where the attempts are listed."""
    with pytest.raises(LookupError, match="unsure list"):
        resolve(rig, 99, arrived=True)


# --- retry


def test_retry_plans_anew_what_was_parked(opened):
    """An account that was mended at the backend goes on from there."""
    rig, simulator = opened
    name = fields(rig)["username"]
    ours = simulator.users[1].username
    by_hand(simulator, "User_Update", user_id=1, user={name: "lan"})
    rig.topup("2")
    rig.run()
    parked = rig.fates()["topup-2"]
    by_hand(simulator, "User_Update", user_id=1, user={name: ours})
    retry(rig, "topup-2")
    rig.run()

    assert ("parked", "done") == (parked, rig.fates()["topup-2"])
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_retry_never_books_a_second_time(opened):
    """U9: however often it is retried, one line is one receipt."""
    rig, simulator = opened
    simulator.plant("refuse", PAY, times=3)
    rig.topup("2")
    rig.run()
    for _ in range(3):
        retry(rig, "topup-2")
        rig.run()

    assert 1 == sum(e.from_book == "paid" for e in rig.entries())
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_what_is_done_is_not_retried(opened):
    """There is nothing to retry, and saying so is better than doing it."""
    rig, _ = opened

    with pytest.raises(LookupError, match="is done"):
        retry(rig, "order")


def test_there_is_no_such_operation(rig):
    """The way out is named: where the operations are listed."""
    with (
        pytest.raises(LookupError, match="event list"),
        rig.database.change() as tx,
    ):
        desk.retry(tx, "op_nothing", rig.clock.now())
