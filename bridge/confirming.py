"""A plan that a person saw is applied as it was seen, or not at all.

Whoever confirms a plan wakes the lane for it and for nothing else. That run plans anew:
if all it would do is a part of what was seen, it is done; if not, nothing is. A run
that has other reasons too (an event, a due date) does what it would have done anyway.
"""

from __future__ import annotations

from datetime import datetime

from bridge.store import confirmations, lanes
from bridge.store.confirmations import Confirmation, State
from bridge.store.drafts import Draft
from bridge.store.switchoffs import Stopped
from bridge.work import Work
from provisioning.core.outcomes import Refused
from provisioning.core.plan import Plan, sum_step
from provisioning.core.sentences import Sentence, say


def take_up(job: Work) -> None:
    """The plan this run is for. One of an account that moved since is over."""
    with job.desk.database.read() as tx:
        wanted = confirmations.numbered(tx, int(job.lane.confirmed or 0))
    if wanted and wanted.state is State.OPEN:
        job.wanted = wanted
        job.stale = wanted.revision != job.account.revision


def agreed(job: Work) -> Plan | None:
    """What may be done. None: nothing, and the lane is given back.

    A change somebody agreed to is heard here, and only where it does what was shown:
    else it waits on as it did.
    """
    wanted, told = job.wanted, job.events
    if wanted:
        job.agree()
    todo = job.plan()
    if wanted is None:
        return todo
    same = not job.stale and wanted.catalog == todo.catalog
    if same and wanted.covers(todo.steps):
        return todo
    job.events = told
    return job.plan() if _goes_on(job, wanted, todo) else None


def _goes_on(job: Work, wanted: Confirmation, todo: Plan) -> bool:
    """Whether there is more to this run than what was confirmed, which is over."""
    on_its_own = bool(job.events) or not job.lane.alone
    job.wanted = None
    with job.note() as (draft, at):
        others = wanted.catalog != todo.catalog
        why = say("other_terms") if others else say("plan_changed")
        confirmations.end(draft, job.lane, State.CHANGED, at, why)
        if not on_its_own:
            lane = job.lane
            lanes.release(
                draft, lane, due=job.next_look(at), tries=lane.tries,
                failing_since=lane.failing_since,
            )  # fmt: skip
    if not on_its_own:
        job.commit()
    return on_its_own


def conclude(draft: Draft, job: Work, todo: Plan, at: datetime) -> None:
    """All is as it should be, or as near as it comes."""
    wanted, job.wanted = job.wanted, None
    if wanted is None:
        return
    why = _refused(job.refused)
    if any(sum_step(claim) in wanted.steps for claim in job.ledger.open):
        why = why or todo.held
    if any(claim in wanted.steps for claim in job.put_aside):
        why = why or say("plan_sum_refused")
    state = State.REFUSED if why else State.APPLIED
    confirmations.end(draft, job.lane, state, at, why)


def refuse(draft: Draft, job: Work, why: Sentence, at: datetime) -> None:
    """Nothing is done on this account for now, whoever wants it."""
    wanted, job.wanted = job.wanted, None
    if wanted:
        confirmations.end(draft, job.lane, State.REFUSED, at, why)


def _refused(no: Refused | None) -> Sentence | None:
    if isinstance(no, Stopped):
        return no.why
    return say("refused", reason=no) if no else None
