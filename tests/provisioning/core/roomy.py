"""A world of plans with features, documents and extra storage, and its clock."""

from provisioning.core.catalog import Catalog, Package
from provisioning.core.terms import CouponKind, Family, Ladder, Terms, Umbrella, Variant
from tests.provisioning.core.world import DAY, World, activate, on, usd


def package(name, price, **more):
    gives = {"channels": 1, "tariff": "standard", **more.pop("gives", {})}
    return Package(name, "main", usd(price), "monthly", gives, **more)


def addon(name, **gives):
    return Package(name, "main", usd("2.00"), "monthly", gives, addon=True)


ALL_OF_IT = {"features": ("api", "recording"), "documents": 100, "storage_gb": 50}
TERMS = Terms(
    families={"desk": Family("desk", free="free", trial=30 * DAY)},
    ladders={
        "free": Ladder("desk", 90),
        "silver": Ladder("desk", 50),
        "gold": Ladder("desk", 30),
        "unlimited": Ladder("desk", 10),
    },
    coupons={"up": CouponKind("up", ("desk",), (Variant(3 * DAY, rank=30),))},
    umbrellas={"guest": Umbrella("guest", 30)},
)
PACKAGES = (
    package("free", "0.00", most_extra={"storage_gb": 0}),
    package("silver", "9.00", gives={"storage_gb": 5}, most_extra={"storage_gb": 10}),
    package("gold", "19.00", gives=ALL_OF_IT, most_extra={"storage_gb": 20}),
    package("unlimited", "99.00", gives=ALL_OF_IT),
    addon("gigabyte", storage_gb=1),
    addon("five", storage_gb=5, documents=10),
    addon("archive", features=("api",)),
    addon("support", channels=1),
)
ROOMY = Catalog({p.name: p for p in PACKAGES}, {}, {"main": "USD"}, terms=TERMS)


class Roomy(World):
    """By the day: `world.day(3, change(...))` is heard and done on 3 January and so on.

    *deletes*: whether the backend deletes data by itself.
    """

    def __init__(self, *, deletes=True, **more):
        super().__init__(catalog=ROOMY, deletes=deletes, **more)

    def hears(self, at, *events):
        self.at = at
        todo = self.hear(*events)
        self.bring()
        self.hear()  # what was read back last is remembered
        return todo

    def has(self, name):
        return self.seen.entitlements.get(name)

    @property
    def locks(self):
        return {lock.feature: lock.since for lock in self.service.locked}

    @property
    def told(self):
        """By name: the day it is deleted, and whether that is now."""
        return {one.name: (one.at, one.done) for one in self.has("locked") or ()}


def sold(name="gold", **more):
    """A world in which that is sold since January, for a year."""
    world, said = Roomy(**more), {"product": name, "line": "shop:line-1"}
    world.hears(on(1, 1), activate(on(1, 1), starts=on(1, 1), ends=on(12, 31), **said))
    return world
