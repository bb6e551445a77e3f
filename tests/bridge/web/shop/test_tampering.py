"""Each form of a plan pressed twice, from two tabs, late, and with another's price.

What is tried to get more than was paid for is counted: none of it may succeed.
"""

import pytest

from bridge.store import shop_orders
from tests.bridge.seen import levels
from tests.bridge.web.shop.desk import LADDER, Desk, notice
from tests.bridge.web.shop.forging import forged
from tests.shopper import ONCE, Shopper


@pytest.fixture
def desk(shopper):
    def build(package="desk-small", **chosen):
        one = shopper(more=LADDER).sign_up()
        return Desk(one).buys(package, **chosen)

    return build


def form(one, quote, **more):
    return {"quote": quote, "method": "manual", "name": "A",
            "email": one.address} | more  # fmt: skip


def orders(one):
    return one.get("/orders").text.count('href="/orders/or_')


def kept(one, path):
    with one.parts.database.read() as tx:
        return shop_orders.one(tx, path.rpartition("/")[2])


def test_nobody_gets_more_than_was_paid_for(desk):
    """P15, U11: a price changed, old, stale, of another service, customer, kind, or of
    other terms; each is tried on the page and by the button."""
    # Guards off, one at a time: `is_good`; whose it is in `his`; the signature in
    # `quotes.opened`: each red.
    mine = desk()
    one = mine.one
    ben = Desk(Shopper(mine.rig, "acme").sign_up()).buys()
    good, down = mine.promise(plan="desk-large"), mine.promise(quantity=2)
    cases = {
        "a letter changed": (one, good[:-2] + ("AA" if good[-2:] != "AA" else "BB")),
        "nine for one": (one, forged(good, '"quantity":1', '"quantity":9')),
        "half of it": (one, good[: len(good) // 2]),
        "two of them": (one, good + down),
        "another customer's": (ben.one, good),
        "nobody's": (one, "x" * 80),
    }
    tried, succeeded = 0, []
    before = {who: orders(who) for who in (one, ben.one)}
    for name, (who, quote) in cases.items():
        page = who.get("/services").text
        assert 404 == who.get(f"/order?quote={quote}").status_code, name
        who.post("/order", page=page, **form(who, quote))
        tried += 2
        if orders(who) != before[who]:
            succeeded.append(name)
    for path in ("/downgrade",):
        for name, (who, quote) in cases.items():
            where = mine.path if who is one else ben.path
            page = who.get("/services").text
            who.post(where + path, page=page, quote=quote, survey="price",
                     confirmed="true")  # fmt: skip
            tried += 1
            mine.rig.run()
            if mine.service.next or ben.service.next:
                succeeded.append(f"{name} {path}")
    mine.rig.wait(31 * 60)
    for who in (one, ben.one):
        who.log_in()
    page = one.get("/services").text
    one.post("/order", page=page, **form(one, good))
    tried += 1
    if orders(one) != before[one]:
        succeeded.append("an old one")
    print(f"tampering cases tried {tried}, succeeded {len(succeeded)}")

    assert [] == succeeded
    assert 1 == mine.has[1] == ben.has[1]


def test_what_goes_down_cannot_be_ordered_as_if_it_went_up(desk):
    """C10, C11: its price is a promise too, and no order is made of it."""
    # Guard off (`decision.now != offer.choice` in `move`): red.
    mine = desk("desk-large")
    quote = mine.promise(plan="desk-small")
    page = mine.one.get("/services").text
    told = mine.one.post("/order", page=page, **form(mine.one, quote))

    assert "desk-small" in notice(mine.one, told)
    assert 1 == orders(mine.one)
    up = mine.promise(quantity=2)
    told = mine.down(up, survey="price", confirmed="true")
    assert "accounts as soon as" in notice(mine.one, told)
    mine.rig.run()
    assert None is mine.service.next


def test_two_tabs_order_one_change_at_a_time(desk):
    """U5: each was priced by what is there now; two paid would charge twice."""
    # Guard off (the index `uq_shop_order_under_way`, and `mine.waits`): red, two wait.
    mine = desk()
    first, second = mine.promise(quantity=3), mine.promise(quantity=5)
    page = mine.one.get(f"/order?quote={second}").text
    path = mine.one.order(first)
    told = mine.one.post("/order", page=page, **form(mine.one, second))

    assert path.rpartition("/")[2] in notice(mine.one, told)
    assert 2 == orders(mine.one)
    with pytest.raises(LookupError, match="waits for its money"):
        mine.rig.order_by_hand("shop.order", **like(kept(mine.one, path), "another"))


def like(order, quote):
    """The same once more by another promise, past every page."""
    names = ("source", "client", "customer", "kind", "service", "said", "lines",
             "currency", "method", "payer")  # fmt: skip
    told = {name: getattr(order, name) for name in names}
    return {**told, "order": "or_another", "quote": quote, "amount": "1.00",
            "lines": list(order.lines)}  # fmt: skip


def test_pressed_twice_it_is_changed_once(desk):
    """U5: a double click, the back button after it was done, another tab."""
    mine = desk()
    quote = mine.promise(quantity=3)
    path = mine.one.order(quote)
    page = mine.one.get("/services").text
    again = mine.one.post("/order", page=page, **form(mine.one, quote))
    mine.settle(path)
    back = mine.one.get(f"/order?quote={quote}")

    assert path == again.headers["Location"] == back.headers["Location"]
    assert (2, 3) == (orders(mine.one), mine.has[1])


def test_paid_after_it_changed_meanwhile_it_is_held_with_its_money(desk):
    """U5, C6: nothing is done by itself, and the money stays visible until somebody
    says what becomes of it."""
    # Guard off (`purchased.stale` not asked): red, seats go down by an upgrade.
    mine = desk()
    path = mine.one.order(mine.promise(quantity=3))
    mine.rig.order_by_hand(
        "shop.say", event="by staff", source="acme", client=mine.one.who.client,
        service=mine.service.ref, type="service.change",
        said={"product": "desk-small", "quantity": 5},
    )  # fmt: skip
    mine.rig.run()
    mine.settle(path, "transfer 77")

    order = kept(mine.one, path)
    assert ("held", "transfer 77", None) == (order.state, order.because, order.event)
    assert 5 == mine.has[1]
    page = mine.one.get(path).text
    assert "A person looks at it" in page
    assert "Nothing of your money is lost" in page
    with pytest.raises(LookupError, match="is held already"):
        mine.one.paid(path)


ENDS = [("done", "paid", 3), ("back", "cancelled", 5)]


@pytest.mark.parametrize(("what", "state", "many"), ENDS)
def test_what_is_held_is_done_or_paid_back_once(desk, what, state, many):
    """U5: an admin decides, and both his words are kept."""
    mine = desk()
    path = mine.one.order(mine.promise(quantity=3))
    mine.rig.order_by_hand(
        "shop.say", event="by staff", source="acme", client=mine.one.who.client,
        service=mine.service.ref, type="service.change",
        said={"product": "desk-small", "quantity": 5},
    )  # fmt: skip
    mine.rig.run()
    mine.settle(path, "transfer 77")
    said = {"order": path.rpartition("/")[2], "by": "admin", "because": "asked him"}
    mine.rig.order_by_hand(f"shop.{what}", **said)
    mine.rig.run()

    order = kept(mine.one, path)
    assert (state, many) == (order.state, mine.has[1])
    assert "transfer 77; asked him" == order.because
    for again in ("shop.done", "shop.back"):
        with pytest.raises(LookupError, match="already"):
            mine.rig.order_by_hand(again, **said)


def test_what_was_paid_counts_before_the_next_is_paid(desk):
    """U5: a second payment that is confirmed before the first was heard would be
    reckoned from what is not so any more."""
    # Guard off (`_one_by_one`): red, the second is confirmed as well.
    mine = desk()
    first = mine.one.order(mine.promise(quantity=3))
    mine.one.paid(first)
    told = mine.page("/change", quantity=5)
    order = like(kept(mine.one, first), "another")
    mine.rig.order_by_hand("shop.order", **order)
    with pytest.raises(LookupError, match="has not counted yet"):
        mine.one.paid("/orders/or_another")
    assert 200 == told.status_code
    mine.rig.run()
    mine.settle("/orders/or_another")

    assert (3, "held") == (mine.has[1], kept(mine.one, "/or_another").state)


def test_paid_after_its_period_is_over_it_is_held(desk):
    """D21: what was reckoned for the days left is worth nothing when none are."""
    # Guard off (`over` in `stale`): red.
    mine = desk()
    path = mine.one.order(mine.promise(quantity=3))
    mine.rig.wait(32 * 86400)
    mine.rig.run()
    mine.settle(path)

    assert ("held", 1) == (kept(mine.one, path).state, mine.has[1])


def test_an_unsubscribing_pressed_twice_is_said_once(desk):
    """U4: of one form, whichever tab it is in."""
    mine = desk()
    page = mine.page("/unsubscribe").text
    assert ONCE.search(page)
    for _ in range(2):
        mine.one.post(f"{mine.path}/unsubscribe", page=page, because="moving away")
    mine.rig.run()

    assert 1 == mine.page().text.count(">Unsubscribed<")
    assert levels(mine.one.simulator)[0]


def test_a_word_that_takes_money_is_not_said_without_it(desk):
    """U2: only what was paid tells of a renewal."""
    # Guard off (`UNPAID` in `_say`): red.
    mine = desk()
    for type_ in ("service.renewed", "service.activate", "topup.paid"):
        with pytest.raises(LookupError, match="by what was paid"):
            mine.rig.order_by_hand(
                "shop.say", event="x", source="acme", client=mine.one.who.client,
                service=mine.service.ref, type=type_, said={},
            )  # fmt: skip
