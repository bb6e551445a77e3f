"""What a server really does with each thing we write: tried on a user of our own.

Nothing of a customer is touched. The user is removed at the end, whatever happened.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.doctor.guest import Guest, Probable, leave, username
from bridge.doctor.steps import STEPS, Found, Over
from bridge.keys import random_password
from bridge.store.verdicts import Verdict, Word
from provisioning.core.outcomes import Outcome

Tell = Callable[[Verdict], None]


def probe(backend: Probable, tell: Tell, role: str | None = None) -> list[Verdict]:
    """Everything that was found out; *tell* hears each as soon as it is."""
    guest = Guest(backend, username(), random_password(), role)
    wires, found = backend.wires(), dict[str, Verdict]()
    try:
        for verdict in _steps(guest):
            found.setdefault(verdict.what, verdict)
            tell(verdict)
    finally:
        left = leave(guest)
        if left:
            tell(left)
    for what in wires:
        if what not in found:
            found[what] = Verdict(what, Word.UNVERIFIED, said="it was not reached")
            tell(found[what])
    return [*found.values(), *([left] if left else [])]


def _steps(guest: Guest) -> Found:
    for what, step in STEPS.items():
        try:
            yield from step(guest)
        except Over:
            return
        except Outcome as lost:
            yield Verdict(what, Word.UNVERIFIED, said=str(lost))
            if guest.ref is None:
                return
