"""A WHMCS of the tests: its database, and its actions, a PHP process each."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.rig import SECRET

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "hooks/whmcs/modules/servers/switchhook"
HARNESS = Path(__file__).parent / "harness"
PHP = Path(sys.prefix) / "php/php"
ENDS = Path(sys.prefix) / "php-ends/node_modules"
"""Where the oldest and the newest PHP are, and may be run."""

SMARTY = Path(sys.prefix) / "php/usr/share/php/smarty3"
PATIENCE = 60.0
PASSWORD = "Wh8sPw-given-by-whmcs"
PRODUCTS = {"starter": 12, "business": 13, "plain": 14, "topup:credit10": 15,
            "topup:credit20": 16}  # fmt: skip
ADDONS = {"topup:credit10": 5, "topup:credit20": 6, "line": 7}
"""Which of its products and add-ons is what, for whoever pulls."""


def other(version: str) -> list[str]:
    """The command of another PHP, for what the harness runs."""
    prepended = f"auto_prepend_file={HARNESS / 'other.php'}"
    return [*bare(version), "-d", prepended]


def bare(version: str) -> list[str]:
    return ["node", str(HARNESS / "other.mjs"), str(ENDS), version]


class Shop:
    """One client (7), one server record (1), products by what is sold."""

    def __init__(
        self, folder: Path, port: int, source: str = "billing", secret: str = SECRET
    ) -> None:
        self.path = folder / f"{source}.whmcs.db"
        self.ahead = 0
        """Seconds that its clock is ahead of ours."""

        self.module = MODULE
        self.php: list[str] = [str(PHP)]
        """The command that runs its PHP."""

        self._db = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.executescript((HARNESS / "schema.sql").read_text())
        self.put("tblclients", id=7, firstname="Lan", lastname="Nguyen",
                 companyname="", email="lan@example.com",
                 phonenumber="+84.901234567", country="VN")  # fmt: skip
        self.put("tblemailtemplates", id=1, name="Welcome")
        self.put("tblservers", id=1, name="bridge", type="switchhook", port=str(port),
                 hostname="127.0.0.1", username=source,
                 password=base64.b64encode(secret.encode()).decode())  # fmt: skip

    # what is there

    def put(self, table: str, **row: Any) -> int:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        done = self._db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
        )
        return int(done.lastrowid or 0)

    def set(self, table: str, where: str, **row: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in row)
        self._db.execute(
            f"UPDATE {table} SET {names} WHERE {where}", tuple(row.values())
        )

    def rows(self, table: str, where: str = "1") -> list[dict[str, Any]]:
        found = self._db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY rowid")
        return [dict(row) for row in found]

    def log(self, kind: str) -> list[str]:
        return [row["text"] for row in self.rows("harness_log", f"kind = '{kind}'")]

    def state(self, service: int) -> str:
        return self.rows("tblhosting", f"id = {service}")[0]["domainstatus"]

    def waiting(self) -> list[tuple[str, str]]:
        """The Module Queue: what failed and nobody retried with success."""
        rows = self.rows("harness_queue", "completed = 0")
        return [(row["ref"], row["action"]) for row in rows]

    def outbox(self) -> dict[str, str]:
        """By event, what the module knows of it."""
        return {r["event"]: r["state"] for r in self.rows("mod_switchhook_outbox")}

    def day(self, on: int = 0) -> str:
        """So many days from today, as WHMCS writes one."""
        return f"{(self._now() + timedelta(days=on)).date()}"

    def moment(self) -> str:
        """This one, as WHMCS writes it."""
        return f"{self._now():%Y-%m-%d %H:%M:%S}"

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    # what is sold

    def product(self, chosen: str, **more: Any) -> int:
        """The first of a kind has its number of the table above."""
        more = self._numbered("tblproducts", PRODUCTS.get(chosen)) | more
        return self.put("tblproducts", name=chosen, servertype="switchhook",
                        configoption1=chosen, **more)  # fmt: skip

    def _numbered(self, table: str, id_: int | None) -> dict[str, Any]:
        return {} if id_ is None or self.rows(table, f"id = {id_}") else {"id": id_}

    def order(
        self,
        product: int,
        service: int,
        *,
        options: dict[str, Any] | None = None,
    ) -> int:
        """Ordered, not paid. The invoice."""
        self.put("tblhosting", id=service, userid=7, packageid=product, server=1,
                 domain=f"{service}.example.com", password=PASSWORD,
                 regdate=self.day())  # fmt: skip
        for name, value in (options or {}).items():
            self.put("harness_options", service=service, name=name, value=str(value))
        return self.invoice(("Hosting", service))

    def field(self, service: int, name: str, value: str) -> int:
        """A custom field of its product, filled in."""
        product = self.rows("tblhosting", f"id = {service}")[0]["packageid"]
        field = self.put("tblcustomfields", relid=product, fieldname=name)
        self.put("tblcustomfieldsvalues", fieldid=field, relid=service, value=value)
        return field

    def addon(self, chosen: str, service: int, addon: int) -> int:
        """A product add-on of ours to a service. The invoice."""
        numbered = self._numbered("tbladdons", ADDONS.get(chosen))
        kind = self.put("tbladdons", name=chosen, module="switchhook", **numbered)
        self.put("tblmodule_configuration", entity_type="addon", entity_id=kind,
                 setting_name="configoption1", value=chosen)  # fmt: skip
        self.put("tblhostingaddons", id=addon, hostingid=service, addonid=kind,
                 userid=7, server=1)  # fmt: skip
        return self.invoice(("Addon", addon))

    def invoice(self, *lines: tuple[str, int], due: str = "") -> int:
        due = due or self.day()
        number = self.put("tblinvoices", userid=7, date=self.day(), duedate=due)
        for kind, of in lines:
            self.put("tblinvoiceitems", invoiceid=number, userid=7, type=kind,
                     relid=of, amount="29.00", duedate=due)  # fmt: skip
        return number

    def upgrade(self, service: int, to: int) -> int:
        number = self.put("tblupgrades", userid=7, type="package", relid=service,
                          newvalue=str(to))  # fmt: skip
        return self.invoice(("Upgrade", number))

    def more(self, service: int, name: str, value: int) -> int:
        number = self.put("tblupgrades", userid=7, type="configoptions", relid=service,
                          newvalue=f"{name}={value}")  # fmt: skip
        return self.invoice(("Upgrade", number))

    # what happens

    def begin(self, do: str, **told: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*self.php, "-d", "error_reporting=-1", "-d", "display_errors=stderr",
             str(HARNESS / "whmcs.php"), str(self.path), str(self.module)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert process.stdin
        process.stdin.write(json.dumps({"do": do, "ahead": self.ahead} | told))
        process.stdin.close()
        process.stdin = None
        return process

    def end(self, process: subprocess.Popen[str]) -> Any:
        out, errors = process.communicate(timeout=PATIENCE)
        assert not errors, errors
        told = json.loads(out)
        assert "said" in told, told
        return told["said"]

    def do(self, do: str, **told: Any) -> Any:
        return self.end(self.begin(do, **told))

    def call(self, function: str, ref: int | str, **more: Any) -> str:
        return self.do("call", function=function, ref=str(ref), more=more)

    def ask(self, function: str, ref: int | str | None = None, **more: Any) -> Any:
        of = {} if ref is None else {"ref": str(ref)}
        return self.do("function", function=function, **of, **more)

    def page(self, service: int, **press: Any) -> str:
        """The page of a service as its customer sees it; *press*: a button, before."""
        if press:
            do, told = "activate", {"post": press, "then": "ClientArea"}
        else:
            do, told = "ClientArea", {}
        told = self.ask(do, service, **told)
        shown = {"template": f"{told['templatefile']}.tpl", "vars": told["vars"]}
        done = subprocess.run(
            [PHP, HARNESS / "page.php", MODULE, SMARTY],
            input=json.dumps(shown), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not done.stderr, done.stderr
        assert not done.returncode, done.stdout
        return done.stdout

    def pay(self, invoice: int, *, hook_first: bool = False) -> list[str]:
        return self.do("pay", invoice=invoice, hook_first=hook_first)

    def hook(self, name: str, **told: Any) -> list[Any]:
        return self.do("hook", hook=name, vars=told)
