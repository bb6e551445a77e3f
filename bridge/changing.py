"""A change that somebody thinks of: what would follow, what it costs, what it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge import quotes
from bridge.keys import Keys
from bridge.words import render
from provisioning.core import quote
from provisioning.core.account import Account, Service
from provisioning.core.asking import Asked, Question
from provisioning.core.catalog import Catalog
from provisioning.core.changes import Decision, decide
from provisioning.core.choices import Choice
from provisioning.core.losses import Loss
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList
from provisioning.core.quote import Line, Quote
from provisioning.core.quoted import offered
from provisioning.core.sentences import minute
from provisioning.core.subscribed import beside, lists, paid_for_by, subscribed


def wished(
    account: Account,
    name: str,
    catalog: Catalog,
    written: str,
    at: datetime,
) -> Question:
    """What is asked, by the terms that hold for it. LookupError."""
    service = service_of(account, name)
    to = written.split(",", maxsplit=1)[0].strip()
    prices, _ = lists(service, to, catalog, account.group)
    has = subscribed(service, prices, at, account.trial(service.ref))
    return asking(account, service, catalog, choice(written, prices, has.choice), at)


def asking(
    account: Account,
    service: Service,
    catalog: Catalog,
    to: Choice,
    at: datetime,
    *,
    surveyed: bool = False,
    confirmed: bool = False,
) -> Question:
    """The same of a choice; *surveyed*, *confirmed*: as in `Asked`."""
    prices, sold = lists(service, to.package, catalog, account.group)
    had = replace(sold, group=paid_for_by(service, at, account.group))
    asked = Asked(to, surveyed=surveyed, confirmed=confirmed)
    return replace(_question(account, service, prices, at, asked), had=had)


def service_of(account: Account, name: str) -> Service:
    """The one that is named, or the account's only one that lives. LookupError."""
    named = [s for s in account.services if s.ref == name]
    alive = [s for s in account.services if s.alive]
    found = named or alive
    if len(found) != 1:
        known = ", ".join(s.ref for s in found) or "none lives"
        raise LookupError(f"name one service of {account.id} to change: {known}")
    return found[0]


def question(
    account: Account, service: Service, prices: PriceList, written: str, at: datetime
) -> Question:
    """That change of that service, beside what else the account has that lives.

    LookupError where nobody can read what is written.
    """
    has = subscribed(service, prices, at, account.trial(service.ref))
    asked = Asked(choice(written, prices, has.choice))
    return _question(account, service, prices, at, asked)


def _question(
    account: Account, service: Service, prices: PriceList, at: datetime, asked: Asked
) -> Question:
    has = subscribed(service, prices, at, account.trial(service.ref))
    return Question(prices, has, asked, at, beside(account, service, prices, at))


def choice(written: str, prices: PriceList, has: Choice) -> Choice:
    """`gold,annually,x3`: what is not said stays; the cycle, where it is sold so."""
    package, *rest = (part.strip() for part in written.split(","))
    wish = replace(has, package=package)
    cycles = prices.cycles(package) if package in prices.packages else (has.cycle,)
    if has.cycle not in cycles:
        wish = replace(wish, cycle=prices.packages[package].cycle)
    for part in rest:
        wish = _with(wish, part)
    return wish


def _with(wish: Choice, part: str) -> Choice:
    if part in CYCLES:
        return replace(wish, cycle=part)
    if part[:1] == "x" and part[1:].isdecimal():
        return replace(wish, quantity=int(part[1:]))
    raise LookupError(
        f'"{part}" is neither a cycle nor how many; write it as gold,annually,x3'
        f" (cycles: {', '.join(CYCLES)})"
    )


def decided(question: Question) -> Decision:
    """What would follow; survey and tick are taken as done."""
    asked = Asked(question.to, surveyed=True, confirmed=True)
    return decide(replace(question, asked=asked))


def told(question: Question) -> dict[str, Any]:
    """The same as a program reads it, with what it costs."""
    decision = decided(question)
    now, later = offers(question, decision)
    return {
        "verdict": decision.verdict.value,
        "because": render(decision.because),
        "now": chosen(decision.now),
        "next": _next(decision),
        "waits for": ", ".join(decision.waits) or None,
        "unit price": _each(now or later),
        "due now": str(now.amount_due) if now else None,
        "due next": str(later.amount_due) if later else None,
        "lines": lines(now) if now else [],
        "losses": [less(loss) for loss in decision.losses],
    }


def promised(
    question: Question, decision: Decision, version: str, keys: Keys
) -> dict[str, Any]:
    """The same price as a token, and how long it holds."""
    now, later = offers(question, decision)
    found = now or later
    if found is None:
        return {}
    token = quotes.signed(keys, offered(found, version, question.has))
    return {"quote": token, "quote until": found.expires.isoformat()}


def offers(question: Question, decision: Decision) -> tuple[Quote | None, Quote | None]:
    """What is due for it now, and what for the period it begins with."""
    now = _now(question, decision)
    return now, _later(question, decision, now)


def _now(question: Question, decision: Decision) -> Quote | None:
    if decision.now is None:
        return None
    return quote.change(
        question.prices, question.has, decision.now, question.at, had=question.had
    )


def _later(question: Question, decision: Decision, now: Quote | None) -> Quote | None:
    """Of the renewal that follows, with what is scheduled."""
    if decision.next is None:
        return None
    after = replace(question.has, next=decision.next)
    if now:
        after = quote.paid(question.has, now, decision.next)
    return quote.renewal(question.prices, after, question.at)


def chosen(which: Choice | None) -> str | None:
    if which is None:
        return None
    extras = "".join(f" + {many} x {name}" for name, many in which.extras)
    return f"{which.quantity} x {which.package}{extras}, {which.cycle}"


def _next(decision: Decision) -> str | None:
    coming = decision.next
    return f"{chosen(coming.choice)}, from {minute(coming.at)}" if coming else None


def _each(offered: Quote | None) -> str | None:
    return str(offered.unit_price) if offered else None


def lines(offer: Quote) -> list[str]:
    """Each position, as people read it."""
    return [_line(line) for line in offer.lines]


def _line(line: Line) -> str:
    position = line.position
    days = f" for {line.days} days" if line.days else ""
    return (
        f"{line.amount.amount:>10} {line.amount.currency}  {position.quantity} x"
        f" {position.name} at {position.unit_price}{days}"
    )


def less(loss: Loss) -> str:
    after = "none" if loss.after is None else loss.after
    return f"{loss.name}: {loss.before} -> {after}"
