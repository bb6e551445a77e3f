"""The attempt protocol: a write is noted, sent, looked for and noted again.

Nothing is ever sent a second time before a look has said, after the time in which the
first could still land, that it did not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from bridge import boundaries, writes
from bridge.keys import Keys
from bridge.store import (
    accounts,
    attempts,
    books,
    facts,
    operations,
    switchoffs,
    whereabouts,
)
from bridge.store.attempts import Attempt, State
from bridge.store.drafts import Draft
from bridge.store.switchoffs import Off
from bridge.work import Waiting, Work
from bridge.writes import NO, YES, Changing, Finding, Granting, Write
from provisioning import leaving
from provisioning.backends.base import Observed
from provisioning.core import offsets, safety
from provisioning.core.account import EMAIL, PASSWORD
from provisioning.core.credit import Claim
from provisioning.core.events import Hold, Type
from provisioning.core.heard import Fate
from provisioning.core.offsets import Offsets
from provisioning.core.outcomes import Broken, Later, Outcome, Refused
from provisioning.core.plan import Plan, sum_step
from provisioning.core.safety import Verdict
from provisioning.core.sentences import say

FOUND = "listed at the backend, found after the restore"
"""Why a sum is booked that this database never sent."""

SAYS: Mapping[str, str] = {Type.UPDATED: EMAIL, Type.CREDENTIALS: PASSWORD}
"""Which detail each type tells."""

LIES = 3
"""How often in a row a backend may say yes and not do it."""

SOONEST = timedelta(milliseconds=100)
"""Between two looks at the same attempt."""


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
        channels=_cap_in_force(work, seen) if seen else None,
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


def trusts(work: Work) -> bool:
    """Before a sum: whether the balance is no older than the last one proven.

    Read from a replica that lags, it would take the last sum for the next. A lag does
    not outlast the window; what is missing after that stops money until a person looks.
    """
    account, seen, limits = work.account, work.seen, work.limits
    last = work.last_balance()
    if last is None or seen is None:
        return True
    balance, when = last
    most = limits.burn.most(_cap_in_force(work, seen), work.seen_by - when)
    if seen.balance >= balance - most:
        return True
    fell = f"the balance was {balance} and is {seen.balance}, less than usage explains"
    if work.seen_at < when + timedelta(seconds=limits.settle):
        raise Later(f"{fell}: it is read again before more is sent.")
    with work.change() as (draft, _):
        stopped = replace(account, money_stopped=fell)
        work.account = accounts.save(draft, account, stopped)
    return False


def found(work: Work, todo: Plan, sum_: Claim) -> bool:
    """Before a sum of a restored account: whether it was sent after the backup.

    Then it is among the payments, and booked. Waiting, while what was sent right before
    the restore may still land and be listed. Where the list cannot be trusted, money
    stops until a person has looked. True: something changed, plan again.
    """
    if work.account.restored_at is None:
        return False
    work.look(sum_.key)
    if not work.listed:
        _wait_till_it_landed(work)
        return _list_is_cut(work) or _is_paid_back(work, todo, sum_)
    with work.change() as (draft, at):
        work.take_in(draft, todo, at)
        books.settle(draft, work.account.id, sum_, FOUND, at, work.head)
    work.done_with(sum_.key, sum_.sent)
    return True


def _is_paid_back(work: Work, todo: Plan, sum_: Claim) -> bool:
    """Not sent before the restore, for certain now: what is paid back is not sent."""
    known = work.ledger.open + todo.bookings
    unsent = Offsets(
        tuple(
            each
            for each in offsets.voids(known, work.live.claims)
            if each.sum.key == sum_.key
        )
    )
    if not unsent:
        return False
    with work.change() as (draft, at):
        work.take_in(draft, replace(todo, offsets=unsent), at)
    return True


def _wait_till_it_landed(work: Work) -> None:
    """What left right before the restore may be listed only then."""
    with work.desk.database.read() as tx:
        restored = facts.restored(tx)
    limits = work.limits
    lands = timedelta(seconds=2 * limits.call_deadline + limits.settle)
    if restored and work.seen_at < restored.at + lands:
        raise Waiting(restored.at + lands)


def _list_is_cut(work: Work) -> bool:
    """Whether the list lacks what certainly arrived: then it proves nothing absent.

    Its references may be shortened, or only some pages of it be shown.
    """
    with work.desk.database.read() as tx:
        last = attempts.last_sum(tx, work.account.id)
    if last is None:
        return False
    work.look(last)
    if work.listed:
        return False
    why = f"the backend does not list {last}, which arrived: what else it lacks may too"
    with work.change() as (draft, _):
        stopped = replace(work.account, money_stopped=why)
        work.account = accounts.save(draft, work.account, stopped)
    return True


def send(work: Work, step: Write, attempt: Attempt, keys: Keys) -> Outcome | None:
    """Send it. What came of it, None for a yes: nothing is noted yet."""
    password = keys.unseal(work.sealed, work.account.id)
    try:
        until = work.may_send(attempt)
    except Later as late:
        return late  # ours alone: the backend was not even asked
    try:
        boundaries.passed("before send")
        with leaving.by(until):
            step.send(work.backend, work.account, password)
    except Outcome as answer:
        work.gate.heard(answer)
        return answer
    work.gate.heard(None)
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
    if attempt.claim and _before_the_restore(work, attempt) and work.listed is None:
        # Other sums came and went after the backup: the balance says nothing of this.
        hand_over(work, attempt, f"restored from a backup; {finding.evidence}")
        return True
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


def _before_the_restore(work: Work, attempt: Attempt) -> bool:
    """By the last restore, of which the account's own mark tells the first."""
    if work.account.restored_at is None:
        return False
    with work.desk.database.read() as tx:
        restored = facts.restored(tx)
    since = restored.backup if restored else work.account.restored_at
    return attempt.seen_at <= since


