"""Each backend: its certificate, its clock, whether it takes our key and until when."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bridge import proofs
from bridge.doctor.clocks import apart
from bridge.doctor.finding import Finding, Findings, fail, ok, warn
from bridge.parts import Parts
from bridge.store.causes.backends import EXPIRING
from provisioning.backends.base import Backend, Unproven
from provisioning.core.catalog import Catalog
from provisioning.core.outcomes import Later, Outcome
from provisioning.dialling import Dialler, verified
from provisioning.transport import Transport

CONNECT, WITHIN = 5.0, 15.0
PAGE = 2**20


def hosts(parts: Parts) -> Findings:
    for name, backend in parts.backends.items():
        table = parts.config.backends[name]
        if table.get("url"):
            yield _certificate(name, table)
            yield from _clock(name, table)
        yield _ping(name, backend)
        yield from _key(name, backend, parts.clock.now())
        if isinstance(backend, Unproven):
            yield _proven(name, parts)


def _certificate(name: str, table: Mapping[str, Any]) -> Finding:
    about, parts = f"TLS of {name}", urlsplit(str(table["url"]))
    if parts.scheme != "https":
        said = "its address begins http://: all goes there in the open"
        here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if here:
            return ok(about, "it is this machine, without TLS")
        return warn(about, f"{said}; use https:// and, if need be, ca_file")
    try:
        ends = _ends(parts.hostname or "", parts.port or 443, table.get("ca_file"))
    except Outcome as why:
        return fail(about, str(why))
    until = f"its certificate is good until {ends:%Y-%m-%d}"
    if ends - datetime.now(UTC) <= EXPIRING:
        return warn(about, f"{until}; have it renewed there")
    return ok(about, until)


def _ends(host: str, port: int, ca_file: str | None) -> datetime:
    tls = verified(ca_file or DEFAULT_CA_BUNDLE_PATH)
    with ThreadPoolExecutor(1, thread_name_prefix="dns doctor") as lookups:
        sock = Dialler(host, port, CONNECT, tls, lookups)(monotonic() + CONNECT)
    with sock:
        shown = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    ends = ssl.cert_time_to_seconds(str((shown or {})["notAfter"]))
    return datetime.fromtimestamp(ends, UTC)


def _clock(name: str, table: Mapping[str, Any]) -> Findings:
    """By the Date of whatever it answers. One that says none is no worse for it."""
    ca_file = table.get("ca_file")
    transport = Transport(
        str(table["url"]), connect=CONNECT, deadline=WITHIN, largest=PAGE,
        ca_file=ca_file,
    )  # fmt: skip
    try:
        said = transport.send("GET", "/").headers.get("date", "")
        at = parsedate_to_datetime(said)
    except (Outcome, ValueError):
        return
    finally:
        transport.close()
    skew = (at - datetime.now(UTC)).total_seconds()
    yield apart(f"clock of {name}", skew)


def _ping(name: str, backend: Backend) -> Finding:
    try:
        backend.ping()
    except Outcome as why:
        return fail(f"backend {name}", str(why))
    said = f"it answers and takes our key; tariffs {_tariffs(backend)}"
    if isinstance(backend, Unproven):
        said += "; is it newer than 7.4 (CVE-2025-2611)? It does not say"
    return ok(f"backend {name}", said)


def _tariffs(backend: Backend) -> str:
    return ", ".join(sorted(backend.describe().tariffs)) or "as it says itself"


def _key(name: str, backend: Backend, at: datetime) -> Findings:
    ends = backend.describe().key_expires
    if ends is None:
        return
    about, out = f"API key of {name}", "make a new one in its panel"
    if ends <= at:
        yield fail(about, f"it ended on {ends:%Y-%m-%d}; {out}")
    elif ends - at <= EXPIRING:
        yield warn(about, f"it ends on {ends:%Y-%m-%d}; {out}")
    else:
        yield ok(about, f"it is good until {ends:%Y-%m-%d}")


def _sold(parts: Parts) -> Catalog:
    """By what is current. Where nobody can tell that, as it is written."""
    with suppress(sa.exc.DBAPIError, Later), parts.database.read() as tx:
        return parts.editions.now(tx)
    return parts.config.catalog


def _proven(name: str, parts: Parts) -> Finding:
    about, config = f"fields of {name}", parts.config
    if name in config.accepting:
        return ok(about, 'sold at your word (unverified = "accept")')
    own = proofs.on_their_own(parts.backends, config.accepting)
    lacking = proofs.lacks(_sold(parts), own, proofs.on_record(parts.database)[0])
    open_ = sorted(
        {what for lack in lacking if lack.backend == name for what in lack.what}
    )
    if not open_:
        return ok(about, "all that is sold there was verified")
    out = f"run `switchhook doctor --probe {name}`"
    return warn(about, f"never verified: {', '.join(open_)}; {out}")
