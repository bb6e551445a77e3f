"""A served console beside a bridge in which each thing a path can name is there."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from bridge import admin, orders
from bridge.store import attempts, batches, operations, outbox, payload, ticks
from bridge.store.batches import Kind
from bridge.web.access.paces import Paces
from bridge.web.api.examples import SAMPLES
from provisioning.core.coupons import Coupon
from tests.bridge.test_coupons import LADDER
from tests.browser import free_port, serving
from tests.visit import Program

COUPONS = LADDER.replace("[coupons.boost]", "[coupons.gold-month]")
GOODWILL = 'goodwill = ["5000.00 USD"]\n'


@pytest.fixture
def seeded(make, monkeypatch):
    """`rig`, a `program` that may all there is, and what is really there for each of
    the `SAMPLES`: `real`."""
    monkeypatch.setattr(admin, "Paces", lambda: Paces(ticking=_rushing()))
    port = free_port()
    rig, _ = make(
        mailed=True, public=GOODWILL, more=f"[console]\nport = {port}\n{COUPONS}"
    )
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
    with rig.database.change() as tx:
        ticks.keep(tx, ["wake", "bulk"], at)
        which = dict.fromkeys(("backend", "source", "package", "state", "limit"))
        batches.begin(
            tx, SAMPLES["batch"], Kind.REPROVISION, which | {"named": False}, "a test",
            at,
        )  # fmt: skip
        later = at + timedelta(days=1)
        outbox.enqueue(tx, "a-test", "mail", {}, at, later)
        [delivery] = outbox.newest(tx, 1, None)
        operation = operations.newest(tx, 2, None)[-1]
        attempt = attempts.of_account(tx, account.id)[0]
    program = Program(rig)
    real = {
        "operation": operation.name, "attempt": str(attempt.id), "coupon": card.id,
        "delivery": str(delivery.id), "confirmation": str(confirmed["confirmation"]),
    }  # fmt: skip
    with serving(program.client.application, port):
        yield SimpleNamespace(rig=rig, program=program, real=SAMPLES | real)


def _rushing():
    """Time in which nobody is ever too fast."""
    now = [0.0]

    def tick():
        now[0] += 1e6
        return now[0]

    return tick
