"""What can go wrong on purpose, by name, and when: a table and a schedule."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from provisioning.simulator.methods import ALL
from provisioning.simulator.wire import CLOSED, RESET, Reply, error, refusal


class Effect(StrEnum):
    """When what was asked lands in the store."""

    NONE = "none"
    BEFORE = "before"  # before the reply, such as it is
    LATE = "late"  # `seconds` after the request
    NORMAL = "normal"  # no fault


@dataclass(frozen=True, slots=True)
class Fault:
    """Without a reply of its own it says what the method would have said."""

    effect: Effect
    reply: Reply | None = None
    held: bool = False
    wipes_credit: bool = False


_PHP_WARNING = Reply(
    "<br />\n<b>Warning</b>:  Undefined array key &quot;result&quot; in "
    "<b>/usr/ictbroadcast/core/Rest.php</b> on line <b>112</b><br />\n",
    content_type="text/html; charset=UTF-8",
)
_BAD_STATUS = Reply(
    "You have an error in your SQL syntax",
    status=1064,
    reason="Unknown Status Code",
    content_type="text/html; charset=UTF-8",
)
FAITHFUL = Fault(Effect.NORMAL)
FAULTS: Mapping[str, Fault] = {
    "refuse": Fault(Effect.NONE, refusal("refused by fault")),
    "html_200": Fault(Effect.NONE, _PHP_WARNING),
    "html_200_applied": Fault(Effect.BEFORE, _PHP_WARNING),
    "reset_before": Fault(Effect.NONE, RESET),
    "reset_after_apply": Fault(Effect.BEFORE, RESET),
    "slow_then_applied": Fault(Effect.LATE, held=True),
    "slow_not_applied": Fault(Effect.NONE, CLOSED, held=True),
    "echo_lies": Fault(Effect.NONE),
    "write_wipes_credit": Fault(Effect.BEFORE, wipes_credit=True),
    "error_500": Fault(Effect.NONE, error(HTTPStatus.INTERNAL_SERVER_ERROR)),
    "unauthorised_401": Fault(Effect.NONE, error(HTTPStatus.UNAUTHORIZED)),
    # ICTCore puts the database's error number there (seen live).
    "bad_status_line": Fault(Effect.BEFORE, _BAD_STATUS),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """From the `nth` next call of the method on, `times` calls in a row."""

    fault: str
    method: str
    nth: int = 1
    times: int = 1
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault!r}; there are {', '.join(FAULTS)}")
        if self.method not in ALL:
            raise ValueError(f"no method {self.method!r}; there are {', '.join(ALL)}")
        if self.nth < 1 or self.times < 1 or not 0 <= self.seconds < float("inf"):
            raise ValueError("nth and times start at 1, seconds at 0")


class Schedule:
    """Counts the calls of each method; where two faults meet, the first one wins."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._planted: list[tuple[range, Planted]] = []

    def plant(self, planted: Planted) -> None:
        first = self._calls[planted.method] + planted.nth
        self._planted.append((range(first, first + planted.times), planted))

    def due(self, method: str) -> Planted | None:
        self._calls[method] += 1
        for calls, planted in self._planted:
            if planted.method == method and self._calls[method] in calls:
                return planted
        return None
