"""ICTBroadcast: form-RPC, an envelope with moods, and no list of payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from provisioning.backends import envelope, settings
from provisioning.backends.base import Capabilities, Observed, Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import Entitlements
from provisioning.core.money import from_micro, micro, text
from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.transport import Transport

SMALL, LIST = 2**16, 2**23
"""Bytes in the answer about one user or one payment, and in a list, at the most."""

FINEST = Decimal("0.000001")


class Backend:
    """The port over `{url}/rest/{Method}`. Field names are settings, not constants."""

    def __init__(self, name: str, written: Mapping[str, Any]) -> None:
        self.name = name
        self.set = settings.read(name, written)
        self._names = self.set.fields
        self._proof = self.set.proof
        self._tariffs = {wire: ours for ours, wire in self.set.tariffs.items()}
        self._transport = Transport(
            self.set.url,
            connect=self.set.connect,
            deadline=self.set.call_deadline,
            ca_file=self.set.ca_file,
        )

    def describe(self) -> Capabilities:
        return Capabilities(
            entitlements=frozenset({"channels", "tariff"}),
            currency=self.set.currency,
            tariffs=frozenset(self.set.tariffs),
            lists_payments=self.set.payments is not None,
            settle=self.set.settle,
            call_deadline=self.set.call_deadline,
            burn=self.set.burn,
            key_expires=self._proof.expires,
            debit=self.set.debit,
            partial_update_safe=self.set.partial_update_safe,
        )

    def ping(self) -> None:
        self._read("User_Role_List", {})

    def find(self, username: str) -> Observed | None:
        form = {"search": self._names["username"], "value": username}
        found = (user for user in self._users(form) if user.username == username)
        return next(found, None)

    def read(self, ref: str) -> Observed | None:
        return next(iter(self._users({"user_id": ref})), None)

    def open(self, spec: Spec) -> None:
        user = {
            "username": spec.username,
            "password": spec.password,
            "email": spec.email,
            "role": self.set.role,
        }
        wire = {self._names[name]: value for name, value in user.items() if value}
        wire |= self._levels(spec.state.on, spec.state.entitlements)
        try:
            self._write("User_Create", {"user": self._said(wire)}, spec.password)
        except Refused as no:
            # An address serves one user there; a customer may have two accounts.
            if spec.email is None or "mail" not in str(no).lower():
                raise
            self.open(replace(spec, email=None))

    def apply(self, ref: str, change: Change) -> None:
        wire = self._levels(change.on, change.entitlements)
        self._write("User_Update", {"user_id": ref, "user": self._said(wire)})

    def rekey(self, ref: str, password: str) -> None:
        wire = {self._names["password"]: password}
        form = {"user_id": ref, "user": self._said(wire)}
        self._write("User_Update", form, password)

    def grant(self, ref: str, amount: Decimal, reference: str) -> None:
        payment = {
            self._names["amount"]: text(amount),
            self._names["reference"]: reference,
        }
        form = {"user_id": ref, self._names["payment"]: self._said(payment)}
        self._write("User_Payment_Create", form)

    def arrived(self, ref: str, reference: str) -> bool:
        method, name = self.set.payments or "", self._names["reference"]
        try:
            listed = self._read(method, {"user_id": ref})
        except Refused as no:
            raise Later(f"it will not list the payments: {no}") from None
        if not isinstance(listed, list) or not all(isinstance(r, dict) for r in listed):
            raise Broken(f"{method} answered no list of payments")
        return any(row.get(name) == reference for row in listed)

    def _said(self, argument: Mapping[str, Any]) -> str:
        try:
            return self.set.said(argument)
        except ValueError as wrong:
            raise Refused(
                f'codec = "{self.set.codec}" cannot say it: {wrong}'
            ) from None

    def _levels(self, on: bool | None, entitlements: Entitlements) -> dict[str, Any]:
        wire: dict[str, Any] = {}
        if on is not None:
            wire[self._names["active"]] = self._names["on" if on else "off"]
        for name, value in entitlements.items():
            told = self.set.tariffs[str(value)] if name == "tariff" else value
            wire[self._names[name]] = told
        return wire

    def _users(self, form: Mapping[str, str]) -> list[Observed]:
        try:
            found = self._read("User_Get", form)
        except Refused as no:
            # A no can have other reasons, and taken for "not there" it would let a sum
            # be sent again: only the words the server uses for it count.
            if self.set.not_found.lower() in str(no).lower():
                return []
            raise Later(f"it will not show the account: {no}") from None
        if found in (None, [], {}):
            return []
        listed = found if isinstance(found, list) else [found]
        return [self._observed(user) for user in listed]

    def _observed(self, user: Any) -> Observed:
        return Observed(
            ref=str(self._field(user, "id")),
            username=str(self._field(user, "username")),
            state=State(self._on(user), self._entitlements(user)),
            balance=self._balance(user),
        )

    def _field(self, user: Any, name: str) -> Any:
        wire = self._names[name]
        if not isinstance(user, dict) or wire not in user:
            raise Broken(
                f'User_Get shows no field "{wire}"; give the right one as {name} in'
                f" [backends.{self.name}.fields]"
            )
        return user[wire]

    def _on(self, user: Any) -> bool:
        shown = str(self._field(user, "active"))
        known = {self._names["on"]: True, self._names["off"]: False}
        if shown not in known:
            raise Broken(
                f'"{shown[:40]}" is neither on nor off; see the fields on, off'
            )
        return known[shown]

    def _entitlements(self, user: Any) -> Entitlements:
        tariff, channels = (self._field(user, n) for n in ("tariff", "channels"))
        try:
            count = int(channels)
        except (TypeError, ValueError):
            raise Broken(f'"{str(channels)[:40]}" is no number of channels') from None
        # A tariff we have no name for differs from all of ours, so it is corrected.
        return {
            "channels": count,
            "tariff": self._tariffs.get(str(tariff), f"unknown:{tariff}"),
        }

    def _balance(self, user: Any) -> Decimal:
        """Numbers come as strings (seen in the whole family); a float would lie."""
        shown = str(self._field(user, "balance"))
        try:
            return from_micro(micro(Decimal(shown).quantize(FINEST)))
        except (InvalidOperation, ValueError):
            raise Broken(f'"{shown[:40]}" is no balance') from None

    def _read(self, method: str, form: Mapping[str, str]) -> Any:
        """A read that failed did nothing, so it is simply asked again later."""
        try:
            return self._call(method, form, fresh=False)
        except Unsure as lost:
            raise Later(str(lost)) from None

    def _write(self, method: str, form: Mapping[str, str], *secrets: str) -> None:
        self._call(method, form, *secrets, fresh=True)

    def _call(
        self, method: str, form: Mapping[str, str], *secrets: str, fresh: bool
    ) -> Any:
        reply = self._transport.post(
            f"rest/{method}",
            {**self._proof.form, **form},
            headers=self._proof.headers,
            multipart=self.set.multipart,
            fresh=fresh,
            largest=LIST if method == self.set.payments else SMALL,
        )
        return envelope.payload(
            reply, method, *secrets, *self.set.secrets, proof=self._proof.called
        )
