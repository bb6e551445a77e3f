"""Amounts as the vendor's tables hold them: d(16,6), rounded half up, never float."""

import re
from decimal import ROUND_HALF_UP, Decimal

from provisioning.simulator.refusal import Refusal

_MICRO = Decimal("0.000001")
_LIMIT = Decimal(10) ** 10
_WRITTEN = re.compile(r"[+-]?\d{1,10}(\.\d+)?", re.ASCII)


def money(told: object) -> Decimal:
    text = format(told, "f") if isinstance(told, Decimal) else str(told)
    if not _WRITTEN.fullmatch(text):
        raise Refusal("Invalid amount")
    amount = Decimal(text).quantize(_MICRO, ROUND_HALF_UP)
    if abs(amount) >= _LIMIT:
        raise Refusal("Invalid amount")
    return amount
