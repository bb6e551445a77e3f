"""Where WHMCS bills: an order is placed there, paid there, and heard of from there."""

import logging

import pytest

from bridge.billing import carts
from bridge.doctor import carts as doctor
from bridge.store import customers, outbox
from bridge.store.shop_orders import State
from tests.bridge.seen import credit, is_sound
from tests.bridge.web.shop.cart import Buyer, buying
from tests.bridge.web.shop.pressing import told
from tests.rigs.whmcs import BUSY, LOCKED, LOST, ODD
from tests.rigs.whmcs import SECRET as API_SECRET
from tests.rigs.whmcs_sales import NAMELESS


@pytest.fixture
def buyer(street, whmcs):
    return buying(street, whmcs)


def alive(whmcs):
    return [one for one in whmcs.sales.orders.values() if one["status"] != "Cancelled"]


def test_it_is_ordered_there_paid_there_and_then_it_is_live(buyer):
    """C4, I2, U12: one order with all that was chosen, by who proved his address, and
    no money or account before the platform's own word."""
    # Guard off (`_whose` takes the payer's address): red, it is the victim's client.
    buyer.whmcs.client("7", "victim@example.com")
    path = buyer.buys(chosen={"x-line": 2}, email="victim@example.com")
    page = buyer.get(path)
    assert "is being handed over" in page.text
    assert "Refresh" in page.headers

    buyer.send()
    [ordered] = buyer.whmcs.did("AddOrder")
    client = ordered["clientid"]
    assert buyer.address == buyer.whmcs.clients[client]["email"]
    assert ("12", "monthly") == (ordered["pid[0]"], ordered["billingcycle[0]"])
    name = path.rpartition("/")[2].replace("_", "-")
    assert f"{name}.shop.billed.example" == ordered["domain[0]"]
    page = buyer.get(path).text
    assert "39.00" in page
    seen = buyer.goes(page, f"{path}/pay")
    assert (client, f"viewinvoice.php?id={buyer.kept(path).handed['invoice']}") == seen
    buyer.rig.run()
    assert 0 == len(buyer.simulator.users)

    buyer.pays(path)
    done = buyer.get(path).text
    assert "It is ready" in done
    assert "Pay the invoice" not in done
    assert "5.00" == credit(buyer.simulator)
    assert 1 == len(buyer.simulator.users)
    assert "starter" in buyer.get("/services").text
    carts.look(buyer.parts.database, buyer.rig.clock.now())
    assert State.PAID is buyer.kept(path).state
    buyer.rig.run()
    assert "5.00" == credit(buyer.simulator)
    assert is_sound(buyer.rig)


def test_whoever_presses_how_often_it_is_ordered_once(buyer):
    """P16: two tabs and a double click are one order there."""
    quote = buyer.quote()
    first = buyer.order(quote, method="cart")
    again = buyer.post("/order", page=buyer.get("/services").text, quote=quote,
                       method="cart", name="A", email="a@example.com")  # fmt: skip
    buyer.later()

    assert first == again.headers["Location"]
    assert 1 == len(buyer.whmcs.sales.orders)


@pytest.mark.parametrize("wrong", [LOST, LOCKED, BUSY, ODD])
def test_whatever_goes_wrong_it_is_ordered_once(buyer, wrong):
    """C4: at each step; a lost answer is looked for before anything is ordered again,
    and what does not answer is waited for, and says so."""
    # Guard off (nothing is looked for before `make`): red, two orders: a lost answer at
    # AddOrder, whatever else at the step after it.
    for no, action in enumerate(
        ("AddClient", "AddOrder", "GetOrders", "GetInvoice"), 1
    ):
        path = buyer.log_in().buys()
        buyer.whmcs.only, buyer.whmcs.wrong = action, [wrong]
        buyer.send()
        assert "does not answer just now. Your order is kept" in buyer.get(path).text
        buyer.later()

        assert [] == buyer.whmcs.wrong
        assert no == len(buyer.whmcs.sales.orders)
        assert 1 == len(buyer.whmcs.clients)
        assert "Pay the invoice" in buyer.get(path).text


def test_killed_between_their_order_and_our_note_it_is_found_again(buyer):
    """C4: what the dead one did is seen by whoever comes after his lease."""
    # Guard off (nothing is looked for before `make`, only after it): red, two orders.
    path = buyer.buys()
    channel = buyer.parts.channels["whmcs:billing"]
    really = channel.send

    class Killed(BaseException):
        pass

    def dies(delivery, at):
        really(delivery, at)
        raise Killed

    channel.send = dies
    with pytest.raises(Killed):
        buyer.send()
    channel.send = really
    assert buyer.kept(path).handed is None
    buyer.later(minutes=10)

    assert 1 == len(buyer.whmcs.sales.orders)
    assert 1 == len(buyer.whmcs.did("AddOrder"))
    assert "Pay the invoice" in buyer.log_in().get(path).text


