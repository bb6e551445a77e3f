"""When a planted fault strikes: which calls of which method, always or by the dice."""

import random
from collections import Counter
from dataclasses import dataclass

from provisioning.simulator.faults import FAULTS
from provisioning.simulator.methods import ALL


@dataclass(frozen=True, slots=True)
class Planted:
    """From the `nth` next call of the method on, `times` calls in a row.

    With `odds` below 1 each of them is struck by chance, the same ones for a `seed`.
    """

    fault: str
    method: str
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    odds: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault!r}; there are {', '.join(FAULTS)}")
        if self.method not in ALL:
            raise ValueError(f"no method {self.method!r}; there are {', '.join(ALL)}")
        if self.nth < 1 or self.times < 1 or not 0 <= self.seconds < float("inf"):
            raise ValueError("nth and times start at 1, seconds at 0")
        if not 0 < self.odds <= 1:
            raise ValueError("odds start above 0 and end at 1")


class Schedule:
    """Counts the calls of each method; where two faults meet, the first one wins."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._planted: list[tuple[range, random.Random, Planted]] = []

    def plant(self, planted: Planted) -> None:
        first = self._calls[planted.method] + planted.nth
        calls = range(first, first + planted.times)
        dice = random.Random(planted.seed)  # noqa: S311 - to be drawn again the same
        self._planted.append((calls, dice, planted))

    def clear(self) -> None:
        """From now on nothing strikes."""
        self._planted.clear()

    def due(self, method: str) -> Planted | None:
        self._calls[method] += 1
        for calls, dice, planted in self._planted:
            due = planted.method == method and self._calls[method] in calls
            if due and dice.random() < planted.odds:
                return planted
        return None
