"""Until when a secret opens the door, once another was made to take its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """A secret took the place of others, which hold on for a while."""

    mark: str
    """Of the new one."""

    replaces: frozenset[str]
    """Marks of all that held when it was made."""

    overlap_until: datetime


def ends(rotations: Iterable[Rotation], mark: str) -> datetime | None:
    """When it opens nothing any more; None, where nothing took its place.

    One that was written down after a rotation is not among those it replaced.
    """
    replaced = (one.overlap_until for one in rotations if mark in one.replaces)
    return min(replaced, default=None)


def holds(rotations: Iterable[Rotation], mark: str, at: datetime) -> bool:
    end = ends(rotations, mark)
    return end is None or at < end
