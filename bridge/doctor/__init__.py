"""Whether all around the bridge is well: one small check for each thing."""

from __future__ import annotations

from bridge.doctor import carts, compared, database, files, hosts, shops, ways
from bridge.doctor.finding import Check, Findings, How, fail, ok
from bridge.parts import Parts

__all__ = ["CHECKS", "How", "examined"]

CHECKS: tuple[Check, ...] = (
    files.secrets,
    files.room,
    files.messages,
    database.reached,
    database.library,
    compared.compared,
    hosts.hosts,
    ways.mail,
    shops.shops,
    carts.carts,
    ways.listening,
)


def examined(parts: Parts) -> Findings:
    """One after another, each said as soon as it is known."""
    yield ok("configuration", f"{parts.config.path} is read and fits together")
    for check in CHECKS:
        try:
            yield from check(parts)
        except Exception as wrong:  # noqa: BLE001 - the others are still looked at
            # By its kind alone: its words may hold anything.
            yield fail(
                check.__name__, f"it could not be looked at ({type(wrong).__name__})"
            )
