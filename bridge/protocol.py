"""The attempt protocol: a write is noted, sent, looked for and noted again.

Nothing is ever sent a second time before a look has said, after the time in which the
first could still land, that it did not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge import boundaries, noting, writes
from bridge.keys import Keys
from bridge.seeing import look
from bridge.store import attempts, switchoffs
from bridge.store.attempts import Attempt, State
from bridge.store.drafts import Draft
from bridge.store.switchoffs import Off
from bridge.work import Work
from bridge.writes import NO, YES, Changing, Finding, Granting, Write
from provisioning import leaving
from provisioning.core import safety
from provisioning.core.events import Hold
from provisioning.core.outcomes import Broken, Later, Outcome, Refused
from provisioning.core.safety import Verdict

LIES = 3
"""How often in a row a backend may say yes and not do it."""


def intend(draft: Draft, work: Work, step: Write, at: datetime) -> Attempt:
    """Put on record what is about to be sent, with its amount frozen."""
    limits, seen = work.limits, work.seen
    call = timedelta(seconds=limits.call_deadline)
    claim = step.claim if isinstance(step, Granting) else None
    attempt = Attempt(
        account=work.account.id,
        token=work.lane.token,
        verb=step.verb,
        step=step.step,
        seen_at=work.seen_at,
        send_before=at + call,
        # A call that starts at the last moment may leave a whole call later.
        settled_from=at + call + call + timedelta(seconds=limits.settle),
        claim=claim.key if claim else None,
        amount=claim.sent if claim else None,
        balance=seen.balance if seen else None,
        channels=work.cap_in_force(seen) if seen else None,
    )
    attempts.begin(draft, attempt)
    if isinstance(step, Changing) and step.change.on is not None:
        _count(draft, work, on=step.change.on, at=at)
    return attempt


def _count(draft: Draft, work: Work, *, on: bool, at: datetime) -> None:
    """How many accounts go off is guarded, whoever said so; but abuse goes first."""
    account, caps = work.account, work.gate.caps
    if on:
        switchoffs.note_back(draft, account.id, at)
        return
    draft.off = Off(
        account=account.id,
        backend=account.backend,
        at=at,
        share=caps.off_share,
        least=caps.off_least,
        passes=any(Hold.ABUSE in s.holds for s in account.services),
    )


def send(work: Work, step: Write, attempt: Attempt, keys: Keys) -> Outcome | None:
    """Send it. What came of it, None for a yes: nothing is noted yet."""
    password = keys.unseal(work.sealed, work.account.id)
    try:
        until = work.may_send(attempt)
    except Later as late:
        return late  # ours alone: the backend was not even asked
    try:
        with work.gate.hearing():
            boundaries.passed("before send")
            with leaving.by(until):
                step.send(work.backend, work.account, password)
    except Outcome as answer:
        return answer
    return None


def conclude(work: Work, attempt: Attempt, answer: Outcome | None) -> None:
    """Look, and note what came of it. Raises where the run cannot go on.

    What has arrived is noted, and on disk with whatever is written next.
    """
    boundaries.passed("after send")
    match answer:
        case None:
            _answered(work, replace(attempt, said=YES))
        case Refused():
            _refused(work, replace(attempt, said=NO), answer)
        case Later():
            noting.end(work, attempt, State.LATER, str(answer))
            raise answer
        case _:
            noting.unsure(work, attempt, str(answer))


def _answered(work: Work, attempt: Attempt) -> None:
    try:
        finding = _found(work, attempt)
    except (Later, Broken) as blind:
        noting.unsure(work, attempt, f"it answered yes; then: {blind}")
    if finding.verdict is not Verdict.ARRIVED:
        noting.unsure(work, attempt, f"it answered yes, but: {finding.evidence}")
    noting.arrived(work, attempt, finding)


def _refused(work: Work, attempt: Attempt, no: Refused) -> None:
    """A no is looked for all the same: MagnusBilling refused a top-up and paid it.

    A sum is put aside only after its window: what was refused may still land in it.
    """
    try:
        finding = _found(work, attempt)
    except (Later, Broken) as blind:
        noting.unsure(work, attempt, f"it answered no ({no}); then: {blind}")
    if finding.verdict is Verdict.ARRIVED and attempt.verb != "adopt":
        noting.arrived(work, attempt, finding)
    elif attempt.claim:
        noting.unsure(work, attempt, str(no))
    else:
        noting.end(work, attempt, State.REFUSED, str(no))
        if attempt.verb == "tell":
            noting.not_told(work, attempt.step["what"], no)
            return
        if attempt.verb != "change":
            raise no
        work.refused = no


def settle(work: Work, attempt: Attempt) -> bool:
    """Find out what became of an attempt whose end is not noted. False: too early."""
    try:
        finding = _found(work, attempt)
    except Broken as gone:
        if work.seen_at < attempt.settled_from:
            return False
        if attempt.claim:
            noting.hand_over(work, attempt, str(gone))
        else:
            noting.end(work, attempt, State.ABSENT, str(gone))
        raise
    if _proves_nothing(work, attempt):
        noting.hand_over(work, attempt, f"restored from a backup; {finding.evidence}")
        return True
    match safety.conclude(finding.verdict, work.seen_at, attempt.settled_from):
        case Verdict.ARRIVED:
            noting.arrived(work, attempt, finding)
        case Verdict.ABSENT if attempt.claim and attempt.said == NO:
            noting.put_aside(work, attempt)
        case Verdict.ABSENT:
            noting.end(work, attempt, State.ABSENT, finding.evidence)
            _watch_for_lies(work)
        case Verdict.CANNOT_TELL:
            noting.hand_over(work, attempt, finding.evidence)
        case None:
            return False
    return True


def _found(work: Work, attempt: Attempt) -> Finding:
    look(work, attempt.claim)
    burn = work.limits.burn
    return writes.find(attempt, work.seen, burn, work.seen_by, listed=work.listed)


def _proves_nothing(work: Work, attempt: Attempt) -> bool:
    """Other sums came and went after the backup: the balance says nothing of this."""
    restored = attempt.claim and noting.is_before_the_restore(work, attempt)
    return bool(restored) and work.listed is None


def _watch_for_lies(work: Work) -> None:
    with work.desk.database.read() as tx:
        latest = attempts.of_account(tx, work.account.id)[-LIES:]
    lied = [a for a in latest if a.said == YES and a.state is State.ABSENT]
    if len(lied) == LIES:
        raise Broken(
            f"{LIES} times it answered yes to {lied[-1].verb} and did not do it"
        )
