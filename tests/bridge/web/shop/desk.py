"""A ladder of plans that a shop sells: one to try, one that costs nothing, add-ons."""

import re
from urllib.parse import quote as written

from bridge.store import accounts, shop_orders, whereabouts
from tests.shopper import QUOTE

LADDER = """
[families.desk]
free = "desk-free"
trial = "30d"
[packages.desk-free]
backend = "main"
price = "0.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "desk"
rank = 9
[packages.desk-small]
backend = "main"
price = "30.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 2
family = "desk"
rank = 8
discounts = { annually = 10 }
[packages.desk-large]
backend = "main"
price = "90.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 6
free_credit = "3.00 USD"
family = "desk"
rank = 7
discounts = { annually = 10 }
[families.asked]
approval = true
[packages.asked-small]
backend = "main"
price = "10.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "asked"
rank = 2
[packages.asked-large]
backend = "main"
price = "20.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 2
family = "asked"
rank = 1
[dunning.acme]
since = 2026-11-01T00:00:00Z
remind = ["7d"]
suspend = "3d"
revoke = "14d"
[grace]
debt = "100.00 USD"
longest = "7d"
"""


class Desk:
    """A customer with a service: `.change(plan=…)` is a page, `.up(…)` its promise."""

    def __init__(self, one):
        self.one, self.rig = one, one.rig

    def buys(self, package="desk-small", **chosen):
        self.settle(self.one.order(self.one.quote(package, **chosen)))
        return self

    def settle(self, path, because="transfer 1"):
        """Its money is seen, where there is any, and what it bought is done."""
        with self.one.parts.database.read() as tx:
            found = shop_orders.one(tx, path.rpartition("/")[2])
        if found.state.value == "open":
            self.one.paid(path, because)
        self.rig.run()

    def later(self, days):
        """What is due by itself until then is done; his log-in is too old by then."""
        self.rig.wait(days * 86400)
        self.rig.wake_all()
        self.rig.run()
        self.one.log_in()

    @property
    def account(self):
        with self.one.parts.database.read() as tx:
            found = whereabouts.of_clients(tx, [self.one.who.client]).read()
            [place] = found[self.one.who.client]
            return accounts.load(tx, place.account)

    @property
    def service(self):
        [service] = self.account.services
        return service

    @property
    def path(self):
        return f"/services/{self.service.ref}"

    def page(self, path="", **query):
        asked = "&".join(f"{name}={written(str(v))}" for name, v in query.items())
        return self.one.get(f"{self.path}{path}?{asked}")

    def promise(self, path="/change", **query):
        page = self.page(path, **query)
        assert page.status_code == 200, page.text
        return QUOTE.search(page.text).group(1)

    def down(self, quote, **form):
        """The page of what is lost, and its form sent with that."""
        where = f"{self.path}/downgrade"
        page = self.one.get(f"{where}?quote={quote}")
        return self.one.post(
            where, page=page.text, quote=quote, referer=f"{where}?quote={quote}", **form
        )

    def press(self, what, **form):
        page = self.page().text
        return self.one.post(
            f"{self.path}/{what}", page=page, referer=self.path, **form
        )

    @property
    def has(self):
        service = self.service
        return service.package, service.quantity, service.extras


def said(page):
    """Its words, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("\xa0", " ")


def notice(one, answer):
    """What is told on the page an answer leads to."""
    page = one.get(answer.headers["Location"])
    found = re.search(r'<p class="notice[^"]*" role="status">([^<]*)', page.text)
    return found.group(1) if found else ""


def tried(one, package):
    """The path of its order."""
    page = one.get(f"/plans/{package}").text
    answer = one.post("/try", page=page, package=package)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]
