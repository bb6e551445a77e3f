"""The attempt protocol: a write is noted, sent, looked for and noted again.

Nothing is ever sent a second time before a look has said, after the time in which the
first could still land, that it did not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import sqlalchemy as sa

from bridge import boundaries, writes
from bridge.keys import Keys
from bridge.store import accounts, attempts, books, operations
from bridge.store.attempts import Attempt, State
from bridge.work import Work
from bridge.writes import NO, YES, Finding, Granting, Write
from provisioning.backends.base import Observed
from provisioning.core import safety
from provisioning.core.outcomes import Broken, Later, Outcome, Refused
from provisioning.core.plan import Fate
from provisioning.core.safety import Verdict
from provisioning.core.sentences import say

LIES = 3
"""How often in a row a backend may say yes and not do it."""

SOONEST = timedelta(milliseconds=100)
"""Between two looks at the same attempt."""


class Waiting(Exception):
    """Nothing more can be done before *due*; what is noted stands."""

    def __init__(self, due: datetime) -> None:
        super().__init__(due)
        self.due = due


def intend(tx: sa.Connection, work: Work, step: Write, at: datetime) -> Attempt:
    """Put on record what is about to be sent, with its amount frozen."""
    limits, seen = work.backend.describe(), work.seen
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
        amount=claim.money.amount if claim else None,
        balance=seen.balance if seen else None,
        channels=_cap_in_force(tx, work, seen) if seen else None,
    )
    return replace(attempt, id=attempts.begin(tx, attempt))


def trusts(work: Work) -> bool:
    """Before a sum: whether the balance is no older than the last one proven.

    Read from a replica that lags, it would take the last sum for the next. A lag does
    not outlast the window; what is missing after that stops money until a person looks.
    """
    account, seen, limits = work.account, work.seen, work.backend.describe()
    with work.database.read() as tx:
        last = attempts.last_balance(tx, account.id, account.trusted_from)
        if last is None or seen is None:
            return True
        cap = _cap_in_force(tx, work, seen)
    balance, when = last
    most = limits.burn.most(cap, work.seen_by - when)
    if seen.balance >= balance - most:
        return True
    fell = f"the balance was {balance} and is {seen.balance}, less than usage explains"
    if work.seen_at < when + timedelta(seconds=limits.settle):
        raise Later(f"{fell}: it is read again before more is sent.")
    with work.change() as (tx, _):
        work.account = accounts.save(tx, account, replace(account, money_stopped=fell))
    return False


def act(work: Work, step: Write, attempt: Attempt, keys: Keys) -> None:
    """Send it, look, and note what came of it. Raises where the run cannot go on."""
    answer = _send(work, step, attempt, keys)
    boundaries.passed("after send")
    match answer:
        case None:
            _answered(work, replace(attempt, said=YES))
        case Refused():
            _refused(work, replace(attempt, said=NO), answer)
        case Later():
            _end(work, attempt, State.LATER, str(answer))
            raise answer
        case _:
            _unsure(work, attempt, str(answer))


def settle(work: Work, attempt: Attempt) -> bool:
    """Find out what became of an attempt whose end is not noted. False: too early."""
    try:
        finding = _look(work, attempt)
    except Broken as gone:
        if work.seen_at < attempt.settled_from:
            return False
        if attempt.claim:
            hand_over(work, attempt, str(gone))
        else:
            _end(work, attempt, State.ABSENT, str(gone))
        raise
    match safety.conclude(finding.verdict, work.seen_at, attempt.settled_from):
        case Verdict.ARRIVED:
            _arrived(work, attempt, finding)
        case Verdict.ABSENT if attempt.claim and attempt.said == NO:
            _put_aside(work, attempt)
        case Verdict.ABSENT:
            _end(work, attempt, State.ABSENT, finding.evidence)
            _watch_for_lies(work)
        case Verdict.CANNOT_TELL:
            hand_over(work, attempt, finding.evidence)
        case None:
            return False
    return True


def hand_over(work: Work, attempt: Attempt, evidence: str) -> None:
    """Only a person can tell. Money waits for the word; levels go on."""
    _end(work, attempt, State.PERSON, evidence)
    work.person = attempt


def overtake(work: Work, attempt: Attempt) -> None:
    """Abuse goes first: what is under way is left to itself, or to a person."""
    if attempt.claim:
        hand_over(work, attempt, "an abuse hold went first")
    else:
        _end(work, attempt, State.OVERTAKEN, "an abuse hold went first")


def say_unsure(tx: sa.Connection, work: Work, attempt: Attempt, at: datetime) -> None:
    """Of every event that waits for this attempt's end."""
    why = say("unsure", verb=attempt.verb, until=attempt.settled_from.isoformat())
    operations.turn(tx, work.lane.key, Fate.UNSURE, at, why=why)


