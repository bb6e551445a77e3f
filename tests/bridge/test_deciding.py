"""What only a person can say: it arrived, it did not, try it again."""

import pytest
import sqlalchemy as sa

from bridge import deciding
from bridge.store import fates, operations, tables
from bridge.store.attempts import State
from tests.bridge.seen import (
    PAY,
    SET,
    SETTLE,
    after_the_window,
    by_hand,
    credit,
    fields,
    hours,
    levels,
    paid,
    pay_by_hand,
    sums,
    writes,
)
from tests.engines import on_postgresql

GRANTED = {"due": "5.00", "granted": "5.00"}


def resolve(rig, id_, *, arrived):
    with rig.database.change() as tx:
        return deciding.resolve(
            tx, id_, arrived=arrived, because="seen in the panel", at=rig.clock.now()
        )


def retry(rig, event):
    with rig.database.change() as tx:
        name = operations.of_events(tx, "shop", [event])[0].name
        deciding.retry(tx, name, rig.clock.now())


@pytest.fixture
def with_a_person(open_account):
    """A top-up was paid and wiped: only a person can tell."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("write_wipes_credit", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    [waiting] = rig.unsure()
    assert waiting.state is State.PERSON
    return rig, simulator, waiting.id


@pytest.fixture
def lost(open_account):
    """A top-up got no answer, and no rate is known: only a person can tell."""
    rig, simulator = open_account(rate=None, settle=SETTLE)
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
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


def test_what_a_person_says_did_not_arrive_is_sent_again(lost):
    """U9: and it is booked once, when the second one is proven."""
    rig, simulator, attempt = lost
    resolve(rig, attempt, arrived=False)
    rig.run()

    assert GRANTED | {"paid": "10.00", "applied": "10.00"} == sums(rig)
    assert [PAY] * 3 == writes(simulator)[1:]
    assert "15.00" == credit(simulator)
    assert [State.ABSENT, State.DONE] == [a.state for a in rig.attempts()][-2:]


def test_the_others_go_on_as_soon_as_a_person_has_spoken(lost):
    """The word wakes the account: nothing else has to happen first."""
    rig, _, attempt = lost
    rig.topup("3")
    rig.run()
    before = rig.fates()["topup-3"]
    resolve(rig, attempt, arrived=True)
    rig.run()

    assert ("parked", "done") == (before, rig.fates()["topup-3"])


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_wipe_too_a_persons_word_is_enough(with_a_person, arrived):
    """A person who said what became of the sum has seen the balance as it is."""
    rig, _, attempt = with_a_person
    rig.topup("3")
    rig.run()
    resolve(rig, attempt, arrived=arrived)
    rig.run()

    assert "done" == rig.fates()["topup-3"]


def test_before_the_window_ends_nobody_can_say_it_is_absent(open_account):
    """U9: handed over early by an abuse hold, it may still land until then."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    rig.say("suspend", at=hours(1), id_="abuse", billing={"hold": "abuse"})
    rig.run()
    [waiting] = rig.unsure()
    with pytest.raises(LookupError, match="only then can it be absent"):
        resolve(rig, waiting.id, arrived=False)
    after_the_window(rig, simulator)
    resolve(rig, waiting.id, arrived=False)
    rig.run()

    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_what_is_still_looked_for_is_not_for_a_person(open_account):
    """Before the window ends nobody can know; the refusal says until when."""
    rig, simulator = open_account(settle=SETTLE)
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


# --- release


def moved_by_hand(rig, simulator):
    """Somebody takes money away at the backend: less than usage explains is there."""
    pay_by_hand(rig, simulator, 1, "-3.00")


def test_a_balance_below_the_last_proven_one_starts_no_new_sum(opened):
    """U9: read from a copy that is late, it would take the last sum for the next."""
    rig, simulator = opened
    moved_by_hand(rig, simulator)
    before = len(simulator.journal)
    rig.topup("2")
    rig.run()

    assert [] == writes(simulator, before)
    assert "later" == rig.why("topup-2")


def test_what_waits_for_the_balance_is_booked_all_the_same(opened):
    """V1: a paid top-up is in the books from its acceptance, sent or not."""
    rig, simulator = opened
    moved_by_hand(rig, simulator)
    rig.topup("2")
    rig.run()

    assert GRANTED | {"paid": "10.00", "held": "10.00"} == sums(rig)


