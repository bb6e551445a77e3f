"""One backend: time passes, what is due lands, requests are answered and noted."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from http import HTTPStatus
from threading import Condition

from provisioning.simulator.admin import signed_in
from provisioning.simulator.faults import FAITHFUL, FAULTS, Effect, Fault
from provisioning.simulator.journal import EXCERPT, Entry, Journal
from provisioning.simulator.methods import (
    ALL,
    FOR_ALL,
    PAYMENTS,
    PUBLIC,
    READS,
    USERS,
    Asked,
)
from provisioning.simulator.model import Model
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import Call, Campaign, Payment, User
from provisioning.simulator.schedule import Planted, Schedule
from provisioning.simulator.settings import Settings
from provisioning.simulator.traffic import advance, start
from provisioning.simulator.wire import CLOSED, Reply, Request, error, refusal, success


@dataclass(order=True, slots=True)
class _Job:
    """What was asked, on its way into the store: due at once, or late."""

    due: float
    n: int
    method: str = field(compare=False)
    arguments: Mapping[str, str] = field(compare=False)
    fault: Fault = field(compare=False)
    reply: Reply = field(compare=False, default=CLOSED)


class Simulator:
    """Safe to use from any thread; a held reply holds up no other."""

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings or Settings()
        more = {PAYMENTS: self._settings.payments_listed,
                USERS: self._settings.users_listed}  # fmt: skip
        listed = {name for name, shown in more.items() if shown}
        self._methods = {n: ALL[n] for n in ALL if n in PUBLIC or n in listed}
        self._model = Model({plan.id: plan for plan in self._settings.plans})
        self._journal = Journal(self._settings.names.password)
        self._schedule = Schedule()
        self._jobs: list[_Job] = []
        self._lag, self._lagging = 0.0, self._model
        self._clock = clock
        self._ahead = 0.0
        self._began = datetime.now(UTC) - timedelta(seconds=clock())
        self._changed = Condition()
        self._closed = False

    def snapshot(self) -> Model:
        with self._changed:
            self._settle()
            return self._model.copy()

    @property
    def users(self) -> dict[int, User]:
        return self.snapshot().users

    @property
    def payments(self) -> list[Payment]:
        return self.snapshot().payments

    @property
    def campaigns(self) -> dict[int, Campaign]:
        return self.snapshot().campaigns

    @property
    def calls(self) -> list[Call]:
        """Calls that ended, in the order they did."""
        return self.snapshot().calls

    @property
    def journal(self) -> tuple[Entry, ...]:
        with self._changed:
            self._settle()
            return self._journal.entries()

    def plant(
        self,
        fault: str,
        method: str,
        *,
        nth: int = 1,
        times: int = 1,
        seconds: float = 0.0,
        odds: float = 1.0,
        seed: int = 0,
    ) -> None:
        planted = Planted(fault, method, nth, times, seconds, odds, seed)
        with self._changed:
            self._schedule.plant(planted)

    def calm(self) -> None:
        """No more faults; what is on its way still lands."""
        with self._changed:
            self._schedule.clear()

    def start_traffic(
        self,
        user_id: int,
        *,
        campaigns: int = 1,
        concurrent: int = 1,
        call_seconds: float = 60.0,
    ) -> list[int]:
        """Create and start campaigns of the user; their ids."""
        with self._changed:
            at = self._settle()
            user = self._model.user(str(user_id))
            wanted = {"concurrent": concurrent, "call_seconds": call_seconds}
            ids = []
            for _ in range(campaigns):
                campaign = self._model.add_campaign(user, **wanted)
                start(self._model, campaign, at)
                ids.append(campaign.id)
            return ids

    def keep(
        self, user_id: int, *, contacts: Iterable[str], recordings: Iterable[str]
    ) -> None:
        """Let the user have these: phones to call, titles to play."""
        with self._changed:
            self._settle()
            user = self._model.user(str(user_id))
            for phone in contacts:
                self._model.add_contact(user, phone)
            for title in recordings:
                self._model.add_recording(user, title)

    def advance(self, seconds: float) -> float:
        """Move the clock on; the moment it shows now."""
        if not 0 <= seconds < float("inf"):
            raise ValueError("the clock only goes forward")
        with self._changed:
            self._ahead += seconds
            self._changed.notify_all()
            return self._settle()

    def close(self) -> None:
        """Let go of every held reply, unanswered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def answer(self, method: str, request: Request) -> Reply:
        with self._changed:
            at = self._settle()
            n = self._journal.add(at, method, request.arguments)
            reply = self._barred(method, request)
            reply = reply or self._served(n, at, method, request)
            self._journal.note(n, answer=reply.body[:EXCERPT] or reply.ending.value)
            return reply

    def _barred(self, method: str, request: Request) -> Reply | None:
        known = self._settings.admin.knows(request) or self._reaches(method, request)
        if not known:
            return error(HTTPStatus.UNAUTHORIZED)
        if method not in self._methods:
            return error(HTTPStatus.METHOD_NOT_ALLOWED)
        return None

    def _reaches(self, method: str, request: Request) -> bool:
        """A user who is on, and what every user can reach."""
        users = self._model.users.values()
        active = {(user.username, user.password) for user in users if user.active}
        return method in FOR_ALL and not active.isdisjoint(signed_in(request))

    def _served(self, n: int, at: float, method: str, request: Request) -> Reply:
        planted = self._schedule.due(method)
        fault = FAULTS[planted.fault] if planted else FAITHFUL
        seconds = planted.seconds if planted and fault.held else 0.0
        job = _Job(at + seconds, n, method, request.arguments, fault)
        self._journal.note(n, fault=planted and planted.fault)
        if planted and fault.stale:
            self._lag, self._lagging = at + planted.seconds, self._model.copy()
        if fault.effect is not Effect.NONE:
            heappush(self._jobs, job)
        elif fault.reply is None:
            self._run(job, self._model.copy())
        self._hold(job.due)
        self._settle()
        return fault.reply or job.reply

    def _hold(self, due: float) -> None:
        while (left := due - self._now()) > 0 and not self._closed:
            self._changed.wait(left)

    def _now(self) -> float:
        return self._clock() + self._ahead

    def _settle(self) -> float:
        """Let all that is due by now happen, in the order it was due."""
        now = self._now()
        while self._jobs and self._jobs[0].due <= now:
            job = heappop(self._jobs)
            advance(self._model, job.due)
            if self._run(job, self._model):
                self._journal.note(job.n, effect=job.fault.effect)
        advance(self._model, now)
        return now

    def _run(self, job: _Job, model: Model) -> bool:
        """Whether it landed, at least once."""
        if job.method in READS and job.due < self._lag:
            model = self._lagging
        names, codec = self._settings.names, self._settings.codec
        fault = job.fault
        asked = Asked(
            model, names, job.due, job.arguments, codec, self._began, fault.forgets
        )
        landed = [self._tried(job, asked) for _ in range(job.fault.times)]
        if any(landed) and job.fault.bends:
            job.fault.bends(model, job.arguments.get("user_id", ""))
        job.reply = job.fault.dress(job.reply)
        return any(landed)

    def _tried(self, job: _Job, asked: Asked) -> bool:
        try:
            job.reply = success(self._methods[job.method](asked))
        except Refusal as no:
            job.reply = refusal(str(no))
            return False
        return True
