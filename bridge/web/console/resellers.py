"""What the shops of resellers sold in a month, and what is theirs of it."""

from __future__ import annotations

from datetime import tzinfo

from bridge import csvs, sheets
from bridge.access.roles import May
from bridge.billing import margins
from bridge.billing.margins import Statement
from bridge.clock import calendar
from bridge.web import forms
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.console.usages import Month
from bridge.web.forms import Form
from bridge.web.site import Page, Told


class InMonth(Form):
    month = forms.month(load_default=None)


@console.get("/resellers", may=May.SEE, query=InMonth)
def resellers(asked: Asked) -> Page:
    """Each shop somebody may see, with its sums."""
    month, shops = _month(asked), asked.parts.config.shops
    mine = [source for source in shops if asked.scope.covers(source)]
    with asked.parts.database.read() as tx:
        found = [
            margins.statement(tx, source, month.first, _zone(asked)) for source in mine
        ]
    told = {"month": month, "statements": found, "brands": asked.parts.config.brands}
    return Page("resellers", "Resellers", told)


@console.get("/resellers/<source>", may=May.SEE, query=InMonth)
def statement(asked: Asked, source: str) -> Page:
    """Order by order."""
    found = _statement(asked, source)
    moved = margins.moved(found.float) if found.float else None
    told = {"month": _month(asked), "statement": found, "moved": moved}
    return Page("reseller", f"Statement of {source}", told)


@console.get("/resellers/<source>/statement.csv", may=May.SEE, query=InMonth)
def statement_file(asked: Asked, source: str) -> Told:
    """The same as a file."""
    found = _statement(asked, source)
    rows = [list(margins.row(order).values()) for order in found.orders]
    name = f"statement-{source}-{found.month}.csv"
    return Told(name, csvs.written(margins.COLUMNS, rows))


def _statement(asked: Asked, source: str) -> Statement:
    if source not in asked.parts.config.shops:
        raise LookupError(f"source {source} has no shop")
    with asked.parts.database.read() as tx:
        return margins.statement(tx, source, _month(asked).first, _zone(asked))


def _month(asked: Asked) -> Month:
    return Month(*sheets.span(asked.told["month"], asked.at, _zone(asked)))


def _zone(asked: Asked) -> tzinfo:
    return calendar(asked.parts.catalog.terms.zone)
