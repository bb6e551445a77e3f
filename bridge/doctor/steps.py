"""The steps of a probe: each writes one thing, reads it back, and says what it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from bridge.doctor.guest import Guest
from bridge.keys import random_password
from bridge.store.verdicts import Verdict, Word
from provisioning.backends.base import Shown, Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import Entitlements
from provisioning.core.money import text
from provisioning.core.outcomes import Broken, Later, Refused

CHANNELS = (3, 7)
FIRST = 2
GIVEN, TAKEN = Decimal("1.25"), Decimal("-0.50")

Found = Iterator[Verdict]


class Over(Exception):
    """Without this one nothing more can be found out."""


def _account(guest: Guest) -> Found:
    if refused := _opened(guest):
        for what in _accused(str(refused)):
            yield Verdict(what, Word.REFUTED, said=f"it opens no user: {refused}")
        raise Over
    shown = guest.backend.seek(guest.username)
    if shown is None:
        said = "a user was opened, and searching for it by its name finds nothing"
        word = Word.UNVERIFIED if guest.lost else Word.REFUTED
        yield Verdict("username", word, guest.username, None, guest.lost or said)
        raise Over
    yield from _read_back(guest, shown, "username", guest.username)


def _opened(guest: Guest) -> Refused | None:
    """As an order opens one; else with as little as can be, and the rest is written."""
    tariff = min(guest.backend.describe().tariffs)
    refused = None
    tries: tuple[Entitlements, ...] = ({"channels": FIRST, "tariff": tariff}, {})
    for entitlements in tries:
        state = State(on=True, entitlements=entitlements)
        spec = Spec(guest.username, guest.password, guest.email, state)
        # From here on: a call that is broken off may have made it.
        guest.opened = True
        try:
            guest.send(partial(guest.backend.open, spec))
        except Refused as no:
            refused = no
        except Later:
            guest.opened = False
            raise
        else:
            return None
    return refused


def _accused(reason: str) -> list[str]:
    """What the server's words are about, as far as they name anything of ours."""
    said = reason.lower().partition(":")[2]
    names = [name for name in ("username", "password", "email", "role") if name in said]
    return names or ["username"]


def _id(guest: Guest) -> Found:
    shown = guest.look()
    try:
        ref = str(guest.backend.understood(shown, "id"))
    except Broken as why:
        yield _refuted("id", shown, str(why))
        raise Over from None
    again = guest.backend.show(ref)
    if again is None or guest.username not in again.values():
        said = f"User_Get of {ref} does not show the user that shows this id"
        yield _refuted("id", shown, said)
        raise Over
    guest.ref = ref
    guest.balance = guest.credit(again)
    yield Verdict("id", Word.VERIFIED, None, ref)


def _email(guest: Guest) -> Found:
    yield from _read_back(guest, guest.look(), "email", guest.email)


def _role(guest: Guest) -> Found:
    """A server may show another word for it than it takes: that refutes nothing."""
    if not guest.role:
        return
    try:
        seen = str(guest.backend.understood(guest.look(), "role"))
    except Broken as why:
        yield Verdict("role", Word.UNVERIFIED, guest.role, None, str(why))
        return
    word = Word.VERIFIED if seen == guest.role else Word.UNVERIFIED
    yield Verdict("role", word, guest.role, seen)


