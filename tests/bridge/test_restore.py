"""An old backup comes back: nothing forgotten is paid again, and nothing is lost."""

import pytest

from bridge import desk
from bridge.store import backup
from tests.bridge.seen import PAY, SETTLE, after_the_window, paid, sums, writes
from tests.rig import Rig

BACK = {"settle": SETTLE}


@pytest.fixture
def brought_back(open_account, engine, tmp_path):
    """`rig, simulator = brought_back()`: two top-ups were paid after the backup.

    A new database holds the backup; the backend is as it went on being.
    """

    def build(before=lambda _rig, _simulator: None, after=None, **set_):
        rig, simulator = open_account(**BACK | set_)
        rig.topup("2")
        rig.run()
        before(rig, simulator)
        file = tmp_path / "old.backup"
        backup.backup(rig.database, file, rig.clock.now())
        (after or two_more)(rig)
        folder = tmp_path / "new"
        folder.mkdir()
        url = engine.new(folder)
        written = rig.path.read_text()
        path = rig.path.with_name("new.toml")
        path.write_text(
            "\n".join(
                f'database = "{url}"' if line.startswith("database =") else line
                for line in written.splitlines()
            )
        )
        again = Rig(path, rig.clock)
        backup.restore(again.database, file, again.clock.now())
        return again, simulator

    return build


def two_more(rig):
    rig.topup("3")
    rig.topup("4")
    rig.run()


def told_again(rig):
    """The platform sends everything once more."""
    rig.order()
    for line in "234":
        rig.topup(line)
    rig.run()


ALL = [("shop:1/free/1/0/0", "5.00")] + [
    (f"shop:{n}/topup", "10.00") for n in (2, 3, 4)
]


def test_nothing_is_paid_twice_and_what_is_held_is_shown(brought_back):
    """F-E5: all events told again after an old backup: not one unit goes out twice."""
    # Guard off (restored_at not asked for in the plan): red, both are paid again.
    rig, simulator = brought_back()
    before = len(simulator.journal)
    told_again(rig)

    assert [] == writes(simulator, before)
    assert len(ALL) == len(paid(simulator))
    assert "20.00" == sums(rig)["held"]
    assert ["held_restored"] * 2 == [rig.why(f"topup-{line}") for line in "34"]


def test_a_person_who_looked_lets_it_go_on(brought_back):
    """What is released is that person's word: the money held is sent."""
    rig, simulator = brought_back()
    told_again(rig)
    with rig.database.change() as tx:
        account = rig.account().id
        desk.release(tx, account, "both are missing there", rig.clock.now())
    rig.run()

    assert 2 == len(paid(simulator)) - len(ALL)
    assert "held" not in sums(rig)
    assert rig.account().restored_at is None


def test_where_payments_are_listed_each_is_found_by_itself(brought_back):
    """F-E5: no hand is needed: what was paid is booked, what was not is sent, once."""
    # Guard off (paid_before says no): red, both are paid again.
    rig, simulator = brought_back(listed=True)
    told_again(rig)
    rig.topup("5")
    rig.run()

    lines = [key for key, _ in paid(simulator)]
    assert len(ALL) + 1 == len(lines) == len(set(lines))
    assert "40.00" == sums(rig)["applied"]
    assert {"done"} == set(rig.fates().values())


def test_levels_go_on(brought_back):
    """A suspension is safe to repeat: it does not wait for a person."""
    rig, simulator = brought_back()
    rig.say("suspend")
    rig.run()

    assert not simulator.users[1].active


def test_a_sum_that_was_open_in_the_backup_goes_to_a_person(brought_back):
    """Its window is over, and the balance has moved by what nobody here knows."""
    # Guard off (settle believes the balance): red, it is sent again.

    def unsure(rig, simulator):
        simulator.plant("reset_after_apply", PAY)
        rig.topup("7")
        rig.run()

    def nothing(rig):
        rig.wait(1)

    rig, simulator = brought_back(before=unsure, after=nothing)
    count = len(paid(simulator))
    after_the_window(rig, simulator)

    assert ["person"] == [attempt.state.value for attempt in rig.unsure()]
    assert count == len(paid(simulator))


def test_an_order_from_before_is_not_opened_a_second_time(brought_back):
    """It was sold after the backup and before the restore: it may be there already."""
    # Guard off (_forgotten says nothing): red, a second account is made.

    def another(rig):
        rig.order("9", id_="order-9", line="9", client="9", package="plain")
        rig.run()

    rig, simulator = brought_back(after=another)
    rig.order("9", id_="order-9", line="9", client="9", package="plain")
    rig.run()

    assert 2 == len(simulator.users)
    assert "parked" == rig.fates()["order-9"]


def test_an_order_from_after_is_an_order_like_any_other(brought_back):
    """The mark is about what was forgotten, not about what comes."""
    rig, simulator = brought_back()
    at = rig.clock.now()
    rig.post("order-8", "service.activate", at, account={"ref": "8"},
             service={"ref": "8", "plan_ref": "starter"},
             billing={"line_ref": "8"})  # fmt: skip
    rig.run()

    assert "done" == rig.fates()["order-8"]
    assert 2 == len(simulator.users)


def test_a_released_order_is_opened(brought_back):
    """A person looked, and it was not there."""

    def none(_rig):
        return

    rig, simulator = brought_back(after=none)
    rig.order("9", id_="order-9", line="9", client="9", package="plain")
    rig.run()
    before = len(simulator.users)
    with rig.database.change() as tx:
        account = rig.account("shop:9").id
        desk.release(tx, account, "not there", rig.clock.now())
    rig.run()

    assert (1, 2) == (before, len(simulator.users))
    assert "done" == rig.fates()["order-9"]


def test_all_restored_are_released_with_one_word(brought_back):
    """After a look at all of them."""
    rig, _ = brought_back()
    with rig.database.change() as tx:
        count = desk.release_restored(tx, "compared by hand", rig.clock.now())

    assert 1 == count
    assert rig.account().restored_at is None
