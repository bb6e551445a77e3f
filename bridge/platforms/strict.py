"""The one way JSON comes in: small, shallow, without two meanings, or refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from bridge.platforms.base import Malformed, Problem, header, under

LARGEST = 256 * 1024
DEEPEST = 32
SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1
LONGEST_INT = len(str(SMALLEST_INT))

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: NUL, and half a surrogate pair."""

# Strings are passed over whole, closed or not; possessive, so in linear time.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


@dataclass(frozen=True, slots=True)
class Inexact:
    """A number with a point or an exponent, as it was written."""

    written: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Stands where JSON held what we do not take, until all reasons are collected."""

    reason: str


def declared(headers: Mapping[str, str]) -> None:
    """A browser's form cannot say application/json: this keeps its posts out."""
    kind = header(headers, "content-type").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Malformed(
            Problem("$", "is not declared; send Content-Type: application/json"),
            status=415,
        )


def load(body: bytes) -> Any:
    """What the bytes say. A number with a point stays an Inexact. Raises Malformed."""
    told = _parsed(_text(body))
    if problems := tuple(_odd(told, "$")):
        raise Malformed(*problems)
    return told


def _text(body: bytes) -> str:
    if len(body) > LARGEST:
        raise Malformed(
            Problem("$", f"is larger than {LARGEST} bytes; send less at once"),
            status=413,
        )
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Malformed(Problem("$", "is not UTF-8; encode it so")) from None
    if text.startswith("\ufeff"):
        raise Malformed(Problem("$", "begins with a byte order mark; leave it out"))
    return text


def _parsed(text: str) -> Any:
    # Counted before parsing: the parser goes down by recursion.
    if _depth(text) > DEEPEST:
        raise Malformed(Problem("$", f"is nested deeper than {DEEPEST}; flatten it"))
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=lambda word: Odd(f"is {word}, which is not JSON"),
            parse_float=Inexact,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Malformed(Problem("$", f"is not JSON: {error.msg} at {where}")) from None


def _depth(text: str) -> int:
    steps = (STEP.get(token[0], 0) for token in TOKEN.finditer(text))
    return max(accumulate(steps), default=0)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    times = Counter(name for name, _ in pairs)
    return {
        name: value if times[name] == 1 else Odd("is written more than once; keep one")
        for name, value in pairs
    }


def _int(written: str) -> int | Odd:
    # The length first: Python takes quadratic time for long ones, and gives up.
    if len(written) <= LONGEST_INT and SMALLEST_INT <= int(written) <= LARGEST_INT:
        return int(written)
    return Odd("is a number beyond 64 bits; write it as a string")


def _odd(told: object, path: str) -> Iterator[Problem]:
    match told:
        case Odd(reason):
            yield Problem(path, reason)
        case str() if UNSTORABLE.search(told):
            yield Problem(path, "holds NUL or half a surrogate pair; leave it out")
        case dict():
            for name, value in told.items():
                here = under(path, name)
                if CONTROL.search(name):
                    yield Problem(here, "has a control character in its name")
                yield from _odd(value, here)
        case list():
            for no, value in enumerate(told):
                yield from _odd(value, under(path, no))
