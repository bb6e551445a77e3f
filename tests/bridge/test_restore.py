"""After a restore: what was sent since the backup is never sent twice by itself."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from bridge import deciding, orders
from bridge.platforms import signature
from bridge.store import attempts, backup, books, chain, lanes, register
from bridge.store.attempts import Attempt, State
from bridge.store.database import Database
from bridge.trusting import FOUND
from provisioning.backends import ictbroadcast
from provisioning.core.credit import Claim, Kind
from provisioning.core.money import Money
from tests.bridge.seen import (
    OPEN,
    PAY,
    SET,
    SETTLE,
    WINDOW,
    after_the_window,
    credit,
    hours,
    is_sound,
    later,
    levels,
    paid,
    pay_by_hand,
    sums,
    writes,
)
from tests.bridge.test_free_credit import MONTH, PACKAGES, order, renew, use
from tests.rig import Rig

NUMBERS = count(1)
HELD = {"due": "5.00", "granted": "5.00", "paid": "20.00", "held": "20.00"}
APPLIED = {"due": "5.00", "granted": "5.00", "paid": "20.00", "applied": "20.00"}
SENT = Claim("shop:8/topup", Kind.TOPUP, Money(Decimal(10), "USD"), "topup-8")
KEYS = ["shop:2/topup", "shop:3/topup"]


@pytest.fixture
def lose(engine, tmp_path):
    """`rig = lose(rig, file)`: its database is gone; the backup is in a new one."""

    def restored(rig, file):
        folder = tmp_path / f"new-{next(NUMBERS)}"
        folder.mkdir()
        url = engine.empty(folder)
        old = str(rig.parts.config.database)
        path = folder / "config.toml"
        path.write_text(rig.path.read_text().replace(old, url))
        database = Database(url)
        backup.restore(database, file, rig.clock.now())
        database.close()
        return Rig(path, rig.clock)

    return restored


@pytest.fixture
def keep(tmp_path):
    """`file = keep(rig)`: backed up as it is now."""

    def kept(rig):
        file = tmp_path / f"{next(NUMBERS)}.backup"
        backup.backup(rig.database, file, rig.clock.now)
        return file

    return kept


def tell(rig):
    """The platform tells all it ever told, again."""
    rig.order()
    rig.topup("2")
    rig.topup("3")
    rig.run()


def release(rig, *arrived, account=None):
    with rig.database.change() as tx:
        id_, at = account or rig.account().id, rig.clock.now()
        deciding.release(tx, id_, "seen in the panel", at, arrived)
    rig.run()


@pytest.fixture
def lost(open_account, keep, lose):
    """`rig, simulator = lost(listed=False)`: two top-ups were applied after it."""

    def build(**set_):
        rig, simulator = open_account(settle=SETTLE, **set_)
        file = keep(rig)
        tell(rig)
        assert APPLIED == sums(rig)
        return lose(rig, file), simulator

    return build


def test_after_a_restore_money_is_held_until_a_person_has_looked(lost):
    """F-E5: told again it is paid and held, shown, and not sent a second time.

    Guard off (no hold in the plan): red, 45.00 instead of 25.00.
    """
    rig, simulator = lost()
    before = len(simulator.journal)
    tell(rig)
    after_the_window(rig, simulator)

    assert HELD == sums(rig)
    assert [] == writes(simulator, before)
    assert "25.00" == credit(simulator)
    assert ("parked", "held_restored") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert "done" == rig.fates()["order"]
    with rig.database.read() as tx:
        assert KEYS == [one.claim for one in register.restored(tx, [])]
    assert is_sound(rig)


def test_what_a_person_found_there_is_booked_and_the_rest_is_sent(lost):
    """F-E5: one was there and one was not, by the person's word."""
    rig, simulator = lost()
    before = len(simulator.journal)
    tell(rig)
    release(rig, "shop:2/topup")

    assert APPLIED == sums(rig)
    assert [PAY] == writes(simulator, before)
    assert ["shop:3/topup"] == [reference for reference, _ in paid(simulator)][3:]
    assert {"done"} == set(rig.fates().values())
    assert ["a person says: seen in the panel"] == [
        e.because for e in rig.entries() if e.key == KEYS[0] and e.to_book == "applied"
    ]
    assert is_sound(rig)


