"""PHP's serialize(), strictly: plain values only, and nothing the library lets slip.

phpserialize 1.3 alone takes garbage behind the end, negative lengths, 2 for a truth,
the last of two keys, NaN for a number, and nesting until Python gives up (all tried).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import phpserialize

LARGEST = 2**18
"""Bytes, at the most."""

DEEPEST = 16
"""Arrays in arrays, at the most."""

_TOKEN = re.compile(
    rb"N;|b:[01];|i:(?:0|-?[1-9][0-9]{0,18});|(?P<closes>\})"
    rb"|a:(?P<count>0|[1-9][0-9]{0,5}):\{|s:(?P<length>0|[1-9][0-9]{0,5}):\""
)
_REFUSED = {
    b"O": "an object",
    b"C": "an object",
    b"E": "an enum",
    b"R": "a reference",
    b"r": "a reference",
    b"d": "a float, which is not exact: text is",
}


def dumps(value: object) -> str:
    """ValueError: it cannot be said in PHP's plain values."""
    _plain(value, DEEPEST)
    said: bytes = phpserialize.dumps(value)
    _short(said)
    return said.decode()


def loads(text: str | bytes) -> Any:
    """Arrays are dicts, lists where they count from 0; an empty one is a dict.

    ValueError says what is wrong, and at which byte, but never quotes it.
    """
    said = text.encode() if isinstance(text, str) else text
    _check(said)
    return phpserialize.loads(said, decode_strings=True, array_hook=_array)


def _plain(value: object, depth: int) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case Mapping():
            if not all(type(key) in {int, str} for key in value):
                raise ValueError("a key is neither a whole number nor text")
            parts: Sequence[object] = tuple(value.values())
        case list() | tuple():
            parts = value
        case _:
            raise ValueError(f"{type(value).__name__} has no exact form in PHP")
    if not depth:
        raise ValueError(f"it is nested deeper than {DEEPEST}")
    for part in parts:
        _plain(part, depth - 1)


def _short(said: bytes) -> None:
    if len(said) > LARGEST:
        raise ValueError(f"it is longer than {LARGEST} bytes")


def _check(said: bytes) -> None:
    """The shape of it, before anything is built from it."""
    _short(said)
    lacking: list[int] = []  # keys and values each open array still waits for
    at = 0
    while at < len(said):
        token = _token(said, at)
        if token["closes"]:
            if not lacking or lacking.pop():
                raise ValueError(f"the array that ends at byte {at} is not as it says")
        elif lacking:
            lacking[-1] -= 1
        if token["count"]:
            lacking.append(2 * int(token["count"]))
        if len(lacking) > DEEPEST:
            raise ValueError(f"it is nested deeper than {DEEPEST}")
        at = _end(said, token)
        if not lacking:
            break
    if lacking or not said:
        raise ValueError("it ends too soon")
    if at < len(said):
        raise ValueError(f"something follows its end at byte {at}")


def _token(said: bytes, at: int) -> re.Match[bytes]:
    if token := _TOKEN.match(said, at):
        return token
    what = _REFUSED.get(said[at : at + 1], "no value")
    raise ValueError(f"there is {what} at byte {at}")


def _end(said: bytes, token: re.Match[bytes]) -> int:
    if token["length"] is None:
        return token.end()
    end = token.end() + int(token["length"])
    if said[end : end + 2] != b'";':
        raise ValueError(f"the text at byte {token.start()} is not as long as it says")
    try:
        said[token.end() : end].decode()
    except UnicodeDecodeError:
        raise ValueError(f"the text at byte {token.start()} is no UTF-8") from None
    return end + 2


def _array(pairs: list[tuple[Any, Any]]) -> Any:
    keys = [key for key, _ in pairs]
    if not all(type(key) in {int, str} for key in keys):
        raise ValueError("a key is neither a whole number nor text")
    # To PHP, "7" and 7 are the same key.
    if len({str(key) for key in keys}) < len(keys):
        raise ValueError("a key stands twice")
    if keys and keys == list(range(len(keys))):
        return [value for _, value in pairs]
    return dict(pairs)