def hand_over(work: Work, attempt: Attempt, evidence: str) -> None:
    """Only a person can tell. Money waits for the word; levels go on."""
    _end(work, attempt, State.PERSON, evidence)
    work.live = replace(work.live, person=attempt)


def overtake(work: Work, attempt: Attempt) -> None:
    """Abuse goes first: what is under way is left to itself, or to a person."""
    if attempt.claim:
        hand_over(work, attempt, "an abuse hold went first")
    else:
        _end(work, attempt, State.OVERTAKEN, "an abuse hold went first")
        overtaken = (*work.live.overtaken, attempt)
        work.live = replace(work.live, overtaken=overtaken)


def say_unsure(draft: Draft, work: Work, attempt: Attempt, at: datetime) -> None:
    """Of every event that waits for this attempt's end."""
    why = say("unsure", verb=attempt.verb, until=attempt.settled_from.isoformat())
    work.turn(draft, Fate.UNSURE, at, why=why)


def next_look(attempt: Attempt, at: datetime) -> datetime:
    """Half-way to the end of the window, and then at its end."""
    left = attempt.settled_from - at
    return at + max(left / 2 if left > 4 * SOONEST else left, SOONEST)


def _cap_in_force(work: Work, seen: Observed) -> int:
    """The highest under which a call may have begun that still runs."""
    since = work.seen_at - work.limits.burn.longest_call
    return safety.highest(*work.caps(since), seen.channels)


def _look(work: Work, attempt: Attempt) -> Finding:
    work.look(attempt.claim)
    burn = work.limits.burn
    return writes.find(attempt, work.seen, burn, work.seen_by, listed=work.listed)


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
        if attempt.verb == "tell":
            _not_told(work, attempt.step["what"], no)
            return
        if attempt.verb != "change":
            raise no
        work.refused = no


