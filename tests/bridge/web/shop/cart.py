"""A shop behind which a stand-in for WHMCS bills, and somebody who buys there."""

from __future__ import annotations

from datetime import timedelta

from bridge.billing import carts
from bridge.store import outbox, shop_orders
from tests.bridge.web.shop.pressing import press
from tests.bridge.whmcs import Billing
from tests.rig import SECRET
from tests.rigs.whmcs import IDENTIFIER
from tests.rigs.whmcs import SECRET as API_SECRET
from tests.shopper import Shopper, sent

TABLES = """
[sources.billing]
kind = "whmcs"
secrets = ["{secret}"]
login_mail = "ours"
api_url = "{url}/includes/api.php"
identifier = "{identifier}"
secret = "{api_secret}"
products = {{ "12" = "starter", "13" = "gift", "15" = "credit20" }}
options = {{ "Extra channels" = "line" }}
cart = {{ payment = "banktransfer", country = "VN" }}
[sources.billing.brand]
name = "Billed Calls"
login_url = "https://panel.billed.example/"
support = "help@billed.example"
from = "hello@billed.example"
languages = ["en", "vi", "de", "ru"]
mails = []
[sources.billing.shop]
url = "{at}"
currency = "USD"
sells = ["starter", "gift", "line", "credit20"]
[packages.gift]
backend = "main"
price = "0.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
"""


def tables(whmcs, at="https://shop.billed.example"):
    return TABLES.format(
        secret=SECRET, url=whmcs.url, identifier=IDENTIFIER, api_secret=API_SECRET,
        at=at,
    )  # fmt: skip


def sells(whmcs):
    """What the shop sells, there."""
    whmcs.sales.product("12", "29.00", options={"Extra channels": ("4", "5.00")})
    whmcs.sales.product("13", "0.00", paytype="free")


def buying(street, whmcs):
    """Signed up at a shop where WHMCS bills, and unknown there."""
    sells(whmcs)
    rig, simulator = street(more=tables(whmcs))
    one = Buyer(rig, whmcs).sign_up()
    one.simulator = simulator
    return one


class Buyer(Shopper):
    """`.whmcs` is where he is billed; `.billing` tells as the module there does."""

    def __init__(self, rig, whmcs, **set_):
        super().__init__(rig, "billing", **set_)
        self.whmcs, self.billing = whmcs, Billing(rig, whmcs)

    def buys(self, package="starter", chosen=None, **more):
        """The path of the order; nothing is sent yet."""
        quote = self.quote(package, **chosen or {})
        return self.order(quote, method="cart", **more)

    def kept(self, path):
        with self.parts.database.read() as tx:
            return shop_orders.one(tx, path.rpartition("/")[2])

    def delivery(self, path):
        with self.parts.database.read() as tx:
            return carts.delivery(tx, self.kept(path))

    def send(self):
        """All that is due now."""
        while sent(self.rig):
            pass

    def later(self, rounds=4, **time):
        """So often, with as much time between; his session holds by real time."""
        for _ in range(rounds):
            self.send()
            self.rig.clock.ahead += timedelta(**(time or {"minutes": 5}))
        self.send()

    def retry(self, path):
        """A person had it sent again."""
        id_ = self.delivery(path).id
        with self.parts.database.change() as tx:
            outbox.retry(tx, id_, self.rig.clock.now())
        self.send()

    def pays(self, path):
        """WHMCS has its money, and its module says what it always says."""
        theirs = self.kept(path).handed
        invoice, service = theirs["invoice"], theirs["service"]
        if invoice:
            self.whmcs.invoices[invoice]["status"] = "Paid"
        self.billing.tell(
            f"whmcs-{service}-1", "service.activate",
            account={"ref": theirs["client"], "email": self.address},
            service={"ref": service, "plan_ref": self.kept(path).said["product"]},
        )  # fmt: skip
        self.rig.run_until_quiet()

    def goes(self, page, action, **typed):
        """Where a button of that page leads at the billing: as whom, to see what."""
        answer = press(self, page, action, **typed)
        assert answer.status_code == 200, answer.text
        to = answer.headers["Refresh"].removeprefix("0; url=")
        assert to in answer.text
        where, _, token = to.partition("?access_token=")
        assert f"{self.whmcs.url}/oauth/singlesignon.php" == where
        return self.whmcs.sales.tokens[token]
