"""An order on its way to WHMCS, and all that may happen at the worst moment."""

from datetime import timedelta

import pytest

from bridge import duties
from bridge.billing import carts
from bridge.store import customers, outbox
from bridge.store.shop_orders import State
from tests.bridge.web.shop.cart import Buyer, buying
from tests.bridge.web.shop.test_cart import alive


@pytest.fixture
def buyer(street, whmcs):
    return buying(street, whmcs)


def meanwhile(whmcs, action, does):
    """Once, as that is asked for and before it is done."""
    really, left = whmcs.answer, [does]

    def answer(told):
        if told["action"] == action and left:
            left.pop()()
        return really(told)

    whmcs.answer = answer


def away(whmcs):
    """It answers nothing until what is given back is called."""
    really = whmcs.answer

    def answer(_):
        raise ConnectionError

    whmcs.answer = answer
    return lambda: setattr(whmcs, "answer", really)


def late(whmcs):
    """Its next AddOrder is lost, and lands when what is given back is called."""
    really, lost = whmcs.answer, []

    def answer(told):
        if told["action"] == "AddOrder" and not lost:
            lost.append(dict(told))
            raise ConnectionError
        return really(told)

    whmcs.answer = answer
    return lambda: really(dict(lost[0]))


def joins(buyer, role, **said):
    """Somebody else of the same client."""
    other = Buyer(buyer.rig, buyer.whmcs)
    at = buyer.rig.clock.wall()
    with buyer.parts.database.change() as tx:
        customers.add(
            tx, id=f"cu_{other.address[:8]}", source="billing", role=role,
            client=buyer.who.client, email=other.address, name="P", language="en",
            password=None, made_at=at, proved_at=at, **said,
        )  # fmt: skip
    return other.log_in()


def test_two_orders_at_one_moment_are_of_one_client_there(buyer):
    """C4, U11: who is made there meanwhile, by his other order, is he."""
    first, second = buyer.buys(), buyer.buys()
    meanwhile(buyer.whmcs, "AddClient", buyer.send)
    buyer.send()

    # Guard off (`except Refused` in `_client`): red, the first is refused as "already
    # exists". Guard off (`_is_others` by the order as it was read): red, "belongs to
    # other people". Guard off (`native(client) is None` in `kept`): red, he is moved
    # away from his accounts.
    assert [] == [one.said for one in map(buyer.delivery, (first, second)) if one.said]
    assert 1 == len(buyer.whmcs.clients)
    assert 2 == len(buyer.whmcs.sales.orders)
    assert "Pay the invoice" in buyer.get(first).text
    assert "Pay the invoice" in buyer.get(second).text
    id_ = first.rpartition("/")[2]
    with buyer.parts.database.change() as tx:
        carts.kept(
            tx, {"order": id_, "handed": {"client": "99", "service": "1"}},
            buyer.rig.clock.now(),
        )  # fmt: skip
    assert "billing:31" == buyer.who.client


def test_what_is_ordered_while_a_client_gets_his_number_is_his(buyer):
    """I2: the page was asked for under his old name."""
    # Guard off (`customers.client` in `_order`): red, 404, and refused for ever.
    was = buyer.who.client
    path = buyer.buys()
    buyer.send()
    told = buyer.kept(path)
    buyer.rig.order_by_hand(
        "shop.order", order="so_late", source="billing", client=was,
        customer=buyer.who.id, quote="late", kind="new", service="billing:shop_late",
        said=dict(told.said), lines=[dict(line) for line in told.lines],
        amount=str(told.amount), currency="USD", method="cart", payer={},
        cart="whmcs:billing",
    )  # fmt: skip
    buyer.send()

    assert "Pay the invoice" in buyer.get("/orders/so_late").text


def test_another_owner_by_then_orders_nothing_a_second_time(buyer):
    """C4: what bears its name is looked for whoever's it is there."""
    # Guard off (the look by `domain` in `_made`): red, two orders, two clients.
    path = buyer.buys()
    land = late(buyer.whmcs)
    buyer.send()
    land()
    joins(buyer, "owner")
    with buyer.parts.database.change() as tx:
        customers.become(tx, buyer.who.id, ended_at=buyer.rig.clock.wall())
    buyer.later()

    assert 1 == len(buyer.whmcs.sales.orders)
    assert 1 == len(buyer.whmcs.clients)
    assert "client 31" in buyer.delivery(path).said


@pytest.mark.parametrize("was_given_up", [False, True])
def test_a_retry_by_hand_waits_for_what_may_still_land(buyer, was_given_up):
    """C4: an answer was lost, and its PHP is at it still: whoever sends it next waits
    for that, also another process, and where it was just given up."""
    # Guards off: `settles` in `retry`: red, two orders, each. In `end`: red where it
    # was given up.
    path = buyer.buys()
    if was_given_up:
        back = away(buyer.whmcs)
        buyer.later(rounds=14, hours=5)
        buyer.rig.clock.ahead += timedelta(hours=5)
        back()
    land = late(buyer.whmcs)
    buyer.send()
    state = outbox.State.GIVEN_UP if was_given_up else outbox.State.WAITING
    assert state is buyer.delivery(path).state
    buyer.parts.channels["whmcs:billing"] = duties.channels(buyer.parts.config)[
        "whmcs:billing"
    ]
    buyer.retry(path)
    buyer.rig.wait(60)
    buyer.send()
    land()
    buyer.later()

    assert 1 == len(buyer.whmcs.sales.orders)
    assert "Pay the invoice" in buyer.log_in().get(path).text