def test_released_the_account_is_as_any_other(lost):
    """F-E5: everything was there; what is paid from now on is sent at once."""
    rig, simulator = lost()
    tell(rig)
    release(rig, *KEYS)
    rig.topup("4")
    rig.run()

    assert "35.00" == credit(simulator)
    assert "done" == rig.fates()["topup-4"]
    assert rig.account().restored_at is None


def test_only_what_waits_can_be_said_to_have_arrived(lost):
    """A slip of the key changes nothing."""
    rig, _ = lost()
    tell(rig)

    with pytest.raises(LookupError, match="shop:9/topup does not wait on"):
        release(rig, "shop:2/topup", "shop:9/topup")
    assert HELD == sums(rig)
    assert rig.account().restored_at


def test_levels_go_on_after_a_restore(lost):
    """F-E5: what is compared and corrected can be done any number of times."""
    rig, simulator = lost()
    before = len(simulator.journal)
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.run()

    assert [SET] == writes(simulator, before)
    assert not levels(simulator)[0]


def test_where_payments_are_listed_all_is_matched_by_itself(lost):
    """F-E5: exactly once, and no hand.

    Guard off (no look in the list before it is sent): red, 45.00 instead of 25.00.
    """
    rig, simulator = lost(listed=True)
    before = len(simulator.journal)
    tell(rig)

    assert APPLIED == sums(rig)
    assert [] == writes(simulator, before)
    assert "25.00" == credit(simulator)
    assert {"done"} == set(rig.fates().values())
    assert [FOUND] * 2 == [e.because for e in rig.entries() if e.to_book == "applied"]
    assert rig.account().money_stopped is None
    assert is_sound(rig)


def test_what_is_not_listed_is_sent_when_nothing_can_land_any_more(lost):
    """F-E5: what left right before the restore may still be on its way.

    Guard off (sent at once): red.
    """
    rig, simulator = lost(listed=True)
    before = len(simulator.journal)
    rig.topup("4")
    rig.run()
    early = writes(simulator, before)
    later(rig, simulator, WINDOW + 1)
    rig.run()

    assert ([], [PAY]) == (early, writes(simulator, before))
    assert "35.00" == credit(simulator)
    assert "done" == rig.fates()["topup-4"]


