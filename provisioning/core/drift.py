"""What differs between what we know and what is there, and who may repair it.

Levels are corrected, where the operator lets us. Money is sent for what the books say
is due, and else for nothing: what is too much or too little there is for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from provisioning.core.account import Account
from provisioning.core.actions import Change, Level, Open
from provisioning.core.credit import Claim
from provisioning.core.desired import State
from provisioning.core.entitlements import spelled
from provisioning.core.money import text
from provisioning.core.safety import UNBOUNDED
from provisioning.core.sentences import Sentence, minute, say

SWITCH = {True: "on", False: "off"}


class Drift(StrEnum):
    LEVEL = "level"
    MISSING = "missing"
    """No such account is at the backend."""

    FOREIGN = "foreign"
    """One is there that nobody here opened or adopted: never touched."""

    STILL_THERE = "still_there"
    """It was purged, and is there."""

    CREDIT_DUE = "credit_due"
    """By the books, held up by nothing, and not sent."""

    CREDIT_MISSING = "credit_missing"
    """The balance fell by more than calls can have used."""

    CREDIT_EXTRA = "credit_extra"
    """The balance rose by what stands in no book."""

    BALANCE = "balance_unexplained"
    """It moved once as nothing explains: money is stopped there."""

    LINE_UNHEARD = "line_unheard"
    """Paid at the platform, and nobody told."""

    WORD_UNHEARD = "word_unheard"
    """Its state at the platform is another, and nobody told."""

    SERVICE_UNKNOWN = "service_unknown"
    """It lives here, and its platform does not have it."""


COVERED = "drift_stays"
"""Why a line is there that cannot be seen any more."""

BY_WORD = frozenset({Drift.CREDIT_EXTRA, Drift.CREDIT_MISSING})
"""These end by a person's word, or by the balance being as it should again."""


class Repair(StrEnum):
    WAKE = "wake"
    """The account's lane; its runner looks again before it corrects anything."""

    PULL = "pull"
    """The platform is asked, and what it has comes in by the door all events use."""

    PERSON = "person"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Drift
    what: str
    """Which level, sum or state."""

    wants: str
    has: str
    repair: Repair
    why: Sentence
    in_flight: bool = False
    """Something was under way meanwhile: it may be none any more."""


# levels


def levels(
    account: Account,
    seen: State | None,
    todo: Iterable[Level],
    *,
    may_set: bool,
) -> Iterator[Difference]:
    """What a plan would set. *may_set*: whether the operator has levels repaired."""
    repair, why = _policy(account, may_set)
    for level in todo:
        match level:
            case Open(state):
                yield _missing(account, state)
            case Change(on, entitlements) if seen:
                pairs = {"on": (SWITCH[on], SWITCH[seen.on])} if on is not None else {}
                for name, value in sorted(entitlements.items()):
                    has = seen.entitlements.get(name)
                    pairs[name] = spelled(value), spelled(() if has is None else has)
                for name, (wants, has) in pairs.items():
                    yield Difference(Drift.LEVEL, name, wants, has, repair, why)


def _policy(account: Account, may_set: bool) -> tuple[Repair, Sentence]:
    if account.observed_at:
        return Repair.NOTHING, say("drift_observed", account=account.id)
    if may_set:
        return Repair.WAKE, say("drift_wakes")
    reported = say("drift_reported", backend=account.backend, account=account.id)
    return Repair.PERSON, reported


def _missing(account: Account, state: State) -> Difference:
    """One that was never opened is; one that was is not made anew and empty."""
    if account.remote:
        return gone(account)
    why = say("drift_unopened")
    return Difference(Drift.MISSING, "user", SWITCH[state.on], "none", Repair.WAKE, why)


def gone(account: Account) -> Difference:
    """It was there, and is not."""
    why = say("drift_gone", remote=account.remote, backend=account.backend)
    return Difference(
        Drift.MISSING, "user", account.username, "none", Repair.PERSON, why
    )


def taken(account: Account, by: str) -> Difference:
    """Under its id there is somebody else."""
    why = say("drift_taken", remote=account.remote, backend=account.backend)
    return Difference(Drift.FOREIGN, "user", account.username, by, Repair.PERSON, why)


def foreign(username: str) -> Difference:
    return Difference(
        Drift.FOREIGN, "user", "none", username, Repair.NOTHING, say("drift_foreign")
    )


def still_there(username: str, purged_at: datetime) -> Difference:
    why = say("drift_still_there", at=minute(purged_at))
    return Difference(Drift.STILL_THERE, "user", "none", username, Repair.PERSON, why)


