"""Orders of a shop are settled once, whoever says so at the same moment."""

import threading

import pytest

from bridge.billing import settling, shopping
from bridge.store import shop_orders
from bridge.store.shop_orders import State
from tests.engines import on_postgresql
from tests.shopper import BRANDS, Shopper


@pytest.fixture
def ordered(make):
    """`one, order = ordered()`: a customer, and an order of his that waits."""
    rig, simulator = make(mailed=True, rate=None, more=BRANDS)
    one = Shopper(rig).sign_up()
    one.simulator = simulator
    return one, one.order(one.quote()).rpartition("/")[2]


def state(one, order):
    with one.parts.database.read() as tx:
        return shop_orders.one(tx, order).state


def at_once(monkeypatch, rig, *orders):
    """What came of each, where all saw the order wait before any of them went on."""
    usual, seen = settling.waiting, threading.Barrier(len(orders))

    def waiting(*told):
        found = usual(*told)
        seen.wait(10)
        return found

    monkeypatch.setattr(settling, "waiting", waiting)
    came = {}

    def say(name, said):
        try:
            came[name] = rig.order_by_hand(name, **said)
        except LookupError as no:
            came[name] = no

    threads = [threading.Thread(target=say, args=told) for told in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@on_postgresql
def test_confirmed_and_called_off_at_once_only_one_of_them_holds(ordered, monkeypatch):
    """U2, I2: an order that is called off is never set up, and a paid one not lost."""
    # Guard off (the row count in `settle`): red, both are told it is done.
    one, order = ordered
    said = {"order": order, "by": "a test", "because": "at once"}
    came = at_once(
        monkeypatch, one.rig, ("shop.paid", said), ("shop.cancel", dict(said))
    )
    one.rig.run()

    refused = [name for name, each in came.items() if isinstance(each, LookupError)]
    assert 1 == len(refused)
    paid = state(one, order) is State.PAID
    assert ["shop.cancel" if paid else "shop.paid"] == refused
    assert (1 if paid else 0) == len(one.simulator.users)


def test_what_was_settled_meanwhile_is_not_settled_again(ordered):
    """U2: the row decides, whatever was read before."""
    # Guard off (the row count in `settle`): red.
    one, order = ordered
    one.paid(order)
    with (
        pytest.raises(LookupError, match="settled just now"),
        one.parts.database.change() as tx,
    ):
        shop_orders.settle(tx, order, State.CANCELLED, "x", "y", one.rig.clock.now())

    assert State.PAID is state(one, order)


def test_nobody_fills_the_list_of_what_waits(ordered, monkeypatch):
    """I2: what others ordered stays to be seen by who confirms it."""
    # Guard off (MOST_OPEN): red, he may go on.
    one, order = ordered
    monkeypatch.setattr(shopping, "MOST_OPEN", 2)
    one.order(one.quote("plain"))
    page, quote = one.get("/services").text, one.quote("team")
    told = {"quote": quote, "method": "manual", "name": "A", "email": one.address}
    assert one.post("/order", page=page, **told).headers["Location"] == "/"
    assert 2 == one.get("/orders").text.count('href="/orders/or_')

    one.paid(order)
    assert "/orders/or_" in one.order(quote)
