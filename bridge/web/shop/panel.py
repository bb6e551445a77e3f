"""One service in full: its plan, its limits and where each is from, its time (P2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bridge.access.customers import Right
from bridge.letters.topics import KEPT_UNTIL
from bridge.store import operations
from bridge.web.shop import called, drawn
from bridge.web.shop.automatic import is_on
from bridge.web.shop.his import His, his, words
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core import acting, owing, pledging, retention, status, telling
from provisioning.core.events import Event, Type
from provisioning.core.lifecycle import sold_at
from provisioning.core.panel import Action
from provisioning.core.promised import Promise
from provisioning.core.splice import Film, cut
from provisioning.core.status import Reason, Status

BACK = timedelta(days=31)
"""How much of what is over the bar of its time shows."""

AHEAD = timedelta(days=92)
"""How far what has no end is drawn."""

MOST = 20


@shop.get("/services/<service>", may=Right.SEE)
def one(visit: Visit, service: str) -> Page:
    """P2 to P8, C14 to C16, S3: exactly what a customer is shown of his plan."""
    mine = his(visit, service)
    account, sold, catalog, at = mine.account, mine.service, mine.catalog, mine.at
    word, why = mine.status
    said = status.told(word, why)
    film = _film(mine)
    told = {
        "mine": mine,
        "panel": mine.panel,
        "status": word.value,
        "why": _why(visit, word, words(visit, said)),
        "limits": acting.explained(account, sold, catalog, at) if sold.alive else (),
        "sources": called.sources(visit.speech),
        "whys": called.whys(visit.speech),
        "film": [
            (part, called.kind(part))
            for part in film
            if part.ends is None or part.ends > at - BACK
        ],
        "bar": _bar(film, at),
        "now": at,
        "history": _history(visit, mine),
        "data": [words(visit, s) for s in telling.said(account, sold, catalog, at)],
        "kept": _kept(visit, mine),
        "promised": _promised(visit, mine),
        "unpaid": why is Reason.UNPAID,
        "promise": _promise(visit, mine),
        "Action": Action,
        "automatic": is_on(visit, mine.ref),
    }
    return Page("service", sold.package, told)


def _why(visit: Visit, word: Status, said: str) -> str:
    """What is said of its status beside the status."""
    left = said.removeprefix(called.statuses(visit.speech)[word.value]).lstrip(": ")
    return left[:1].upper() + left[1:]


def _film(mine: His) -> Film:
    """Since it was last sold: what it was before that its time does not remember."""
    service, coming = mine.service, mine.service.next
    lies = acting.along(mine.account, service, mine.catalog)
    since = sold_at(service)
    if coming and coming.turned:
        before = [p.no for p in service.periods if p.ends == coming.turned]
        ends = [lies.end_of(no) for no in before]
        since = next(iter(ends), None) or coming.turned
    return cut(lies.film, since)[1] if since else lies.film


def _kept(visit: Visit, mine: His) -> str | None:
    """Until when the data of what has ended is there (D26)."""
    keep = mine.catalog.retentions.get(mine.account.backend)
    until = retention.due(mine.account, keep)
    if until is None:
        return None
    day = visit.speech.day(until, visit.zone)
    return visit.say(KEPT_UNTIL, day=day)


def _promised(visit: Visit, mine: His) -> str | None:
    """Why it is on, though it is not paid for (S6)."""
    given = owing.promised(mine.account, mine.service)
    if given is None or not given.holds(mine.at):
        return None
    return visit.say(
        "Payment of {debt} is promised: until {day} it is not switched off for that.",
        debt=visit.speech.money(given.debt.amount, given.debt.currency),
        day=visit.speech.moment(given.until, visit.zone),
    )


def _promise(visit: Visit, mine: His) -> Promise | None:
    """The longest that would be taken now (S6); None, where none is."""
    grace = mine.catalog.terms.grace
    if grace is None or not visit.asked.may(Right.BUY) or visit.front.is_platform:
        return None
    found = pledging.pledged(
        mine.account, mine.service, mine.catalog, mine.at, grace.longest, "customer",
        "", mine.account.group,
    )  # fmt: skip
    return found if isinstance(found, Promise) else None


def _bar(film: Film, at: datetime) -> list[tuple[str, float, float]]:
    """Each stretch with where it begins and how wide it is, in hundredths."""
    first = at - BACK
    shown = [part for part in film if part.ends is None or part.ends > first]
    if not shown:
        return []
    since = max(first, shown[0].starts)
    until = max((drawn.until(p) or max(p.starts, at) + AHEAD) for p in shown)
    whole = max((until - since).total_seconds(), 1)

    def place(moment: datetime) -> float:
        share = (min(max(moment, since), until) - since).total_seconds() / whole
        return round(100 * share, 3)

    return [
        (
            called.kind(part),
            place(part.starts),
            place(drawn.until(part) or until) - place(part.starts),
        )
        for part in shown
    ]


def _history(visit: Visit, mine: His) -> list[dict[str, Any]]:
    """What was said of it, the newest first."""
    with visit.parts.database.read() as tx:
        events = operations.taken_in(tx, mine.account.id)
    happened = called.happened(visit.speech)
    of_it = [e for e in events if e.service == mine.ref and _type(e) in happened]
    return [
        {
            "at": event.occurred_at,
            "what": happened[_type(event)],
            "package": event.product or "",
            "quantity": event.quantity,
        }
        for event in reversed(of_it[-MOST:])
    ]


def _type(event: Event) -> tuple[str, bool]:
    ends = event.type in {Type.CHANGE, Type.TERMINATE} and event.at_period_end
    return event.type, ends
