"""A platform of the provider's own: signed JSON, as docs/generic-backend.md says it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeGuard
from urllib.parse import quote

from provisioning import signing
from provisioning.backends import documents, provider
from provisioning.backends.answers import dressed
from provisioning.backends.base import Capabilities, Listed, Observed, Spec
from provisioning.backends.documents import Answer, Document
from provisioning.core import plain
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import Entitlements
from provisioning.core.money import amount as exactly
from provisioning.core.money import text
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure
from provisioning.transport import Transport

CONTRACT = "1"
REQUESTS = 2
"""In one call, at the most: a level is read before it is written, a purge after."""

LARGEST = 2**16
"""Bytes of an answer; each is about one account or one sum."""

PAGE = 100
"""Usernames asked for at once."""

NEW, LAST = 0, 2**53
"""Versions: of an account that is still to be made, and beyond any that can be."""


class Backend:
    """The port over `{url}/accounts/{username}`. The username is the *ref*, too."""

    def __init__(self, name: str, written: Mapping[str, Any]) -> None:
        self.name = name
        self.set = provider.read(name, written)
        self._key = self.set.key
        self._transport = Transport(
            self.set.url,
            connect=self.set.connect,
            deadline=self.set.call_deadline / REQUESTS,
            largest=LARGEST,
            ca_file=self.set.ca_file,
        )

    def describe(self) -> Capabilities:
        return Capabilities(
            entitlements=frozenset(self.set.entitlements),
            currency=self.set.currency,
            tariffs=frozenset(self.set.tariffs),
            lists_payments=True,
            settle=self.set.settle,
            call_deadline=self.set.call_deadline,
            burn=self.set.burn,
            purges=True,
            lists_accounts=self.set.lists,
        )

    def ping(self) -> None:
        shown = self._shown("/ping", {"contract": CONTRACT})
        self._is_our_money("/ping", shown or {})

    def find(self, username: str) -> Observed | None:
        target = _account(username)
        shown = self._shown(target, {"username": username})
        return None if shown is None else self._observed(target, shown)

    def read(self, ref: str) -> Observed | None:
        return self.find(ref)

    def open(self, spec: Spec) -> None:
        more = {"email": spec.email} if spec.email else {}
        more |= {"password": spec.password}
        self._put(spec.username, NEW, spec.state, more)

    def apply(self, ref: str, change: Change) -> None:
        version, was = self._there(ref)
        now = State(
            on=was.on if change.on is None else change.on,
            entitlements={**was.entitlements, **change.entitlements},
        )
        self._put(ref, version, now)

    def rekey(self, ref: str, password: str) -> None:
        version, was = self._there(ref)
        self._put(ref, version, was, {"password": password})

    def readdress(self, ref: str, email: str) -> None:
        version, was = self._there(ref)
        self._put(ref, version, was, {"email": email})

    def grant(self, ref: str, amount: Decimal, reference: str) -> None:
        target = f"{_account(ref)}/credits"
        sent = {
            "reference": reference,
            "amount": text(amount),
            "currency": self.set.currency,
        }
        shown = self._written("POST", target, ref, sent)
        if shown and self._sum(target, shown) != (reference, amount):
            raise Broken(
                f"POST {target} answers for another sum than {text(amount)} of"
                f" {reference}; the platform must show the one it was sent"
            )

    def arrived(self, ref: str, reference: str) -> bool:
        target = f"{_account(ref)}/credits?reference={quote(reference, safe='')}"
        about = {"username": ref, "reference": reference}
        shown = self._shown(target, about)
        if shown is None:
            return False
        self._sum(target, shown)
        return True

    def running(self, ref: str) -> tuple[str, ...]:
        """`on: false` is all there is to say: it stops them itself (the contract)."""
        raise Broken(f"{self.name} does not say which campaigns of {ref} run")

    def stop(self, ref: str, campaign: str) -> None:
        raise Broken(f"{self.name} cannot be told to stop {campaign} of {ref}")

    def purge(self, ref: str) -> None:
        """Delete it with all that it holds. Done only when it is seen to be gone."""
        try:
            self._written("DELETE", _account(ref), ref)
        except _NotThere:
            return
        try:
            left = self.find(ref)
        except Outcome as blind:
            raise Unsure(
                f"account {ref} was purged, says the platform; then: {blind}"
            ) from None
        if left:
            raise Unsure(f"account {ref} was purged, says the platform, and shows it")

    def listing(self, after: str | None) -> Listed:
        target = f"/accounts?after={quote(after or '', safe='')}&limit={PAGE}"
        shown = self._shown(target, {}) or {}
        names = shown.get("usernames")
        if not _are_names(names, after or ""):
            raise _wrong(
                target, "usernames", "a list of them, in order, each behind `after`"
            )
        known = tuple((name, name) for name in names)
        return Listed(known, known[-1][0] if len(known) == PAGE else None)

    # --- asking

    def _there(self, ref: str) -> tuple[int, State]:
        """Before a write of the whole document, which keeps what is not changed.

        With its version, so that what was read before somebody else's write, and
        lands after it, does not undo it.
        """
        target = _account(ref)
        shown = self._shown(target, {"username": ref})
        if shown is None:
            raise Refused(f"there is no account {ref}")
        return _version(target, shown), self._observed(target, shown).state

    def _put(
        self,
        username: str,
        version: int,
        state: State,
        more: Mapping[str, str] | None = None,
    ) -> None:
        foreign = sorted(state.entitlements.keys() - set(self.set.entitlements))
        if foreign:
            raise Refused(
                f'backend "{self.name}" cannot hold {", ".join(foreign)}; name it in'
                " its entitlements, or sell this package elsewhere"
            )
        document = {
            "username": username,
            "version": version,
            "on": state.on,
            "entitlements": plain.write(state.entitlements),
        }
        self._written("PUT", _account(username), username, document | dict(more or {}))

    def _shown(self, target: str, about: Mapping[str, str]) -> Document | None:
        try:
            return documents.shown(self._asked("GET", target, about, fresh=False))
        except Unsure as lost:
            raise Later(str(lost)) from None

    def _written(
        self,
        method: str,
        target: str,
        username: str,
        document: Mapping[str, Any] | None = None,
    ) -> Document:
        about = {"username": username}
        answer = self._asked(method, target, about, document, fresh=True)
        shown = documents.done(answer)
        if shown is None:
            raise _NotThere(f"{answer.asked}: there is no account {username}")
        return shown

    def _asked(
        self,
        method: str,
        target: str,
        about: Mapping[str, str],
        document: Mapping[str, Any] | None = None,
        *,
        fresh: bool,
    ) -> Answer:
        body = b"" if document is None else json.dumps(document).encode()
        content = f"{method} {target}\n".encode() + body
        id_ = f"msg_{secrets.token_hex(16)}"
        headers = signing.signed(self._key, id_, content, datetime.now(UTC))
        headers |= {"Accept": documents.JSON}
        reply = self._transport.send(method, target, body, headers=headers, fresh=fresh)
        password = (document or {}).get("password", "")
        return Answer(reply, f"{method} {target}", about, dressed(password))

    # --- reading what it shows

    def _observed(self, target: str, shown: Document) -> Observed:
        self._is_our_money(target, shown)
        _version(target, shown)
        username, on = str(shown["username"]), shown.get("on")
        if not isinstance(on, bool):
            raise _wrong(target, "on", "true or false")
        return Observed(
            ref=username,
            username=username,
            state=State(on, self._entitlements(target, shown.get("entitlements"))),
            balance=_money(target, "balance", shown),
        )

    def _entitlements(self, target: str, shown: object) -> Entitlements:
        """Those we may set; others are the platform's own business."""
        if not isinstance(shown, dict):
            raise _wrong(target, "entitlements", "an object of names and values")
        named = {name: shown[name] for name in self.set.entitlements if name in shown}
        try:
            return plain.read(named)
        except ValueError as wrong:
            name, should = wrong.args
            raise _wrong(target, name, should) from None

    def _sum(self, target: str, shown: Document) -> tuple[Any, Decimal]:
        self._is_our_money(target, shown)
        return shown.get("reference"), _money(target, "amount", shown)

    def _is_our_money(self, target: str, shown: Document) -> None:
        if shown.get("currency") != self.set.currency:
            raise Broken(
                f"{target} is not in {self.set.currency}, the currency of"
                f" [backends.{self.name}]; set it to what the platform counts in"
            )


class _NotThere(Refused):
    """Said by the platform, of just this account."""


def _account(username: str) -> str:
    return f"/accounts/{quote(username, safe='')}"


def _are_names(told: object, after: str) -> TypeGuard[Sequence[str]]:
    """In order, by code point: else one could be shown twice, or for ever."""
    if not isinstance(told, list) or not all(isinstance(n, str) for n in told):
        return False
    return all(first < then for first, then in pairwise([after, *told]))


def _version(target: str, shown: Document) -> int:
    version = shown.get("version")
    if type(version) is not int or not NEW < version < LAST:
        raise _wrong(target, "version", "a whole number, 1 or more")
    return version


def _money(target: str, name: str, shown: Document) -> Decimal:
    """A number would have been through a float, somewhere on its way."""
    written = shown.get(name)
    if isinstance(written, str):
        with suppress(ValueError):
            return exactly(written)
    raise _wrong(target, name, 'a string of plain digits, as "29.95"')


def _wrong(target: str, name: str, should: str) -> Broken:
    return Broken(f"{target} shows no {name} as agreed; it must be {should}")
