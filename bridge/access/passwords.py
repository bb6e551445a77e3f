"""Passwords of those who log in: argon2id, at a cost that two at once can pay."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 12, 200
HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""OWASP's third choice: 46 MiB, one pass, one lane; about 55 ms."""

_AT_ONCE = threading.Semaphore(2)
"""46 MiB each: who tries a thousand at once takes our patience, not our memory."""


def hashed(password: str) -> str:
    with _AT_ONCE:
        return HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Takes as long where nobody of that name has one: the time tells nothing."""
    with _AT_ONCE:
        try:
            HASHER.verify(kept or _nobodys(), password[:LONGEST])
        except (VerifyMismatchError, InvalidHashError):
            return False
    return bool(kept)


def fault(password: str, name: str) -> str | None:
    """Why it cannot be chosen; None, where it can."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"choose {SHORTEST} letters or more, and no more than {LONGEST}"
    if password.lower() in name.lower() or name.lower() in password.lower():
        return "choose one without your own name"
    if len(set(password)) < SHORTEST // 2:
        return "choose one that does not repeat so few letters"
    return None


@cache
def _nobodys() -> str:
    return HASHER.hash("the password of nobody, in no place")
