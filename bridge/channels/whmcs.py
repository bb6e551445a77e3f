"""Calls back to WHMCS: a new account is completed, a person is called, all is logged.

Each step is looked at before it is taken again: what a sender did before it died, or
before its answer was lost, is done once all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bridge.billing.carts import CART, OFF
from bridge.channels import whmcs_answers as answers
from bridge.channels import whmcs_cart as cart
from bridge.channels import whmcs_credit as credit
from bridge.channels import whmcs_dates as dates
from bridge.channels.whmcs_answers import Product
from bridge.channels.whmcs_api import Api, packed
from bridge.platforms.whmcs import Access
from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Later, Unsure

PENDING, ACTIVE = "Pending", "Active"
REST = timedelta(seconds=30)
"""How long a WHMCS that does not answer is let alone."""

SETTLES = timedelta(minutes=3)
"""Whatever its PHP was doing when its answer was lost, it has ended by then. Kept with
the delivery: any process waits for that, however it comes to send it anew."""

MANY = 100
"""Entries or tickets that have our words in them, looked through for ours."""


class Whmcs:
    def __init__(self, name: str, access: Access, within: float = 30.0) -> None:
        self.within = (16 if access.cart else 4) * within
        """A new account takes several calls, a new client's order the most."""

        self._access = access
        self._api = Api(name, access, within)
        self._rests: tuple[datetime, str] | None = None
        """Until when it is let alone, and why."""

    def send(self, delivery: Delivery, at: datetime) -> Mapping[str, Any] | None:
        told = delivery.content
        again = delivery.tries > 0 or delivery.token > 1
        if self._rests and at < self._rests[0]:
            raise Later(self._rests[1], after=REST)
        try:
            return _ACTS[str(told["type"])](self, told, again)
        except Later as away:
            # Thousands may wait for it, and others' mails behind them.
            self._rests = at + REST, str(away)
            raise
        except Unsure as lost:
            self._rests = at + REST, str(lost)
            raise Unsure(str(lost), after=SETTLES) from lost

    def done(self, told: Mapping[str, Any], again: bool) -> None:
        if told["service"] and told["opened"]:
            self._complete(told, again)
        if told["service"] and told["bought"]:
            self._activate(str(told["service"]))
        self._log(told, "done", again)

    def stuck(self, told: Mapping[str, Any], again: bool) -> None:
        """A ticket is looked for before it is opened again. A notification nobody can
        look for: it goes last of all, so that only its own lost answer tells twice."""
        self._log(told, "parked", again)
        subject = f"Switchhook: {told['event_type']} waits ({told['operation']})"
        if self._access.department is None:
            self._api.ask(
                "TriggerNotificationEvent",
                notification_identifier="switchhook",
                title=subject,
                message=_story(told),
                status="parked",
            )
        elif not (again and self._has_ticket(subject)):
            self._api.ask(
                "OpenTicket",
                deptid=self._access.department,
                clientid=told["client"],
                subject=subject,
                message=_story(told),
                priority="High",
                serviceid=told["service"],
            )

    def credit(self, told: Mapping[str, Any], _again: bool) -> None:
        credit.give(self._api, told)

    def due(self, told: Mapping[str, Any], _again: bool) -> None:
        dates.due(self._api, told)

    def spare(self, told: Mapping[str, Any], _again: bool) -> None:
        dates.spared(self._api, told)

    def place(self, told: Mapping[str, Any], again: bool) -> Mapping[str, Any]:
        if self._access.cart is None:
            raise Later(f"source {self._api.name} has no cart any more; add it back")
        return {"handed": cart.place(self._api, self._access.cart, told, again)}

    def call_off(self, told: Mapping[str, Any], _again: bool) -> None:
        cart.call_off(self._api, told)

    def _complete(self, told: Mapping[str, Any], again: bool) -> None:
        """The name it has at the backend; and where WHMCS was told "not yet", what it
        would have done itself: the welcome mail, then Active.

        Active comes last: while it is Pending, not all of this is done.
        """
        service = str(told["service"])
        product = self._api.product(service)
        if product is None:
            return  # Deleted there; what it leaves behind the platform's own word ends.
        if product.username != told["username"]:
            self._update(
                service,
                serviceusername=told["username"],
                servicepassword=told.get("password"),
            )
        if product.status != PENDING:
            return
        welcome = self._access.welcome
        if welcome and not (again and self._has_mail(product, told["username"])):
            self._api.ask(
                "SendEmail",
                messagename=welcome,
                id=service,
                customvars=packed({"switchhook_operation": told["operation"]}),
            )
        self._update(service, status=ACTIVE)

    def _activate(self, service: str) -> None:
        """A top-up sold as a product: there is nothing to log in to."""
        product = self._api.product(service)
        if product and product.status == PENDING:
            self._update(service, status=ACTIVE)

    def _update(self, service: str, **fields: str | None) -> None:
        self._api.ask("UpdateClientProduct", serviceid=service, **fields)

    def _log(self, told: Mapping[str, Any], fate: str, again: bool) -> None:
        said = f"Switchhook {told['operation']}: {told['event_type']} is {fate}"
        if again and self._is_logged(said):
            return
        why = f". {told['why']}" if told["why"] else ""
        service = f", service {told['service']}" if told["service"] else ""
        self._api.ask(
            "LogActivity", description=said + service + why, clientid=told["client"]
        )

    def _has_mail(self, product: Product, username: str) -> bool:
        """The name is nobody else's, so a mail that has it is this one."""
        mails = self._api.mails(product.client)
        return any(username in (mail["message"] or "") for mail in mails)

    def _is_logged(self, said: str) -> bool:
        entries = self._api.read(
            answers.Activity, "GetActivityLog", description=said, limitnum=MANY
        )["activity"]
        return any((e["description"] or "").startswith(said) for e in entries)

    def _has_ticket(self, subject: str) -> bool:
        tickets = self._api.read(
            answers.Tickets, "GetTickets", subject=subject, limitnum=MANY
        )["tickets"]
        return any(subject == ticket["subject"] for ticket in tickets)


def _story(told: Mapping[str, Any]) -> str:
    service = f"Service {told['service']}. " if told["service"] else ""
    return (
        f"{service}{told['why'] or 'It waits for a person.'}\n\nswitchhook event show"
        f" {told['operation']} says more; switchhook event retry {told['operation']},"
        " once what stood in its way is mended."
    )


_ACTS: Mapping[
    str, Callable[[Whmcs, Mapping[str, Any], bool], Mapping[str, Any] | None]
] = {
    "follow": Whmcs.done,
    "stuck": Whmcs.stuck,
    "due": Whmcs.due,
    "spare": Whmcs.spare,
    "credit": Whmcs.credit,
    CART: Whmcs.place,
    OFF: Whmcs.call_off,
}
