"""Another address, another password: told once, sealed, and never in the way."""

import pytest
import sqlalchemy as sa

from bridge.store.tables import account, operation
from tests.bridge.seen import SET, hours, levels, writes

SECRET = "New-Secret_77"


@pytest.fixture
def living(make):
    rig, simulator = make(settle=1.0, call_deadline=2.0)
    rig.order()
    rig.run()
    return rig, simulator


def address(rig, email, *, at=None, id_="email", **more):
    rig.post(id_, "account.updated", at or rig.clock.now(),
             account={"ref": "7", "email": email}, **more)  # fmt: skip


def password(rig, secret=SECRET, *, at=None, id_="password"):
    rig.post(id_, "credentials.changed", at or rig.clock.now(),
             service={"ref": "1"}, data={"new_password": secret})  # fmt: skip


def test_another_address_reaches_the_backend_once(living):
    """U5: and what is left alone stays as it was."""
    rig, simulator = living
    before = len(simulator.journal)
    address(rig, "new@example.com")
    rig.run()
    rig.say("sync", id_="sync")
    rig.run()

    assert "new@example.com" == simulator.users[1].email
    assert [SET] == writes(simulator, before)
    assert {"email": "done", "sync": "done"}.items() <= rig.fates().items()


def test_an_older_address_changes_nothing(living):
    """V9: by when it was said, and not by when it came."""
    rig, simulator = living
    at = rig.clock.now()
    address(rig, "new@example.com", at=at)
    rig.run()
    address(rig, "old@example.com", at=hours(1), id_="older")
    rig.run()

    assert "new@example.com" == simulator.users[1].email
    assert "superseded" == rig.fates()["older"]


def test_another_password_reaches_the_backend_and_is_kept_sealed(living):
    """U1: it is in no row that could be read without the install key."""
    rig, simulator = living
    password(rig)
    rig.run()
    with rig.database.read() as tx:
        bodies = tx.execute(sa.text("SELECT body FROM request")).scalars().all()
        payloads = tx.execute(sa.select(operation.c.payload)).scalars().all()
        sealed = tx.execute(sa.select(account.c.secret)).scalar_one()

    assert SECRET == simulator.users[1].password
    assert SECRET not in str(bodies) + str(payloads)
    assert SECRET == rig.parts.keys.unseal(sealed, rig.account().id)


@pytest.mark.parametrize(
    "fault",
    ["reset_before", "reset_after_apply", "slow_then_applied", "truncated_body"],
)
def test_a_lost_answer_is_told_again(living, fault):
    """U1: nobody can read a password back, and twice does no harm."""
    rig, simulator = living
    simulator.plant(fault, SET)
    password(rig)
    rig.run_until_quiet()

    assert SECRET == simulator.users[1].password
    assert "done" == rig.fates()["password"]


def test_an_address_of_a_customer_with_two_accounts_is_on_one_of_them(living):
    """U1: the backend takes an address once; that is nobody's matter."""
    # Guard off (any refusal is one): red, staff are called whenever a client moves.
    rig, simulator = living
    rig.order("2", id_="other", line="8")
    rig.run()
    for service in ("1", "2"):
        address(rig, "new@example.com", id_=f"to-{service}", data={"target": service})
        rig.run()

    assert {"done"} == set(rig.fates().values())
    assert "email_beside" == rig.why("to-2")
    assert ["new@example.com"] == [u.email for u in simulator.users.values() if u.email]


def test_a_refused_address_is_said_and_holds_nothing_up(living):
    """U1: an address serves one user there; money and levels go on."""
    rig, simulator = living
    rig.order("2", id_="other", client="8", line="8")
    rig.run()
    address(rig, "taken@example.com", id_="first",
            service={"ref": "2"}, data={"target": "2"})  # fmt: skip
    rig.run()
    address(rig, "taken@example.com", id_="refused")
    rig.run()
    rig.say("suspend", id_="suspend", at=rig.clock.now())
    rig.run()

    assert ("done", "refused") == (rig.fates()["first"], rig.fates()["refused"])
    assert not levels(simulator)[0]
    assert "done" == rig.fates()["suspend"]


def test_a_customer_with_two_accounts_is_asked_which(living):
    """U12: nothing is guessed."""
    rig, _ = living
    rig.order("2", id_="other", line="8")
    rig.run()
    address(rig, "new@example.com")
    rig.run()

    assert "customer_unclear" == rig.why("email")
