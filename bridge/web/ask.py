"""POST /ask/<source>: what a platform's module shows, signed as an event is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from bridge.clock import Clock
from bridge.platforms import strict
from bridge.platforms.base import Malformed, Platform, Problem
from bridge.web.problems import problem
from provisioning.core.outcomes import Later, Outcome

Answer = Callable[[str, str, Mapping[str, Any]], Any]
"""Of the source, the request's id, and what it asks. LookupError: why there is none."""

RATE, BURST = 10.0, 60
"""Questions of one source: so many a second, and so many at once after a rest."""

REST = 1
"""Seconds after which one may ask again."""


class Paced:
    """How fast each source may ask, in this process."""

    def __init__(self, rate: float = RATE, burst: int = BURST) -> None:
        self._rate, self._burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._turn = threading.Lock()

    def may(self, source: str) -> bool:
        with self._turn:
            now = time.monotonic()
            left, since = self._left.get(source, (float(self._burst), now))
            left = min(self._burst, left + (now - since) * self._rate)
            may = left >= 1
            self._left[source] = (left - may, now)
            return may


def blueprint(
    sources: Mapping[str, Platform],
    clock: Clock,
    answer: Answer,
    most: int,
    paced: Paced | None = None,
) -> Blueprint:
    """*most*: questions answered at once; each may have to wait for a backend."""
    ask = Blueprint("ask", __name__)
    paced = paced or Paced()
    room = threading.BoundedSemaphore(most)

    @ask.post("/ask/<source>")
    def asked(source: str) -> Response:
        if source not in sources:
            return problem(404, "no_such_source", "There is no such source here.")
        body = request.get_data(cache=False)
        headers = dict(request.headers)
        id_ = sources[source].proves(headers, body, clock.wall())
        strict.declared(headers)
        told = strict.load(body)
        if not isinstance(told, dict):
            raise Malformed(Problem("$", 'is not an object; write {"ask": …}'))
        if not paced.may(source):
            return _later(429, "too_fast", "It asks too often; wait a little.")
        if not room.acquire(blocking=False):
            return _later(503, "too_many", "Too many ask at once; ask again.")
        try:
            return _answered(answer, source, id_, told)
        finally:
            room.release()

    return ask


def _answered(
    answer: Answer, source: str, id_: str, told: Mapping[str, Any]
) -> Response:
    try:
        return jsonify(answer(source, id_, told))
    except (KeyError, IndexError):
        raise  # A slip of ours is no answer.
    except LookupError as no:
        return problem(422, "no_answer", str(no))
    except Later as later:
        return _later(503, "not_now", str(later))
    except Outcome as outcome:
        return problem(502, "backend", str(outcome))


def _later(status: int, code: str, detail: str) -> Response:
    return problem(status, code, detail, retry_after=REST)
