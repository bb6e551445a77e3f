"""A request, as the pages and the API see it: who asks, what with, and what may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.access import roles
from bridge.access.customers import Buyer
from bridge.access.roles import Scope
from bridge.parts import Parts
from bridge.store.sessions import Session

Principal = roles.Principal | Buyer
"""Somebody at the console or a program, or a customer of a shop."""


@dataclass(frozen=True, slots=True)
class Asked:
    parts: Parts
    principal: Principal | None
    """None, where anybody may ask."""

    session: Session | None
    order: Callable[..., dict[str, Any]]
    """Has something done in the name of who asks: order(NAME, **said)."""

    told: Mapping[str, Any]
    """The form, the body or the query, checked by the endpoint's schema."""

    now: datetime
    """Real time; due dates go by `at`."""

    @property
    def at(self) -> datetime:
        return self.parts.clock.now()

    @property
    def who(self) -> roles.Principal:
        if not isinstance(self.principal, roles.Principal):
            raise TypeError("nobody is logged in here; the endpoint is for anybody")
        return self.principal

    @property
    def buyer(self) -> Buyer:
        if not isinstance(self.principal, Buyer):
            raise TypeError("no customer is logged in here; the page is for anybody")
        return self.principal

    @property
    def scope(self) -> Scope:
        return self.who.scope

    def may(self, what: str) -> bool:
        return self.principal is not None and self.principal.may(what)
