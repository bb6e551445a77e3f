"""What a customer of a shop asked an admin for, and when he is mailed the answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from bridge.store import outbox
from bridge.store.shop_orders import ShopOrder

KIND = "asked"
"""How the content of such a delivery is told from others."""


class Answer(StrEnum):
    AGREED = "agreed"
    DECLINED = "declined"


def tell(
    tx: sa.Connection, answer: Answer, order: ShopOrder, channel: str, at: datetime
) -> None:
    """Once an order; its words are looked up when it is sent."""
    said = {"type": KIND, "purpose": answer.value, "order": order.id}
    outbox.enqueue(tx, f"{answer}:{order.id}", channel, said, at)
