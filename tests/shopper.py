"""Somebody at a shop: he signs up, follows the links he is mailed, orders and looks."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from itertools import count

from bridge import duties, street
from bridge.keys import random_token
from bridge.store import customers, sessions
from bridge.store.tables import customer_session
from bridge.web.access import cookies

NUMBERS = count(1)
PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="token" value="([^"]*)"')
ONCE = re.compile(r'name="once" value="([^"]*)"')
QUOTE = re.compile(r'name="quote" value="([^"]*)"')

AT = {"acme": "https://shop.acme.example", "mekong": "https://shop.mekong.example"}
BRANDS = """
[sources.acme]
kind = "shop"
login_mail = "ours"
[sources.acme.brand]
name = "Acme Calls"
login_url = "https://panel.acme.example/"
support = "help@acme.example"
from = "hello@acme.example"
languages = ["en", "de"]
mails = []
[sources.acme.shop]
url = "https://shop.acme.example"
currency = "USD"
pay = "Transfer the sum to IBAN DE00, with the order's number."
[sources.mekong]
kind = "shop"
login_mail = "ours"
[sources.mekong.brand]
name = "Mekong Voice"
login_url = "https://panel.mekong.example/"
support = "help@mekong.example"
from = "hello@mekong.example"
languages = ["vi", "en", "ru"]
mails = []
[sources.mekong.shop]
url = "https://shop.mekong.example"
currency = "VND"
accent = "#8a1c4a"
pay = "Chuyển khoản với mã đơn hàng."
[packages.sen]
backend = "main"
price = "290000 VND"
cycle = "monthly"
tariff = "standard"
channels = 4
[families.seats]
seats = true
trial = "30d"
[packages.team]
backend = "main"
price = "29.95 USD"
cycle = "monthly"
tariff = "standard"
channels = 3
family = "seats"
rank = 2
discounts = { annually = 10 }
[packages.line]
backend = "main"
price = "5.00 USD"
cycle = "monthly"
addon = true
channels = 1
[packages.club]
backend = "main"
price = "49.95 USD"
cycle = "monthly"
tariff = "standard"
channels = 8
family = "seats"
rank = 1
[coupons.boost]
families = ["seats"]
price = "4.00 USD"
variants = [{ lasts = "3h", up = 1 }, { lasts = "50h", up = 1 }]
[topups.nap]
price = "250000 VND"
credit = "10.00 USD"
bonus = "1.00 USD"
[umbrellas.guest]
rank = 1
"""
"""Two brands with a currency and a look of their own, and what they sell."""


class Shopper:
    """`.get(path)`; `.press(page, **fields)` sends the form of a page as it stands."""

    def __init__(self, rig, brand="acme", address=None):
        self.rig, self.parts, self.brand = rig, rig.parts, brand
        self.address = address or f"buyer{next(NUMBERS)}@example.com"
        self.url = rig.parts.config.shops[brand].url
        self.client = street.create_shops(rig.parts).test_client()

    def get(self, path, **headers):
        return self.client.get(path, base_url=self.url, headers=headers)

    def post(self, path, *, page=None, referer="/", **form):
        """*page*: the text of the one the form is on, with its hidden fields."""
        hidden = {}
        if page is not None:
            for name, seen in (("token", TOKEN), ("once", ONCE)):
                found = seen.search(page)
                hidden |= {name: found.group(1)} if found else {}
        headers = {"Origin": self.url, "Referer": self.url + referer}
        return self.client.post(
            path, base_url=self.url, data=hidden | form, headers=headers
        )

    def mails(self):
        """All that were mailed, the newest last."""
        while _sent(self.rig):
            pass
        folder = self.rig.path.parent / "outbox"
        files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime)
        found = [
            message_from_bytes(file.read_bytes(), policy=policy.default)
            for file in files
        ]
        return [mail for mail in found if self.address in str(mail["To"])]

    def link(self):
        """The path of the link in the newest mail that has one."""
        texts = [mail.get_body(("plain",)).get_content() for mail in self.mails()]
        links = [re.findall(rf"{re.escape(self.url)}(/\S+)", text) for text in texts]
        [found] = [each for each in links if each][-1]
        return found

    def sign_up(self):
        """Through to being logged in."""
        answer = self.post("/signup", name="Ann Example", email=self.address)
        assert answer.status_code == 200, answer.text
        answer = self.choose(self.link())
        assert answer.status_code == 303, answer.text
        return self

    def choose(self, path, password=PASSWORD, next_="/services"):
        """A password, on the page a mailed link leads to."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        path = path.partition("?")[0]
        return self.post(path, page=page.text, password=password, next=next_)

    @property
    def who(self):
        with self.parts.database.read() as tx:
            return customers.known(tx, self.brand, self.address)

    def quote(self, package="starter", **chosen):
        """The promise on the page of that plan."""
        query = "&".join(f"{name}={value}" for name, value in chosen.items())
        page = self.get(f"/plans/{package}?{query}")
        assert page.status_code == 200, page.text
        return QUOTE.search(page.text).group(1)

    def order(self, quote, **more):
        """Review, then order. The path of the order."""
        page = self.get(f"/order?quote={quote}")
        assert page.status_code == 200, page.text
        told = {"quote": quote, "method": "manual", "name": "Ann Example",
                "email": self.address} | more  # fmt: skip
        answer = self.post("/order", page=page.text, **told)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def paid(self, path, because="transfer 4711"):
        """An admin saw its money."""
        self.rig.order_by_hand(
            "shop.paid", order=path.rpartition("/")[2], by="admin", because=because
        )

    def log_in(self):
        """As the page would, without its slow password."""
        token = random_token()
        with self.parts.database.change() as tx:
            sessions.begin(
                tx, cookies.hashed(token), self.who.id, "127.0.0.1", "a test",
                self.rig.clock.wall(), of=customer_session,
            )  # fmt: skip
        host = self.url.partition("//")[2].partition(":")[0]
        self.client.set_cookie("__Host-shop", token, domain=host, secure=True)
        return self


def _sent(rig):
    """One mail of those that wait."""
    made = duties.deliveries(
        rig.parts.config, rig.database, rig.clock, rig.parts.channels
    )
    return made.run()
