"""What was paid before a source was ours: it is known, and never granted.

Whoever kept the accounts until then has granted it. A payment counts by when it was
made, a paid period by when it was paid or by when it began, whichever was sooner: told
anew after that moment, an old period is as old as before.
"""

from __future__ import annotations

from datetime import datetime

from provisioning.core.catalog import Catalog
from provisioning.core.events import Event
from provisioning.core.period import Period
from provisioning.core.sentences import Sentence, minute, say


def since(event: Event, catalog: Catalog) -> datetime | None:
    """From when on this event's source is ours, where it has not always been."""
    return catalog.live_from.get(event.source)


def is_old(event: Event, catalog: Catalog) -> bool:
    from_then = since(event, catalog)
    return from_then is not None and event.occurred_at < from_then


def told(event: Event, catalog: Catalog) -> Sentence:
    """Why nothing is due of it here."""
    return say("baseline", since=minute(since(event, catalog)))


def covers(paid: Period, event: Event, catalog: Catalog) -> bool:
    """Whether this period, paid for by this event, is not ours to grant."""
    from_then = since(event, catalog)
    return from_then is not None and min(event.occurred_at, paid.starts) < from_then
