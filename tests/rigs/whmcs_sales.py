"""What the stand-in for WHMCS sells by its API: clients, orders, and the way in.

As its reference says it, page by page (developers.whmcs.com/api-reference): AddClient,
GetProducts, GetCurrencies, AddOrder, GetOrders, AcceptOrder, CancelOrder and
CreateSsoToken. What a page leaves open is inferred, and says so.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from provisioning import php

if TYPE_CHECKING:
    from tests.rigs.whmcs import Whmcs

Fields = dict[str, str]
Answer = dict[str, Any]
PAYMENT = "banktransfer"
NAMELESS = "nameless"
"""It takes an order and keeps no domain with it."""


@dataclass
class Sales:
    products: dict[str, Answer] = field(default_factory=dict)
    orders: dict[str, Answer] = field(default_factory=dict)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By what lets somebody in: as which client, to see what."""

    hidden: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)
    currencies: tuple[str, ...] = ("EUR", "USD")
    setting_up: Callable[[str], None] | None = None
    """Has the module set a service up, as AcceptOrder does."""

    numbers: Any = field(default_factory=lambda: count(4711))

    def product(
        self, pid: str, price: str, paytype: str = "recurring",
        options: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:  # fmt: skip
        """*options*: by their names, the id and what one of them costs."""
        self.products[pid] = {
            "pid": pid, "name": f"Product {pid}", "paytype": paytype,
            "pricing": {"USD": {"monthly": price, "annually": "-1.00"}},
            "configoptions": {"configoption": [
                {"id": id_, "name": name, "type": "4", "options": {"option": [
                    {"id": f"9{id_}", "name": name,
                     "pricing": {"USD": {"monthly": each}}},
                ]}}
                for name, (id_, each) in (options or {}).items()
            ]},
        }  # fmt: skip

    def known(self, there: Whmcs) -> dict[str, Callable[[Fields], Answer]]:
        return {
            "AddClient": lambda told: self._client(there, told),
            "GetProducts": self._products,
            "GetCurrencies": self._currencies,
            "AddOrder": lambda told: self._order(there, told),
            "GetOrders": self._orders,
            "AcceptOrder": lambda told: self._accept(there, told),
            "CancelOrder": lambda told: self._cancel(there, told),
            "CreateSsoToken": lambda told: self._let_in(there, told),
        }

    def _client(self, there: Whmcs, told: Fields) -> Answer:
        """That an address is a client's once is inferred."""
        if any(one["email"] == told["email"] for one in there.clients.values()):
            return _error("A user already exists with that email address")
        id_ = str(max((int(one) for one in there.clients), default=30) + 1)
        there.client(id_, told["email"])
        there.clients[id_] |= {
            "currency_code": self.currencies[int(told["currency"]) - 1],
            "firstname": told["firstname"], "lastname": told["lastname"],
        }  # fmt: skip
        return {"clientid": id_}

    def _products(self, told: Fields) -> Answer:
        found = [one for pid, one in self.products.items() if pid == told["pid"]]
        return {"totalresults": len(found), "products": {"product": found}}

    def _currencies(self, _: Fields) -> Answer:
        listed = [{"id": str(no), "code": code}
                  for no, code in enumerate(self.currencies, 1)]  # fmt: skip
        return {"totalresults": len(listed), "currencies": {"currency": listed}}

    def _order(self, there: Whmcs, told: Fields) -> Answer:
        """One product: `pid[0]`. What a hidden one is answered with is inferred."""
        if told["clientid"] not in there.clients:
            return _error("Client ID Not Found")
        if told["paymentmethod"] != PAYMENT:
            return _error(f"Invalid Payment Method. Valid options include {PAYMENT}")
        pid = told["pid[0]"]
        if pid not in self.products or pid in self.hidden:
            return _error("No items added to cart so order cannot proceed")
        chosen = self._chosen(told)
        total = self._total(pid, told["billingcycle[0]"], chosen)
        domain = "" if NAMELESS in self.odd else told["domain[0]"]
        service = str(next(self.numbers))
        order, invoice = str(8000 + len(self.orders) + 1), ""
        there.sell(service, told["clientid"], pid, domain, order, chosen)
        if total != "0.00":
            invoice = there.bill(told["clientid"], service, total)
        self.orders[order] = {
            "id": order, "userid": told["clientid"], "invoiceid": invoice or "0",
            "status": "Pending", "amount": total, "notes": "", "service": service,
        }  # fmt: skip
        return {"orderid": order, "serviceids": service, "addonids": "",
                "domainids": "", "invoiceid": invoice}  # fmt: skip

    def _chosen(self, told: Fields) -> dict[str, int]:
        written = told.get("configoptions[0]")
        given = php.loads(b64decode(written)) if written else {}
        known = self.products[told["pid[0]"]]["configoptions"]["configoption"]
        return {one["name"]: int(given.get(one["id"], given.get(int(one["id"]), 0)))
                for one in known}  # fmt: skip

    def _total(self, pid: str, cycle: str, chosen: Mapping[str, int]) -> str:
        product = self.products[pid]
        if cycle == "free":
            return "0.00"
        each = {one["name"]: one["options"]["option"][0]["pricing"]["USD"]["monthly"]
                for one in product["configoptions"]["configoption"]}  # fmt: skip
        sum_ = float(product["pricing"]["USD"][cycle])
        sum_ += sum(float(each[name]) * many for name, many in chosen.items())
        return f"{sum_:.2f}"

    def _orders(self, told: Fields) -> Answer:
        found = [one for id_, one in self.orders.items() if id_ == told["id"]]
        return {"totalresults": len(found), "orders": {"order": found} if found else ""}

    def _accept(self, there: Whmcs, told: Fields) -> Answer:
        order = self._pending(told)
        if order is None:
            return _error("Order ID not found or Status not Pending")
        order["status"] = "Active"
        if told.get("autosetup") == "1" and self.setting_up:
            self.setting_up(order["service"])
        return {}

    def _cancel(self, there: Whmcs, told: Fields) -> Answer:
        """That its unpaid invoice is cancelled with it is inferred."""
        order = self._pending(told)
        if order is None:
            return _error("Order ID not found or Status not Pending")
        order["status"] = "Cancelled"
        there.unsell(order["service"], order["invoiceid"])
        return {}

    def _pending(self, told: Fields) -> Answer | None:
        order = self.orders.get(told["orderid"])
        return order if order and order["status"] == "Pending" else None

    def _let_in(self, there: Whmcs, told: Fields) -> Answer:
        if told["client_id"] not in there.clients:
            return _error("Invalid client_id")
        if told["destination"] != "sso:custom_redirect":
            return _error("Invalid destination")
        token = f"{len(self.tokens) + 1:040x}"
        self.tokens[token] = told["client_id"], told["sso_redirect_path"]
        # Whatever it says of its own address, nobody is to be led there by that.
        return {
            "access_token": token,
            "redirect_url": f"https://elsewhere.example/?access_token={token}",
        }


def _error(message: str) -> Answer:
    return {"result": "error", "message": message}
