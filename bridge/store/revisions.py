"""Which shape the tables have, and which shapes this version knows."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.store.migrating import described


def current(tx: sa.Connection) -> str | None:
    """The database's own; None where it has no tables yet."""
    return MigrationContext.configure(tx).get_current_revision()


def fits(revision: str | None) -> bool:
    """Whether this version can work on it: its own, or one that a newer version made
    for both, as in the middle of a deploy."""
    return revision is not None and revision not in known()[:-1]


def newest() -> str:
    return known()[-1]


@cache
def known() -> tuple[str, ...]:
    """The oldest first."""
    every = ScriptDirectory.from_config(described()).walk_revisions()
    return tuple(each.revision for each in every)[::-1]
