"""From how an account is to how it should be: the one step that takes it there."""

from __future__ import annotations

from provisioning.core.actions import Change, Level, Open
from provisioning.core.desired import State
from provisioning.core.entitlements import ALL, Entitlements


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
        for name, value in {**_nothing_of(seen, should), **should.entitlements}.items()
        if seen.entitlements.get(name) != value
    }
    on = should.on if seen.on != should.on else None
    return (Change(on, differs),) if differs or on is not None else ()


def _nothing_of(seen: State, should: State) -> Entitlements:
    """What is there and not sold any more. Where that is not known, all stays."""
    gone = seen.entitlements.keys() - should.entitlements.keys()
    nothing = {name: ALL[name].nothing for name in sorted(gone)}
    known = should.entitlements
    return {n: value for n, value in nothing.items() if known and value is not None}
