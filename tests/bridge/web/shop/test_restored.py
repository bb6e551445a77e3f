"""What was ordered before a backup, done after it, and is confirmed anew in what was
restored."""

import pytest

from bridge.store import register
from tests.bridge.seen import credit, later, levels
from tests.bridge.test_restore import keep, lose, release  # noqa: F401 - the fixtures
from tests.bridge.web.shop.desk import LADDER, Desk
from tests.shopper import Shopper

CREDIT = {"change": "3.00", "renewal": "6.00"}
"""At the backend, once it is paid."""


@pytest.mark.parametrize("what", CREDIT)
def test_paid_again_after_a_restore_it_is_done_and_its_credit_not_sent_twice(
    shopper,
    keep,  # noqa: F811 - the fixture
    lose,  # noqa: F811 - the fixture
    what,
):
    """F-E5, C6: the account was there, so its money waits for a person, as of what a
    platform tells again; the rest is done, and no period is counted twice."""
    # Guard off (`restored_at` not set by backup.restore): red.
    one = shopper(more=LADDER).sign_up()
    mine = Desk(one).buys("desk-large" if what == "renewal" else "desk-small")
    plan = {"plan": "desk-large"} if what == "change" else {}
    path = one.order(mine.promise("/renew" if what == "renewal" else "/change", **plan))
    file = keep(one.rig)
    mine.settle(path)
    later(mine.rig, one.simulator, 3600)
    had, has, until = credit(one.simulator), mine.has, mine.service.paid_until
    assert CREDIT[what] == had

    rig = lose(one.rig, file)
    again = Shopper(rig, "acme", one.address).log_in()
    anew, again.simulator = Desk(again), one.simulator
    anew.settle(path)
    for _ in range(4):
        later(rig, one.simulator, 3600)
    with rig.database.read() as tx:
        waits = [each.claim for each in register.restored(tx, [])]

    assert (has, until) == (anew.has, anew.service.paid_until)
    assert (had, (True, 6, "1")) == (credit(one.simulator), levels(one.simulator))
    assert waits
    release(rig, *waits, account=anew.account.id)
    assert had == credit(one.simulator)
    assert "It is done." in again.log_in().get(path).text
