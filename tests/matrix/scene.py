"""A bridge and its backend in a story: words are told, time passes on both sides."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from bridge import orders
from bridge.duties import wake
from provisioning.simulator import Control
from tests.days import STARTED
from tests.rig import Moving, Rig

AHEAD, ANSWERED = "ahead.txt", "answered.txt"
HOUR = 3600.0
DAY = 24 * HOUR
PER_MINUTE = {"1": Decimal("0.02"), "2": Decimal("0.01")}
"""What the simulator's tariffs cost."""

TURNS = 60
"""How often a lane may come due again before nothing more is hoped for."""

SOON = 0.02
"""Seconds: less than that passes by itself."""


class Scene:
    """Made anew in each process of a case; what time it is is kept in the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control = Control((folder / "url.txt").read_text())
        self.rig = Rig(folder / "config.toml", Moving())
        if (folder / AHEAD).exists():
            self.rig.clock.ahead = timedelta(
                seconds=float((folder / AHEAD).read_text())
            )

    # in time

    def began(self) -> datetime:
        """A moment all processes of the case agree on."""
        path = self.folder / "began.txt"
        if not path.exists():
            path.write_text(self.rig.clock.now().isoformat())
        return datetime.fromisoformat(path.read_text())

    def at(self, seconds: float) -> datetime:
        return self.began() + timedelta(seconds=seconds)

    def later(self, seconds: float) -> None:
        clock = self.rig.clock
        clock.ahead += timedelta(seconds=seconds)
        (self.folder / AHEAD).write_text(str(clock.ahead.total_seconds()))
        self.control.clock(advance=seconds)

    def until(self, seconds: float) -> None:
        """So many after it began, if that is still to come; what is due is due."""
        left = (self.at(seconds) - self.rig.clock.now()).total_seconds()
        if left > 0:
            self.later(left)
        wake(self.rig.database, self.rig.clock.now())

    def quiet(self) -> None:
        """Until no lane comes due again, as a bridge that runs would."""
        for _ in range(TURNS):
            self.rig.run()
            due = self.rig.parts.runner.next_due()
            if due is None:
                return
            self.later(max(due, SOON))
        raise AssertionError(f"still due after {TURNS} turns")

    # what a platform says

    def order(
        self,
        package: str = "starter",
        *,
        ref: str = "1",
        client: str = "7",
        id_: str = "order",
        **sold: Any,
    ) -> None:
        service = {"ref": ref, "plan_ref": package} | sold
        self._post(
            id_,
            "service.activate",
            -1,
            account={"ref": client},
            service={"period_start": self.at(-HOUR).isoformat()} | service,
            billing={"line_ref": f"line-{ref}"},
        )

    def ordered(self, package: str = "starter", **sold: Any) -> None:
        self.order(package, **sold)
        self.quiet()

    def say(self, word: str, seconds: float = 1, *, id_: str | None = None,
            **more: Any) -> None:  # fmt: skip
        told = {"service": {"ref": "1"}} | more
        self._post(id_ or word, f"service.{word}", seconds, **told)

    def change(self, seconds: float = 1, *, id_: str = "change", **sold: Any) -> None:
        self.say("change", seconds, id_=id_, service={"ref": "1"} | sold)

    def renewed(self, seconds: float) -> None:
        starts = self.at(seconds - HOUR).isoformat()
        self.say(
            "renewed",
            seconds,
            service={"ref": "1", "period_start": starts},
            billing={"line_ref": "line-r"},
        )

    def topup(self, line: str = "2", *, client: str = "7") -> None:
        """10.00 USD of credit."""
        self._post(
            f"topup-{line}",
            "topup.paid",
            1,
            account={"ref": client},
            service={"ref": "credit", "product_ref": "credit10"},
            billing={"line_ref": line},
        )

    def coupons(self, many: int = 1) -> None:
        self._post(
            "coupons",
            "topup.paid",
            1,
            account={"ref": "7"},
            service={"product_ref": "boost", "quantity": many},
            billing={"line_ref": "c"},
        )

    def back(self, line: str = "2") -> None:
        self._post(f"back-{line}", "topup.reversed", 2, billing={"line_ref": line})

    def address(self, email: str) -> None:
        self._post("email", "account.updated", 1, account={"ref": "7", "email": email})

    def password(self, secret: str) -> None:
        told = {"service": {"ref": "1"}, "data": {"new_password": secret}}
        self._post("password", "credentials.changed", 1, **told)

    def _post(self, id_: str, type_: str, seconds: float, **told: Any) -> None:
        answer = self.rig.post(id_, type_, self.at(seconds), **told)
        assert answer.status_code in {200, 202}, answer.text
        with (self.folder / ANSWERED).open("a") as kept:
            kept.write(f"{id_}\n")

    def stale(self) -> None:
        """An older word than all: it must change nothing."""
        self.rig.say("terminate", id_="stale", at=STARTED - timedelta(days=1))

    # what staff does, and others at the backend

    def carry_out(self, name: str, **said: Any) -> None:
        """Said again it is refused: it counts once."""
        rig = self.rig
        with suppress(LookupError):
            orders.carry_out(rig.database, rig.clock, name, said)

    def used(self, amount: str) -> None:
        """One call as long as that costs; it has ended, too."""
        tariff = self.control.state()["users"][0]["tariff"]
        seconds = float(Decimal(amount) / PER_MINUTE[tariff] * 60)
        [campaign] = self.control.traffic(1, call_seconds=seconds)
        self.by_hand("Campaign_Stop", campaign_id=campaign)
        self.later(seconds + 1)

    def by_hand(self, method: str, **arguments: Any) -> None:
        url = (self.folder / "url.txt").read_text()
        told = {"username": "admin", "password": "simulator"} | {
            name: json.dumps(said) if isinstance(said, dict) else str(said)
            for name, said in arguments.items()
        }
        ask = build_opener(ProxyHandler({})).open
        with ask(f"{url}/rest/{method}", urlencode(told).encode(), timeout=30) as said:
            assert json.load(said)[0] is True

    def wire(self, name: str) -> str:
        """What this backend calls it."""
        return str(self.rig.parts.backends["main"].set.fields[name])