def test_what_it_keeps_no_name_of_is_never_ordered_again(buyer):
    """C4: where nobody can tell whether it is there, a person looks."""
    # Guard off (`nameless` is passed over): red, another order by each retry.
    path = buyer.buys()
    buyer.whmcs.sales.odd.add(NAMELESS)
    buyer.later()
    buyer.retry(path)
    buyer.later()

    assert 1 == len(buyer.whmcs.sales.orders)
    assert outbox.State.REFUSED is buyer.delivery(path).state
    assert "did not take this order" in buyer.log_in().get(path).text


def test_what_is_refused_there_is_told_and_goes_on_by_a_retry(buyer):
    """C4: a hidden product; staff are told why, the customer that nothing is due."""
    path = buyer.buys()
    buyer.whmcs.sales.hidden.add("12")
    buyer.send()
    page = buyer.get(path).text
    assert "did not take this order" in page
    assert "Pay the invoice" not in page
    assert "No items added to cart" in buyer.delivery(path).said

    buyer.whmcs.sales.hidden.clear()
    buyer.retry(path)
    assert "Pay the invoice" in buyer.get(path).text


def test_another_price_there_stops_it_before_anything_can_be_paid(buyer):
    """P15: what was promised is what is invoiced, or nothing is."""
    # Guard off (`total != …` is passed over): red, there is a button to pay 31.00.
    path = buyer.buys()
    buyer.whmcs.sales.product("12", "31.00")
    buyer.send()
    page = buyer.get(path).text
    assert "The price differs" in page
    assert "Pay the invoice" not in page
    assert "31.00 USD" in buyer.delivery(path).said
    assert [] == alive(buyer.whmcs)
    assert {"Cancelled"} == {o["status"] for o in buyer.whmcs.invoices.values()}

    buyer.whmcs.sales.product("12", "29.00")
    buyer.retry(path)
    assert "Pay the invoice" in buyer.get(path).text
    assert 1 == len(alive(buyer.whmcs))


def test_what_costs_nothing_is_accepted_there_and_only_then_set_up(buyer):
    """I2: its platform hears of it as of all else; a client has it once."""
    # Guard off (`elif not sum_` tells it for a cart, too): red, an account at once.
    # Guard off (`given` finds nothing): red, a second one under his new name.
    set_up = []
    buyer.whmcs.sales.setting_up = set_up.append
    path = buyer.buys("gift")
    buyer.rig.run()
    assert 0 == len(buyer.simulator.users)
    buyer.send()
    assert [buyer.kept(path).handed["service"]] == set_up
    assert "There is nothing to pay" in buyer.get(path).text
    buyer.pays(path)
    assert "It is ready" in buyer.get(path).text
    assert path == buyer.buys("gift")
    buyer.send()
    assert 1 == len(buyer.whmcs.sales.orders)


def test_nobody_confirms_here_what_is_paid_there(buyer):
    """I2: no second road for its money, neither for an admin nor for a reseller."""
    # Guard off (`paid` asks for no method): red, an account beside the platform's.
    path = buyer.buys()
    buyer.send()
    with pytest.raises(LookupError, match="paid at the platform"):
        buyer.paid(path)
    buyer.rig.run()

    assert 0 == len(buyer.simulator.users)
    assert State.OPEN is buyer.kept(path).state


@pytest.mark.parametrize("is_handed", [False, True])
def test_what_is_called_off_is_called_off_there(buyer, is_handed):
    """I2: before it is paid; whether it is there by then or on its way."""
    path = buyer.buys()
    if is_handed:
        buyer.send()
    page = buyer.get(path).text
    assert "called off" in told(buyer, buyer.post(f"{path}/cancel", page=page))
    buyer.later()

    assert State.CANCELLED is buyer.kept(path).state
    assert [] == alive(buyer.whmcs)
    assert is_handed == bool(buyer.whmcs.did("CancelOrder"))


def test_what_is_paid_there_is_not_called_off(buyer):
    """I2: neither by its customer, nor there by us."""
    # Guard off (`is_paid or` in `call_off`): red, what was paid is cancelled there.
    path = buyer.buys()
    buyer.send()
    page = buyer.get(path).text
    buyer.whmcs.invoices[buyer.kept(path).handed["invoice"]]["status"] = "Paid"
    buyer.post(f"{path}/cancel", page=page)
    buyer.send()
    assert 1 == len(alive(buyer.whmcs))

    other = buyer.buys()
    buyer.send()
    page = buyer.get(other).text
    buyer.pays(other)
    assert "is paid already" in told(buyer, buyer.post(f"{other}/cancel", page=page))
    assert State.OPEN is buyer.kept(other).state


