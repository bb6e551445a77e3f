"""The steps a request takes until it is let in; each says no in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Request
from marshmallow import ValidationError

from bridge.access.who import Who
from bridge.parts import Parts
from bridge.store.paces import Pace
from bridge.store.sessions import Session
from bridge.store.types import UNSTORABLE
from bridge.web.access.paces import Paces
from bridge.web.asked import Asked, Principal
from bridge.web.registry import ANYBODY, Endpoint, Nobody

Order = Callable[..., dict[str, Any]]
"""order(WHO, NAME, **said)."""


SLIPS = KeyError, IndexError
"""A LookupError says what cannot be; these are of that family, and bugs of ours."""


class Stopped(Exception):
    """Not let in: how a program is told, and how a person."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        wait: float | None = None,
        faults: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.wait = None if wait is None else ceil(wait)
        self.faults = faults or {}


@dataclass(frozen=True, slots=True)
class Visitor:
    principal: Principal
    session: Session | None = None
    """None, where it is a program."""


class Manner(Protocol):
    """What pages, the API and a shop do each in its own way."""

    @property
    def via(self) -> str: ...

    def names_us(self, request: Request) -> bool:
        """A name of somebody else that leads here would let his pages act as ours."""
        ...

    def visitor(self, request: Request, at: datetime) -> Visitor | None: ...

    def once(self, request: Request) -> str | None:
        """The asker's key, by which what he sends twice is done once."""

    def asked(self, request: Request) -> str | None:
        """A digest of what he sent under it; None, where what we make of it tells."""

    def is_ours(self, request: Request, session: Session | None) -> bool: ...

    def is_fresh(self, visitor: Visitor, at: datetime) -> bool: ...

    def query(self, request: Request) -> Mapping[str, Any]:
        """What is asked along, by name."""

    def body(self, request: Request) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Hall:
    """What all requests share."""

    parts: Parts
    order: Order
    paces: Paces


def is_console(parts: Parts, request: Request) -> bool:
    """Whether it names the console, as [console] url has it."""
    return request.host == urlsplit(parts.config.console.url).netloc


def let_in(
    hall: Hall,
    manner: Manner,
    endpoint: Endpoint,
    request: Request,
    params: Mapping[str, str],
) -> Asked:
    """Stopped, at the first step that says no."""
    now = hall.parts.clock.wall()
    if not manner.names_us(request):
        raise Stopped(
            421, "another_host",
            "Nothing is answered under that name; the configuration says which are"
            " ours.",
        )  # fmt: skip
    visitor = manner.visitor(request, now)
    _keeps_pace(hall, manner, endpoint, request, visitor, now)
    _may(endpoint, visitor)
    _is_his(hall, endpoint, visitor, params)
    session = visitor.session if visitor else None
    if endpoint.changes and not manner.is_ours(request, session):
        raise Stopped(
            403, "form_of_elsewhere",
            "This did not come from a page of ours, or that page is too old. Open it"
            " anew and say it again.",
        )  # fmt: skip
    if endpoint.fresh and (visitor is None or not manner.is_fresh(visitor, now)):
        raise Stopped(401, "prove_first", "Prove first that it is still you.")
    told = _read(endpoint, manner, request)
    principal = visitor.principal if visitor else None
    order = _in_his_name(hall.order, manner, request, principal)
    return Asked(hall.parts, principal, session, order, told, now)


def _keeps_pace(
    hall: Hall,
    manner: Manner,
    endpoint: Endpoint,
    request: Request,
    visitor: Visitor | None,
    now: datetime,
) -> None:
    if endpoint.is_guessed_at:
        order = partial(hall.order, Who("nobody", manner.via))
        about = f"{endpoint.name} {near(request)}"
        wait = guessed(order, about, endpoint.limit, now)
    else:
        key = visitor.principal.name if visitor else f"at {near(request)}"
        wait = hall.paces.wait(key, endpoint.limit)
    if wait:
        raise Stopped(
            429, "too_fast", f"Too many tries; the next one in {ceil(wait)} seconds.",
            wait=wait,
        )  # fmt: skip


def near(request: Request) -> str:
    """Where it comes from. Whoever has one IPv6 address has 2^64: they are one here."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or "somewhere"
    if isinstance(address, IPv4Address):
        return str(address)
    inner = address.ipv4_mapped
    return str(inner or IPv6Network((address.packed[:8] + bytes(8), 64)))


def guessed(ordered: Order, about: str, allowed: Pace, now: datetime) -> float:
    """One try used up, counted by all processes together: nothing, or the seconds until
    the next. *ordered*: in somebody's name already."""
    told = ordered(
        "pace.take", keys=[about], every=allowed.every.total_seconds(),
        burst=allowed.burst, now=now.isoformat(),
    )  # fmt: skip
    return float(told["wait"])


def _may(endpoint: Endpoint, visitor: Visitor | None) -> None:
    if endpoint.may is ANYBODY:
        return
    if visitor is None:
        raise Stopped(401, "log_in_first", "Log in first.")
    if not visitor.principal.may(endpoint.may):
        raise Stopped(
            403, "not_allowed",
            f"A {visitor.principal.role} may not do that; who may has"
            f' "{endpoint.may}".',
        )  # fmt: skip
    if endpoint.whole and visitor.principal.scope.sources is not None:
        raise Stopped(
            403, "not_all",
            "It tells of all sources at once, and only some are yours.",
        )  # fmt: skip


def _is_his(
    hall: Hall,
    endpoint: Endpoint,
    visitor: Visitor | None,
    params: Mapping[str, str],
) -> None:
    """What is another's is not there, and nothing tells whether it is."""
    if endpoint.may is ANYBODY or visitor is None or not params:
        return
    scope = visitor.principal.scope
    with hall.parts.database.read() as tx:
        for name, value in params.items():
            try:
                kept = not UNSTORABLE.search(value)
                covered = kept and scope.covers(endpoint.owners[name](tx, value))
            except Nobody:
                covered = False
            if not covered:
                raise Stopped(404, "not_there", f'There is no {name} "{value}".')


def _read(endpoint: Endpoint, manner: Manner, request: Request) -> Mapping[str, Any]:
    try:
        if endpoint.changes:
            body = manner.body(request)
            return dict(endpoint.takes().load(body)) if endpoint.takes else {}
        if endpoint.query:
            return dict(endpoint.query().load(manner.query(request)))
    except ValidationError as wrong:
        faults = {
            str(name): " ".join(map(str, said)) if isinstance(said, list) else str(said)
            for name, said in wrong.messages_dict.items()
        }
        raise Stopped(
            400, "unreadable", "Something in it is not as it should be.", faults=faults
        ) from None
    return {}


def _in_his_name(
    order: Order, manner: Manner, request: Request, principal: Principal | None
) -> Callable[..., dict[str, Any]]:
    """What one request has done twice gets two keys of its one."""
    once = manner.once(request) if principal else None
    same = manner.asked(request) if once else None
    name, count = principal.name if principal else "nobody", 0

    def ordered(what: str, /, **said: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        key = f"{once}/{count}" if once else None
        return order(Who(name, manner.via, key, same), what, **said)

    return ordered
