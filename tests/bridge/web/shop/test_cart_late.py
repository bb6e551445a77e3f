"""An order whose way into WHMCS was given up, and all that may be paid there since."""

import pytest
import sqlalchemy as sa

from bridge import duties
from bridge.billing import carts
from bridge.pulls import given_up as given_up_
from bridge.store import customers, outbox, shop_orders
from bridge.store.shop_orders import State
from provisioning.core.outcomes import Later
from tests.bridge.seen import credit, is_sound
from tests.bridge.web.shop.cart import buying
from tests.bridge.web.shop.test_cart_hostile import away, late


@pytest.fixture
def buyer(street, whmcs):
    return buying(street, whmcs)


def given_up(buyer, path):
    """Ordered there, its answer lost, and no word of it for three days."""
    land = late(buyer.whmcs)
    buyer.send()
    land()
    back = away(buyer.whmcs)
    buyer.later(rounds=14, hours=6)
    assert outbox.State.GIVEN_UP is buyer.delivery(path).state
    return back


def pays(buyer):
    """Its only order there is paid, and its module says so, twice."""
    [order] = buyer.whmcs.sales.orders.values()
    order["status"] = "Active"
    buyer.whmcs.invoices[order["invoiceid"]]["status"] = "Paid"
    for no in (1, 1, 2):
        buyer.billing.tell(
            f"whmcs-{order['service']}-{no}", "service.activate",
            account={"ref": order["userid"], "email": buyer.address},
            service={"ref": order["service"], "plan_ref": "starter"},
        )  # fmt: skip
    buyer.rig.run_until_quiet()


def looks(buyer):
    """What a process does every few minutes; another has done it just before."""
    for _ in range(2):
        for each in duties.carting(buyer.parts.config, buyer.parts.database):
            each.run(buyer.rig.clock.now())


@pytest.mark.parametrize("first", ["paid", "found"])
def test_what_was_given_up_and_paid_there_is_shown_as_paid(buyer, caplog, first):
    """C4, I2, U1: whatever comes first, it is live once, credited once, his to see, and
    staff read why; nothing is said of it as long as its platform is away."""
    # Guard off (`GivenUp` not among the duties, as it was): red, "There is nothing to
    # pay" over what he paid, and no service in his list.
    # Guard off (`withdraw` in `found`): red, its message stands among the failed.
    path = buyer.buys()
    back = given_up(buyer, path)
    with pytest.raises(Later):
        looks(buyer)
    back()
    if first == "paid":
        pays(buyer)
    looks(buyer)
    buyer.log_in()
    if first == "found":
        assert "Pay the invoice" in buyer.get(path).text
        pays(buyer)
        looks(buyer)

    assert (State.PAID, carts.LATE) == (
        buyer.kept(path).state, buyer.kept(path).because,
    )  # fmt: skip
    assert "It is ready" in buyer.get(path).text
    assert "starter" in buyer.get("/services").text
    assert "was given up, and is in billing all the same" in caplog.text
    assert outbox.State.WITHDRAWN is buyer.delivery(path).state
    assert 1 == len(buyer.whmcs.did("AddOrder")) == len(buyer.simulator.users)
    assert "5.00" == credit(buyer.simulator)
    buyer.send()
    buyer.rig.run_until_quiet()
    assert "5.00" == credit(buyer.simulator)
    assert is_sound(buyer.rig)


def test_what_is_not_there_is_not_ordered_by_a_look(buyer):
    """C4: it was given up before it was ordered: it stays so until a person says
    otherwise; what stands in its way by now is on its message."""
    # Guard off (`make` in `sought`): red, it is ordered. Guard off (`resay`): red.
    path = buyer.buys()
    back = away(buyer.whmcs)
    buyer.later(rounds=14, hours=6)
    back()
    looks(buyer)
    assert outbox.State.GIVEN_UP is buyer.delivery(path).state
    assert [] == buyer.whmcs.did("AddOrder", "AddClient")

    with buyer.parts.database.change() as tx:
        customers.become(tx, buyer.who.id, ended_at=buyer.rig.clock.wall())
    looks(buyer)
    assert "has no owner at its shop" in buyer.delivery(path).said


