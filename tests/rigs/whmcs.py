"""A stand-in for the API of WHMCS: a real server, with the answers its reference shows.

With its ways, too (developers.whmcs.com, API and API reference): numbers as text, ""
for an empty list, days that are none as 0000-00-00, errors with 200, a 403 for an
address it does not know, and a transaction id that must be unique. What a test orders
it to do wrong it does once each, in that order.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

from provisioning import php
from tests.days import LIVE, dated
from tests.rigs.whmcs_sales import Sales

IDENTIFIER, SECRET = "api-identifier", "api-secret-canary-7d1e"
NEVER = "0000-00-00"
PAID = f"{dated(20)} 10:00:00"
LOST, LOCKED, BUSY, ODD = "lost", "locked", "busy", "odd"
"""Done, and its answer lost; not let in; 503; something that is no JSON."""

SWITCH = {"on": "1", "off": ""}
"""How it writes what it was told as a switch."""

Fields = dict[str, str]
Answer = dict[str, Any]


@dataclass
class Whmcs:
    url: str = ""
    clients: dict[str, Answer] = field(default_factory=dict)
    products: dict[str, Answer] = field(default_factory=dict)
    addons: list[Answer] = field(default_factory=list)
    invoices: dict[str, Answer] = field(default_factory=dict)
    queue: list[Answer] = field(default_factory=list)
    emails: list[Answer] = field(default_factory=list)
    activity: list[str] = field(default_factory=list)
    tickets: list[Fields] = field(default_factory=list)
    notices: list[Fields] = field(default_factory=list)
    credits: list[Fields] = field(default_factory=list)
    transactions: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=lambda: {"Welcome"})
    journal: list[tuple[str, Fields]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    only: str | None = None
    """What goes wrong, goes wrong with this action."""

    deaf: set[str] = field(default_factory=set)
    """Fields of a service it takes and does not write."""

    sales: Sales = field(default_factory=Sales)
    """What it sells, and what of that was ordered."""

    # what is there

    def client(self, id_: str = "7", email: str = "ann@example.com") -> None:
        self.clients[id_] = {"id": id_, "email": email, "currency_code": "USD"}

    def service(self, id_: str = "1", pid: str = "12", client: str = "7",
                status: str = "Pending", **more: str) -> Answer:  # fmt: skip
        if client not in self.clients:
            self.client(client)
        self.products[id_] = {
            "id": id_, "clientid": client, "orderid": "1", "pid": pid,
            "regdate": dated(2), "nextduedate": NEVER, "status": status,
            "username": "exampleu", "password": "as-whmcs-made-it",
            "suspensionreason": "", "subscriptionid": "",
            "overideautosuspend": "", "overidesuspenduntil": NEVER,
            "customfields": {"customfield": []},
            "configoptions": "",
        } | more  # fmt: skip
        return self.products[id_]

    def options(self, id_: str, **chosen: object) -> None:
        """What was chosen of its configurable options, by their names; `_` is a space.

        https://developers.whmcs.com/api-reference/getclientsproducts/
        """
        self.products[id_]["configoptions"] = {"configoption": [
            {"id": str(no), "option": name.replace("_", " "), "type": "quantity",
             "value": value}
            for no, (name, value) in enumerate(chosen.items())
        ]}  # fmt: skip

    def fields(self, id_: str, **filled: str) -> None:
        """What was filled in of its product's custom fields, by their names."""
        self.products[id_]["customfields"] = {"customfield": [
            {"id": str(no), "name": name, "value": value}
            for no, (name, value) in enumerate(filled.items())
        ]}  # fmt: skip

    def paid(self, id_: str, *lines: tuple[str, str, str], client: str = "7",
             at: str = PAID, made: str = dated(18),
             due: str = dated(1), status: str = "Paid") -> None:  # fmt: skip
        """Its lines are (id, type, relid)."""
        self.invoices[id_] = {
            "id": id_, "invoiceid": id_, "userid": client, "date": made,
            "duedate": due, "datepaid": at, "status": status, "transactions": "",
            "items": {"item": [
                {"id": i, "type": t, "relid": r, "amount": "29.00", "taxed": "0"}
                for i, t, r in lines
            ]},
        }  # fmt: skip

    def sell(self, id_: str, client: str, pid: str, domain: str, order: str,
             chosen: Mapping[str, int]) -> None:  # fmt: skip
        """A service that was ordered, and waits for its payment."""
        self.service(id_, pid, client, domain=domain, orderid=order)
        self.options(id_, **chosen)

    def bill(self, client: str, service: str, total: str) -> str:
        """Its first invoice."""
        id_ = str(500 + len(self.invoices) + 1)
        self.paid(id_, (id_, "Hosting", service), client=client, status="Unpaid",
                  at=f"{NEVER} 00:00:00")  # fmt: skip
        self.invoices[id_] |= {"total": total, "credit": "0.00"}
        return id_

    def unsell(self, service: str, invoice: str) -> None:
        self.products[service]["status"] = "Cancelled"
        if invoice in self.invoices:
            self.invoices[invoice]["status"] = "Cancelled"

    def did(self, *actions: str) -> list[Fields]:
        """What these were asked to do, in order."""
        return [told for action, told in self.journal if action in actions]

    # what it answers

    def answer(self, told: Fields) -> Answer:
        action = told.pop("action")
        self.journal.append((action, told))
        known: dict[str, Callable[[Fields], Answer]] = {
            "GetClientsProducts": self._products,
            "GetClientsDetails": self._details,
            "GetClientsAddons": self._addons,
            "GetInvoices": self._invoices,
            "GetInvoice": self._invoice,
            "GetModuleQueue": lambda _: {"count": len(self.queue), "queue": self.queue},
            "GetEmails": self._emails,
            "GetActivityLog": self._activity,
            "GetTickets": self._tickets,
            "UpdateClientProduct": self._update,
            "SendEmail": self._send,
            "LogActivity": self._log,
            "OpenTicket": self._ticket,
            "TriggerNotificationEvent": self._notice,
            "AddTransaction": self._transaction,
            "AddCredit": self._credit,
            "GetCredits": self._credited,
            **self.sales.known(self),
        }
        if action not in known:
            return _error("Command Not Found")
        return {"result": "success"} | known[action](told)

    def _products(self, told: Fields) -> Answer:
        found = list(self.products.values())
        if "serviceid" in told:
            found = [one for one in found if one["id"] == told["serviceid"]]
        for by in ("clientid", "domain"):
            if by in told:
                found = [one for one in found if one.get(by) == told[by]]
        return self._page(found, told, "products", "product")

    def _details(self, told: Fields) -> Answer:
        """By its id or address: developers.whmcs.com/api-reference/getclientsdetails"""
        by = "id" if "clientid" in told else "email"
        asked = told["clientid" if by == "id" else "email"]
        every = self.clients.values()
        found = next((one for one in every if one[by] == asked), None)
        return {"client": found} if found else _error("Client Not Found")

    def _addons(self, told: Fields) -> Answer:
        mine = [one for one in self.addons if one["clientid"] == told["clientid"]]
        return self._page(mine, told, "addons", "addon")

    def _invoices(self, told: Fields) -> Answer:
        kept = (
            one for one in self.invoices.values()
            if all(one[key] == told[key] for key in ("status", "userid") if key in told)
        )  # fmt: skip
        found = sorted(kept, key=lambda one: one["date"], reverse=True)
        short = [{k: v for k, v in one.items() if k != "items"} for one in found]
        return self._page(short, told, "invoices", "invoice")

    def _invoice(self, told: Fields) -> Answer:
        found = self.invoices.get(told["invoiceid"])
        return found or _error("Invoice ID Not Found")

    def _emails(self, told: Fields) -> Answer:
        mine = [one for one in self.emails if one["userid"] == told["clientid"]]
        return self._page(mine, told, "emails", "email")

    def _activity(self, told: Fields) -> Answer:
        found = [{"description": one} for one in self.activity
                 if told["description"] in one]  # fmt: skip
        return self._page(found, told, "activity", "entry")

    def _tickets(self, told: Fields) -> Answer:
        found = [one for one in self.tickets if told["subject"] in one["subject"]]
        return self._page(list(found), told, "tickets", "ticket")

    def _page(self, found: list[Any], told: Fields, name: str, one: str) -> Answer:
        start, many = int(told.get("limitstart", 0)), int(told.get("limitnum", 25))
        page = found[start : start + many]
        return {
            "totalresults": str(len(found)),
            "startnumber": str(start),
            "numreturned": str(len(page)),
            name: {one: page} if page else "",
        }

    def _update(self, told: Fields) -> Answer:
        service = self.products.get(told["serviceid"])
        if service is None:
            return _error("Service ID Not Found")
        named = {"serviceusername": "username", "servicepassword": "password"}
        own = ("status", "nextduedate", "overideautosuspend", "overidesuspenduntil")
        told = {key: SWITCH.get(said, said) for key, said in told.items()}
        heard = {k: told[k] for k in (*named, *own) if k in told and k not in self.deaf}
        service |= {named.get(key, key): value for key, value in heard.items()}
        return {"serviceid": told["serviceid"]}

    def _send(self, told: Fields) -> Answer:
        if told["messagename"] not in self.templates:
            return _error("Email Template not found")
        values = (
            php.loads(b64decode(told["customvars"])) if "customvars" in told else {}
        )
        service = self.products[told["id"]]
        text = f"Your login is {service['username']} / {service['password']} {values}"
        mail = {"userid": service["clientid"], "subject": "Welcome", "message": text}
        self.emails.append(mail)
        return {}

    def _log(self, told: Fields) -> Answer:
        self.activity.append(told["description"])
        return {}

    def _ticket(self, told: Fields) -> Answer:
        self.tickets.append(told)
        return {"id": str(len(self.tickets)), "tid": "ABC-123456", "c": "x"}

    def _notice(self, told: Fields) -> Answer:
        self.notices.append(told)
        return {}

    def _credit(self, told: Fields) -> Answer:
        """It knows no key: told twice, it gives twice."""
        if told["clientid"] not in self.clients:
            return _error("Client ID Not Found")
        self.credits.append(told)
        return {"newbalance": told["amount"]}

    def _credited(self, told: Fields) -> Answer:
        mine = [one for one in self.credits if one["clientid"] == told["clientid"]]
        return {"totalresults": str(len(mine)), "credits": {"credit": mine}}

    def _transaction(self, told: Fields) -> Answer:
        if told["transid"] in self.transactions:
            return _error("Transaction ID must be Unique")
        self.transactions.add(told["transid"])
        return {}


