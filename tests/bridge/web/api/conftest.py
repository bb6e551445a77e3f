"""A served console beside a bridge in which each thing a path can name is there."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from bridge import admin, orders
from bridge.store import (
    attempts,
    batches,
    customers,
    operations,
    outbox,
    payload,
    ticks,
)
from bridge.store.batches import Kind
from bridge.store.drift_alerts import NIGHTLY
from bridge.store.drifts import Scope
from bridge.web.access.paces import Paces
from bridge.web.api.adoptions import EXAMPLE
from bridge.web.api.examples import SAMPLES
from provisioning.core.coupons import Coupon
from tests.bridge.test_coupons import LADDER
from tests.browser import free_port, serving
from tests.shopper import BRANDS
from tests.visit import Program

COUPONS = LADDER.replace("[coupons.boost]", "[coupons.gold-month]")
CAREFUL = """
[families.asked]
approval = true
[packages.small]
backend = "main"
price = "9.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 2
family = "asked"
rank = 20
[packages.large]
backend = "main"
price = "19.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 4
family = "asked"
rank = 10
"""
GOODWILL = 'goodwill = ["5000.00 USD"]\n'


@pytest.fixture
def seeded(make, monkeypatch):
    """`rig`, a `program` that may all there is, and what is really there for each of
    the `SAMPLES`: `real`."""
    monkeypatch.setattr(admin, "Paces", lambda: Paces(ticking=_rushing()))
    port = free_port()
    rig, _ = make(
        mailed=True,
        public=GOODWILL,
        more=f"[console]\nport = {port}\n{COUPONS}{CAREFUL}{BRANDS}",
    )
    rig.order("3", id_="small", line="s", client="9", package="small")
    rig.run()
    rig.post(
        "larger", "service.change", rig.clock.now(),
        service={"ref": "3", "plan_ref": "large"},
    )  # fmt: skip
    rig.order("1001", email="ann@example.com")
    rig.topup("line-2", client="nobody")
    rig.run()
    account, at = rig.account("shop:1001"), rig.clock.now()
    card = Coupon("T-1/card", "gold-month", account.id, at, "a test", "a test")
    order = partial(orders.carry_out, rig.database, rig.clock)
    order("coupon.give", {"these": [payload.from_coupon(card)]})
    seen = {"digest": "0" * 64, "revision": account.revision, "catalog": ""}
    said = {"account": account.id, "steps": [], "because": "a test"}
    confirmed = order("plan.apply", seen | said)
    _ordered(rig, order)
    with rig.database.change() as tx:
        ticks.keep(tx, ["wake", "bulk", NIGHTLY], at)
        which = dict.fromkeys(("backend", "source", "package", "state", "limit"))
        batches.begin(
            tx, SAMPLES["batch"], Kind.REPROVISION, which | {"named": False}, "a test",
            at,
        )  # fmt: skip
        batches.begin(
            tx, SAMPLES["adoption"], Kind.ADOPT, {"source": "shop"}, "a test", at,
            file=EXAMPLE,
        )  # fmt: skip
        later = at + timedelta(days=1)
        outbox.enqueue(tx, "a-test", "mail", {}, at, later)
        [delivery] = outbox.newest(tx, 1, None)
        [operation] = operations.of_events(tx, "shop", ["order"])
        [change] = operations.of_events(tx, "shop", ["larger"])
        attempt = attempts.of_account(tx, account.id)[0]
    run = rig.parts.reconciler.run("a test", Scope(), applies=False).run
    program = Program(rig)
    real = {
        "operation": operation.name, "change": change.name, "run": str(run),
        "attempt": str(attempt.id), "coupon": card.id,
        "delivery": str(delivery.id), "confirmation": str(confirmed["confirmation"]),
    }  # fmt: skip
    with serving(program.client.application, port):
        yield SimpleNamespace(rig=rig, program=program, real=SAMPLES | real)


def _ordered(rig, order):
    """At a shop, and not paid yet."""
    now = rig.clock.wall()
    with rig.database.change() as tx:
        customers.add(tx, id="cu_1", source="acme", client="acme:1", role="owner",
                      email="ben@example.com", name="Ben", language="en",
                      password=None, made_at=now)  # fmt: skip
    team = {"type": "service.activate", "product": "team", "quantity": 1,
            "cycle": "monthly", "zone": "UTC"}  # fmt: skip
    order("shop.order", {
        "order": SAMPLES["order"], "source": "acme", "client": "acme:1",
        "customer": "cu_1", "quote": "q", "kind": "new", "service": "acme:sv_1",
        "said": team, "lines": [], "amount": "29.95", "currency": "USD",
        "method": "manual", "payer": {},
    })  # fmt: skip


def _rushing():
    """Time in which nobody is ever too fast."""
    now = [0.0]

    def tick():
        now[0] += 1e6
        return now[0]

    return tick
