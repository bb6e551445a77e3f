"""Roles, what each may do, and whose customers somebody may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class May(StrEnum):
    """What an endpoint asks for, in an operator's words."""

    SEE = "see"
    """Accounts, events, money, sums; no secrets."""

    RUN = "run"
    """See how the installation runs: backends, schedules, alerts, deliveries."""

    AUDIT = "audit"
    """See who did what, and who may."""

    HELP = "help"
    """Login again, goodwill within its limit, coupons, promised payment, look anew."""

    PROVISION = "provision"
    """Confirm a plan, retry or decline an event, adopt."""

    MONEY = "money"
    """Say what became of an unsure sum; move and pay back held money."""

    OPERATE = "operate"
    """Pause and resume backends, let more be switched off, probe, run a tick."""

    SELL = "sell"
    """Apply a catalog; spread umbrellas over many."""

    SECRETS = "secrets"
    """Sources' secrets and programs' keys."""

    USERS = "users"
    """Who may log in, and as what."""


class Role(StrEnum):
    OWNER = "owner"
    OPERATOR = "operator"
    SUPPORT = "support"
    AUDITOR = "auditor"
    RESELLER = "reseller"


MAY: Mapping[Role, frozenset[May]] = {
    Role.OWNER: frozenset(May),
    Role.OPERATOR: frozenset(May) - {May.USERS, May.SECRETS},
    Role.SUPPORT: frozenset({May.SEE, May.HELP}),
    Role.AUDITOR: frozenset({May.SEE, May.RUN, May.AUDIT}),
    Role.RESELLER: frozenset({May.SEE, May.HELP}),
}
SCOPED = frozenset({Role.SUPPORT, Role.AUDITOR, Role.RESELLER})
"""Roles that may be kept to some sources; a reseller always is."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The sources whose customers may be seen; of all, where none are named."""

    sources: frozenset[str] | None = None

    @classmethod
    def kept(cls, sources: Iterable[str] | None) -> Scope:
        """As it stands in a row."""
        return cls(None if sources is None else frozenset(sources))

    def covers(self, source: str | None) -> bool:
        """What belongs to no source is for those who see all."""
        return self.sources is None or source in self.sources


ALL = Scope()


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who asks: a person who is logged in, or a program with a key."""

    name: str
    role: Role
    scope: Scope

    def may(self, what: str) -> bool:
        return what in MAY[self.role]


def fitting(role: str, sources: list[str] | None) -> tuple[Role, list[str] | None]:
    """Both, where they go together. ValueError says why not."""
    try:
        known = Role(role)
    except ValueError:
        raise ValueError(f'no role "{role}"; one of: {", ".join(Role)}') from None
    if known is Role.RESELLER and not sources:
        raise ValueError("a reseller needs the sources that are his own")
    if sources and known not in SCOPED:
        raise ValueError(f"an {known} sees all sources; name none")
    return known, sorted(set(sources)) if sources else None
