"""A bridge beside a simulator: real sockets, a real database, movable time."""

from __future__ import annotations

import json
import random
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bridge import config, orders
from bridge.app import create_app
from bridge.cli.show import balances
from bridge.clock import Clock
from bridge.editions import written_of
from bridge.keys import new_secret
from bridge.parts import Parts, assemble
from bridge.platforms import signature
from bridge.store import (
    accounts,
    attempts,
    catalogs,
    chain,
    lanes,
    operations,
    whereabouts,
)
from bridge.store.tables import operation
from provisioning.simulator import Names
from tests.days import STARTED
from tests.engines import PostgreSQL, SQLite

SECRET = "whsec_" + "QSBzZWNyZXQgdGhhdCBvbmx5IHRoZSB0ZXN0cyBrbm93IDEyMw=="
KEY = "the tests' own install key, thirty-two bytes and more"
DEADLINE = 5
"""Seconds: longer than a busy machine keeps an answer back."""

CONFIG = """
database = "{database}"
key = "{key}"
{public}
retry = {retry}
[sources.shop]
kind = "signed"
secrets = ["{secret}"]
{shop}
[sources.other]
kind = "signed"
secrets = ["whsec_{other}"]
[backends.main]
kind = "ictbroadcast"
url = "{url}"
username = "admin"
password = "simulator"
currency = "USD"
unverified = "accept"
tariffs = {{ standard = "1", wholesale = "2" }}
call_deadline = {call_deadline}
settle = {settle}
{ours}
{rate}
longest_call = {longest_call}
{payments}
[backends.main.fields]
{fields}
[packages.starter]
{place}
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
[packages.plain]
{place}
price = "9.00 USD"
cycle = "once"
tariff = "wholesale"
channels = 2
[topups.credit20]
price = "24.00 USD"
credit = "20.00 USD"
bonus = "2.00 USD"
[topups.credit10]
price = "12.00 USD"
credit = "10.00 USD"
[topups.euro]
price = "12.00 EUR"
credit = "10.00 EUR"
{alerts}
{more}
"""

PUBLIC = "https://provision.example.com"
SHOP = """
login_mail = "ours"
brand = { name = "Example Calls", login_url = "https://panel.example.com/",
support = "help@example.com", from = "hello@example.com", mails = [] }
""".replace(",\n", ", ")

SECOND = """
[backends.second]
kind = "ictbroadcast"
url = "{url}"
username = "admin"
password = "simulator"
currency = "USD"
unverified = "accept"
tariffs = {{ standard = "1" }}
call_deadline = {call_deadline}
calls = {calls}
[backends.second.fields]
{fields}
[packages.elsewhere]
backend = "second"
price = "9.00 USD"
cycle = "once"
tariff = "standard"
channels = 2
"""


Engine = SQLite | PostgreSQL


