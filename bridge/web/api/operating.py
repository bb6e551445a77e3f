"""How the installation runs: backends, what runs beside them, and who did what."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import duties
from bridge.access.roles import May
from bridge.store import alarms, audit, outbox, ticks
from bridge.store.causes.running import is_missing
from bridge.store.outbox import State
from bridge.store.pages.behind import behind
from bridge.web.access.steps import Stopped
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    because,
    many,
    maybe,
    one_of,
    page_of,
    said,
    shown,
    whole,
)
from bridge.web.api.paging import named, number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render

DAY = 86400
MOST_ALLOWED = 1_000_000


class Backend(Answer):
    backend = shown("Its name in the configuration.", "main")
    state = shown("open, paused, or paused by hand.", "open")
    until = maybe("When the pause ends, or is looked at again.", kind=Moment)
    because = maybe("Why it is paused.", "the vendor works on it")
    waiting = shown("Accounts that wait for it.", 0, fields.Integer)
    oldest_seconds = shown("How long the first of them has.", 0.0, fields.Float)
    switched_off = shown("Accounts switched off in the last hour.", 0, fields.Integer)
    stopped = shown("Accounts the guard keeps on.", 0, fields.Integer)


class Backends(Answer):
    items = many("Each backend of the configuration.", Backend)


class Pause(Form):
    because = because()
    seconds = whole("How long; until it is resumed, if not said.", 1800, 1, 366 * DAY)


class Paused(Answer):
    paused = shown("The backend.", "main")
    until = maybe("Until then; null: until it is resumed.", kind=fields.String)


class Resumed(Answer):
    resumed = shown("The backend.", "main")


class AllowOff(Form):
    count = whole("So many more.", 200, 1, MOST_ALLOWED, required=True)
    because = because()
    seconds = whole("How long they may.", 3600, 60, 30 * DAY, load_default=3600)


class Allowed(Answer):
    allowed = shown("The backend.", "main")
    count = shown("So many more.", 200, fields.Integer)
    until = shown("They may until then.", "2026-12-01T10:00:00+00:00")
    waited = shown("Accounts that waited for it.", 12, fields.Integer)


@api.get("/backends", may=May.RUN, answers=Backends)
def backends(asked: Asked) -> dict[str, Any]:
    """Each backend with its pause, and how much waits for it."""
    with asked.parts.database.read() as tx:
        return {"items": behind(tx, asked.parts.backends, asked.at)}


@api.post("/backends/<backend>/pause", may=May.OPERATE, takes=Pause, answers=Paused)
def pause(asked: Asked, backend: str) -> dict[str, Any]:
    """Send nothing there, at most a second from now.

    What comes in is kept, and no try is used up.
    """
    _known(asked, backend)
    told = {"seconds": asked.told.get("seconds"), "because": asked.told["because"]}
    return asked.order("backend.pause", backend=backend, **told)


@api.post("/backends/<backend>/resume", may=May.OPERATE, takes=Form, answers=Resumed)
def resume(asked: Asked, backend: str) -> dict[str, Any]:
    """End a pause, whoever began it; what waited goes on at once."""
    _known(asked, backend)
    return asked.order("backend.resume", backend=backend)


@api.post(
    "/backends/<backend>/allow-off", may=May.OPERATE, takes=AllowOff, answers=Allowed
)
def allow_off(asked: Asked, backend: str) -> dict[str, Any]:
    """Let so many more accounts be switched off there; those that wait go on."""
    _known(asked, backend)
    return asked.order("backend.allow_off", backend=backend, **asked.told)


def _known(asked: Asked, name: str) -> None:
    if name not in asked.parts.backends:
        raise Stopped(404, "not_there", f'There is no backend "{name}".')


# --- deliveries


class Deliveries(Paged):
    state = one_of("Only those that are so.", [state.value for state in State])


class Delivery(Answer):
    delivery = shown("Its number.", 7, fields.Integer, attribute="id")
    channel = shown("By which way it goes out.", "mail")
    state = shown("What became of it.", "sent")
    key = shown("What it is about, once.", "login/a7c2/1")
    made = shown("When it was made.", kind=Moment, attribute="made_at")
    due = maybe("When it is tried next.", kind=Moment)
    ended = maybe("When that was over.", kind=Moment, attribute="ended_at")
    tries = shown("How often it failed.", 0, fields.Integer)
    said = maybe("What the other side said last.")


class RetriedDelivery(Answer):
    retried = shown("The delivery.", 7, fields.Integer)


@api.get(
    "/deliveries", may=May.RUN, whole=True, query=Deliveries,
    answers=page_of(Delivery),
)  # fmt: skip
def deliveries(asked: Asked) -> dict[str, Any]:
    """Mails and webhooks on their way out, the newest first."""
    state = asked.told.get("state")
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: outbox.newest(
                tx, most, State(state) if state else None, number(cursor)
            ),
            lambda one: one.id,
        )


@api.post(
    "/deliveries/<delivery>/retry", may=May.OPERATE, takes=Form, answers=RetriedDelivery
)
def retry_delivery(asked: Asked, delivery: str) -> dict[str, Any]:
    """Send one that was refused or given up anew, or one that waits at once."""
    number_ = named(delivery)
    with asked.parts.database.read() as tx:
        found = number_ is not None and outbox.numbered(tx, number_)
    if not found:
        raise Stopped(404, "not_there", f'There is no delivery "{delivery}".')
    return asked.order("delivery.retry", delivery=found.id)


# --- alerts


class Alerts(Paged):
    over = one_of("Also those that are over.", ["yes", "no"], load_default="no")


class Alert(Answer):
    alert = shown("Its number.", 3, fields.Integer, attribute="id")
    topic = shown("What kind of thing it is.", "parked")
    about = shown("What it is about.", "shop")
    why = maybe("The thing, the reason and the way out.")
    since = shown("When it began.", kind=Moment, attribute="began_at")
    seen = shown("When it was seen last.", kind=Moment, attribute="seen_at")
    told = maybe("When somebody was told last.", kind=Moment, attribute="told_at")
    over = maybe("When it ended.", kind=Moment, attribute="ended_at")


@api.get("/alerts", may=May.RUN, whole=True, query=Alerts, answers=page_of(Alert))
def alerts(asked: Asked) -> dict[str, Any]:
    """What somebody should look at, for as long as it lasts; the newest first."""
    over = asked.told["over"] == "yes"
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: alarms.newest(tx, most, number(cursor), over=over),
            lambda one: one.id,
            lambda one: {
                **{name: getattr(one, name) for name in alarms.Alert.__slots__},
                "why": render(one.why),
            },
        )


# --- ticks


class Tick(Answer):
    tick = shown("What is done again and again.", "wake")
    ran = maybe("When it last ended well.", kind=Moment)
    due = shown("When it is done next.", kind=Moment)
    running = shown("Whether somebody is at it now.", False, fields.Boolean)
    missing = shown("Whether it should have been by now.", False, fields.Boolean)
    failed = maybe("When it last did not end well.", kind=Moment)
    said = maybe("Why.")


class Ticks(Answer):
    items = many("Each that there is.", Tick)


class Due(Answer):
    due = shown("The tick.", "wake")


@api.get("/ticks", may=May.RUN, answers=Ticks)
def all_ticks(asked: Asked) -> dict[str, Any]:
    """What is done again and again, by one process at a time: when it last was."""
    limits, at = duties.limits(asked.parts.config), asked.at
    with asked.parts.database.read() as tx:
        found = ticks.all_kept(tx)
    return {
        "items": [
            {
                "tick": one.name,
                "ran": one.ran_at,
                "due": one.due,
                "running": one.lease_until is not None and one.lease_until > at,
                "missing": is_missing(one.name, one.ran_at or one.made_at, at, limits),
                "failed": one.failed_at,
                "said": one.said,
            }
            for one in found
        ]
    }


@api.post("/ticks/<tick>/run", may=May.OPERATE, takes=Form, answers=Due)
def run_tick(asked: Asked, tick: str) -> dict[str, Any]:
    """Have it done now, by whoever does it."""
    with asked.parts.database.read() as tx:
        known = {one.name for one in ticks.all_kept(tx)}
    if tick not in known:
        raise Stopped(404, "not_there", f'There is no tick "{tick}".')
    return asked.order("tick.now", tick=tick)


# --- audit


class Notes(Paged):
    about = said("Only of this account, event, backend …", "shop:1001")
    who = said("Only by this one.", "ann@example.com")


class Note(Answer):
    no = shown("Its number.", 12, fields.Integer, attribute="id")
    at = shown("When.", kind=Moment)
    who = shown("Who had it done.", "ann@example.com")
    via = shown("By which road: cli, console, api or itself.", "console")
    what = shown("The order.", "money.move")
    about = maybe("What it was about.", "shop:1001")
    said = shown("What was said; secrets are blanked.", kind=fields.Dict)
    told = shown("What came of it.", kind=fields.Dict)
    hash = shown("Over all of it and the one before: the chain.")


class Head(Answer):
    head = shown("The hash of the last note. Keep it elsewhere.")


@api.get("/audit", may=May.AUDIT, whole=True, query=Notes, answers=page_of(Note))
def notes(asked: Asked) -> dict[str, Any]:
    """Who had what done, and what came of it; the newest first."""
    about, who = asked.told.get("about"), asked.told.get("who")
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: audit.notes(
                tx, most=most, before=number(cursor), about=about, who=who
            ),
            lambda one: one.id,
        )


@api.get("/audit/head", may=May.AUDIT, whole=True, answers=Head)
def head(asked: Asked) -> dict[str, Any]:
    """The end of the chain of notes: with it, also a cut end is seen."""
    with asked.parts.database.read() as tx:
        return {"head": audit.head(tx)}
