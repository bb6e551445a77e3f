"""Orders of shops that were given up on their way into a platform's cart: looked for
there, as they may be there all the same, and paid.

Nothing is ordered by this. Once one is found it is as any that was handed over, and its
platform's word of it is heard.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.billing import carts
from bridge.billing.carts import CartLetter
from bridge.channels import whmcs_cart
from bridge.channels.whmcs_api import Api
from bridge.platforms.whmcs import Cart
from bridge.store import outbox
from bridge.store.database import Database
from bridge.store.outbox import Delivery
from bridge.store.shop_orders import ShopOrder, State
from provisioning.core.outcomes import Later, Outcome, Refused

log = logging.getLogger(__name__)

TICK, EVERY = "carts:given_up", timedelta(minutes=10)
MOST = 100
"""Orders looked for in a round: where more were given up, the next ones come next."""

Lost = tuple[ShopOrder, Delivery]


def turn(lost: Sequence[Lost], at: datetime) -> list[Lost]:
    """Those of this round: each has its turn once in as many rounds as that takes."""
    rounds = -(-len(lost) // MOST)
    first = int(at.timestamp() // EVERY.total_seconds()) % max(1, rounds) * MOST
    return list(lost[first : first + MOST])


@dataclass(frozen=True, slots=True)
class GivenUp:
    database: Database
    letter: CartLetter
    there: Mapping[str, tuple[Api, Cart]] = field(repr=False)
    """By the channel that a platform hears of us by."""

    def run(self, at: datetime) -> None:
        """Later, where one of them does not answer, or something broke off: the others
        are looked at."""
        with self.database.read() as tx:
            lost = carts.given_up(tx, self.there, at)
        away: dict[str, Outcome] = {}
        failed = [
            order.id
            for order, sent in turn(lost, at)
            if sent.channel not in away and not self._looked(order, sent, at, away)
        ]
        why = [str(no) for no in away.values()]
        if failed:
            why.append(
                f"{len(failed)} orders that were given up could not be looked for,"
                f" {failed[0]} the first; the log says why"
            )
        if why:
            raise Later("; ".join(why))

    def _looked(
        self, order: ShopOrder, sent: Delivery, at: datetime, away: dict[str, Outcome]
    ) -> bool:
        """Whether nothing broke off. What does not answer is *away* from then on."""
        try:
            self._ask(order, sent, at)
        except Outcome as no:
            away[sent.channel] = no
        except Exception:
            log.exception("order %s could not be looked for", order.id)
            return False
        return True

    def _ask(self, order: ShopOrder, sent: Delivery, at: datetime) -> None:
        try:
            self._look(order, sent, at)
        except Refused as no:
            self._say(sent, str(no))

    def _look(self, order: ShopOrder, sent: Delivery, at: datetime) -> None:
        api, cart = self.there[sent.channel]
        told = self.letter.sought(order)
        if order.state is State.OPEN:
            there = whmcs_cart.sought(api, cart, told)
        else:
            there = whmcs_cart.sold_all_the_same(api, told)
        if there is None:
            return
        with self.database.change() as tx:
            is_news = carts.found(tx, order.id, there, at)
        if is_news:
            log.warning(
                "order %s was given up, and is in %s all the same",
                order.id, order.source,
            )  # fmt: skip

    def _say(self, sent: Delivery, why: str) -> None:
        """Staff read there what stands in its way by now."""
        if why != sent.said:
            with self.database.change() as tx:
                outbox.resay(tx, sent, why)
