"""The steps of a plan, as people read them."""

from __future__ import annotations

from provisioning.core.actions import Change, Level, Open, Tell
from provisioning.core.credit import Claim
from provisioning.core.entitlements import Entitlements, spelled
from provisioning.core.money import text
from provisioning.core.plan import Plan


def steps(todo: Plan) -> list[str]:
    """As people read them."""
    adoption = ["adopt the account that carries our name"] if todo.adopts else []
    levels = [_level(level) for level in todo.levels]
    sums = [_sum(claim) for claim in todo.flows]
    purge = ["delete the account with all it holds" for _ in todo.purge]
    return [*adoption, *levels, *sums, *purge]


def _sum(claim: Claim) -> str:
    word = "take back" if claim.sent < 0 else "grant"
    return f"{word} {text(claim.rest)} {claim.money.currency} for {claim.key}"


def _level(level: Level) -> str:
    match level:
        case Open(state):
            return f"open the account, {_levels(state.on, state.entitlements)}"
        case Change(on, entitlements):
            return f"set {_levels(on, entitlements)}"
        case Tell(what):
            return f"set the customer's {what}"


def _levels(on: bool | None, entitlements: Entitlements) -> str:
    switch = [] if on is None else ["on" if on else "off"]
    return ", ".join(switch + [f"{k} = {spelled(v)}" for k, v in entitlements.items()])


def sort(todo: Plan) -> str:
    """What changes, without how far: plans that are alike have it in common."""
    words = ["adopt"] if todo.adopts else []
    words += [word for level in todo.levels for word in _sorts(level)]
    words += ["take back credit" if claim.sent < 0 else "grant credit"
              for claim in todo.flows]  # fmt: skip
    words += ["delete" for _ in todo.purge]
    return ", ".join(dict.fromkeys(words))


def _sorts(level: Level) -> list[str]:
    match level:
        case Open():
            return ["open"]
        case Change(on, entitlements):
            switch = {None: [], True: ["switch on"], False: ["switch off"]}[on]
            return switch + [f"set {name}" for name in entitlements]
        case Tell(what):
            return [f"tell the {what}"]