def _error(message: str) -> Answer:
    return {"result": "error", "message": message}


class Handler(BaseHTTPRequestHandler):
    whmcs: Whmcs

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"])).decode()
        told = dict(parse_qsl(sent, keep_blank_values=True))
        wrong = self._wrong(told.get("action", ""))
        if self.path != "/includes/api.php":
            self._say(404, b"<h1>Not Found</h1>")
        elif wrong in INSTEAD:
            self._say(*INSTEAD[wrong])
        elif not _is_known(told):
            self._say(403, _json(_error("Authentication Failed")))
        else:
            said = _json(self.whmcs.answer(told))
            if wrong == LOST:
                self.close_connection = True
            else:
                self._say(200, said)

    def do_GET(self) -> None:
        """Its own pages: who comes by a token is let in."""
        token = self.path.partition("?access_token=")[2]
        client, seen = self.whmcs.sales.tokens.get(token, ("nobody", "nothing"))
        self._say(200, f"client {client} sees {seen}".encode())

    def _wrong(self, action: str) -> str:
        """What is to go wrong with this call."""
        whmcs = self.whmcs
        here = whmcs.wrong and whmcs.only in {None, action}
        return whmcs.wrong.pop(0) if here else ""

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _is_known(told: Fields) -> bool:
    told.pop("responsetype")
    return (told.pop("identifier", ""), told.pop("secret", "")) == (IDENTIFIER, SECRET)