def next_look(attempt: Attempt, at: datetime) -> datetime:
    """Half-way to the end of the window, and then at its end."""
    left = attempt.settled_from - at
    return at + max(left / 2 if left > 4 * SOONEST else left, SOONEST)


def _cap_in_force(tx: sa.Connection, work: Work, seen: Observed) -> int:
    """The highest under which a call may have begun that still runs."""
    since = work.seen_at - work.backend.describe().burn.longest_call
    return safety.highest(*attempts.caps(tx, work.account.id, since), seen.channels)


def _look(work: Work, attempt: Attempt) -> Finding:
    work.look(attempt.claim)
    burn = work.backend.describe().burn
    return writes.find(attempt, work.seen, burn, work.seen_by, listed=work.listed)


def _send(work: Work, step: Write, attempt: Attempt, keys: Keys) -> Outcome | None:
    """None: it answered yes."""
    password = keys.unseal(work.sealed, work.account.id)
    try:
        work.may_send(attempt)
        boundaries.passed("before send")
        step.send(work.backend, work.account, password)
    except Outcome as answer:
        return answer
    return None


def _answered(work: Work, attempt: Attempt) -> None:
    try:
        finding = _look(work, attempt)
    except (Later, Broken) as blind:
        _unsure(work, attempt, f"it answered yes; then: {blind}")
    if finding.verdict is not Verdict.ARRIVED:
        _unsure(work, attempt, f"it answered yes, but: {finding.evidence}")
    _arrived(work, attempt, finding)


def _refused(work: Work, attempt: Attempt, no: Refused) -> None:
    """A no is looked for all the same: MagnusBilling refused a top-up and paid it.

    A sum is put aside only after its window: what was refused may still land in it.
    """
    try:
        finding = _look(work, attempt)
    except (Later, Broken) as blind:
        _unsure(work, attempt, f"it answered no ({no}); then: {blind}")
    if finding.verdict is Verdict.ARRIVED and attempt.verb != "adopt":
        _arrived(work, attempt, finding)
    elif attempt.claim:
        _unsure(work, attempt, str(no))
    else:
        _end(work, attempt, State.REFUSED, str(no))
        if attempt.verb != "change":
            raise no
        work.refused = no


def _put_aside(work: Work, attempt: Attempt) -> None:
    """Refused, and it did not arrive: this sum waits for a person, others go on."""
    no = attempt.evidence or "it said no"
    with work.change() as (tx, at):
        claim = books.one(tx, str(attempt.claim))
        attempts.end(tx, attempt.id, State.REFUSED, no, at)
        books.mark(tx, claim.key, "parked")
        why = say("sum_refused", reason=no)
        operations.turn(
            tx, work.lane.key, Fate.REFUSED, at, why=why, only=[claim.event]
        )
    work.done_with(claim.key)
    boundaries.passed("outcome noted")


def _arrived(work: Work, attempt: Attempt, finding: Finding) -> None:
    """One commit: the attempt's end, the books, and what we now know of the account."""
    old, seen = work.account, work.seen
    new = replace(
        old,
        remote=seen.ref if seen else old.remote,
        money_stopped=old.money_stopped or finding.diverged,
    )
    with work.change() as (tx, at):
        work.account = accounts.save(tx, old, new)
        after = seen.balance if seen else None
        attempts.end(tx, attempt.id, State.DONE, finding.evidence, at, after=after)
        if attempt.claim:
            proof = f"attempt {attempt.id}"
            arrived = books.one(tx, attempt.claim)
            books.settle(tx, old.id, arrived, proof, at)
    work.done_with(attempt.claim)
    boundaries.passed("outcome noted")


def _unsure(work: Work, attempt: Attempt, evidence: str) -> NoReturn:
    """It may have happened: note so. The lane's next run looks before all else."""
    with work.change() as (tx, at):
        attempts.end(tx, attempt.id, State.UNSURE, evidence, at, said=attempt.said)
        say_unsure(tx, work, attempt, at)
    boundaries.passed("outcome noted")
    raise Waiting(next_look(attempt, at))


def _end(work: Work, attempt: Attempt, state: State, evidence: str) -> None:
    with work.change() as (tx, at):
        attempts.end(tx, attempt.id, state, evidence, at)
    boundaries.passed("outcome noted")


def _watch_for_lies(work: Work) -> None:
    with work.database.read() as tx:
        latest = attempts.of_account(tx, work.account.id)[-LIES:]
    lied = [a for a in latest if a.said == YES and a.state is State.ABSENT]
    if len(lied) == LIES:
        raise Broken(
            f"{LIES} times it answered yes to {lied[-1].verb} and did not do it"
        )
