"""One line of the doctor's: what was looked at, how it is, and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bridge.parts import Parts


class How(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    how: How
    said: str


Findings = Iterator[Finding]
Check = Callable[[Parts], Findings]


def ok(about: str, said: str) -> Finding:
    return Finding(about, How.OK, said)


def warn(about: str, said: str) -> Finding:
    return Finding(about, How.WARN, said)


def fail(about: str, said: str) -> Finding:
    return Finding(about, How.FAIL, said)
