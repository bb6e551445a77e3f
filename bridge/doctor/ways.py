"""The ways in and out: the mail server, and the address events are taken at."""

from __future__ import annotations

from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from bridge.channels.mail import Mail
from bridge.doctor.finding import Findings, fail, ok
from bridge.parts import Parts
from bridge.port import refused, told
from provisioning.core.outcomes import Outcome

ALIVE = b"alive\n"
"""What bridge/web/health answers."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as it is written


def mail(parts: Parts) -> Findings:
    """Connected, secured, logged in; no mail is sent."""
    server, way = parts.config.mail, parts.channels.get("mail")
    if server is None or not isinstance(way, Mail):
        return
    about, where = "mail", f"{server.host}:{server.port}"
    try:
        way.reach()
    except Outcome as why:
        yield fail(about, f"{where}: {why}")
    else:
        login = " and takes our password" if server.username else ""
        yield ok(about, f"{where} answers{login}; no mail was sent")


def listening(parts: Parts) -> Findings:
    host, port = parts.config.serve.host, parts.config.serve.port
    about, where = "serve", f"{host}:{port}"
    if _is_ours(EVERYWHERE.get(host, host), port):
        yield ok(about, f"switchhook answers at {where}")
        return
    if why := refused(host, port):
        yield fail(about, told(host, port, about, why))
    else:
        yield ok(about, f"{where} is free for `switchhook serve`")


def _is_ours(host: str, port: int) -> bool:
    address = f"[{host}]" if ":" in host else host
    try:
        with build_opener(ProxyHandler({})).open(
            f"http://{address}:{port}/livez", timeout=3
        ) as answer:
            return bool(answer.read(len(ALIVE) + 1) == ALIVE)
    except (URLError, OSError, ValueError):
        return False
