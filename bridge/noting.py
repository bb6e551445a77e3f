"""How an attempt ended, put on record: one function for each way there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from bridge import boundaries
from bridge.store import accounts, attempts, books, facts, fates, whereabouts
from bridge.store.attempts import Attempt, State
from bridge.store.drafts import Draft
from bridge.work import Waiting, Work
from bridge.writes import Finding
from provisioning.core.account import EMAIL, PASSWORD
from provisioning.core.credit import Claim
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from provisioning.core.outcomes import Refused
from provisioning.core.sentences import say

SAYS: Mapping[str, str] = {Type.UPDATED: EMAIL, Type.CREDENTIALS: PASSWORD}
"""Which detail each type tells."""

SOONEST = timedelta(milliseconds=100)
"""Between two looks at the same attempt."""


def end(work: Work, attempt: Attempt, state: State, evidence: str) -> None:
    with work.change() as (draft, at):
        attempts.end(draft, attempt.id, state, evidence, at)
        work.ended(None, at)
    boundaries.passed("outcome noted")


def arrived(work: Work, attempt: Attempt, finding: Finding) -> None:
    """The attempt's end, the books, and what we now know of the account."""
    old, seen = work.account, work.seen
    # What moved the balance after the backup is no alarm: nobody here knows what did.
    diverged = None if is_before_the_restore(work, attempt) else finding.diverged
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


def put_aside(work: Work, attempt: Attempt) -> None:
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
    work.lay_aside(claim)
    boundaries.passed("outcome noted")


def not_told(work: Work, what: str, no: Refused) -> None:
    """It will not have it, and is not asked again; all else goes on."""
    old = work.account
    refused = [each for each in work.started.values() if SAYS.get(each.type) == what]
    fate, why = Fate.REFUSED, say("refused", reason=no)
    if what == EMAIL and _is_beside(work):
        fate, why = Fate.DONE, say("email_beside")
    with work.change() as (draft, at):
        after = replace(old, tell=old.tell - {what})
        work.account = accounts.save(draft, old, after)
        fates.leave(draft, refused, fate, at, why)
    for each in refused:
        del work.started[each.id]


def hand_over(work: Work, attempt: Attempt, evidence: str) -> None:
    """Only a person can tell. Money waits for the word; levels go on."""
    end(work, attempt, State.PERSON, evidence)
    work.live = replace(work.live, person=attempt)


def overtake(work: Work, attempt: Attempt) -> None:
    """Abuse goes first: what is under way is left to itself, or to a person."""
    if attempt.claim:
        hand_over(work, attempt, "an abuse hold went first")
    else:
        end(work, attempt, State.OVERTAKEN, "an abuse hold went first")
        overtaken = (*work.live.overtaken, attempt)
        work.live = replace(work.live, overtaken=overtaken)


def unsure(work: Work, attempt: Attempt, evidence: str) -> NoReturn:
    """It may have happened: note so. The lane's next run looks before all else."""
    with work.change() as (draft, at):
        attempts.end(draft, attempt.id, State.UNSURE, evidence, at, said=attempt.said)
        say_unsure(draft, work, attempt, at)
    boundaries.passed("outcome noted")
    raise Waiting(next_look(attempt, at))


def say_unsure(draft: Draft, work: Work, attempt: Attempt, at: datetime) -> None:
    """Of every event that waits for this attempt's end."""
    why = say("unsure", verb=attempt.verb, until=attempt.settled_from.isoformat())
    work.turn(draft, Fate.UNSURE, at, why=why)


def next_look(attempt: Attempt, at: datetime) -> datetime:
    """Half-way to the end of the window, and then at its end."""
    left = attempt.settled_from - at
    return at + max(left / 2 if left > 4 * SOONEST else left, SOONEST)


def is_before_the_restore(work: Work, attempt: Attempt) -> bool:
    """By the last restore, of which the account's own mark tells the first."""
    if work.account.restored_at is None:
        return False
    with work.desk.database.read() as tx:
        restored = facts.restored(tx)
    since = restored.backup if restored else work.account.restored_at
    return attempt.seen_at <= since


def _claim_of(work: Work, attempt: Attempt) -> Claim:
    known = next((c for c in work.ledger.open if c.key == attempt.claim), None)
    if known is None:
        with work.desk.database.read() as tx:
            return books.one(tx, str(attempt.claim))
    return known


def _told_by(attempt: Attempt) -> frozenset[str]:
    return frozenset({attempt.step["what"]} if attempt.verb == "tell" else ())


def _is_beside(work: Work) -> bool:
    """An address serves one user there; a customer may have two accounts."""
    with work.desk.database.read() as tx:
        return whereabouts.is_addressed_beside(tx, work.account)