@pytest.fixture
def under_way(open_account, keep, lose):
    """A sum arrived and its answer was lost; backed up, used up by calls, restored."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    file = keep(rig)
    after_the_window(rig, simulator)
    pay_by_hand(rig, simulator, 1, "-10.00")
    return lose(rig, file), simulator


def test_a_sum_under_way_at_the_backup_goes_to_a_person(under_way):
    """F-E5: what came and went since has moved the balance: it is no witness any more.

    Guard off (judged by the balance): red, it is believed absent.
    """
    rig, simulator = under_way
    before = len(simulator.journal)
    rig.run()
    after_the_window(rig, simulator)

    assert [State.PERSON] == [one.state for one in rig.unsure()]
    assert [] == writes(simulator, before)


def test_of_a_sum_under_way_the_attempt_is_resolved(under_way):
    """Booked by its key as well, it would be booked and still be looked for.

    Guard off (attempts not looked at): red.
    """
    rig, _ = under_way
    rig.run()

    with pytest.raises(LookupError, match="switchhook unsure resolve 3"):
        release(rig, "shop:2/topup")


def test_calls_made_since_the_backup_are_no_alarm(lost):
    """F-E5: the last balance known is from before; the list decides.

    Guard off (measured against it): red, money is stopped.
    """
    rig, simulator = lost(listed=True)
    pay_by_hand(rig, simulator, 1, "-24.00")
    tell(rig)
    rig.topup("4")
    after_the_window(rig, simulator)

    assert "11.00" == credit(simulator)
    assert rig.account().money_stopped is None


def test_a_sum_under_way_at_the_backup_is_found_in_the_list(open_account, keep, lose):
    """F-E5: by its reference, and what others moved since is no alarm."""
    rig, simulator = open_account(settle=SETTLE, listed=True)
    simulator.plant("reset_after_apply", PAY)
    rig.topup("2")
    rig.run()
    file = keep(rig)
    after_the_window(rig, simulator)
    rig.topup("3")
    rig.run()
    rig = lose(rig, file)
    tell(rig)
    after_the_window(rig, simulator)

    assert APPLIED == sums(rig)
    assert "25.00" == credit(simulator)
    assert rig.account().money_stopped is None


@pytest.mark.parametrize("listed", [False, True])
def test_an_account_opened_after_the_backup_is_not_opened_again(
    make, keep, lose, listed
):
    """F-E5: it may be there under a name nobody here knows; a person looks first.

    Guard off (opened all the same): red, two accounts.
    """
    rig, simulator = make(settle=SETTLE, listed=listed)
    file = keep(rig)
    rig.order()
    rig.run()
    rig = lose(rig, file)
    before = len(simulator.journal)
    rig.order()
    rig.run()

    assert [] == writes(simulator, before)
    assert ("parked", "held_opening") == (rig.fates()["order"], rig.why("order"))
    release(rig)
    assert [OPEN, PAY] == [w for w in writes(simulator, before) if w != SET]
    assert "done" == rig.fates()["order"]


def sell(rig, seconds):
    """An order that says it happened so long from now."""
    moment = rig.clock.now() + timedelta(seconds=seconds)
    rig.post(
        "order",
        "service.activate",
        moment,
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": "starter"},
        billing={"line_ref": "1"},
    )
    rig.run()


def test_what_is_sold_after_a_restore_is_opened_at_once(make, keep, lose):
    """It cannot have been there before, by whatever clock that is let in."""
    rig, simulator = make(settle=SETTLE)
    rig = lose(rig, keep(rig))
    later(rig, simulator, signature.WINDOW)
    sell(rig, 1)

    assert {"order": "done"} == rig.fates()
    assert "5.00" == credit(simulator)


def test_what_may_have_been_sold_before_is_not_opened_by_a_fast_clock(make, keep, lose):
    """F-E5: the platform's clock may be ahead as far as its signatures may be.

    Guard off (compared as if it were ours): red, it is opened.
    """
    rig, simulator = make(settle=SETTLE)
    rig = lose(rig, keep(rig))
    before = len(simulator.journal)
    sell(rig, 200)

    assert [] == writes(simulator, before)
    assert "held_opening" == rig.why("order")


def test_a_list_that_lacks_what_arrived_proves_nothing(lost, monkeypatch):
    """F-E5: references cut short, or one page of many: a person has to look.

    Guard off (what is not listed was not sent): red, 45.00 instead of 25.00.
    """
    rig, simulator = lost(listed=True)
    before = len(simulator.journal)
    monkeypatch.setattr(ictbroadcast.Backend, "arrived", lambda *_: False)
    tell(rig)
    after_the_window(rig, simulator)

    assert HELD == sums(rig)
    assert [] == writes(simulator, before)
    assert ("parked", "held_money_stopped") == (
        rig.fates()["topup-2"],
        rig.why("topup-2"),
    )
    assert "does not list" in rig.account().money_stopped


def test_what_was_under_way_at_a_second_restore_is_judged_by_that(
    open_account, keep, lose
):
    """F-E5: an account marked the first time has lost the more since the second.

    Guard off (measured against its own, older mark): red, it is believed absent.
    """
    rig, simulator = open_account(settle=SETTLE)
    rig = lose(rig, keep(rig))
    later(rig, simulator, 10)
    with rig.database.change() as tx:
        id_, at = rig.account().id, rig.clock.now()
        books.book(tx, id_, [SENT], at, chain.head(tx, id_))
        attempts.begin(tx, _on_its_way(id_, at))
        lanes.wake(tx, id_, at, "main")
    file = keep(rig)
    rig = lose(rig, file)
    rig.run()
    after_the_window(rig, simulator)

    assert [State.PERSON] == [one.state for one in rig.unsure()]


def _on_its_way(account, at):
    """What is noted of a sum right before it leaves."""
    told = {"account": account, "token": 1, "verb": "grant", "step": {}}
    due = at + timedelta(seconds=SETTLE)
    money = {"claim": SENT.key, "amount": SENT.money.amount, "balance": Decimal(5)}
    return Attempt(**told, **money, seen_at=at, send_before=at, settled_from=due)


def test_a_restored_sum_is_not_moved_before_a_person_has_looked(lost):
    """V1: it may have been sent after the backup; on another account it would again."""
    # Guard off (a restored giver is not asked for): red, sent twice.
    rig, simulator = lost()
    tell(rig)
    rig.order("2", id_="other", client="8", line="8", package="plain")
    rig.run()
    release(rig, account=rig.account("shop:2").id)

    with pytest.raises(LookupError, match="release"):
        orders.carry_out(rig.database, rig.clock, "money.move", {
            "key": "shop:2/topup", "to": rig.account("shop:2").id, "because": "x",
        })  # fmt: skip
    assert 1 == [key for key, _ in paid(simulator)].count("shop:2/topup")


@pytest.fixture
def apart(make, keep, lose):
    """A listing backend that takes money back too; and how to lose what came after."""

    def build(**set_):
        rig, simulator = make(settle=SETTLE, listed=True, ours="debit = true", **set_)
        return rig, simulator, keep, lose

    return build


def reversed_(rig, line):
    rig.post(f"back-{line}", "topup.reversed", rig.clock.now(),
             account={"ref": "7"}, billing={"line_ref": line})  # fmt: skip


def test_what_was_taken_back_after_the_backup_is_no_debt_as_well(apart):
    """V1, D28: told again after the restore, it is found among the payments."""
    # Guard off (lent before the list was looked at): red, a debt of 10.00.
    rig, simulator, keep, lose = apart()
    rig.order(package="plain")
    rig.topup("2")
    rig.run()
    file = keep(rig)
    later(rig, simulator, 10)
    reversed_(rig, "2")
    rig.run()
    rig = lose(rig, file)
    reversed_(rig, "2")
    rig.run()
    after_the_window(rig, simulator)

    assert {"paid": "10.00", "reversed": "10.00"} == sums(rig)
    assert "0.00" == credit(simulator)


def test_what_was_paid_back_before_it_was_sent_is_not_sent_after_a_restore(lost):
    """V1, D28: not listed, so it was never sent; and now it never will be."""
    # Guard off (what is not listed is sent): red, 10.00 and a debt.
    rig, simulator = lost(listed=True)
    rig.order()
    rig.run()
    rig.topup("9")
    reversed_(rig, "9")
    rig.run()
    after_the_window(rig, simulator)

    assert "shop:9/topup" not in dict(paid(simulator))


def test_a_reset_waits_until_what_arrived_after_the_backup_is_known(apart):
    """V1, D16: 10 bought after the backup are not taken for unused free credit."""
    # Guard off (dues reckoned at once): red, 14.00.
    rig, simulator, keep, lose = apart(more=PACKAGES)
    order(rig, "monthly")
    file = keep(rig)
    rig.topup("2")
    rig.run()
    use(rig, simulator, "6.00")
    rig = lose(rig, file)
    later(rig, simulator, MONTH)
    rig.topup("2")
    renew(rig, 1)
    rig.run()
    after_the_window(rig, simulator)

    assert "20.00" == credit(simulator)
