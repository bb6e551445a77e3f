"""From how an account is to how it should be: the one step that takes it there."""

from __future__ import annotations

from provisioning.core.actions import Change, Level, Open
from provisioning.core.desired import State


def diff(seen: State | None, should: State | None) -> tuple[Level, ...]:
    """Nothing to do where nothing differs; an account nobody needs is not made.

    Where a service has ended its account is switched off and keeps the rest.
    """
    if seen is None:
        return (Open(should),) if should else ()
    if should is None:
        return (Change(on=False, entitlements={}),) if seen.on else ()
    differs = {
        name: value
        for name, value in should.entitlements.items()
        if seen.entitlements.get(name) != value
    }
    on = should.on if seen.on != should.on else None
    return (Change(on, differs),) if differs or on is not None else ()