def test_what_waits_for_the_balance_holds_up_no_level(opened):
    """D29: abuse is switched off at once, whatever the balance looks like."""
    rig, simulator = opened
    moved_by_hand(rig, simulator)
    rig.topup("2")
    rig.say("suspend", at=hours(1), id_="abuse", billing={"hold": "abuse"})
    rig.run()

    assert (False, 5, "1") == levels(simulator)


def test_a_person_who_trusts_the_balance_sets_money_free(opened):
    """U9: from then on what is there is the beginning; the why is kept."""
    rig, simulator = opened
    moved_by_hand(rig, simulator)
    rig.topup("2")
    rig.run()
    with rig.database.change() as tx:
        deciding.release(tx, rig.account().id, "a refund of ours", rig.clock.now())
    rig.run()

    assert "done" == rig.fates()["topup-2"]
    assert "12.00" == credit(simulator)
    assert "a refund of ours" == rig.account().trusted_because


def test_stopped_money_goes_on_when_it_is_released(opened):
    """F-B14: a wiped balance stops money; a person looks, and it goes on."""
    rig, simulator = opened
    simulator.plant("write_wipes_credit", SET)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()
    rig.topup("2")
    rig.run()
    stopped = rig.why("topup-2")
    with rig.database.change() as tx:
        deciding.release(tx, rig.account().id, "given back by hand", rig.clock.now())
    rig.run()

    assert ("held_money_stopped", "done") == (stopped, rig.fates()["topup-2"])


def test_there_is_no_such_account(rig):
    """Nothing is released by a slip."""
    with (
        pytest.raises(LookupError, match="no account acct_x"),
        rig.database.change() as tx,
    ):
        deciding.release(tx, "acct_x", "x", rig.clock.now())


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


def test_retry_never_books_a_second_time(open_account):
    """U9: however often it is retried, one line is one receipt."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("refuse", PAY, times=3)
    rig.topup("2")
    rig.run()
    for _ in range(3):
        after_the_window(rig, simulator)
        retry(rig, "topup-2")
        rig.run()

    assert 1 == sum(e.from_book == "paid" for e in rig.entries())
    assert [("shop:2/topup", "10.00")] == paid(simulator)[1:]


def test_what_is_done_is_not_retried(opened):
    """There is nothing to retry, and saying so is better than doing it."""
    rig, _ = opened

    with pytest.raises(LookupError, match="is done"):
        retry(rig, "order")


@on_postgresql
def test_retry_wakes_the_lane_an_event_was_just_sent_on_to(rig, monkeypatch):
    """Found in one lane, moved by a sort before it is changed: not forgotten there.

    Guard off (the lane it was found in is woken): red.
    """
    rig.topup("2")
    rig.run()
    real = operations.named

    def moved_meanwhile(tx, name):
        found = real(tx, name)
        with rig.database.change() as other:
            fates.move(other, [found.id], "acct_new", rig.clock.now())
        return found

    monkeypatch.setattr(operations, "named", moved_meanwhile)
    retry(rig, "topup-2")
    with rig.database.read() as tx:
        due = tx.execute(
            sa.select(tables.lane.c.due).where(tables.lane.c.key == "acct_new")
        ).scalar()

    assert due is not None


def test_there_is_no_such_operation(rig):
    """The way out is named: where the operations are listed."""
    with (
        pytest.raises(LookupError, match="event list"),
        rig.database.change() as tx,
    ):
        deciding.retry(tx, "op_nothing", rig.clock.now())


def test_a_restored_account_is_not_released_while_a_sum_is_under_way(open_account):
    """F-E5: its balance would be believed, and the sum be sent a second time."""
    # Guard off (no look for what is under way): red, it is released.
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    with rig.database.change() as tx:
        tx.execute(sa.update(tables.account).values(restored_at=rig.clock.now()))

    with (
        pytest.raises(LookupError, match="was under way in the backup"),
        rig.database.change() as tx,
    ):
        deciding.release(tx, rig.account().id, "looked", rig.clock.now())

    assert rig.account().restored_at
