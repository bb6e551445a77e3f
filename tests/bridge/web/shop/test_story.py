"""The whole story in a browser: from signing up until all is over, by moving the clock.

Two brands with a currency of their own, each language at each, a phone and a screen;
the shops, the console, a bridge that works by itself, and both backends.
"""

import re
import time
from datetime import UTC, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from bridge.letters.topics import KEPT_UNTIL
from bridge.store import customers, shop_orders
from provisioning.core import acting
from provisioning.simulator.platform import Platform
from tests.bridge.seen import is_sound, until
from tests.engines import on_sqlite
from tests.owner import plain
from tests.rig import SECRET
from tests.town import SELLS, Town

pytestmark = [on_sqlite, pytest.mark.timeout(900)]
WALKED = [("en", "acme", 1280), ("vi", "acme", 360), ("de", "acme", 360),
          ("ru", "acme", 1280), ("en", "mekong", 360), ("vi", "mekong", 1280),
          ("de", "mekong", 1280), ("ru", "mekong", 360)]  # fmt: skip
"""Who goes all the way: each language at each brand, on a phone or on a screen."""

OTHER = {"acme": "mekong", "mekong": "acme"}
DAYS = "%(left)s of %(total)s days"
KEPT = {"features/recording", "storage_gb"}
YEARLY = {
    "acme": {"crew": "129.60", "fleet": "259.20", "port": "20.00"},
    "mekong": {"doi": "2700000", "doan": "4320000", "kenh": "200000"},
}
"""Of one for a year: ten per cent less than twelve months."""

CHANNELS = {"acme": (302, 605, 905, 305), "mekong": (300, 600, 900, 300)}
"""As bought, better, with a coupon, and down again."""

CREDIT = {"acme": ("200.00", "222.00", "422.00"), "mekong": ("0.00", "11.00", "11.00")}
"""As bought, topped up, and renewed."""


@pytest.fixture
def town(make, chromium):
    """`town()`: both shops, the console and a bridge are up."""
    made = []
    with Platform(SECRET) as platform:

        def build():
            made.append(Town(make, chromium, platform))
            return made[0]

        yield build
        for one in made:
            one.close()


def bought(town, brand, walker):
    """By the configurator, through to being alive. The path, and how long it took."""
    sold = SELLS[brand]
    walker.choose(sold.package, "annually", 100, {sold.addon: 2}, sold.due)
    path = walker.order()
    town.confirm(path)
    began = time.monotonic()
    walker.is_ready()
    took = time.monotonic() - began
    walker.looks("progress")
    assert "100" in walker.has(sold.package)
    return path, took


@pytest.mark.parametrize(("language", "brand", "width"), WALKED)
def test_from_signing_up_until_all_is_over(town, language, brand, width):
    """U11, P10 to P16, C10, C11, D9, D10, D26, B6, I9, I10, S6: at one brand all the
    way, with a neighbour at the other; neither is shown the other's, and nothing moves
    under anybody's finger."""
    town, look = town(), {"viewport": {"width": width, "height": 800}}
    other = OTHER[brand]
    near = town.owner(other, language, **look).sign_up()
    path, took = bought(town, other, near)
    print(f"shop {other} {language} {width}: paid to live on the page {took:.1f} s")
    moved = {"catalogue": 0, "configurator": 0, "priced": 0, "progress": 0}
    assert moved == near.shifts

    walk = Story(town, brand, town.owner(brand, language, **look).sign_up())
    for chapter in (walk.tries, walk.buys, walk.goes_up, walk.goes_down,
                    walk.uses_a_coupon, walk.tops_up, walk.does_not_pay,
                    walk.promises_and_pays, walk.leaves_it):  # fmt: skip
        chapter()
    walk.books()
    sees_nothing(near, walk)
    assert 404 == walk.me.go(path)


def sees_nothing(near, walk):
    """Every page of the one's story, opened by the other at his own shop."""
    of_his = re.compile(r"/(orders|services|password)/.|quote=|coupon=|name=|/plans/.")
    account = town_names(walk)
    words = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in account))
    for path in walk.me.seen:
        status = near.go(path)
        wanted = 404 if of_his.search(path) else 200
        assert wanted == status, path
        found = words.search(near.page.content())
        assert not found, (path, found)


def town_names(walk):
    """What only the one's brand says: its wares, its name, and what is called his."""
    account, sold = walk.account, SELLS[walk.brand]
    support = f"help@{walk.brand}.example"
    return (*sold.names, walk.me.address, account.username, account.id, support)


def reason(said):
    """As it stands beside the status."""
    why = said.partition(": ")[2]
    return why[:1].upper() + why[1:]