def _credit(guest: Guest) -> Found:
    """A sum is added, and the balance must show just that."""
    shown = guest.look()
    try:
        before = Decimal(str(guest.backend.understood(shown, "balance")))
    except Broken as why:
        yield _refuted("balance", shown, str(why))
        said = "it was not tried: no balance could show it"
        yield Verdict("credit", Word.UNVERIFIED, text(GIVEN), None, said)
        return
    try:
        _grant(guest, GIVEN, _reference(guest))
    except Refused as no:
        yield Verdict("credit", Word.REFUTED, text(GIVEN), None, str(no))
        said = "it is shown; no sum was taken that could have moved it"
        yield Verdict("balance", Word.UNVERIFIED, None, text(before), said)
        return
    after = guest.credit(shown := guest.look())
    guest.balance = after
    moved = None if after is None else after - before
    seen = None if moved is None else f"moved by {text(moved)}"
    if moved == GIVEN:
        yield Verdict("balance", Word.VERIFIED, text(GIVEN), seen)
        yield Verdict("credit", Word.VERIFIED, text(GIVEN), seen)
        return
    said = "the balance did not move by the sum; is it another field, or the amount?"
    yield _no(guest, "credit", shown, said, text(GIVEN), seen)
    yield Verdict("balance", Word.UNVERIFIED, said="no sum was seen to move it")


def _listed(guest: Guest) -> Found:
    if not guest.backend.describe().lists_payments:
        said = "no method that lists payments is configured"
        yield Verdict("reference", Word.UNVERIFIED, said=said)
        return
    if guest.balance is None or guest.ref is None:
        return
    reference = _reference(guest)
    there = guest.backend.arrived(guest.ref, reference)
    if there:
        yield Verdict("reference", Word.VERIFIED, reference, reference)
    else:
        said = "the list of payments does not show it"
        yield Verdict("reference", Word.REFUTED, reference, None, said)


def _tariffs(guest: Guest) -> Found:
    """Each, and the one it was opened with last: so that each is a change."""
    first, *others = sorted(guest.backend.describe().tariffs)
    for name in (*others, first):
        change = Change(None, {"tariff": name})
        yield _written(guest, f"tariff {name}", "tariff", [(name, change)])


def _channels(guest: Guest) -> Found:
    changes = [(n, Change(None, {"channels": n})) for n in CHANNELS]
    yield _written(guest, "channels", "channels", changes)


def _active(guest: Guest) -> Found:
    changes = [(on, Change(on, {})) for on in (False, True)]
    yield _written(guest, "active", "active", changes)


def _password(guest: Guest) -> Found:
    """No server shows one: it is right when the user can sign in with the new one."""
    ref, new = str(guest.ref), random_password()
    at_first = guest.backend.lets_in(guest.username, guest.password)
    try:
        _watched(guest, "password", lambda: guest.backend.rekey(ref, new))
    except Refused as no:
        yield Verdict("password", Word.REFUTED, said=str(no))
        return
    if guest.backend.lets_in(guest.username, new):
        said = "the user signs in with the new one"
        yield Verdict("password", Word.VERIFIED, said=said)
    elif guest.lost:
        yield Verdict("password", Word.UNVERIFIED, said=guest.lost)
    elif at_first:
        said = "the user signed in with the first password, and not with a new one"
        yield Verdict("password", Word.REFUTED, said=said)
    else:
        said = "this server lets no such user sign in here; try one in its panel"
        yield Verdict("password", Word.UNVERIFIED, said=said)


def _partial_update_safe(guest: Guest) -> Found:
    what = "partial_update_safe"
    if guest.moved:
        word = Word.UNVERIFIED if guest.blurred else Word.REFUTED
        yield Verdict(what, word, said="; ".join(guest.moved))
    elif not guest.writes:
        said = "no write was seen that could have moved a balance"
        yield Verdict(what, Word.UNVERIFIED, said=said)
    else:
        said = f"in {guest.writes} writes nothing else moved"
        yield Verdict(what, Word.VERIFIED, said=said)


def _debit(guest: Guest) -> Found:
    before = guest.credit(guest.look())
    if not before:
        said = "there was no balance that could be lowered"
        yield Verdict("debit", Word.UNVERIFIED, text(TAKEN), None, said)
        return
    try:
        _grant(guest, TAKEN, f"{_reference(guest)}-debit")
    except Refused as no:
        yield Verdict("debit", Word.REFUTED, text(TAKEN), None, str(no))
        return
    moved = (guest.credit(guest.look()) or Decimal(0)) - before
    other = Word.UNVERIFIED if guest.lost else Word.REFUTED
    word = Word.VERIFIED if moved == TAKEN else other
    seen = f"moved by {text(moved)}"
    yield Verdict("debit", word, text(TAKEN), seen, guest.lost)


