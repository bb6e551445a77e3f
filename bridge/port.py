"""Where a server of ours is to listen, and why it cannot."""

from __future__ import annotations

import socket
import time

PATIENCE = 30.0
"""Seconds to wait for a predecessor: one that is stopping, or whose parent died, has
so long to finish what is under way."""


def refused(host: str, port: int) -> str | None:
    """Why nobody can listen there just now; None, where we can.

    Our web server shares its port among its processes, and so with any other bridge: of
    two on one port each would get some of the events, and neither would say so.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
    except OSError as wrong:
        return wrong.strerror or str(wrong)
    return None


def wanted(host: str, port: int, table: str, patience: float = PATIENCE) -> None:
    """LookupError, where it is another's. *table*: which says host and port."""
    until = time.monotonic() + patience
    while why := refused(host, port):
        if time.monotonic() > until:
            raise LookupError(told(host, port, table, why))
        time.sleep(0.05)


def told(host: str, port: int, table: str, why: str) -> str:
    out = f"free it, or set {table}.host and {table}.port"
    return f"{host}:{port} cannot be had ({why}); {out}"
