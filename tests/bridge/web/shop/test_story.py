"""The whole story in a browser: from signing up to a service that is alive.

Two brands with a currency of their own, each language; the shop, the console, a bridge
that works by itself, a simulator.
"""

import time
from decimal import Decimal

import pytest

from bridge import app, street
from tests.browser import free_port, serving
from tests.engines import on_sqlite
from tests.shopper import BRANDS
from tests.visit import Visit
from tests.walker import PATIENCE, Walker

pytestmark = [on_sqlite, pytest.mark.timeout(900)]
LANGUAGES = ("en", "vi", "de", "ru")
SPOKEN = 'languages = ["en", "vi", "de", "ru"]'
SOLD = """
[families.hundreds]
seats = true
[packages.crew]
backend = "main"
price = "12.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 3
family = "hundreds"
rank = 2
discounts = { annually = 10 }
[packages.port]
backend = "main"
price = "20.00 USD"
cycle = "annually"
addon = true
channels = 1
[families.nhom]
seats = true
[packages.doi]
backend = "main"
price = "250000 VND"
cycle = "monthly"
tariff = "standard"
channels = 3
family = "nhom"
rank = 2
discounts = { annually = 10 }
[packages.kenh]
backend = "main"
price = "200000 VND"
cycle = "annually"
addon = true
channels = 1
"""
BOUGHT = {
    "acme": ("crew", {"port": 2}, (Decimal(13000), "USD")),
    "mekong": ("doi", {"kenh": 2}, (Decimal(270400000), "VND")),
}
"""100 for a year, with an add-on: the plan, the add-ons, and what it comes to."""


@pytest.fixture
def town(make, chromium):
    """`town.walker("acme", "de")`, `town.confirm(path)`: both shops, the console and a
    bridge are up."""
    town = Town(make, chromium)
    yield town
    town.close()


class Town:
    def __init__(self, make, chromium):
        self._stops, self._chromium = [], chromium
        shops, desk = free_port(), free_port()
        at = {
            "acme": f"http://127.0.0.1:{shops}",
            "mekong": f"http://localhost:{shops}",
        }
        tables = BRANDS.replace('languages = ["en", "de"]', SPOKEN)
        tables = tables.replace('languages = ["vi", "en", "ru"]', SPOKEN)
        for brand, url in at.items():
            tables = tables.replace(f"https://shop.{brand}.example", url)
        self.rig, self.simulator = make(
            mailed=True, rate=None, more=f"[console]\nport = {desk}\n{tables}{SOLD}"
        )
        self.at = at
        self.admin = Visit(self.rig)
        stop = app.work(self.rig.parts)
        self._stops.append(stop)
        self._serve(street.create_shops(self.rig.parts), shops)
        self._serve(self.admin.app, desk)
        self.desk = self.opened()
        cookie = {"name": "switchhook", "value": self.admin.token}
        self.desk.context.add_cookies([cookie | {"url": self.admin.url}])
        self.desk.set_default_timeout(PATIENCE)

    def _serve(self, served, port):
        server = serving(served, port)
        server.__enter__()
        self._stops.append(lambda: server.__exit__(None, None, None))

    def opened(self, **look):
        context = self._chromium.new_context(**look)
        self._stops.append(context.close)
        return context.new_page()

    def walker(self, brand, language, scripts=True, **look):
        page = self.opened(locale=language, java_script_enabled=scripts, **look)
        outbox = self.rig.path.parent / "outbox"
        address = f"ann.{brand}@example.com"
        return Walker(page, self.at[brand], language, address, outbox, scripts)

    def confirm(self, path):
        """An admin sees the money; in the console, by the list of what waits."""
        id_ = path.rpartition("/")[2]
        self.desk.goto(f"{self.admin.url}/purchases")
        self.desk.get_by_role("link", name=id_, exact=True).click()
        self.desk.get_by_label("How it is known").fill("transfer 4711")
        self.desk.get_by_role("button", name="Confirm ").click()
        assert "Confirmed" in self.desk.inner_text(".notice")

    def close(self):
        for stop in reversed(self._stops):
            stop()


def bought(town, walker, brand):
    """Through to being alive. The path of the order, and how long it took."""
    package, addons, sum_ = BOUGHT[brand]
    walker.choose(package, "annually", 100, addons, sum_)
    path = walker.order()
    town.confirm(path)
    began = time.monotonic()
    walker.is_ready()
    took = time.monotonic() - began
    walker.looks("progress")
    row = walker.has(package)
    assert "100" in row
    return path, took


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_signing_up_to_a_service_that_is_alive(town, language):
    """U11, P10, P12 to P16, I2: at two brands; neither's customer sees the other's,
    and nothing moves under anybody's finger."""
    walkers = {brand: town.walker(brand, language).sign_up() for brand in BOUGHT}
    paths = {}
    for brand, walker in walkers.items():
        paths[brand], took = bought(town, walker, brand)
        print(f"shop {brand} {language}: paid to live on the page {took:.1f} s")
        print(f"shop {brand} {language}: moved by itself {walker.shifts}")
        still = {"catalogue": 0, "configurator": 0, "progress": 0}
        assert still.items() <= walker.shifts.items()

    for brand, other in (("acme", "mekong"), ("mekong", "acme")):
        walker = walkers[brand]
        assert 404 == walker.go(paths[other])
        assert BOUGHT[other][0] not in walker.page.content()
        for path in ("/", "/services", "/orders"):
            assert 200 == walker.go(path)
            seen = walker.page.inner_text("body")
            assert BOUGHT[brand][0] in seen
            assert BOUGHT[other][0] not in seen
        mail = walker.page.locator("footer a[href^=mailto]").get_attribute("href")
        assert mail == f"mailto:help@{brand}.example"


def test_all_of_it_without_scripts(town):
    """U11: nothing needs JavaScript: the price by its button, the progress by the
    page's own refresh."""
    walker = town.walker("acme", "en", scripts=False).sign_up()
    _, took = bought(town, walker, "acme")
    print(f"shop acme, no script: paid to live on the page {took:.1f} s")
