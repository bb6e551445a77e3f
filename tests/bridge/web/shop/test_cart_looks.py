"""A shop where WHMCS bills, as people see it: each state of an order, and the way over
there in a real browser."""

import pytest

from bridge.keys import hashed, random_token
from bridge.store import customers, sessions
from bridge.store.tables import customer_session
from tests.bridge.web.shop.cart import Buyer, sells, tables
from tests.browser import LOOKS, free_port, held_still, overflows, serving, violations
from tests.engines import on_sqlite
from tests.rigs.whmcs import BUSY

pytestmark = [on_sqlite, pytest.mark.timeout(600)]


@pytest.fixture
def there(street, whmcs, chromium):
    """`one, opened = there`: signed up; `opened(**look)` is his browser."""
    sells(whmcs)
    port = free_port()
    rig, _ = street(more=tables(whmcs, f"http://127.0.0.1:{port}"))
    one = Buyer(rig, whmcs).sign_up()
    token, contexts = random_token(), []
    with rig.database.change() as tx:
        sessions.begin(tx, hashed(token), one.who.id, "127.0.0.1", "a test",
                       rig.clock.wall(), of=customer_session)  # fmt: skip

    def opened(**look):
        contexts.append(chromium.new_context(**look))
        contexts[-1].add_cookies([{"name": "shop", "value": token, "url": one.url}])
        return contexts[-1].new_page()

    with serving(one.client.application, port):
        yield one, opened
        for context in contexts:
            context.close()


def states(one):
    """The paths of orders: in each state one, and where it is paid and changed."""
    paid, to_pay, free = one.buys(), one.buys(), one.buys("gift")
    one.send()
    one.pays(paid)
    under_way = one.buys()
    yield from (paid, to_pay, free, under_way, f"/services/{one.kept(paid).service}")
    yield from ("/topup", "/orders")
    one.whmcs.sales.hidden.add("12")
    one.send()
    yield under_way  # refused by now
    one.whmcs.sales.hidden.clear()
    one.whmcs.sales.product("12", "31.00")
    differs = one.buys()
    one.send()
    yield differs
    one.whmcs.wrong = [BUSY]
    away = one.buys()
    one.send()
    yield away


def speaks(one, language):
    """Who is known is spoken to in his own."""
    with one.parts.database.change() as tx:
        customers.become(tx, one.who.id, language=language)


def test_each_state_of_an_order_can_be_read_by_everybody(there):
    """U11, C4: axe finds nothing, in each language, by day and by night; nothing is too
    wide."""
    one, opened = there
    phone, wide = (held_still(opened(**look)) for look in (LOOKS[1], LOOKS[2]))
    read_on = {"en": wide, "vi": phone, "de": phone, "ru": wide}
    assert set(one.parts.config.brands["billing"].languages) == set(read_on)
    found = {}
    for no, path in enumerate(states(one)):
        for language, page in read_on.items():
            speaks(one, language)
            page.goto(one.url + path)
            assert language == page.get_attribute("html", "lang")
            wrong = violations(page) + (["too wide"] if overflows(page) else [])
            if wrong:
                found[language, no, path] = wrong

    assert {} == found


def test_a_press_leads_to_the_invoice_there_and_nowhere_else(there):
    """C4, U11: by the configured address, whatever WHMCS answers of itself; the browser
    goes on by itself, and the shop's own rules let it."""
    # Guard off (a redirect in place of `onward`): red, the browser stays where it is.
    one, opened = there
    path = one.buys()
    one.send()
    page = opened(**LOOKS[2])
    page.goto(one.url + path)
    page.get_by_role("button", name="Pay the invoice").click()
    page.wait_for_url(f"{one.whmcs.url}/oauth/**")
    theirs = one.kept(path).handed
    said = f"client {theirs['client']} sees viewinvoice.php?id={theirs['invoice']}"

    assert said == page.inner_text("body")
