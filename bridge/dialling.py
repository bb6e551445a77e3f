"""No campaign of an account that is off may run: look, stop those that do, look again.

Carriers cost money. Nobody has proven that a backend which switches an account off
stops its campaigns, so it is not believed where it can be seen.
"""

from __future__ import annotations

from bridge.store import dialling
from bridge.store.dialling import Dialling
from bridge.work import Work
from provisioning.core.outcomes import Later, Outcome


def silence(work: Work) -> None:
    """Once a run, after the account was seen to be off: never before that.

    What still runs the lane looks at again, ever later; it holds up nothing else.
    """
    work.silenced = True
    left, said = _stopped(work)
    if left == ():
        return
    with work.desk.database.read() as tx:
        known = dialling.known(tx, work.account.id)
    with work.note() as (draft, at):
        tries = known.tries + 1 if known else 1
        since = known.since if known else at
        names = ", ".join(left or ())
        now = Dialling(work.account.id, since, tries, names, said)
        dialling.keep(draft, now)
        step = work.desk.pace.retry[min(tries, len(work.desk.pace.retry)) - 1]
        work.dials, work.silence_again = now, at + step


def _stopped(work: Work) -> tuple[tuple[str, ...] | None, str | None]:
    """What runs in the end, None where nobody can see; and what was said to a stop."""
    said: str | None = None
    try:
        running = _running(work)
        for campaign in running:
            said = _stop(work, campaign) or said
        return (_running(work) if running else ()), said
    except Outcome as blind:
        if isinstance(blind, Later) and blind.closed:
            raise  # nothing of this account's: it goes on when the backend answers
        return None, str(blind)


def _running(work: Work) -> tuple[str, ...]:
    with work.our_turn(), work.gate.hearing():
        return work.backend.running(str(work.account.remote))


def _stop(work: Work, campaign: str) -> str | None:
    """Whatever it answers, the look that follows says what came of it."""
    with work.our_turn():
        try:
            with work.gate.hearing():
                work.backend.stop(str(work.account.remote), campaign)
        except Outcome as why:
            return str(why)
    return None
