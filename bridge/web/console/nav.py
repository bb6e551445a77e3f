"""Where pages lead, by what somebody may see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bridge.access.roles import May, Principal
from bridge.web.console.registry import console
from bridge.web.registry import Endpoint

Links = tuple[tuple[str, str], ...]
LINKS: tuple[tuple[str, Links], ...] = (
    (
        "Now",
        (
            ("Today", "/"),
            ("Unsure", "/unsure"),
            ("Parked and refused", "/stuck"),
            ("Held money", "/held"),
            ("Orders to be paid", "/purchases"),
            ("Reconciliations", "/reconciliations"),
        ),
    ),
    (
        "Customers",
        (
            ("Accounts", "/accounts"),
            ("Events", "/events"),
            ("Usage", "/usage"),
            ("Liability", "/liability"),
            ("Resellers", "/resellers"),
        ),
    ),
    ("Many at once", (("Re-provision", "/reprovision"), ("Adopt", "/adopt"))),
    (
        "Around it",
        (
            ("Backends", "/backends"),
            ("Sources", "/sources"),
            ("Catalog", "/catalog"),
            ("Messages", "/messages"),
            ("Schedules", "/schedules"),
            ("Settings", "/settings"),
            ("API", "/docs"),
        ),
    ),
    (
        "Who",
        (
            ("Audit", "/audit"),
            ("Users", "/users"),
            ("Keys", "/keys"),
            ("Sessions", "/sessions"),
        ),
    ),
)


def nav(who: Principal) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of links; a group in which nothing may be seen is left out."""
    pages = _pages()
    shown = [
        (group, [(name, href) for name, href in links if _leads(pages[href], who)])
        for group, links in LINKS
    ]
    return [(group, links) for group, links in shown if links]


def _leads(page: Endpoint, who: Principal) -> bool:
    """As the page itself says who may see it."""
    is_his = who.scope.sources is None or not page.whole
    return is_his and isinstance(page.may, May) and who.may(page.may)


@cache
def _pages() -> Mapping[str, Endpoint]:
    return {page.path: page for page in console if not page.changes}
