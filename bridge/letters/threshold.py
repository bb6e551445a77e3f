"""The mail that tells a subscriber that a bound of his is crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import fill
from typing import Any

from bridge import words
from bridge.config import Brand
from bridge.store import accounts, thresholds
from bridge.store.database import Database
from bridge.store.outbox import Delivery, Needless

WIDTH = 72


@dataclass(frozen=True, slots=True)
class ThresholdLetter:
    database: Database
    brands: Mapping[str, Brand]

    def __call__(self, held: Delivery, _at: datetime) -> Mapping[str, Any]:
        """Its words; Needless, where nobody wants to hear of it any more."""
        brand = self.brands.get(str(held.content["source"]))
        with self.database.read() as tx:
            account = accounts.load(tx, str(held.content["account"]))
            kept = thresholds.one(tx, int(held.content["threshold"]))
        if brand is None or account is None or account.email is None:
            raise Needless("there is nobody to tell any more, or nobody to say it")
        said = words.render(kept.said) if kept else None
        if kept is None or said is None:
            raise Needless("the threshold was dropped")
        told = words.threshold_mail()
        name = kept.service or account.username
        lines = (
            fill(said, WIDTH),
            f"{told['account']}: {name}",
            fill(f"{told['once']} {brand.support}", WIDTH),
            f"-- \n{brand.name}\n",
        )
        return {
            "to": account.email,
            "from": brand.sender,
            "from_name": brand.name,
            "reply_to": brand.support,
            "subject": told["subject"].format(brand=brand.name),
            "text": "\n\n".join(lines),
        }