def test_only_an_owner_is_let_in_there_and_only_as_himself(buyer, caplog):
    """U11, C8: a service is changed, paid and ended there; nobody else's way leads
    there, and no secret stands on any page or in a log."""
    # Guard off (`may=Right.BUY` for `pay`): red, a payer is let in as the owner.
    caplog.set_level(logging.DEBUG)
    path = buyer.buys()
    buyer.send()
    client = buyer.kept(path).handed["client"]
    waits = buyer.get(path).text
    buyer.pays(path)
    service = f"/services/{buyer.kept(path).service}"
    page = buyer.get(service).text
    shown = [waits, page]
    id_ = buyer.kept(path).handed["service"]
    for to in ("change", "options", "cancel"):
        as_whom, where = buyer.goes(page, f"{service}/billing", to=to)
        assert client == as_whom
        assert where.endswith(f"id={id_}")
    assert client == buyer.goes(page, "/billing")[0]
    goods = buyer.get("/topup").text
    assert (client, "cart.php?a=add&pid=15") == buyer.goes(goods, "/topup/billing")
    second = buyer.buys()
    buyer.send()

    payer = Buyer(buyer.rig, buyer.whmcs)
    with buyer.parts.database.change() as tx:
        customers.add(
            tx, id="cu_payer", source="billing", client=buyer.who.client, role="payer",
            email=payer.address, name="P", language="en", password=None,
            made_at=buyer.rig.clock.wall(), proved_at=buyer.rig.clock.wall(),
        )  # fmt: skip
    mine = payer.log_in().get(second).text
    assert "Pay the invoice" not in mine
    assert f"{buyer.whmcs.url}/viewinvoice.php?id=" in mine
    assert 403 == payer.post(f"{second}/pay", page=mine).status_code
    stranger = Buyer(buyer.rig, buyer.whmcs).sign_up()
    for where in (f"{second}/pay", f"{service}/billing"):
        gone = stranger.post(where, page=stranger.get("/services").text, to="change")
        assert 404 == gone.status_code
    assert 404 == stranger.get(second).status_code

    buyer.whmcs.wrong = [BUSY]
    away = buyer.post(f"{second}/pay", page=buyer.get(second).text, referer=second)
    assert "does not answer just now" in told(buyer, away)
    shown += [mine, buyer.get(second).text, caplog.text]
    assert not [text for text in shown if API_SECRET in text]
    assert not [token for token in buyer.whmcs.sales.tokens if token in caplog.text]


def test_an_address_that_is_other_peoples_client_there_is_looked_at(buyer):
    """U11: who has left his account to others does not come back into it by an order;
    nor is anybody billed in a currency that is not the shop's."""
    # Guard off (`is_others` says no): red, it is ordered as theirs.
    path = buyer.buys()
    buyer.send()
    client = buyer.who.client
    assert "billing:" + buyer.kept(path).handed["client"] == client
    with buyer.parts.database.change() as tx:
        customers.add(
            tx, id="cu_heir", source="billing", client=client, role="owner",
            email="heir@example.com", name="H", language="en", password=None,
            made_at=buyer.rig.clock.wall(), proved_at=buyer.rig.clock.wall(),
        )  # fmt: skip
        customers.become(tx, buyer.who.id, ended_at=buyer.rig.clock.wall())
    back = Buyer(buyer.rig, buyer.whmcs, address=buyer.address).sign_up()
    second = back.buys()
    back.send()
    assert "belongs to other people" in back.delivery(second).said
    assert client != back.who.client
    assert 1 == len(buyer.whmcs.sales.orders)

    euro = Buyer(buyer.rig, buyer.whmcs).sign_up()
    buyer.whmcs.client("99", euro.address)
    buyer.whmcs.clients["99"]["currency_code"] = "EUR"
    third = euro.buys()
    euro.send()
    assert "is billed in EUR" in euro.delivery(third).said
    assert 1 == len(buyer.whmcs.sales.orders)


def test_the_doctor_sees_another_price_before_a_customer_does(buyer):
    """P15: each plan in both, and what is not there at all."""
    parts, sales = buyer.parts, buyer.whmcs.sales
    assert ["ok", "ok"] == [found.how for found in doctor.carts(parts)]
    sales.product("12", "31.00")
    del sales.products["13"]
    starter, gift = (found.said for found in doctor.carts(parts))

    assert "costs 29.00 USD here and 31.00 USD there" in starter
    assert "has no product 13" in gift
