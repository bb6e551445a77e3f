"""What happens, line by line: JSON for programs, plain on a terminal.

Only what is written down here is said: each line of ours by its name and the names of
its parts, and of an error its kind and where it was, never its words. Libraries quote
statements, addresses and whole requests, and a line nobody has thought of may hold a
password.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from provisioning.core.outcomes import Outcome

LEVELS = {"alembic": "WARNING", "apscheduler": "WARNING"}
TRUSTED = ("granian", "_granian")
"""Whose own words are told: that it listens, and that a process of its ended."""

FRAMES = 25

LINES: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    (f"bridge.{where}", template): (event, parts)
    for where, template, event, parts in (
        ("alerts", "%s", "alert", ("alert",)),
        ("lifecycle", "what was not finished in %.0f s is looked for later",
         "stop.unfinished", ("seconds",)),
        ("channels.whmcs_cart", "order %s was paid in %s at once: %s, promised was %s",
         "order.paid_otherwise", ("order", "source", "paid", "promised")),
        ("deliveries", "%s", "delivery.fenced", ("why",)),
        ("deliveries", "a delivery could not be taken or noted",
         "delivery.failed", ()),
        ("deliveries", "delivery %d broke off: %s\n%s", "delivery.broke_off",
         ("delivery", "error", "trace")),
        ("deliveries", "delivery %d is %s: %s", "delivery.ended",
         ("delivery", "state", "why")),
        ("deliveries", "delivery %d by %s is sent", "delivery.sent",
         ("delivery", "channel")),
        ("duties", "%d lanes waited for accounts that are there; woken",
         "lanes.missed", ("lanes",)),
        ("editions", "%s", "catalog.differs", ("what",)),
        ("endings", "event %s of %s", "event.poison", ("told_as", "source")),
        ("endings", "lane %s", "lane.failed", ("lane",)),
        ("endings", "lane %s could not end: %s", "lane.not_ended", ("lane", "error")),
        ("endings", "lane %s is left to a newer version: %s", "lane.left",
         ("lane", "why")),
        ("endings", "lane %s parked: %s", "lane.parked", ("lane", "why")),
        ("endings", "lane %s: %s", "lane.clash", ("lane", "error")),
        ("endings", "lane %s: the database failed: %s", "database.failed",
         ("lane", "error")),
        ("gates", "backend %s is paused: %s", "backend.paused", ("backend", "why")),
        ("gates", "backend %s works again", "backend.open", ("backend",)),
        ("hatch", "an order was not heard to its end", "order.cut", ()),
        ("hatch", "nobody can be heard just now", "order.deaf", ()),
        ("hatch", "order %s", "order.failed", ("order",)),
        ("listening", "no hints from the database: %s", "hints.lost", ("error",)),
        ("pulls.pull", "%s had told nothing of %d events; they are in", "pull.found",
         ("source", "events")),
        ("reconcile.looking", "account %s could not be looked at",
         "account.not_compared", ("account",)),
        ("reconcile.reconciler",
         "reconciliation %d %s: %d accounts, %d differences, %d in flight",
         "reconcile.over", ("run", "state", "accounts", "differences", "in_flight")),
        ("billing.carts", "order %s was called off here, and is paid at %s",
         "order.paid_though_off", ("order", "source")),
        ("billing.carts", "order %s could not be settled", "order.not_settled",
         ("order",)),
        ("pulls.given_up", "order %s was given up, and is in %s all the same",
         "order.found", ("order", "source")),
        ("pulls.given_up", "order %s could not be looked for", "order.not_looked_for",
         ("order",)),
        ("billing.renewing", "the renewal of %s could not be ordered", "renewal.failed",
         ("service",)),
        ("rotating", "deliveries signed by %s are refused", "secret.unreadable",
         ("secret",)),
        ("runner", "%s; what was not noted will be looked for", "lane.fenced",
         ("why",)),
        ("runner", "lane %s is brought in line", "lane.brought", ("lane",)),
        ("runner", "lanes could not be loaded together", "lanes.not_loaded", ()),
        ("runner", "lanes of intake could not be sorted together",
         "intake.not_sorted", ()),
        ("served", "the web server's parent is gone; this process ends, too",
         "serve.orphaned", ()),
        ("served", "what nobody said to its end is not waited for", "serve.cut", ()),
        ("ticks", "the leases of running ticks could not be renewed",
         "tick.not_held", ()),
        ("ticks", "tick %s broke off", "tick.broke_off", ("tick",)),
        ("ticks", "tick %s did not work: %s", "tick.failed", ("tick", "why")),
        ("ticks", "tick %s took longer than its lease held", "tick.late", ("tick",)),
        ("ticks", "tick %s: its end could not be noted", "tick.not_noted", ("tick",)),
        ("ticks", "tick %s: its turn could not be read", "tick.not_read", ("tick",)),
        ("usage", "%d accounts did not show it: %s", "usage.unseen",
         ("accounts", "why")),
        ("waiting", "waiters could not be told", "waiters.failed", ()),
        ("web.api.mount", "call %s", "call.failed", ("call",)),
        ("web.api.mount", "the database did not answer: %s", "call.no_database",
         ("error",)),
        ("web.console.login", "a login from %s did not fit", "login.refused",
         ("address",)),
        ("web.console.mount", "page %s", "page.failed", ("page",)),
        ("web.console.mount", "the database did not answer %s: %s",
         "page.no_database", ("page", "error")),
        ("web.door", "an event could not be kept: %s", "event.not_kept", ("error",)),
        ("web.door", "event %s is taken from %s: %s", "event.taken",
         ("operation", "source", "type")),
        ("web.reveal", "a login page failed: %s", "reveal.failed", ("error",)),
        ("web.shop.billing", "billing of %s let nobody in: %s", "billing.closed",
         ("source", "why")),
        ("web.shop.entry", "a customer's login from %s did not fit",
         "customer.refused", ("address",)),
        ("web.shop.mount", "page %s", "shop.failed", ("page",)),
        ("web.shop.mount", "the database did not answer %s: %s",
         "shop.no_database", ("page", "error")),
        ("worker", "backend %s could not be asked", "backend.not_asked",
         ("backend",)),
        ("worker", "lane %s could not be brought in line or given back", "lane.lost",
         ("lane",)),
        ("worker", "the queue could not be read", "queue.not_read", ()),
        ("worker", "the queue could not be worked on", "queue.failed", ()),
    )
}  # fmt: skip
"""Each line there is: who says it and how, its name, and the names of its parts."""

_about: ContextVar[Mapping[str, Any]] = ContextVar("about")


@contextmanager
def about(**known: Any) -> Iterator[None]:
    """What every line in here is about, as operation = "op_…"."""
    before = _about.get({})
    said = {name: value for name, value in known.items() if value}
    token = _about.set({**before, **said})
    try:
        yield
    finally:
        _about.reset(token)


def set_up(form: str | None = None) -> None:
    """To standard error: whoever runs us keeps it. JSON, where that is no terminal."""
    form = form or ("text" if sys.stderr.isatty() else "json")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level="INFO", handlers=[handler], force=True)
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)


def told(record: logging.LogRecord) -> dict[str, Any]:
    """All of a line that may be said, by name."""
    event, message, parts = _line(record)
    said = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
        "level": record.levelname.lower(),
        "event": event,
        "logger": record.name,
        **_about.get({}),
        **parts,
        "message": message,
    }
    return said | (_error(record.exc_info[1]) if record.exc_info else {})


def _line(record: logging.LogRecord) -> tuple[str, str, dict[str, Any]]:
    known = LINES.get((record.name, str(record.msg)))
    if known:
        event, names = known
        args = record.args if isinstance(record.args, tuple) else ()
        return event, record.getMessage(), dict(zip(names, args, strict=False))
    if record.name.partition(".")[0] in TRUSTED:
        return "server", record.getMessage(), {}
    return "library", "(its words are not told)", {}


def _error(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    said: dict[str, Any] = {
        "error": type(error).__name__,
        "trace": _trace(error.__traceback__),
    }
    if isinstance(error, Outcome):
        # Our own words.
        said["because"] = str(error)
    if cause := error.__cause__ or error.__context__:
        said["caused_by"] = type(cause).__name__
    return said


def _trace(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(told(record), default=str)


class Text(logging.Formatter):
    """For people: the sentence, and what else it is about."""

    def format(self, record: logging.LogRecord) -> str:
        said = told(record)
        more = [f"{name}={value}" for name, value in _about.get({}).items()]
        more += [f"{name}={said[name]}" for name in ERROR if name in said]
        head = f"{said['at'][:19]} {record.levelname:<7} {said['event']}"
        where = [f"  {frame}" for frame in said.get("trace", ())]
        return "\n".join([" ".join([head, said["message"], *more]), *where])


ERROR = ("error", "because", "caused_by")
