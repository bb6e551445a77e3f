"""Group commit: whoever comes while one is being written goes along with the next.

There is no thread for it. The first to come leads: it writes what waits, its own
included, and hands on to the first of those who came meanwhile. Alone, nobody waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import sqlalchemy as sa

from bridge import jitter
from bridge.store.database import Database, Lost, disconnected, transient

MOST = 64
"""Items in one commit."""

TRIES = 5
"""How often a commit is written again that the database itself broke off."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Place(Generic[Item, Result]):
    """One item in the queue, and what became of it."""

    item: Item
    woken: threading.Lock = field(default_factory=_taken)
    """Free once there is something to wake for: half the price of an Event."""

    leads: bool = False
    """Whether it was woken to write what waits."""

    ended: bool = False
    result: Result | None = None
    error: Exception | None = None

    def end(self, result: Result | Exception) -> None:
        if isinstance(result, Exception):
            self.error = result
        else:
            self.result = result
        self.ended = True


class _Nobodys(Exception):
    """The database could not be reached: not one item was to blame."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Committer(Generic[Item, Result]):
    """Items of one kind, each kept whole or not at all.

    *write* gives each item's result, or the error that is its alone. What it raises is
    somebody's: then all is rolled back, and each is written by itself.
    """

    def __init__(
        self,
        database: Database,
        write: Callable[[sa.Connection, Sequence[Item]], Sequence[Result | Exception]],
    ) -> None:
        self._database = database
        self._write = write
        self._lock = threading.Lock()
        self._waiting: list[_Place[Item, Result]] = []
        self._led = False

    def commit(self, item: Item) -> Result:
        """On disk when this returns. Raises what was wrong with it, or Lost."""
        mine: _Place[Item, Result] = _Place(item)
        with self._lock:
            self._waiting.append(mine)
            lead, self._led = not self._led, True
        if not lead:
            self._wait(mine)
        if not mine.ended:
            self._lead()
        if mine.error:
            raise mine.error
        return mine.result  # type: ignore[return-value] # ended without an error

    def _wait(self, mine: _Place[Item, Result]) -> None:
        try:
            mine.woken.acquire()
        except BaseException:
            # Stopped while it waited: those behind it must not wait for it to lead.
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                leads = mine.leads and not mine.ended
            if leads:
                self._hand_on()
            raise

    def _lead(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._keep(batch)
        finally:
            for place in batch:
                if not place.ended:
                    place.end(Lost("whoever committed it was stopped on the way"))
                place.woken.release()
            self._hand_on()

    def _hand_on(self) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].woken.release()

    def _keep(self, batch: Sequence[_Place[Item, Result]]) -> None:
        """All together; where that fails, one by one: only the culprit fails."""
        results: Sequence[Result | Exception]
        try:
            results = self._attempted([place.item for place in batch])
        except (Lost, _Nobodys) as gone:
            error = gone.error if isinstance(gone, _Nobodys) else gone
            results = [error] * len(batch)
        except Exception as error:  # noqa: BLE001 - whose it is shows one by one
            if len(batch) > 1:
                for place in batch:
                    self._keep([place])
                return
            results = [error]
        for place, result in zip(batch, results, strict=True):
            place.end(result)

    def _attempted(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        """Again where the database chose us to give way, or was gone before COMMIT."""
        for tried in range(TRIES):
            begun = False
            try:
                with self._database.change() as tx:
                    begun = True
                    results = self._write(tx, items)
            except sa.exc.DBAPIError as error:
                gone = disconnected(error)
                if tried == TRIES - 1 or not (gone or transient(error)):
                    if gone or not begun:
                        # One by one they would only wait so many times as long.
                        raise _Nobodys(error) from None
                    raise
            else:
                return results
            # Full jitter: two that gave way to each other do not meet again.
            time.sleep(jitter.between(0, 0.05 * 2**tried))
        raise AssertionError("the last try returns or raises")  # pragma: no cover
