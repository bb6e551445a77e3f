"""The backends: whether they answer, what waits, what was proven of each."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any, cast

from bridge import proofs
from bridge.access.roles import May
from bridge.doctor.guest import Probable
from bridge.doctor.probe import probe as probed
from bridge.store import switchoffs, verdicts
from bridge.store.pages.behind import behind
from bridge.store.verdicts import standing
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason
from bridge.web.site import Go, Page
from provisioning.backends.base import Backend, Unproven
from provisioning.core.outcomes import Outcome

HOUR = 3600


class Pause(Form):
    because = reason()
    hours = number(1, 24 * 90, load_default=None)


class Allow(Form):
    because = reason()
    count = number(1, 1_000_000, required=True)
    hours = number(1, 24 * 7, load_default=1)


class Why(Form):
    because = reason()


@console.get("/backends", may=May.RUN)
def every(asked: Asked) -> Page:
    """Each with its pause and what waits for it."""
    return Page("backends", "Backends", {"all": _states(asked)})


@console.get("/backends/<backend>", may=May.RUN)
def one(asked: Asked, backend: str) -> Page:
    """All that is known of it; it is asked nothing."""
    host = _known(asked, backend)
    [state] = [each for each in _states(asked) if each["now"].backend == backend]
    can, now = host.describe(), proofs.digests(host)
    with asked.parts.database.read() as tx:
        found = verdicts.latest(tx).get(backend)
    told = {
        "one": state,
        "can": can,
        "kind": asked.parts.config.backends[backend].get("kind"),
        "where": asked.parts.config.backends[backend].get("url"),
        "probed": found,
        "verdicts": [standing(found, what, now[what]) for what in now],
        "probable": isinstance(host, Unproven),
        "key_left": can.key_expires - asked.now if can.key_expires else None,
    }
    return Page("backend", f"Backend {backend}", told)


@console.post("/backends/<backend>/ping", may=May.OPERATE)
def ping(asked: Asked, backend: str) -> Go:
    """Ask it once, and say how long it took."""
    host = _known(asked, backend)
    began = time.monotonic()
    try:
        host.ping()
    except Outcome as no:
        return Go(f"/backends/{backend}", f"It does not work: {no}", bad=True)
    took = (time.monotonic() - began) * 1000
    return Go(f"/backends/{backend}", f"It answers, in {took:.0f} ms.")


@console.post("/backends/<backend>/pause", may=May.OPERATE, takes=Pause)
def pause(asked: Asked, backend: str) -> Go:
    """Send nothing there; what comes in is kept."""
    _known(asked, backend)
    hours = asked.told["hours"]
    seconds = None if hours is None else float(hours * HOUR)
    because = asked.told["because"]
    asked.order("backend.pause", backend=backend, seconds=seconds, because=because)
    return Go(f"/backends/{backend}", f"{backend} is paused.")


@console.post("/backends/<backend>/resume", may=May.OPERATE)
def resume(asked: Asked, backend: str) -> Go:
    """End a pause, whoever began it."""
    _known(asked, backend)
    asked.order("backend.resume", backend=backend)
    return Go(f"/backends/{backend}", f"{backend} goes on; what waited is done now.")


@console.post("/backends/<backend>/allow-off", may=May.OPERATE, fresh=True, takes=Allow)
def allow_off(asked: Asked, backend: str) -> Go:
    """Let so many more accounts be switched off there."""
    _known(asked, backend)
    told = asked.order(
        "backend.allow_off", backend=backend, count=asked.told["count"],
        seconds=float(asked.told["hours"] * HOUR), because=asked.told["because"],
    )  # fmt: skip
    said = f"{told['count']} more may go off; {told['waited']} waited for it."
    return Go(f"/backends/{backend}", said)


@console.post("/backends/<backend>/probe", may=May.OPERATE, fresh=True, takes=Why)
def probe(asked: Asked, backend: str) -> Go:
    """Try what it really does, on a user that is opened for it and removed again."""
    host = _known(asked, backend)
    if not isinstance(host, Unproven):
        no = (
            f"Backend {backend} keeps a contract of its own: there is nothing to probe."
        )
        raise LookupError(no)  # noqa: TRY004 - told to who asked
    role = asked.parts.config.backends[backend].get("role")
    found = probed(cast("Probable", host), lambda _: None, role)
    kept = [asdict(v) for v in proofs.of_now(found, proofs.digests(host))]
    because = asked.told["because"]
    asked.order("backend.probed", backend=backend, found=kept, because=because)
    refuted = [v.what for v in found if v.word is verdicts.Word.REFUTED]
    said = f"{len(found)} things were tried"
    if refuted:
        said += f"; refuted: {', '.join(refuted)}"
    return Go(f"/backends/{backend}", f"{said}.", bad=bool(refuted))


def _known(asked: Asked, backend: str) -> Backend:
    if backend not in asked.parts.backends:
        raise LookupError(f'There is no backend "{backend}".')
    return asked.parts.backends[backend]


def _states(asked: Asked) -> list[dict[str, Any]]:
    at, caps = asked.at, asked.parts.config.caps
    with asked.parts.database.read() as tx:
        return [
            {
                "now": each,
                "caps": caps[each.backend],
                "room": switchoffs.room(
                    tx, each.backend, at,
                    caps[each.backend].off_share, caps[each.backend].off_least,
                ),
            }
            for each in behind(tx, asked.parts.backends, at)
        ]  # fmt: skip
