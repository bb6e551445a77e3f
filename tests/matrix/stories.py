"""What happens to an account once it is opened, told so that any step can be struck."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bridge.preview import preview
from bridge.store import operations, payload, unpaid
from provisioning.core import acting
from provisioning.core.activation import Activated, Ground, activate
from provisioning.core.coupons import Giving, give
from provisioning.core.pledging import pledged
from provisioning.core.promised import Promise
from tests.matrix.scene import DAY, HOUR, Scene

OPEN, SET, PAY, DELETE = (
    "User_Create",
    "User_Update",
    "User_Payment_Create",
    "User_Delete",
)
LIST, STOP = "Campaign_List", "Campaign_Stop"
LEAVES = "suspend_leaves_campaigns"
MONTH = 31 * DAY
KEEP = 3
SECRET = "New-Secret_77"

PACKAGES = """
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
family = "calls"
rank = 10
[packages.step]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "calls"
rank = 12
[families.calls]
[families.tries]
free = "zero"
trial = "10d"
[families.careful]
approval = true
[packages.small]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "careful"
rank = 50
[packages.large]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
family = "careful"
rank = 10
[packages.try]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "tries"
rank = 1
[packages.zero]
backend = "main"
price = "0.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "tries"
rank = 2
[grace]
debt = "50.00 USD"
[coupons.boost]
families = ["calls"]
price = "5.00 USD"
variants = [{ lasts = "12h", up = 2 }]
[packages.line]
backend = "main"
addon = true
price = "3.00 USD"
cycle = "monthly"
channels = 1
[packages.reset]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "10.00 USD"
free_after = "reset"
[packages.yearly]
backend = "main"
price = "990.00 USD"
cycle = "annually"
tariff = "standard"
channels = 5
free_credit = "10.00 USD"
free_every = "monthly"
free_cap = "12.00 USD"
"""
DUNNED = """
[dunning.shop]
since = 2020-01-01T00:00:00Z
"""
ON, OFF, GONE = (True, 5, "1"), (False, 5, "1"), None
FIRST = {"shop:1/free/1/0/0": "5.00"}
"""What the usual package gives with the order."""


@dataclass(frozen=True, slots=True)
class Story:
    """*tell* is struck, and told again after it: it says the same each time."""

    before: Callable[[Scene], None]
    tell: Callable[[Scene], None]
    struck: tuple[str, ...]
    """The methods one of which goes wrong, each in cases of its own."""

    ends: tuple[bool, int, str] | None = ON
    """On or off, channels, tariff."""

    paid: Mapping[str, str] = field(default_factory=lambda: FIRST)
    """All the backend ever got, by reference."""

    ours: str = ""
    """What this backend is able to do."""

    more: str = ""
    """What is written in this configuration beside the packages."""

    coupons: Mapping[str, str] = field(default_factory=dict)
    """What became of each coupon that was bought, by its name."""

    row: Mapping[str, Any] = field(default_factory=dict)
    """What else is true of the user there."""


def _said(word: str, seconds: float = 1, **more: Any) -> Callable[[Scene], None]:
    return lambda scene: scene.say(word, seconds, **more)


def _ordered(*then: Callable[[Scene], None], **sold: Any) -> Callable[[Scene], None]:
    def before(scene: Scene) -> None:
        scene.ordered(**sold)
        for each in then:
            each(scene)
            scene.quiet()

    return before


def _after(seconds: float, *then: Callable[[Scene], None]) -> Callable[[Scene], None]:
    def tell(scene: Scene) -> None:
        scene.until(seconds)
        for each in then:
            each(scene)

    return tell


def _dials(scene: Scene) -> None:
    scene.control.traffic(1, campaigns=2, call_seconds=60)
    scene.control.fault(LEAVES, SET)


def _drifted(scene: Scene) -> None:
    wire = {scene.wire("channels"): 99}
    scene.by_hand(SET, user_id=1, user=wire)


def _ends(scene: Scene) -> None:
    scene.say("terminate", 1, data={"at": "period_end"})
    scene.quiet()
    scene.until(40 * DAY)


def _given(scene: Scene) -> None:
    scene.carry_out(
        "money.give", to="shop:1", sum="3.00 USD", because="an outage",
        reference="R-1", most="50.00",
    )  # fmt: skip


def _boosted(scene: Scene) -> None:
    """Given and switched on; said again, it runs already."""
    account, catalog = scene.rig.account(), scene.rig.parts.catalog
    giving = Giving("T-1", scene.at(0), "ann", "an outage", limit=1)
    [card] = give("boost", [account.id], giving, catalog.terms)
    scene.carry_out("coupon.give", these=[payload.from_coupon(card)])
    stands = acting.stands(account, account.services[0], catalog, scene.at(0))
    ground = Ground(catalog.terms, catalog, account.backend)
    done = activate(card, account.id, stands, ground)
    if isinstance(done, Activated):
        scene.carry_out(
            "coupon.activate", was=payload.from_coupon(card),
            activation=payload.from_activation(done.activation),
            revision=account.revision,
        )  # fmt: skip


def _promised(scene: Scene) -> None:
    """For three days; said again, one is open already."""
    account, catalog, at = scene.rig.account(), scene.rig.parts.catalog, scene.at(2)
    [sold], lasts = account.services, timedelta(days=3)
    given = pledged(account, sold, catalog, at, lasts, "staff:ann", "slow")
    if isinstance(given, Promise):
        scene.carry_out(
            "promise.give", promise=unpaid.from_promise(given),
            revision=account.revision,
        )  # fmt: skip


def _pays(scene: Scene) -> None:
    """In the midst of its trial."""
    scene.until(5 * DAY)
    scene.renewed(5 * DAY)


def _agreed(scene: Scene) -> None:
    """What waits is agreed to as it is shown; said again, nothing waits."""
    parts = scene.rig.parts
    with parts.database.read() as tx:
        found = operations.asking(tx)
        events = [operations.event_of(tx, each.id) for each in found]
    for operation, event in zip(found, events, strict=True):
        _, todo = preview(operation.lane, parts.runner.desk, parts.editions, event)
        scene.carry_out(
            "plan.apply", account=todo.account.id, digest=todo.hash, by="ann",
            revision=todo.account.revision, catalog=todo.catalog, steps=todo.steps,
            because="she called", operation=operation.id,
        )  # fmt: skip


def _moved(scene: Scene) -> None:
    to = scene.rig.account().id
    scene.carry_out("money.move", key="shop:2/topup", to=to, because="his partner's")


def _order_twice(scene: Scene) -> None:
    """Nobody can tell whose a top-up of this client is: it is held."""
    scene.ordered()
    scene.topup(client="9")
    scene.quiet()


def _waits(scene: Scene) -> None:
    scene.topup()
    scene.quiet()


def _void(scene: Scene) -> None:
    scene.back()
    scene.order()


def _nets(scene: Scene) -> None:
    scene.back()
    scene.topup("3")


BETTER = FIRST | {"shop:1/free/1/0/1": "10.00"}
BACK = FIRST | {"shop:2/topup": "10.00"}
STORIES = {
    "opened": Story(lambda _: None, Scene.order, (OPEN, PAY)),
    "topped up": Story(_ordered(), Scene.topup, (PAY,), paid=BACK),
    "a better package": Story(
        _ordered(), lambda s: s.change(plan_ref="gold"), (SET, PAY),
        ends=(True, 20, "2"), paid=BETTER,
    ),
    "a lesser package": Story(
        _ordered(package="gold"), lambda s: s.change(plan_ref="starter"), (SET,),
        paid={"shop:1/free/1/0/0": "15.00"},
    ),
    "a package agreed to": Story(
        _ordered(lambda s: s.change(plan_ref="large"), package="small"), _agreed,
        (SET, PAY), ends=(True, 20, "2"),
        paid=FIRST | {"shop:1/free/1/0/1": "10.00"},
    ),
    "three of it": Story(
        _ordered(), lambda s: s.change(plan_ref="starter", quantity=3), (SET, PAY),
        ends=(True, 15, "1"), paid=FIRST | {"shop:1/free/1/0/1": "10.00"},
    ),
    "an add-on": Story(
        _ordered(), lambda s: s.change(plan_ref="starter", options={"line": 2}),
        (SET,), ends=(True, 7, "1"),
    ),
    "renewed": Story(
        _ordered(), _after(MONTH, lambda s: s.renewed(MONTH)), (PAY,),
        paid=FIRST | {"shop:1/free/2/0/0": "5.00"},
    ),
    "suspended": Story(_ordered(), _said("suspend"), (SET,), ends=OFF),
    "suspended while it dials": Story(
        _ordered(_dials), _said("suspend"), (LIST, STOP), ends=OFF,
        ours='campaigns = "Campaign_List"',
    ),
    "resumed": Story(_ordered(_said("suspend")), _said("resume", 2), (SET,)),
    "held for abuse": Story(
        _ordered(), lambda s: (s.topup(), s.say("suspend", billing={"hold": "abuse"})),
        (SET, PAY), ends=OFF, paid=BACK,
    ),
    "terminated": Story(_ordered(), _said("terminate"), (SET,), ends=OFF),
    "ended with its period": Story(_ordered(), _ends, (SET,), ends=OFF),
    "reinstated": Story(
        _ordered(_said("terminate")), _said("reinstate", 2), (SET,)
    ),
    "free credit reset": Story(
        _ordered(lambda s: s.used("6.00"), package="reset"),
        _after(MONTH, lambda s: s.renewed(MONTH)), (PAY,),
        paid={"shop:1/free/1/0/0": "10.00", "shop:1/free/2/0/0": "6.00"},
    ),
    "free credit by interval, capped": Story(
        _ordered(lambda s: s.used("7.00"), package="yearly"), _after(MONTH), (PAY,),
        paid={"shop:1/free/1/0/0": "10.00", "shop:1/free/1/1/0": "9.00"},
    ),
    "paid back before it was sent": Story(_waits, _void, (OPEN, PAY)),
    "paid back and taken back": Story(
        _ordered(Scene.topup), Scene.back, (PAY,), ours="debit = true",
        paid=BACK | {"shop:2/topup/reversal": "-10.00"},
    ),
    "paid back in part, the rest a debt": Story(
        _ordered(Scene.topup, lambda s: s.used("9.00")), _nets, (PAY,),
        ours="debit = true",
        paid=BACK | {"shop:2/topup/reversal": "-6.00", "shop:3/topup": "6.00"},
    ),
    "paid back, all a debt, the next pays it": Story(
        _ordered(Scene.topup), _nets, (PAY,), paid=BACK
    ),
    "another address": Story(
        _ordered(), lambda s: s.address("new@example.com"), (SET,),
        row={"email": "new@example.com"},
    ),
    "another password": Story(
        _ordered(), lambda s: s.password(SECRET), (SET,), row={"password": SECRET}
    ),
    "goodwill": Story(
        _ordered(), _given, (PAY,), paid=FIRST | {"account/goodwill/R-1": "3.00"}
    ),
    "held money moved": Story(_order_twice, _moved, (PAY,), paid=BACK),
    "a coupon switched on": Story(
        _ordered(package="step"), _boosted, (SET,), ends=(True, 20, "2")
    ),
    "a coupon over": Story(
        _ordered(_boosted, package="step"), _after(13 * HOUR), (SET,)
    ),
    "a promise taken": Story(_ordered(_said("suspend")), _promised, (SET,)),
    "a promise over": Story(
        _ordered(_said("suspend"), _promised), _after(4 * DAY), (SET,), ends=OFF
    ),
    "nobody pays": Story(
        _ordered(), _after(MONTH + 4 * DAY), (SET,), ends=OFF, more=DUNNED
    ),
    "a trial over": Story(
        _ordered(package="try", trial=True), _after(11 * DAY), (SET,),
        ends=(True, 1, "1"), paid={},
    ),
    "a trial paid": Story(_ordered(package="try", trial=True), _pays, (PAY,)),
    "coupons bought": Story(
        _ordered(), lambda s: (s.coupons(2), s.change(plan_ref="gold")), (SET, PAY),
        ends=(True, 20, "2"), paid=BETTER,
        coupons={"shop:c/coupon/1": "unused", "shop:c/coupon/2": "unused"},
    ),
    "coupons paid back": Story(
        _ordered(Scene.coupons), lambda s: (s.back("c"), s.change(plan_ref="gold")),
        (SET, PAY), ends=(True, 20, "2"), paid=BETTER,
        coupons={"shop:c/coupon/1": "refunded"},
    ),
    "purged": Story(
        _ordered(_said("terminate")), _after((KEEP + 1) * DAY), (DELETE,), ends=GONE,
        ours=f"purge = true\nretention = {KEEP}",
    ),
    "drifted and looked at": Story(
        _ordered(_drifted), _said("sync", HOUR), (SET,)
    ),
}  # fmt: skip
