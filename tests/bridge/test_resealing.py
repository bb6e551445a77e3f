"""The install key is rotated: at any time, broken off anywhere, and nothing is lost."""

import pytest
import sqlalchemy as sa

from bridge import resealing
from bridge.keys import Keys, Unreadable
from bridge.store import sealed
from bridge.store.tables import account, metadata, operation, user
from bridge.web.console import login
from tests.bridge.test_details import password
from tests.rig import KEY

NEW = Keys.written("the next install key: thirty-two bytes, and more", [KEY])
ALONE = Keys(NEW.install)
FLEET = 7
SECRETS = 2
"""Of events that told a password."""


class Killed(BaseException):
    """As a process that is gone: nothing of ours is done any more."""


@pytest.fixture
def fleet(make):
    """Seven accounts; two of them were told another password."""
    rig, _ = make()
    for number in range(1, FLEET + 1):
        rig.order(str(number), id_=f"o{number}", client=str(number), line=f"l{number}")
    rig.run()
    password(rig, "Told-Secret_1", id_="told")
    rig.run()
    password(rig, "Told-Secret_2", id_="waits")
    return rig


def direct(rig):
    def write(place, swaps):
        with rig.database.change() as tx:
            return sealed.swap(tx, place, swaps)

    return write


def values(rig):
    with rig.database.read() as tx:
        return [
            one
            for place in sealed.PLACES.values()
            for some in sealed.each(tx, place, 3)
            for one in some
        ]


def opened(rig, keys):
    return {one.about: keys.unseal(one.value, one.about) for one in values(rig)}


def test_all_that_was_sealed_opens_with_the_new_key_alone(fleet):
    """F-G2: the old one may be forgotten then, and no secret is another."""
    before = opened(fleet, fleet.parts.keys)
    done = resealing.reseal(fleet.database, NEW, direct(fleet), at_once=3)

    assert FLEET + SECRETS == len(before) == done.anew
    assert (0, []) == (done.left, done.unreadable)
    assert before == opened(fleet, ALONE)
    with pytest.raises(Unreadable):
        opened(fleet, fleet.parts.keys)


def test_told_again_nothing_is_sealed_anew(fleet):
    """F-G2: done twice is as good as done once."""
    resealing.reseal(fleet.database, NEW, direct(fleet))
    before = values(fleet)
    again = resealing.reseal(fleet.database, NEW, direct(fleet))

    assert 0 == again.anew
    assert before == values(fleet)


@pytest.mark.parametrize("kept", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, 6))
def test_killed_at_any_step_it_goes_on_where_it_is_said_again(fleet, step, kept):
    """F-G2: before and after each commit, all opens with both keys; then with one."""
    # Guard off (a value is taken for new by its batch's number): red, some is left.
    before = opened(fleet, fleet.parts.keys)
    done, write = 0, direct(fleet)

    def dying(place, swaps):
        nonlocal done
        done += 1
        if done == step and not kept:
            raise Killed
        written = write(place, swaps)
        if done == step:
            raise Killed
        return written

    killed = False
    try:
        resealing.reseal(fleet.database, NEW, dying, at_once=2)
    except Killed:
        killed = True
    between = opened(fleet, NEW)
    rest = resealing.reseal(fleet.database, NEW, direct(fleet), at_once=2)

    assert killed
    assert before == between == opened(fleet, ALONE)
    assert 0 == rest.left


def test_two_rows_that_are_swapped_both_fail_to_open(fleet):
    """V11: also of those that name their key: each is bound to its row."""
    # Guard off (nothing is sealed along): red, they open.
    resealing.reseal(fleet.database, NEW, direct(fleet))
    one, other = [v for v in values(fleet) if v.about.startswith("acct_")][:2]
    with fleet.database.change() as tx:
        for row, secret in ((one.key, other.value), (other.key, one.value)):
            changed = sa.update(account).where(account.c.id == row)
            tx.execute(changed.values(secret=secret))
    swapped = {v.about: v.value for v in values(fleet)}

    for about in (one.about, other.about):
        with pytest.raises(Unreadable, match=about):
            NEW.unseal(swapped[about], about)


