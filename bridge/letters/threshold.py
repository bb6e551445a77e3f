"""The mail that tells a subscriber that a bound of his is crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.config import Brand
from bridge.letters import tongue
from bridge.letters.form import Letter, written
from bridge.store import accounts, thresholds
from bridge.store.database import Database
from bridge.store.outbox import Delivery, Needless
from bridge.words import Speech
from bridge.words.retold import plainly
from provisioning.core.sentences import Sentence


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
            said = tongue.of(tx, account, brand) if brand else None
        if brand is None or account is None or account.email is None:
            raise Needless("there is nobody to tell any more, or nobody to say it")
        if kept is None or kept.said is None or said is None:
            raise Needless("the threshold was dropped")
        name = kept.service or account.username
        return {**words(brand, kept.said, name, said), "to": account.email}


def words(brand: Brand, crossed: Sentence, name: str, said: Speech) -> dict[str, Any]:
    letter = Letter(
        subject=said.say("{brand}: a limit you set is reached", brand=brand.name),
        title=said.say("A limit you set is reached"),
        lines=(plainly(crossed, said, UTC) or "",),
        rows=((said.say("Account"), name),),
        support=said.say("To change or drop this limit, or for questions, write to"),
        small=said.say("You are told once each time."),
    )
    return dict(written(letter, brand, said))
