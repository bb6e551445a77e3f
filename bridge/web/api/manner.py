"""How programs are known: by a key in each request; there is nothing to log in to."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask import Request

from bridge.access.who import Who
from bridge.platforms import strict
from bridge.platforms.base import Malformed
from bridge.store.api_keys import ApiKey
from bridge.store.database import Lost
from bridge.store.sessions import Session
from bridge.web.access import keys
from bridge.web.access.steps import Hall, Stopped, Visitor, is_console

log = logging.getLogger(__name__)

ONCE = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,64}")
KINDS = {413: "too_large", 415: "not_json"}
"""Codes of what cannot even be read, by status."""


@dataclass(frozen=True, slots=True)
class Programs:
    hall: Hall
    via: str = "api"

    def names_us(self, request: Request) -> bool:
        return is_console(self.hall.parts, request)

    def visitor(self, request: Request, at: datetime) -> Visitor | None:
        key = keys.key_of(self.hall.parts, request, at)
        if key is None:
            return None
        if keys.is_worth_noting(key, at):
            self._note(key, at)
        return Visitor(key.principal)

    def _note(self, key: ApiKey, at: datetime) -> None:
        """That it was used. Nobody is turned away because it cannot be noted now."""
        who = Who(key.principal.name, self.via)
        with suppress(LookupError, Lost, sa.exc.OperationalError):
            self.hall.order(who, "key.used", api_key=key.id, now=at.isoformat())

    def once(self, request: Request) -> str | None:
        told = request.headers.get(ONCE)
        if told is not None and not KEY.fullmatch(told):
            raise Stopped(
                422, "bad_key",
                f"{ONCE} is 1 to 64 printable ASCII characters without blanks.",
            )  # fmt: skip
        return told

    def asked(self, request: Request) -> str | None:
        """All of it: the same key with another body is a mistake."""
        sent = f"{request.method} {request.path}\n".encode() + request.get_data()
        return sha256(sent).hexdigest()

    def is_ours(self, _: Request, __: Session | None) -> bool:
        """No browser sends a key by itself, so nobody can make one act for us."""
        return True

    def is_fresh(self, _: Visitor, __: datetime) -> bool:
        """A key is its own proof each time."""
        return True

    def query(self, request: Request) -> Mapping[str, Any]:
        return request.args.to_dict()

    def body(self, request: Request) -> Mapping[str, Any]:
        raw = request.get_data()
        if not raw:
            return {}
        try:
            strict.declared(dict(request.headers))
            told = strict.load(raw)
        except Malformed as wrong:
            faults = {problem.path: problem.reason for problem in wrong.problems}
            code = KINDS.get(wrong.status, "not_json")
            raise Stopped(
                wrong.status, code, "The body cannot be read.", faults=faults
            ) from None
        if not isinstance(told, dict):
            raise Stopped(422, "invalid", "The body is an object.")
        return told
