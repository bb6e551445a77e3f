"""Two brands' shops, the console and a bridge that works by itself, all being served.

What they sell stands at two backends: of acme at an ICTBroadcast, of mekong at a
platform of the provider's own. Time is moved as `switchhook clock advance` does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bridge import lifecycle, street
from bridge.duties import wake
from bridge.store import accounts, customers, facts, whereabouts
from provisioning.core.money import text
from tests.bridge.seen import until
from tests.browser import free_port, serving
from tests.owner import Owner
from tests.rig import DEADLINE, SECRET
from tests.shopper import BRANDS
from tests.visit import Visit
from tests.walker import PATIENCE

SPOKEN = 'languages = ["en", "vi", "de", "ru"]'
DUNNED = "since = 2026-01-01T00:00:00Z"
SOLD = f"""
[dunning.acme]
{DUNNED}
[dunning.mekong]
{DUNNED}
[families.hundreds]
seats = true
trial = "30d"
[packages.crew]
backend = "main"
price = "12.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 3
free_credit = "2.00 USD"
family = "hundreds"
rank = 3
discounts = {{ annually = 10 }}
[packages.fleet]
backend = "main"
price = "24.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 6
family = "hundreds"
rank = 2
discounts = {{ annually = 10 }}
[packages.armada]
backend = "main"
price = "40.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 9
family = "hundreds"
rank = 1
discounts = {{ annually = 10 }}
[packages.port]
backend = "main"
price = "20.00 USD"
cycle = "annually"
addon = true
channels = 1
[coupons.gale]
families = ["hundreds"]
price = "4.00 USD"
variants = [{{ lasts = "50h", up = 1 }}]
[families.nhom]
seats = true
trial = "30d"
[packages.doi]
backend = "own"
price = "250000 VND"
cycle = "monthly"
tariff = "standard"
channels = 3
storage_gb = 5
most_extra = {{ storage_gb = 2 }}
family = "nhom"
rank = 3
discounts = {{ annually = 10 }}
[packages.doan]
backend = "own"
price = "400000 VND"
cycle = "monthly"
tariff = "wholesale"
channels = 6
storage_gb = 50
features = ["recording"]
family = "nhom"
rank = 2
discounts = {{ annually = 10 }}
[packages.quan]
backend = "own"
price = "900000 VND"
cycle = "monthly"
tariff = "wholesale"
channels = 9
storage_gb = 50
features = ["recording"]
family = "nhom"
rank = 1
discounts = {{ annually = 10 }}
[packages.kenh]
backend = "own"
price = "200000 VND"
cycle = "annually"
addon = true
storage_gb = 1
[coupons.gio]
families = ["nhom"]
price = "90000 VND"
variants = [{{ lasts = "50h", up = 1 }}]
[grace]
debt = ["50000.00 USD", "900000000 VND"]
"""
OWN = """
[backends.own]
kind = "generic"
url = "{url}"
secret = "{secret}"
currency = "USD"
call_deadline = {deadline}
entitlements = ["channels", "tariff", "features", "storage_gb", "locked"]
"""


@dataclass(frozen=True, slots=True)
class Sold:
    """What a brand sells, as its story goes."""

    package: str
    better: str
    best: str
    addon: str
    coupon: str
    topup: str
    due: tuple[Decimal, str]
    """100 for a year, with two of the add-on."""

    @property
    def names(self):
        return (self.package, self.better, self.best, self.addon, self.coupon,
                self.topup)  # fmt: skip


SELLS = {
    "acme": Sold("crew", "fleet", "armada", "port", "gale", "credit20",
                 (Decimal(13000), "USD")),
    "mekong": Sold("doi", "doan", "quan", "kenh", "gio", "nap",
                   (Decimal(270400000), "VND")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """An account as its backend keeps it, whichever that is."""

    on: bool
    channels: int
    tariff: str
    credit: str


class Town:
    """`town.rig`, `town.later(days=31)`, `town.held("acme", address)`."""

    def __init__(self, make, chromium, platform):
        self._stops, self._chromium, self.platform = [], chromium, platform
        shops, desk = free_port(), free_port()
        self.at = {
            "acme": f"http://127.0.0.1:{shops}",
            "mekong": f"http://localhost:{shops}",
        }
        tables = BRANDS.replace('languages = ["en", "de"]', SPOKEN)
        tables = tables.replace('languages = ["vi", "en", "ru"]', SPOKEN)
        tables = tables.replace("mails = []", 'mails = "all"')
        for brand, url in self.at.items():
            tables = tables.replace(f"https://shop.{brand}.example", url)
        own = OWN.format(url=platform.url, secret=SECRET, deadline=DEADLINE)
        more = own + SOLD
        self.rig, self.simulator = make(
            mailed=True, rate=None, more=f"[console]\nport = {desk}\n{tables}{more}"
        )
        with self.rig.database.change() as tx:
            facts.begin_demo(tx, {}, self.rig.clock.now())
        self.outbox = self.rig.path.parent / "outbox"
        self.admin = Visit(self.rig)
        self._stops.append(lifecycle.work(self.rig.parts))
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

    def owner(self, brand, language, scripts=True, **look):
        """Somebody who is nobody there yet."""
        page = self.opened(locale=language, java_script_enabled=scripts, **look)
        address = f"ann.{brand}@example.com"
        return Owner(page, self.at[brand], language, address, self.outbox, scripts)

    def tab(self, one):
        """Another one of the same browser."""
        page, language = one.page.context.new_page(), one.speech.language
        return Owner(page, one.url, language, one.address, self.outbox)

    def confirm(self, path):
        """An admin sees the money; in the console, by the list of what waits."""
        id_ = path.rpartition("/")[2]
        self.desk.goto(f"{self.admin.url}/purchases")
        self.desk.get_by_role("link", name=id_, exact=True).click()
        self.desk.get_by_label("How it is known").fill("transfer 4711")
        self.desk.get_by_role("button", name="Confirm ").click()
        assert "Confirmed" in self.desk.inner_text(".notice")

    def later(self, **lasts):
        """Business time moves on, for all who answer here; what is due is woken."""
        seconds = timedelta(**lasts).total_seconds()
        until(lambda: not self._advance(seconds).get("under_way"), within=120)
        self.simulator.advance(seconds)
        wake(self.rig.database, self.rig.clock.now())
        self.rig.parts.worker.nudge()

    def at_last(self, moment, **more):
        """On to that moment, and so much further."""
        self.later(seconds=(moment - self.rig.clock.now()).total_seconds())
        self.later(**(more or {"minutes": 1}))

    def _advance(self, seconds):
        return self.rig.order_by_hand("clock.advance", seconds=seconds)

    def account(self, brand, address):
        with self.rig.database.read() as tx:
            client = customers.known(tx, brand, address).client
            [place] = whereabouts.of_clients(tx, [client]).read()[client]
            return accounts.load(tx, place.account)

    def held(self, brand, address):
        """As its backend has it just now."""
        account = self.account(brand, address)
        if brand == "acme":
            user = self.simulator.users[int(account.remote)]
            return Held(user.active, user.channels, user.tariff, text(user.credit))
        there = self.platform.accounts[account.username]
        has = there.entitlements
        return Held(there.on, has["channels"], has["tariff"], text(there.balance))

    def close(self):
        for stop in reversed(self._stops):
            stop()
