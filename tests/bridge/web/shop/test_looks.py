"""Every page of a shop as people see it: two brands, each language, all looks."""

import tomllib
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest

from bridge.keys import hashed, random_token
from bridge.store import customers, sessions, usage
from bridge.store.tables import customer_session
from bridge.web.shop.declared import shop
from provisioning.core.usage import Used
from tests.bridge.web.shop.desk import Desk
from tests.bridge.web.shop.pressing import account, given, press
from tests.browser import (
    LOOKS,
    PATIENCE,
    faults,
    free_port,
    held_still,
    serving,
)
from tests.engines import on_sqlite
from tests.shopper import BRANDS, Shopper

pytestmark = [on_sqlite, pytest.mark.timeout(600)]
SPOKEN = [
    (name, language)
    for name, source in tomllib.loads(BRANDS)["sources"].items()
    for language in source["brand"]["languages"]
]
"""Each brand, in each language it speaks."""

FILES = (".csv", ".html")
"""What a browser keeps, and does not show."""

NEEDS = ("/goods", "/coupons/use")
"""What shows nothing where nothing is asked for."""


def fill(one):
    """Something of everything: a coupon, a mode, a top-up, usage, an alert."""
    topup = "credit20" if one.brand == "acme" else "nap"
    page = one.get(f"/goods?name={topup}").text
    one.paid(press(one, page, "/goods").headers["Location"])
    one.rig.run()
    mine, now = account(one).id, one.rig.clock.now()
    given(one)
    gone = given(one, id_="gone")
    one.rig.order_by_hand("coupon.revoke", id=gone, by="admin", because="a mistake")
    with one.parts.database.change() as tx:
        for back in range(3):
            day = (now - timedelta(days=back)).date()
            usage.keep(tx, mine, {day: Used(back, 60 * back, back)}, now.date())
        usage.see(tx, mine, now.date(), Decimal("7.125"), now)
    press(one, one.get("/alerts").text, "/alerts", measure="spent", level="12.5")


def with_queries(one):
    topup = "credit20" if one.brand == "acme" else "nap"
    coupon = quote(f"ticket-1/{account(one).id}")
    service = account(one).services[0].ref
    yield f"/goods?name={topup}&quantity=2"
    yield f"/coupons/use?coupon={coupon}&service={service}&variant=2"


@pytest.fixture
def open_shop(street, chromium):
    """`one, opened = open_shop("acme")`: signed up there, with an order that waits and
    one that is done; `opened(language, **look)` is a page of a browser."""
    stops = []

    def build(brand):
        port = free_port()
        here = {
            "acme": f"http://127.0.0.1:{port}",
            "mekong": f"http://localhost:{port}",
        }
        rig, _ = street(**{f"at_{name}": url for name, url in here.items()})
        one = Shopper(rig, brand).sign_up()
        package = "team" if brand == "acme" else "sen"
        done = one.order(one.quote(package, quantity=2))
        one.paid(done)
        rig.run()
        waits = one.order(one.quote(package, quantity=2))
        fill(one)
        server = serving(one.client.application, port)
        server.__enter__()
        stops.append(lambda: server.__exit__(None, None, None))
        token = random_token()
        with rig.database.change() as tx:
            sessions.begin(tx, hashed(token), one.who.id, "127.0.0.1", "a test",
                           rig.clock.wall(), of=customer_session)  # fmt: skip

        def opened(language, known=True, **look):
            context = chromium.new_context(**look)
            stops.append(context.close)
            context.set_default_timeout(PATIENCE)
            cookies = {"language": language} | ({"shop": token} if known else {})
            with rig.database.change() as tx:  # his own comes before the cookie's
                customers.become(tx, one.who.id, language=language)
            context.add_cookies(
                [{"name": k, "value": v, "url": one.url} for k, v in cookies.items()]
            )
            return held_still(context.new_page())

        paths = {"<order>": waits.rpartition("/")[2], "<package>": package,
                 "<token>": "nobodys", "<service>": Desk(one).service.ref}  # fmt: skip
        return one, opened, paths, done

    yield build
    for stop in reversed(stops):
        stop()


@pytest.mark.parametrize(("brand", "language"), SPOKEN)
def test_every_page_can_be_read_by_everybody(
    open_shop, brand, language, record_property
):
    """U11: axe finds nothing, no rule off; nothing is wider than the page."""
    one, opened, names, done = open_shop(brand)
    page, found, walked = opened(language), {}, 0
    for path in (*_paths(one, names), *with_queries(one), done):
        page.goto(one.url + path)
        assert language == page.locator("html").get_attribute("lang")
        assert one.parts.config.brands[brand].name in page.title()
        walked += len(LOOKS)
        if wrong := faults(page):
            found[path] = wrong
    wrong = f"{len(found)} with something wrong"
    record_property("figures", f"shop {brand} {language}: {walked} looks, {wrong}")

    assert {} == found


def _paths(one, names):
    """Those of the registry, with something there."""
    for endpoint in shop:
        asks = endpoint.path in NEEDS or endpoint.path.endswith(FILES)
        if endpoint.changes or asks:
            continue
        path = endpoint.path
        for name, value in names.items():
            path = path.replace(name, value)
        if path == "/order":
            path += f"?quote={one.quote(names['<package>'])}"
        if path.endswith("/downgrade"):
            path += f"?quote={Desk(one).promise(quantity=1)}"
        yield path