def test_a_password_told_meanwhile_is_never_overwritten(fleet):
    """U1: between what was read and what is written somebody may have been told."""
    # Guard off (whatever is there is replaced): red, the older password is back.
    id_ = fleet.account().id
    write = direct(fleet)

    def late(place, swaps):
        with fleet.database.change() as tx:
            newer = fleet.parts.keys.seal("Newer-Secret_9", id_)
            changed = sa.update(account).where(account.c.id == id_)
            tx.execute(changed.values(secret=newer))
        return write(place, swaps)

    done = resealing.reseal(fleet.database, NEW, late)

    assert "Newer-Secret_9" == opened(fleet, NEW)[id_]
    assert (FLEET + SECRETS - 1, 1) == (done.anew, done.left)


def test_an_event_told_otherwise_meanwhile_stays_as_it_is(fleet):
    """U1: likewise where the secret stands in an event."""
    _, waits = [v for v in values(fleet) if "/" in v.about]
    with fleet.database.change() as tx:
        took = sealed.swap(tx, "events", [(waits.key, "b3RoZXI=", "bW9yZQ==")])

    assert 0 == took
    assert waits in values(fleet)


def test_every_column_of_sealed_bytes_is_rotated():
    """F-G2: who adds one writes down where, or its values are lost with the old key."""
    kept = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    places = [p for p in sealed.PLACES.values() if isinstance(p, sealed.Column)]

    assert kept == {(place.table.name, place.column) for place in places}


def test_a_second_factor_is_sealed_anew(fleet):
    """F-G2: whoever has the phone gets in with the new key, too."""
    old = fleet.parts.keys
    with fleet.database.change() as tx:
        tx.execute(sa.insert(user).values(
            name="ann@example.com", role="owner", step=0, recovery=[],
            totp=old.seal("JBSWY3DP", login.about("ann@example.com")),
            made_at=fleet.clock.now(),
        ))  # fmt: skip
    resealing.reseal(fleet.database, NEW, direct(fleet))
    with fleet.database.read() as tx:
        kept = tx.execute(sa.select(user.c.totp)).scalar_one()

    assert "JBSWY3DP" == ALONE.unseal(kept, login.about("ann@example.com"))


def test_what_no_key_opens_is_named_and_left(fleet):
    """F-G2: the rest goes on; nobody finds out a year later."""
    id_ = fleet.account().id
    with fleet.database.change() as tx:
        changed = sa.update(account).where(account.c.id == id_)
        tx.execute(changed.values(secret=b"rubbish of more than twelve bytes"))
    done = resealing.reseal(fleet.database, NEW, direct(fleet))

    assert (FLEET + SECRETS - 1, 0, [id_]) == (done.anew, done.left, done.unreadable)


def test_what_waits_is_delivered_with_either_key(fleet):
    """F-G2: a password that was told before the rotation reaches the backend after."""
    resealing.reseal(fleet.database, NEW, direct(fleet))
    text = fleet.path.read_text().replace(f'"{KEY}"', f'"{NEW.install.decode()}"', 1)
    fleet.path.write_text(text)
    anew = type(fleet)(fleet.path, fleet.clock)
    anew.run()

    assert "done" == anew.fates()["waits"]
    assert "Told-Secret_2" == opened(anew, ALONE)[anew.account().id]


def test_names_and_marks_of_accounts_stay_as_they_are(fleet):
    """U1: an account is found by the name it was opened under, whatever the key is."""
    named = sa.select(account.c.id, account.c.username)
    with fleet.database.read() as tx:
        before = tx.execute(named).all()
    resealing.reseal(fleet.database, NEW, direct(fleet))
    with fleet.database.read() as tx:
        after = tx.execute(named).all()

    assert sorted(before) == sorted(after)


def test_a_process_that_lacks_the_key_says_so_and_waits(fleet):
    """U1: nothing is sent, nothing is lost, and the way out is said."""
    resealing.reseal(fleet.database, NEW, direct(fleet))
    fleet.run()  # it was started with the old one
    with fleet.database.read() as tx:
        waits = operation.c.event == "waits"
        fate, why = tx.execute(
            sa.select(operation.c.fate, operation.c.why).where(waits)
        ).one()

    assert "accepted" == fate
    assert "`old_keys`" in str(why)


def test_each_key_says_how_much_is_sealed_with_it(fleet):
    """F-G2: what names no key was sealed while there was one."""
    before = resealing.counted(fleet.database, NEW)
    resealing.reseal(fleet.database, NEW, direct(fleet))
    after = resealing.counted(fleet.database, NEW)
    whole = {"passwords": FLEET, "events": SECRETS}
    old = NEW.each[1].name

    assert {NEW.name: {}, old: {}, "none": whole} == before
    assert {NEW.name: whole, old: {}, "none": {}} == after
