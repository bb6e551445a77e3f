"""A price list for the rules to act on: two ladders, and what stands on none."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from provisioning.core.asking import Asked, Question
from provisioning.core.catalog import Package
from provisioning.core.changes import decide
from provisioning.core.choices import Choice, Subscription
from provisioning.core.money import Money
from provisioning.core.prices import PriceList
from provisioning.core.terms import Family, Ladder, Offer, Terms
from tests.provisioning.core.world import on, usd

TRIAL = timedelta(days=30)


def package(name, price, channels=1, cycle="monthly", *, gives=(), **more):
    entitlements = {"channels": channels, "tariff": "standard", **dict(gives)}
    return Package(name, "main", usd(price), cycle, entitlements, **more)


ADVANCED = {"storage_gb": 50, "features": ("recording",)}


PACKAGES = (
    package("free", "0.00"),
    package("silver", "19.95", 5),
    package("gold", "29.95", 10, gives=ADVANCED, setup_fee=usd("10.00")),
    package("gold-too", "35.00", 10),
    package("platinum", "99.00", 30, gives=ADVANCED),
    package("chat", "9.00"),
    package("chat-plus", "15.00", 2),
    package("chat-free", "0.00"),
    package("payg", "49.00", 2, cycle="once"),
    package("payg-small", "19.00", 1, cycle="once"),
    package("alone", "5.00"),
    package("apart", "6.00"),
    package("line", "3.00", addon=True, gives={"storage_gb": 5}),
    package("number", "7.00", cycle="once", addon=True),
)
YEARLY = {"quarterly": Decimal(5), "annually": Decimal(20)}


def step(family, rank, discounts=YEARLY, **more):
    return Ladder(family, rank, discounts, **more)


TERMS = Terms(
    families={
        family.name: family
        for family in (
            Family("calls", free="free", trial=TRIAL, seats=True),
            Family("chats", of="calls", trial=TRIAL),
            Family("payg"),
        )
    },
    ladders={
        "free": step("calls", 90, {}),
        "silver": step("calls", 50),
        "gold": step("calls", 30),
        "gold-too": step("calls", 30),
        "platinum": step("calls", 10, minimum=3),
        "chat": step("chats", 50),
        "chat-plus": step("chats", 30),
        "chat-free": step("chats", 90, {}),
        "payg": step("payg", 30, {}),
        "payg-small": step("payg", 50, {}),
    },
)
PRICES = PriceList({p.name: p for p in PACKAGES}, TERMS)
TEN_GB = replace(PACKAGES[2], most_extra={"storage_gb": 10})
BOUNDED = replace(PRICES, packages={**PRICES.packages, "gold": TEN_GB})
"""Beside gold no more than ten are sold."""


def priced(name="gold", *, group=None, **ladder):
    """The same list, with that ladder another for that customer group."""
    ladders = {**TERMS.ladders, name: replace(TERMS.ladders[name], **ladder)}
    return PriceList(PRICES.packages, replace(TERMS, ladders=ladders), group)


def ruled(name, **family):
    """The same list, with that family another."""
    families = {**TERMS.families, name: replace(TERMS.families[name], **family)}
    return PriceList(PRICES.packages, replace(TERMS, families=families))


def offer(price, **more):
    return Offer(usd(price), **more)


def vnd(amount):
    return Money(Decimal(amount), "VND")


STARTS, AT, ENDS = on(4, 1), on(4, 11), on(5, 1)
"""A month of thirty days, of which twenty are left."""


def has(name="gold", cycle="monthly", quantity=1, extras=(), **more):
    """One subscription, of which a month is paid for."""
    period = {"ref": "shop:7", "starts": STARTS, "ends": ENDS}
    return Subscription(choice=Choice(name, cycle, quantity, extras), **period | more)


def asked(of, at=AT, *, others=(), prices=PRICES, done=True, approved=False, **to):
    """That subscription, asked to become this; survey and tick are done."""
    ask = Asked(replace(of.choice, **to), done, done, approved)
    return Question(prices, of, ask, at, others)


def decided(of, at=AT, **more):
    return decide(asked(of, at, **more))
