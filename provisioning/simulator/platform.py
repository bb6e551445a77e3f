"""A platform of the provider's own, to run against: docs/generic-backend.md, kept.

    with Platform(secret) as platform:
        platform.url                               # of [backends.<name>]
        platform.plant("reset_after_apply", "POST")
        platform.accounts["swabc1"].balance

It shares no line with the adapter, so that each can catch the other out.
"""

import hmac
import json
import time
from base64 import b64decode, b64encode
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from provisioning.simulator.connection import Listener
from provisioning.simulator.wire import RESET, Reply, compact

WINDOW = 300
"""Seconds a request may be old."""

QUOTAS = {"minutes", "messages", "pages"}


@dataclass(slots=True)
class Counter:
    """What is left of one service's free minutes, messages or pages."""

    left: int = 0
    given: int = 0
    since: list[int] = field(default_factory=lambda: [0, 0])

    def hear(self, told: dict[str, Any]) -> None:
        """Told again, or told what was before, it gives nothing."""
        if told["since"] > self.since:
            self.since = told["since"]
            self.left = 0 if told["after"] == "reset" else self.left
        more, self.given = told["given"] - self.given, max(told["given"], self.given)
        if told["cap"] is not None:
            more = min(more, told["cap"] - self.left)
        self.left += max(0, more)


@dataclass(slots=True)
class Account:
    on: bool
    entitlements: dict[str, Any]
    password: str = field(repr=False)
    email: str | None = None
    version: int = 0
    credits: dict[str, Decimal] = field(default_factory=dict)
    used: Decimal = Decimal(0)
    counters: dict[tuple[str, str], Counter] = field(default_factory=dict)
    """By entitlement and service: those named now, and those named before."""

    data: set[str] = field(default_factory=set)
    """By what it is kept: `features/recording`. Whoever uses the platform puts it here;
    deleted when it is told to."""

    @property
    def balance(self) -> Decimal:
        return sum(self.credits.values(), Decimal(0)) - self.used


@dataclass(frozen=True, slots=True)
class Fault:
    """Without a reply of its own it says what a faithful platform would have said."""

    applies: bool
    reply: Reply | None = None


_HTML = "<html><h1>nginx</h1></html>"
_NOWHERE = Reply(_HTML, HTTPStatus.NOT_FOUND, content_type="text/html")
FAULTS = {
    "refuse": Fault(
        applies=False,
        reply=Reply(compact({"refused": "refused by fault"}), status=422),
    ),
    "reset_before": Fault(applies=False, reply=RESET),
    "reset_after_apply": Fault(applies=True, reply=RESET),
    "error_500_applied": Fault(
        applies=True, reply=Reply(_HTML, status=500, content_type="text/html")
    ),
    "error_503": Fault(
        applies=False, reply=Reply(_HTML, status=503, content_type="text/html")
    ),
    "wrong_404": Fault(applies=False, reply=_NOWHERE),
    "lies": Fault(applies=False),
    "slow": Fault(applies=True),
}