class Moving(Clock):
    """Real time, and as much more as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def wall(self) -> datetime:
        return super().wall() + self.ahead


def random_names() -> Names:
    """Drawn anew, so that adapter and simulator cannot agree by accident."""
    names = ("id", "username", "password", "email", "role", "tariff", "channels",
             "active", "balance", "payment", "amount", "reference",
             "owner", "start", "limit", "started", "seconds", "cost",
             "kind")  # fmt: skip
    drawn = random.sample(range(1000, 10000), len(names))
    return Names(
        **{name: f"f{number}" for name, number in zip(names, drawn, strict=True)},
        on=random.choice(["1", "active", "Y"]),
        off=random.choice(["0", "suspended", "N"]),
        running=random.choice(["running", "Dialling"]),
    )


def write_config(
    folder: Path,
    url: str,
    names: Names,
    *,
    listed: bool = False,
    everybody: bool = False,
    call_deadline: float = DEADLINE,
    settle: float = 180.0,
    rate: str | None = "0.0001",
    longest_call: int = 1,
    retry: str = "[0.1, 0.2]",
    database: str = "sqlite:///bridge.db",
    ours: str = "",
    more: str = "",
    mailed: bool | str = False,
    live: str = "",
    public: str = "",
) -> Path:
    """*listed*, *everybody*: its backend lists payments, users; *longest_call*: of its,
    in seconds; *retry*: when what failed, and a backend that is paused, is tried again;
    *ours*: how hard its backend may be asked; *more*: tables beside the usual;
    *mailed*: its login mails are ours, and go to a folder; "all": all others, too;
    *live*: from when on the shop is ours; *public*: keys at the top."""
    path = folder / "config.toml"
    path.write_text(
        CONFIG.format(
            database=database,
            key=KEY,
            retry=retry,
            secret=SECRET,
            other=new_secret(),
            url=url,
            fields=_fields(names),
            ours=ours,
            more=more,
            public=public + (f'public_url = "{PUBLIC}"' if mailed else ""),
            shop=(_shop(mailed) if mailed else "")
            + (f"live_from = {live}\n" if live else ""),
            alerts='[alerts]\nfolder = "outbox"' if mailed else "",
            place='backend = "main"' if more else "",
            call_deadline=call_deadline,
            settle=settle,
            longest_call=longest_call,
            rate=f'dearest_rate = "{rate}"' if rate else "",
            payments="\n".join(
                line
                for line, so in (
                    ('payments = "User_Payment_List"', listed),
                    ('users = "User_List"', everybody),
                )
                if so
            ),
        )
    )
    return path


def _shop(mailed: bool | str) -> str:
    return (
        SHOP
        if mailed != "all"
        else SHOP.replace("mails = []", 'mails = "all", languages = ["en", "de"]')
    )


def second(url: str, names: Names, calls: int = 4) -> str:
    """One more backend, and a package that is sold there: for *more*."""
    return SECOND.format(
        url=url, fields=_fields(names), calls=calls, call_deadline=DEADLINE
    )


def _fields(names: Names) -> str:
    return "\n".join(
        f'{name} = "{getattr(names, name)}"' for name in Names.__dataclass_fields__
    )


STANDING: list[Rig] = []
"""Until the database of the test is taken down."""


def close_all() -> None:
    """Nobody may be in a database that is dropped."""
    while STANDING:
        STANDING.pop().database.close()


class Rig:
    """A bridge put together as the product does it, driven by hand."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self.parts: Parts = assemble(config.load(path), clock or Moving())
        self.client = create_app(self.parts).test_client()
        self.clock = self.parts.clock
        self.database = self.parts.database
        STANDING.append(self)
        with self.database.read() as tx:
            there = sa.inspect(tx).has_table("catalog")
        if there:  # else the process that is started makes its tables, and begins
            self.parts.editions.begin(self.database, self.clock.now())
        self._key = signature.keys("shop", [SECRET])[0]

    @classmethod
    def made(
        cls, folder: Path, engine: Engine, url: str, names: Names, **set_: Any
    ) -> Rig:
        database = engine.new(folder)
        return cls(write_config(folder, url, names, database=database, **set_))

    def sells(self) -> None:
        """What its file says now is current from now on, in all processes."""
        file = config.load(self.path).catalog
        with self.database.read() as tx:
            was = catalogs.current(tx).read()
        said = {"version": file.version, "content": written_of(file), "was": was,
                "by": "a test"}  # fmt: skip
        orders.carry_out(self.database, self.clock, "catalog.apply", said)

    def post(
        self, id_: str, type_: str, at: datetime | None = None, **told: Any
    ) -> Any:
        said = {"spec": "1", "type": type_, "occurred_at": (at or STARTED).isoformat()}
        return self.deliver(id_, json.dumps(said | told).encode())

    def deliver(self, id_: str, body: bytes, source: str = "shop") -> Any:
        headers = signature.signed(self._key, id_, body, self.clock.now())
        headers |= {"content-type": "application/json"}
        return self.client.post(f"/hooks/{source}", data=body, headers=headers)

    def ask(self, name: str) -> Any:
        headers = signature.signed(self._key, "ask", b"", self.clock.now())
        return self.client.get(f"/operations/{name}", headers=headers)

    # what a platform says, in short

    def order(self, service: str = "1", *, id_: str = "order", line: str | None = "1",
              client: str = "7", package: str = "starter", email: str | None = None,
              **more: Any) -> Any:  # fmt: skip
        sold = {"ref": service, "plan_ref": package} | more.pop("service", {})
        return self.post(
            id_,
            "service.activate",
            account={"ref": client} | ({"email": email} if email else {}),
            service=sold,
            **({"billing": {"line_ref": line}} if line else {}),
            **more,
        )

    def topup(self, line: str | None, *, id_: str | None = None, client: str = "7",
              product: str = "credit10", **more: Any) -> Any:  # fmt: skip
        return self.post(
            id_ or f"topup-{line}",
            "topup.paid",
            account={"ref": client},
            service={"ref": "credit", "product_ref": product},
            **({"billing": {"line_ref": line}} if line else {}),
            **more,
        )

    def say(self, word: str, service: str = "1", *, id_: str | None = None,
            at: datetime | None = None, **more: Any) -> Any:  # fmt: skip
        return self.post(
            id_ or f"{word}-{at}",
            f"service.{word}",
            at,
            service={"ref": service},
            **more,
        )

    # what the bridge does

    def run(self) -> int:
        """All that is due now. How many lanes were taken."""
        taken = 0
        while self.parts.runner.run():
            taken += 1
        return taken

    def wait(self, seconds: float) -> None:
        """Business and real time of the bridge move on; nothing sleeps."""
        assert isinstance(self.clock, Moving)
        self.clock.ahead += timedelta(seconds=seconds)

    def run_until_quiet(self, within: float = 20.0) -> None:
        """In real time: until no lane comes due again, as a running bridge would."""
        until = time.monotonic() + within
        while True:
            self.run()
            due = self.parts.runner.next_due()
            if due is None:
                return
            assert time.monotonic() + due < until, f"still due in {due} s"
            time.sleep(max(due, 0.01))

    def wake_all(self) -> None:
        with self.database.change() as tx:
            for key in tx.execute(sa.select(lanes.lane.c.key)).scalars().all():
                lanes.wake(tx, key, self.clock.now())

    def order_by_hand(self, name: str, **said: Any) -> dict[str, Any]:
        """What a person has done, as the process that writes carries it out."""
        return orders.carry_out(self.database, self.clock, name, said)

    # what can be seen of it

    def fates(self) -> dict[str, str]:
        with self.database.read() as tx:
            rows = tx.execute(sa.select(operation.c.event, operation.c.fate))
            return {row.event: row.fate for row in rows}

    def why(self, event: str) -> str | None:
        with self.database.read() as tx:
            found = operations.of_events(tx, "shop", [event])[0]
        return found.why.code if found.why else None

    def entries(self) -> list[chain.Entry]:
        with self.database.read() as tx:
            return chain.entries(tx)

    def sums(self) -> dict[str, str]:
        """The books that are not empty."""
        return {b: str(s.normalize()) for b, s in balances(self.entries()).items() if s}

    def unsure(self) -> list[attempts.Attempt]:
        with self.database.read() as tx:
            return attempts.unsure(tx)

    def attempts(self) -> list[attempts.Attempt]:
        with self.database.read() as tx:
            query = sa.select(attempts.attempt).order_by(attempts.attempt.c.id)
            return attempts.found(tx, query)

    def account(self, service: str = "shop:1") -> Any:
        with self.database.read() as tx:
            return accounts.load(tx, str(whereabouts.of_service(tx, service)))
