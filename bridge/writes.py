"""The writes a backend can be sent: how each goes out, how its end is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from bridge.store.attempts import Attempt
from provisioning.backends.base import Backend, Observed, Spec
from provisioning.core import plain
from provisioning.core.account import PASSWORD, Account
from provisioning.core.actions import Change, Level, Open, Purge, Tell
from provisioning.core.credit import Claim
from provisioning.core.desired import State
from provisioning.core.safety import Burn, Sent, Verdict, highest, look, moved

YES, NO = "yes", "no"
"""What a backend can answer clearly."""


class Write(Protocol):
    """*step* is all of it as JSON, so that it can be looked for after a crash."""

    @property
    def verb(self) -> str: ...

    @property
    def step(self) -> dict[str, Any]: ...

    def send(self, backend: Backend, account: Account, password: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Opening:
    state: State
    verb = "open"

    @property
    def step(self) -> dict[str, Any]:
        levels = plain.write(self.state.entitlements)
        return {"on": self.state.on, "entitlements": levels}

    def send(self, backend: Backend, account: Account, password: str) -> None:
        spec = Spec(account.username, password, account.email, self.state)
        backend.open(spec)


@dataclass(frozen=True, slots=True)
class Adoption:
    """An account that carries our mark, and no account of ours knows it: it is ours."""

    ref: str
    verb = "adopt"

    @property
    def step(self) -> dict[str, Any]:
        return {"ref": self.ref}

    def send(self, backend: Backend, _: Account, password: str) -> None:
        backend.rekey(self.ref, password)


@dataclass(frozen=True, slots=True)
class Changing:
    change: Change
    verb = "change"

    @property
    def step(self) -> dict[str, Any]:
        levels = plain.write(self.change.entitlements)
        return {"on": self.change.on, "entitlements": levels}

    def send(self, backend: Backend, account: Account, _: str) -> None:
        backend.apply(str(account.remote), self.change)


@dataclass(frozen=True, slots=True)
class Telling:
    """What nobody can read back: a yes is all there is to go by; twice does no harm."""

    what: str
    verb = "tell"

    @property
    def step(self) -> dict[str, Any]:
        return {"what": self.what}

    def send(self, backend: Backend, account: Account, password: str) -> None:
        ref = str(account.remote)
        if self.what == PASSWORD:
            backend.rekey(ref, password)
        else:
            backend.readdress(ref, account.email or "")


@dataclass(frozen=True, slots=True)
class Granting:
    claim: Claim
    verb = "grant"

    @property
    def step(self) -> dict[str, Any]:
        return {"key": self.claim.key, "amount": str(self.claim.sent)}

    def send(self, backend: Backend, account: Account, _: str) -> None:
        backend.grant(str(account.remote), self.claim.sent, self.claim.key)


@dataclass(frozen=True, slots=True)
class Purging:
    verb = "purge"

    @property
    def step(self) -> dict[str, Any]:
        return {}

    def send(self, backend: Backend, account: Account, _: str) -> None:
        backend.purge(str(account.remote))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at the backend says of an attempt."""

    verdict: Verdict
    evidence: str
    diverged: str | None = None
    """Why the balance moved as nothing explains, where it did."""


def writing(step: Level | Claim | Purge) -> Write:
    match step:
        case Purge():
            return Purging()
        case Open(state):
            return Opening(state)
        case Change():
            return Changing(step)
        case Tell(what):
            return Telling(what)
        case Claim():
            return Granting(step)


def find(
    attempt: Attempt,
    seen: Observed | None,
    burn: Burn,
    at: datetime,
    *,
    listed: bool | None = None,
) -> Finding:
    """Whether the attempt took effect. *seen* was read, and had come in, by *at*.

    *listed*: whether the sum was among the backend's payments, where it lists them.
    """
    if seen is None:
        gone = attempt.verb == "purge"
        verdict = Verdict.ARRIVED if gone else Verdict.ABSENT
        return Finding(verdict, "there is no such account")
    verdict = _VERDICTS[attempt.verb](attempt, seen, burn, at)
    if listed is not None:
        verdict = _of_two(listed, verdict)
    evidence = (
        f"{verdict} at {at:%H:%M:%S}: balance {attempt.balance} to {seen.balance}"
    )
    if verdict is not Verdict.ARRIVED or attempt.balance is None:
        return Finding(verdict, evidence)
    most = burn.most(_cap(attempt, seen), at - attempt.seen_at)
    given = attempt.amount or Decimal(0)
    return Finding(verdict, evidence, moved(attempt.balance, seen.balance, most, given))


def _of_two(listed: bool, balance: Verdict) -> Verdict:
    """Listed is there. Not listed is not, unless the balance rose all the same."""
    if listed:
        return Verdict.ARRIVED
    return Verdict.CANNOT_TELL if balance is Verdict.ARRIVED else Verdict.ABSENT


def _is_there(
    _attempt: Attempt, _seen: Observed, _burn: Burn, _at: datetime
) -> Verdict:
    return Verdict.ARRIVED


def _is_still_there(
    _attempt: Attempt, _seen: Observed, _burn: Burn, _at: datetime
) -> Verdict:
    return Verdict.ABSENT


def _is_so(attempt: Attempt, seen: Observed, _burn: Burn, _at: datetime) -> Verdict:
    should = attempt.step
    same = should["on"] in {None, seen.state.on} and all(
        seen.state.entitlements.get(name) == value
        for name, value in plain.read(should["entitlements"]).items()
    )
    return Verdict.ARRIVED if same else Verdict.ABSENT


def _was_heard(
    attempt: Attempt, _seen: Observed, _burn: Burn, _at: datetime
) -> Verdict:
    return Verdict.ARRIVED if attempt.said == YES else Verdict.ABSENT


def _has_arrived(attempt: Attempt, seen: Observed, burn: Burn, at: datetime) -> Verdict:
    sent = Sent(
        amount=attempt.amount or Decimal(0),
        before=attempt.balance or Decimal(0),
        read_at=attempt.seen_at,
        channels=_cap(attempt, seen),
    )
    return look(sent, seen.balance, at, burn, answered=attempt.said == YES)


_VERDICTS = {
    "open": _is_there,
    "adopt": _is_there,
    "change": _is_so,
    "tell": _was_heard,
    "grant": _has_arrived,
    "purge": _is_still_there,
}


def _cap(attempt: Attempt, seen: Observed) -> int:
    """The highest channel cap in force since the attempt; 0 is none at all."""
    written = attempt.step.get("entitlements", {}).get("channels")
    caps = (attempt.channels, written, seen.channels)
    return highest(*(int(cap) for cap in caps if cap is not None))