class Platform:
    """Bound to 127.0.0.1 as soon as it is made; answers between start and close."""

    def __init__(self, secret: str, currency: str = "USD") -> None:
        self._key = b64decode(secret.removeprefix("whsec_"))
        self._currency = currency
        self._accounts: dict[str, Account] = {}
        self._heard: set[str] = set()
        self._planted: list[tuple[str, str, float]] = []
        self._asked: list[tuple[str, str, dict[str, Any]]] = []
        self._lock = Lock()
        self._closed = Event()
        self._listener = Listener(0, self._answer)
        self._thread = Thread(
            target=self._listener.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}/api"

    @property
    def accounts(self) -> dict[str, Account]:
        with self._lock:
            return deepcopy(self._accounts)

    @property
    def asked(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What was asked and signed well: method, target, document."""
        with self._lock:
            return list(self._asked)

    def plant(self, fault: str, method: str, seconds: float = 0.0) -> None:
        """At the next call by this method; *seconds* pass before it is carried out."""
        if fault not in FAULTS:
            raise ValueError(f"no fault {fault!r}; there are {', '.join(FAULTS)}")
        with self._lock:
            self._planted.append((method, fault, seconds))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener.hang_up()

    def _answer(self, verb: str, path: str, body: bytes, headers: Message) -> Reply:
        target = path.removeprefix("/api")
        with self._lock:
            if not self._is_signed(f"{verb} {target}\n".encode() + body, headers):
                refused = "the signature does not fit"
                return Reply(compact({"refused": refused}), HTTPStatus.UNAUTHORIZED)
            told = json.loads(body or b"{}")
            self._asked.append((verb, target, told))
            fault, seconds = self._due(verb)
        self._closed.wait(seconds)
        with self._lock:
            accounts = self._accounts if fault.applies else deepcopy(self._accounts)
            reply = self._carried_out(accounts, verb, target, told)
        return fault.reply or reply

    def _is_signed(self, content: bytes, headers: Message) -> bool:
        id_, seconds, given = (
            headers.get(f"webhook-{name}", "")
            for name in ("id", "timestamp", "signature")
        )
        on_time = seconds.isdecimal() and abs(time.time() - int(seconds)) <= WINDOW
        if not on_time or id_ in self._heard:
            return False
        signed = f"{id_}.{seconds}.".encode() + content
        digest = b64encode(hmac.digest(self._key, signed, "sha256")).decode()
        if not hmac.compare_digest(f"v1,{digest}", given):
            return False
        self._heard.add(id_)
        return True

    def _due(self, verb: str) -> tuple[Fault, float]:
        for planted in self._planted:
            method, fault, seconds = planted
            if method == verb:
                self._planted.remove(planted)
                return FAULTS[fault], seconds
        return Fault(applies=True), 0.0

    def _carried_out(  # noqa: PLR0911 - one for each request of the contract
        self, accounts: dict[str, Account], verb: str, target: str, told: dict[str, Any]
    ) -> Reply:
        url = urlsplit(target)
        match [unquote(part) for part in url.path.strip("/").split("/")]:
            case ["ping"] if verb == "GET":
                return _shown({"contract": "1", "currency": self._currency})
            case ["accounts"]:
                return _listed(accounts, parse_qs(url.query))
            case ["accounts", username] if verb == "PUT":
                return self._put(accounts, username, told)
            case ["accounts", username, *_] if username not in accounts:
                return _not_there(username=username)
            case ["accounts", username]:
                return self._of_account(accounts, verb, username)
            case ["accounts", username, "credits"]:
                asked = parse_qs(url.query).get("reference", [""])[0]
                return self._of_credit(accounts[username], verb, username, told, asked)
        return _NOWHERE

    def _of_account(
        self, accounts: dict[str, Account], verb: str, username: str
    ) -> Reply:
        if verb == "DELETE":
            del accounts[username]
            return Reply(status=HTTPStatus.NO_CONTENT)
        return self._show(username, accounts[username])

    def _of_credit(
        self,
        account: Account,
        verb: str,
        username: str,
        told: dict[str, Any],
        asked: str,
    ) -> Reply:
        if verb == "POST":
            return self._pay(username, account, told)
        return self._find(username, account, asked)

    def _put(
        self, accounts: dict[str, Account], username: str, told: dict[str, Any]
    ) -> Reply:
        version = told["version"]
        if version == 0 and username in accounts:
            return _refused("the username exists already")
        if version == 0:
            accounts[username] = Account(on=False, entitlements={}, password="")
        if username not in accounts:
            return _not_there(username=username)
        account = accounts[username]
        if version != account.version:
            changed = "the account has changed since it was read"
            return _refused(changed, HTTPStatus.PRECONDITION_FAILED)
        account.version += 1
        account.on, account.entitlements = told["on"], told["entitlements"]
        for name in QUOTAS & told["entitlements"].keys():
            for service, quota in told["entitlements"][name].items():
                account.counters.setdefault((name, service), Counter()).hear(quota)
        for name, lock in told["entitlements"].get("locked", {}).items():
            if lock["deleted"]:
                account.data.discard(name)
        account.password = told.get("password", account.password)
        account.email = told.get("email", account.email)
        return self._show(username, account)

    def _pay(self, username: str, account: Account, told: dict[str, Any]) -> Reply:
        reference, amount = told["reference"], Decimal(told["amount"])
        if told["currency"] != self._currency:
            return _refused(f"accounts are in {self._currency}")
        if account.credits.setdefault(reference, amount) != amount:
            return _refused("this reference stands for another amount")
        return self._find(username, account, reference)

    def _find(self, username: str, account: Account, reference: str) -> Reply:
        if reference not in account.credits:
            return _not_there(username=username, reference=reference)
        amount = f"{account.credits[reference]:f}"
        shown = {"username": username, "reference": reference, "amount": amount}
        return _shown(shown | {"currency": self._currency})

    def _show(self, username: str, account: Account) -> Reply:
        shown = {"username": username, "version": account.version, "on": account.on}
        shown |= {"entitlements": account.entitlements}
        money = {"balance": f"{account.balance:f}", "currency": self._currency}
        return _shown(shown | money)


def _listed(accounts: dict[str, Account], asked: dict[str, list[str]]) -> Reply:
    after, limit = asked.get("after", [""])[0], int(asked["limit"][0])
    behind = sorted(name for name in accounts if name > after)
    return _shown({"usernames": behind[:limit]})


def _shown(document: dict[str, Any]) -> Reply:
    return Reply(compact(document))


def _refused(reason: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> Reply:
    return Reply(compact({"refused": reason}), status)


def _not_there(**what: str) -> Reply:
    return Reply(compact({"not_there": what}), HTTPStatus.NOT_FOUND)
