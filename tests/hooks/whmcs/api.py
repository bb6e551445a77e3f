"""The API of the harness's WHMCS: the bridge tests' stand-in, on the same database.

What the bridge is answered is what the module's WHMCS has; what it asks for happens
there. So one world is told, called back and pulled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.rigs.whmcs import NEVER, Answer, Fields, Whmcs, running

PAGE = {"userid": "clientid", "packageid": "pid", "domainstatus": "status",
        "suspendreason": "suspensionreason"}  # fmt: skip
"""What a column of tblhosting is called in GetClientsProducts."""

WRITTEN = ("username", "password", "domainstatus", "nextduedate",
           "overideautosuspend", "overidesuspenduntil")  # fmt: skip
"""What UpdateClientProduct may write."""


@dataclass
class Api(Whmcs):
    path: Path = field(default_factory=Path)
    """Of the shop's database."""

    mailing: Callable[[str], str] = str
    """Has the mail of a service sent there, past the hooks; "sent", if it was."""

    def answer(self, told: Fields) -> Answer:
        with closing(
            sqlite3.connect(self.path, timeout=10, isolation_level=None)
        ) as db:
            db.row_factory = sqlite3.Row
            self._read(db)
            before = {id_: dict(row) for id_, row in self.products.items()}
            said = super().answer(told)
            for id_, row in self.products.items():
                if row != before[id_]:
                    _write(db, id_, row)
        return said

    # what it sells, in the same database

    def sell(self, id_: str, client: str, pid: str, domain: str, order: str,
             chosen: Mapping[str, int]) -> None:  # fmt: skip
        self._put("tblhosting", id=id_, userid=client, packageid=pid, server=1,
                  domain=domain, password="as-whmcs-made-it")  # fmt: skip
        for name, many in chosen.items():
            self._put("harness_options", service=id_, name=name, value=str(many))

    def bill(self, client: str, service: str, total: str) -> str:
        day = f"{datetime.now(UTC).date()}"
        invoice = self._put("tblinvoices", userid=client, date=day, duedate=day,
                            total=total)  # fmt: skip
        self._put("tblinvoiceitems", invoiceid=invoice, userid=client, type="Hosting",
                  relid=service, amount=total, duedate=day)  # fmt: skip
        return str(invoice)

    def _put(self, table: str, **row: object) -> int:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        with closing(
            sqlite3.connect(self.path, timeout=10, isolation_level=None)
        ) as db:
            done = db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
            )
            return int(done.lastrowid or 0)

    def _send(self, told: Fields) -> Answer:
        # What it says where a hook stops the mail is not documented: an error, here.
        if self.mailing(told["id"]) != "sent":
            return {"result": "error", "message": "Email Send Aborted By Hook"}
        return super()._send(told)

    def _read(self, db: sqlite3.Connection) -> None:
        self.clients = {row["id"]: row for row in _rows(db, "tblclients")}
        options = _rows(db, "harness_options")
        fields, values = (_rows(db, f"tblcustomfields{s}") for s in ("", "values"))
        self.products = {
            row["id"]: _product(row)
            | {"configoptions": _options(row["id"], options),
               "customfields": _fields(row, fields, values)}
            for row in _rows(db, "tblhosting")
        }  # fmt: skip
        self.addons = [
            {"id": row["id"], "clientid": row["userid"], "addonid": row["addonid"],
             "serviceid": row["hostingid"]}
            for row in _rows(db, "tblhostingaddons")
        ]  # fmt: skip
        for order in self.sales.orders.values():
            self.products[order["service"]]["orderid"] = order["id"]
        lines = _rows(db, "tblinvoiceitems")
        self.invoices = {
            row["id"]: row
            | {"invoiceid": row["id"], "transactions": "",
               "items": {"item": [each for each in lines
                                  if each["invoiceid"] == row["id"]]}}
            for row in _rows(db, "tblinvoices")
        }  # fmt: skip
        self.queue = [_queued(row) for row in _rows(db, "harness_queue")
                      if row["completed"] == "0"]  # fmt: skip
        self.templates = {row["name"] for row in _rows(db, "tblemailtemplates")}


def _write(db: sqlite3.Connection, id_: str, row: Answer) -> None:
    names = ", ".join(f"{name} = ?" for name in WRITTEN)
    told = [row[PAGE.get(name, name)] for name in WRITTEN]
    db.execute(f"UPDATE tblhosting SET {names} WHERE id = ?", (*told, id_))


def _rows(db: sqlite3.Connection, table: str) -> list[dict[str, str]]:
    """Numbers as text, as its API writes them."""
    found = db.execute(f"SELECT * FROM {table} ORDER BY rowid")
    return [
        {key: "" if row[key] is None else str(row[key]) for key in row}
        for row in map(dict, found)
    ]


def _product(row: dict[str, str]) -> Answer:
    told: dict[str, Any] = {PAGE.get(key, key): said for key, said in row.items()}
    return told | {"nextduedate": row["nextduedate"] or NEVER}


def _options(service: str, rows: list[dict[str, str]]) -> Answer | str:
    """Those of a service; "" where it has none."""
    found = [
        {"id": str(no), "option": row["name"], "type": "quantity",
         "value": row["value"]}
        for no, row in enumerate(rows) if row["service"] == service
    ]  # fmt: skip
    return {"configoption": found} if found else ""


def _fields(
    row: dict[str, str], fields: list[dict[str, str]], values: list[dict[str, str]]
) -> Answer:
    """Its product's, with what was filled in for it."""
    said = {one["fieldid"]: one["value"] for one in values if one["relid"] == row["id"]}
    return {"customfield": [
        {"id": one["id"], "name": one["fieldname"], "value": said.get(one["id"], "")}
        for one in fields if one["relid"] == row["packageid"]
    ]}  # fmt: skip


def _queued(row: dict[str, str]) -> Answer:
    """What failed, by the name of the module's function."""
    is_addon = row["ref"].startswith("a")
    return {
        "id": row["id"],
        "serviceType": "addon" if is_addon else "service",
        "serviceId": row["ref"].removeprefix("a"),
        "moduleName": "switchhook",
        "moduleAction": row["action"],
        "lastAttemptError": row["error"],
    }


@contextmanager
def answering(path: Path) -> Iterator[Api]:
    with running(Api(path=path)) as api:
        assert isinstance(api, Api)
        yield api