@pytest.mark.parametrize("was", ["handed", "given up", "on its way"])
def test_what_could_not_be_called_off_there_and_is_paid_is_shown_as_paid(
    buyer, caplog, was
):
    """I2: however long after: nobody called it off where it is paid. What nobody paid
    there stays called off."""
    # Guard off (`undone` in `told`): red where it was handed, "Called off" over what
    # runs. Guard off (`_is_sold_by_now` in `sold_all_the_same`): red where it was
    # not. Guard off (`OFF` in `given_up`): red where it was on its way.
    path = buyer.buys()
    if was == "given up":
        back = given_up(buyer, path)
    else:
        land = late(buyer.whmcs) if was == "on its way" else None
        buyer.send()
        if land:
            land()
        back = away(buyer.whmcs)
    page = buyer.log_in().get(path).text
    buyer.post(f"{path}/cancel", page=page)
    buyer.later(rounds=20, hours=6)
    back()
    looks(buyer)
    assert State.CANCELLED is buyer.kept(path).state
    assert (was == "handed") is bool(buyer.kept(path).handed)

    pays(buyer)
    looks(buyer)
    assert (State.PAID, carts.THOUGH_OFF) == (
        buyer.kept(path).state, buyer.kept(path).because,
    )  # fmt: skip
    assert "It is ready" in buyer.log_in().get(path).text
    assert "was called off here, and is paid at billing" in caplog.text
    assert 1 == len(buyer.simulator.users)


def test_what_waits_is_looked_at_by_one_question(buyer):
    """C4: every half a minute, however many wait; the bound of 90 days is of what was
    given up alone, an order that waits there longer is heard of when it is paid."""
    # Guards off: `heard` asked for each order: red, as many as there are orders; `made`
    # asked of those that are open: red, it is not settled.
    paths = [buyer.buys() for _ in range(3)]
    buyer.send()
    asked = []

    def note(*told):
        asked.append(told[2])

    reader = buyer.parts.database._reader
    sa.event.listen(reader, "before_cursor_execute", note)
    carts.look(buyer.parts.database, buyer.rig.clock.now())
    sa.event.remove(reader, "before_cursor_execute", note)
    buyer.rig.clock.ahead += 2 * carts.BACK
    buyer.pays(paths[1])
    looks(buyer)

    assert 1 == len([one for one in asked if "shop_order" in one]), asked
    assert [State.OPEN, State.PAID, State.OPEN] == [
        buyer.kept(path).state for path in paths
    ]


def test_one_that_cannot_be_settled_keeps_no_other_from_it(buyer, monkeypatch, caplog):
    """I2: the older one breaks off at each look; the younger is shown as paid all the
    same, and the tick says that not all was done."""
    # Guard off (the loop of `look` as it was): red, the younger stays open for ever.
    older, younger = buyer.buys(), buyer.buys()
    buyer.send()
    for path in (older, younger):
        buyer.pays(path)
    usual, bad = shop_orders.settle, buyer.kept(older).id

    def settle(tx, id_, *more, **named):
        if id_ == bad:
            raise LookupError(id_)
        usual(tx, id_, *more, **named)

    monkeypatch.setattr(shop_orders, "settle", settle)
    for _ in range(2):
        with pytest.raises(Later, match=f"1 orders .* could not be .* {bad} the first"):
            carts.look(buyer.parts.database, buyer.rig.clock.now())
    assert [State.OPEN, State.PAID] == [buyer.kept(p).state for p in (older, younger)]
    assert f"order {bad} could not be settled" in caplog.text

    monkeypatch.undo()
    carts.look(buyer.parts.database, buyer.rig.clock.now())
    assert State.PAID is buyer.kept(older).state


def test_one_that_cannot_be_looked_for_keeps_no_other_from_it(
    buyer, monkeypatch, caplog
):
    """I2: whatever goes wrong with it, and nobody thought of."""
    # Guard off (what is not an outcome goes through in `run`): red, one is asked for.
    older, younger = buyer.buys(), buyer.buys()
    back, sought = away(buyer.whmcs), []
    buyer.later(rounds=14, hours=6)
    back()
    bad = buyer.kept(older).id

    def look(_api, _cart, told):
        sought.append(told["order"])
        if told["order"] == bad:
            raise sa.exc.IntegrityError("", {}, ValueError())

    monkeypatch.setattr(given_up_.whmcs_cart, "sought", look)
    [tick, _] = duties.carting(buyer.parts.config, buyer.parts.database)
    with pytest.raises(Later, match=f"1 orders .* could not be .* {bad} the first"):
        tick.run(buyer.rig.clock.now())
    assert [bad, buyer.kept(younger).id] == sought
    assert f"order {bad} could not be looked for" in caplog.text
