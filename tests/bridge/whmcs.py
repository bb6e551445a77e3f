"""A bridge beside a stand-in WHMCS: what its module tells, and what is sent back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from bridge import duties
from bridge.store import outbox
from tests.days import STARTED, dated
from tests.rig import SECRET, Rig
from tests.rigs.whmcs import Whmcs, table

SOURCE = "billing"


class Billing:
    """What stands on both sides of the wire."""

    def __init__(self, rig: Rig, whmcs: Whmcs) -> None:
        self.rig, self.whmcs = rig, whmcs
        self.sender = duties.deliveries(
            rig.parts.config, rig.database, rig.clock, rig.parts.channels
        )

    def tell(self, id_: str, type_: str, at: Any = None, **told: Any) -> Any:
        said = {"spec": "1", "type": type_, "occurred_at": (at or STARTED).isoformat()}
        body = json.dumps(said | told).encode()
        return self.rig.deliver(id_, body, SOURCE)

    def create(self, service: str = "1", package: str = "starter", no: int = 1) -> Any:
        return self.tell(
            f"whmcs-{service}-{no}", "service.activate",
            account={"ref": "7", "email": "ann@example.com"},
            service={"ref": service, "plan_ref": package},
        )  # fmt: skip

    def line(self, id_: str, service: str = "1", due: str = dated(1)) -> Any:
        """As the hook InvoicePaid tells it."""
        sold = {"ref": service, "period_start": f"{due}T00:00:00Z"}
        return self.tell(
            f"whmcs-InvoicePaid-{id_}", "service.renewed",
            service=sold, billing={"line_ref": id_},
        )  # fmt: skip

    def credit(self, id_: str, service: str) -> Any:
        """The same of a top-up sold as a product."""
        return self.tell(
            f"whmcs-InvoicePaid-{id_}", "topup.paid", account={"ref": "7"},
            service={"ref": service, "product_ref": "credit10"},
            billing={"line_ref": id_},
        )  # fmt: skip

    def pass_(self, **time: float) -> None:
        self.rig.clock.ahead += timedelta(**time)

    def send(self, rounds: int = 40) -> None:
        """All that is due now."""
        while self.sender.run():
            rounds -= 1
            assert rounds, "deliveries never end"

    def pull(self) -> int:
        """How many events were news."""
        before = len(self.rig.fates())
        self.rig.parts.pulls[SOURCE].run(self.rig.clock.now())
        return len(self.rig.fates()) - before

    def states(self) -> dict[str, str]:
        """Of the deliveries, by the first word of their keys."""
        with self.rig.database.read() as tx:
            found = outbox.newest(tx, 99, None)
        return {one.key.partition(":")[0]: one.state.value for one in found}


def settings(whmcs: Whmcs, **set_: str) -> str:
    return table(whmcs, SECRET, **set_)