@contextmanager
def running(whmcs: Whmcs) -> Iterator[Whmcs]:
    own = type("Own", (Handler,), {"whmcs": whmcs})
    with ThreadingHTTPServer(("127.0.0.1", 0), own) as http:
        Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        whmcs.url = f"http://127.0.0.1:{http.server_port}"
        yield whmcs
        http.shutdown()


def _json(told: Answer) -> bytes:
    return json.dumps(told).encode()


INSTEAD = {
    LOCKED: (403, _json(_error("Invalid IP 127.0.0.1"))),
    BUSY: (503, b"busy"),
    ODD: (200, b"<b>Warning</b>: Undefined index in hooks.php"),
}
"""What it says instead of doing anything."""

TABLE = """
[sources.billing]
kind = "whmcs"
secrets = ["{secret}"]
api_url = "{url}/includes/api.php"
identifier = "{identifier}"
secret = "{api_secret}"
welcome = "Welcome"
{live}
{more}
products = {{ "12" = "starter", "13" = "credit10", "a5" = "credit20" }}
"""


def table(whmcs: Whmcs, secret: str, live: str = LIVE, more: str = "") -> str:
    """Its source, as it stands in a configuration."""
    return TABLE.format(
        secret=secret, url=whmcs.url, identifier=IDENTIFIER, api_secret=SECRET,
        live=f"live_from = {live}" if live else "", more=more,
    )  # fmt: skip
