"""What the configuration means, and whether all around is well."""

from __future__ import annotations

from bridge.access.roles import May
from bridge.doctor import examined
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.site import Page


@console.get("/settings", may=May.RUN, whole=True)
def shown(asked: Asked) -> Page:
    """Never a secret, nor where the database is."""
    config, parts = asked.parts.config, asked.parts
    alerts = config.alerts
    rows = {
        "Configuration": config.path,
        "Database": "SQLite" if parts.database.embedded else "PostgreSQL",
        "Customers reach us at": config.public_url or "–",
        "This console": config.console.url,
        "Time zone": parts.catalog.terms.zone,
        "Web": f"{config.serve.processes} processes, {config.serve.threads} threads",
        "A lease lasts": config.lease,
        "Retries after": ", ".join(map(str, config.retry)),
        "Mails go by": config.mail.host if config.mail else "nothing, or a folder",
        "Alerts go to": ", ".join(alerts.mail) or "nobody by mail",
        "Alerts also go to": ", ".join(
            name
            for name, there in (("a folder", alerts.folder), ("a hook", alerts.webhook))
            if there
        )
        or "–",
        "Login mails are ours for": ", ".join(sorted(config.mailed)) or "no source",
        "Goodwill in 30 days": ", ".join(f"{n} {c}" for c, n in config.goodwill.items())
        or "none",
    }
    told = {"rows": rows, "warnings": config.warnings, "findings": None}
    return Page("settings", "Settings", told)


@console.get("/settings/doctor", may=May.RUN, whole=True)
def doctor(asked: Asked) -> Page:
    """Look at all a bridge needs, now: files, database, clocks, backends, mail."""
    findings = list(examined(asked.parts))
    told = {"rows": {}, "warnings": (), "findings": findings}
    return Page("settings", "Is all well?", told)
