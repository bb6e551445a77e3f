"""A ladder of plans, the coupons and umbrellas over it, and a service on one step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from provisioning.core.account import LIFE, Mark, Service
from provisioning.core.activation import Ground
from provisioning.core.catalog import Catalog, Package
from provisioning.core.coupons import Coupon
from provisioning.core.events import Order
from provisioning.core.period import Period
from provisioning.core.shown import Shown
from provisioning.core.splice import Activation, Base, Sold, Why
from provisioning.core.standing import standing
from provisioning.core.terms import (
    CouponKind,
    Family,
    Ladder,
    Mode,
    Terms,
    Umbrella,
    Variant,
)
from provisioning.core.timebank import Renewal
from provisioning.core.timeline import course, timeline
from tests.provisioning.core.world import SERVICE, on, usd

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RANKS = range(8, 15)
BEST = 8


def package(name, channels, tariff=None, **said):
    terms = {"channels": channels} | ({"tariff": tariff} if tariff else {})
    about = {"backend": "main", "price": usd("9.00"), "cycle": "monthly"}
    return Package(name=name, entitlements=terms, **about | said)


PACKAGES = (
    *(package(f"rank {rank}", 20 - rank, f"t{rank}") for rank in RANKS),
    package("rank 7 elsewhere", 50, "t7", backend="other"),
    package("desk", 3, "t-desk"),
    package("loose", 4, "t-loose"),
    package("lines", 2, addon=True),
    package("cheap calls", 1, "t-cheap", addon=True),
)
CATALOG = Catalog({p.name: p for p in PACKAGES}, {}, {"main": "USD", "other": "USD"})

KINDS = (
    CouponKind("reward", ("calls",), (Variant(3 * DAY, rank=12),)),
    CouponKind("accelerator", ("calls",), (Variant(3 * HOUR, up=2),)),
    CouponKind(
        "test drive",
        ("calls",),
        (
            Variant(2 * HOUR, up=1),
            Variant(HOUR, up=2),
            Variant(timedelta(minutes=30), up=4),
        ),
        spoils=True,
    ),
    CouponKind("beside", ("calls",), (Variant(DAY, rank=10),), mode=Mode.OVERLAY),
    CouponKind("inner", ("calls",), (Variant(2 * HOUR, up=2),), nested=True),
    CouponKind(
        "inner beside",
        ("calls",),
        (Variant(HOUR, up=2), Variant(HOUR, up=4)),
        mode=Mode.OVERLAY,
        nested=True,
    ),
    CouponKind("odd", ("calls",), (Variant(HOUR, rank=99),)),
    CouponKind("far", ("faraway",), (Variant(HOUR, rank=7),)),
    CouponKind("sold", ("calls",), (Variant(DAY, rank=9),), price=usd("5.00")),
)
TERMS = Terms(
    families={name: Family(name) for name in ("calls", "desks", "faraway")},
    ladders={
        **{f"rank {rank}": Ladder("calls", rank) for rank in RANKS},
        "rank 7 elsewhere": Ladder("faraway", 7),
        "loner": Ladder("faraway", 9),
        "desk": Ladder("desks", 5),
    },
    coupons={kind.name: kind for kind in KINDS},
    umbrellas={
        umbrella.name: umbrella
        for umbrella in (
            Umbrella("twelve", 12),
            Umbrella("ten", 10, ("calls",)),
            Umbrella("desks only", 8, ("desks",)),
            Umbrella("no such step", 6),
        )
    },
)
GROUND = Ground(TERMS, CATALOG, "main")

MARCH = Period(1, on(3, 1), on(4, 1), "shop:line-1")
APRIL = Period(2, on(4, 1), on(5, 1), "shop:line-2")


def marks(**topics):
    return {
        topic: Mark(yes=yes, order=Order(at, 0, 0))
        for topic, (yes, at) in topics.items()
    }


ALIVE = marks(**{LIFE: (True, on(3, 1))})


def service(rank=14, periods=(MARCH,), said=ALIVE, **more):
    named = rank if isinstance(rank, str) else f"rank {rank}"
    return Service(SERVICE, named, said, periods, **more)


def lies(of, *steps, scheduled=(), pushes=(), **known):
    """The timeline of a service with all that is known beside it."""
    of = replace(of, shown=Shown(pushes))
    found = course(of, CATALOG, TERMS, steps=steps, **known)
    return timeline(replace(found, scheduled=(*found.scheduled, *scheduled)))


def stands(of, at, *steps, acting=(), renewal=None, terms=TERMS):
    along = lies(of, *steps)
    return standing(of, along, acting, terms, at, renewal or Renewal())


def coupon(kind="reward", owner="acct_1", at=None, id=None, **more):  # noqa: A002 - as the field is called
    return Coupon(
        id or f"c-{kind}", kind, owner, at or on(3, 2), "ann", "sorry", **more
    )


def activation(at, lasts=3 * DAY, rank=12, id="c1", mode=Mode.EXTEND):  # noqa: A002 - as the field is called
    return Activation(id, SERVICE, at, lasts, f"rank {rank}", rank, mode)


def base(rank=14, no=1, why=Why.PAID, **more):
    return Base(Sold(f"rank {rank}", "monthly", **more), why, no)
