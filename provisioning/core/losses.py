"""What a change takes away: the features and the capacity a downgrade names first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.core.entitlements import ALL, Entitlements, Value
from provisioning.core.quotas import Allowance


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is less afterwards, or another word. None: it is gone."""

    name: str
    """The entitlement's; of a feature `features/<its name>`."""

    before: Value
    after: Value | None

    @property
    def locks(self) -> bool:
        """Whether nothing of it is left: what was kept by it is deleted in time."""
        return ALL[self.name.partition("/")[0]].keeps and not _amount(self.after)


def losses(before: Entitlements, after: Entitlements) -> tuple[Loss, ...]:
    """What packages give less of, for the customer to confirm (C10).

    Of a word, as a tariff's name, nobody can tell better from worse: it is named too.
    """
    had, has = parts(before), parts(after)
    named = (Loss(name, value, has.get(name)) for name, value in had.items())
    return tuple(loss for loss in named if _is_less(loss.before, loss.after))


def parts(entitlements: Entitlements) -> dict[str, Value]:
    """Each by itself: a feature is one of its kind."""
    return {
        part: one
        for name, value in entitlements.items()
        for part, one in _parts(name, value)
    }


def _parts(name: str, value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, tuple):
        yield from ((f"{name}/{part}", 1) for part in value)
    else:
        yield name, value


def _is_less(had: Value, has: Value | None) -> bool:
    if isinstance(had, str):
        return had != has
    if isinstance(had, Allowance) and isinstance(has, Allowance):
        return has.quota < had.quota or _is_worse(had, has)
    return _amount(has) < _amount(had)


def _is_worse(had: Allowance, has: Allowance) -> bool:
    """Whether less of it is kept, or it comes at other times."""
    if (had.reset, had.every) != (has.reset, has.every):
        return True
    return has.cap is not None and (had.cap is None or has.cap < had.cap)


def _amount(value: Value | None) -> int:
    match value:
        case Allowance(quota):
            return quota
        case int():
            return value
    return 1 if value else 0