STEPS: Mapping[str, Callable[[Guest], Found]] = {
    "username": _account,
    "id": _id,
    "email": _email,
    "role": _role,
    "credit": _credit,
    "reference": _listed,
    "tariff": _tariffs,
    "channels": _channels,
    "active": _active,
    "password": _password,
    "partial_update_safe": _partial_update_safe,
    "debit": _debit,
}
"""By what is not verified where one of them cannot be ended."""


# --- writing and reading back


def _written(
    guest: Guest, what: str, name: str, changes: Sequence[tuple[object, Change]]
) -> Verdict:
    """One level set to each of these values and read back; the first lie counts."""
    sent = ", ".join(_word(value) for value, _ in changes)
    seen: list[str] = []
    for value, change in changes:
        try:
            shown = _applied(guest, name, change)
        except Refused as no:
            return Verdict(what, Word.REFUTED, _word(value), None, str(no))
        try:
            now = guest.backend.understood(shown, name)
        except Broken as why:
            return _refuted(what, shown, str(why), _word(value))
        seen.append(_word(now))
        if now != value:
            said = "it was written and did not change"
            return _no(guest, what, shown, said, _word(value), _word(now))
    return Verdict(what, Word.VERIFIED, sent, ", ".join(seen))


def _applied(guest: Guest, name: str, change: Change) -> Shown:
    ref = str(guest.ref)
    return _watched(guest, name, lambda: guest.backend.apply(ref, change))


def _watched(guest: Guest, name: str, write: Callable[[], None]) -> Shown:
    """Written while balance and the other levels are watched."""
    before = guest.levels(guest.look())
    guest.send(write)
    shown = guest.look()
    after, balance = guest.levels(shown), guest.credit(shown)
    others = {k: (v, after.get(k)) for k, v in before.items() if k != name}
    others["balance"] = (guest.balance, balance)
    guest.moved += [
        f"writing {name} moved {other} from {_word(was)} to {_word(now)}"
        for other, (was, now) in others.items()
        if was != now
    ]
    if guest.balance and before.get(name) != after.get(name):
        guest.writes += 1
    guest.balance = balance
    return shown


def _read_back(guest: Guest, shown: Shown, name: str, sent: str) -> Found:
    try:
        seen = str(guest.backend.understood(shown, name))
    except Broken as why:
        yield _refuted(name, shown, str(why), sent)
        return
    if seen == sent:
        yield Verdict(name, Word.VERIFIED, sent, seen)
    else:
        yield _refuted(name, shown, "it was sent and is not shown", sent, seen)


def _no(
    guest: Guest,
    what: str,
    shown: Shown,
    said: str,
    sent: str | None = None,
    seen: str | None = None,
) -> Verdict:
    """Refuted, unless nobody knows whether it was done at all."""
    if guest.lost:
        return Verdict(what, Word.UNVERIFIED, sent, seen, guest.lost)
    return _refuted(what, shown, said, sent, seen)


def _refuted(
    what: str,
    shown: Mapping[str, object],
    said: str,
    sent: str | None = None,
    seen: str | None = None,
) -> Verdict:
    """With the names the server does show: one of them may be the right one."""
    names = ", ".join(sorted(map(str, shown)))
    return Verdict(what, Word.REFUTED, sent, seen, f"{said}. It shows: {names}")


def _grant(guest: Guest, amount: Decimal, reference: str) -> None:
    guest.send(lambda: guest.backend.grant(str(guest.ref), amount, reference))


def _reference(guest: Guest) -> str:
    return f"probe-{guest.username}"


def _word(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case Decimal():
            return text(value)
        case _:
            return str(value)
