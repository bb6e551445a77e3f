"""What belongs to all sources is for those who see all of them."""

from __future__ import annotations

from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked


def whole(asked: Asked) -> None:
    if asked.scope.sources is not None:
        raise Stopped(
            403, "not_allowed",
            "This page shows what belongs to all sources, and you see some of them.",
        )  # fmt: skip
