"""What a change takes away: the features and the capacity a downgrade names first."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.core.entitlements import Entitlements, Value


@dataclass(frozen=True, slots=True)
class Loss:
    """One entitlement that is less afterwards, or another word. None: it is gone."""

    name: str
    before: Value
    after: Value | None

    @property
    def locks(self) -> bool:
        """Whether nothing of it is left: what was kept by it is deleted in time."""
        return not self.after


def losses(before: Entitlements, after: Entitlements) -> tuple[Loss, ...]:
    """What changes for the worse, for the customer to confirm (C10).

    Of a word, as a tariff's name, nobody can tell better from worse: it is named too.
    """
    named = (Loss(name, had, after.get(name)) for name, had in before.items())
    return tuple(loss for loss in named if _is_less(loss))


def _is_less(loss: Loss) -> bool:
    had, has = loss.before, loss.after
    if isinstance(had, int) and isinstance(has, int | None):
        return (has or 0) < had
    return had != has