def _put_aside(work: Work, attempt: Attempt) -> None:
    """Refused, and it did not arrive: this sum waits for a person, others go on."""
    no = attempt.evidence or "it said no"
    claim = _claim_of(work, attempt)
    with work.change() as (draft, at):
        attempts.end(draft, attempt.id, State.REFUSED, no, at)
        books.mark(draft, claim.key, "parked")
        why = say("sum_refused", reason=no)
        work.turn(
            draft, Fate.REFUSED, at, why=why, those=lambda e: e.event == claim.event
        )
        work.ended(None, at)
    work.done_with(claim.key)
    work.lay_aside(claim)
    work.put_aside += (sum_step(claim),)
    boundaries.passed("outcome noted")


def _arrived(work: Work, attempt: Attempt, finding: Finding) -> None:
    """The attempt's end, the books, and what we now know of the account."""
    old, seen = work.account, work.seen
    # What moved the balance after the backup is no alarm: nobody here knows what did.
    diverged = None if _before_the_restore(work, attempt) else finding.diverged
    new = replace(
        old,
        remote=seen.ref if seen else old.remote,
        money_stopped=old.money_stopped or diverged,
        tell=old.tell - _told_by(attempt),
    )
    after = seen.balance if seen else None
    with work.note() as (draft, at):
        if attempt.verb == "purge":
            new = replace(new, purged_at=at, purge_waits=None)
        work.account = accounts.save(draft, old, new)
        attempts.end(
            draft, attempt.id, State.DONE, finding.evidence, at,
            said=attempt.said, after=after,
        )  # fmt: skip
        if attempt.claim:
            proof = f"attempt {attempt.id}"
            claim = _claim_of(work, attempt)
            books.settle(draft, old.id, claim, proof, at, work.head)
        work.ended(after, at)
    work.proven = True
    work.arrived(attempt)


def _claim_of(work: Work, attempt: Attempt) -> Claim:
    known = next((c for c in work.ledger.open if c.key == attempt.claim), None)
    if known is None:
        with work.desk.database.read() as tx:
            return books.one(tx, str(attempt.claim))
    return known


def _unsure(work: Work, attempt: Attempt, evidence: str) -> NoReturn:
    """It may have happened: note so. The lane's next run looks before all else."""
    with work.change() as (draft, at):
        attempts.end(draft, attempt.id, State.UNSURE, evidence, at, said=attempt.said)
        say_unsure(draft, work, attempt, at)
    boundaries.passed("outcome noted")
    raise Waiting(next_look(attempt, at))


def _told_by(attempt: Attempt) -> frozenset[str]:
    return frozenset({attempt.step["what"]} if attempt.verb == "tell" else ())


def _not_told(work: Work, what: str, no: Refused) -> None:
    """It will not have it, and is not asked again; all else goes on."""
    old = work.account
    refused = [each for each in work.started.values() if SAYS.get(each.type) == what]
    fate, why = Fate.REFUSED, say("refused", reason=no)
    if what == EMAIL and _is_beside(work):
        fate, why = Fate.DONE, say("email_beside")
    with work.change() as (draft, at):
        after = replace(old, tell=old.tell - {what})
        work.account = accounts.save(draft, old, after)
        operations.leave(draft, refused, fate, at, why)
    for each in refused:
        del work.started[each.id]


def _is_beside(work: Work) -> bool:
    """An address serves one user there; a customer may have two accounts."""
    with work.desk.database.read() as tx:
        return whereabouts.is_addressed_beside(tx, work.account)


def _end(work: Work, attempt: Attempt, state: State, evidence: str) -> None:
    with work.change() as (draft, at):
        attempts.end(draft, attempt.id, state, evidence, at)
        work.ended(None, at)
    boundaries.passed("outcome noted")


def _watch_for_lies(work: Work) -> None:
    with work.desk.database.read() as tx:
        latest = attempts.of_account(tx, work.account.id)[-LIES:]
    lied = [a for a in latest if a.said == YES and a.state is State.ABSENT]
    if len(lied) == LIES:
        raise Broken(
            f"{LIES} times it answered yes to {lied[-1].verb} and did not do it"
        )
