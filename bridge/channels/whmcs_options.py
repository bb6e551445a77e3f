"""An order as WHMCS has it there: what was sold along, and whom a top-up is for.

Said as its module would say it, by the same names: what nothing names is not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bridge.channels.whmcs_answers import Product
from bridge.platforms import envelope
from provisioning.core.events import Event

SLACK = timedelta(hours=27)
"""Its clock has no zone; whichever it is, a day and a bit covers it."""

QUANTITY, NOT_OURS = "quantity", "-"
"""What an option may be beside an add-on: how many of the package; nothing to us."""

NONE = {"", "0"}
"""What an option says that was not bought."""

UNREAD = "-unread"
"""Ends the id of an order that cannot be read whole: once it can be, it is another."""


@dataclass(frozen=True, slots=True)
class Names:
    """How things are called there, as in the module's settings."""

    options: Mapping[str, str] = field(default_factory=dict)
    """By the display name of a configurable option: what it is to us."""

    target: str | None = None
    """The custom field of a top-up that says which service it is for."""


def names(table: Mapping[str, Any]) -> Names:
    """Of a source, as configured."""
    return Names(dict(table.get("options", {})), table.get("target_field"))


def ranked(event: Event, registered: date | None) -> Event:
    """Older than any word its module can have said of it, in whatever zone that was."""
    day = datetime.combine(registered, time(), UTC) if registered else event.occurred_at
    return replace(event, ranks_at=min(day, event.occurred_at) - SLACK)


def sold_along(event: Event, product: Product, known: Names) -> Event:
    """With all its options, or with what keeps it from being done by half."""
    sold, quantity, unread = Counter[str](), None, list[str]()
    for name, said in product.options:
        ours = known.options.get(name)
        if said in NONE or ours == NOT_OURS:
            continue
        if ours is None or not envelope.counts(said):
            unread.append(f"option {name}")
        elif ours == QUANTITY:
            quantity = int(said)
        else:
            sold[ours] += int(said)
    return replace(
        event,
        id=event.id + UNREAD if unread else event.id,
        quantity=quantity,
        extras=tuple(sorted(sold.items())),
        besides=tuple(unread),
    )


def for_whom(event: Event, product: Product, known: Names) -> Event:
    """A top-up, with the service it names. Where a custom field is filled in and nobody
    said whether it names one, it is for nobody yet: else it may be another's."""
    filled = {name: said for name, said in product.custom if said}
    there = {name for name, _ in product.custom}
    if known.target in filled:
        target = envelope.target(event.source, filled[known.target])
        return replace(event, target=target)
    if filled and known.target not in there:
        named = " / ".join(sorted(filled))
        unclear = f"{event.source}:{named} (custom field)"
        return replace(event, id=event.id + UNREAD, target=unclear)
    return event
