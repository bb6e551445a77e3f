"""A run that did all it could: what became of each event, and the lane given back."""

from __future__ import annotations

from datetime import datetime

from bridge import confirming
from bridge.dates import Dates
from bridge.logins import Logins
from bridge.store import dialling, lanes
from bridge.store.drafts import Draft
from bridge.store.operations import Started
from bridge.store.switchoffs import Stopped
from bridge.taking_in import take_in
from bridge.work import Work
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from provisioning.core.plan import Plan
from provisioning.core.sentences import Sentence, say

PAYMENTS = (Type.TOPUP, Type.RENEWED, Type.REVERSED)

ORDERS = (Type.ACTIVATE,)
"""What a login mail comes of."""

UNTOUCHED = ("held_opening", "held_observed")
"""Where nothing at all is done: words wait as money does."""


def finish(job: Work, todo: Plan, logins: Logins, dates: Dates) -> None:
    """All is as it should be, or waits for what it says."""
    with job.change() as (draft, at):
        take_in(job, draft, todo, at)
        order = next((e.id for e in job.started.values() if e.type in ORDERS), None)
        if todo.held and todo.held.code in UNTOUCHED:
            job.turn(draft, Fate.PARKED, at, why=todo.held)
            confirming.refuse(draft, job, todo.held, at)
        else:
            confirming.conclude(draft, job, todo, at)
            _say(draft, job, todo, at)
            _remember(draft, job, at)
            if _is_ready(job):
                job.account = logins.first(draft, job.account, at, order)
            dates.note(draft, job.account, job.catalog, at)
        refused = job.refused and not isinstance(job.refused, Stopped)
        due = job.again(at) if refused else job.next_look(at)
        lanes.release(draft, job.lane, due=due)


def _say(draft: Draft, job: Work, todo: Plan, at: datetime) -> None:
    """Done, but for what is refused and what is held."""
    held = {claim.event for claim in job.ledger.open} | todo.waits
    left = held | {claim.event for claim in job.ledger.aside}

    def is_refused(event: Started) -> bool:
        return job.refused is not None and event.type not in PAYMENTS

    if job.refused:
        job.turn(draft, Fate.PARKED, at, why=_refusal(job), those=is_refused)
    job.turn(
        draft, Fate.DONE, at, why=_dials(job),
        those=lambda e: e.event not in left and not is_refused(e),
    )  # fmt: skip
    if held:
        why = todo.held or say("held_currency", ours=job.account.currency)
        job.turn(draft, Fate.PARKED, at, why=why, those=lambda e: e.event in held)


def _remember(draft: Draft, job: Work, at: datetime) -> None:
    """What outlasts the run: that it was kept on, and that it is silent again."""
    stopped = isinstance(job.refused, Stopped)
    job.lane.stopped = (job.lane.stopped or at) if stopped else None
    if job.dials is None and (job.limits.campaigns or job.is_off):
        dialling.forget(draft, job.account.id)


def _refusal(job: Work) -> Sentence:
    if isinstance(job.refused, Stopped):
        return job.refused.why
    return say("refused", reason=job.refused)


def _dials(job: Work) -> Sentence | None:
    if job.dials is None or job.silence_again is None:
        return None
    which = job.dials.campaigns or "nobody can see which"
    return say("still_dials", which=which, next=job.silence_again.isoformat())


def _is_ready(job: Work) -> bool:
    """Read back live, with nothing left to set right: its owner can log in."""
    live = job.account.remote and job.state and job.state.on
    return bool(live) and not job.refused
