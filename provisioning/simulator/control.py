"""The control panel from another process, with nothing but the standard library."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from provisioning.simulator.admin import Admin
from provisioning.simulator.names import Names
from provisioning.simulator.rows import Plan
from provisioning.simulator.settings import PLANS
from provisioning.simulator.wire import compact


class Control:
    """`url` is the instance's: `http://127.0.0.1:PORT` or `…/<instance>`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/_sim/"
        self._open = build_opener(ProxyHandler({})).open  # loopback needs no proxy

    def new(
        self,
        *,
        names: Names | None = None,
        payments_listed: bool = False,
        users_listed: bool = False,
        codec: str = "json",
        admin: Admin | None = None,
        plans: Iterable[Plan] = PLANS,
    ) -> None:
        """Make the instance, or begin it again from nothing."""
        self._ask(
            "new",
            {
                "names": asdict(names or Names()),
                "payments_listed": payments_listed,
                "users_listed": users_listed,
                "codec": codec,
                "admin": asdict(admin or Admin()),
                "plans": [asdict(plan) for plan in plans],
            },
        )

    def fault(
        self,
        fault: str,
        method: str,
        *,
        nth: int = 1,
        times: int = 1,
        seconds: float = 0.0,
        odds: float = 1.0,
        seed: int = 0,
    ) -> None:
        told = {"fault": fault, "method": method, "nth": nth, "times": times}
        self._ask("fault", told | {"seconds": seconds, "odds": odds, "seed": seed})

    def traffic(
        self,
        user_id: int,
        *,
        campaigns: int = 1,
        concurrent: int = 1,
        call_seconds: float = 60.0,
    ) -> list[int]:
        """Create and start campaigns of the user; their ids."""
        told = {"user_id": user_id, "campaigns": campaigns, "concurrent": concurrent}
        answer = self._ask("traffic", told | {"call_seconds": call_seconds})
        return [int(campaign_id) for campaign_id in answer["campaigns"]]

    def keep(
        self, user_id: int, *, contacts: Iterable[str], recordings: Iterable[str]
    ) -> None:
        """Let the user have these: phones to call, titles to play."""
        told = {"contacts": list(contacts), "recordings": list(recordings)}
        self._ask("keep", {"user_id": user_id} | told)

    def clock(self, advance: float = 0.0) -> float:
        """Move the instance's clock on; the moment it shows now."""
        return float(self._ask("clock", {"advance": advance})["at"])

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Users (without passwords) and what they have; money as strings."""
        state: dict[str, list[dict[str, Any]]] = self._ask("state")
        return state

    def journal(self) -> list[dict[str, Any]]:
        journal: list[dict[str, Any]] = self._ask("journal")
        return journal

    def _ask(self, order: str, told: dict[str, Any] | None = None) -> Any:
        body = None if told is None else compact(told).encode()
        try:
            with self._open(self._url + order, body, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as wrong:
            with wrong:
                raise ValueError(wrong.read().decode()) from None