class Story:
    """Each chapter: what he presses and reads, and what his backend holds for him."""

    def __init__(self, town, brand, me):
        self.town, self.brand, self.me = town, brand, me
        self.sold, self.paid = SELLS[brand], []
        self.currency = self.sold.due[1]

    @property
    def account(self):
        return self.town.account(self.brand, self.me.address)

    @property
    def service(self):
        [service] = self.account.services
        return service

    @property
    def paid_until(self):
        catalog = self.town.rig.parts.catalog
        return acting.along(self.account, self.service, catalog).paid_until

    def holds(self, on, channels, tariff, credit=None):
        """At its backend, now or soon."""
        tariffs = {"standard": "1", "wholesale": "2"} if self.brand == "acme" else {}
        wanted = on, channels, tariffs.get(tariff, tariff)

        def is_so():
            held = self.town.held(self.brand, self.me.address)
            same = credit in {None, held.credit}
            return same and wanted == (held.on, held.channels, held.tariff)

        until(is_so, within=120)

    def pays(self, path, amount):
        """His money is seen; the page he has open says that it is done."""
        self.me.reads(self.me.speech.money(amount, self.currency))
        self.town.confirm(path)
        self.paid.append(amount)

    def price(self, name, many):
        return Decimal(YEARLY[self.brand][name]) * many

    def is_called(self, subject, **parts):
        """The mail of that subject, in his language and by his brand's name."""
        name = self.town.rig.parts.config.brands[self.brand].name
        return self.me.is_mailed(subject, brand=name, **parts)

    # --- the chapters

    def tries(self):
        self.me.tries(self.sold.package)
        self.me.reads(self.me.say("Trial"))
        self.holds(True, 3, "standard", "0.00")

    def buys(self):
        """100 for a year with an add-on; what was only tried is his from its end on."""
        me = self.me
        me.wants(cycle="annually", quantity=100, **{f"x-{self.sold.addon}": 2})
        me.due(*self.sold.due)
        self.pays(me.upgrades(), self.sold.due[0])
        me.hears("It is done.")
        self.holds(True, CHANNELS[self.brand][0], "standard", CREDIT[self.brand][0])
        self.town.later(days=31)
        me.service().reads(me.say("Active"), f"100 × {self.sold.package}")

    def goes_up(self):
        """What is left of the year is given back, and due for the better plan."""
        me, sold = self.me, self.sold
        me.wants(plan=sold.better, **{f"x-{sold.addon}": 5})
        days = me.speech.said.gettext(DAYS) % {"left": r"(\d+)", "total": r"(\d+)"}
        left, total = map(int, re.search(days, me.read()).groups())
        assert (364, True) == (left, total in {365, 366})
        each = ((sold.package, -100), (sold.better, 100), (sold.addon, 3))
        scale = Decimal("0.01") if self.currency == "USD" else Decimal(1)
        due = sum(
            (self.price(name, many) * left / total).quantize(scale, ROUND_HALF_UP)
            for name, many in each
        )
        me.due(due, self.currency)
        self.pays(me.upgrades(), due)
        me.hears("It is done.")
        self.holds(True, CHANNELS[self.brand][1], "wholesale")
        self.is_called("{brand}: your new plan is active")
        for account in self.town.platform._accounts.values():
            account.data = set(KEPT)

    def goes_down(self):
        """C10, C11: with the next period; until then all stays as it is."""
        me, sold = self.me, self.sold
        me.wants(plan=sold.package)
        me.goes_down()
        me.comes(me.path, me.say("Next renewal package"))
        me.reads(f"100 × {sold.package}", me.moment(self.paid_until))
        self.holds(True, CHANNELS[self.brand][1], "wholesale")

    def uses_a_coupon(self):
        """B6: bought, drawn, at work; what is paid for ends later by as long."""
        # Guard off (`becoming` not asked in `panels.shown`): red, it comes too early.
        me, sold, before = self.me, self.sold, self.paid_until
        price = Decimal(4 if self.brand == "acme" else 90000)
        self.pays(me.buys(sold.coupon, "/coupons/buy"), price)
        me.hears("You can use them at any moment.")
        me.looks_at_coupon()
        later = timedelta(hours=50)
        me.reads(sold.best, me.speech.lasting(later), me.moment(before + later))
        me.press("/coupons/use")
        me.hears("It is on.")
        self.holds(True, CHANNELS[self.brand][2], "wholesale")
        assert before + later == self.paid_until
        me.go(me.path)
        coming = me.say("Next renewal package")
        after = me.read().rpartition(coming)[2]
        assert plain(me.moment(before + later)) in after
        assert plain(me.moment(before)) not in after
        self.town.later(hours=51)
        self.holds(True, CHANNELS[self.brand][1], "wholesale")

    def tops_up(self):
        """I10: by its own credit, and its bonus for free."""
        me = self.me
        price = Decimal(24 if self.brand == "acme" else 250000)
        self.pays(me.buys(self.sold.topup, "/topup"), price)
        me.hears("The credit is on your account.")
        credit = CREDIT[self.brand][1]
        self.holds(True, CHANNELS[self.brand][1], "wholesale", credit)
        me.comes("/balance", plain(me.speech.money(Decimal(credit), "USD")))

    def does_not_pay(self):
        """C11, D9, D10: at its end it is what was scheduled; three days later off."""
        me, ends = self.me, self.paid_until
        self.town.at_last(ends)
        self.holds(True, CHANNELS[self.brand][3], "standard")
        me.service().reads(f"100 × {self.sold.package}")
        if self.brand == "mekong":
            self._dates(ends)
        self.town.later(days=3, hours=1)
        me.comes(me.path, reason(me.say("Inactive: not paid")))
        self.holds(False, CHANNELS[self.brand][3], "standard")
        self.is_called("{brand}: {plan} is suspended", plan=self.sold.package)

    def _dates(self, ends):
        """3 of 5 are above what the plan allows, for 7 days; what is locked, for 90."""
        since, [lock] = self.account.over["storage_gb"], self.service.locked
        assert max(since, lock.since) - ends < timedelta(hours=1)
        each = {"3": since + timedelta(days=7), "recording": lock.since
                + timedelta(days=90)}  # fmt: skip
        notices = [plain(n) for n in self.me.page.locator(".notice").all_inner_texts()]
        for (what, day), notice in zip(each.items(), notices, strict=True):
            assert what in notice
            assert plain(self.me.moment(day)) in notice

    def promises_and_pays(self):
        """S6: on again by his word, and still once it is paid."""
        me, channels = self.me, CHANNELS[self.brand][3]
        me.comes(me.path, me.say("You need a few days more?"))
        me.promises(6)
        self.holds(True, channels, "standard")
        self.is_called("{brand}: {plan} is on again", plan=self.sold.package)
        self.town.later(days=5)
        me.go(me.path)
        me.reads(me.say("Active"))
        [given] = self.account.promises
        me.reads(me.moment(given.until))
        due = self.price(self.sold.package, 100)
        has = dict(self.service.extras)[self.sold.addon]
        self.pays(me.renews(), due + self.price(self.sold.addon, has))
        me.hears("It is done.")
        me.service().reads(me.say("Active"))
        self.holds(True, channels, "standard", CREDIT[self.brand][2])
        assert self.account.promises[0].paid_at

    def leaves_it(self):
        """I9, D26: off for good two weeks after it was due; kept for 90 days more."""
        me, channels = self.me, CHANNELS[self.brand][3]
        if self.brand == "mekong":
            self._deleted()
        self.town.at_last(self.paid_until, days=14, hours=1)
        said = me.say("Inactive: revoked, it was not paid for")
        me.comes(me.path, reason(said))
        self.holds(False, channels, "standard", CREDIT[self.brand][2])
        day = me.speech.day(self.account.ended_at + timedelta(days=90), UTC)
        kept = plain(me.say(KEPT_UNTIL, day=day))
        me.comes(me.path, kept)
        mail = self.is_called("{brand}: {plan} has ended", plan=self.sold.package)
        assert kept in mail

    def _deleted(self):
        """By then what was above the plan is taken away, and what was locked gone."""
        [lock] = self.service.locked
        self.town.at_last(lock.since + timedelta(days=90))
        name = self.account.username
        until(lambda: KEPT > self.town.platform.accounts[name].data, within=120)
        there = self.town.platform.accounts[name]
        assert ({"storage_gb"}, 7) == (there.data, there.entitlements["storage_gb"])

    def books(self):
        """Each order was paid once, by its sum; and the ledger agrees with itself."""
        rig = self.town.rig
        with rig.database.read() as tx:
            client = customers.known(tx, self.brand, self.me.address).client
            orders = shop_orders.of_client(tx, client, 100)
        assert {"paid"} == {order.state for order in orders}
        assert [0, *self.paid] == [order.amount for order in reversed(orders)]
        assert is_sound(rig)
        assert [] == rig.unsure()


def test_all_of_it_without_scripts(town):
    """U11: nothing needs JavaScript: the price by its button, the progress by the
    page's own refresh."""
    town = town()
    walker = town.owner("acme", "en", scripts=False).sign_up()
    _, took = bought(town, "acme", walker)
    print(f"shop acme, no script: paid to live on the page {took:.1f} s")
