"""A process that answers: its server, with the configuration it is to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces


def answer(
    factory: str, config: Path, host: str, port: int, threads: int = 16, **more: Any
) -> None:
    """Until it is stopped. *factory*: what makes it, in the process that answers, as
    module:function; *more*: of the server's own settings."""
    os.environ["SWITCHHOOK_CONFIG"] = str(config.resolve())
    Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        blocking_threads=threads,
        websockets=False,
        log_access=False,
        **more,
    ).serve()
