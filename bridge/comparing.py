"""Our price of a change beside the billing platform's own, as a person copied it."""

from __future__ import annotations

import re
from typing import Any

from bridge import changing
from bridge.words import render
from provisioning.core.asking import Question
from provisioning.core.changes import Decision
from provisioning.core.cycles import Days
from provisioning.core.money import Money, amount
from provisioning.core.parity import Theirs, parity

WRITTEN = re.compile(r"\s*(-?\d+(?:\.\d+)?) ([A-Z]{3})\s*,\s*(\d{1,4})/(\d{1,4})\s*")


def theirs(written: str) -> Theirs:
    """LookupError says how it is written."""
    found = WRITTEN.fullmatch(written)
    if found is None or not int(found[4]):
        raise LookupError(
            f'"{written}" is no price with its days; write what WHMCS answers to'
            " UpgradeProduct with calconly, as price, daysuntilrenewal/totaldays:"
            ' "13.33 USD,20/30"'
        )
    days = Days(int(found[3]), int(found[4]))
    return Theirs(Money(amount(found[1]), found[2]), days)


def compared(question: Question, decision: Decision, told: Theirs) -> dict[str, Any]:
    """Both, side by side. LookupError, where nothing is due at once."""
    now, _ = changing.offers(question, decision)
    if now is None:
        raise LookupError(
            "nothing is due for it now, so there is nothing to compare; leave --theirs"
            " out"
        )
    both = parity(now, told)
    return {
        "ours": f"{both.ours}, {both.our_days or 'a new period'}",
        "theirs": f"{told.price}, {told.days}",
        "differs": render(both.differs),
    }
