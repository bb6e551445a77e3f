"""What is settled at one moment locks a float and a service's orders in one order."""

import threading

from bridge import orders
from bridge.billing import settling, shopping
from bridge.store import floats, shop_orders
from bridge.store.shop_orders import State
from tests.bridge.billing.test_floats import filled, his
from tests.engines import on_postgresql

__all__ = ["his"]


def placed(one, name, **more):
    """Something new for one service that two orders are for."""
    said = {
        "type": "service.activate", "product": "team", "quantity": 1, "extras": [],
        "cycle": "monthly", "zone": "UTC", "group": None,
    }  # fmt: skip
    one.rig.order_by_hand(
        "shop.order", order=name, source="acme", client=one.who.client,
        customer=one.who.id, quote=name, kind="new", service="acme:both", lines=[],
        base="5.00", currency="USD", method="manual", payer={},
        **{"amount": "9.00", "said": said | more.pop("adds", {})} | more,
    )  # fmt: skip
    return name


@on_postgresql
def test_what_is_agreed_to_and_what_is_paid_of_one_service_do_not_wait_for_each_other(
    his, monkeypatch
):
    """U11, P16: an admin agrees to what costs its customer nothing and the reseller
    something, as the reseller confirms another of the same service: neither is undone
    and begun anew."""
    # Guard off (`floats.lock` in `_approve`): red, PostgreSQL undoes one of the two.
    one, _ = his
    filled(one)
    asked = placed(one, "or_asked", amount="0.00", adds={"asks": True, "trial": True})
    other = placed(one, "or_other")
    gave_way, has_orders, has_float = [], threading.Event(), threading.Event()
    lock, draw, transient = shop_orders.lock, floats.lock, orders.transient

    def orders_locked(*told):
        lock(*told)
        has_orders.set()
        # Where the float is his already, nobody else comes to have it.
        has_float.wait(2)

    def float_locked(*told):
        draw(*told)
        if threading.current_thread() is not agrees:
            has_float.set()

    def undone(error):
        gave_way.append(str(error.orig))
        return transient(error)

    monkeypatch.setattr(shopping.purchased, "stale", lambda *_: None)
    monkeypatch.setattr(shop_orders, "lock", orders_locked)
    monkeypatch.setattr(floats, "lock", float_locked)
    monkeypatch.setattr(orders, "transient", undone)

    def agree():
        one.rig.order_by_hand(
            "shop.approve", order=asked, by="admin", because="yes", channel="mail"
        )

    def pay():
        has_orders.wait(10)
        one.rig.order_by_hand(
            "shop.paid", order=other, by="x", because="y", on_float=True
        )

    agrees, pays = threading.Thread(target=agree), threading.Thread(target=pay)
    for thread in (agrees, pays):
        thread.start()
    for thread in (agrees, pays):
        thread.join()

    assert [] == gave_way
    with one.parts.database.read() as tx:
        came = [shop_orders.one(tx, order) for order in (asked, other)]
    assert [State.PAID, State.PAID] == [order.state for order in came]
    assert [settling.FREE, "y"] == [order.because for order in came]
