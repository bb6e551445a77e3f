"""The API of WHMCS: one call, and what its answer means for what to do next."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, ValidationError

from bridge.channels import whmcs_answers as answers
from bridge.channels.whmcs_answers import Addon, Invoice, Product
from bridge.platforms.whmcs import PATH, Access
from provisioning import php
from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.transport import Reply, Transport

PAGE = 100
SHOWN = 200
"""Letters of what it said that are passed on."""

UNHEARD = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
NOT_NOW = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

# Some versions say these with 200 (developers.whmcs.com/api/authentication).
LOCKED_OUT = ("invalid ip", "authentication failed", "invalid permissions",
              "invalid or missing credentials")  # fmt: skip


class Api:
    def __init__(self, name: str, access: Access, within: float = 30.0) -> None:
        """*name*: of the source."""
        self.name, self.within = name, within
        self._access = access
        self._transport = Transport(access.url, deadline=within, ca_file=access.ca_file)

    def ask(self, action: str, **fields: str | int | None) -> dict[str, Any]:
        """What it answered. Any of the four outcomes says why it did not do it."""
        access = self._access
        form = {
            "identifier": access.identifier,
            "secret": access.secret,
            "action": action,
            "responsetype": "json",
        }
        if access.access_key:
            form["accesskey"] = access.access_key
        form |= {key: str(value) for key, value in fields.items() if value is not None}
        reply = self._transport.post(PATH, form, fresh=True)
        return self._sorted(action, reply)

    def read(
        self, schema: type[Schema], action: str, **fields: str | int | None
    ) -> dict[str, Any]:
        """The same, as a question whose answer has that shape."""
        told = self.ask(action, **fields)
        try:
            return dict(schema().load(told))
        except ValidationError as odd:
            where = ", ".join(sorted(map(str, odd.messages_dict)))
            raise Broken(
                f"WHMCS ({self.name}) answered {action} otherwise than documented"
                f" ({where}); which version is it?"
            ) from None

    def product(self, service: str) -> Product | None:
        """A service, where it is there."""
        told = self.read(answers.Products, "GetClientsProducts", serviceid=service)
        found: list[Product] = told["products"]
        return next((one for one in found if str(one.id) == service), None)

    def addon(self, client: int, id_: int) -> Addon | None:
        """An add-on a client has, where it is there."""
        told = self.read(answers.Addons, "GetClientsAddons", clientid=client)
        found: list[Addon] = told["addons"]
        return next((one for one in found if one.id == id_), None)

    def email(self, client: int) -> str | None:
        told = self.read(answers.Details, "GetClientsDetails", clientid=client)
        return told["client"]["email"] or None

    def products(self, start: int) -> tuple[list[Product], int]:
        """A page of them from there on, the oldest first, and how many there are."""
        told = self.read(
            answers.Products, "GetClientsProducts", limitstart=start, limitnum=PAGE
        )
        return told["products"], told["totalresults"]

    def paid(self, start: int) -> tuple[list[Invoice], int]:
        """Likewise of the invoices that are paid, the newest first."""
        told = self.read(
            answers.Invoices, "GetInvoices", limitstart=start, limitnum=PAGE,
            status="Paid", orderby="date", order="desc",
        )  # fmt: skip
        return told["invoices"], told["totalresults"]

    def mails(self, client: int) -> Iterator[Any]:
        """All that a client was ever sent."""
        yield from self._paged(answers.Mails, "GetEmails", "emails", clientid=client)

    def invoices_of(self, client: int) -> Iterator[Invoice]:
        """All of a client's, whatever became of them, the newest first."""
        yield from self._paged(
            answers.Invoices, "GetInvoices", "invoices",
            userid=client, orderby="date", order="desc",
        )  # fmt: skip

    def _paged(
        self, schema: type[Schema], action: str, within: str, **fields: str | int
    ) -> Iterator[Any]:
        start = 0
        while True:
            told = self.read(schema, action, limitstart=start, limitnum=PAGE, **fields)
            yield from told[within]
            start += len(told[within])
            if not told[within] or start >= told["totalresults"]:
                return

    def _sorted(self, action: str, reply: Reply) -> dict[str, Any]:
        told = _json(reply.body)
        said = _said(told)
        who = f"WHMCS ({self.name})"
        if reply.status in UNHEARD or _is_locked_out(told, said):
            raise Later(
                f"{who} does not let us in ({said or reply.status}); allow this"
                " machine's address and the credential's role: System Settings, General"
                " Settings, Security, API IP Access Restriction"
            )
        if reply.status in NOT_NOW:
            raise Later(f"{who} answered {reply.status}")
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unsure(f"{who} answered {reply.status} to {action}")
        if told is None or reply.status != HTTPStatus.OK:
            raise Broken(
                f"{who} answered {action} with {reply.status} and no JSON; is api_url"
                " the folder it is installed in?"
            )
        if told.get("result") == "success":
            return told
        if told.get("result") == "error":
            raise Refused(f"{who} refused {action}: {said or 'no reason was given'}")
        raise Broken(f"{who} answered {action} with neither success nor error")


def packed(values: Mapping[str, Any]) -> str:
    """As its fields for lists want it: base64 of PHP's serialize()."""
    return b64encode(php.dumps(dict(values)).encode()).decode()


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _said(told: Mapping[str, Any] | None) -> str:
    said = str((told or {}).get("message") or "")
    return " ".join(said.split())[:SHOWN]


def _is_locked_out(told: Mapping[str, Any] | None, said: str) -> bool:
    is_error = (told or {}).get("result") == "error"
    return is_error and said.casefold().startswith(LOCKED_OUT)
