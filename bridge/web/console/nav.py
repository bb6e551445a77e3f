"""Where pages lead, by what somebody may see."""

from __future__ import annotations

from bridge.access.roles import May, Principal

LINKS: tuple[tuple[str, tuple[tuple[str, str, May], ...]], ...] = (
    (
        "Now",
        (
            ("Today", "/", May.SEE),
            ("Unsure", "/unsure", May.SEE),
            ("Parked and refused", "/stuck", May.SEE),
            ("Held money", "/held", May.SEE),
        ),
    ),
    ("Customers", (("Accounts", "/accounts", May.SEE), ("Events", "/events", May.SEE))),
    (
        "Many at once",
        (
            ("Re-provision", "/reprovision", May.RUN),
            ("Adopt", "/adopt", May.RUN),
        ),
    ),
    (
        "Around it",
        (
            ("Backends", "/backends", May.RUN),
            ("Sources", "/sources", May.RUN),
            ("Catalog", "/catalog", May.SEE),
            ("Messages", "/messages", May.RUN),
            ("Schedules", "/schedules", May.RUN),
            ("Settings", "/settings", May.RUN),
            ("API", "/docs", May.SEE),
        ),
    ),
    (
        "Who",
        (
            ("Audit", "/audit", May.AUDIT),
            ("Users", "/users", May.AUDIT),
            ("Keys", "/keys", May.AUDIT),
            ("Sessions", "/sessions", May.SEE),
        ),
    ),
)


def nav(who: Principal) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of links; a group in which nothing may be seen is left out."""
    shown = [
        (group, [(name, href) for name, href, may in links if who.may(may)])
        for group, links in LINKS
    ]
    return [(group, links) for group, links in shown if links]
