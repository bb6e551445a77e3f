"""The one condition by which a row is another's: each question of a page has it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store.tables import account

INTAKE = "intake:"


def within(scope: Scope, source: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Rows whose source this is."""
    if scope.sources is None:
        return sa.true()
    return source.in_(sorted(scope.sources))


def owned(scope: Scope, owner: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Rows of an account, or of a client whose account is still to come."""
    if scope.sources is None:
        return sa.true()
    of_accounts = owner.in_(
        sa.select(account.c.id).where(within(scope, account.c.source))
    )
    intakes = [
        owner.startswith(f"{INTAKE}{source}:", autoescape=True)
        for source in sorted(scope.sources)
    ]
    return sa.or_(of_accounts, *intakes)
