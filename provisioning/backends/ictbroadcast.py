"""ICTBroadcast: form-RPC, an envelope with moods, and no list of payments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from provisioning.backends import envelope, settings
from provisioning.backends.base import Capabilities, Listed, Observed, Shown, Spec
from provisioning.backends.proof import WAYS, Proof
from provisioning.backends.results import records
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import Entitlements
from provisioning.core.money import from_micro, micro, text
from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.core.usage import Record
from provisioning.transport import Transport

SMALL, LIST = 2**16, 2**23
"""Bytes in the answer about one user or one payment, and in a list, at the most."""

FINEST = Decimal("0.000001")
PAGE = 100
"""Users asked for at once, where they are listed."""

LISTS_ALL = "Campaign_List"
"""Campaigns of every status: one that is over was used, too."""

NOBODY = str(2**31 - 1)
"""The id of no user; 0 would be, to PHP, as if nobody was named."""

STANDS_ON = {
    "username": (),
    "id": (),
    "password": ("password",),
    "email": ("email",),
    "role": ("role",),
    "active": ("active", "on", "off"),
    "channels": ("channels",),
    "balance": ("balance",),
    "credit": ("balance", "payment", "amount"),
    "reference": ("payment", "reference"),
    "partial_update_safe": ("balance",),
    "debit": ("balance", "payment", "amount"),
}
"""What has to be proven, and the names it stands on beside id and username. The
tariffs come on top, each by itself."""


class Backend:
    """The port over `{url}/rest/{Method}`. Field names are settings, not constants."""

    def __init__(self, name: str, written: Mapping[str, Any]) -> None:
        self.name = name
        self.set = settings.read(name, written)
        self._names = self.set.fields
        self._proof = self.set.proof
        self._tariffs = {wire: ours for ours, wire in self.set.tariffs.items()}
        self._lists = {
            self.set.payments, self.set.campaigns, self.set.usage, self.set.users,
            LISTS_ALL,
        }  # fmt: skip
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
            campaigns=self.set.campaigns is not None,
            usage=self.set.usage is not None,
            purges=self.set.purge,
            key_expires=self._proof.expires,
            debit=self.set.debit,
            partial_update_safe=self.set.partial_update_safe,
            lists_accounts=self.set.users is not None,
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

    def readdress(self, ref: str, email: str) -> None:
        wire = {self._names["email"]: email}
        self._write("User_Update", {"user_id": ref, "user": self._said(wire)})

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

    def running(self, ref: str) -> tuple[str, ...]:
        """The status decides: what lists all of one status may list more."""
        listed = self._campaigns(ref, method := self.set.campaigns or "")
        # Not the owner's but everybody's: stopped, they would be other customers'.
        self._are_his(listed, method)
        until = time.monotonic() + self.set.call_deadline
        return tuple(each for each in listed if self._runs(each, until))

    def usage(self, ref: str, since: datetime, until: datetime) -> tuple[Record, ...]:
        """The wire knows no time here: all of each campaign is listed, and sifted."""
        method, owner = self.set.usage or "", self._names["owner"]
        campaigns = self._campaigns(ref, LISTS_ALL)
        self._are_his(campaigns, LISTS_ALL)
        found: list[Record] = []
        for campaign in campaigns:
            listed = self._shown(method, {"campaign_id": campaign, owner: ref})
            found += records(method, listed, self._names, self.set.zone)
        return tuple(each for each in found if since <= each.at < until)

    def stop(self, ref: str, campaign: str) -> None:  # noqa: ARG002 - ids are unique
        self._write("Campaign_Stop", {"campaign_id": campaign})

    def purge(self, ref: str) -> None:
        try:
            self._write("User_Delete", {"user_id": ref})
        except Refused as no:
            if self.set.not_found.lower() not in str(no).lower():
                raise

    def listing(self, after: str | None) -> Listed:
        """By how many were shown before: one that is deleted meanwhile hides another
        for this once. A server that heeds no `limit` shows all at once."""
        start, method = int(after or 0), self.set.users or ""
        form = {self._names["start"]: str(start), self._names["limit"]: str(PAGE)}
        try:
            rows = self._read(method, form)
        except Refused as no:
            raise Later(f"it will not list the users: {no}") from None
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise Broken(f"{method} answered no list of users")
        names = tuple(
            (str(self._field(row, "id")), str(self._field(row, "username")))
            for row in rows
        )
        return Listed(names, str(start + PAGE) if len(rows) == PAGE else None)

    def _are_his(self, listed: list[str], method: str) -> None:
        if listed and set(listed) & set(self._campaigns(NOBODY, method)):
            raise Broken(
                f"{method} does not heed {self._names['owner']}; name the right owner"
                f" in [backends.{self.name}.fields], or leave campaigns and usage out"
            )

    def _campaigns(self, owner: str, method: str) -> list[str]:
        form = {self._names["owner"]: owner}
        if by := settings.CAMPAIGNS[method]:
            form[by] = self._names["running"]
        rows = self._shown(method, form)
        if not isinstance(rows, list) or not all(_is_campaign(row) for row in rows):
            raise Broken(f"{method} answered no list of campaigns")
        whose = self._names["owner"]
        return [
            str(row["campaign_id"])
            for row in rows
            if str(row.get(whose, owner)) == owner
        ]

    def _runs(self, campaign: str, until: float) -> bool:
        if time.monotonic() > until:
            raise Later(
                "it did not say in time which campaigns run; set campaigns ="
                f' "Campaign_List_Mode" in [backends.{self.name}]'
            )
        status = self._shown("Campaign_Status", {"campaign_id": campaign})
        return str(status).lower() == self._names["running"].lower()

    def _shown(self, method: str, form: Mapping[str, str]) -> Any:
        try:
            return self._read(method, form)
        except Refused as no:
            raise Later(f"it will not show the campaigns: {no}") from None

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
            told = self._id_of(str(value)) if name == "tariff" else value
            wire[self._names[name]] = told
        return wire

    def _id_of(self, ours: str) -> str:
        """Its id there. It may have been sold since this process began, or before."""
        if ours in self.set.tariffs:
            return self.set.tariffs[ours]
        raise Later(
            f'tariff "{ours}" has no id among the tariffs of this backend; write it'
            " there, and start this process anew."
        )

    # --- what a probe asks

    def wires(self) -> Mapping[str, object]:
        said, names = self.set, self._names
        base = (said.url, said.auth, said.codec, said.body, said.not_found,
                names["id"], names["username"])  # fmt: skip
        more = {"role": said.role, "reference": said.payments}
        wires: dict[str, object] = {
            what: (*base, *(names[name] for name in fields), more.get(what))
            for what, fields in STANDS_ON.items()
            if what != "role" or said.role
        }
        for ours, wire in said.tariffs.items():
            wires[f"tariff {ours}"] = (*base, names["tariff"], wire)
        return wires

    def seek(self, username: str) -> Shown | None:
        form = {"search": self._names["username"], "value": username}
        return next((u for u in self._listed(form) if username in u.values()), None)

    def show(self, ref: str) -> Shown | None:
        return next(iter(self._listed({"user_id": ref})), None)

    def understood(self, shown: Shown, name: str) -> object:
        read: Mapping[str, Callable[[Shown], object]] = {
            "active": self._on,
            "channels": self._channels,
            "tariff": self._tariff,
            "balance": self._balance,
        }
        if name in read:
            return read[name](shown)
        return str(self._field(shown, name))

    def lets_in(self, username: str, password: str) -> bool:
        """By User_Role_List, which every user can reach (n8n's client)."""
        way = WAYS[self.set.auth if self.set.username else "form"]
        proof = way.proof(username=username, password=password)
        try:
            self._call("User_Role_List", {}, password, fresh=True, proof=proof)
        except Refused:
            return False
        except Later as no:
            if no.closed:
                return False
            raise
        except Unsure as lost:
            raise Later(str(lost)) from None
        return True

    # --- asking, and reading what it shows

    def _users(self, form: Mapping[str, str]) -> list[Observed]:
        return [self._observed(user) for user in self._listed(form)]

    def _listed(self, form: Mapping[str, str]) -> list[dict[str, Any]]:
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
        if not all(isinstance(user, dict) for user in listed):
            raise Broken("User_Get shows no user, but something else")
        return listed

    def _observed(self, user: Shown) -> Observed:
        return Observed(
            ref=str(self._field(user, "id")),
            username=str(self._field(user, "username")),
            state=State(
                self._on(user),
                {"channels": self._channels(user), "tariff": self._tariff(user)},
            ),
            balance=self._balance(user),
        )

    def _field(self, user: Shown, name: str) -> Any:
        wire = self._names[name]
        if wire not in user:
            raise Broken(
                f'User_Get shows no field "{wire}"; give the right one as {name} in'
                f" [backends.{self.name}.fields]"
            )
        return user[wire]

    def _on(self, user: Shown) -> bool:
        shown = str(self._field(user, "active"))
        known = {self._names["on"]: True, self._names["off"]: False}
        if shown not in known:
            raise Broken(
                f'"{shown[:40]}" is neither on nor off; see the fields on, off'
            )
        return known[shown]

    def _channels(self, user: Shown) -> int:
        channels = self._field(user, "channels")
        try:
            return int(channels)
        except (TypeError, ValueError):
            raise Broken(f'"{str(channels)[:40]}" is no number of channels') from None

    def _tariff(self, user: Shown) -> str:
        """One we have no name for differs from all of ours, so it is corrected."""
        tariff = str(self._field(user, "tariff"))
        return self._tariffs.get(tariff, f"unknown:{tariff}")

    def _balance(self, user: Shown) -> Decimal:
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
        self,
        method: str,
        form: Mapping[str, str],
        *secrets: str,
        fresh: bool,
        proof: Proof | None = None,
    ) -> Any:
        proof = proof or self._proof
        reply = self._transport.post(
            f"rest/{method}",
            {**proof.form, **form},
            headers=proof.headers,
            multipart=self.set.multipart,
            fresh=fresh,
            largest=LIST if method in self._lists else SMALL,
        )
        return envelope.payload(
            reply, method, *secrets, *self.set.secrets, proof=proof.called
        )


def _is_campaign(row: object) -> bool:
    return isinstance(row, dict) and "campaign_id" in row
