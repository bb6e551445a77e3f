"""When all was last compared, and whether what it found waits for a person."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bridge.doctor.finding import Findings, ok, warn
from bridge.parts import Parts
from bridge.store import drift_alerts, drifts
from bridge.store.tables import reconciliation
from bridge.words import render
from provisioning.core.sentences import minute

ABOUT = "reconciliation"


def compared(parts: Parts) -> Findings:
    """Of a database that is there, with our tables; what else it is, others say."""
    if parts.database.embedded and not Path(str(parts.database.url.database)).exists():
        return
    with parts.database.read() as tx:
        if not sa.inspect(tx).has_table(reconciliation.name):
            return
        at = parts.clock.now()
        found = drift_alerts.late(tx, at, None) | drift_alerts.differs(tx)
        last = drifts.last_seen_all(tx)
    if found:
        for why in found.values():
            yield warn(ABOUT, str(render(why)))
    elif last:
        yield ok(ABOUT, f"all was compared on {minute(last.ended_at)}")
    else:
        yield ok(ABOUT, "none yet; the first is tonight, or `switchhook reconcile` now")
