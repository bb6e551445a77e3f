"""Codes of a second factor are of use once, whoever else types them at that moment."""

from __future__ import annotations

import sqlalchemy as sa


def use_up(
    tx: sa.Connection,
    of: sa.Table,
    who: sa.ColumnElement[bool],
    step: int | None,
    recovery: str | None,
) -> None:
    """The one that was typed. LookupError, where it was used before."""
    used = (step is not None and use_step(tx, of, who, step)) or (
        recovery is not None and use_recovery(tx, of, who, recovery)
    )
    if not used:
        raise LookupError("this code was used already; wait for the next")


def use_step(
    tx: sa.Connection, of: sa.Table, who: sa.ColumnElement[bool], step: int
) -> bool:
    """Whether no code of that step, or a later one, was used before."""
    newer = sa.update(of).where(who, of.c.step < step).values(step=step)
    return bool(tx.execute(newer).rowcount)


def use_recovery(
    tx: sa.Connection, of: sa.Table, who: sa.ColumnElement[bool], hash_: str
) -> bool:
    """Whether it was there; it is no more."""
    row = tx.execute(sa.select(of.c.recovery).where(who).with_for_update()).first()
    left = list(row.recovery) if row else []
    if hash_ not in left:
        return False
    left.remove(hash_)
    tx.execute(sa.update(of).where(who).values(recovery=left))
    return True
