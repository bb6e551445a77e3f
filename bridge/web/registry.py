"""Every page and every API call is declared here: its path, and who may ask for it.

What is not declared does not exist: routes, the check of permissions, the scope of
rows, the OpenAPI document and the test of who may do what are made of the same entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from marshmallow import Schema

from bridge.access.customers import Right
from bridge.access.roles import May
from bridge.store import (
    accounts,
    attempts,
    confirmations,
    coupons,
    holdings,
    operations,
    shop_orders,
    whereabouts,
)
from bridge.store.lanes import INTAKE
from bridge.store.paces import Pace

USUAL = Pace(timedelta(milliseconds=50), 100)
"""For who is known: twenty a second, and a hundred at once."""

STRICT = Pace(timedelta(seconds=30), 10)
"""For who is not, where he guesses: two a minute, and ten at once."""

AT_A_DOOR = Pace(timedelta(seconds=3), 100)
"""For who logs in: an office comes from one address. Who is guessed at has a pace of
his own beside it."""

LONGEST = 19
"""Digits of a number that may be larger than any of ours."""

Call = Callable[..., Any]
Owner = Callable[[sa.Connection, str], str | None]
"""Whose a thing of that name is. Nobody, where there is none."""


class Open(StrEnum):
    """Instead of a permission: what nobody need be anybody for."""

    ANYBODY = "anybody"


ANYBODY: Final = Open.ANYBODY


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    call: Call
    owners: Mapping[str, Owner]
    may: May | Right | Open
    limit: Pace
    fresh: bool
    """Whether who asks must just have proved who he is."""

    whole: bool
    """Whether it shows what belongs to no source, or to all: nothing for who is kept
    to some."""

    query: type[Schema] | None
    takes: type[Schema] | None
    answers: type[Schema] | None

    @property
    def name(self) -> str:
        module = self.call.__module__.rpartition(".")[2]
        return f"{module}.{self.call.__name__}"

    @property
    def summary(self) -> str:
        return (self.call.__doc__ or "").partition("\n")[0]

    @property
    def params(self) -> list[str]:
        return PARAM.findall(self.path)

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def is_guessed_at(self) -> bool:
        """What anybody may send is counted by all processes together."""
        return self.changes and self.may is ANYBODY


PARAM = re.compile(r"<(?:\w+:)?(\w+)>")


class Registry:
    """*owners*: whose a thing in a path is, by the parameter's name."""

    def __init__(
        self, prefix: str = "", owners: Mapping[str, Owner] | None = None
    ) -> None:
        self._prefix = prefix
        self._owners = OWNERS if owners is None else owners
        self._declared: list[Endpoint] = []

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._declared)

    def get(
        self,
        path: str,
        *,
        may: May | Right | Open,
        limit: Pace = USUAL,
        fresh: bool = False,
        whole: bool = False,
        query: type[Schema] | None = None,
        answers: type[Schema] | None = None,
    ) -> Callable[[Call], Call]:
        return self._declare(
            "GET", path, may, limit, fresh, whole, query, None, answers
        )

    def post(
        self,
        path: str,
        *,
        may: May | Right | Open,
        limit: Pace = USUAL,
        fresh: bool = False,
        whole: bool = False,
        takes: type[Schema] | None = None,
        answers: type[Schema] | None = None,
    ) -> Callable[[Call], Call]:
        return self._declare(
            "POST", path, may, limit, fresh, whole, None, takes, answers
        )

    def _declare(self, method: str, path: str, *more: Any) -> Callable[[Call], Call]:
        unknown = set(PARAM.findall(path)) - self._owners.keys()
        if unknown:
            raise TypeError(
                f"{method} {path}: whose is {', '.join(sorted(unknown))}? Say in its"
                " owners how that is found, or that it is everybody's"
            )

        def declared(call: Call) -> Call:
            made = Endpoint(method, self._prefix + path, call, self._owners, *more)
            if any(one.name == made.name for one in self._declared):
                raise TypeError(f"{made.name} is declared twice")
            self._declared.append(made)
            return call

        return declared


# --- whose a thing in a path is


class Nobody(LookupError):
    """There is no such thing."""


def _of_account(tx: sa.Connection, name: str) -> str:
    found = accounts.load(tx, whereabouts.of_service(tx, name) or name)
    return str(_there(found).source)


def _of_operation(tx: sa.Connection, name: str) -> str:
    return str(_there(operations.named(tx, name)).source)


def _of_attempt(tx: sa.Connection, number: str) -> str:
    found = attempts.numbered(tx, int(number)) if _is_number(number) else None
    return _of_account(tx, _there(found).account)


def _of_confirmation(tx: sa.Connection, number: str) -> str:
    found = confirmations.numbered(tx, int(number)) if _is_number(number) else None
    return _of_account(tx, _there(found).account)


def _of_coupon(tx: sa.Connection, name: str) -> str:
    return _of_account(tx, _there(coupons.one(tx, name)).owner)


def _of_order(tx: sa.Connection, name: str) -> str:
    return str(_there(shop_orders.one(tx, name)).source)


def _of_held(tx: sa.Connection, key: str) -> str:
    """An account's, or that of the client whose account is still to come."""
    owner = str(_there(holdings.owner_of(tx, key)))
    if owner.startswith(INTAKE):
        return owner.removeprefix(INTAKE).partition(":")[0]
    return _of_account(tx, owner)


def _itself(_: sa.Connection, name: str) -> str:
    return name


def _of_the_installation(_: sa.Connection, __: str) -> None:
    """No source's: who is kept to some sees none of it."""


def _secret(_: sa.Connection, __: str) -> None:
    """A link's own secret is what opens it."""


def _is_number(written: str) -> bool:
    """One of ours: not of another alphabet, and no longer than a database keeps."""
    return len(written) < LONGEST and written.isascii() and written.isdecimal()


def _there(found: Any) -> Any:
    if found is None:
        raise Nobody
    return found


OWNERS: Mapping[str, Owner] = {
    "account": _of_account,
    "operation": _of_operation,
    "order": _of_order,
    "change": _of_operation,
    "attempt": _of_attempt,
    "confirmation": _of_confirmation,
    "coupon": _of_coupon,
    "held": _of_held,
    "source": _itself,
    "backend": _of_the_installation,
    "user": _of_the_installation,
    "key": _of_the_installation,
    "package": _of_the_installation,
    "run": _of_the_installation,
    "delivery": _of_the_installation,
    "tick": _of_the_installation,
    "batch": _of_the_installation,
    "adoption": _of_the_installation,
    "name": _secret,
    "token": _secret,
}
"""The source of what a path names, by the parameter's name. Nobody, where it is not."""