# money


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, and what is known of what it should hold."""

    now: Decimal
    currency: str
    last: tuple[Decimal, datetime] | None = None
    """What the last proven write left, and when, where that can be believed."""

    most: Decimal = UNBOUNDED
    """The most that calls can have used since."""

    unlisted: str | None = None
    """A sum that had arrived, and is not among the payments, where they are listed."""


def money(
    account: Account, due: Iterable[Claim], balance: Balance | None
) -> Iterator[Difference]:
    """*due*: sums that would be sent now, with nothing under way that sends them."""
    for claim in due:
        wants = f"{text(claim.sent)} {claim.money.currency}"
        why = say("drift_due")
        yield Difference(
            Drift.CREDIT_DUE, claim.key, wants, "not sent", Repair.WAKE, why
        )
    if account.money_stopped:
        why = say("drift_stopped", account=account.id, why=account.money_stopped)
        yield Difference(
            Drift.BALANCE, "balance", "explained", "stopped", Repair.PERSON, why
        )
    elif balance and balance.last:
        yield from _moved(account, balance, *balance.last)


def _moved(
    account: Account, balance: Balance, last: Decimal, when: datetime
) -> Iterator[Difference]:
    def spelled_out(sum_: Decimal) -> str:
        return f"{text(sum_)} {balance.currency}"

    now, was, since = balance.now, spelled_out(last), minute(when)
    if now > last:
        kind, wants = Drift.CREDIT_EXTRA, was
        rose = spelled_out(now - last)
        why = say("drift_extra", sum=rose, account=account.id, since=since, last=was)
    elif now < last - balance.most:
        kind, wants = (
            Drift.CREDIT_MISSING,
            f"{spelled_out(last - balance.most)} or more",
        )
        fell, most = spelled_out(last - now), spelled_out(balance.most)
        why = say(
            "drift_fell", sum=fell, most=most, account=account.id, since=since, last=was
        )
    elif balance.unlisted:
        kind, wants = Drift.CREDIT_MISSING, f"with {balance.unlisted}"
        why = say("drift_unlisted", sum=balance.unlisted, account=account.id)
    else:
        return
    has = spelled_out(now)
    yield Difference(kind, "balance", wants, has, Repair.PERSON, why)


def covered(line: Difference, account: Account) -> Difference:
    """Found before, and hidden since by a write of ours."""
    return replace(line, why=say("drift_stays", account=account.id))


def stays(
    seen_at: datetime, account: Account, last: tuple[Decimal, datetime] | None
) -> bool:
    """Whether what was last seen then, and cannot be seen any more, is still open.

    A write of ours has since taken the balance for right as it was: only a person can
    say that it is. Without one it would show again, so it is over.
    """
    trusted = account.trusted_from
    if trusted and trusted > seen_at:
        return False
    return last is not None and last[1] > seen_at


# of one account


def guarded(line: Difference, account: Account) -> Difference:
    """Left on by the guard on switch-offs, until somebody says that it is meant."""
    if line.kind is not Drift.LEVEL or line.wants != SWITCH[False]:
        return line
    why = say("drift_guarded", backend=account.backend)
    return replace(line, repair=Repair.PERSON, why=why)


def agreed(account: Account, found: Iterable[Difference]) -> tuple[Difference, ...]:
    """All of an account together: one wake-up brings all of it in line, or none.

    Where more is there than should be, a sum that is due may have been entered there by
    hand already: then nothing of it is sent before somebody has looked. Where levels
    are only reported, no sum is sent either, for its runner would set them too.
    """
    lines = tuple(found)
    kinds = {line.kind for line in lines}
    if kinds >= {Drift.CREDIT_EXTRA, Drift.CREDIT_DUE}:
        return _not_woken(lines, say("drift_maybe_there", account=account.id))
    if any(line.kind is Drift.LEVEL and not _wakes(line) for line in lines):
        return _not_woken(lines, say("drift_not_alone", account=account.id))
    return lines


def wakes(lines: Iterable[Difference]) -> bool:
    return any(map(_wakes, lines))


def _wakes(line: Difference) -> bool:
    return line.repair is Repair.WAKE


def _not_woken(lines: tuple[Difference, ...], why: Sentence) -> tuple[Difference, ...]:
    return tuple(
        replace(line, repair=Repair.PERSON, why=why) if _wakes(line) else line
        for line in lines
    )


def in_flight(line: Difference) -> Difference:
    why = say("drift_in_flight")
    return replace(line, repair=Repair.NOTHING, why=why, in_flight=True)


# at the billing platform


def unheard_line(line: str, what: str) -> Difference:
    why = say("drift_line")
    return Difference(
        Drift.LINE_UNHEARD, line, f"paid ({what})", "never told", Repair.PULL, why
    )


def unheard_word(word: str) -> Difference:
    return Difference(
        Drift.WORD_UNHEARD, word, word, "never told", Repair.PULL, say("drift_word")
    )


def unknown_service(service: str) -> Difference:
    why = say("drift_service", service=service)
    return Difference(
        Drift.SERVICE_UNKNOWN, "service", "known", "not known", Repair.PERSON, why
    )
