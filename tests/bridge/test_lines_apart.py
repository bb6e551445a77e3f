"""A top-up sold as a product: ordered in one word, and its line told in another."""

from decimal import Decimal
from itertools import permutations

import pytest

from bridge.store import operations
from tests.bridge.seen import is_sound, paid
from tests.rigs.whmcs import LOST

PRODUCT, LINE = "2", "600"


class Sale:
    """One client's account, and the top-up he orders beside it."""

    def __init__(self, billing, no=0):
        self.billing, self.client = billing, str(7 + no)
        self.main, self.product = str(1 + 10 * no), str(2 + 10 * no)
        self.line_id = str(600 + no)
        billing.whmcs.service(self.main, "99", self.client, "Active")
        billing.whmcs.service(self.product, "13", self.client)
        billing.whmcs.paid(
            str(9000 + no), (self.line_id, "Hosting", self.product),
            client=self.client, status="Unpaid",
        )  # fmt: skip
        self.invoice = billing.whmcs.invoices[str(9000 + no)]

    def order(self):
        """As CreateAccount tells it, which knows of no invoice."""
        self.billing.tell(
            f"whmcs-{self.product}-1", "service.activate", account={"ref": self.client},
            service={"ref": self.product, "plan_ref": "credit10"},
        )  # fmt: skip

    def line(self):
        """As InvoicePaid tells it."""
        self.billing.tell(
            f"whmcs-InvoicePaid-{self.line_id}", "topup.paid",
            account={"ref": self.client}, billing={"line_ref": self.line_id},
            service={"ref": self.product, "product_ref": "credit10"},
        )  # fmt: skip

    def account(self):
        self.billing.tell(
            f"whmcs-{self.main}-1", "service.activate", account={"ref": self.client},
            service={"ref": self.main, "plan_ref": "plain"},
        )  # fmt: skip

    def pull(self):
        self.invoice["status"] = "Paid"


@pytest.fixture
def shop(make_billing):
    """Both are ordered there, and nothing was told yet."""
    billing, simulator = make_billing()
    return billing, simulator, Sale(billing)


def told(billing, sale, *roads):
    for road in roads:
        getattr(sale, road)()
        if road == "pull":
            billing.pull()
        billing.rig.run_until_quiet()


def credited(simulator):
    return [Decimal(amount) for _, amount in paid(simulator)]


ORDERS = [
    *permutations(("account", "order", "line")),
    *permutations(("account", "order", "pull")),
]


def test_in_every_order_it_is_one_grant_and_nothing_is_left_waiting(make_billing):
    """U9: by the hook or by a pull; then all of it once more, by both.

    Guard off (`take_up`; `_told_apart`; the lines `apart`): red each, orders stay
    parked.
    """
    billing, simulator = make_billing()
    sales = [Sale(billing, no) for no in range(len(ORDERS))]
    for roads in (*zip(*ORDERS, strict=True), *[[r] * len(ORDERS) for r in ORDERS[-1]]):
        for sale, road in zip(sales, roads, strict=True):
            getattr(sale, road)()
        billing.pull()
        billing.rig.run_until_quiet(within=100)
    for sale in sales:
        sale.line()
    billing.rig.run_until_quiet(within=100)

    assert [10] * len(ORDERS) == credited(simulator)
    assert {"done"} == set(billing.rig.fates().values())
    assert is_sound(billing.rig)


def test_until_its_line_is_told_it_waits_and_says_for_what(shop):
    """U9: nothing is credited on a word alone; a person hears of it after a while."""
    billing, simulator, sale = shop
    told(billing, sale, "account", "order")
    for _ in range(3):
        billing.pass_(minutes=6)
        billing.send()

    assert [] == credited(simulator)
    assert "parked" == billing.rig.fates()["whmcs-2-1"]
    assert "line_missing" == why(billing)
    assert 1 == len(billing.whmcs.notices)


@pytest.mark.parametrize("road", ["line", "pull"])
def test_it_is_active_there_once_it_is_credited(shop, road):
    """I2: it was told to wait, so nobody but us completes it; without a mail.

    Guard off (`bought` in _told): red, Pending for ever.
    """
    billing, _, sale = shop
    told(billing, sale, "account", "order")
    billing.pass_(minutes=2)
    billing.send()
    before = billing.whmcs.products[PRODUCT]["status"]
    told(billing, sale, road)
    billing.whmcs.only, billing.whmcs.wrong = "UpdateClientProduct", [LOST]
    for _ in range(3):
        billing.pass_(hours=1)
        billing.send()

    assert ("Pending", "Active") == (before, billing.whmcs.products[PRODUCT]["status"])
    assert [] == billing.whmcs.did("SendEmail")
    assert [{"serviceid": PRODUCT, "status": "Active"}] == [
        told for told in billing.whmcs.did("UpdateClientProduct") if "status" in told
    ]


def test_a_recurring_one_waits_for_each_months_line(shop):
    """U9: `Renew`, then InvoicePaid; last month's line is not this one's."""
    billing, simulator, sale = shop
    told(billing, sale, "account", "order", "line")
    billing.pass_(days=30)
    now = billing.rig.clock.now()
    due = {"ref": PRODUCT, "period_start": now.isoformat()}
    billing.tell("renew", "service.renewed", now, service=due)
    billing.rig.run_until_quiet()
    before = billing.rig.fates()["renew"]
    billing.tell(
        "paid", "topup.paid", now, account={"ref": "7"},
        service={"ref": PRODUCT, "product_ref": "credit10"},
        billing={"line_ref": "601"},
    )  # fmt: skip
    billing.rig.run_until_quiet()

    assert ("parked", "done") == (before, billing.rig.fates()["renew"])
    assert [10, 10] == credited(simulator)


def test_a_line_of_another_service_lets_nothing_go_on(shop):
    """U9: two of them were ordered, and one is paid."""
    billing, simulator, sale = shop
    told(billing, sale, "account", "order", "line")
    billing.tell(
        "other", "service.activate", account={"ref": "7"},
        service={"ref": "3", "plan_ref": "credit10"},
    )  # fmt: skip
    billing.rig.run_until_quiet()

    assert "parked" == billing.rig.fates()["other"]
    assert [10] == credited(simulator)


def why(billing):
    with billing.rig.database.read() as tx:
        [found] = operations.of_events(tx, "billing", ["whmcs-2-1"])
    return found.why.code
