"""GET /metrics for Prometheus: counted by the database when it is asked.

Whoever asks shows a token: what is sold and how much of it is nobody's business.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version

import sqlalchemy as sa
from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)

from bridge.clock import Clock
from bridge.store import figures
from bridge.store.database import Database
from bridge.store.figures import FIGURES, Figure, Point
from bridge.web.problems import problem

PREFIX = "switchhook_"
TYPE = "text/plain; version=0.0.4; charset=utf-8"
KEPT = 10.0
"""Seconds an answer holds: however often it is asked, the database counts as often."""

NAMES = frozenset(
    {PREFIX + figure.name for figure in FIGURES}
    | {PREFIX + "backend_key_expiry_seconds", PREFIX + "build_info"}
)
"""All that is told, as Prometheus names it."""


def blueprint(
    database: Database,
    clock: Clock,
    keys: Mapping[str, datetime],
    token: str,
    kept: float = KEPT,
) -> Blueprint:
    """*keys*: when each backend's key ends, of those that say so."""
    metrics = Blueprint("metrics", __name__)
    told = _Told(database, clock, keys, kept)
    bearer = f"Bearer {token}".encode()

    @metrics.get("/metrics")
    def show() -> Response:
        said = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(said, bearer):
            refused = problem(401, "no_token", "Show the token of [metrics].")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        try:
            return Response(told.now(), content_type=TYPE)
        except sa.exc.DBAPIError:
            return problem(503, "no_database", "The database does not answer.")

    return metrics


class _Told:
    """The last answer, for a moment: many who ask at once wait for one."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keys: Mapping[str, datetime],
        kept: float,
    ) -> None:
        self._database, self._clock, self._keys = database, clock, keys
        self._kept, self._until, self._text = kept, 0.0, b""
        self._turn = threading.Lock()

    def now(self) -> bytes:
        with self._turn:
            if time.monotonic() >= self._until:
                at = self._clock.now()
                with self._database.read() as tx:
                    counted = figures.read(tx, at)
                self._text = text(counted, self._keys, at)
                self._until = time.monotonic() + self._kept
            return self._text


def text(
    counted: Mapping[str, Iterable[Point]], keys: Mapping[str, datetime], at: datetime
) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    families = [_family(figure, counted[figure.name]) for figure in FIGURES]
    left = GaugeMetricFamily(
        PREFIX + "backend_key_expiry_seconds",
        "Until a backend takes our key no longer.",
        labels=("backend",),
    )
    for name, end in keys.items():
        left.add_metric((name,), (end - at).total_seconds())
    build = InfoMetricFamily(PREFIX + "build", "Which version this is.")
    build.add_metric((), {"version": version("switchhook")})
    registry.register(_Collected([*families, left, build]))
    return generate_latest(registry)


class _Collected:
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _family(figure: Figure, points: Iterable[Point]) -> Metric:
    kind = CounterMetricFamily if figure.only_grows else GaugeMetricFamily
    family = kind(PREFIX + figure.name, figure.help, labels=figure.labels)
    for labels, value in points:
        family.add_metric(labels, value)
    return family