def test_what_is_there_twice_stops_until_a_person_has_looked(buyer):
    """C4: nobody pays one of two by chance."""
    # Guard off (`len(found) > 1`): red, one is paid and the other waits there.
    path = buyer.buys()
    land = late(buyer.whmcs)
    buyer.send()
    land()
    land()
    buyer.later()
    assert "Pay the invoice" not in buyer.log_in().get(path).text
    assert "twice" in buyer.delivery(path).said

    [_, other] = buyer.whmcs.sales.orders
    buyer.whmcs.answer({"action": "CancelOrder", "orderid": other})
    buyer.retry(path)
    assert "Pay the invoice" in buyer.get(path).text
    assert 1 == len(alive(buyer.whmcs))


def test_what_was_sold_and_is_over_is_not_ordered_anew(buyer):
    """C4: the database may come from a backup, older than all that."""
    # Guard off (`_is_sold` goes by the service's status alone): red, a second order.
    path = buyer.buys()
    land = late(buyer.whmcs)
    buyer.send()
    land()
    [order] = buyer.whmcs.sales.orders.values()
    order["status"] = "Active"
    buyer.whmcs.invoices[order["invoiceid"]]["status"] = "Paid"
    buyer.whmcs.products[order["service"]]["status"] = "Terminated"
    buyer.later()

    assert 1 == len(buyer.whmcs.sales.orders)
    assert order["service"] == buyer.kept(path).handed["service"]


def test_what_was_paid_there_at_another_price_is_told_to_staff(buyer, caplog):
    """P15: by his credit, as it is ordered: nobody can stop that, so somebody hears."""
    # Guard off (`differs` after it is paid): red, nobody hears.
    path = buyer.buys()
    buyer.whmcs.sales.product("12", "31.00")
    really = buyer.whmcs.bill

    def paid_at_once(client, service, total):
        invoice = really(client, service, total)
        buyer.whmcs.invoices[invoice] |= {
            "status": "Paid", "total": "0.00", "credit": total,
        }  # fmt: skip
        return invoice

    buyer.whmcs.bill = paid_at_once
    buyer.send()

    assert "31.00" == buyer.kept(path).handed["paid"]
    assert "31.00" in caplog.text


def test_what_was_set_up_there_before_it_is_paid_is_not_said_to_be_cancelled(buyer):
    """P15: a product that is set up as it is ordered, at another price: it runs."""
    # Guard off (it goes by `_call_off` alone): red, "is cancelled" is not so.
    path = buyer.buys()
    buyer.whmcs.sales.product("12", "31.00")
    orders = buyer.whmcs.sales.orders
    meanwhile(buyer.whmcs, "GetOrders", lambda: orders["8001"].update(status="Active"))
    buyer.send()

    said = buyer.delivery(path).said
    assert said.startswith(carts.DIFFERS)
    assert "is cancelled" not in said
    assert "cancel it there" in said


def test_a_free_plan_that_was_called_off_may_be_ordered_again(buyer):
    """I2: once at a time, by whatever promise."""
    # Guard off (`CANCELLED` in `_free`): red, he is led to the one called off.
    path = buyer.buys("gift")
    buyer.post(f"{path}/cancel", page=buyer.get(path).text)
    again = buyer.buys("gift")
    buyer.send()

    assert path != again
    assert "There is nothing to pay" in buyer.get(again).text
    assert again == buyer.buys("gift")
    assert 1 == len(alive(buyer.whmcs))


def test_nobody_comes_to_what_an_owner_has_there_by_an_order_of_his_own(buyer):
    """U11: an owner's address leads to what he had there before only as he orders."""
    # Guard off (`by_owner`): red, a payer orders as client 7, and sees service 900.
    mate = joins(buyer, "payer")
    buyer.whmcs.service("900", client="7", status="Active")
    buyer.whmcs.client("7", buyer.address)
    path = mate.buys()
    mate.send()
    assert "owner" in buyer.delivery(path).said
    assert [] == buyer.whmcs.did("AddOrder")

    own = buyer.buys()
    buyer.send()
    buyer.retry(path)
    assert {"7"} == {buyer.kept(each).handed["client"] for each in (own, path)}


def test_what_was_called_off_here_and_paid_there_is_shown_as_it_is(buyer):
    """I2: its platform's word holds: it was paid, and is set up."""
    # Guard off (`called_off` in `handed`): red, "Called off" over what runs.
    path = buyer.buys()
    buyer.send()
    page = buyer.get(path).text
    buyer.whmcs.invoices[buyer.kept(path).handed["invoice"]]["status"] = "Paid"
    buyer.post(f"{path}/cancel", page=page)
    buyer.send()
    buyer.pays(path)
    carts.look(buyer.parts.database, buyer.rig.clock.now())

    assert State.PAID is buyer.kept(path).state
    assert "It is ready" in buyer.get(path).text
    with buyer.parts.database.read() as tx:
        off = outbox.keyed(tx, f"{carts.OFF}:{path.rpartition('/')[2]}")
    assert outbox.State.REFUSED is off.state
