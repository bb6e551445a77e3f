"""The account as its backend has it now; only one that carries our mark is it."""

from __future__ import annotations

from bridge.work import Work
from provisioning.backends.base import Observed
from provisioning.core.outcomes import Broken


def look(work: Work, sum_: str | None = None) -> None:
    """See the account, and where payments are listed, whether the *sum* is among them:
    asked first, so that what lands between the two reads is no alarm.
    """
    with work.our_turn(), work.gate.hearing():
        work.seen_at, remote = work.desk.clock.now(), work.account.remote
        work.seen = work.listed = None
        work.trusted = False
        if sum_ and remote and work.limits.lists_payments:
            work.listed = work.backend.arrived(remote, sum_)
        if work.account.purged_at:
            return  # whoever may have its id now, it is not ours
        work.seen = _found(work, remote)
        work.seen_by = work.desk.clock.now()


def _found(work: Work, remote: str | None) -> Observed | None:
    if remote is None:
        return work.backend.find(work.account.username)
    seen = work.backend.read(remote)
    if seen is None:
        if work.account.written_off or _is_purging(work):
            return None
        raise Broken(f"the backend no longer has account {remote}")
    if seen.username != work.account.username:
        raise Broken(f"account {remote} is not {work.account.username} any more")
    return seen


def _is_purging(work: Work) -> bool:
    """Gone is then what it is to be."""
    live = work.live.in_flight
    return live is not None and live.verb == "purge"
